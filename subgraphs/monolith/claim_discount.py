"""
Use case: a customer claims a discount; when this returns, everything has been done.

The whole application is this one function. ``subgraphs/discounts`` and ``workers/discounts`` do the same in parts: who claims does
not wait there for the page to be made or for the mail server, and a letter that cannot be sent now is sent later.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from subgraphs.monolith.model import DiscountClaim, Purchase, Status, Voucher
from subgraphs.monolith.rules import VALID, discount_for, refusal_of
from subgraphs.monolith.send_voucher import send_voucher
from subgraphs.monolith.voucher_pdf import new_code, voucher_pdf


@dataclass(frozen=True)
class TypedClaim:
    """What somebody typed, tidied."""

    customer: str
    """an e-mail address or the number of a customer"""
    purchase_number: str
    article: str


def claim_discount(typed: TypedClaim, *, now: datetime) -> DiscountClaim | None:
    """Check the customer and the purchase, compute the discount, make the voucher, send it; no claim without a purchase."""
    today = now.date()
    with transaction.atomic():
        purchase = _purchase(typed)
        issued = purchase is not None and purchase.claims.filter(status=Status.ISSUED.value).exists()
        refusal = refusal_of(purchase.bought if purchase else None, already_claimed=issued, today=today)
        if purchase is None:
            return None
        if refusal:
            return DiscountClaim.objects.create(
                purchase=purchase, status=Status.REFUSED.value, refusal=refusal.value, claimed_at=now
            )
        claim = DiscountClaim.objects.create(purchase=purchase, status=Status.ISSUED.value, claimed_at=now)
        discount, code, valid_until = discount_for(purchase.bought, today=today), new_code(), today + VALID
        voucher = Voucher.objects.create(
            claim=claim,
            code=code,
            percent=discount.percent,
            amount_cents=discount.amount_cents,
            issued_at=now,
            valid_until=valid_until,
            pdf=voucher_pdf(
                code=code,
                amount_cents=discount.amount_cents,
                purchase_number=purchase.number,
                article=purchase.article,
                valid_until=valid_until,
            ),
        )
    # Outside of the transaction, which would hold up everybody else for as long as the mail server takes.
    send_voucher(voucher)
    return claim


def _purchase(typed: TypedClaim) -> Purchase | None:
    """The purchase, when all three are right; which one is not, nobody is told."""
    customer = Q(customer__number=typed.customer.upper()) | Q(customer__email=typed.customer.lower())
    found = Purchase.objects.select_related("customer").filter(customer, number=typed.purchase_number)
    return found.filter(article=typed.article).first()
