"""Use case: a reader sends a suggestion."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from django.conf import settings

from subgraphs.chassis.clock import now
from subgraphs.chassis.text_fields import Refusal, tidy
from subgraphs.suggestions.facts import suggestion_received
from subgraphs.suggestions.model import Suggestion, SuggestionStatus
from subgraphs.suggestions.rules import key_refusals, person_refusals, text_refusals, tidy_paragraphs
from subgraphs.suggestions.store import SuggestionStore


@dataclass(frozen=True)
class Sent:
    """What a reader sends."""

    name: str
    email: str
    text: str
    idempotency_key: str | None = None
    """the same key is the same suggestion, however often it is sent"""


def send_suggestion(sent: Sent, *, store: SuggestionStore) -> Suggestion | list[Refusal]:
    """Keep the suggestion, and promise that its reader will be thanked."""
    name, email, text = tidy(sent.name), tidy(sent.email), tidy_paragraphs(sent.text)
    refusals = [*text_refusals(text), *person_refusals(name, email), *key_refusals(sent.idempotency_key)]
    if refusals or name is None or email is None or text is None:
        return refusals
    suggestion = Suggestion(str(uuid4()), name, email, text, SuggestionStatus.RECEIVED, now())
    if first := store.with_key(sent.idempotency_key):
        return _the_same(first, suggestion)
    if store.count_of(email, since=now() - timedelta(days=1)) >= settings.PER_EMAIL_AND_DAY:
        message = (
            f"{settings.PER_EMAIL_AND_DAY} suggestions came from {email} within a day. Send the next one tomorrow."
        )
        return [Refusal("email", "TOO_MANY_TODAY", message)]
    kept = store.add(suggestion, suggestion_received(suggestion), idempotency_key=sent.idempotency_key)
    return _the_same(kept, suggestion)


def _the_same(kept: Suggestion, suggestion: Suggestion) -> Suggestion | list[Refusal]:
    if (kept.name, kept.email, kept.text) != (suggestion.name, suggestion.email, suggestion.text):
        # Who guesses a key must not be told whose it is.
        return [Refusal("idempotencyKey", "KEY_IN_USE", "The key was used for another suggestion. Choose another one.")]
    return kept
