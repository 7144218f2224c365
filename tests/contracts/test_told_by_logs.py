"""`log.written.v1`, told by everybody, and what `logs` tells: the contract, its tellers, and everybody who hears it."""

import json
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from workers.chassis.facts import Heard
from workers.logs.batch import Batch, Tellers
from workers.logs.facts import alert_told
from workers.logs.rules import Rule
from workers.notifications import facts as notifications
from workers.notifications.letter import Kind
from workers.notifications.listener import HANDED_IN

REPOSITORY = Path(__file__).parents[2]
NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def contract(path: str) -> dict[str, Any]:
    return dict(json.loads((REPOSITORY / path).read_text()))


OUTBOX = contract("subgraphs/chassis/contracts/outbox.v1.json")
WRITTEN = contract("workers/logs/contracts/log_written.v1.json")
ALERTS = [contract(f"workers/logs/contracts/alert_{how}.v1.json") for how in ("opened", "cleared")]
ALERT = {
    "_id": "a-1",
    "status": "OPEN",
    "service": "subscribers",
    "process": None,
    "text": "many lines are errors",
    "openedAt": NOW,
    "clearedAt": None,
}


class Memory:
    """A carrier that keeps what it carried."""

    def __init__(self) -> None:
        self.batches: list[bytes] = []

    def open(self) -> None:
        """Nothing to open."""

    def carry(self, batch: bytes) -> None:
        self.batches.append(batch)

    def close(self) -> None:
        """Nothing to leave."""

    def forget(self) -> None:
        """Nothing to forget."""


@pytest.mark.parametrize("example", WRITTEN["examples"])
def test_the_writer_understands_lines(example: dict[str, Any]) -> None:
    jsonschema.validate(example, WRITTEN)
    batch = Batch.from_fact(json.dumps(example).encode())

    entries = [entry.document for entry in batch.entries(NOW, kept=timedelta(days=1))]
    assert (batch.service, batch.leaves) == (example["source"].strip("/"), example["data"]["leaves"])
    assert [entry["event"] for entry in entries] == [json.loads(line)["event"] for line in example["data"]["lines"]]


@pytest.mark.parametrize("folder", ["subgraphs.chassis", "workers.chassis", "realtime", "gateway_graphql.server"])
def test_everybody_tells_lines_as_they_are_heard(folder: str) -> None:
    carrier = Memory()
    lines = import_module(f"{folder}.log_lines").LogLines("example", carrier, process="example serve")
    lines.put('{"event": "started"}')
    lines.end()

    for batch in carrier.batches:
        jsonschema.validate(json.loads(batch), WRITTEN)
    heard = [Batch.from_fact(batch) for batch in carrier.batches]
    assert [line for batch in heard for line in batch.lines] == ['{"event": "started"}']
    assert heard[-1].leaves


@pytest.mark.parametrize("rule", Rule)
@pytest.mark.parametrize("told", ALERTS, ids=lambda told: told["$id"])
def test_the_teller_of_alerts_keeps_it(told: dict[str, Any], rule: Rule) -> None:
    said = alert_told(told["$id"], ALERT | {"rule": rule.value}, ["operator@example.org"])

    jsonschema.validate(said, told)
    jsonschema.validate(said, OUTBOX)


@pytest.mark.parametrize("told", ALERTS, ids=lambda told: told["$id"])
def test_notifications_understands_the_letter(told: dict[str, Any]) -> None:
    for example in told["examples"]:
        jsonschema.validate(example, told)
        heard = Heard.from_bytes(json.dumps(example).encode())
        (letter,) = notifications.handed_in(heard, HANDED_IN[heard.type])

        assert heard.source == notifications.TELLERS[heard.type]
        assert letter.kind is Kind.ALERT
        assert letter.body.startswith("Hello,\n\n")


def test_the_tokens_of_those_who_speak_to_no_broker_are_good() -> None:
    gateway = import_module("gateway_graphql.server.service_token")
    settings = import_module("gateway_graphql.server.settings").ServiceTokenSettings
    from tests.subgraphs.service import KEYS, PUBLIC_KEYS

    for token in (
        gateway.ServiceTokens(settings(key=KEYS["gateway"])).token_for("log_lines"),
        import_module("subgraphs.chassis.sign_lines").sign_lines("gateway", lambda: KEYS["gateway"]),
    ):
        Tellers(PUBLIC_KEYS).check(token, "gateway", datetime.now(UTC))
