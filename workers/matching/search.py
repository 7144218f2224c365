"""
Request-response on the queue ``{ns}.search``: each answer goes straight back to whoever asked, by direct reply-to.
Both go through the default exchange, which leads into every queue of its virtual host: the queue may have one of its own.

* Is this address known exactly? ``{"kind": "exact", "address": {…}}`` → ``{"addressId": "…" | null}``
* What fits what somebody has typed so far? ``{"kind": "suggest", …}`` → ``{"suggestions": […] | null}``
  (``suggest.question.json`` of the addresses subgraph, ``suggest.answer.json`` here)

An answer that cannot be given says why in ``problem``.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pika
import structlog
from pika.adapters.blocking_connection import BlockingChannel

from workers.chassis import tracing
from workers.chassis.broker import Names
from workers.chassis.facts import Fields, Refused
from workers.chassis.identity import TOKEN_HEADER, UnknownService, verify
from workers.chassis.loop import Stop
from workers.matching import settings
from workers.matching.index.suggest import NoSnapshot, Suggestion
from workers.matching.listener import address_from
from workers.matching.matcher import Address
from workers.matching.metrics import QUESTIONS

ASKERS = {"exact": "subscribers", "suggest": "addresses"}
"""kind of a question → the service that alone may ask it"""
NOTHING: Mapping[str, Mapping[str, Any]] = {"exact": {"addressId": None}, "suggest": {"suggestions": None}}
"""kind of a question → the answer when there is none"""
MOST_SUGGESTIONS = 50
_DIRECTLY = "amq.rabbitmq.reply-to."
"""what the broker makes of direct reply-to begins with this"""
_STALE_MS = 5_000
"""nobody waits longer for an answer than this"""
_LOOK_UP_SECONDS = 0.5

log = structlog.get_logger("search")


@dataclass(frozen=True)
class Search:
    """What answers questions."""

    exactly: Callable[[Address], str | None]
    """the id of the one known address that is exactly this"""
    suggest: Callable[[str, str | None, int], Sequence[Suggestion]] | None = None
    """what fits a text, in a country or in any, so many at most; ``None`` where nothing here can tell"""


def serve(search: Search, public_keys: Mapping[str, str | Sequence[str]]) -> Callable[[BlockingChannel, Stop], None]:
    """Answer questions on a channel until somebody asks to stop."""

    def read(channel: BlockingChannel, stop: Stop) -> None:
        queue = Names.of(settings.SERVICE).queue("search")
        channel.queue_declare(queue, durable=True, arguments={"x-message-ttl": _STALE_MS})
        channel.basic_qos(prefetch_count=8)
        log.info("listening", queue=queue)
        for method, properties, body in channel.consume(queue, inactivity_timeout=_LOOK_UP_SECONDS, auto_ack=True):
            if stop.asked:
                return
            if method is not None:
                _reply(channel, properties, answer(properties.headers or {}, body, search, public_keys))

    return read


def answer(
    headers: Mapping[str, Any], body: bytes, search: Search, public_keys: Mapping[str, str | Sequence[str]]
) -> dict[str, Any]:
    """The answer to a question; what is wrong with it, when it cannot be answered."""
    started = time.perf_counter()
    kind, outcome = "exact", "failed"
    traced = tracing.span("answer question", "server", headers.get(tracing.TRACEPARENT), messaging__system="rabbitmq")
    with structlog.contextvars.bound_contextvars(request_id=headers.get("request-id")), traced:
        try:
            question = _question(body)
            kind = question.text("kind")
            if kind not in ASKERS:
                raise Refused(f"question.kind is {kind!r}, none of {', '.join(ASKERS)}")
            verify(headers.get(TOKEN_HEADER), audience=settings.SERVICE, issuer=ASKERS[kind], public_keys=public_keys)
            said = _suggested(question, search) if kind == "suggest" else _known(question, search)
            outcome = "answered"
        except (UnknownService, Refused, NoSnapshot) as wrong:
            outcome = "refused"
            tracing.failed("Refused")
            log.warning("question refused", reason=str(wrong))
            return {**NOTHING.get(kind, NOTHING["exact"]), "problem": str(wrong)}
        except Exception as problem:
            # The asker goes on without an answer; the next question may find the store back.
            log.exception("question failed")
            tracing.failed(problem.__class__.__name__)
            return {**NOTHING[kind], "problem": problem.__class__.__name__}
        finally:
            measured = kind if kind in ASKERS else "unknown"
            QUESTIONS.labels(measured, outcome).observe(time.perf_counter() - started)
        log.info("question answered", kind=kind, ms=round((time.perf_counter() - started) * 1000, 1))
        return said


def _question(body: bytes) -> Fields:
    try:
        said = json.loads(body)
    except ValueError as wrong:
        raise Refused(f"the question is not JSON: {wrong}") from wrong
    if not isinstance(said, dict):
        raise Refused("the question is no JSON object")
    return Fields(said, "question")


def _known(question: Fields, search: Search) -> dict[str, Any]:
    return {"addressId": search.exactly(address_from(question.fields("address")))}


def _suggested(question: Fields, search: Search) -> dict[str, Any]:
    if search.suggest is None:
        raise Refused("search has no index for suggestions")
    first = question.number("first")
    if not 1 <= first <= MOST_SUGGESTIONS:
        raise Refused(f"question.first is {first}; ask for 1 to {MOST_SUGGESTIONS}")
    found = search.suggest(question.text("text"), question.optional_text("country"), first)
    return {"suggestions": [{"id": one.id, "text": one.text} for one in found]}


def _reply(channel: BlockingChannel, asked: pika.BasicProperties, said: Mapping[str, Any]) -> None:
    # Whoever asks names where the answer goes: into no queue, which could be anybody's.
    if not (asked.reply_to or "").startswith(_DIRECTLY):
        return
    properties = pika.BasicProperties(content_type="application/json", correlation_id=asked.correlation_id)
    channel.basic_publish("", asked.reply_to, json.dumps(said).encode(), properties)
