"""``check``: everything that is wrong with a graph.yaml and what it names, before anybody serves it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import aiohttp

from gateway_graphql.execution.gateway import Gateway
from gateway_graphql.server.commands import A_SUPERGRAPH, CommandFailed, say, text_of, usable_supergraph
from gateway_graphql.server.commands.compose import WAIT
from gateway_graphql.server.commands.composing import composed, graph_from, schemas_of
from gateway_graphql.server.extensions import WrongExtension, extension_named
from gateway_graphql.server.graph_schema import graph_schema
from gateway_graphql.server.policies import policies_of
from gateway_graphql.server.rest.openapi import problems_with
from gateway_graphql.server.rest.page import read_rest_page
from gateway_graphql.server.settings import ServerSettings
from gateway_graphql.server.subgraph_http import SubgraphHttp

__all__ = ["run_check", "run_json_schema"]


def run_check(config: Path) -> int:
    """Say what is wrong and where; 1 if anything is. Hints are said, and are nothing wrong."""
    graph = graph_from(config)
    problems = _wrong_extensions(graph.settings)
    if graph.supergraph is not None:
        return _check_supergraph(config, graph.supergraph, graph.settings, problems)
    try:
        schemas = schemas_of(graph, wait=WAIT, tell=lambda *_, **__: None)
    except CommandFailed as failed:
        raise CommandFailed("\n".join([*problems, str(failed)])) from None
    result = composed(schemas)
    for hint in result.hints:
        say(f"hint {hint}")
    problems += [str(error) for error in result.errors]
    if result.supergraph_sdl is not None:
        problems += _wrong_rest_pages(graph.settings, Gateway(result.supergraph_sdl, SubgraphHttp()))
    if problems:
        raise CommandFailed("\n".join([*problems, f"{config}: {len(problems)} problem(s)"]))
    names = ", ".join(entry.name for entry in graph.subgraphs)
    sys.stdout.write(f"{config}: in order; it composes {names} with {len(result.hints)} hint(s)\n")
    return 0


def _check_supergraph(config: Path, supergraph: Path, settings: ServerSettings, problems: list[str]) -> int:
    try:
        with usable_supergraph(supergraph):
            gateway = Gateway(text_of(supergraph, A_SUPERGRAPH), SubgraphHttp())
    except CommandFailed as failed:
        raise CommandFailed("\n".join([*problems, str(failed)])) from None
    there = sorted(graph.name for graph in gateway.supergraph.graphs.values())
    problems += [
        f"subgraphs.{name}: there is no such subgraph in {supergraph}; there are: {', '.join(there)}"
        for name in settings.subgraphs
        if name not in there
    ]
    problems += _wrong_rest_pages(settings, gateway)
    if problems:
        raise CommandFailed("\n".join([*problems, f"{config}: {len(problems)} problem(s)"]))
    sys.stdout.write(f"{config}: in order; {supergraph} has {', '.join(there)}\n")
    return 0


def _wrong_rest_pages(settings: ServerSettings, gateway: Gateway) -> list[str]:
    return [f"{file}: {problem}" for file in settings.rest for problem in problems_with(read_rest_page(file), gateway)]


def run_json_schema() -> int:
    """Print the JSON Schema of graph.yaml."""
    sys.stdout.write(json.dumps(graph_schema(), indent=2) + "\n")
    return 0


def _wrong_extensions(settings: ServerSettings) -> list[str]:
    problems = []
    taken: list[Callable[[], object]] = [partial(extension_named, name) for name in settings.extensions]
    taken.append(partial(policies_of, settings.authorization.policies, aiohttp.ClientSession))
    for take in taken:
        try:
            take()
        except WrongExtension as wrong:
            problems.append(str(wrong))
    return problems
