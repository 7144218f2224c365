"""Use case: a reader who sent a suggestion is thanked by a letter, once."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import NAMESPACE_URL, uuid5

import structlog

from workers.suggestions.facts import suggestion_thanked

log = structlog.get_logger("suggestions")

SUBJECT = "Thank you for your suggestion"
PARAGRAPHS = (
    "Thank you for telling us what we could do better. Your suggestion has reached us, and one of us reads it.",
    "You need not do anything. Did you send us nothing? Then somebody mistyped their own address, and you can forget this letter.",
)

_LEADS_SOMEWHERE = re.compile(r"[:/@\\]|\.\w")


class NoSuchSuggestion(Exception):
    """Nothing is kept under this id."""


class Suggestions(Protocol):
    """Where suggestions are kept."""

    def find(self, suggestion_id: str) -> Mapping[str, Any] | None:
        """One suggestion."""
        ...

    def thanked(self, suggestion_id: str, letter_id: str, now: datetime, fact: Mapping[str, Any]) -> bool:
        """Note that its letter is written, together with the fact that says so; ``False`` when it was before."""
        ...


def thank_reader(suggestion_id: str, *, suggestions: Suggestions) -> bool:
    """
    Write the thank-you letter, and promise that it will be sent; say whether this was still to be done.

    The letter and the mark that it is written are one change of one document: whoever is killed before it has done
    nothing, and whoever comes after it finds it done.

    :raises NoSuchSuggestion: when there is none.
    """
    suggestion = suggestions.find(suggestion_id)
    if suggestion is None:
        raise NoSuchSuggestion(f"there is no suggestion {suggestion_id[:100]!r}")
    letter_id = str(uuid5(NAMESPACE_URL, f"doorstep:{suggestion_id}:THANKS"))
    letter = {
        "recipients": [{"letterId": letter_id, "name": greeted(suggestion["name"]), "email": suggestion["email"]}],
        "subject": SUBJECT,
        "paragraphs": list(PARAGRAPHS),
    }
    is_first = suggestions.thanked(
        suggestion_id, letter_id, datetime.now(UTC), suggestion_thanked(suggestion_id, letter)
    )
    if is_first:
        log.info("letter written", suggestion_id=suggestion_id)
    return is_first


def greeted(name: str) -> str | None:
    """
    The name, where a letter may show it.

    The letter goes wherever a stranger wanted it to go; a name that a mail program would turn into a link is not in it.
    """
    return None if _LEADS_SOMEWHERE.search(name) else name
