"""The way to MongoDB: one client per process, connected when first asked."""

import os
from functools import cache
from typing import Any

from pymongo import MongoClient
from pymongo.database import Database

from workers.chassis.env import Env

Document = dict[str, Any]

_WAIT_MS = 5_000
"""long enough for a short restart of the server, short enough to leave the message to a later try"""


def client(service: str) -> MongoClient[Document]:
    """The client of this process; a forked child gets its own."""
    return _client(os.getpid(), service)


def database(service: str) -> Database[Document]:
    """The database of one service: ``{namespace}_{service}``."""
    return client(service)[database_name(service)]


def database_name(service: str) -> str:
    """How the database of a service is called in this namespace."""
    return f"{Env(service).text('DOORSTEP_NAMESPACE', 'doorstep')}_{service}"


@cache
def _client(_pid: int, service: str) -> MongoClient[Document]:
    env = Env(service)
    wait = env.number("MONGO_WAIT_MS", _WAIT_MS)
    return MongoClient(
        env.text("MONGO_URL"),
        connect=False,
        tz_aware=True,
        appname=f"doorstep {service}",
        serverSelectionTimeoutMS=wait,
        connectTimeoutMS=wait,
        w="majority",
    )
