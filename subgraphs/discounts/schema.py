"""The graph of this service: GraphQL in, use cases out."""

from typing import Any

import graphene
from django.conf import settings
from graphql import GraphQLResolveInfo

from subgraphs.chassis.identity import OWN
from subgraphs.chassis_graphene.connections import Order, Page, connection_field, page_of
from subgraphs.chassis_graphene.entities import federated_schema, sdl_of
from subgraphs.chassis_graphene.guards import caller_of, scoped
from subgraphs.discounts import model
from subgraphs.discounts.claim_discount import Outcome, claim_discount
from subgraphs.discounts.rules import TypedClaim
from subgraphs.discounts.shares import taken_over
from subgraphs.discounts.types import (
    ALL,
    DiscountClaim,
    DiscountClaimConnection,
    ProblemType,
    StatusEnum,
    Voucher,
    claims_seen_by,
)

NEWEST_FIRST = Order("claimed_at", descending=True)


class Query(graphene.ObjectType):
    """What can be asked."""

    discount_claim = scoped(
        taken_over(
            "Query.discountClaim",
            graphene.Field(
                DiscountClaim,
                description="The claim with this id.",
                id=graphene.ID(required=True, description="The id of the claim."),
            ),
            settings.TAKES_OVER,
        ),
        ALL,
        OWN,
    )
    discount_claims = scoped(
        taken_over(
            "Query.discountClaims",
            connection_field(
                DiscountClaimConnection,
                "The claims that the caller may see, the newest first.",
                status=StatusEnum(description="This far."),
            ),
            settings.TAKES_OVER,
        ),
        ALL,
        OWN,
    )

    @staticmethod
    def resolve_discount_claim(_root: Any, info: GraphQLResolveInfo, id: str) -> model.DiscountClaim | None:
        """By id."""
        return claims_seen_by(info).filter(pk=id).first()

    @staticmethod
    def resolve_discount_claims(
        _root: Any, info: GraphQLResolveInfo, first: int | None = None, after: str | None = None, status: Any = None
    ) -> Page:
        """A page of what is left."""
        found = claims_seen_by(info)
        if status is not None:
            found = found.filter(status=getattr(status, "value", status))
        return page_of(found, NEWEST_FIRST, first=first, after=after)


class ClaimDiscountInput(graphene.InputObjectType):
    """Whose purchase, which one, and of what."""

    customer = graphene.String(required=True, description="The customer's e-mail address or number.")
    purchase_number = graphene.String(required=True, description="The number on the receipt.")
    article = graphene.String(required=True, description="The article on the receipt.")


class ClaimDiscountPayload(graphene.ObjectType):
    """What became of the claim so far."""

    discount_claim = graphene.Field(
        DiscountClaim, description="The claim, which can be watched from now on; null when there is a problem."
    )
    problems = graphene.List(
        graphene.NonNull(ProblemType), required=True, description="Why nothing is claimed; empty when it is."
    )

    @staticmethod
    def resolve_discount_claim(outcome: Outcome, _info: GraphQLResolveInfo) -> model.DiscountClaim | None:
        """As it was written down."""
        return outcome.claim


class Mutation(graphene.ObjectType):
    """What can be done."""

    claim_discount = scoped(
        graphene.Field(
            ClaimDiscountPayload,
            required=True,
            description="Claim a discount for a purchase. It is answered at once and decided in the background; "
            "claiming again what waits or was granted gives the same claim.",
            input=ClaimDiscountInput(required=True, description="The purchase."),
        ),
        ALL,
        OWN,
    )

    @staticmethod
    def resolve_claim_discount(_root: Any, info: GraphQLResolveInfo, input: ClaimDiscountInput) -> Outcome:
        """Translate and call."""
        typed = TypedClaim(input.customer, input.purchase_number, input.article)
        return claim_discount(typed, owner=caller_of(info).subject)


schema = federated_schema(
    query=Query,
    mutation=Mutation,
    entities={"DiscountClaim": DiscountClaim.load_references, "Voucher": Voucher.load_references},
)


def sdl() -> str:
    """The SDL of this service."""
    return sdl_of(schema)
