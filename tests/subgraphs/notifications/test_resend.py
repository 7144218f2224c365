"""A person may ask for a letter again; whoever asks twice gets it once."""

import asyncio
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from subgraphs.notifications import resend_notification as use_case

CONTRACTS = Path(__file__).parents[3] / "subgraphs/notifications/contracts"
RESEND = """
mutation ($id: ID!) {
  done: resendNotification(id: $id) { notification { id status problem sentAt } problems { field code message } }
}
"""


def _told(db: Any) -> list[str]:
    facts = [fact for waiting in db["outbox"].find() for fact in waiting["unsent"]]
    for fact in facts:
        jsonschema.validate(fact, json.loads((CONTRACTS / "letter_requested.v1.json").read_text()))
    return [fact["data"]["notificationId"] for fact in facts]


@pytest.mark.parametrize("status", ["SENT", "FAILED", "UNKNOWN"])
async def test_it_is_intended_again_with_its_fact(ask, db, written, status: str) -> None:
    (id, other) = written({"status": status, "problem": "x", "unsent": []}, {})
    before = db["notifications"].find_one({"_id": id})

    done = (await ask(RESEND, id=id)).data["done"]

    assert done == {"notification": {"id": id, "status": "INTENDED", "problem": None, "sentAt": None}, "problems": []}
    assert _told(db) == [id]
    changed = {"status": "INTENDED", "problem": None, "sentAt": None}
    assert db["notifications"].find_one({"_id": id}) == before | changed, "nothing else is touched"
    assert db["notifications"].find_one({"_id": other})["status"] == "SENT"


@pytest.mark.parametrize("status", ["INTENDED", "SENDING"])
async def test_not_while_it_is_on_its_way(ask, db, written, status: str) -> None:
    (id,) = written({"status": status})

    done = (await ask(RESEND, id=id)).data["done"]

    assert [(problem["field"], problem["code"]) for problem in done["problems"]] == [("id", "NOT_SENT_YET")]
    assert done["notification"]["status"] == status
    assert _told(db) == []


async def test_no_such_letter(ask, db) -> None:
    done = (await ask(RESEND, id="unknown")).data["done"]

    assert done["notification"] is None
    assert [(problem["field"], problem["code"]) for problem in done["problems"]] == [("id", "NOT_FOUND")]


async def test_of_many_who_ask_at_the_same_time_one_is_heard(ask, db, written) -> None:
    (id,) = written({})

    answers = await asyncio.gather(*(ask(RESEND, id=id) for _ in range(8)))

    assert sum(not answer.data["done"]["problems"] for answer in answers) == 1
    assert _told(db) == [id]


async def test_without_its_fact_nothing_is_intended(ask, db, written, monkeypatch) -> None:
    (id,) = written({})

    def fails(_id: str) -> None:
        raise RuntimeError("before the fact is written")

    monkeypatch.setattr(use_case, "letter_requested", fails)

    answer = await ask(RESEND, id=id)

    assert answer.body["errors"][0]["extensions"]["code"] == "INTERNAL_ERROR"
    assert db["notifications"].find_one({"_id": id})["status"] == "SENT"
    assert _told(db) == []


async def test_only_the_gateway_is_answered(ask) -> None:
    answer = await ask.post({"query": "{ __typename }"}, headers={"Doorstep-Service-Token": "nonsense"})

    assert answer.status == 401
    assert answer.body["errors"][0]["extensions"]["code"] == "SERVICE_TOKEN_REQUIRED"
