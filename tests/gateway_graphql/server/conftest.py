"""The gateway's surface over real sockets."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from gateway_graphql.server import GatewayApp, ServerSettings
from gateway_graphql.server.settings import Limits, LiveSettings
from tests.gateway_graphql.server.monolith_gateway import MonolithGateway
from tests.gateway_graphql.server.processes import free_port
from tests.gateway_graphql.server.serving import serving


@pytest.fixture
def settings() -> ServerSettings:
    """Small limits, so that they can be reached."""
    return ServerSettings(
        limits=Limits(
            json_bytes=2000, upload_file_bytes=3_000_000, upload_files=2, concurrent_requests=4, live_connections=3
        ),
        live=LiveSettings(connection_init=0.3, operations_per_connection=3, heartbeat=0.1),
        forward_headers=("authorization",),
        cors_origins=("http://localhost:5173",),
    )


@pytest.fixture
async def gateway() -> MonolithGateway:
    """The engine's double."""
    return MonolithGateway()


@pytest.fixture(params=["asgi", "own_http"])
async def url(gateway: MonolithGateway, settings: ServerSettings, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """Where the application listens, mounted somewhere or served by its own command."""
    async with serving(GatewayApp(gateway, settings), own_http=request.param == "own_http") as url:  # type: ignore[arg-type]
        yield url


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A client, which may send what a page of another origin may not."""
    allowed = {"GraphQL-Preflight": "1"}
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10), headers=allowed) as session:
        yield session


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """A Redis of the test's own."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        pytest.skip("no redis-server on this machine")
    port = free_port()
    server = subprocess.Popen(
        [program, "--port", str(port), "--save", "", "--dir", str(tmp_path)], stdout=subprocess.PIPE
    )
    try:
        assert server.stdout is not None
        for line in server.stdout:
            if b"Ready to accept connections" in line:
                break
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.communicate(timeout=10)
