"""``python -m subgraphs.operations serve | schema | prepare | check``."""

import sys

from subgraphs.chassis.main import main


def sdl() -> str:
    """The service's SDL as the gateway composes it."""
    from subgraphs.operations.schema import schema

    return schema.as_str()


def prepare() -> None:
    """Nothing: this service has no store."""


if __name__ == "__main__":
    sys.exit(main("operations", port=8011, sdl=sdl, prepare=prepare, on_mongo=False))
