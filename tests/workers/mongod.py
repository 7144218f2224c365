"""A MongoDB of the test's own, without a replica set."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pymongo
import pymongo.errors
import pytest

from tests.workers.servers import eventually

_INSTALLED = Path(__file__).parents[2] / ".doorstep/mongod/fiftyone/db/bin/mongod"


@contextmanager
def single_mongod(folder: Path) -> Iterator[str]:
    """Start one, give its URL, end it."""
    program = os.environ.get("MONGOD") or shutil.which("mongod") or (str(_INSTALLED) if _INSTALLED.exists() else None)
    if program is None:
        pytest.skip("there is no mongod to start")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    arguments = [
        "--dbpath",
        str(folder),
        "--port",
        str(port),
        "--bind_ip",
        "127.0.0.1",
        "--wiredTigerCacheSizeGB",
        "0.25",
    ]
    process = subprocess.Popen([program, *arguments], stdout=subprocess.DEVNULL)
    url = f"mongodb://127.0.0.1:{port}/?directConnection=true"
    try:
        eventually(lambda: _answers(url), within=30)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def _answers(url: str) -> bool:
    try:
        with pymongo.MongoClient(url, serverSelectionTimeoutMS=300) as client:
            client.admin.command("ping")
    except pymongo.errors.PyMongoError:
        return False
    return True
