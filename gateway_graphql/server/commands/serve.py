"""``serve``: the gateway under uvicorn, until it is told to stop."""

from __future__ import annotations

import errno
import gc
import socket
from pathlib import Path

import uvicorn

from gateway_graphql.server.access_log import configure_logs, log
from gateway_graphql.server.app import GatewayApp, create_app
from gateway_graphql.server.commands import A_SUPERGRAPH, CommandFailed, text_of, usable_supergraph
from gateway_graphql.server.settings import ServerSettings

__all__ = ["run_serve"]

GRACE = 5
"""seconds that requests under way have at the end"""


def run_serve(supergraph: Path | None, config: Path | None, host: str, port: int) -> int:
    """Serve until SIGINT or SIGTERM."""
    configure_logs()
    listening = _listen(host, port)
    with listening:
        sdl, settings = _supergraph(supergraph, config)
        with usable_supergraph(supergraph or config):
            app = create_app(sdl, settings)
        # What was loaded stays for ever; the collector need not look at it again.
        gc.collect()
        gc.freeze()
        # A syntax tree has thousands of objects: looking for rubbish after every 700 new ones took a fifth of planning.
        gc.set_threshold(20_000, 10, 10)
        server = Server(
            app,
            uvicorn.Config(
                app,
                loop="uvloop",
                http="httptools",
                ws="websockets-sansio",
                ws_max_size=settings.limits.json_bytes,
                lifespan="on",
                log_config=None,
                log_level="warning",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=GRACE,
            ),
        )
        log.info("gateway is ready", url=f"http://{_shown(host)}:{listening.getsockname()[1]}/graphql")
        server.run(sockets=[listening])
        return 0 if server.started else 1


class Server(uvicorn.Server):
    """Ends the live streams before it waits for the requests under way."""

    def __init__(self, app: GatewayApp, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Uvicorn closes the WebSockets itself, with code 1012: clients connect again."""
        log.info("gateway is stopping")
        self._app.end_streams()
        await super().shutdown(sockets)


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


def _supergraph(supergraph: Path | None, config: Path | None) -> tuple[str, ServerSettings]:
    if supergraph is not None:
        return text_of(supergraph, A_SUPERGRAPH), ServerSettings()
    if config is None:
        raise CommandFailed("name a supergraph with --supergraph, or a graph.yaml with --config")
    from gateway_graphql.server.commands.composing import composed, graph_from

    graph = graph_from(config)
    result = composed(graph, wait=graph.settings.timeouts.start, tell=log.info)
    if result.errors or result.supergraph_sdl is None:
        lines = [str(error) for error in result.errors]
        raise CommandFailed("\n".join([*lines, f"{config}: the subgraphs do not compose: {len(lines)} error(s)"]))
    # What the hints are, `compose` says to the person who can do something about them.
    log.info("composed", subgraphs=[entry.name for entry in graph.subgraphs], hints=len(result.hints))
    return result.supergraph_sdl, graph.settings


def _shown(host: str) -> str:
    if host in ("0.0.0.0", "::"):  # noqa: S104 (compared, not bound)
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
