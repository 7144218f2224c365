"""``python -m realtime serve | schema``: the live results, and their SDL."""

import argparse
import os
import sys

from realtime.env import BadSetting, MissingSetting


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says; 2 when the environment is not complete."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "realtime.settings")
    parser = argparse.ArgumentParser(prog="python -m realtime", description="Live results over WebSocket.")
    commands = parser.add_subparsers(dest="command", required=True)
    serve_command = commands.add_parser("serve", help="answer sockets until stopped")
    serve_command.add_argument("--host", default="127.0.0.1")
    serve_command.add_argument("--port", type=int, default=8005)
    serve_command.add_argument(
        "--open-port", type=int, help="answer here too, without a client's certificate: health alone"
    )
    commands.add_parser("schema", help="print the SDL of this subgraph")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.command == "schema":
            print_schema()
            return 0
        from realtime import tracing
        from realtime.metrics_port import serve_metrics
        from realtime.serving import serve
        from realtime.settings import TLS, env

        serve_metrics(env)
        tracing.configure("realtime")
        return serve(chosen.host, chosen.port, chosen.open_port, TLS)
    except (MissingSetting, BadSetting) as problem:
        print(f"{type(problem).__name__}: {problem}", file=sys.stderr)
        return 2


def print_schema() -> None:
    """Print the SDL as it is committed; needs no setting and no server."""
    from realtime.live_results.schema import schema

    print(schema.as_str())


if __name__ == "__main__":
    sys.exit(main())
