"""The way to MongoDB: one client per process, connected when first asked."""

import os
from functools import cache
from typing import Any

import pymongo
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import CollectionInvalid

from subgraphs.chassis.env import Env

Document = dict[str, Any]

_NAMESPACE_EXISTS = 48
_WAIT_MS = 10_000
"""long enough for a restart of the server, short enough to answer the caller with the reason"""


def client(service: str = "") -> MongoClient[Document]:
    """The client of this process; a forked child gets its own."""
    return _client(os.getpid(), service)


def database(service: str) -> Database[Document]:
    """The database of one service: ``{namespace}_{service}``."""
    return client(service)[database_name(service)]


def database_name(service: str) -> str:
    """How the database of a service is called in this namespace."""
    return f"{Env(service).text('DOORSTEP_NAMESPACE', 'doorstep')}_{service}"


def ping(service: str) -> None:
    """Raise what is wrong when MongoDB does not answer within two seconds."""
    with pymongo.timeout(2):
        client(service).admin.command("ping")


class UnsuitableStore(RuntimeError):
    """MongoDB answers, but cannot keep what Doorstep promises."""


def require_replica_set(service: str) -> None:
    """
    Refuse a MongoDB that is no replica set.

    :raises UnsuitableStore: with what to do about it.
    """
    if "setName" not in client(service).admin.command("hello"):
        raise UnsuitableStore(
            "MONGO_URL leads to a MongoDB that is no replica set; change streams and transactions need one. "
            "A single node is enough: start mongod with --replSet rs0 and run rs.initiate() once"
        )


def install_validator(db: Database[Document], collection: str, schema: Document) -> None:
    """Let the database itself keep the documents of a collection to their contract; harmless to repeat."""
    rule = {"$jsonSchema": mongo_schema(schema)}
    try:
        db.create_collection(collection, validator=rule)
    except CollectionInvalid:
        db.command("collMod", collection, validator=rule, validationLevel="strict", validationAction="error")
    except pymongo.errors.OperationFailure as problem:
        if problem.code != _NAMESPACE_EXISTS:
            raise
        db.command("collMod", collection, validator=rule, validationLevel="strict", validationAction="error")


def mongo_schema(schema: Any) -> Any:
    """
    A document contract in MongoDB's dialect of JSON Schema.

    MongoDB refuses keywords it does not know (``$schema``, ``examples``, ``format``, ``const``) and has no "integer";
    dates are written as text in contracts that carry ``"bsonType": "date"`` beside it.
    """
    if isinstance(schema, list):
        return [mongo_schema(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    known: Document = {}
    for key, value in schema.items():
        if key in {"$schema", "$id", "$comment", "examples", "default", "format"} or key.startswith("x-"):
            continue
        if key == "const":
            known["enum"] = [value]
        elif key in {"properties", "patternProperties"}:
            known[key] = {name: mongo_schema(sub) for name, sub in value.items()}
        elif key == "type":
            known.setdefault("bsonType", _bson_types(value))
        elif key == "bsonType":
            known["bsonType"] = value
        elif key in {"required", "enum"}:
            known[key] = value
        else:
            known[key] = mongo_schema(value)
    return known


def _bson_types(types: str | list[str]) -> str | list[str]:
    names = {"integer": ["int", "long"], "boolean": ["bool"], "number": ["int", "long", "double"]}
    wanted = [types] if isinstance(types, str) else types
    found = [bson for name in wanted for bson in names.get(name, [name])]
    return found[0] if len(found) == 1 else found


@cache
def _client(_pid: int, service: str) -> MongoClient[Document]:
    env = Env(service or "DOORSTEP")
    wait = env.number("MONGO_WAIT_MS", _WAIT_MS)
    return MongoClient(
        env.text("MONGO_URL"),
        connect=False,
        tz_aware=True,
        appname=f"doorstep {service}".strip(),
        serverSelectionTimeoutMS=wait,
        connectTimeoutMS=wait,
        w="majority",
    )
