"""``python -m subgraphs.subscribers serve | schema | prepare | check``."""

import sys

from subgraphs.chassis.main import main


def sdl() -> str:
    """The service's SDL as the gateway composes it."""
    from subgraphs.subscribers.schema import schema

    return schema.as_str()


def prepare() -> None:
    """Indexes and validators of this service's database."""
    from subgraphs.subscribers.store import prepare

    prepare()


if __name__ == "__main__":
    sys.exit(main("subscribers", port=8001, sdl=sdl, prepare=prepare))
