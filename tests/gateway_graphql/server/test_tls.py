"""TLS: to subgraphs with certificates on both sides, and to clients; files that change are used without a restart."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiohttp import WSMsgType, web

from gateway_graphql.execution.errors import SubgraphUnreachable
from gateway_graphql.execution.subgraph_client import SubgraphRequest
from gateway_graphql.execution.uploads import Upload
from gateway_graphql.server.graph_file import WrongGraphFile, read_graph_file
from gateway_graphql.server.settings import ServerSettings, SubgraphSettings, SubgraphTls, TrafficSettings
from gateway_graphql.server.spooled_file import SpooledFile
from gateway_graphql.server.subgraph_http import SubgraphHttp
from tests.gateway_graphql.server.processes import free_port, process
from tests.gateway_graphql.server.test_workers import ENVIRONMENT, log_of, until

HERE = "127.0.0.1"


class Certificates:
    """An authority of its own, and files of what it signs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.authority = trustme.CA()
        self.ca_file = folder / "ca.pem"
        self.authority.cert_pem.write_to_path(self.ca_file)

    def issue(self, name: str, authority: trustme.CA | None = None) -> Path:
        """A certificate for this machine with its key, in a file of this name."""
        path = self.folder / f"{name}.pem"
        made = (authority or self.authority).issue_cert(HERE)
        beside = path.with_suffix(".new")
        made.private_key_and_cert_chain_pem.write_to_path(beside)
        beside.rename(path)
        return path


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return Certificates(tmp_path)


async def answer(request: web.Request) -> web.StreamResponse:
    """GraphQL in whatever way it is asked; ``who`` is the serial number of the client's certificate."""
    shown = request.transport.get_extra_info("peercert") if request.transport else None
    event = {"data": {"who": shown["serialNumber"] if shown else None}}
    if request.headers.get("Upgrade"):
        socket = web.WebSocketResponse(protocols=("graphql-transport-ws",))
        await socket.prepare(request)
        async for frame in socket:
            message = frame.json() if frame.type is WSMsgType.TEXT else {}
            if message.get("type") == "connection_init":
                await socket.send_json({"type": "connection_ack"})
            elif message.get("type") == "subscribe":
                await socket.send_json({"id": message["id"], "type": "next", "payload": event})
        return socket
    if "event-stream" in request.headers.get("Accept", ""):
        text = f"event: next\ndata: {json.dumps(event)}\n\nevent: complete\ndata:\n\n"
        return web.Response(text=text, content_type="text/event-stream")
    await request.read()
    return web.json_response(event)


@asynccontextmanager
async def subgraph(certificate: Path, clients: Path | None = None) -> AsyncIterator[str]:
    """A subgraph over https; with ``clients`` only for those whom this authority knows."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=clients)
    context.load_cert_chain(certificate)
    context.verify_mode = ssl.CERT_REQUIRED if clients else ssl.CERT_NONE
    app = web.Application()
    app.router.add_route("*", "/graphql", answer)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, HERE, 0, ssl_context=context)
    await site.start()
    try:
        yield f"https://{HERE}:{runner.addresses[0][1]}/graphql"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def speaking(every: SubgraphTls, /, **subgraph: Any) -> AsyncIterator[SubgraphHttp]:
    settings = ServerSettings(
        subgraph_tls=every, subgraphs={"a": SubgraphSettings(**subgraph)}, traffic=TrafficSettings(retries=0)
    )
    client = SubgraphHttp(settings)
    try:
        yield client
    finally:
        await client.close()


def request(url: str, **more: Any) -> SubgraphRequest:
    return SubgraphRequest("a", url, "{ who }", **more)


async def once(client: SubgraphHttp, url: str) -> Any:
    return (await client.fetch(request(url)))["data"]["who"]


async def with_a_file(client: SubgraphHttp, url: str) -> Any:
    file = SpooledFile()
    file.write(b"hello")
    upload = Upload("hello.txt", "text/plain", file)
    return (await client.fetch(request(url, kind="mutation", variables={"file": upload})))["data"]["who"]


async def live(client: SubgraphHttp, url: str) -> Any:
    async with aclosing(client.subscribe(request(url, kind="subscription"))) as events:  # type: ignore[type-var]
        return (await anext(events))["data"]["who"]


Asked = Callable[[SubgraphHttp, str], Any]
WAYS = [
    pytest.param(once, {}, id="http"),
    pytest.param(with_a_file, {}, id="upload"),
    pytest.param(live, {}, id="websocket"),
    pytest.param(live, {"live": "sse"}, id="sse"),
]


@pytest.mark.parametrize(("asked", "settings"), WAYS)
async def test_both_sides_show_a_certificate(certificates: Certificates, asked: Asked, settings: Any) -> None:
    tls = SubgraphTls(certificates.ca_file, certificates.issue("gateway"))
    async with subgraph(certificates.issue("a"), certificates.ca_file) as url, speaking(tls, **settings) as client:
        assert await asyncio.wait_for(asked(client, url), 5)


@pytest.mark.parametrize(("asked", "settings"), WAYS)
async def test_who_is_known_to_nobody_is_not_asked(certificates: Certificates, asked: Asked, settings: Any) -> None:
    stranger = certificates.issue("stranger", trustme.CA())
    async with subgraph(stranger) as url, speaking(SubgraphTls(certificates.ca_file), **settings) as client:
        with pytest.raises(SubgraphUnreachable):
            await asyncio.wait_for(asked(client, url), 5)


async def test_the_error_says_what_the_certificate_lacks(certificates: Certificates) -> None:
    stranger = certificates.issue("stranger", trustme.CA())
    async with subgraph(stranger) as url, speaking(SubgraphTls(certificates.ca_file)) as client:
        with pytest.raises(SubgraphUnreachable, match=r"no TLS connection \(unable to get local issuer certificate\)"):
            await once(client, url)


@pytest.mark.parametrize("shown", [None, "stranger"])
async def test_a_subgraph_answers_nobody_without_its_certificate(certificates: Certificates, shown: str | None) -> None:
    mine = certificates.issue("stranger", trustme.CA()) if shown else None
    tls = SubgraphTls(certificates.ca_file, mine)
    async with subgraph(certificates.issue("a"), certificates.ca_file) as url, speaking(tls) as client:
        with pytest.raises(SubgraphUnreachable, match=r"no TLS connection|closed the connection"):
            await once(client, url)


async def test_one_subgraph_may_have_files_of_its_own(certificates: Certificates, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Certificates(tmp_path / "other")
    async with (
        subgraph(other.issue("a")) as url,
        speaking(SubgraphTls(certificates.ca_file), tls=SubgraphTls(other.ca_file)) as client,
    ):
        assert await once(client, url) is None


async def test_a_new_certificate_is_shown_without_a_restart(certificates: Certificates) -> None:
    mine = certificates.issue("gateway")
    async with (
        subgraph(certificates.issue("a"), certificates.ca_file) as url,
        speaking(SubgraphTls(certificates.ca_file, mine)) as client,
    ):
        first = await once(client, url)
        mine.write_text("half of a certificate")
        assert await once(client, url) == first
        certificates.issue("gateway")
        assert await once(client, url) not in (None, first)


def written(folder: Path, text: str) -> Path:
    """A ``graph.yaml`` with these lines."""
    (folder / "a.graphql").write_text("type Query { a: Int }")
    file = folder / "graph.yaml"
    file.write_text(f"subgraphs: {{a: {{routing_url: http://{HERE}:1/, schema: {{file: a.graphql}}}}}}\n{text}")
    return file


def test_files_that_do_not_fit_are_said_before_anything_is_served(certificates: Certificates, tmp_path: Path) -> None:
    certificates.issue("one")
    made = certificates.authority.issue_cert(HERE)
    made.private_key_pem.write_to_path(tmp_path / "other.key")
    file = written(
        tmp_path,
        "https: {certificate_file: one.pem, key_file: other.key}\n"
        "subgraph_tls: {ca_file: a.graphql, key_file: other.key}\n",
    )

    with pytest.raises(WrongGraphFile) as wrong:
        read_graph_file(file, {})

    problems = "\n".join(wrong.value.problems)
    assert "https: " in problems
    assert "belong together (KEY_VALUES_MISMATCH)" in problems
    assert f"subgraph_tls: {tmp_path / 'a.graphql'}" in problems
    assert "subgraph_tls.key_file: name the certificate that this is the key of" in problems


def served_by(port: int, context: ssl.SSLContext) -> Any:
    question = urllib.request.Request(
        f"https://{HERE}:{port}/graphql",
        data=b'{"query": "{ __typename }"}',
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(question, timeout=5, context=context) as got:
        return json.load(got)


def test_clients_are_answered_over_https_and_a_new_certificate_takes_over(
    certificates: Certificates, tmp_path: Path
) -> None:
    certificates.issue("gateway")
    port = free_port()
    written(tmp_path, "reload_every: 0.05\nhttps: {certificate_file: gateway.pem, client_ca_file: ca.pem}\n")
    known = ssl.create_default_context(cafile=certificates.ca_file)
    known.load_cert_chain(certificates.issue("client"))
    command = ("-m", "gateway_graphql", "serve", "--config", "graph.yaml", "--port", str(port))
    with process(tmp_path, os.environ | ENVIRONMENT, *command) as running:
        log = log_of(running)
        assert until(log, "gateway is ready")["url"] == f"https://{HERE}:{port}/graphql"

        assert served_by(port, known) == {"data": {"__typename": "Query"}}
        first = ssl.get_server_certificate((HERE, port), ca_certs=None)
        with pytest.raises((OSError, urllib.error.URLError)):
            served_by(port, ssl.create_default_context(cafile=certificates.ca_file))

        (tmp_path / "gateway.pem").write_text("half of a certificate")
        until(log, "certificate not reloaded, the old one stays")
        certificates.issue("gateway")
        until(log, "certificate reloaded")
        assert served_by(port, known) == {"data": {"__typename": "Query"}}
        assert ssl.get_server_certificate((HERE, port)) != first
