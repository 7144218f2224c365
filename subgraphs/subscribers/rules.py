"""What a subscription must look like, and who may reach those of others; what is wrong comes back as a list, all at once."""

from collections.abc import Iterator

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from subgraphs.chassis.text_fields import Refusal, refusal_of, tidy
from subgraphs.chassis_strawberry.typed_address import AddressLimits

READ, WRITE = "subscribers:read", "subscribers:write"
"""the scopes of those who see and change everybody's subscriptions"""

_is_email = EmailValidator()


def person_refusals(name: str | None, email: str | None) -> Iterator[Refusal]:
    """What is wrong with the name and the e-mail address of a person."""
    if refusal := refusal_of(name, "name", limit=settings.NAME_LENGTH, required=True):
        yield refusal
    if refusal := refusal_of(email, "email", limit=settings.EMAIL_LENGTH, required=True):
        yield refusal
    elif not _looks_like_email(email or ""):
        yield Refusal("email", "INVALID_EMAIL", f"{email} is no e-mail address; one looks like ada@example.org.")


def address_limits() -> AddressLimits:
    """How long the fields of an address may be here."""
    return AddressLimits(settings.NAME_LENGTH, settings.ADDRESS_LENGTH, settings.FIELD_LENGTH)


def key_refusals(key: str | None) -> Iterator[Refusal]:
    """What is wrong with an idempotency key."""
    if key is not None:
        refusal = refusal_of(tidy(key) and key, "idempotencyKey", limit=settings.FIELD_LENGTH, required=True)
        if refusal:
            yield refusal


def _looks_like_email(text: str) -> bool:
    try:
        _is_email(text)
    except ValidationError:
        return False
    return True
