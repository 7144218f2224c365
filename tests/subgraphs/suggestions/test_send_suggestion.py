"""A reader sends a suggestion: kept with its promise, or refused with everything that is wrong."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pymongo.errors import WriteError

from subgraphs.suggestions import store

CONTRACTS = Path(store.__file__).parent / "contracts"
DOCUMENT = json.loads((CONTRACTS / "suggestion.document.json").read_text())
RECEIVED = json.loads((CONTRACTS / "suggestion_received.v1.json").read_text())
SEND = """
mutation ($input: SendSuggestionInput!) {
  sendSuggestion(input: $input) {
    suggestion { id name email text status receivedAt thankedAt }
    problems { field code message }
  }
}
"""


def ada(**changes: Any) -> dict[str, Any]:
    """An input nothing is wrong with, but for these changes."""
    return {"text": "Show the map.", "name": "Ada Lovelace", "email": "ada@example.org", **changes}


async def test_a_suggestion_is_kept_with_the_promise_that_its_reader_is_thanked(ask, db) -> None:
    said = (await ask(SEND, input=ada(text="  Show  the map.\r\n\r\n\r\nAnd the way. "))).data["sendSuggestion"]

    assert said["problems"] == []
    assert said["suggestion"]["text"] == "Show the map.\n\nAnd the way."
    assert (said["suggestion"]["status"], said["suggestion"]["thankedAt"]) == ("RECEIVED", None)
    kept = db["suggestions"].find_one()
    jsonschema.validate({**kept, "receivedAt": str(kept["receivedAt"])}, DOCUMENT)
    (fact,) = kept["unsent"]
    jsonschema.validate(fact, RECEIVED)
    assert fact["data"] == {"suggestionId": said["suggestion"]["id"]} == {"suggestionId": kept["_id"]}


async def test_anybody_may_send_one(ask) -> None:
    said = await ask.on_behalf_of(None)(SEND, input=ada())

    assert said.data["sendSuggestion"]["suggestion"]["email"] == "ada@example.org"


async def test_everything_that_is_wrong_is_said_at_once(ask, db) -> None:
    said = (await ask(SEND, input=ada(text="x" * 4_001, name=" ", email="nobody"))).data["sendSuggestion"]

    assert said["suggestion"] is None
    assert [(one["field"], one["code"]) for one in said["problems"]] == [
        ("text", "TOO_LONG"),
        ("name", "BLANK"),
        ("email", "INVALID_EMAIL"),
    ]
    assert db["suggestions"].count_documents({}) == 0


@pytest.mark.parametrize("text", ["", " \n\r\n ", "\x00", "a\x1b[31m"])
async def test_what_is_no_text_is_refused(ask, db, text: str) -> None:
    (problem,) = (await ask(SEND, input=ada(text=text))).data["sendSuggestion"]["problems"]

    assert problem["field"] == "text"
    assert db["suggestions"].count_documents({}) == 0


async def test_the_same_key_is_the_same_suggestion(ask, db) -> None:
    first = (await ask(SEND, input=ada(idempotencyKey="k-1"))).data["sendSuggestion"]
    again = (await ask(SEND, input=ada(idempotencyKey="k-1"))).data["sendSuggestion"]
    other = (await ask(SEND, input=ada(idempotencyKey="k-1", name="Eve"))).data["sendSuggestion"]

    assert again["suggestion"]["id"] == first["suggestion"]["id"]
    assert [(one["field"], one["code"]) for one in other["problems"]] == [("idempotencyKey", "KEY_IN_USE")]
    assert db["suggestions"].count_documents({}) == 1


async def test_nobody_can_have_a_stranger_thanked_all_day(ask, db, settings_of) -> None:
    settings_of(PER_EMAIL_AND_DAY=2)
    for number in range(2):
        await ask(SEND, input=ada(text=f"Idea {number}", email="Ada@example.org"))
    refused = (await ask(SEND, input=ada(idempotencyKey="k-1"))).data["sendSuggestion"]
    somebody_else = (await ask(SEND, input=ada(email="grace@example.org"))).data["sendSuggestion"]

    assert [(one["field"], one["code"]) for one in refused["problems"]] == [("email", "TOO_MANY_TODAY")]
    assert "tomorrow" in refused["problems"][0]["message"]
    assert somebody_else["problems"] == []


def test_preparing_again_changes_nothing(db) -> None:
    before = db["suggestions"].index_information()

    store.prepare()

    assert db["suggestions"].index_information() == before


@pytest.mark.parametrize("change", [{"status": "READ"}, {"text": ""}, {"letterId": 7}, {"unsent": [{"id": "x"}]}])
async def test_the_database_refuses_what_breaks_the_contract(ask, db, change: dict) -> None:
    await ask(SEND, input=ada())

    with pytest.raises(WriteError, match="failed validation"):
        db["suggestions"].update_one({}, {"$set": change})
