"""From facts to letters: one for a reason, never two, and the truth about how it ended."""

import itertools
import json
import os
import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pymongo
import pytest
from pika.adapters.blocking_connection import BlockingChannel
from pymongo.database import Database

from tests.workers.notifications.mail_server import MailServer
from tests.workers.servers import MONGO_URL, Server, eventually
from tests.workers.telling import examples, heard, made, tell, wait_for_listener
from workers.chassis.facts import Refused
from workers.notifications.facts import TELLERS
from workers.notifications.listener import Ears, write_when_still_in_review
from workers.notifications.post import PerhapsSent, Rejected, TryLater
from workers.notifications.recipients import Recipients
from workers.notifications.send_letter import NotNow, send_letter
from workers.notifications.store import Notifications

REPOSITORY = Path(__file__).parents[3]
Documents = Database[dict[str, Any]]
TYPED = {
    "name": None,
    "address": "12 rue d Lilas",
    "postalCode": "76000",
    "city": "Rouen",
    "region": None,
    "country": "FR",
}
KNOWN = {**TYPED, "address": "12 Rue des Lilas"}
SUBMITTED = {
    "matchTaskId": "t-1",
    "subscriberId": "s-1",
    "recipient": {"name": "Ada Lovelace", "email": "ada@example.org"},
    "address": TYPED,
}
MATCHED = {"matchTaskId": "t-1", "subscriberId": "s-1", "status": "MATCHED", "addressId": "a-1", "address": TYPED}
IN_REVIEW = MATCHED | {"status": "IN_REVIEW", "addressId": None}
NEW = MATCHED | {"status": "NEW", "addressId": None}


@pytest.fixture
def documents(server: Server) -> Documents:
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(MONGO_URL, tz_aware=True)
    return client[f"{server.namespace}_notifications"]


class Office:
    """The listener's ears over the real store, and a list where the tasks would go."""

    def __init__(self, documents: Documents) -> None:
        self.documents = documents
        self.to_send: list[str] = []
        self.to_look_at: list[str] = []
        self.recipients = Recipients(documents)
        self.notifications = Notifications(documents, domain="doorstep.example")
        self.ears = Ears(self.recipients, self.notifications, self.to_send.append, self.to_look_at.append)

    def hear(self, type: str, data: dict[str, Any], second: int = 0) -> None:
        at = f"2026-03-01T09:30:{second:02}.000Z"
        self.ears.handlers()[type](heard(type, data, source=f"/{TELLERS[type]}", time=at))

    def a_while_passes(self) -> None:
        for task in self.to_look_at:
            write_when_still_in_review(
                task,
                recipients=self.recipients,
                notifications=self.notifications,
                send_letter=self.to_send.append,
            )

    def letters(self) -> list[tuple[str, str]]:
        found = self.documents["notifications"].find().sort("kind")
        return [(letter["kind"], letter["status"]) for letter in found]

    def body(self) -> str:
        [letter] = self.documents["notifications"].find()
        return str(letter["body"])


@pytest.fixture
def office(documents: Documents) -> Office:
    return Office(documents)


STEPS = [("address.submitted.v1", SUBMITTED, 0), ("address.matched.v1", MATCHED | {"knownAddress": KNOWN}, 1)]


@pytest.mark.parametrize("order", list(itertools.permutations((0, 1, 0, 1))))
def test_one_letter_in_whatever_order_and_however_often_facts_are_heard(office: Office, order: tuple[int, ...]) -> None:
    for index in order:
        office.hear(*STEPS[index])

    assert office.letters() == [("CONFIRMED", "INTENDED")]
    assert set(office.to_send) == {office.documents["notifications"].find_one({})["_id"]}  # type: ignore[index]
    assert "12 Rue des Lilas" in office.body()


def test_a_letter_is_what_its_contract_says(office: Office) -> None:
    for step in STEPS:
        office.hear(*step)

    schema = json.loads((REPOSITORY / "subgraphs/notifications/contracts/notification.document.json").read_text())
    [letter] = office.documents["notifications"].find()
    jsonschema.validate({name: str(value) if name == "intendedAt" else value for name, value in letter.items()}, schema)


def test_an_address_that_is_new_is_confirmed_as_it_was_typed(office: Office) -> None:
    office.hear("address.submitted.v1", SUBMITTED)
    office.hear("address.matched.v1", NEW, 1)

    assert office.letters() == [("CONFIRMED_AS_TYPED", "INTENDED")]
    assert "12 rue d Lilas" in office.body()


def test_a_review_that_takes_long_gets_a_letter_and_then_the_verdict(office: Office) -> None:
    office.hear("address.submitted.v1", SUBMITTED)
    office.hear("address.review_requested.v1", IN_REVIEW | {"knownAddress": KNOWN}, 1)
    assert office.letters() == []
    office.a_while_passes()
    office.a_while_passes()
    assert office.letters() == [("CHECKING", "INTENDED")]
    # Nobody has said yet that the candidate is the one.
    assert "12 rue d Lilas" in office.body()
    office.hear("address.review_resolved.v1", MATCHED, 2)

    assert office.letters() == [("CHECKING", "INTENDED"), ("CONFIRMED", "INTENDED")]


def test_a_review_that_is_over_soon_gets_the_verdict_alone(office: Office) -> None:
    office.hear("address.submitted.v1", SUBMITTED)
    office.hear("address.review_requested.v1", IN_REVIEW, 1)
    office.hear("address.review_resolved.v1", NEW, 2)
    # The request to look comes once more, after the fact.
    office.hear("address.review_requested.v1", IN_REVIEW, 1)
    office.a_while_passes()

    assert office.letters() == [("CONFIRMED_AS_TYPED", "INTENDED")]


def test_a_failure_is_no_reason_to_write(office: Office) -> None:
    office.hear("address.submitted.v1", SUBMITTED)
    office.hear("address.review_requested.v1", IN_REVIEW, 1)
    office.hear("address.match_failed.v1", MATCHED | {"status": "FAILED", "problem": "no index"}, 2)
    office.a_while_passes()

    assert office.letters() == []


@pytest.mark.parametrize(
    ("type", "data"),
    [
        ("address.changed.v1", SUBMITTED | {"matchTaskId": "t-2", "previousMatchTaskId": "t-1"}),
        ("subscriber.unsubscribed.v1", {"subscriberId": "s-1", "matchTaskId": "t-1"}),
    ],
)
def test_nobody_is_written_to_about_an_address_that_is_given_up(
    office: Office, type: str, data: dict[str, Any]
) -> None:
    office.hear("address.submitted.v1", SUBMITTED)
    office.hear(type, data, 1)
    office.hear("address.matched.v1", MATCHED, 2)

    assert office.letters() == []


def test_an_address_nobody_subscribed_with_gets_no_letter(office: Office) -> None:
    office.hear("address.matched.v1", MATCHED | {"subscriberId": None})

    assert office.letters() == []
    assert office.documents["recipients"].count_documents({}) == 0


def test_an_address_that_looks_like_an_expression_stays_an_address(office: Office) -> None:
    office.hear("address.submitted.v1", SUBMITTED)
    office.hear("address.matched.v1", MATCHED | {"knownAddress": KNOWN | {"address": "$email"}}, 1)

    assert "    $email\n" in office.body()


def test_a_verdict_nobody_knows_is_refused(office: Office) -> None:
    with pytest.raises(Refused, match="not one of"):
        office.hear("address.matched.v1", MATCHED | {"status": "PERHAPS"})


class Postman:
    """Does as told."""

    def __init__(self, *outcomes: Exception | None) -> None:
        self.outcomes = list(outcomes)
        self.carried: list[str] = []

    def send(self, message: Any, sender: str, recipient: str) -> None:
        self.carried.append(str(message["Message-ID"]))
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if outcome:
            raise outcome


def one_letter(office: Office) -> str:
    for step in STEPS:
        office.hear(*step)
    return office.to_send[0]


def deliver(office: Office, letter: str, postman: Postman, patience: float = 60) -> None:
    send_letter(
        letter,
        notifications=office.notifications,
        post=postman,
        sender="Doorstep <letters@doorstep.example>",
        patience=timedelta(seconds=patience),
    )


def state(office: Office) -> dict[str, Any]:
    [letter] = office.documents["notifications"].find()
    return letter


def test_a_letter_asked_for_often_is_sent_once(office: Office) -> None:
    letter, postman = one_letter(office), Postman()
    for _ in range(3):
        deliver(office, letter, postman)

    assert len(postman.carried) == 1
    assert (state(office)["status"], state(office)["attempts"]) == ("SENT", 1)
    [fact] = state(office)["unsent"]
    jsonschema.validate(
        fact, json.loads((REPOSITORY / "workers/notifications/contracts/letter_sent.v1.json").read_text())
    )


def test_a_server_that_asks_to_come_back_gets_the_same_letter_later(office: Office) -> None:
    letter, postman = one_letter(office), Postman(TryLater("busy"), None)
    with pytest.raises(NotNow, match="busy"):
        deliver(office, letter, postman)
    assert (state(office)["status"], state(office)["problem"]) == ("INTENDED", "busy")
    deliver(office, letter, postman)

    assert state(office)["status"] == "SENT"
    assert len(set(postman.carried)) == 1
    assert len(state(office)["unsent"]) == 1


def test_a_letter_the_server_refuses_is_failed_and_told(office: Office) -> None:
    letter, postman = one_letter(office), Postman(Rejected("550: no such mailbox"))
    for _ in range(2):
        deliver(office, letter, postman)

    assert (state(office)["status"], state(office)["problem"]) == ("FAILED", "550: no such mailbox")
    [fact] = state(office)["unsent"]
    schema = json.loads((REPOSITORY / "workers/notifications/contracts/letter_failed.v1.json").read_text())
    jsonschema.validate(fact, schema)
    assert len(postman.carried) == 1


def test_what_cannot_be_addressed_never_reaches_the_server(office: Office) -> None:
    recipient = {"name": "Ada", "email": "ada@example.org>\r\nDATA"}
    office.hear("address.submitted.v1", SUBMITTED | {"recipient": recipient})
    office.hear("address.matched.v1", MATCHED, 1)
    postman = Postman()
    deliver(office, office.to_send[0], postman)

    assert state(office)["status"] == "FAILED"
    assert postman.carried == []


def test_when_the_line_breaks_after_the_letter_was_handed_over_nobody_sends_it_again(office: Office) -> None:
    letter, postman = one_letter(office), Postman(PerhapsSent("the connection broke"))
    for _ in range(3):
        deliver(office, letter, postman)

    assert state(office)["status"] == "UNKNOWN"
    assert len(postman.carried) == 1


class Killed(BaseException):
    """The process ends here, without a word."""


def test_what_a_killed_process_leaves_behind_is_unknown_and_not_sent_again(office: Office) -> None:
    letter, postman = one_letter(office), Postman(Killed())  # type: ignore[arg-type]
    with pytest.raises(Killed):
        deliver(office, letter, postman)
    assert state(office)["status"] == "SENDING"
    with pytest.raises(NotNow, match="somebody is sending"):
        deliver(office, letter, postman)
    deliver(office, letter, postman, patience=0)

    assert state(office)["status"] == "UNKNOWN"
    assert len(postman.carried) == 1


def test_who_was_taken_for_dead_and_was_only_slow_tells_the_truth(office: Office) -> None:
    letter = one_letter(office)

    class Slow(Postman):
        def send(self, message: Any, sender: str, recipient: str) -> None:
            super().send(message, sender, recipient)
            deliver(office, letter, Postman(), patience=0)
            assert state(office)["status"] == "UNKNOWN"

    deliver(office, letter, Slow())

    assert state(office)["status"] == "SENT"


def test_a_letter_a_person_asks_for_again_is_sent_again_under_the_same_id(office: Office) -> None:
    letter, postman = one_letter(office), Postman(PerhapsSent("broke"), None)
    deliver(office, letter, postman)
    # What the subgraph does on resendNotification.
    office.documents["notifications"].update_one({}, {"$set": {"status": "INTENDED", "problem": None}})
    office.hear("letter.requested.v1", {"notificationId": letter})
    assert office.to_send[-1] == letter
    deliver(office, letter, postman)

    assert (state(office)["status"], state(office)["attempts"]) == ("SENT", 2)
    assert len(set(postman.carried)) == 1


def test_a_letter_tried_often_enough_is_failed(office: Office) -> None:
    letter = one_letter(office)
    for _ in range(2):
        office.notifications.give_up(letter, "the mail server does not answer")

    assert state(office)["status"] == "FAILED"
    assert len(state(office)["unsent"]) == 1


def test_every_fact_that_is_heard_has_a_teller(office: Office) -> None:
    assert set(office.ears.handlers()) == set(TELLERS)


@pytest.mark.parametrize("name", ["address_submitted", "address_changed", "subscriber_unsubscribed"])
def test_what_subscribers_tells_is_understood(office: Office, name: str) -> None:
    for example in examples(f"subgraphs/subscribers/contracts/{name}.v1.json"):
        office.hear(example["type"], example["data"])

    assert office.documents["recipients"].count_documents({}) >= 1


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


def test_the_real_processes_send_one_letter_each_though_the_worker_is_killed_in_between(
    server: Server, channel: BlockingChannel, documents: Documents, mail: MailServer
) -> None:
    settings = {"SMTP_URL": mail.url, "SMTP_TIMEOUT": "1"}
    listener = server.process("-m", "workers.notifications", "listen", **settings)
    queue = f"{server.namespace}.tasks.notifications"
    arguments = ("-m", "celery", "-A", "workers.notifications.tasks", "worker", "-Q", queue, "-c", "1", "-l", "WARNING")
    worker = server.process(*arguments, **settings)
    # The third letter is handed over and taken; the worker dies before it hears so.
    mail.answers["CONTENT"] = ["250 taken", "250 taken", "hang"]
    try:
        wait_for_listener(channel, server, "notifications")
        wait_for_listener(channel, server, "tasks.notifications")
        for number in range(6):
            one = {"matchTaskId": f"t-{number}", "subscriberId": f"s-{number}"}
            tell(channel, server, made("address.submitted.v1", SUBMITTED | one, source="/subscribers"))
            tell(channel, server, made("address.matched.v1", MATCHED | one))
        eventually(lambda: len(mail.taken) >= 3, within=30)
        kill_all(worker.pid)
        worker.wait()
        mail.let_go.set()
        worker = server.process(*arguments, **settings)
        eventually(
            lambda: (
                sorted(letter["status"] for letter in documents["notifications"].find()) == ["SENT"] * 5 + ["UNKNOWN"]
            ),
            within=60,
        )
    finally:
        for process in (listener, worker):
            process.terminate()
        for process in (listener, worker):
            process.wait(20)

    ids = [line for taken in mail.taken for line in taken.splitlines() if line.lower().startswith(b"message-id")]
    assert len(ids) == len(set(ids)) == 6


def kill_all(pid: int) -> None:
    """SIGKILL for a Celery worker and its children at once."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for number in (pid, *map(int, children)):
        os.kill(number, signal.SIGKILL)
