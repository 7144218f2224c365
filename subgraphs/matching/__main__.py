"""``python -m subgraphs.matching serve | schema | prepare | check``."""

import sys

from subgraphs.chassis.main import main


def sdl() -> str:
    """The service's SDL as the gateway composes it."""
    from subgraphs.matching.schema import schema

    return schema.as_str()


def prepare() -> None:
    """Indexes and validators of this service's database."""
    from subgraphs.matching.preparation import prepare

    prepare()


if __name__ == "__main__":
    sys.exit(main("matching", port=8003, sdl=sdl, prepare=prepare))
