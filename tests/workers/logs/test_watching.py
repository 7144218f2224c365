"""Alerts open when something is wrong and clear when it is well again, once each; who is to know is told."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jsonschema
import pymongo
import pytest
from pymongo.errors import WriteError

from tests.workers.logs.saying import CONTRACTS, Documents, batch, prepared
from tests.workers.servers import MONGO_URL, Server
from workers.logs.alerts import Alerts
from workers.logs.batch import Batch
from workers.logs.look import Look
from workers.logs.rules import Bounds, Judge, Reading, Rule
from workers.logs.store import LogStore
from workers.logs.watch import Watcher
from workers.logs.webhook import HttpWebhook, NotTaken

REPOSITORY = Path(__file__).parents[3]
OPENED, CLEARED = (
    json.loads((REPOSITORY / f"workers/logs/contracts/alert_{how}.v1.json").read_text())
    for how in ("opened", "cleared")
)
DOCUMENT = json.loads((CONTRACTS / "alert.document.json").read_text())
BOUNDS = Bounds(open_at=0.05, clear_at=0.01, least=5, open_after=2, clear_after=3)


def reading(value: float, bad: int = 10, rule: Rule = Rule.ERROR_RATE) -> Reading:
    return Reading(rule, "subscribers", value, bad, "many lines are errors")


def judged(*values: float, bad: int = 10) -> list[bool]:
    """Whether an alert is open after each of these readings."""
    judge, is_open, found = Judge(dict.fromkeys(Rule, BOUNDS)), frozenset[str](), []
    for value in values:
        one = reading(value, bad)
        opened, cleared = judge.opened([one], is_open), judge.cleared([one], is_open)
        is_open = (is_open | {each.key for each in opened}) - frozenset(cleared)
        found.append(bool(is_open))
    return found


def test_one_bad_look_is_no_alert_and_one_good_one_is_no_end() -> None:
    assert judged(0.5, 0, 0.5, 0.5, 0, 0, 0.5, 0, 0, 0) == [
        *(False, False, False, True),
        *(True, True, True, True, True, False),
    ]


def test_what_hovers_between_the_bounds_opens_and_clears_nothing() -> None:
    assert judged(0.03, 0.04, 0.03, 0.04) == [False] * 4
    assert judged(0.5, 0.5, 0.04, 0.02, 0.04, 0.02, 0.04) == [False, *[True] * 6]


def test_a_few_bad_ones_prove_nothing() -> None:
    assert judged(1, 1, 1, bad=4) == [False] * 3


class Remembering:
    """A webhook that takes calls, or refuses as many as it is told."""

    def __init__(self) -> None:
        self.calls: list[Mapping[str, Any]] = []
        self.refuses = 0

    def call(self, call: Mapping[str, Any]) -> None:
        self.calls.append(dict(call))
        if self.refuses:
            self.refuses -= 1
            raise NotTaken("answered 503")


class Office:
    """A watcher over the real store, whose clock the test moves."""

    def __init__(self, documents: Documents) -> None:
        self.documents = prepared(documents)
        self.store = LogStore(documents)
        self.now = datetime.now(UTC)
        self.connected = self.now - timedelta(hours=1)
        self.webhook = Remembering()
        silence = Bounds(60, 60, 0, 2, 3)
        self.watcher = Watcher(
            Look(documents, window=60, slow_ms=1_000, old_ms=60_000, patience=60),
            Judge({rule: silence if rule is Rule.SILENCE else BOUNDS for rule in Rule}),
            Alerts(documents, letters_to=["operator@example.org"], calls=True, tries=3),
            self.webhook,
            timedelta(seconds=60),
        )

    def says(self, *lines: Mapping[str, Any], process: str = "serve", leaves: bool = False) -> None:
        """A process says these lines, or only that it is alive."""
        told = [json.dumps({"level": "info", "time": self.now.isoformat(), **one}) for one in lines]
        said = Batch.from_fact(json.dumps(batch(*told, process=process, leaves=leaves)).encode())
        self.store.add([entry.document for entry in said.entries(self.now, kept=timedelta(days=1))])
        self.store.heard([said], self.now, connected_since=self.connected)

    def looks(self, times: int = 1, *, every: float = 10) -> None:
        for _ in range(times):
            self.now += timedelta(seconds=every)
            self.store.heard([], self.now, connected_since=self.connected)
            self.watcher.look_once(self.now)

    def alerts(self) -> list[tuple[str, str]]:
        return [(one["rule"], one["status"]) for one in self.documents["alerts"].find().sort("openedAt", 1)]


@pytest.fixture
def office(server: Server) -> Office:
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(MONGO_URL, tz_aware=True)
    return Office(client[f"{server.namespace}_logs"])


GOOD = {"event": "request answered", "status": 200, "ms": 4}
FAULTS: dict[str, Mapping[str, Any]] = {
    "ERROR_RATE": {"event": "resolver failed", "level": "error"},
    "LATENCY": {"event": "request answered", "status": 200, "ms": 4_000},
    "QUEUE_AGE": {"event": "fact handled", "waited_ms": 90_000},
}


@pytest.mark.parametrize("rule", FAULTS)
def test_a_fault_opens_an_alert_and_its_end_clears_it(office: Office, rule: str) -> None:
    office.says(*[GOOD] * 50, *[FAULTS[rule]] * 10)
    office.looks(3)
    assert office.alerts() == [(rule, "OPEN")]
    # Its lines are out of the window now.
    office.looks(1, every=60)
    office.says(*[GOOD] * 50)
    office.looks(3)

    assert office.alerts() == [(rule, "CLEARED")]
    (alert,) = office.documents["alerts"].find()
    opened, cleared = alert["unsent"]
    jsonschema.validate(opened, OPENED)
    jsonschema.validate(cleared, CLEARED)
    assert (
        opened["data"]["letter"]["recipients"][0]["letterId"] != cleared["data"]["letter"]["recipients"][0]["letterId"]
    )
    shown = {**alert, "openedAt": str(alert["openedAt"]), "clearedAt": str(alert["clearedAt"])}
    shown["calls"] = [{**call, "nextAt": str(call["nextAt"])} for call in alert["calls"]]
    jsonschema.validate(shown, DOCUMENT)


def test_answers_that_fail_are_errors_too(office: Office) -> None:
    office.says(*[GOOD] * 50, *[{**GOOD, "status": 502}] * 10)
    office.looks(2)

    assert office.alerts() == [("ERROR_RATE", "OPEN")]


def test_a_process_that_is_not_heard_any_more_is_missed_until_it_is_back(office: Office) -> None:
    office.says(process="listen")
    office.says(process="serve")
    for _ in range(8):
        office.looks()
        office.says(process="serve")
    (alert,) = office.documents["alerts"].find()
    assert (alert["rule"], alert["status"], alert["process"]) == ("SILENCE", "OPEN", "listen")
    for _ in range(3):
        office.says(process="listen")
        office.looks()

    assert office.alerts() == [("SILENCE", "CLEARED")]


def test_a_process_that_left_in_order_is_not_missed(office: Office) -> None:
    office.says(process="listen")
    office.says(process="listen", leaves=True)
    for _ in range(10):
        office.says(process="serve")
        office.looks()

    assert office.alerts() == []


def test_while_no_lines_come_the_writer_is_missed_and_nobody_else(office: Office) -> None:
    office.says(*[FAULTS["ERROR_RATE"]] * 10, process="serve")
    office.looks(2)
    assert office.alerts() == [("ERROR_RATE", "OPEN")]
    for _ in range(20):
        office.now += timedelta(seconds=10)
        office.watcher.look_once(office.now)
    assert office.alerts() == [("ERROR_RATE", "OPEN"), ("SILENCE", "OPEN")]
    (alert,) = office.documents["alerts"].find({"rule": "SILENCE"})
    assert (alert["service"], alert["process"]) == ("logs", "workers.logs write")
    # It is back. Who was silent meanwhile may have spoken all the time.
    office.connected = office.now
    office.looks(4)

    assert office.alerts() == [("ERROR_RATE", "CLEARED"), ("SILENCE", "CLEARED")]


def test_of_one_thing_there_is_one_alert_whoever_watches(office: Office) -> None:
    office.says(*[FAULTS["ERROR_RATE"]] * 10)
    other = Judge(office.watcher.judge.bounds)
    office.looks(2)
    office.watcher.judge = other
    office.looks(3)
    first, second = (
        Alerts(office.documents, letters_to=[], calls=False, tries=1).open(reading(0.5), office.now) for _ in range(2)
    )

    assert (first, second) == (False, False)
    assert office.alerts() == [("ERROR_RATE", "OPEN")]


def test_a_webhook_that_refuses_is_called_again_and_given_up_in_the_end(office: Office) -> None:
    office.says(*[FAULTS["ERROR_RATE"]] * 10)
    office.looks(2)
    office.webhook.refuses = 1
    office.watcher.call(office.now)
    office.watcher.call(office.now)
    assert len(office.webhook.calls) == 1
    office.watcher.call(office.now + timedelta(seconds=3))
    office.watcher.call(office.now + timedelta(seconds=3))
    first, again = office.webhook.calls
    assert first["id"] == again["id"]
    assert office.documents["alerts"].find_one({}, {"calls.status": 1})["calls"] == [{"status": "TAKEN"}]  # type: ignore[index]

    office.webhook.refuses = 100
    office.looks(1, every=60)
    office.says(GOOD)
    office.looks(3)
    for minute in range(10):
        office.watcher.call(office.now + timedelta(minutes=minute))

    assert len(office.webhook.calls) == 2 + 3
    assert [call["status"] for call in office.documents["alerts"].find_one()["calls"]] == ["TAKEN", "GIVEN_UP"]  # type: ignore[index]


def test_the_database_refuses_what_breaks_the_contract(office: Office) -> None:
    office.says(*[FAULTS["ERROR_RATE"]] * 10)
    office.looks(2)

    with pytest.raises(WriteError, match="failed validation"):
        office.documents["alerts"].update_one({}, {"$set": {"status": "PERHAPS"}})


@pytest.fixture
def called() -> Iterator[tuple[str, list[tuple[Mapping[str, str], bytes]], list[int]]]:
    """A server of the web that is called; with which status it answers next."""
    taken: list[tuple[Mapping[str, str], bytes]] = []
    answers: list[int] = []

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(answers.pop(0) if answers else 204)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing to say."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/alerts", taken, answers
    server.shutdown()
    server.server_close()


def test_a_call_is_signed_with_its_time(called: Any) -> None:
    url, taken, _ = called
    HttpWebhook(url, lambda: "a secret").call({"id": "c-1", "type": "alert.opened.v1", "alert": {"id": "a-1"}})

    ((headers, body),) = taken
    at, given = (part.split("=")[1] for part in headers["Doorstep-Signature"].split(","))
    expected = hmac.new(b"a secret", at.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(given, expected)
    assert abs(datetime.now(UTC).timestamp() - int(at)) < 60
    assert json.loads(body) == {"id": "c-1", "type": "alert.opened.v1", "alert": {"id": "a-1"}}
    assert headers["Doorstep-Delivery"] == "c-1"


@pytest.mark.parametrize("status", [302, 404, 500])
def test_what_is_not_taken_says_why_and_nobody_is_sent_elsewhere(called: Any, status: int) -> None:
    url, taken, answers = called
    answers.append(status)

    with pytest.raises(NotTaken, match=f"answered {status}"):
        HttpWebhook(url, lambda: "a secret").call({"id": "c-1", "type": "t", "alert": {}})
    assert len(taken) == 1


def test_a_webhook_that_is_not_there_is_not_taken() -> None:
    with pytest.raises(NotTaken, match="ClientConnectorError"):
        HttpWebhook("http://127.0.0.1:1/", lambda: "a secret").call({"id": "c-1", "type": "t", "alert": {}})
