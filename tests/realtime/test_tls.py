"""The live results over TLS, attacked on their sockets: who is answered on which port, and with which certificate."""

import json
import os
import ssl
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidMessage, InvalidStatus

from tests.realtime.conftest import KEYS, REPOSITORY, base64url, free_port, service_token

HERE = "127.0.0.1"
PAUSE = threading.Event()
"""never set: what is asked for again and again is asked with a breath between"""


@dataclass
class Realtime:
    """A running process with certificates, and the authorities of both sides."""

    folder: Path
    port: int
    open_port: int
    servers: trustme.CA
    callers: trustme.CA
    process: subprocess.Popen[bytes]

    def context(self, authority: trustme.CA | None = None) -> ssl.SSLContext:
        """Somebody who believes the process, with a certificate of this authority or none."""
        context = ssl.create_default_context(cafile=self.folder / "servers.pem")
        if authority is not None:
            authority.issue_cert("gateway").configure_cert(context)
        return context


def renew(folder: Path, servers: trustme.CA) -> None:
    made = servers.issue_cert(HERE)
    made.private_key_and_cert_chain_pem.write_to_path(folder / "new.pem")
    (folder / "new.pem").replace(folder / "own.pem")


@pytest.fixture(scope="module")
def realtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Realtime]:
    folder = tmp_path_factory.mktemp("tls")
    servers, callers = trustme.CA(), trustme.CA()
    servers.cert_pem.write_to_path(folder / "servers.pem")
    callers.cert_pem.write_to_path(folder / "callers.pem")
    renew(folder, servers)
    port, open_port = free_port(), free_port()
    environment = {
        **os.environ,
        "REALTIME_SECRET_KEY": "only for tests",
        "REDIS_URL": "redis://127.0.0.1:1",
        "SERVICE_PUBLIC_KEYS": json.dumps(
            {name: base64url(key.public_key().public_bytes_raw()) for name, key in KEYS.items()}
        ),
        "TLS_CERTIFICATE_FILE": str(folder / "own.pem"),
        "TLS_CLIENT_CA_FILE": str(folder / "callers.pem"),
    }
    command = [sys.executable, "-m", "realtime", "serve", "--port", str(port), "--open-port", str(open_port)]
    process = subprocess.Popen(command, cwd=REPOSITORY, env=environment)
    running = Realtime(folder, port, open_port, servers, callers, process)
    try:
        for path, caller in ((f"{port}/live", callers), (f"{open_port}/live", None)):
            while True:
                with suppress(urllib.error.URLError):
                    assert status(path, running.context(caller)) == 200
                    break
                assert process.poll() is None, "realtime did not start"
                PAUSE.wait(0.05)
        yield running
    finally:
        process.terminate()
        assert process.wait(20) is not None


def status(place: str, context: ssl.SSLContext | None) -> int:
    """What a GET, or for GraphQL a POST with the gateway's token, is answered with."""
    body = json.dumps({"query": "{ _service { sdl } }"}).encode() if place.endswith("/graphql") else None
    headers = {"content-type": "application/json", "Doorstep-Service-Token": service_token()}
    url = f"{'https' if context else 'http'}://{HERE}:{place}"
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=10, context=context) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def test_the_gateway_is_answered(realtime: Realtime) -> None:
    assert status(f"{realtime.port}/graphql", realtime.context(realtime.callers)) == 200


@pytest.mark.parametrize("who", ["none", "another authority", "authority of the servers", "plain"])
def test_nobody_else_is(realtime: Realtime, who: str) -> None:
    authority = {"another authority": trustme.CA(), "authority of the servers": realtime.servers}.get(who)
    context = None if who == "plain" else realtime.context(authority)

    with pytest.raises(OSError):
        status(f"{realtime.port}/graphql", context)


async def test_the_gateway_watches_over_tls(realtime: Realtime) -> None:
    async with connect(
        f"wss://{HERE}:{realtime.port}/graphql",
        ssl=realtime.context(realtime.callers),
        additional_headers={"Doorstep-Service-Token": service_token()},
        subprotocols=["graphql-transport-ws"],
    ) as opened:
        await opened.send(json.dumps({"type": "connection_init"}))
        assert json.loads(await opened.recv()) == {"type": "connection_ack"}


async def test_nobody_watches_without_a_certificate(realtime: Realtime) -> None:
    headers = {"Doorstep-Service-Token": service_token()}
    with pytest.raises((OSError, InvalidMessage)):
        async with connect(f"wss://{HERE}:{realtime.port}/graphql", ssl=realtime.context(), additional_headers=headers):
            pass
    with pytest.raises(InvalidStatus, match="403"):
        async with connect(
            f"wss://{HERE}:{realtime.open_port}/graphql", ssl=realtime.context(), additional_headers=headers
        ):
            pass


def test_the_open_port_tells_of_health_and_nothing_else(realtime: Realtime) -> None:
    anybody = realtime.context()

    assert status(f"{realtime.open_port}/live", anybody) == 200
    assert status(f"{realtime.open_port}/ready", anybody) == 503  # there is no Redis here
    assert status(f"{realtime.open_port}/graphql", realtime.context(realtime.callers)) == 404
    with pytest.raises(OSError):
        status(f"{realtime.open_port}/live", None)


def test_a_new_certificate_is_shown_while_the_process_runs(realtime: Realtime) -> None:
    before = ssl.get_server_certificate((HERE, realtime.open_port))
    renew(realtime.folder, realtime.servers)

    while ssl.get_server_certificate((HERE, realtime.open_port)) == before:
        assert realtime.process.poll() is None
        PAUSE.wait(0.05)
    assert status(f"{realtime.port}/live", realtime.context(realtime.callers)) == 200


def test_files_that_cannot_be_read_name_their_setting(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "REALTIME_SECRET_KEY": "only for tests",
        "REDIS_URL": "redis://127.0.0.1:1",
        "SERVICE_PUBLIC_KEYS": "{}",
        "TLS_CERTIFICATE_FILE": str(tmp_path / "none.pem"),
    }
    done = subprocess.run(
        [sys.executable, "-m", "realtime", "serve"], cwd=REPOSITORY, env=environment, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip

    assert done.returncode == 2
    assert done.stderr.startswith("BadSetting: TLS_CERTIFICATE_FILE=")
