"""What a suggestion must look like, and who may read those of others; what is wrong comes back as a list, all at once."""

import re
from collections.abc import Iterator

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from subgraphs.chassis.text_fields import Refusal, refusal_of, tidy

READ = "suggestions:read"
"""the scope of those who read what others suggest"""

_is_email = EmailValidator()
_EMPTY_LINES = re.compile(r"\n{3,}")


def tidy_paragraphs(text: str) -> str | None:
    """Text without stray spaces, whose lines stay lines; ``None`` when nothing is left."""
    lines = "\n".join(tidy(line) or "" for line in text.splitlines())
    return _EMPTY_LINES.sub("\n\n", lines).strip() or None


def text_refusals(text: str | None) -> Iterator[Refusal]:
    """What is wrong with the suggestion itself."""
    # Its lines may end; every other character that is no text is refused.
    without_ends = text.replace("\n", " ") if text else None
    if refusal := refusal_of(without_ends, "text", limit=settings.TEXT_LENGTH, required=True):
        yield refusal


def person_refusals(name: str | None, email: str | None) -> Iterator[Refusal]:
    """What is wrong with the name and the e-mail address of a person."""
    if refusal := refusal_of(name, "name", limit=settings.NAME_LENGTH, required=True):
        yield refusal
    if refusal := refusal_of(email, "email", limit=settings.EMAIL_LENGTH, required=True):
        yield refusal
    elif not _looks_like_email(email or ""):
        yield Refusal("email", "INVALID_EMAIL", f"{email} is no e-mail address; one looks like ada@example.org.")


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
