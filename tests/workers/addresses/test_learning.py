"""A new address becomes part of the register when a person, or the policy, accepts it; and goes again when they undo it."""

from typing import Any

import pymongo
import pytest
from pymongo.database import Database

from tests.workers.servers import MONGO_URL, Server
from tests.workers.telling import heard
from workers.addresses import wiring
from workers.addresses.learn_address import LearntAddresses, NewAddress, Policy
from workers.addresses.listener import TELLERS, Ears
from workers.chassis.env import WrongSetting
from workers.chassis.facts import Refused

TYPED = {
    "name": None,
    "address": "7 Neue Straße",
    "postalCode": "10115",
    "city": "Berlin",
    "region": None,
    "country": "DE",
}
NEW = {"matchTaskId": "t-1", "subscriberId": "s-1", "status": "NEW", "addressId": None, "address": TYPED}
Documents = Database[dict[str, Any]]


@pytest.fixture
def documents(server: Server) -> Documents:
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(MONGO_URL, tz_aware=True)
    found = client[f"{server.namespace}_addresses"]
    found["addresses"].create_index([("source", 1), ("reference", 1)], unique=True)
    return found


class Learner:
    """The listener's ears over the real store."""

    def __init__(self, documents: Documents, policy: Policy = Policy.REVIEWED) -> None:
        self.begun: list[str] = []
        self.generations = 0
        self.ears = Ears(self.begun.append, LearntAddresses(documents), policy, self._next_generation)

    def _next_generation(self) -> None:
        self.generations += 1

    def hear(self, type: str, data: dict[str, Any], source: str = "/matching") -> None:
        self.ears.handlers()[type](heard(type, data, source=source))


def changes(documents: Documents) -> list[tuple[str, int]]:
    facts = [fact for kept in documents["outbox"].find() for fact in kept["unsent"]]
    told = [change for fact in sorted(facts, key=lambda fact: fact["data"]["addresses"][0]["version"])
            for change in fact["data"]["addresses"]]  # fmt: skip
    return [(change["change"], change["version"]) for change in told]


def test_what_a_person_calls_new_is_learnt_once(documents: Documents) -> None:
    learner = Learner(documents)
    for _ in range(2):
        learner.hear("address.review_resolved.v1", NEW)

    [found] = documents["addresses"].find()
    assert (found["source"], found["reference"], found["status"], found["version"]) == ("learnt", "t-1", "ACTIVE", 1)
    assert found["searchText"] == ["10115", "7", "berlin", "neue", "straße"]
    assert changes(documents) == [("added", 1)]
    assert learner.generations == 1


@pytest.mark.parametrize(
    ("policy", "subscriber", "learnt"),
    [
        (Policy.REVIEWED, "s-1", 0),
        (Policy.ACCEPT, "s-1", 1),
        # Somebody who only asks has not said that the address exists.
        (Policy.ACCEPT, None, 0),
    ],
)
def test_what_matching_calls_new_is_learnt_as_the_policy_says(
    documents: Documents, policy: Policy, subscriber: str | None, learnt: int
) -> None:
    Learner(documents, policy).hear("address.matched.v1", NEW | {"subscriberId": subscriber})

    assert documents["addresses"].count_documents({}) == learnt


def test_a_match_teaches_nothing(documents: Documents) -> None:
    Learner(documents, Policy.ACCEPT).hear("address.matched.v1", NEW | {"status": "MATCHED", "addressId": "a-1"})

    assert documents["addresses"].count_documents({}) == 0


def test_a_decision_taken_back_takes_the_address_back_and_one_made_again_brings_it(documents: Documents) -> None:
    learner = Learner(documents)
    learner.hear("address.review_resolved.v1", NEW)
    for _ in range(2):
        learner.hear("address.review_resolved.v1", NEW | {"status": "IN_REVIEW"})
    assert documents["addresses"].find_one({})["status"] == "REMOVED"  # type: ignore[index]
    learner.hear("address.review_resolved.v1", NEW)

    assert documents["addresses"].find_one({})["status"] == "ACTIVE"  # type: ignore[index]
    assert changes(documents) == [("added", 1), ("removed", 2), ("added", 3)]


def test_an_address_somebody_has_worked_on_since_stays(documents: Documents) -> None:
    learner = Learner(documents)
    learner.hear("address.review_resolved.v1", NEW)
    documents["addresses"].update_one({}, {"$set": {"city": "Potsdam"}, "$currentDate": {"updatedAt": True}})
    learner.hear("address.review_resolved.v1", NEW | {"status": "IN_REVIEW"})

    assert documents["addresses"].find_one({})["status"] == "ACTIVE"  # type: ignore[index]


def test_state_and_promise_land_together_or_not_at_all(documents: Documents, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr(LearntAddresses, "_tell", fails)
    with pytest.raises(RuntimeError):
        LearntAddresses(documents).learn(NewAddress("t-1", TYPED))

    assert documents["addresses"].count_documents({}) == 0


def test_an_import_that_is_asked_for_begins(documents: Documents) -> None:
    learner = Learner(documents)
    learner.hear("import.requested.v1", {"importId": "i-1", "attempt": 1}, source="/addresses")

    assert learner.begun == ["i-1"]
    assert set(learner.ears.handlers()) == set(TELLERS)


@pytest.mark.parametrize("broken", [{"address": {"address": ""}}, {"address": None}, {"matchTaskId": ""}])
def test_a_new_address_that_says_nothing_is_refused(documents: Documents, broken: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        Learner(documents).hear("address.review_resolved.v1", NEW | broken)


def test_a_policy_nobody_knows_is_refused_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADDRESSES_LEARN_NEW", "sometimes")
    with pytest.raises(WrongSetting, match="write reviewed or accept"):
        wiring.policy()
