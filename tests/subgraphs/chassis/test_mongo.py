"""Contracts in MongoDB's dialect, and a store that cannot keep promises."""

from unittest import mock

import pytest

from subgraphs.chassis import mongo


def test_a_contract_becomes_a_validator() -> None:
    contract = {
        "$schema": "x",
        "$id": "x",
        "x-told-by": "x",
        "title": "A thing",
        "examples": [{}],
        "type": "object",
        "required": ["_id"],
        "properties": {
            "type": {"type": ["string", "null"], "format": "uri"},
            "count": {"type": "integer", "minimum": 0},
            "score": {"type": ["number", "null"]},
            "flag": {"type": "boolean"},
            "kind": {"const": "a"},
            "at": {"bsonType": "date"},
            "list": {"type": "array", "items": {"type": "object", "additionalProperties": False}},
        },
    }

    assert mongo.mongo_schema(contract) == {
        "title": "A thing",
        "bsonType": "object",
        "required": ["_id"],
        "properties": {
            "type": {"bsonType": ["string", "null"]},
            "count": {"bsonType": ["int", "long"], "minimum": 0},
            "score": {"bsonType": ["int", "long", "double", "null"]},
            "flag": {"bsonType": "bool"},
            "kind": {"enum": ["a"]},
            "at": {"bsonType": "date"},
            "list": {"bsonType": "array", "items": {"bsonType": "object", "additionalProperties": False}},
        },
    }


@pytest.mark.parametrize(("hello", "suitable"), [({"setName": "rs0"}, True), ({"ok": 1}, False)])
def test_a_store_must_be_a_replica_set(hello: dict, suitable: bool) -> None:
    with mock.patch.object(mongo, "client") as client:
        client.return_value.admin.command.return_value = hello
        if suitable:
            mongo.require_replica_set("example")
        else:
            with pytest.raises(mongo.UnsuitableStore, match="MONGO_URL leads to a MongoDB that is no replica set"):
                mongo.require_replica_set("example")
