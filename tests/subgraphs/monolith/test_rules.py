"""Who gets a discount, and how much."""

from datetime import date, timedelta

import pytest

from subgraphs.monolith.rules import Bought, Discount, Refusal, discount_for, refusal_of

TODAY = date(2026, 6, 1)


def bought(cents: int = 50_00, *, days_ago: int = 1, customer_for: int = 10) -> Bought:
    return Bought(cents, TODAY - timedelta(days=days_ago), TODAY - timedelta(days=customer_for))


@pytest.mark.parametrize(
    ("purchase", "already_claimed", "refusal"),
    [
        (bought(), False, None),
        (bought(20_00), False, None),
        (bought(19_99), False, Refusal.AMOUNT_TOO_SMALL),
        (bought(days_ago=30), False, None),
        (bought(days_ago=31), False, Refusal.PURCHASE_TOO_OLD),
        (bought(), True, Refusal.ALREADY_CLAIMED),
        (bought(1, days_ago=99), True, Refusal.ALREADY_CLAIMED),
        (None, False, Refusal.UNKNOWN_PURCHASE),
    ],
)
def test_who_gets_one(purchase: Bought | None, already_claimed: bool, refusal: Refusal | None) -> None:
    assert refusal_of(purchase, already_claimed=already_claimed, today=TODAY) == refusal


@pytest.mark.parametrize(
    ("purchase", "discount"),
    [
        (bought(20_00), Discount(5, 1_00)),
        (bought(99_99), Discount(5, 4_99)),
        (bought(100_00), Discount(10, 10_00)),
        (bought(100_00, customer_for=729), Discount(10, 10_00)),
        (bought(100_00, customer_for=730), Discount(15, 15_00)),
        (bought(2_000_00), Discount(10, 50_00)),
    ],
)
def test_how_much(purchase: Bought, discount: Discount) -> None:
    assert discount_for(purchase, today=TODAY) == discount
