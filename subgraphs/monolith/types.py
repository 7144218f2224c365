"""The types of this service's part of the graph. ``subgraphs/discounts/types.py`` takes their fields over, one by one."""

from collections.abc import Mapping, Sequence
from typing import Any

import graphene
from graphene_federation import key, requires_scope, shareable
from graphql import GraphQLResolveInfo

from subgraphs.chassis.identity import OWN
from subgraphs.chassis_graphene.connections import connection_of
from subgraphs.chassis_graphene.guards import any_of, caller_of
from subgraphs.chassis_graphene.values import DateTime, described_enum
from subgraphs.monolith import downloads, model
from subgraphs.monolith.rules import REASONS, Refusal
from subgraphs.monolith.voucher_pdf import CURRENCY

ALL = "discounts"
"""the scope of those who see everybody's claims; nobody's claims of here are a caller's own"""

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
    Refusal,
    "DiscountRefusal",
    "Why there is no discount.",
    {refusal.value: reason for refusal, reason in REASONS.items()},
)


@shareable
class VoucherDownload(graphene.ObjectType):
    """Where a voucher can be read as a page to print."""

    url = graphene.String(required=True, description="The address of the PDF; whoever has it may read it.")
    until = DateTime(required=True, description="When the address ends; ask again for a new one.")


@requires_scope(scopes=any_of(ALL, OWN))
@key("id")
class Voucher(graphene.ObjectType):
    """What a claim earned."""

    id = graphene.ID(required=True, description="The id of its claim.")
    code = graphene.String(required=True, description="What is typed or shown to use it.")
    percent = graphene.Int(required=True, description="The share of the purchase that it gives back.")
    amount_cents = graphene.Int(required=True, description="What it is worth, in hundredths.")
    currency = graphene.String(required=True, description="ISO 4217 code of the amount.")
    issued_at = DateTime(required=True, description="When it was made.")
    valid_until = graphene.Date(required=True, description="The last day it can be used.")
    download = graphene.Field(VoucherDownload, required=True, description="Where to get it as a page to print.")

    @staticmethod
    def resolve_id(voucher: model.Voucher, _info: GraphQLResolveInfo) -> str:
        """One claim, one voucher, one id."""
        return voucher.pk

    @staticmethod
    def resolve_currency(_voucher: model.Voucher, _info: GraphQLResolveInfo) -> str:
        """There is one."""
        return CURRENCY

    @staticmethod
    def resolve_download(voucher: model.Voucher, _info: GraphQLResolveInfo) -> VoucherDownload:
        """A new link at each time of asking."""
        url, until = downloads.download_link(voucher.pk)
        return VoucherDownload(url=url, until=until)

    @classmethod
    def load_references(
        cls, info: GraphQLResolveInfo, representations: Sequence[Mapping[str, Any]]
    ) -> list[model.Voucher | None]:
        """All that were asked for, in one query."""
        found = _seen_by(info, model.Voucher, representations)
        return [found.get(one["id"]) for one in representations]


@requires_scope(scopes=any_of(ALL, OWN))
@key("id")
class DiscountClaim(graphene.ObjectType):
    """What somebody asked for with a purchase, and what became of it."""

    id = graphene.ID(required=True, description="Its id.")
    status = graphene.Field(StatusEnum, required=True, description="How far it is.")
    refusal = graphene.Field(RefusalEnum, description="Why there is no discount; null otherwise.")
    purchase_number = graphene.String(required=True, description="The purchase it is about.")
    article = graphene.String(required=True, description="The article that was bought.")
    claimed_at = DateTime(required=True, description="When it was claimed.")
    voucher = graphene.Field(Voucher, description="What it earned; null where that is nothing.")

    @staticmethod
    def resolve_purchase_number(claim: model.DiscountClaim, _info: GraphQLResolveInfo) -> str:
        """As on the receipt."""
        return claim.purchase_id

    @staticmethod
    def resolve_article(claim: model.DiscountClaim, _info: GraphQLResolveInfo) -> str:
        """As on the receipt."""
        return claim.purchase.article

    @staticmethod
    def resolve_voucher(claim: model.DiscountClaim, _info: GraphQLResolveInfo) -> model.Voucher | None:
        """Loaded with the claim."""
        return getattr(claim, "voucher", None)

    @classmethod
    def load_references(
        cls, info: GraphQLResolveInfo, representations: Sequence[Mapping[str, Any]]
    ) -> list[model.DiscountClaim | None]:
        """All that were asked for, in one query."""
        found = _seen_by(info, model.DiscountClaim, representations)
        return [found.get(one["id"]) for one in representations]


DiscountClaimConnection = connection_of(DiscountClaim, "claims", shared=True)


def claims() -> Any:
    """All claims, each with what its fields show."""
    return model.DiscountClaim.objects.select_related("purchase", "voucher")


def _seen_by(info: GraphQLResolveInfo, kind: Any, representations: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    if not caller_of(info).may(ALL):
        return {}
    ids = {one["id"] for one in representations}
    return claims().in_bulk(ids) if kind is model.DiscountClaim else kind.objects.in_bulk(ids)
