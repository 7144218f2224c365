"""Claims as a Django model; the documents behind it are ``contracts/*.document.json``."""

from enum import StrEnum
from typing import Any

from django.db import models
from django_mongodb_backend.fields import EmbeddedModelField
from django_mongodb_backend.managers import MongoManager
from django_mongodb_backend.models import EmbeddedModel

from subgraphs.chassis_graphene.mongo import choices

NUMBER_LENGTH = 40
"""of a customer, a purchase, an article"""


class Status(StrEnum):
    """How far a claim is."""

    QUEUED = "QUEUED"
    ISSUED = "ISSUED"
    REFUSED = "REFUSED"


class Refusal(StrEnum):
    """Why there is no discount; the worker decides it."""

    UNKNOWN_PURCHASE = "UNKNOWN_PURCHASE"
    AMOUNT_TOO_SMALL = "AMOUNT_TOO_SMALL"
    PURCHASE_TOO_OLD = "PURCHASE_TOO_OLD"
    ALREADY_CLAIMED = "ALREADY_CLAIMED"


class Voucher(EmbeddedModel):
    """What a claim earned; a part of its document, so that both are there or neither."""

    code = models.CharField(max_length=NUMBER_LENGTH)
    percent = models.IntegerField()
    amount_cents = models.IntegerField(db_column="amountCents")
    currency = models.CharField(max_length=3)
    issued_at = models.DateTimeField(db_column="issuedAt")
    valid_until = models.DateField(db_column="validUntil")
    pdf = models.BinaryField()


class DiscountClaim(models.Model):
    """What somebody asked for, and what became of it. This service writes it down; the worker decides it."""

    id = models.CharField(primary_key=True, db_column="_id", max_length=NUMBER_LENGTH)
    owner = models.CharField(max_length=200, null=True, help_text="The caller who claimed; null: on the old pages.")
    customer = models.CharField(max_length=320, help_text="An e-mail address or the number of a customer.")
    purchase_number = models.CharField(max_length=NUMBER_LENGTH, db_column="purchaseNumber")
    article = models.CharField(max_length=NUMBER_LENGTH)
    status = models.CharField(max_length=10, choices=choices(Status))
    refusal = models.CharField(max_length=20, choices=choices(Refusal), null=True)
    claimed_at = models.DateTimeField(db_column="claimedAt")
    voucher = EmbeddedModelField(Voucher, null=True)
    unsent: Any = models.JSONField(default=list)

    objects = MongoManager()

    class Meta:
        db_table = "discount_claims"
        indexes = (
            models.Index(fields=["-claimed_at", "id"], name="claims_newest"),
            models.Index(fields=["status", "-claimed_at", "id"], name="claims_status"),
            models.Index(fields=["owner", "-claimed_at", "id"], name="claims_owner"),
        )
