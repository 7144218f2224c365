"""``python -m subgraphs.logs serve | schema | prepare | check``."""

import sys

from subgraphs.chassis.main import main


def _sdl() -> str:
    from subgraphs.logs.schema import sdl

    return sdl()


def _prepare() -> None:
    from subgraphs.logs.prepare import prepare

    prepare()


if __name__ == "__main__":
    sys.exit(main("logs", port=8008, sdl=_sdl, prepare=_prepare))
