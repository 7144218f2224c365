"""
Request-response: is this address known exactly? The answer goes straight back to whoever asked.

A question is ``{"kind": "exact", "address": {…}}`` on the queue ``{ns}.search``; the answer, by direct reply-to, is
``{"addressId": "…" | null}``.
"""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import pika
import structlog
from pika.adapters.blocking_connection import BlockingChannel

from workers.chassis.broker import Names
from workers.chassis.facts import Fields, Refused
from workers.chassis.identity import TOKEN_HEADER, UnknownService, verify
from workers.chassis.loop import Stop
from workers.matching import settings
from workers.matching.listener import address_from
from workers.matching.matcher import Address

ASKERS = "subscribers"
_STALE_MS = 5_000
"""nobody waits longer for an answer than this"""
_LOOK_UP_SECONDS = 0.5

log = structlog.get_logger("search")


def serve(
    find: Callable[[Address], str | None], public_keys: Mapping[str, str]
) -> Callable[[BlockingChannel, Stop], None]:
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
                _reply(channel, properties, answer(properties.headers or {}, body, find, public_keys))

    return read


def answer(
    headers: Mapping[str, Any], body: bytes, find: Callable[[Address], str | None], public_keys: Mapping[str, str]
) -> dict[str, str | None]:
    """The answer to a question; what is wrong with it, when it cannot be answered."""
    started = time.perf_counter()
    with structlog.contextvars.bound_contextvars(request_id=headers.get("request-id")):
        try:
            verify(headers.get(TOKEN_HEADER), audience=settings.SERVICE, issuer=ASKERS, public_keys=public_keys)
            found = find(_question(body))
        except (UnknownService, Refused) as wrong:
            log.warning("question refused", reason=str(wrong))
            return {"addressId": None, "problem": str(wrong)}
        except Exception as problem:
            # The asker goes on without an answer; the next question may find the store back.
            log.exception("question failed")
            return {"addressId": None, "problem": problem.__class__.__name__}
        log.info("question answered", found=found is not None, ms=round((time.perf_counter() - started) * 1000, 1))
        return {"addressId": found}


def _question(body: bytes) -> Address:
    try:
        said = json.loads(body)
    except ValueError as wrong:
        raise Refused(f"the question is not JSON: {wrong}") from wrong
    if not isinstance(said, dict):
        raise Refused("the question is no JSON object")
    fields = Fields(said, "question")
    if fields.text("kind") != "exact":
        raise Refused('question.kind is not "exact", the only kind there is')
    return address_from(fields.fields("address"))


def _reply(channel: BlockingChannel, asked: pika.BasicProperties, said: Mapping[str, Any]) -> None:
    if not asked.reply_to:
        return
    properties = pika.BasicProperties(content_type="application/json", correlation_id=asked.correlation_id)
    channel.basic_publish("", asked.reply_to, json.dumps(said).encode(), properties)
