"""``serve``: the gateway under uvicorn, until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import os
import resource
import socket
import ssl
import sys
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
from prometheus_client import start_http_server

from gateway_graphql.server.access_log import carry_lines, configure_logs, end_lines, log
from gateway_graphql.server.app import GatewayApp, create_app
from gateway_graphql.server.commands import A_SUPERGRAPH, CommandFailed, text_of, usable_supergraph
from gateway_graphql.server.commands.workers import run_workers
from gateway_graphql.server.extensions import WrongExtension
from gateway_graphql.server.follow import Newer, NotUsable, follow, supergraph_file, supergraph_of
from gateway_graphql.server.graph_file import GraphFile
from gateway_graphql.server.http_server import HttpConnection
from gateway_graphql.server.rest.page import WrongRestPage
from gateway_graphql.server.schemas import SubgraphSdl
from gateway_graphql.server.settings import HttpsSettings, ServerSettings
from gateway_graphql.server.tls import follow_certificate, listening_context

__all__ = ["run_serve"]

GRACE = 5
"""seconds that requests under way have at the end"""
TURN = 0.001
"""seconds that a thread that plans may go on while the event loop waits for it"""
LOOK_EVERY = 5.0
"""seconds between two looks at the certificate where ``reload_every`` says that nothing else is looked at"""


@dataclass(frozen=True)
class Served:
    """What to serve, and how to learn that there is something newer."""

    sdl: str
    settings: ServerSettings
    newer: Newer
    named: Path
    """the file that says so"""


def run_serve(supergraph: Path | None, config: Path | None, host: str, port: int, workers: int = 1) -> int:
    """Serve until SIGINT or SIGTERM."""
    if supergraph is None and config is None:
        raise CommandFailed("name a supergraph with --supergraph, or a graph.yaml with --config")
    if workers < 1:
        raise CommandFailed(f"--workers {workers}: there must be at least one")
    configure_logs()
    with ExitStack() as stack:
        first = stack.enter_context(_listen(host, port, shared=workers > 1))
        at = first.getsockname()[1]
        served = _served(supergraph, config)
        carry_lines(served.settings.log_lines, served.settings.service_token)
        url = f"{'https' if served.settings.https else 'http'}://{_shown(host)}:{at}/graphql"
        if workers == 1:
            return _serve(served, first, url)
        sockets = [first, *(stack.enter_context(_listen(host, at, shared=True)) for _ in range(workers - 1))]
        _settle()

        def serve(number: int, listening: socket.socket, ends: int) -> int:
            try:
                return _serve(served, listening, url, number, ends)
            except CommandFailed as failed:
                log.error("worker cannot start", worker=number, problem=str(failed))
                return 1

        return run_workers(sockets, serve)


def _serve(
    served: Served, listening: socket.socket, url: str, worker: int | None = None, ends: int | None = None
) -> int:
    """
    Serve on this socket, until told to stop.

    :param worker: which of several this is
    :param ends: also stop when this descriptor can be read
    """
    settings = served.settings
    https = settings.https
    if _has_tracing():
        settings = replace(settings, tracing=True)
    _open_as_many_files_as_allowed()
    try:
        with usable_supergraph(served.named):
            app = create_app(served.sdl, settings)
    except WrongExtension as wrong:
        raise CommandFailed(f"{served.named}: {wrong}") from None
    except WrongRestPage as wrong:
        raise CommandFailed(str(wrong)) from None
    _settle()
    # A syntax tree has thousands of objects: looking for rubbish after every 700 new ones took a fifth of planning.
    # Few at a time: plans stay, and a look at many of them would hold up everybody.
    gc.set_threshold(8_000, 2, 10)
    sys.setswitchinterval(TURN)
    server = Server(
        app,
        served,
        uvicorn.Config(
            app,
            loop="uvloop",
            http=partial(HttpConnection, app.answer_to, most_connections=settings.limits.connections),  # type: ignore[arg-type]
            ws="websockets-sansio",
            ws_max_size=settings.limits.json_bytes,
            lifespan="on",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,  # the setting rate_limits.trusted_proxies says who is believed
            timeout_keep_alive=settings.timeouts.keep_alive,  # type: ignore[arg-type]
            timeout_graceful_shutdown=GRACE,
            ssl_context_factory=None if https is None else lambda *_: listening_context(https),
        ),
        {"url": url} | ({} if worker is None else {"worker": worker}),
        ends,
    )
    with _metrics_at(settings.metrics, settings.metrics_tls, worker or 0, app) as of_metrics:
        server.metrics_context = of_metrics
        server.run(sockets=[listening])
    return 0 if server.started else 1


@contextmanager
def _metrics_at(
    place: str | None, tls: HttpsSettings | None, worker: int, app: GatewayApp
) -> Iterator[ssl.SSLContext | None]:
    """
    Prometheus asks on a port of its own, in a thread: clients cannot get there, and a busy loop does not hold it up.

    Each worker counts what it does itself, on the port that many above the first.
    """
    if place is None:
        yield None
        return
    host, _, port = place.rpartition(":")
    place = f"{host}:{int(port) + worker}"
    files: dict[str, Any] = {}
    if tls is not None:
        files = {
            "certfile": str(tls.certificate_file),
            "keyfile": str(tls.key_file or tls.certificate_file),
            "client_cafile": str(tls.client_ca_file) if tls.client_ca_file else None,
            "client_auth_required": tls.client_ca_file is not None,
        }
    try:
        server, thread = start_http_server(int(port) + worker, host.strip("[]"), app.metrics.registry, **files)
    except OSError as problem:
        raise CommandFailed(f"metrics: cannot listen on {place}: {problem.strerror or problem}") from None
    log.info("metrics are ready", url=f"{'https' if tls else 'http'}://{place}/metrics")
    try:
        yield server.socket.context if isinstance(server.socket, ssl.SSLSocket) else None
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


def _open_as_many_files_as_allowed() -> None:
    """Each connection is a file; the usual limit of 1,024 is for programs that do not expect many."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):  # some systems say "no limit" and mean another
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _settle(generation: int = 2) -> None:
    """
    What is there now stays for long: the collector need not look at it again.

    :param generation: up to which it looks for rubbish before; 0, among what was made last, is quick enough while clients wait
    """
    gc.collect(generation)
    gc.freeze()


@contextmanager
def _unseen_by_the_collector() -> Iterator[None]:
    """Around what makes very many objects that stay: to look at them would hold up everybody, and find nothing."""
    gc.collect(0)
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()


class Server(uvicorn.Server):
    """Reloads the supergraph; ends the live streams before it waits for the requests under way."""

    def __init__(
        self, app: GatewayApp, served: Served, config: uvicorn.Config, told: Mapping[str, Any], ends: int | None
    ) -> None:
        super().__init__(config)
        self._app = app
        self._served = served
        self._told = told
        self._ends = ends
        self.metrics_context: ssl.SSLContext | None = None
        """what Prometheus is answered with, where that is TLS"""
        self._following: list[asyncio.Task[None]] = []

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and follow what is newer."""
        await super().startup(sockets)
        if self.should_exit:
            return
        log.info("gateway is ready", **self._told)
        if self._ends is not None:
            asyncio.get_running_loop().add_reader(self._ends, self._end, self._ends)
        every = self._served.settings.reload_every
        if every:
            self._follow(follow(self._served.newer, self._reload, every, log.info))
        https = self._served.settings.https
        if https is not None and self.config.ssl is not None:
            self._follow(follow_certificate(self.config.ssl, https, every or LOOK_EVERY, log.info))
        metrics_tls = self._served.settings.metrics_tls
        if metrics_tls is not None and self.metrics_context is not None:
            self._follow(follow_certificate(self.metrics_context, metrics_tls, every or LOOK_EVERY, log.info))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Uvicorn closes the WebSockets itself, with code 1012: clients connect again."""
        log.info("gateway is stopping")
        for task in self._following:
            task.cancel()
        self._app.end_streams()
        await super().shutdown(sockets)
        await asyncio.to_thread(end_lines)

    def _follow(self, what: Coroutine[Any, Any, None]) -> None:
        self._following.append(asyncio.create_task(what))

    def _end(self, descriptor: int) -> None:
        asyncio.get_running_loop().remove_reader(descriptor)
        self.should_exit = True

    async def _reload(self, sdl: str) -> None:
        await self._app.reload(sdl, _unseen_by_the_collector())
        _settle(0)  # the plans


def _listen(host: str, port: int, *, shared: bool) -> socket.socket:
    """
    Bound before anything slow, so that a port in use is said at once.

    ``shared``: others of ours listen there too, and connections are divided among them.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listening.bind((host, port))
    except OSError as problem:
        listening.close()
        if problem.errno == errno.EADDRINUSE:
            raise CommandFailed(f"port {port} on {host} is in use; choose another with --port") from None
        raise CommandFailed(f"cannot listen on {host}:{port}: {problem.strerror or problem}") from None
    return listening


def _served(supergraph: Path | None, config: Path | None) -> Served:
    settings = ServerSettings()
    if config is not None:
        from gateway_graphql.server.commands.composing import graph_from

        graph = graph_from(config, supergraph)
        if graph.supergraph is None:
            return _of_subgraphs(graph, config)
        supergraph, settings = graph.supergraph, graph.settings
    assert supergraph is not None  # noqa: S101 (one of the two was named)
    return _of_file(supergraph, settings)


def _of_file(supergraph: Path, settings: ServerSettings) -> Served:
    sdl = text_of(supergraph, A_SUPERGRAPH)
    return Served(sdl, settings, supergraph_file(supergraph, sdl), supergraph)


def _of_subgraphs(graph: GraphFile, config: Path) -> Served:
    from gateway_graphql.server.commands.compose_beside import Composed, compose_beside, compose_here
    from gateway_graphql.server.commands.composing import schemas_of

    async def compose(schemas: Sequence[SubgraphSdl]) -> str:
        return usable(await compose_beside(schemas), schemas)

    def usable(result: Composed, schemas: Sequence[SubgraphSdl]) -> str:
        if result.errors or result.supergraph_sdl is None:
            said = f"{config}: the subgraphs do not compose: {len(result.errors)} error(s)"
            raise NotUsable("\n".join([*result.errors, said]))
        # What the hints are, `compose` says to the person who can do something about them.
        log.info("composed", subgraphs=[schema.name for schema in schemas], hints=result.hints)
        return result.supergraph_sdl

    schemas = schemas_of(graph, wait=graph.settings.timeouts.start, tell=log.info)
    try:
        sdl = usable(compose_here(schemas), schemas)
    except NotUsable as problem:
        raise CommandFailed(str(problem)) from None
    return Served(sdl, graph.settings, supergraph_of(graph, schemas, compose), config)


def _shown(host: str) -> str:
    if host in ("0.0.0.0", "::"):  # noqa: S104 (compared, not bound)
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
