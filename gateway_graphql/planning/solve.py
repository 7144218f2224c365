"""
Who supplies what: the heart of planning, one position at a time.

At a position the only question is which subgraphs supply which of its needs, and how they are entered.
For each class of types the solver tries sets of subgraphs to go to, smallest first; inside a set, every
need asks for its supplier, which may need a key, which are needs again. Answers are remembered, and
the positions below are solved once for each way of getting there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from math import inf
from time import monotonic

from gateway_graphql.planning.attempt import Attempt
from gateway_graphql.planning.contexts import need_contexts
from gateway_graphql.planning.normalize import Normalizer
from gateway_graphql.planning.operation import TYPENAME, Need, Position, TypeClass
from gateway_graphql.planning.prices import FETCH, GUESS, STAGE
from gateway_graphql.planning.size import OperationTooLarge
from gateway_graphql.planning.solution import ClassSolution, PositionSolution
from gateway_graphql.planning.sources import Entry, Sources
from gateway_graphql.supergraph.field_sets import FieldSet

__all__ = ["Solver"]

MOST_DETOURS = 6
"""up to so many optional subgraphs every combination is tried, beyond only pairs and all"""
MOST_IN_VAIN = 20
"""how often it is tried for nothing to solve a position with its fields in parts"""


class Solver:
    """Solves the positions of one operation; remembers every answer."""

    def __init__(
        self,
        sources: Sources,
        normalizer: Normalizer,
        until: float = inf,
        *,
        may_part: bool = True,
    ) -> None:
        self.sources = sources
        self.until = until
        """when to give up, on the monotonic clock"""
        self.may_part = may_part
        """whether a field may be supplied in parts: what all want of it, and what only some want"""
        self.parted = False
        """whether any was"""
        self.supergraph = sources.supergraph
        self.normalizer = normalizer
        self._solved: dict[object, PositionSolution | None] = {}
        self._underway: set[object] = set()
        self._circles = 0
        self._in_vain = 0
        self._kept: list[Position] = []
        self.covered: dict[tuple[Need, Need], bool] = {}
        """by two needs: whether asking for the one asks for nothing but what the other does"""
        self._hidden: dict[tuple[str, FieldSet], tuple[Need, ...]] = {}
        self.typename = Need(None, TYPENAME, (), "", frozenset({frozenset()}), None)

    def solve(
        self,
        position: Position,
        entries: tuple[Entry, ...],
        *,
        only_one: bool = False,
        others: tuple[Position, ...] = (),
        never: frozenset[str] = frozenset(),
    ) -> PositionSolution | None:
        """
        The cheapest way to get all that is needed at a position, or ``None`` if there is none.

        ``only_one``: the position's fields must all be asked of a single subgraph (a mutation runs once).
        ``others``: what is needed instead where what is above is of another type, which nobody knows when they are asked.
        ``never``: types of which no object comes, so that nothing need be had of them.
        """
        key = (id(position), entries, only_one, others, never)
        if key in self._solved:
            return self._solved[key]
        if key in self._underway:
            self._circles += 1
            return None
        self._kept.append(position)  # ids stay unique while the object lives
        self._underway.add(key)
        circles = self._circles
        try:
            solution = self._solve(position, entries, only_one, others, never)
        finally:
            self._underway.discard(key)
        if solution is not None or self._circles == circles:
            self._solved[key] = solution
        return solution

    def _solve(
        self,
        position: Position,
        entries: tuple[Entry, ...],
        only_one: bool,
        others: tuple[Position, ...],
        never: frozenset[str],
    ) -> PositionSolution | None:
        if self.may_part and not only_one and not all(map(self.sources.knows_type, entries)):
            solution = self._solve_in_parts(position, entries, others, never)
            if solution is not None:
                return solution
        parts = self._classes(position, entries, only_one, others, never)
        if position.alike and (parts is None or len(parts) > 1):
            told_apart = replace(position, wants_typename=True, alike=False)
            parts = self._classes(told_apart, entries, only_one, others, never)
        return None if parts is None else _solution(position, entries, parts)

    def _solve_in_parts(
        self, position: Position, entries: tuple[Entry, ...], others: tuple[Position, ...], never: frozenset[str]
    ) -> PositionSolution | None:
        """
        Where objects come without their types: with what all want of a field apart from what only some want of it.

        So nobody waits for the types to go on from what all want. ``None`` if that does not come along with the objects.
        """
        in_parts = self.normalizer.in_parts(position) if self._in_vain < MOST_IN_VAIN else None
        if in_parts is None:
            return None
        parts = self._classes(in_parts, entries, False, others, never)
        if parts is not None and all(map(_comes_along, parts)):
            self.parted = True
            return _solution(in_parts, entries, parts)
        self._in_vain += 1
        return None

    def _classes(
        self,
        position: Position,
        entries: tuple[Entry, ...],
        only_one: bool,
        others: tuple[Position, ...],
        never: frozenset[str],
    ) -> list[ClassSolution] | None:
        """How each class is solved, or all of them as one, if they get the same in the same way whatever they are."""
        parts = []
        for type_class in position.classes:
            part = self._solve_class(position, type_class, entries, only_one, others)
            if part is None:
                if not never.issuperset(type_class.types):
                    return None
                part = ClassSolution(type_class, (), {}, 0, 0, 0)
            parts.append(part)
        if not position.alike:
            return parts
        there = [part for part in parts if part.supplies]
        if not there or any(stop.needs_typename for part in there for stop in part.stops):
            return parts
        if len({self._way_of(part) for part in there}) > 1:
            return parts
        types = tuple(name for part in there for name in part.type_class.types)
        return [replace(there[0], type_class=replace(there[0].type_class, types=types))]

    def _way_of(self, part: ClassSolution) -> object:
        """Equal for classes of types that can be asked in the same words."""
        name = part.type_class.types[0]
        supplies = tuple(
            (
                supply.need.response_key,
                supply.need.name,
                supply.need.asked_as,
                self.normalizer.type_of(name, supply.need.name),
                supply.stops,
                supply.child and supply.child.entries,
            )
            for supply in part.supplies.values()
        )
        return tuple((one.graph, one.mode, one.seen_as, one.keys, one.requires) for one in part.stops), supplies

    def _solve_class(
        self,
        position: Position,
        type_class: TypeClass,
        entries: tuple[Entry, ...],
        only_one: bool,
        others: tuple[Position, ...],
    ) -> ClassSolution | None:
        name = type_class.types[0]
        here = tuple(entry for entry in entries if self.sources.is_possible(entry, name))
        if entries and not here:
            return ClassSolution(type_class, (), {}, 0, 0, 0)  # no such object will ever come from there

        best: ClassSolution | None = None
        best_total = float("inf")
        is_straight = False
        for extra, supplies in self._detours(type_class, here, only_one):
            if best is not None and len(extra) * FETCH >= best_total:
                break
            if is_straight and not supplies:
                continue
            if monotonic() > self.until:
                raise OperationTooLarge("The operation takes too long to plan.")
            found = Attempt(self, position, type_class, here, extra, only_one, others).run()
            if found is not None:
                total = found.cost + sum(FETCH + STAGE * stop.stage for stop in found.stops if stop.mode != "entry")
                if total < best_total:
                    best, best_total = found, total
                    # Then whoever supplies nothing is a request more, and nothing is there the sooner for it.
                    is_straight = found.cost < GUESS and all(stop.stage <= 1 for stop in found.stops)
        return best

    def _detours(
        self, type_class: TypeClass, entries: tuple[Entry, ...], only_one: bool
    ) -> Iterator[tuple[tuple[str, ...], bool]]:
        """
        Sets of subgraphs to go to, smallest first, always with those that nothing can do without.

        And whether any of the others supplies something, or all of them could only be a way to somebody else.
        """
        name = type_class.types[0]
        candidates = self.sources.candidates(name)
        if only_one:
            yield from (((graph,), True) for graph in candidates)
            return
        entered = {entry.graph for entry in entries}
        asked = [(graph, Entry(graph, name)) for graph in candidates if graph not in entered]
        must: set[str] = set()
        useful: set[str] = set()
        for need in type_class.needs:
            if need.name.startswith("__"):
                continue
            here = any(self.sources.usable(entry, name, need.name) for entry in entries)
            if here and need.child is None:
                continue
            suppliers = [graph for graph, entry in asked if self.sources.usable(entry, name, need.name)]
            if len(suppliers) == 1 and not here:
                must.update(suppliers)
            useful.update(suppliers)
        optional = [graph for graph in candidates if graph not in must and graph not in entered]
        optional.sort(key=lambda graph: graph not in useful)
        for size in range(len(optional) + 1):
            if size > 2 and len(optional) > MOST_DETOURS and size < len(optional):
                continue
            for some in combinations(optional, size):
                chosen = must.union(some)
                yield tuple(graph for graph in candidates if graph in chosen), not useful.isdisjoint(some)

    def went_in_a_circle(self) -> None:
        """Somebody gave up because the question is being asked already: a failure now need not be one later."""
        self._circles += 1

    def hidden_needs(self, type_name: str, field_set: FieldSet) -> tuple[Need, ...]:
        """What a field set needs of an object type."""
        key = (type_name, field_set)
        if key not in self._hidden:
            position = self.normalizer.field_set(type_name, field_set)
            need_contexts(position, self.normalizer)
            self._hidden[key] = position.classes[0].needs if position.classes else ()
        return self._hidden[key]


def _solution(position: Position, entries: tuple[Entry, ...], parts: list[ClassSolution]) -> PositionSolution:
    # A jump that several classes make at the same stage is one request.
    jumps = {(stop.graph, stop.stage, stop.mode) for part in parts for stop in part.stops if stop.mode != "entry"}
    children = sum(part.cost for part in parts)
    cost = children + sum(FETCH + STAGE * stage for _, stage, _ in jumps)
    return PositionSolution(position, entries, tuple(parts), cost, max((part.depth for part in parts), default=0))


def _comes_along(part: ClassSolution) -> bool:
    """Whether what is wanted of a field by all comes from who handed the objects out, and of no others than want it."""
    of_all = {need.beside for need in part.type_class.needs}
    return not any(
        supply.guess or any(part.stops[index].mode != "entry" for index in supply.stops)
        for supply in part.supplies.values()
        if supply.need in of_all
    )
