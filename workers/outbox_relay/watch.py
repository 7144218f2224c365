"""One service database is watched: its outboxes are emptied whenever they are written to, and now and then anyway."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import pymongo.errors
import structlog
from pymongo.database import Database

from workers.chassis.broker import BROKEN, Backoff
from workers.chassis.loop import Stop
from workers.chassis.mongo import Document
from workers.outbox_relay import settings
from workers.outbox_relay.relay import relay
from workers.outbox_relay.teller import BrokerTeller

log = structlog.get_logger("relay")

_INTERRUPTED: tuple[type[Exception], ...] = (pymongo.errors.PyMongoError, *BROKEN)

_LOOK_UP_MS = 500
"""how long the change stream may wait before the stop flag is looked at"""


class NoReplicaSet(RuntimeError):
    """MongoDB has no change streams here."""


def refuse_without_replica_set(db: Database[Document]) -> None:
    """
    Refuse to start where outboxes could not be watched.

    :raises NoReplicaSet: saying what to do
    """
    hello = db.client.admin.command("hello")
    if not hello.get("setName") and hello.get("msg") != "isdbgrid":
        raise NoReplicaSet(
            "MONGO_URL leads to a MongoDB that is no replica set, so it has no change streams and no transactions; "
            "start mongod with --replSet rs0 and run replSetInitiate once (one node is enough)"
        )


def watch(db: Database[Document], outboxes: Sequence[str], teller: BrokerTeller, stop: Stop) -> None:
    """Empty the outboxes until somebody asks to stop; begin again whenever MongoDB or the broker was lost."""
    backoff = Backoff()
    while not stop.asked:
        try:
            teller.connect()
            _watch_once(db, outboxes, teller, stop, backoff)
        except _INTERRUPTED as lost:
            seconds = backoff.next()
            log.warning("relay interrupted", database=db.name, problem=repr(lost), next_try_in=seconds)
            stop.wait(seconds)
    try:
        teller.close()
    except BROKEN as lost:
        log.warning("broker lost", problem=repr(lost))


def _watch_once(
    db: Database[Document], outboxes: Sequence[str], teller: BrokerTeller, stop: Stop, backoff: Backoff
) -> None:
    # The stream only wakes us: what is to be told is in the outboxes themselves, so nothing depends on having seen
    # each change. It is opened before the first look, so that nothing falls between the two.
    with db.watch(_pipeline(outboxes), max_await_time_ms=_LOOK_UP_MS) as changes:
        log.info("relaying", database=db.name, outboxes=list(outboxes))
        woken = set(outboxes)
        looked = time.monotonic()
        while not stop.asked:
            for name in outboxes:
                if name in woken:
                    _empty(db, name, teller, stop)
            backoff.reset()
            woken = set()
            if change := changes.try_next():
                woken.add(change["ns"]["coll"])
            elif time.monotonic() - looked >= settings.poll_seconds():
                woken, looked = set(outboxes), time.monotonic()
            teller.keep_alive()


def _empty(db: Database[Document], name: str, teller: BrokerTeller, stop: Stop) -> None:
    at_most = settings.batch()
    while not stop.asked:
        told = relay(db[name], teller, at_most=at_most, disposable=name == settings.EMPTIED)
        if told:
            log.info("facts told", database=db.name, outbox=name, facts=told)
        if told < at_most:
            return


def _pipeline(outboxes: Sequence[str]) -> list[Mapping[str, Any]]:
    """Changes that put a fact into an outbox; those that take one out are our own."""
    return [
        {"$match": {"ns.coll": {"$in": list(outboxes)}, "operationType": {"$in": ["insert", "update", "replace"]}}},
        {
            "$match": {
                "$or": [
                    {"fullDocument.unsent.0": {"$exists": True}},
                    {
                        "$expr": {
                            "$gt": [
                                {
                                    "$size": {
                                        "$filter": {
                                            "input": {
                                                "$objectToArray": {"$ifNull": ["$updateDescription.updatedFields", {}]}
                                            },
                                            "cond": {
                                                "$and": [
                                                    {"$regexMatch": {"input": "$$this.k", "regex": "^unsent"}},
                                                    {"$ne": ["$$this.v", []]},
                                                ]
                                            },
                                        }
                                    }
                                },
                                0,
                            ]
                        }
                    },
                ]
            }
        },
        {"$project": {"ns": 1}},
    ]
