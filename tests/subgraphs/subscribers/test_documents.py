"""The database itself keeps subscribers to their contract."""

import json
from pathlib import Path

import jsonschema
import pytest
from pymongo.errors import WriteError

from subgraphs.subscribers import store
from tests.subgraphs.subscribers.questions import SUBSCRIBE, ada

CONTRACT = json.loads((Path(store.__file__).parent / "contracts" / "subscriber.document.json").read_text())


def test_preparing_again_changes_nothing(db) -> None:
    before = db["subscribers"].index_information()

    store.prepare()

    assert db["subscribers"].index_information() == before


async def test_what_is_written_keeps_the_contract(ask, db) -> None:
    await ask(SUBSCRIBE, input=ada(idempotencyKey="k-1"))

    jsonschema.validate(db["subscribers"].find_one(), CONTRACT)


@pytest.mark.parametrize("change", [{"status": "GONE"}, {"name": ""}, {"typedAddress": {}}, {"unsent": [{"id": "x"}]}])
async def test_the_database_refuses_what_breaks_the_contract(ask, db, change: dict) -> None:
    await ask(SUBSCRIBE, input=ada())

    with pytest.raises(WriteError, match="failed validation"):
        db["subscribers"].update_one({}, {"$set": change})
