"""What the form of a claim alone can tell."""

from collections.abc import Iterator
from dataclasses import dataclass

from subgraphs.chassis.text_fields import Refusal, refusal_of, tidy
from subgraphs.discounts.model import NUMBER_LENGTH

EMAIL_LENGTH = 320


@dataclass(frozen=True)
class TypedClaim:
    """What somebody typed."""

    customer: str
    """an e-mail address or the number of a customer"""
    purchase_number: str
    article: str

    def tidied(self) -> "TypedClaim":
        """Without stray spaces, and in the case in which things are looked for."""
        customer = tidy(self.customer) or ""
        return TypedClaim(
            customer.lower() if "@" in customer else customer.upper(),
            (tidy(self.purchase_number) or "").upper(),
            (tidy(self.article) or "").upper(),
        )


def refusals_of(typed: TypedClaim) -> Iterator[Refusal]:
    """What is wrong with a tidied claim."""
    fields = (
        ("customer", typed.customer, EMAIL_LENGTH),
        ("purchaseNumber", typed.purchase_number, NUMBER_LENGTH),
        ("article", typed.article, NUMBER_LENGTH),
    )
    for field, text, limit in fields:
        if refusal := refusal_of(text or None, field, limit=limit, required=True):
            yield refusal
