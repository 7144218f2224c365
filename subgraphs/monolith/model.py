"""Customers, purchases, claims and vouchers, in one relational database."""

from enum import StrEnum
from uuid import uuid4

from django.db import models

from subgraphs.monolith.rules import REASONS, Bought, Refusal
from subgraphs.monolith.voucher_pdf import money

NUMBER_LENGTH = 40
"""of a customer, a purchase, an article"""


class Status(StrEnum):
    """How far a claim is; here it has ended before anybody sees it, and none waits."""

    QUEUED = "QUEUED"
    ISSUED = "ISSUED"
    REFUSED = "REFUSED"


def new_id() -> str:
    """The id of a claim; who does not know it does not find it."""
    return str(uuid4())


def _choices(values: type[StrEnum]) -> list[tuple[str, str]]:
    return [(value.value, value.value.replace("_", " ").capitalize()) for value in values]


class Customer(models.Model):
    """Somebody who buys."""

    number = models.CharField(primary_key=True, max_length=NUMBER_LENGTH)
    name = models.CharField(max_length=200)
    email = models.EmailField(unique=True, max_length=320)
    since = models.DateField(help_text="The day of the first purchase.")
    changed_at = models.DateTimeField(auto_now=True, db_index=True)

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    def save(self, *args: object, **kwargs: object) -> None:
        """Keep the address as it is looked for."""
        self.email = self.email.lower()
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class Purchase(models.Model):
    """One article that somebody bought."""

    number = models.CharField(primary_key=True, max_length=NUMBER_LENGTH)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="purchases")
    article = models.CharField(max_length=NUMBER_LENGTH)
    amount_cents = models.PositiveIntegerField()
    bought_on = models.DateField()
    changed_at = models.DateTimeField(auto_now=True, db_index=True)

    def __str__(self) -> str:
        return f"{self.number} {self.article}"

    @property
    def bought(self) -> Bought:
        """What the rules look at."""
        return Bought(self.amount_cents, self.bought_on, self.customer.since)


class DiscountClaim(models.Model):
    """What somebody asked for, and what became of it."""

    id = models.CharField(primary_key=True, max_length=NUMBER_LENGTH, default=new_id, editable=False)
    purchase = models.ForeignKey(Purchase, on_delete=models.PROTECT, related_name="claims")
    status = models.CharField(max_length=10, choices=_choices(Status))
    refusal = models.CharField(max_length=20, choices=_choices(Refusal), null=True)
    claimed_at = models.DateTimeField()
    changed_at = models.DateTimeField(auto_now=True, db_index=True)

    class Meta:
        indexes = (models.Index(fields=["-claimed_at", "id"], name="claims_newest"),)
        constraints = (
            models.UniqueConstraint(
                fields=["purchase"], condition=models.Q(status=Status.ISSUED.value), name="one_voucher_per_purchase"
            ),
        )

    def __str__(self) -> str:
        return f"{self.purchase_id} {self.status}"

    @property
    def refused_because(self) -> str:
        """Why there is no discount, for people."""
        return REASONS[Refusal(self.refusal)] if self.refusal else ""


class Voucher(models.Model):
    """What a claim earned."""

    claim = models.OneToOneField(DiscountClaim, primary_key=True, on_delete=models.PROTECT)
    code = models.CharField(unique=True, max_length=NUMBER_LENGTH)
    percent = models.PositiveSmallIntegerField(help_text="The share of the purchase that it gives back.")
    amount_cents = models.PositiveIntegerField(help_text="What it is worth.")
    issued_at = models.DateTimeField()
    valid_until = models.DateField()
    pdf = models.BinaryField()
    sent_at = models.DateTimeField(null=True, help_text="When the mail server took the letter with it.")

    def __str__(self) -> str:
        return self.code

    @property
    def amount(self) -> str:
        """What it is worth, for people."""
        return money(self.amount_cents)
