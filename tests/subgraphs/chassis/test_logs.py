"""One JSON line per entry, whoever writes it."""

import json
import subprocess
import sys

SCRIPT = """
import logging, structlog
from subgraphs.chassis import logs
logs.configure("example")
structlog.contextvars.bind_contextvars(request_id="r-1")
structlog.get_logger().info("task matched", score=0.5)
logging.getLogger("django.request").error("Bad Request: %s", "/graphql", extra={"request": object()})
logging.getLogger("uvicorn.error").info("started")
secret = "a local secret"
try:
    raise ValueError("broken")
except ValueError:
    structlog.get_logger().exception("failed")
"""


def test_every_writer_writes_the_same_lines() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)

    entries = [json.loads(line) for line in done.stdout.splitlines()]

    assert [entry["event"] for entry in entries] == ["task matched", "Bad Request: /graphql", "started", "failed"]
    assert all({"time", "level", "service", "event", "request_id"} <= entry.keys() for entry in entries)
    assert {entry["service"] for entry in entries} == {"example"}
    assert [entry["level"] for entry in entries] == ["info", "error", "info", "error"]
    assert entries[0]["score"] == 0.5
    assert entries[3]["exception"][0]["exc_value"] == "broken"
    assert "a local secret" not in done.stdout
    assert done.stderr == ""
