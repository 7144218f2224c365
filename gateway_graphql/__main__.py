"""``python -m gateway_graphql check | compose | plan | serve``: one command per stage of the pipeline."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from gateway_graphql.server.commands import CommandFailed

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

                return run_compose(options.config, options.output, options.format)
            case "plan":
                from gateway_graphql.server.commands.plan import run_plan

                return run_plan(options.supergraph, options.operation, options.operation_name, options.format)
            case _:
                from gateway_graphql.server.commands.serve import run_serve

                return run_serve(options.supergraph, options.config, options.host, options.port, options.workers)
    except CommandFailed as failed:
        print(failed, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


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

    plan = commands.add_parser("plan", help="show how an operation will be answered")
    plan.add_argument("--supergraph", type=Path, required=True, help="what compose has written")
    plan.add_argument("operation", type=Path, help="a .graphql file; - reads standard input")
    plan.add_argument("--operation-name", help="which operation, if the file has several")
    plan.add_argument("--format", choices=("text", "json"), default="text")

    serve = commands.add_parser("serve", help="answer GraphQL on /graphql, until Ctrl-C")
    serve.add_argument("--supergraph", type=Path, help="what compose has written; --config then gives the settings")
    serve.add_argument("--config", type=Path, help="graph.yaml: the settings, and what to compose at start")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=4000)
    serve.add_argument("--workers", type=int, default=1, help="processes that serve it side by side; one for each core")
    return parser


if __name__ == "__main__":
    sys.exit(main())
