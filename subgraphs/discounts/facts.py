"""The facts this service tells."""

from typing import Any

from subgraphs.chassis.facts import fact


def discount_claimed(claim_id: str) -> dict[str, Any]:
    """Somebody claims a discount; the worker is to decide it."""
    return fact(
        "discount.claimed.v1",
        source="/discounts",
        subject=claim_id,
        audience=["discounts"],
        data={"claimId": claim_id},
    )
