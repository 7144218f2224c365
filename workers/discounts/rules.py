"""The rules for discounts: who gets one, and how much. They know no store, no clock and no way to tell anybody."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

SMALLEST_CENTS = 20_00
"""a purchase of less gets nothing"""
LARGE_CENTS = 100_00
"""one of this much or more gets a larger share back"""
LONGEST = timedelta(days=30)
"""how long after the purchase a discount can be claimed"""
LOYAL_AFTER = timedelta(days=730)
"""a customer of so long gets a share on top"""
MOST_CENTS = 50_00
"""no voucher is worth more"""
VALID = timedelta(days=180)
"""how long a voucher can be used"""


class Refusal(StrEnum):
    """Why there is no discount."""

    UNKNOWN_PURCHASE = "UNKNOWN_PURCHASE"
    AMOUNT_TOO_SMALL = "AMOUNT_TOO_SMALL"
    PURCHASE_TOO_OLD = "PURCHASE_TOO_OLD"
    ALREADY_CLAIMED = "ALREADY_CLAIMED"


REASONS = {
    Refusal.UNKNOWN_PURCHASE: "No purchase of this customer has this number and article.",
    Refusal.AMOUNT_TOO_SMALL: "The purchase is too small: discounts begin at EUR 20.00.",
    Refusal.PURCHASE_TOO_OLD: "The purchase is too long ago: a discount can be claimed for 30 days.",
    Refusal.ALREADY_CLAIMED: "A voucher was issued for this purchase already.",
}
"""the same for people"""


@dataclass(frozen=True)
class Bought:
    """What is known of a purchase and of whoever made it."""

    amount_cents: int
    bought_on: date
    customer_since: date


@dataclass(frozen=True)
class Discount:
    """What a purchase earns."""

    percent: int
    amount_cents: int


def refusal_of(bought: Bought | None, *, already_claimed: bool, today: date) -> Refusal | None:
    """Why this purchase earns no discount; ``None`` when it earns one."""
    if bought is None:
        return Refusal.UNKNOWN_PURCHASE
    if already_claimed:
        return Refusal.ALREADY_CLAIMED
    if bought.amount_cents < SMALLEST_CENTS:
        return Refusal.AMOUNT_TOO_SMALL
    if today - bought.bought_on > LONGEST:
        return Refusal.PURCHASE_TOO_OLD
    return None


def discount_for(bought: Bought, *, today: date) -> Discount:
    """Five percent, ten for a large purchase, five on top for loyalty; never more than the largest voucher."""
    percent = 10 if bought.amount_cents >= LARGE_CENTS else 5
    if today - bought.customer_since >= LOYAL_AFTER:
        percent += 5
    return Discount(percent, min(bought.amount_cents * percent // 100, MOST_CENTS))
