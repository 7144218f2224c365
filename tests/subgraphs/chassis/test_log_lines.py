"""Log lines are carried beside the work: nothing that happens to whoever carries them holds it up."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pika
import pytest

from subgraphs.chassis.log_lines import LogLines, process_name
from tests.subgraphs.service import KEYS, NAMESPACE, RABBITMQ_URL


class Memory:
    """A carrier that keeps what it carried, and breaks as told."""

    def __init__(self) -> None:
        self.batches: list[dict] = []
        self.is_broken = threading.Event()
        self.opened = 0
        self.arrived = threading.Event()

    def open(self) -> None:
        if self.is_broken.is_set():
            raise ConnectionError("nobody there")
        self.opened += 1

    def carry(self, batch: bytes) -> None:
        if self.is_broken.is_set():
            raise ConnectionError("cut off")
        self.batches.append(json.loads(batch))
        self.arrived.set()

    def close(self) -> None:
        """Nothing to leave."""

    def forget(self) -> None:
        """Nothing to forget."""

    @property
    def lines(self) -> list[str]:
        return [line for batch in self.batches for line in batch["data"]["lines"]]


def wait_for(what, within: float = 10.0) -> None:
    deadline = time.monotonic() + within
    pause = threading.Event()
    while not what():
        assert time.monotonic() < deadline
        pause.wait(0.01)


@pytest.fixture
def carrier() -> Memory:
    return Memory()


@pytest.fixture
def lines(carrier: Memory) -> Iterator[LogLines]:
    found = LogLines("example", carrier, most=1_000, alive_every=0.2, process="example serve")
    yield found
    found.end()


def test_lines_are_carried_in_order_and_many_at_a_time(carrier: Memory, lines: LogLines) -> None:
    for number in range(50):
        lines.put(f"line {number}")
    wait_for(lambda: len(carrier.lines) == 50)

    assert carrier.lines == [f"line {number}" for number in range(50)]
    assert len([batch for batch in carrier.batches if batch["data"]["lines"]]) < 10
    first = carrier.batches[0]
    assert (first["type"], first["source"], first["subject"]) == ("log.written.v1", "/example", "example serve")


def test_a_process_that_says_nothing_is_alive_until_it_leaves(carrier: Memory, lines: LogLines) -> None:
    lines.put("the only one")
    wait_for(lambda: len(carrier.batches) >= 3)
    lines.end()

    assert carrier.lines == ["the only one"]
    assert [batch["data"]["leaves"] for batch in carrier.batches[:3]] == [False, False, False]
    assert carrier.batches[-1]["data"]["leaves"] is True


def test_what_waits_while_nobody_carries_is_bounded_and_says_what_was_dropped(
    carrier: Memory, lines: LogLines, capsys: pytest.CaptureFixture[str]
) -> None:
    carrier.is_broken.set()
    for number in range(300):
        lines.put(f"line {number:05}")
    carrier.is_broken.clear()
    wait_for(lambda: len(carrier.lines) == 100)

    assert carrier.lines == [f"line {number:05}" for number in range(100)]
    # Said by the log itself, which in a real process is carried as well.
    wait_for(lambda: "dropped=200" in (said.append(capsys.readouterr().out) or "".join(said)))


said: list[str] = []


def test_a_batch_that_may_not_have_arrived_comes_again_under_the_same_id(carrier: Memory, lines: LogLines) -> None:
    carry, ids = carrier.carry, []

    def carry_and_break(batch: bytes) -> None:
        ids.append(json.loads(batch)["id"])
        if len(ids) == 1:
            raise ConnectionError("cut off before the answer")
        carry(batch)

    carrier.carry = carry_and_break  # type: ignore[method-assign]
    lines.put("important")
    wait_for(lambda: "important" in carrier.lines)

    assert ids[0] == ids[1]
    assert carrier.lines.count("important") == 1


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("python -m workers.matching listen", "workers.matching listen"),
        (
            "python -W ignore:x -m celery --quiet -A w.tasks worker -Q doorstep.tasks.batches -n b@x",
            "celery tasks.batches",
        ),
        (
            "/venv/bin/python3.13 /venv/bin/celery -A w.tasks worker -Q doorstep.tasks.matching -c 1",
            "celery tasks.matching",
        ),
        ("/venv/bin/python -m subgraphs.subscribers serve --host 127.0.0.1", "subgraphs.subscribers serve"),
        ("python -m workers.outbox_relay", "workers.outbox_relay"),
        ("python script.py", "script.py"),
        ("python -c password=secret", "python"),
    ],
)
def test_a_process_is_called_after_what_it_is(command: str, name: str) -> None:
    assert process_name(command.split()) == name


WORKING = """
import sys, time, structlog
from subgraphs.chassis import logs
logs.configure("subscribers")
log = structlog.get_logger()
log.info("first")
time.sleep(0.5)
started = time.perf_counter()
for number in range(2_000):
    log.info("request answered", method="POST", path="/graphql", status=200, ms=3.2, number=number)
print("took", time.perf_counter() - started, file=sys.stderr)
"""


def environment(url: str, ship: str = "true") -> dict[str, str]:
    return {
        **os.environ,
        "RABBITMQ_URL": url,
        "SHIP_LOGS": ship,
        "DOORSTEP_NAMESPACE": NAMESPACE,
        "SUBSCRIBERS_SERVICE_KEY": KEYS["subscribers"],
    }


def working(url: str, ship: str = "true") -> tuple[list[str], float]:
    """What a process says that writes 2,000 lines, and the seconds that it took for them."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", WORKING],
        env=environment(url, ship),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert time.monotonic() - began < 30, "it did not end"
    took = float(next(line for line in done.stderr.splitlines() if line.startswith("took")).split()[1])
    return done.stdout.splitlines(), took


@pytest.fixture
def deaf() -> Iterator[str]:
    """A broker that lets connect and never says anything: as one whose machine hangs."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield f"amqp://guest:guest@127.0.0.1:{listening.getsockname()[1]}/%2F"


@pytest.mark.parametrize("broker", ["not there", "deaf"])
def test_a_broken_broker_slows_no_work_and_loses_no_line_of_standard_output(broker: str, deaf: str) -> None:
    _, usual = working(deaf, ship="false")
    said, took = working(deaf if broker == "deaf" else "amqp://guest:guest@127.0.0.1:1/%2F")

    assert [line for line in said if "request answered" in line] == [
        line for line in said if json.loads(line).get("number") is not None
    ]
    assert len([line for line in said if "request answered" in line]) == 2_000
    assert [json.loads(line)["event"] for line in said].count("log lines wait") <= 1
    # Its own thread takes a little of the processor; one wait for a broker would take five seconds.
    assert took < 3 * usual + 2


def test_lines_arrive_at_the_broker_signed_and_those_of_forked_children_too() -> None:
    script = """
import os, structlog, time
from subgraphs.chassis import logs
logs.configure("subscribers")
log = structlog.get_logger()
log.info("from the parent", password="hidden anyway", url="amqp://me:secret@host")
time.sleep(0.3)
if os.fork() == 0:
    log.info("from the child")
    time.sleep(1)
    os._exit(0)
os.wait()
"""
    with pika.BlockingConnection(pika.URLParameters(RABBITMQ_URL)) as connection:
        channel = connection.channel()
        channel.exchange_declare(f"{NAMESPACE}.log_lines", "fanout", durable=True)
        queue = channel.queue_declare("", exclusive=True).method.queue
        channel.queue_bind(queue, f"{NAMESPACE}.log_lines")
        subprocess.run([sys.executable, "-c", script], env=environment(RABBITMQ_URL), check=True, timeout=30)
        batches, leaving = [], False
        for method, properties, body in channel.consume(queue, auto_ack=True, inactivity_timeout=5):
            if method is None or leaving:
                break
            assert properties.headers["service-token"].count(".") == 2
            batches.append(json.loads(body))
            leaving = batches[-1]["data"]["leaves"]
        channel.cancel()
        channel.exchange_delete(f"{NAMESPACE}.log_lines")

    said = {json.loads(line)["event"]: batch for batch in batches for line in batch["data"]["lines"]}
    assert said["from the parent"]["data"]["instance"] != said["from the child"]["data"]["instance"]
    assert "secret" not in json.dumps(batches)
    assert "hidden anyway" not in json.dumps(batches)


def test_who_is_ended_by_a_signal_says_so_and_is_ended_by_it() -> None:
    script = """
import signal, structlog
from subgraphs.chassis import logs
logs.configure("subscribers")
structlog.get_logger().info("ready")
signal.pause()
"""
    with pika.BlockingConnection(pika.URLParameters(RABBITMQ_URL)) as connection:
        channel = connection.channel()
        channel.exchange_declare(f"{NAMESPACE}.log_lines", "fanout", durable=True)
        queue = channel.queue_declare("", exclusive=True).method.queue
        channel.queue_bind(queue, f"{NAMESPACE}.log_lines")
        process = subprocess.Popen(
            [sys.executable, "-c", script], env=environment(RABBITMQ_URL), stdout=subprocess.PIPE
        )
        told = []
        for method, _, body in channel.consume(queue, auto_ack=True, inactivity_timeout=20):
            assert method is not None, told
            told.append(json.loads(body)["data"])
            if told[-1]["leaves"]:
                break
            process.send_signal(signal.SIGTERM)
        channel.cancel()
        channel.exchange_delete(f"{NAMESPACE}.log_lines")

    assert process.wait(10) == -signal.SIGTERM
    assert json.loads(told[0]["lines"][0])["event"] == "ready"


def test_a_process_that_is_told_to_end_ends_though_the_broker_is_deaf(deaf: str) -> None:
    script = """
import signal, sys, structlog
from subgraphs.chassis import logs
logs.configure("subscribers")
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
structlog.get_logger().info("ready")
signal.pause()
"""
    process = subprocess.Popen([sys.executable, "-c", script], env=environment(deaf), stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert "ready" in process.stdout.readline()
    process.send_signal(signal.SIGTERM)

    assert process.wait(5) == 0
