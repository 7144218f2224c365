"""``python -m gateway_graphql check | compose | api | plan | openapi | serve``: one command per stage of the pipeline."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gateway_graphql.server.commands import CommandFailed

if TYPE_CHECKING:
    from gateway_graphql.composition.contract import Contract

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0, or 1 with the reason on standard error."""
    options = _parser().parse_args(arguments)
    try:
        match options.command:
            case "check":
                from gateway_graphql.server.commands.check import run_check, run_json_schema

                return run_check(options.config) if options.config else run_json_schema()
            case "compose":
                from gateway_graphql.server.commands.compose import run_compose

                return run_compose(options.config, options.output, options.format, _contract(options))
            case "plan":
                from gateway_graphql.server.commands.plan import run_plan

                return run_plan(options.supergraph, options.operation, options.operation_name, options.format)
            case "api":
                from gateway_graphql.server.commands.api import run_api

                return run_api(options.supergraph)
            case "openapi":
                from gateway_graphql.server.commands.openapi import run_openapi

                return run_openapi(options.supergraph, options.page)
            case _:
                from gateway_graphql.server.commands.serve import run_serve

                return run_serve(options.supergraph, options.config, options.host, options.port, options.workers)
    except CommandFailed as failed:
        print(failed, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _contract(options: argparse.Namespace) -> Contract | None:
    if not options.include_tag and not options.exclude_tag:
        return None
    from gateway_graphql.composition.contract import Contract

    return Contract(
        frozenset(options.include_tag), frozenset(options.exclude_tag), hide_unreachable=not options.keep_unreachable
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m gateway_graphql", description="Many GraphQL services, one graph.")
    commands = parser.add_subparsers(dest="command", required=True)

    check = commands.add_parser("check", help="say everything that is wrong with a graph.yaml and its subgraphs")
    what = check.add_mutually_exclusive_group(required=True)
    what.add_argument("--config", type=Path, help="graph.yaml")
    what.add_argument("--json-schema", action="store_true", help="print the JSON Schema of graph.yaml, for editors")

    compose = commands.add_parser("compose", help="make one supergraph of several subgraphs")
    compose.add_argument("--config", type=Path, required=True, help="graph.yaml: the subgraphs and their schemas")
    compose.add_argument("--output", type=Path, help="write here instead of standard output")
    compose.add_argument("--format", choices=("text", "json"), default="text")
    contract = compose.add_argument_group("contract", "the part of the graph that some clients may see")
    contract.add_argument(
        "--include-tag", action="append", default=[], metavar="TAG", help="show only what has such a @tag; repeatable"
    )
    contract.add_argument(
        "--exclude-tag", action="append", default=[], metavar="TAG", help="hide what has such a @tag; repeatable"
    )
    contract.add_argument("--keep-unreachable", action="store_true", help="show types that no visible field leads to")

    plan = commands.add_parser("plan", help="show how an operation will be answered")
    plan.add_argument("--supergraph", type=Path, required=True, help="what compose has written")
    plan.add_argument("operation", type=Path, help="a .graphql file; - reads standard input")
    plan.add_argument("--operation-name", help="which operation, if the file has several")
    plan.add_argument("--format", choices=("text", "json"), default="text")

    api = commands.add_parser("api", help="print the schema that clients see")
    api.add_argument("--supergraph", type=Path, required=True, help="what compose has written")
    openapi = commands.add_parser("openapi", help="describe a page of REST endpoints as OpenAPI, in JSON")
    openapi.add_argument("--supergraph", type=Path, required=True, help="what compose has written")
    openapi.add_argument("page", type=Path, help="the YAML file that lists the endpoints")

    serve = commands.add_parser("serve", help="answer GraphQL on /graphql, until Ctrl-C")
    serve.add_argument("--supergraph", type=Path, help="what compose has written; --config then gives the settings")
    serve.add_argument("--config", type=Path, help="graph.yaml: the settings, and what to compose at start")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=4000)
    serve.add_argument("--workers", type=int, default=1, help="processes that serve it side by side; one for each core")
    return parser


if __name__ == "__main__":
    sys.exit(main())
