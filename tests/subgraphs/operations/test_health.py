"""How services are: each asked for real, those that do not answer too."""

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from tests.subgraphs.service import GraphQLOfService

HEALTH = "{ serviceHealth { service isReady milliseconds problem checks { name isOk finding } } }"


@asynccontextmanager
async def services() -> AsyncIterator[str]:
    async def well(_: web.Request) -> web.Response:
        return web.json_response({"status": "ready", "checks": {"mongodb": "ok"}})

    async def unwell(_: web.Request) -> web.Response:
        return web.json_response({"checks": {"mongodb": "ok", "redis": "ConnectionError: refused"}}, status=503)

    async def nonsense(_: web.Request) -> web.Response:
        return web.Response(text="<html>")

    app = web.Application()
    app.router.add_get("/well", well)
    app.router.add_get("/unwell", unwell)
    app.router.add_get("/nonsense", nonsense)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_each_says_how_it_is(ask: GraphQLOfService, settings_of: Callable[..., None]) -> None:
    # Connections are accepted by the system, and nobody reads them.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        await _asked_of_each(ask, settings_of, f"http://127.0.0.1:{silent.getsockname()[1]}/ready")


async def _asked_of_each(ask: GraphQLOfService, settings_of: Callable[..., None], silent: str) -> None:
    async with services() as url:
        urls = {name: f"{url}/{name}" for name in ("well", "unwell", "nonsense")}
        settings_of(SERVICES={**urls, "silent": silent, "gone": "http://127.0.0.1:1/ready"}, PATIENCE=1)
        found = {one["service"]: one for one in (await ask(HEALTH)).data["serviceHealth"]}

    assert {name: one["isReady"] for name, one in found.items()} == {
        "well": True,
        "unwell": False,
        "silent": False,
        "nonsense": False,
        "gone": False,
    }
    assert found["unwell"]["checks"][1] == {"name": "redis", "isOk": False, "finding": "ConnectionError: refused"}
    assert found["silent"]["problem"] == "no answer within 1 s"
    assert found["gone"]["problem"].startswith("no answer (")
    assert found["well"]["problem"] is None
    assert 0 < found["well"]["milliseconds"] < 1000


async def test_pages_beside_the_graph_are_listed(ask: GraphQLOfService, settings_of: Callable[..., None]) -> None:
    settings_of(CONSOLES={"Flower": "http://flower.example"})

    answer = await ask("{ operationsConsoles { name url } }")

    assert answer.data["operationsConsoles"] == [{"name": "Flower", "url": "http://flower.example"}]
