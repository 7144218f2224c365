"""What reviewers decided in the running system is learned from: the candidates they saw, and the one they took."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymongo
import pytest
from pymongo.database import Database

from tests.workers.servers import MONGO_URL, Server
from workers.matching.__main__ import main
from workers.matching.index.mongo import Change, MongoIndex
from workers.matching.learn.train import reviewed
from workers.matching.match_submission import match_submission
from workers.matching.matcher import Address, Thresholds
from workers.matching.matcher.weights import weights
from workers.matching.task_store import TaskStore

KNOWN = {
    "a-1": Address("12 rue des Lilas", postal_code="76000", city="Rouen", country="FR"),
    "a-2": Address("12 rue des Lilas", postal_code="76100", city="Rouen", country="FR"),
}
ALWAYS_REVIEW = Thresholds(match=1.1, review=0.0)


@pytest.fixture
def database(server: Server) -> Iterator[Database[dict[str, Any]]]:
    with pymongo.MongoClient(MONGO_URL) as client:
        database = client[f"{server.namespace}_matching"]
        index = MongoIndex(database)
        index.prepare()
        index.keep(Change(id, 1, address) for id, address in KNOWN.items())
        yield database


def review(
    database: Database[dict[str, Any]], id: str, typed: str, *, takes: str | None, by: str | None = "ada"
) -> None:
    """An address is typed, goes to review, and a reviewer takes a candidate, or none."""
    tasks = TaskStore(database)
    tasks.queue(id, Address(typed, city="Rouen", country="FR").as_document(), None)
    match_submission(id, tasks=tasks, index=MongoIndex(database), thresholds=ALWAYS_REVIEW)
    decided = {"status": "MATCHED" if takes else "NEW", "addressId": takes, "reviewer": by}
    outcome = database["match_tasks"].update_one({"_id": id, "status": "IN_REVIEW"}, {"$set": decided})
    assert outcome.modified_count == 1


def test_a_decision_is_an_example_with_the_candidates_that_were_seen(database: Database[dict[str, Any]]) -> None:
    review(database, "t-1", "12 rue des Lila", takes="a-1")
    review(database, "t-2", "12 rue des Lys", takes=None)

    taken, none = sorted(reviewed(database), key=lambda example: len(example.meant), reverse=True)

    assert taken.source == none.source == "reviews"
    (meant,) = taken.meant
    assert len(taken.candidates) == 2
    assert ("city", "said", 1.0) in taken.candidates[meant]
    assert taken.is_there
    assert not none.meant
    assert not none.is_there


def test_what_no_person_decided_is_no_example(database: Database[dict[str, Any]]) -> None:
    review(database, "t-1", "12 rue des Lila", takes="a-1", by=None)

    assert not list(reviewed(database))


def test_an_address_that_went_since_says_nothing_any_more(database: Database[dict[str, Any]]) -> None:
    review(database, "t-1", "12 rue des Lila", takes="a-1")
    database["known_addresses"].delete_one({"_id": "a-1"})

    assert not list(reviewed(database))


def test_decisions_change_the_weights(
    database: Database[dict[str, Any]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Reviewers of this register never take a slip for the street.
    for number in range(40):
        review(database, f"t-{number}", "12 rue des Lilos", takes=None)
    file = tmp_path / "weights.json"
    capsys.readouterr()

    assert main(["learn", "--made", "0", "--reviews", "--output", str(file)]) == 0

    said = json.loads(capsys.readouterr().out)
    assert said["trained_on"] == {"reviews": 32}
    assert said["held_out"]["reviews"]["queries"] == 8
    assert weights(file).prior < weights().prior


def test_there_must_be_something_to_learn_from(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["learn", "--made", "0"])

    assert "nothing to learn from" in capsys.readouterr().err
