"""``python -m subgraphs.monolith serve | schema | prepare | check | seed | export``."""

import sys
from collections.abc import Callable
from functools import partial

from subgraphs.chassis.main import main


def _sdl() -> str:
    from subgraphs.monolith.schema import sdl

    return sdl()


def _prepare() -> None:
    from subgraphs.monolith.prepare import prepare

    prepare()


def _seed() -> None:
    from subgraphs.monolith.seed import seed

    seed()


def _export(*, follow: bool) -> None:
    from subgraphs.monolith.export import export

    export(sys.stdout, follow=follow)


MORE: dict[str, tuple[str, Callable[[], object]]] = {
    "seed": ("put customers and purchases for trying out into the database", _seed),
    "export": ("print everything as JSON lines", partial(_export, follow=False)),
    "follow": (
        "print everything as JSON lines, then what is added or changed, until told to stop",
        partial(_export, follow=True),
    ),
}

if __name__ == "__main__":
    sys.exit(main("monolith", port=8008, sdl=_sdl, prepare=_prepare, on_mongo=False, more=MORE))
