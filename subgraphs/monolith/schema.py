"""The graph of this service: what was claimed, to read. Claiming is done on its pages."""

from typing import Any

import graphene
from graphql import GraphQLResolveInfo

from subgraphs.chassis.identity import OWN
from subgraphs.chassis_graphene.connections import Order, Page, connection_field, page_of
from subgraphs.chassis_graphene.entities import federated_schema, sdl_of
from subgraphs.chassis_graphene.guards import caller_of, scoped
from subgraphs.monolith import model
from subgraphs.monolith.types import ALL, DiscountClaim, DiscountClaimConnection, StatusEnum, Voucher, claims

NEWEST_FIRST = Order("claimed_at", descending=True)


class Query(graphene.ObjectType):
    """What can be asked."""

    discount_claim = scoped(
        graphene.Field(
            DiscountClaim,
            description="The claim with this id.",
            id=graphene.ID(required=True, description="The id of the claim."),
        ),
        ALL,
        OWN,
    )
    discount_claims = scoped(
        connection_field(
            DiscountClaimConnection,
            "The claims that the caller may see, the newest first.",
            status=StatusEnum(description="This far."),
        ),
        ALL,
        OWN,
    )

    @staticmethod
    def resolve_discount_claim(_root: Any, info: GraphQLResolveInfo, id: str) -> model.DiscountClaim | None:
        """By id."""
        return claims().filter(pk=id).first() if caller_of(info).may(ALL) else None

    @staticmethod
    def resolve_discount_claims(
        _root: Any, info: GraphQLResolveInfo, first: int | None = None, after: str | None = None, status: Any = None
    ) -> Page:
        """A page of what is left."""
        found = claims() if caller_of(info).may(ALL) else claims().none()
        if status is not None:
            found = found.filter(status=getattr(status, "value", status))
        return page_of(found, NEWEST_FIRST, first=first, after=after)


schema = federated_schema(
    query=Query,
    entities={"DiscountClaim": DiscountClaim.load_references, "Voucher": Voucher.load_references},
)


def sdl() -> str:
    """The SDL of this service."""
    return sdl_of(schema)
