"""``serve``: the gateway under uvicorn, until it is told to stop."""

from __future__ import annotations

import asyncio
import errno
import gc
import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import uvicorn
from prometheus_client import start_http_server

from gateway_graphql.server.access_log import configure_logs, log
from gateway_graphql.server.app import GatewayApp, create_app
from gateway_graphql.server.commands import A_SUPERGRAPH, CommandFailed, text_of, usable_supergraph
from gateway_graphql.server.extensions import WrongExtension
from gateway_graphql.server.follow import Newer, NotUsable, follow, supergraph_file, supergraph_of
from gateway_graphql.server.http_server import HttpConnection
from gateway_graphql.server.schemas import SubgraphSdl
from gateway_graphql.server.settings import ServerSettings

__all__ = ["run_serve"]

GRACE = 5
"""seconds that requests under way have at the end"""


@dataclass(frozen=True)
class Served:
    """What to serve, and how to learn that there is something newer."""

    sdl: str
    settings: ServerSettings
    newer: Newer


def run_serve(supergraph: Path | None, config: Path | None, host: str, port: int) -> int:
    """Serve until SIGINT or SIGTERM."""
    configure_logs()
    listening = _listen(host, port)
    with listening:
        served = _from_file(supergraph) if supergraph else _from_subgraphs(config)
        settings = served.settings
        if _has_tracing():
            settings = replace(settings, tracing=True)
        try:
            with usable_supergraph(supergraph or config):
                app = create_app(served.sdl, settings)
        except WrongExtension as wrong:
            raise CommandFailed(f"{config}: extensions: {wrong}") from None
        _settle()
        # A syntax tree has thousands of objects: looking for rubbish after every 700 new ones took a fifth of planning.
        gc.set_threshold(20_000, 10, 10)
        server = Server(
            app,
            served,
            uvicorn.Config(
                app,
                loop="uvloop",
                http=partial(HttpConnection, app.answer_to),  # type: ignore[arg-type]
                ws="websockets-sansio",
                ws_max_size=settings.limits.json_bytes,
                lifespan="on",
                log_config=None,
                log_level="warning",
                access_log=False,
                server_header=False,
                timeout_keep_alive=settings.timeouts.keep_alive,  # type: ignore[arg-type]
                timeout_graceful_shutdown=GRACE,
            ),
        )
        with _metrics_at(settings.metrics, app):
            log.info("gateway is ready", url=f"http://{_shown(host)}:{listening.getsockname()[1]}/graphql")
            server.run(sockets=[listening])
        return 0 if server.started else 1


@contextmanager
def _metrics_at(place: str | None, app: GatewayApp) -> Iterator[None]:
    """Prometheus asks on a port of its own, in a thread: clients cannot get there, and a busy loop does not hold it up."""
    if place is None:
        yield
        return
    host, _, port = place.rpartition(":")
    try:
        server, thread = start_http_server(int(port), host.strip("[]"), app.metrics.registry)
    except OSError as problem:
        raise CommandFailed(f"metrics: cannot listen on {place}: {problem.strerror or problem}") from None
    log.info("metrics are ready", url=f"http://{place}/metrics")
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


def _has_tracing() -> bool:
    try:
        from gateway_graphql.server.tracing import ENDPOINTS, configure_tracing
    except ImportError:
        return False
    if not configure_tracing():
        return False
    log.info("traces are sent", to=next(os.environ[name] for name in ENDPOINTS if os.environ.get(name)))
    return True


def _settle() -> None:
    """What was loaded stays for long; the collector need not look at it again, only at what a reload has left behind."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


class Server(uvicorn.Server):
    """Reloads the supergraph; ends the live streams before it waits for the requests under way."""

    def __init__(self, app: GatewayApp, served: Served, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._app = app
        self._served = served
        self._following: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and follow what is newer."""
        await super().startup(sockets)
        every = self._served.settings.reload_every
        if every:
            self._following = asyncio.create_task(follow(self._served.newer, self._reload, every, log.info))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Uvicorn closes the WebSockets itself, with code 1012: clients connect again."""
        log.info("gateway is stopping")
        if self._following is not None:
            self._following.cancel()
        self._app.end_streams()
        await super().shutdown(sockets)

    async def _reload(self, sdl: str) -> None:
        await self._app.reload(sdl)
        _settle()


def _listen(host: str, port: int) -> socket.socket:
    """Bound before anything slow, so that a port in use is said at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as problem:
        listening.close()
        if problem.errno == errno.EADDRINUSE:
            raise CommandFailed(f"port {port} on {host} is in use; choose another with --port") from None
        raise CommandFailed(f"cannot listen on {host}:{port}: {problem.strerror or problem}") from None
    return listening


def _from_file(supergraph: Path) -> Served:
    sdl = text_of(supergraph, A_SUPERGRAPH)
    return Served(sdl, ServerSettings(), supergraph_file(supergraph, sdl))


def _from_subgraphs(config: Path | None) -> Served:
    if config is None:
        raise CommandFailed("name a supergraph with --supergraph, or a graph.yaml with --config")
    from gateway_graphql.server.commands.composing import composed, graph_from, schemas_of

    def compose(schemas: Sequence[SubgraphSdl]) -> str:
        result = composed(schemas)
        if result.errors or result.supergraph_sdl is None:
            lines = [str(error) for error in result.errors]
            raise NotUsable("\n".join([*lines, f"{config}: the subgraphs do not compose: {len(lines)} error(s)"]))
        # What the hints are, `compose` says to the person who can do something about them.
        log.info("composed", subgraphs=[schema.name for schema in schemas], hints=len(result.hints))
        return result.supergraph_sdl

    graph = graph_from(config)
    schemas = schemas_of(graph, wait=graph.settings.timeouts.start, tell=log.info)
    try:
        sdl = compose(schemas)
    except NotUsable as problem:
        raise CommandFailed(str(problem)) from None
    return Served(sdl, graph.settings, supergraph_of(graph, schemas, compose))


def _shown(host: str) -> str:
    if host in ("0.0.0.0", "::"):  # noqa: S104 (compared, not bound)
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
