"""``python -m subgraphs.<service> serve | schema | prepare | check``, the same for every service."""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import MappingProxyType

from pymongo.errors import ConnectionFailure

from subgraphs.chassis import mongo, tracing
from subgraphs.chassis.env import Env, MissingSetting, WrongSetting


def main(
    service: str,
    *,
    port: int,
    sdl: Callable[[], str],
    prepare: Callable[[], object],
    on_mongo: bool = True,
    more: Mapping[str, tuple[str, Callable[[], object]]] = MappingProxyType({}),
    arguments: Sequence[str] | None = None,
) -> int:
    """
    Run one command of a service; return the exit status.

    :param sdl: prints the service's schema; called after Django is set up
    :param prepare: makes indexes and validators (and migrations where there are any); must be harmless to repeat
    :param on_mongo: whether the service keeps what it has in MongoDB, which must then be a replica set
    :param more: commands of this service alone: name → what it does in words, and what does it; that may return whether all went well
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"subgraphs.{service}.settings")
    parser = argparse.ArgumentParser(prog=f"python -m subgraphs.{service}")
    commands = parser.add_subparsers(dest="command", required=True)
    serving = commands.add_parser("serve", help="answer GraphQL over HTTP until told to stop")
    serving.add_argument("--host", default="127.0.0.1")
    serving.add_argument("--port", type=int, default=port)
    serving.add_argument(
        "--open-port", type=int, help="answer here too, without a client's certificate: the open pages alone"
    )
    commands.add_parser("schema", help="print the SDL, directives included")
    commands.add_parser("prepare", help="make indexes and validators; harmless to repeat")
    commands.add_parser("check", help="run Django's checks and compare the committed schema")
    for name, (does, _) in more.items():
        commands.add_parser(name, help=does)
    chosen = parser.parse_args(arguments)
    try:
        _set_up()
        if chosen.command == "serve":
            return _serve(service, chosen.host, chosen.port, chosen.open_port)
        if chosen.command == "schema":
            print(sdl().rstrip())  # noqa: T201 - this is what the command is for
            return 0
        if chosen.command == "prepare":
            if on_mongo:
                mongo.require_replica_set(service)
            prepare()
            return 0
        if chosen.command in more:
            return 0 if more[chosen.command][1]() in (None, True) else 1
        return _check(service, sdl)
    except (MissingSetting, WrongSetting, mongo.UnsuitableStore) as problem:
        print(f"{type(problem).__name__}: {problem}", file=sys.stderr)  # noqa: T201
        return 2
    except ConnectionFailure as problem:
        print(f"MongoDB does not answer, see MONGO_URL: {problem}"[:500], file=sys.stderr)  # noqa: T201
        return 1


def _set_up() -> None:
    import django

    django.setup()


def _serve(service: str, host: str, port: int, open_port: int | None) -> int:
    from django.conf import settings

    from subgraphs.chassis.identity import is_open
    from subgraphs.chassis.metrics_port import serve_metrics
    from subgraphs.chassis.serving import serve

    application = import_module(f"subgraphs.{service}.asgi").application
    serve_metrics(Env(service))
    tracing.configure(service)
    return serve(application, host=host, port=port, open_port=open_port, is_open=is_open, tls=settings.TLS)


def _check(service: str, sdl: Callable[[], str]) -> int:
    from django.core.management import call_command

    call_command("check")
    committed = Path(__file__).parents[1] / service / "schema.graphql"
    if committed.exists() and committed.read_text().strip() != sdl().strip():
        print(  # noqa: T201
            f"{committed.name} differs from the code: run `python -m subgraphs.{service} schema` "
            f"and commit what it prints as subgraphs/{service}/schema.graphql",
            file=sys.stderr,
        )
        return 1
    return 0
