"""From ``graph.yaml`` to a composition; shared by ``compose`` and ``serve``."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from gateway_graphql.composition.compose import CompositionResult, compose
from gateway_graphql.composition.contract import Contract
from gateway_graphql.composition.subgraph import Subgraph
from gateway_graphql.server.commands import CommandFailed
from gateway_graphql.server.graph_file import GraphFile, WrongGraphFile, read_graph_file
from gateway_graphql.server.known_operations import WrongOperations, read_known_operations
from gateway_graphql.server.schemas import SchemasMissing, SubgraphSdl, Tell, load_schemas
from gateway_graphql.server.service_token import ServiceTokens, WrongServiceKey

__all__ = ["composed", "graph_from", "schemas_of"]


def graph_from(config: Path, supergraph: Path | None = None) -> GraphFile:
    """The file, read and checked; with ``supergraph``, for serving that one."""
    try:
        graph = read_graph_file(config, supergraph=supergraph)
        if graph.settings.known_operations is not None:
            read_known_operations(graph.settings.known_operations)
        if graph.settings.service_token is not None:
            ServiceTokens(graph.settings.service_token)
        return graph
    except WrongGraphFile as wrong:
        raise CommandFailed(str(wrong)) from None
    except (WrongServiceKey, WrongOperations) as wrong:
        raise CommandFailed(f"{config}: {wrong}") from None


def schemas_of(graph: GraphFile, *, wait: float, tell: Tell) -> list[SubgraphSdl]:
    """The subgraphs' schemas."""
    try:
        return asyncio.run(load_schemas(graph, wait=wait, tell=tell))
    except SchemasMissing as missing:
        raise CommandFailed(str(missing)) from None


def composed(schemas: Sequence[SubgraphSdl], contract: Contract | None = None) -> CompositionResult:
    """The schemas as one, or what a contract shows of it; with errors in it if they do not compose."""
    return compose([Subgraph.from_sdl(schema.name, schema.sdl, schema.url) for schema in schemas], contract)
