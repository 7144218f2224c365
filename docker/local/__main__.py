"""
``python -m docker.local up | demo | test | schema | admin SERVICE | learn [reviews] | audit | keys [change] |
token ROLE | shadow | in SERVICE COMMAND``:
what the Makefile calls.
"""

import asyncio
import sys

from docker.local.settings import LocalSettings


def main(arguments: list[str]) -> int:
    """Run one command and give its exit code."""
    match arguments:
        case ["up"]:
            from docker.local.up import up

            return asyncio.run(up(LocalSettings.from_environment()))
        case ["demo"]:
            from docker.local.demo.show import show

            return asyncio.run(show(LocalSettings.from_environment()))
        case ["admin", ("addresses" | "monolith") as service]:
            from docker.local.in_service import create_admin

            return create_admin(LocalSettings.from_environment(), service)
        case ["in", service, *rest] if rest:
            from docker.local.in_service import in_service

            return in_service(LocalSettings.from_environment(), service, rest)
        case ["learn", *what] if what in ([], ["reviews"]):
            from docker.local.learn import learn

            return learn(LocalSettings.from_environment(), with_reviews=bool(what))
        case ["schema"]:
            from docker.local.schema import write_schemas

            return asyncio.run(write_schemas(LocalSettings.from_environment()))
        case ["test", *only]:
            from docker.local.run_tests import run_tests

            return asyncio.run(run_tests(LocalSettings.from_environment(), only))
        case ["audit"]:
            from docker.local.audit import audit

            return audit(LocalSettings.from_environment().state / "audit/bin/pip-audit")
        case ["keys"]:
            from docker.local.keys import load_or_make

            load_or_make(LocalSettings.from_environment().state)
            return 0
        case ["token", role]:
            from docker.local.token import print_token

            return print_token(LocalSettings.from_environment(), role)
        case ["shadow"]:
            from docker.local.shadow_reads import shadow_reads

            return asyncio.run(shadow_reads(LocalSettings.from_environment()))
        case ["keys", "change"]:
            from docker.local.keys import change

            keys = change(LocalSettings.from_environment().state)
            print(f"{len(keys.private)} services have new keys; what is running takes them up by itself")
            return 0
        case _:
            print(__doc__, file=sys.stderr)
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
