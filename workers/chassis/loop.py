"""
Running a listener: connect, read one fact at a time, end each in one of three ways, come back after a lost broker.

Handled: acknowledged. Refused (it can never work): set aside in the dead letters with the reason. Crashed: it comes
back after a while, a bounded number of times, and is set aside after that. One log line per fact.
"""

import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import FrameType
from typing import Any

import pika
import structlog
from pika.adapters.blocking_connection import BlockingChannel

from workers.chassis import broker, metrics, tracing
from workers.chassis.broker import BROKEN, Backoff, Names
from workers.chassis.env import Env
from workers.chassis.facts import Heard, Refused
from workers.chassis.identity import TOKEN_HEADER, UnknownService, public_keys, verify

Handler = Callable[[Heard], None]

ATTEMPT_HEADER = "attempt"
PROBLEM_HEADER = "problem"
_LOOK_UP_SECONDS = 0.5
"""how long reading may block before the stop flag is looked at"""

log = structlog.get_logger("listener")


@dataclass
class Stop:
    """Whether the process was asked to end; set by SIGTERM and SIGINT."""

    _asked: threading.Event = field(default_factory=threading.Event)

    def on_signals(self) -> "Stop":
        """Let SIGTERM and SIGINT ask."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        return self

    def ask(self) -> None:
        """Finish the message in hand, then end."""
        self._asked.set()

    def wait(self, seconds: float) -> bool:
        """Wait, but no longer than until somebody asks; say whether somebody did."""
        return self._asked.wait(seconds)

    @property
    def asked(self) -> bool:
        """Whether somebody did."""
        return self._asked.is_set()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.ask()


@dataclass(frozen=True)
class Listener:
    """What one service hears, and what it does about it."""

    service: str
    handlers: Mapping[str, Handler]
    """fact type → what to do"""
    tellers: Mapping[str, str]
    """fact type → the only service that may tell it"""
    public_keys: Mapping[str, str | Sequence[str]]
    delays_ms: Sequence[int] = (1_000, 5_000, 15_000, 60_000, 300_000)
    """waiting times between tries; after the last of them the fact is set aside"""
    prefetch: int = 16

    def __post_init__(self) -> None:
        if untold := set(self.handlers) - set(self.tellers):
            raise ValueError(f"name the teller of {', '.join(sorted(untold))}")


def listen(
    service: str, handlers: Mapping[str, Handler], tellers: Mapping[str, str], *, stop: Stop | None = None
) -> None:
    """
    Hear facts until SIGTERM.

    :param handlers: fact type → what to do; raise :class:`Refused` for what can never work
    :param tellers: fact type → the only service that may tell it
    """
    if stop is None:
        stop = Stop().on_signals()
    env = Env(service)
    delays = [round(float(text) * 1000) for text in env.items("RETRY_SECONDS", "1,5,15,60,300")]
    listener = Listener(service, handlers, tellers, public_keys(service), delays, env.number("PREFETCH", 16))
    names = Names.of(service)
    metrics.begin_at_zero(facts=(*handlers, "unknown"))
    run(service, lambda channel, stop: _hear(channel, listener, names, stop), stop)


def run(service: str, read: Callable[[BlockingChannel, Stop], None], stop: Stop, *, use: str = "") -> None:
    """
    Give ``read`` a channel, and a new one whenever the broker was lost, until somebody asks to stop.

    :param use: what the channel is for, as :func:`workers.chassis.broker.url` knows it
    """
    metrics.serve(service)
    tracing.configure(f"{service}_worker")
    backoff = Backoff()
    while not stop.asked:
        try:
            connection = broker.connect(service, use)
            try:
                channel = connection.channel()
                channel.confirm_delivery()
                log.info("broker reached")
                backoff.reset()
                read(channel, stop)
            finally:
                if connection.is_open:
                    connection.close()
        except BROKEN as lost:
            seconds = backoff.next()
            if stop.asked:
                break
            log.warning("broker lost", problem=repr(lost), next_try_in=seconds)
            stop.wait(seconds)
    log.info("stopped")


def _hear(channel: BlockingChannel, listener: Listener, names: Names, stop: Stop) -> None:
    broker.declare_exchanges(channel, names)
    broker.declare_listener(channel, names, listener.service, listener.handlers)
    broker.declare_retries(channel, names, listener.service, listener.delays_ms)
    channel.basic_qos(prefetch_count=listener.prefetch)
    queue = names.queue(listener.service)
    log.info("listening", queue=queue, facts=sorted(listener.handlers))
    for method, properties, body in channel.consume(queue, inactivity_timeout=_LOOK_UP_SECONDS):
        if stop.asked:
            break
        if method is None:
            continue
        _end_one(channel, listener, names, properties, body)
        channel.basic_ack(method.delivery_tag)
        if stop.asked:
            break
    # What was fetched ahead goes back to the queue when the connection closes.


def _end_one(
    channel: BlockingChannel, listener: Listener, names: Names, properties: pika.BasicProperties, body: bytes
) -> None:
    """Handle one message to one of its three endings; after this it may be acknowledged."""
    headers: dict[str, Any] = dict(properties.headers or {})
    attempt = int(headers.get(ATTEMPT_HEADER, 1))
    started = time.perf_counter()
    measured, outcome = "unknown", "handled"
    traced = tracing.span(
        f"process {names.queue(listener.service)}",
        "consumer",
        headers.get(tracing.TRACEPARENT),
        messaging__system="rabbitmq",
        messaging__operation__type="process",
        messaging__operation__name="process",
        messaging__destination__name=names.queue(listener.service),
    )
    with structlog.contextvars.bound_contextvars(attempt=attempt), traced:
        try:
            heard = Heard.from_bytes(body)
            structlog.contextvars.bind_contextvars(
                fact=heard.type, fact_id=heard.id, subject=heard.subject, request_id=heard.request_id
            )
            _check_teller(listener, heard, headers.get(TOKEN_HEADER))
            tracing.about(messaging__message__id=heard.id, cloudevents__event_type=heard.type)
            if handler := listener.handlers.get(heard.type):
                measured = heard.type
                if attempt == 1:
                    metrics.fact_waited(heard.type, heard.time)
                with metrics.in_hand(heard.time):
                    handler(heard)
                log.info("fact handled", ms=_ms_since(started), **_waited(heard, attempt))
            else:
                outcome = "ignored"
                log.warning("fact ignored", reason="nobody here hears this type")
        except Refused as refused:
            outcome = "refused"
            tracing.failed("Refused")
            log.error("fact refused", reason=str(refused), ms=_ms_since(started))
            _set_aside(channel, listener, names, headers, body, str(refused))
        except BROKEN:
            # Ours to reconnect, not the fact's fault: it stays unacknowledged and comes again.
            outcome = "again"
            raise
        except Exception as crash:
            problem = f"{crash.__class__.__name__}: {crash}"
            tracing.failed(crash.__class__.__name__)
            if attempt > len(listener.delays_ms):
                outcome = "given_up"
                log.exception("fact given up", ms=_ms_since(started))
                _set_aside(channel, listener, names, headers, body, f"failed {attempt} times, last with {problem}")
            else:
                outcome = "again"
                delay = listener.delays_ms[attempt - 1]
                log.warning("fact comes again", problem=problem, in_ms=delay, ms=_ms_since(started))
                headers |= {ATTEMPT_HEADER: attempt + 1, PROBLEM_HEADER: problem[:2_000]}
                again, waiting = names.again(listener.service), names.waiting_queue(listener.service, delay)
                broker.publish(channel, again, waiting, body, headers)
        finally:
            metrics.FACTS.labels(measured, outcome).observe(time.perf_counter() - started)
            structlog.contextvars.unbind_contextvars("fact", "fact_id", "subject", "request_id")


def _check_teller(listener: Listener, heard: Heard, token: object) -> None:
    teller = listener.tellers.get(heard.type, heard.source)
    if heard.source != teller:
        raise Refused(f"{heard.type} is told by {teller}, not by {heard.source}")
    try:
        claims = verify(token, audience=listener.service, issuer=teller, public_keys=listener.public_keys)
    except UnknownService as unknown:
        raise Refused(str(unknown)) from unknown
    if claims.get("sub") != heard.id or claims.get("typ_fact") != heard.type:
        raise Refused("the service token was signed for another fact")


def _set_aside(
    channel: BlockingChannel, listener: Listener, names: Names, headers: Mapping[str, Any], body: bytes, reason: str
) -> None:
    marked = broker.set_aside_headers(headers, listener=listener.service, reason=reason)
    broker.publish(channel, names.dead, "", body, marked)


def _waited(heard: Heard, attempt: int) -> dict[str, float]:
    """How old the fact was when its turn came; not of one that waited for its next try."""
    if attempt > 1:
        return {}
    with suppress(ValueError):
        told = datetime.fromisoformat(heard.time)
        return {"waited_ms": round((datetime.now(UTC) - told).total_seconds() * 1000, 1)}
    return {}


def _ms_since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)
