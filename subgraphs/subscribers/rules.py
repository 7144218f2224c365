"""What a subscription must look like; whatever is wrong comes back as a list, all at once."""

from collections.abc import Iterator

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from subgraphs.chassis.postal import can_be_postal_code, country_code, postal_code_examples
from subgraphs.chassis.text_fields import Refusal, refusal_of
from subgraphs.subscribers.model import TypedAddress

_is_email = EmailValidator()


def person_refusals(name: str | None, email: str | None) -> Iterator[Refusal]:
    """What is wrong with the name and the e-mail address of a person."""
    if refusal := refusal_of(name, "name", limit=settings.NAME_LENGTH, required=True):
        yield refusal
    if refusal := refusal_of(email, "email", limit=settings.EMAIL_LENGTH, required=True):
        yield refusal
    elif not _looks_like_email(email or ""):
        yield Refusal("email", "INVALID_EMAIL", f"{email} is no e-mail address; one looks like ada@example.org.")


def address_refusals(typed: TypedAddress) -> Iterator[Refusal]:
    """What is wrong with a typed address, as far as its form can tell."""
    limits = (
        ("name", typed.name, settings.NAME_LENGTH),
        ("address", typed.address or None, settings.ADDRESS_LENGTH),
        ("postalCode", typed.postal_code, settings.FIELD_LENGTH),
        ("city", typed.city, settings.FIELD_LENGTH),
        ("region", typed.region, settings.FIELD_LENGTH),
        ("country", typed.country, settings.FIELD_LENGTH),
    )
    refused = set()
    for field, text, limit in limits:
        if refusal := refusal_of(text, f"address.{field}", limit=limit, required=field == "address"):
            refused.add(field)
            yield refusal
    if not typed.postal_code and not typed.city:
        yield Refusal("address", "INCOMPLETE_ADDRESS", "The address has neither a city nor a postal code. Add one.")
    if not typed.country or "country" in refused:
        return
    country = country_code(typed.country)
    if country is None:
        message = f"{typed.country} is no country; use its two-letter code (ISO 3166), such as DE, FR or GB."
        yield Refusal("address.country", "UNKNOWN_COUNTRY", message)
    elif typed.postal_code and "postalCode" not in refused and not can_be_postal_code(typed.postal_code, country):
        examples = postal_code_examples(country)
        message = f"{typed.postal_code} cannot be a postal code of {country}"
        message += f"; they look like {examples}." if examples else "."
        yield Refusal("address.postalCode", "INVALID_POSTAL_CODE", message)


def key_refusals(key: str | None) -> Iterator[Refusal]:
    """What is wrong with an idempotency key."""
    if key is not None:
        refusal = refusal_of(key or None, "idempotencyKey", limit=settings.FIELD_LENGTH, required=True)
        if refusal:
            yield refusal


def _looks_like_email(text: str) -> bool:
    try:
        _is_email(text)
    except ValidationError:
        return False
    return True
