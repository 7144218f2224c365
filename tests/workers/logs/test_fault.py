"""A fault of a real process opens an alert, by letter and by webhook, and its end clears it: all processes are real ones."""

import hashlib
import hmac
import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pymongo
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from tests.workers.logs.saying import Documents, prepared
from tests.workers.notifications.mail_server import MailServer
from tests.workers.servers import MONGO_URL, Server, eventually
from tests.workers.telling import wait_for_listener
from workers.chassis.broker import Names
from workers.logs.write import declare

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
SECRET = "a secret of both"
FAULTY = """
import select, sys, structlog
from workers.chassis import logs
logs.configure("subscribers")
log = structlog.get_logger()
log.info("started")
faulty = False
while True:
    for number in range(10):
        log.info("request answered", status=200, ms=3.0)
    if faulty:
        log.error("resolver failed", problem="the fault that was injected")
    if select.select([sys.stdin], [], [], 0.2)[0]:
        word = sys.stdin.readline().strip()
        if word == "end":
            break
        faulty = word == "break"
"""


class Called(ThreadingHTTPServer):
    """A webhook: refuses the first call, takes the others."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.refused = 0
        self.taken: list[dict[str, Any]] = []
        self.deliveries: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/alerts"


class _Answer(BaseHTTPRequestHandler):
    server: Called

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        at, given = (part.split("=")[1] for part in self.headers["Doorstep-Signature"].split(","))
        expected = hmac.new(SECRET.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
        self.server.deliveries.append(self.headers["Doorstep-Delivery"])
        if given != expected:
            self.send_response(403)
        elif not self.server.refused:
            self.server.refused += 1
            self.send_response(503)
        else:
            self.server.taken.append(json.loads(body))
            self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing to say."""


@pytest.fixture
def webhook() -> Iterator[Called]:
    server = Called()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def documents(server: Server) -> Documents:
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(MONGO_URL, tz_aware=True)
    documents = prepared(client[f"{server.namespace}_logs"])
    documents["alerts"].create_index("unsent.id", sparse=True)
    return documents


def test_an_injected_fault_is_told_by_letter_and_webhook_and_so_is_its_end(
    server: Server, channel: BlockingChannel, documents: Documents, webhook: Called
) -> None:
    declare(channel, Names(server.namespace))
    with MailServer() as mail:
        settings = {
            "REDIS_URL": REDIS_URL,
            "SMTP_URL": mail.url,
            "LOGS_ALERT_WINDOW": "2",
            "LOGS_CHECK_SECONDS": "0.5",
            "LOGS_LEAST": "2",
            "LOGS_ALERT_LETTERS_TO": "operator@example.org",
            "LOGS_ALERT_WEBHOOK_URL": webhook.url,
            "LOGS_ALERT_WEBHOOK_SECRET": SECRET,
            "OUTBOX_RELAY_SERVICES": "logs",
            "LOGS_SILENCE_SECONDS": "3600",
        }
        tasks = f"{server.namespace}.tasks.notifications"
        celery = (
            "-m",
            "celery",
            "-A",
            "workers.notifications.tasks",
            "worker",
            "-Q",
            tasks,
            "-c",
            "1",
            "-l",
            "WARNING",
        )
        commands = [
            ("-m", "workers.logs", "write"),
            ("-m", "workers.logs", "watch"),
            ("-m", "workers.outbox_relay"),
            ("-m", "workers.notifications", "listen"),
            celery,
        ]
        processes = [server.process(*command, **settings) for command in commands]
        faulty = server.talking_process("-c", FAULTY, SHIP_LOGS="true", **settings)
        assert faulty.stdin
        try:
            for queue in ("logs", "notifications", "tasks.notifications"):
                wait_for_listener(channel, server, queue)
            eventually(lambda: documents["entries"].count_documents({"service": "subscribers"}) > 20, within=30)
            assert documents["alerts"].count_documents({}) == 0

            faulty.stdin.write("break\n")
            faulty.stdin.flush()
            eventually(lambda: documents["alerts"].count_documents({"status": "OPEN"}) == 1, within=30)
            eventually(lambda: [call["type"] for call in webhook.taken] == ["alert.opened.v1"], within=30)
            eventually(lambda: len(mail.taken) == 1, within=30)

            faulty.stdin.write("mend\n")
            faulty.stdin.flush()
            eventually(lambda: documents["alerts"].count_documents({"status": "CLEARED"}) == 1, within=30)
            eventually(lambda: len(webhook.taken) == 2, within=30)
            eventually(lambda: len(mail.taken) == 2, within=30)
            faulty.stdin.write("end\n")
            faulty.stdin.flush()
        finally:
            for process in (*processes, faulty):
                process.terminate()
            for process in (*processes, faulty):
                process.wait(20)

    assert [(call["type"], call["alert"]["rule"], call["alert"]["service"]) for call in webhook.taken] == [
        ("alert.opened.v1", "ERROR_RATE", "subscribers"),
        ("alert.cleared.v1", "ERROR_RATE", "subscribers"),
    ]
    # The first call was refused and came again as what it was.
    assert webhook.deliveries[0] == webhook.deliveries[1]
    assert b"Subject: Alert: many errors of subscribers" in mail.taken[0]
    assert b"Subject: Cleared: many errors of subscribers" in mail.taken[1]
    assert documents["alerts"].count_documents({}) == 1
