"""A fact has three endings, whatever happens to the process that reads it."""

import json
import re
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

import jwt
import pytest
from pika.adapters.blocking_connection import BlockingChannel
from prometheus_client import REGISTRY

from tests.workers.proxy import proxy_to
from tests.workers.servers import RABBITMQ_URL, Server, eventually, take, waiting
from workers.chassis import broker
from workers.chassis.broker import Names
from workers.chassis.facts import Heard, Refused, fact
from workers.chassis.identity import Identity, public_keys
from workers.chassis.loop import Stop, listen
from workers.chassis.metrics import FACTS

TYPE = "address.submitted.v1"
TELLERS = {TYPE: "subscribers"}


def said(subject: str = "t-1", **changes: Any) -> dict[str, Any]:
    whole = fact(TYPE, source="/subscribers", subject=subject, audience=["matching"], data={"matchTaskId": subject})
    return {**whole, **changes}


def token_for(told: Mapping[str, Any], *, issuer: str = "subscribers", **changes: Any) -> str:
    signed: dict[str, Any] = {
        "audience": told["audience"],
        "lifetime": 300,
        "subject": told["id"],
        "claims": {"typ_fact": told["type"]},
    }
    signed |= changes
    return Identity.from_environment(issuer).sign(signed.pop("audience"), **signed)


def unsigned(told: Mapping[str, Any]) -> str:
    """``alg: none``."""
    return jwt.encode(claims_of(told), "", algorithm="none")


def signed_with_what_is_public(told: Mapping[str, Any]) -> str:
    """The public key as the secret of an HMAC."""
    return jwt.encode(claims_of(told), str(public_keys("matching")["subscribers"]), algorithm="HS256")


def claims_of(told: Mapping[str, Any]) -> dict[str, Any]:
    return jwt.decode(token_for(told), options={"verify_signature": False})


@pytest.fixture
def tell(server: Server, channel: BlockingChannel) -> Callable[..., dict[str, Any]]:
    names = Names(server.namespace)
    broker.declare_exchanges(channel, names)
    broker.declare_listener(channel, names, "matching", [TYPE])

    def tell(told: dict[str, Any] | None = None, *, token: str | None = None, signed: bool = True) -> dict[str, Any]:
        told = told or said()
        headers = {"service-token": token or token_for(told)} if signed else {}
        broker.publish(channel, names.facts, TYPE, json.dumps(told).encode(), headers)
        return told

    return tell


@pytest.fixture
def hearing(server: Server) -> Iterator[Callable[[Callable[[Heard], None]], None]]:
    """Run a listener with one handler beside the test."""
    stop = Stop()
    threads: list[threading.Thread] = []

    def start(handler: Callable[[Heard], None]) -> None:
        arguments = ("matching", {TYPE: handler}, TELLERS)
        threads.append(threading.Thread(target=listen, args=arguments, kwargs={"stop": stop}, daemon=True))
        threads[-1].start()

    yield start
    stop.ask()
    for thread in threads:
        thread.join(10)


def dead_letter(channel: BlockingChannel, server: Server) -> tuple[Mapping[str, Any], Any]:
    return eventually(lambda: take(f"{server.namespace}.dead_letters"))  # type: ignore[return-value]


def test_a_handled_fact_is_gone(server: Server, tell: Any, hearing: Any) -> None:
    heard: list[Heard] = []
    told = tell()
    hearing(heard.append)

    eventually(lambda: heard)

    assert (told["id"], "t-1", "subscribers") == (heard[0].id, heard[0].text("matchTaskId"), heard[0].source)
    eventually(lambda: waiting(f"{server.namespace}.matching") == 0)
    assert waiting(f"{server.namespace}.dead_letters") == 0


def test_a_refused_fact_is_set_aside_with_the_reason(
    server: Server, channel: BlockingChannel, tell: Any, hearing: Any
) -> None:
    tries: list[str] = []

    def refuse(heard: Heard) -> None:
        tries.append(heard.id)
        raise Refused("no such country")

    hearing(refuse)
    told = tell()

    headers, body = dead_letter(channel, server)

    assert told == body
    assert (headers["reason"], headers["listener"]) == ("no such country", "matching")
    assert headers["failed-at"].endswith("Z")
    assert [told["id"]] == tries


def test_a_crash_comes_again_and_then_works(server: Server, tell: Any, hearing: Any) -> None:
    tries: list[str] = []

    def crash_once(heard: Heard) -> None:
        tries.append(heard.id)
        if len(tries) == 1:
            raise ConnectionResetError("the store went away")

    hearing(lambda heard: crash_once(heard))
    told = tell()

    eventually(lambda: len(tries) == 2)

    assert [told["id"]] * 2 == tries


def test_a_crash_that_stays_is_set_aside_after_the_last_try(
    server: Server, channel: BlockingChannel, tell: Any, hearing: Any
) -> None:
    tries: list[str] = []

    def crash(heard: Heard) -> None:
        tries.append(heard.id)
        raise ZeroDivisionError("again")

    hearing(crash)
    tell()

    headers, _ = dead_letter(channel, server)

    assert len(tries) == 3
    assert headers["reason"] == "failed 3 times, last with ZeroDivisionError: again"


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (lambda told: {"signed": False}, "missing"),
        (lambda told: {"token": token_for(told, lifetime=-60)}, "expired"),
        (lambda told: {"token": token_for(told, audience=["notifications"])}, "[Aa]udience"),
        (lambda told: {"token": token_for(told, subject="another-id")}, "another fact"),
        (lambda told: {"token": token_for(told, claims={"typ_fact": "other.fact.v1"})}, "another fact"),
        (lambda told: {"token": token_for(told, issuer="addresses")}, "refused"),
        (lambda told: {"token": token_for(told) + "x"}, "refused"),
        (lambda told: {"token": unsigned(told)}, "refused"),
        (lambda told: {"token": signed_with_what_is_public(told)}, "refused"),
    ],
    ids=[
        "missing",
        "expired",
        "for another listener",
        "of another fact",
        "of another type",
        "another's",
        "forged",
        "unsigned",
        "hmac",
    ],
)
def test_a_wrong_token_is_set_aside(
    server: Server,
    channel: BlockingChannel,
    tell: Any,
    hearing: Any,
    wrong: Callable[[dict[str, Any]], dict[str, Any]],
    reason: str,
) -> None:
    heard: list[Heard] = []
    hearing(heard.append)
    told = said()
    tell(told, **wrong(told))

    headers, _ = dead_letter(channel, server)

    assert re.search(reason, headers["reason"])
    assert heard == []


def test_only_the_teller_of_the_contract_may_tell(
    server: Server, channel: BlockingChannel, tell: Any, hearing: Any
) -> None:
    heard: list[Heard] = []
    hearing(heard.append)
    told = said(source="/addresses")
    tell(told, token=token_for(told, issuer="addresses"))

    headers, _ = dead_letter(channel, server)

    assert headers["reason"] == f"{TYPE} is told by subscribers, not by addresses"
    assert heard == []


def test_nonsense_is_set_aside(server: Server, channel: BlockingChannel, tell: Any, hearing: Any) -> None:
    hearing(lambda heard: None)
    names = Names(server.namespace)
    for body in (b"\xff\xfe", b"[]", b"{}", b'{"data": 1}'):
        broker.publish(channel, names.facts, TYPE, body, {})

    reasons = [dead_letter(channel, server)[0]["reason"] for _ in range(4)]

    assert [reason.split(":")[0] for reason in reasons] == [
        "the message is not JSON",
        "the message is no JSON object",
        "fact.data is missing",
        "fact.data is a number, not an object",
    ]


def test_a_killed_process_gives_its_fact_back(server: Server, tell: Any, hearing: Any) -> None:
    """SIGKILL in the middle of a fact: the next process hears it again."""
    process = server.process("-c", STUCK)
    tell()
    assert process.stdout
    for line in process.stdout:
        if "in hand" in line:
            break
    process.kill()
    process.wait(10)
    heard: list[Heard] = []
    hearing(heard.append)

    eventually(lambda: heard)

    assert heard[0].subject == "t-1"


def test_a_lost_broker_is_found_again(server: Server, tell: Any, hearing: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fact in hand when the connection is lost comes again; no fact is lost, the process goes on."""
    heard: list[str] = []
    with proxy_to(RABBITMQ_URL) as (url, proxy):
        monkeypatch.setenv("RABBITMQ_URL", url)

        def cut_once(fact: Heard) -> None:
            heard.append(fact.subject)
            if len(heard) == 1:
                proxy.cut()
                proxy.mend()

        hearing(cut_once)
        tell(said("t-1"))
        tell(said("t-2"))

        eventually(lambda: waiting(f"{server.namespace}.matching") == 0 and {"t-1", "t-2"} <= set(heard))

        assert heard[0] in heard[1:]
        assert waiting(f"{server.namespace}.dead_letters") == 0


def test_sigterm_ends_after_the_fact_in_hand(server: Server, tell: Any) -> None:
    """The fact in hand is finished and acknowledged, those fetched ahead stay for the next process."""
    process = server.process("-c", STUCK, STUCK_SECONDS="0.7")
    for number in range(3):
        tell(said(f"t-{number}"))
    assert process.stdout
    for line in process.stdout:
        if "in hand" in line:
            break
    process.send_signal(signal.SIGTERM)
    rest = process.communicate(timeout=15)[0]

    assert process.returncode == 0
    assert (rest.count("fact handled"), rest.count("stopped")) == (1, 1)
    eventually(lambda: waiting(f"{server.namespace}.matching") == 2)


STUCK = """
import os, threading
from workers.chassis import logs
from workers.chassis.loop import listen
logs.configure("matching")
def handle(heard):
    print("in hand", flush=True)
    threading.Event().wait(float(os.environ.get("STUCK_SECONDS", "60")))
listen("matching", {"address.submitted.v1": handle}, {"address.submitted.v1": "subscribers"})
"""


def test_what_becomes_of_facts_is_counted(server: Server, tell: Any, hearing: Any) -> None:
    def count(name: str, **labels: str) -> float:
        return REGISTRY.get_sample_value(name, {"fact": TYPE, **labels}) or 0

    outcomes = ("handled", "refused", "again", "given_up")
    before = [count("worker_fact_seconds_count", outcome=outcome) for outcome in outcomes]
    waited = count("worker_fact_waited_seconds_count")
    in_hand: list[float | None] = []

    def handle(heard: Heard) -> None:
        in_hand.append(REGISTRY.get_sample_value("worker_fact_in_hand_timestamp_seconds"))
        if heard.subject == "refuse":
            raise Refused("no such country")
        if heard.subject == "crash":
            raise ValueError("the tenth time")

    hearing(handle)
    told = tell()
    tell(said("refuse"))
    tell(said("crash"))
    tell({**said(), "type": "made.up.v1"})  # its token was signed for another fact

    def more() -> list[float]:
        after = [count("worker_fact_seconds_count", outcome=outcome) for outcome in outcomes]
        return [now - then for now, then in zip(after, before, strict=True)]

    eventually(lambda: more() == [1, 1, 2, 1])
    assert count("worker_fact_waited_seconds_count") - waited == 3
    assert in_hand[0] == datetime.fromisoformat(told["time"]).timestamp()
    assert REGISTRY.get_sample_value("worker_fact_in_hand_timestamp_seconds") == 0
    labels = {sample.labels["fact"] for sample in FACTS.collect()[0].samples}
    assert "made.up.v1" not in labels
