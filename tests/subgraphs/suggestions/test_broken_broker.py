"""A request is not slower while the broker that log lines go to is away: the service and the broker are real ones."""

import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from docker.local.ports import pick_free
from subgraphs.chassis.identity import TOKEN_HEADER, sign
from tests.subgraphs.service import KEYS, RABBITMQ_URL
from tests.workers.proxy import Proxy

REQUESTS = 150
ROUNDS = 4


@pytest.fixture
def broker() -> Iterator[Proxy]:
    """A way to RabbitMQ that can be cut."""
    to = urlsplit(RABBITMQ_URL)
    proxy = Proxy(to.hostname or "127.0.0.1", to.port or 5672)
    yield proxy
    proxy.close()


@pytest.fixture
def service(broker: Proxy, tmp_path: Path) -> Iterator[str]:
    """The service in a process of its own, whose lines go through the proxy; where it answers."""
    to = urlsplit(RABBITMQ_URL)
    port = pick_free(1)[0]
    environment = {
        **os.environ,
        "RABBITMQ_URL": to._replace(netloc=f"{to.username}:{to.password}@127.0.0.1:{broker.port}").geturl(),
        "SHIP_LOGS": "true",
        "ALLOWED_HOSTS": "127.0.0.1",
        "SUGGESTIONS_SERVICE_KEY": KEYS["suggestions"],
    }
    command = [sys.executable, "-m", "subgraphs.suggestions", "serve", "--port", str(port)]
    said = tmp_path / "said"
    with said.open("w") as out:
        process = subprocess.Popen(command, env=environment, stdout=out)
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 30
    while True:
        try:
            urllib.request.urlopen(f"{url}/live", timeout=5).close()
            break
        except OSError:
            assert process.poll() is None
            assert time.monotonic() < deadline
    yield url
    process.terminate()
    process.wait(20)
    assert (
        len([line for line in said.read_text().splitlines() if json.loads(line)["event"] == "request answered"])
        >= 2 * ROUNDS * REQUESTS
    )


def milliseconds(url: str) -> list[float]:
    """How long each of some requests took."""
    token = sign("suggestions", issuer="gateway", key=KEYS["gateway"])
    headers = {"Content-Type": "application/json", TOKEN_HEADER: token}
    took = []
    for _ in range(REQUESTS):
        request = urllib.request.Request(f"{url}/graphql", b'{"query": "{ __typename }"}', headers)
        began = time.perf_counter()
        with urllib.request.urlopen(request, timeout=10) as answer:
            said: Any = json.load(answer)
        took.append((time.perf_counter() - began) * 1000)
        assert said["data"] == {"__typename": "Query"}
    return took


def test_requests_take_as_long_without_the_broker_as_with_it(service: str, broker: Proxy) -> None:
    milliseconds(service)
    # The quietest of several rounds each: others use the processor too.
    usual = min(statistics.median(milliseconds(service)) for _ in range(ROUNDS))
    assert broker.cut() >= 1, "its lines do not go to the broker"
    without = [milliseconds(service) for _ in range(ROUNDS)]

    assert min(statistics.median(took) for took in without) < 2 * usual + 2
    assert max(took for one in without for took in one) < 2_000
