"""``python -m subgraphs.accounts serve | schema | prepare | check``."""

import sys

from subgraphs.chassis.main import main


def sdl() -> str:
    """The service's SDL as the gateway composes it."""
    from subgraphs.accounts.schema import schema

    return schema.as_str()


def prepare() -> None:
    """Migrations, tokens that have ended, and the accounts of a system under development."""
    from subgraphs.accounts.preparation import prepare

    prepare()


if __name__ == "__main__":
    sys.exit(main("accounts", port=8006, sdl=sdl, prepare=prepare, on_mongo=False))
