"""``python -m subgraphs.discounts serve | schema | prepare | check | import | compare``."""

import sys

from subgraphs.chassis.main import main


def _sdl() -> str:
    from subgraphs.discounts.schema import sdl

    return sdl()


def _prepare() -> None:
    from subgraphs.discounts.prepare import prepare

    prepare()


def _import() -> bool:
    from subgraphs.discounts.take_over import import_lines

    return import_lines(sys.stdin, sys.stdout)


def _compare() -> bool:
    from subgraphs.discounts.take_over import compare_lines

    return compare_lines(sys.stdin, sys.stdout)


MORE = {
    "import": ("take over what `python -m subgraphs.monolith export` prints; harmless to repeat", _import),
    "compare": ("say where what it prints differs from what is here", _compare),
}

if __name__ == "__main__":
    sys.exit(main("discounts", port=8009, sdl=_sdl, prepare=_prepare, more=MORE))
