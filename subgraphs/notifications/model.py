"""Letters as a Django model; the document behind it is ``contracts/notification.document.json``."""

from enum import StrEnum

from django.db import models
from django_mongodb_backend.fields import EmbeddedModelField
from django_mongodb_backend.managers import MongoManager
from django_mongodb_backend.models import EmbeddedModel

from subgraphs.chassis_graphene.mongo import choices


class Kind(StrEnum):
    """What a letter says."""

    CONFIRMED = "CONFIRMED"
    CHECKING = "CHECKING"
    CONFIRMED_AS_TYPED = "CONFIRMED_AS_TYPED"
    THANKS = "THANKS"
    VOUCHER = "VOUCHER"
    ALERT = "ALERT"


class Status(StrEnum):
    """How far a letter is."""

    INTENDED = "INTENDED"
    SENDING = "SENDING"
    SENT = "SENT"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"


class Recipient(EmbeddedModel):
    """Whom a letter goes to."""

    name = models.CharField(max_length=500)
    email = models.CharField(max_length=320)


class Notification(models.Model):
    """One letter. The worker writes it; this service shows it, and lets a person ask for it again."""

    id = models.CharField(primary_key=True, db_column="_id", max_length=100)
    kind = models.CharField(max_length=20, choices=choices(Kind))
    status = models.CharField(max_length=10, choices=choices(Status))
    subscriber_id = models.CharField(max_length=100, db_column="subscriberId", null=True)
    match_task_id = models.CharField(max_length=100, db_column="matchTaskId", null=True)
    recipient = EmbeddedModelField(Recipient)
    subject = models.TextField(help_text="The subject line.")
    body = models.TextField(help_text="The text of the letter.")
    message_id = models.CharField(
        max_length=500, db_column="messageId", help_text="The Message-ID header; the same whenever it is sent again."
    )
    intended_at = models.DateTimeField(db_column="intendedAt")
    sent_at = models.DateTimeField(db_column="sentAt", null=True)
    problem = models.TextField(null=True, help_text="Why it was not sent, or why nobody knows.")
    attempts = models.IntegerField(default=0, help_text="How often the mail server was asked to take it.")

    objects = MongoManager()

    class Meta:
        db_table = "notifications"
        indexes = (
            models.Index(fields=["-intended_at", "id"], name="notifications_intended_at"),
            models.Index(fields=["status", "-intended_at", "id"], name="notifications_status"),
            models.Index(fields=["subscriber_id", "-intended_at", "id"], name="notifications_subscriber"),
            models.Index(fields=["match_task_id"], name="notifications_match_task"),
        )


class Outbox(models.Model):
    """Facts about letters that the relay has not published yet."""

    unsent = models.JSONField(default=list)

    class Meta:
        db_table = "outbox"
