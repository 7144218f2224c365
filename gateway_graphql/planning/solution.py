"""What solving a position comes to: the stops that are made, and what each of them supplies."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from graphql import FieldNode, InlineFragmentNode, SelectionSetNode, print_ast

from gateway_graphql.planning.operation import Need, Position, TypeClass
from gateway_graphql.planning.sources import Entry
from gateway_graphql.supergraph.field_sets import FieldSet

__all__ = ["ClassSolution", "PlaceKey", "PositionSolution", "Stop", "Supply", "Way", "agree", "joined"]

PlaceKey = tuple[object, ...]
"""which need of a class"""


@dataclass(slots=True)
class Stop:
    """A subgraph at this position: where the object came from, or a jump to it."""

    graph: str
    mode: Literal["entry", "entities", "root"]
    seen_as: str
    entry: Entry
    stage: int = 0
    tells_typename: bool = True
    needs_typename: bool = False
    keys: tuple[FieldSet, ...] = ()
    requires: tuple[FieldSet, ...] = ()
    uses: set[PlaceKey] = field(default_factory=set)
    """the needs whose values are sent along"""


@dataclass(slots=True)
class Supply:
    """A need, the stops that supply it, and how the position below it is solved."""

    need: Need
    stops: tuple[int, ...]
    child: PositionSolution | None
    stage: int
    guess: bool = False
    """whether it is asked of objects of which it may not be wanted"""


@dataclass(slots=True)
class ClassSolution:
    """How one class of types gets what it needs."""

    type_class: TypeClass
    stops: tuple[Stop, ...]
    supplies: dict[PlaceKey, Supply]
    cost: float
    depth: int
    along: int
    """how many fields come along with the object"""

    @property
    def entries_used(self) -> frozenset[Entry]:
        """The entries that supply anything."""
        used = {index for supply in self.supplies.values() for index in supply.stops}
        return frozenset(stop.entry for index, stop in enumerate(self.stops) if stop.mode == "entry" and index in used)


@dataclass(slots=True)
class PositionSolution:
    """How every class of a position gets what it needs."""

    position: Position
    entries: tuple[Entry, ...]
    classes: tuple[ClassSolution, ...]
    cost: float
    depth: int
    """how many stages come after the entry"""

    @property
    def along(self) -> int:
        """How many fields come along with the objects, each class of types on its own."""
        return sum(one.along for one in self.classes)


@dataclass(slots=True)
class Way:
    """A subgraph that has the field, and what it would cost to get it there."""

    entry: Entry
    """how the object below is handed out"""
    stop: int | None
    requires: FieldSet | None
    child: PositionSolution | None
    solvable: bool
    rank: tuple[float, int]
    guess: bool = False
    """whether it would be asked of objects of which it may not be wanted"""

    @property
    def graph(self) -> str:
        return self.entry.graph


def joined(one: Stop, other: Stop) -> Stop:
    return Stop(
        one.graph,
        one.mode,
        one.seen_as,
        one.entry,
        max(one.stage, other.stage),
        one.tells_typename,
        one.needs_typename or other.needs_typename,
        tuple(dict.fromkeys((*one.keys, *other.keys))),
        tuple(dict.fromkeys((*one.requires, *other.requires))),
        one.uses | other.uses,
    )


def agree(some: tuple[FieldSet, ...], others: tuple[FieldSet, ...]) -> bool:
    """Whether the required fields can be sent in one representation: no field with two different arguments."""
    said: dict[tuple[str, ...], str] = {}
    return all(_says_the_same(said, (), field_set.selections) for field_set in (*some, *others))


def _says_the_same(said: dict[tuple[str, ...], str], path: tuple[str, ...], selections: SelectionSetNode) -> bool:
    for selection in selections.selections:
        if isinstance(selection, FieldNode):
            here = (*path, selection.name.value)
            arguments = ",".join(sorted(print_ast(one) for one in selection.arguments or ()))
            if said.setdefault(here, arguments) != arguments:
                return False
            if selection.selection_set and not _says_the_same(said, here, selection.selection_set):
                return False
        elif isinstance(selection, InlineFragmentNode) and not _says_the_same(
            said,
            (*path, print_ast(selection.type_condition) if selection.type_condition else ""),
            selection.selection_set,
        ):
            return False
    return True
