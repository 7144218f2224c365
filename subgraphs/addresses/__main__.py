"""``python -m subgraphs.addresses serve | schema | prepare | check``."""

import sys

from subgraphs.chassis.main import main


def _sdl() -> str:
    from subgraphs.addresses.schema import sdl

    return sdl()


def _prepare() -> None:
    from subgraphs.addresses.prepare import prepare

    prepare()


if __name__ == "__main__":
    sys.exit(main("addresses", port=8002, sdl=_sdl, prepare=_prepare))
