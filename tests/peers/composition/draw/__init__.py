"""Draw a graph by chance: few names in a few subgraphs, so that they meet, in good ways and in bad ones."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.peers.composition.draw.abstract import abstract
from tests.peers.composition.draw.composed import composed
from tests.peers.composition.draw.contexts import contexts
from tests.peers.composition.draw.entities import entities
from tests.peers.composition.draw.guarded import guarded
from tests.peers.composition.draw.linked import linked
from tests.peers.composition.draw.old import old
from tests.peers.composition.draw.overridden import overridden
from tests.peers.composition.draw.pen import Pen
from tests.peers.composition.draw.values import values
from tests.peers.composition.graph import Graph

__all__ = ["drawn"]

FAMILIES: tuple[Callable[[Pen, str], str], ...] = (
    entities, abstract, guarded, values, overridden, old, contexts, composed, linked,
)  # fmt: skip
"""each gives the SDL of the subgraph with this name; all of a graph are of one family"""


def drawn(seed: int) -> Graph:
    """The graph of this seed, always the same."""
    chance = Random(seed)
    family = FAMILIES[seed % len(FAMILIES)]
    names = ("a", "b", "c")[: chance.choice((1, 2, 2, 2, 2, 3))]
    wild = chance.choice((0.0, 0.03, 0.1, 0.25))
    return Graph(f"drawn {family.__name__} {seed}", tuple((name, family(Pen(chance, wild), name)) for name in names))
