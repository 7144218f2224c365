"""Asking matching's search what fits what somebody has typed so far (``suggest.question.json``)."""

from concurrent.futures import CancelledError
from functools import cache
from typing import Protocol

import structlog
from django.conf import settings

from subgraphs.chassis.identity import sign
from subgraphs.chassis.questions import Questions

log = structlog.get_logger("search")


class SearchQuestions(Protocol):
    """Knows which addresses fit."""

    def suggest(self, text: str, *, country: str | None, first: int) -> list[str] | None:
        """Ids of addresses that fit, the closest first; ``None`` when nobody says so in time."""
        ...


class SearchByRabbit:
    """The port, over RabbitMQ."""

    def __init__(self, questions: Questions) -> None:
        self._questions = questions

    def suggest(self, text: str, *, country: str | None, first: int) -> list[str] | None:
        """Ids of addresses that fit, the closest first; ``None`` when nobody says so in time."""
        answer = self._questions.ask({"kind": "suggest", "text": text, "country": country, "first": first})
        if answer is None:
            return None
        try:
            said = answer.result(self._questions.wait)
        except (TimeoutError, CancelledError):
            answer.cancel()
            log.info("no answer in time", wait_ms=int(self._questions.wait * 1000))
            return None
        return _ids(said)


@cache
def questions() -> Questions:
    """The line to matching's search of this process."""
    return Questions(
        settings.RABBITMQ_QUESTIONS_URL,
        f"{settings.NAMESPACE}.search",
        name="addresses: suggestions",
        wait=settings.SUGGESTION_WAIT_MS / 1000,
        token=lambda: sign("matching", issuer=settings.SERVICE_NAME, key=settings.SERVICE_KEY()),
        ca_file=settings.RABBITMQ_CA_FILE,
    )


@cache
def search_questions() -> SearchByRabbit:
    """The port of this process."""
    return SearchByRabbit(questions())


def _ids(said: object) -> list[str] | None:
    """The ids of an answer, ``None`` where it says that there is none, or makes no sense."""
    suggestions = said.get("suggestions") if isinstance(said, dict) else None
    if not isinstance(suggestions, list):
        return None
    ids = [one.get("id") if isinstance(one, dict) else None for one in suggestions]
    return [id for id in ids if isinstance(id, str)]
