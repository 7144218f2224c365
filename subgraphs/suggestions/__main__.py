"""``python -m subgraphs.suggestions serve | schema | prepare | check``."""

import sys

from subgraphs.chassis.main import main


def sdl() -> str:
    """The service's SDL as the gateway composes it."""
    from subgraphs.suggestions.schema import schema

    return schema.as_str()


def prepare() -> None:
    """Indexes and validators of this service's database."""
    from subgraphs.suggestions.store import prepare

    prepare()


if __name__ == "__main__":
    sys.exit(main("suggestions", port=8007, sdl=sdl, prepare=prepare))
