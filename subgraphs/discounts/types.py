"""The types of this service's part of the graph; their fields are taken over from ``subgraphs/monolith/types.py``."""

from collections.abc import Mapping, Sequence
from typing import Any

import graphene
from django.conf import settings
from graphene_federation import key, requires_scope, shareable
from graphql import GraphQLResolveInfo

from subgraphs.chassis.identity import OWN
from subgraphs.chassis_graphene.connections import connection_of
from subgraphs.chassis_graphene.guards import any_of, caller_of
from subgraphs.chassis_graphene.values import DateTime, described_enum, problem_type
from subgraphs.discounts import downloads, model
from subgraphs.discounts.problems import ProblemCode, describe
from subgraphs.discounts.shares import taken_over

ALL = "discounts"
"""the scope of those who see everybody's claims"""

StatusEnum = described_enum(
    model.Status,
    "DiscountClaimStatus",
    "How far a claim is.",
    {
        "QUEUED": "Waits for a worker.",
        "ISSUED": "There is a voucher.",
        "REFUSED": "There is no discount; `refusal` says why.",
    },
)
RefusalEnum = described_enum(
    model.Refusal,
    "DiscountRefusal",
    "Why there is no discount.",
    {
        "UNKNOWN_PURCHASE": "No purchase of this customer has this number and article.",
        "AMOUNT_TOO_SMALL": "The purchase is too small: discounts begin at EUR 20.00.",
        "PURCHASE_TOO_OLD": "The purchase is too long ago: a discount can be claimed for 30 days.",
        "ALREADY_CLAIMED": "A voucher was issued for this purchase already.",
    },
)
ProblemType = problem_type(ProblemCode, describe)


def _taken(coordinate: str, field: graphene.Field) -> graphene.Field:
    return taken_over(coordinate, field, settings.TAKES_OVER)


def _of_voucher(name: str, _default: Any, claim: model.DiscountClaim, _info: GraphQLResolveInfo, **_: Any) -> Any:
    """A voucher is a part of its claim."""
    return getattr(claim.voucher, name)


@shareable
class VoucherDownload(graphene.ObjectType):
    """Where a voucher can be read as a page to print."""

    url = graphene.String(required=True, description="The address of the PDF; whoever has it may read it.")
    until = DateTime(required=True, description="When the address ends; ask again for a new one.")


@requires_scope(scopes=any_of(ALL, OWN))
@key("id")
class Voucher(graphene.ObjectType):
    """What a claim earned."""

    class Meta:
        default_resolver = _of_voucher

    id = graphene.ID(required=True, description="The id of its claim.")
    code = _taken(
        "Voucher.code", graphene.Field(graphene.String, required=True, description="What is typed or shown to use it.")
    )
    percent = _taken(
        "Voucher.percent",
        graphene.Field(graphene.Int, required=True, description="The share of the purchase that it gives back."),
    )
    amount_cents = _taken(
        "Voucher.amountCents",
        graphene.Field(graphene.Int, required=True, description="What it is worth, in hundredths."),
    )
    currency = _taken(
        "Voucher.currency",
        graphene.Field(graphene.String, required=True, description="ISO 4217 code of the amount."),
    )
    issued_at = _taken("Voucher.issuedAt", graphene.Field(DateTime, required=True, description="When it was made."))
    valid_until = _taken(
        "Voucher.validUntil",
        graphene.Field(graphene.Date, required=True, description="The last day it can be used."),
    )
    download = _taken(
        "Voucher.download",
        graphene.Field(VoucherDownload, required=True, description="Where to get it as a page to print."),
    )

    @staticmethod
    def resolve_id(claim: model.DiscountClaim, _info: GraphQLResolveInfo) -> str:
        """One claim, one voucher, one id."""
        return claim.id

    @staticmethod
    def resolve_download(claim: model.DiscountClaim, _info: GraphQLResolveInfo) -> VoucherDownload:
        """A new link at each time of asking."""
        url, until = downloads.download_link(claim.id)
        return VoucherDownload(url=url, until=until)

    @classmethod
    def load_references(
        cls, info: GraphQLResolveInfo, representations: Sequence[Mapping[str, Any]]
    ) -> list[model.DiscountClaim | None]:
        """All that were asked for, in one query."""
        return [claim if claim and claim.voucher else None for claim in _seen_by(info, representations)]


@requires_scope(scopes=any_of(ALL, OWN))
@key("id")
class DiscountClaim(graphene.ObjectType):
    """What somebody asked for with a purchase, and what became of it."""

    id = graphene.ID(required=True, description="Its id.")
    status = _taken("DiscountClaim.status", graphene.Field(StatusEnum, required=True, description="How far it is."))
    refusal = _taken(
        "DiscountClaim.refusal",
        graphene.Field(RefusalEnum, description="Why there is no discount; null otherwise."),
    )
    purchase_number = _taken(
        "DiscountClaim.purchaseNumber",
        graphene.Field(graphene.String, required=True, description="The purchase it is about."),
    )
    article = _taken(
        "DiscountClaim.article",
        graphene.Field(graphene.String, required=True, description="The article that was bought."),
    )
    claimed_at = _taken(
        "DiscountClaim.claimedAt", graphene.Field(DateTime, required=True, description="When it was claimed.")
    )
    voucher = _taken(
        "DiscountClaim.voucher",
        graphene.Field(Voucher, description="What it earned; null where that is nothing."),
    )

    @staticmethod
    def resolve_voucher(claim: model.DiscountClaim, _info: GraphQLResolveInfo) -> model.DiscountClaim | None:
        """Its fields are read from the claim."""
        return claim if claim.voucher else None

    @classmethod
    def load_references(
        cls, info: GraphQLResolveInfo, representations: Sequence[Mapping[str, Any]]
    ) -> list[model.DiscountClaim | None]:
        """All that were asked for, in one query."""
        return _seen_by(info, representations)


DiscountClaimConnection = connection_of(DiscountClaim, "claims", shared=True)


def claims_seen_by(info: GraphQLResolveInfo) -> Any:
    """Everybody's claims, or the caller's own."""
    caller = caller_of(info)
    if caller.may(ALL):
        return model.DiscountClaim.objects.all()
    if caller.may(OWN) and caller.subject is not None:
        return model.DiscountClaim.objects.filter(owner=caller.subject)
    return model.DiscountClaim.objects.none()


def _seen_by(
    info: GraphQLResolveInfo, representations: Sequence[Mapping[str, Any]]
) -> list[model.DiscountClaim | None]:
    found = claims_seen_by(info).in_bulk({one["id"] for one in representations})
    return [found.get(one["id"]) for one in representations]
