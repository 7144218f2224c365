"""``python -m subgraphs.notifications serve | schema | prepare | check``."""

import sys

from subgraphs.chassis.main import main


def _sdl() -> str:
    from subgraphs.notifications.schema import sdl

    return sdl()


def _prepare() -> None:
    from subgraphs.notifications.prepare import prepare

    prepare()


if __name__ == "__main__":
    sys.exit(main("notifications", port=8004, sdl=_sdl, prepare=_prepare))
