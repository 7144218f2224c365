"""A claim, the purchase it names, and what it earns, as the worker sees them."""

from dataclasses import dataclass
from datetime import date, datetime

from workers.discounts.rules import Bought


@dataclass(frozen=True)
class Claim:
    """What somebody asked for; nobody has decided it yet."""

    id: str
    customer: str
    """an e-mail address or the number of a customer"""
    purchase_number: str
    article: str


@dataclass(frozen=True)
class Customer:
    """Who made the purchase, and gets the letter."""

    number: str
    name: str
    email: str


@dataclass(frozen=True)
class Purchase:
    """The purchase, when customer, number and article are right."""

    customer: Customer
    bought: Bought
    already_claimed: bool
    """there is a voucher for it"""


@dataclass(frozen=True)
class Voucher:
    """What a claim earned."""

    code: str
    percent: int
    amount_cents: int
    currency: str
    issued_at: datetime
    valid_until: date
    pdf: bytes
