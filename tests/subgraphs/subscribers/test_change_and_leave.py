"""A subscriber moves, and leaves."""

import asyncio
import json
from pathlib import Path

import jsonschema

from subgraphs.subscribers import store
from tests.subgraphs.subscribers.questions import CHANGE_ADDRESS, SUBSCRIBE, UNSUBSCRIBE, ada

CONTRACTS = Path(store.__file__).parent / "contracts"
NEW = {"address": "1 High Street", "city": "Leeds", "country": "GB"}


async def subscribed(ask) -> dict:
    return (await ask(SUBSCRIBE, input=ada())).data["subscribe"]["subscriber"]


async def test_another_address_is_another_match_and_tells_which_it_replaces(ask, db) -> None:
    before = await subscribed(ask)
    db["subscribers"].update_one({}, {"$set": {"addressId": "a-1", "addressStatus": "MATCHED"}})

    said = (await ask(CHANGE_ADDRESS, input={"subscriberId": before["id"], "address": NEW})).data["changeAddress"]

    document = db["subscribers"].find_one()
    fact = document["unsent"][-1]
    assert said["problems"] == []
    assert said["subscriber"]["typedAddress"] == {"address": "1 High Street", "city": "Leeds"}
    assert said["subscriber"]["address"] is None
    assert said["matchTask"]["id"] == document["matchTaskId"] != before["matchTask"]["id"]
    assert document["addressStatus"] == "QUEUED"
    assert fact["data"]["previousMatchTaskId"] == before["matchTask"]["id"]
    jsonschema.validate(fact, json.loads((CONTRACTS / "address_changed.v1.json").read_text()))


async def test_changes_in_the_same_moment_follow_one_another(ask, db) -> None:
    before = await subscribed(ask)
    wanted = {"subscriberId": before["id"], "address": NEW}

    await asyncio.gather(*(ask(CHANGE_ADDRESS, input=wanted) for _ in range(6)))

    facts = db["subscribers"].find_one()["unsent"][1:]
    chain = [before["matchTask"]["id"], *(fact["subject"] for fact in facts)]
    assert len(facts) == 6
    assert [fact["data"]["previousMatchTaskId"] for fact in facts] == chain[:-1]


async def test_a_wrong_address_or_an_unknown_subscriber_is_refused(ask) -> None:
    before = await subscribed(ask)

    wrong = await ask(CHANGE_ADDRESS, input={"subscriberId": before["id"], "address": {"address": "x"}})
    unknown = await ask(CHANGE_ADDRESS, input={"subscriberId": "nobody", "address": NEW})

    assert wrong.data["changeAddress"]["problems"][0]["code"] == "INCOMPLETE_ADDRESS"
    assert unknown.data["changeAddress"]["problems"][0]["code"] == "UNKNOWN_SUBSCRIBER"


async def test_leaving_is_told_once_however_often_it_is_asked(ask, db) -> None:
    before = await subscribed(ask)

    answers = await asyncio.gather(*(ask(UNSUBSCRIBE, id=before["id"]) for _ in range(4)))

    told = [fact for fact in db["subscribers"].find_one()["unsent"] if fact["type"] == "subscriber.unsubscribed.v1"]
    assert {answer.data["unsubscribe"]["subscriber"]["status"] for answer in answers} == {"UNSUBSCRIBED"}
    assert len(told) == 1
    jsonschema.validate(told[0], json.loads((CONTRACTS / "subscriber_unsubscribed.v1.json").read_text()))


async def test_who_left_cannot_move(ask) -> None:
    before = await subscribed(ask)
    await ask(UNSUBSCRIBE, id=before["id"])

    said = (await ask(CHANGE_ADDRESS, input={"subscriberId": before["id"], "address": NEW})).data["changeAddress"]
    unknown = (await ask(UNSUBSCRIBE, id="nobody")).data["unsubscribe"]

    assert said["problems"][0]["code"] == "ALREADY_UNSUBSCRIBED"
    assert unknown["problems"] == [{"field": "id", "code": "UNKNOWN_SUBSCRIBER"}]
