"""
One try to supply the needs of a class of types, with a fixed set of subgraphs to go to.

Every need asks for its supplier, which may have to be entered by a key, whose fields are needs again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from gateway_graphql.planning.conditions import NEVER, but_not
from gateway_graphql.planning.operation import TYPENAME, Need, Position, TypeClass
from gateway_graphql.planning.prices import AFTERWARDS, FETCH, GUESS, LATER, REQUIRED, STAGE
from gateway_graphql.planning.solution import ClassSolution, PlaceKey, Stop, Supply, Way, agree, joined
from gateway_graphql.planning.sources import Door, Entry
from gateway_graphql.supergraph.field_sets import FieldSet

if TYPE_CHECKING:
    from gateway_graphql.planning.solve import Solver

__all__ = ["Attempt"]


class Attempt:
    """One try: the needs of a class, with a fixed set of subgraphs to go to."""

    def __init__(
        self,
        solver: Solver,
        position: Position,
        type_class: TypeClass,
        entries: tuple[Entry, ...],
        extra: tuple[str, ...],
        only_one: bool,
        others: tuple[Position, ...] = (),
    ) -> None:
        self.solver = solver
        self.sources = solver.sources
        self.position = position
        self.type_class = type_class
        self.name = type_class.types[0]
        self.entries = entries
        self.others = others
        """what is needed of the same objects where what is above them is of another type"""
        self.graphs = tuple(dict.fromkeys((*(entry.graph for entry in entries), *extra)))
        self.asked = {graph: Entry(graph, self.name) for graph in self.graphs}
        """the object as each of them hands it out when it is asked for it"""
        self.is_query = self.name == solver.supergraph.roots.get("query")
        self.is_root = not entries
        self.only_one = only_one or (self.is_root and not self.is_query)
        """whether a field must be asked of a single subgraph"""
        self.stops = [
            Stop(entry.graph, "entry", entry.type_name, entry, tells_typename=self.sources.knows_type(entry))
            for entry in entries
        ]
        self.supplies: dict[PlaceKey, Supply] = {}
        self.active: set[object] = set()
        self.are_others = bool(others) or len(position.classes) > 1
        """whether an object may turn out to be of another class of types"""
        self.for_all = True
        """whether what is being supplied is wanted of whatever can be at the position"""
        self.for_all_here = True
        """the same as long as what is above is of this type"""
        self.telling: tuple[PlaceKey, ...] = ()
        """what is asked to find out the objects' types"""

    def run(self) -> ClassSolution | None:
        """Supply everything; ``None`` if that cannot be done with these subgraphs."""
        wanted: list[PlaceKey] = []
        if self.position.wants_typename and self.entries:
            place = self._typename()
            if place is None:
                return None
            wanted.append(place)
            self.telling = tuple(self.supplies)
        needs = [need for need in self.type_class.needs if need.name[:2] != "__"]
        # What all want comes first: what only some want may need nothing else.
        wanted_of_all = {need: self._is_wanted_of_all(need) for need in needs} if self.are_others else {}
        for need in sorted(needs, key=lambda one: not wanted_of_all[one]) if wanted_of_all else needs:
            self.for_all = wanted_of_all.get(need, True)
            self.for_all_here = self.for_all or (bool(self.others) and self._is_wanted_of_all_here(need))
            place = self._supply(need)
            if place is None:
                return None
            wanted.append(place)
        self._sweep(wanted)
        self._join_stops(wanted)
        return self._solution()

    # -- questions on their own, for those who ask what can be reached

    def ways(self, need: Need) -> list[Way]:
        """Every subgraph that has the field, and where it would be asked."""
        return self._ways(need)

    def opens(self, way: Way) -> bool:
        """Whether the way can be gone."""
        return self._stop_for(way) is not None

    def has(self, needs: Iterable[Need]) -> bool:
        """Whether all of them can be supplied."""
        return all(self._supply(need) is not None for need in needs)

    def typename_is_known(self) -> bool:
        """Whether the object's own type can be found out."""
        return self._typename() is not None

    # -- needs

    def _key(self, need: Need) -> PlaceKey:
        if need.hidden:
            # A client's leaf with the same arguments does as well.
            for key, supply in self.supplies.items():
                if (
                    supply.need.name == need.name
                    and supply.need.asked_as == need.asked_as
                    and supply.need.child is None
                    and need.child is None
                ):
                    return key
        return (need.response_key, need.name, need.asked_as, id(need.child) if need.child else None)

    def _supply(self, need: Need) -> PlaceKey | None:
        key = self._key(need)
        if key in self.supplies:
            return key
        if key in self.active:
            self.solver.went_in_a_circle()
            return None
        self.active.add(key)
        try:
            supply = self._supplied(need)
        finally:
            self.active.discard(key)
        if supply is None:
            return None
        self.supplies[key] = supply
        return key

    def _supply_hidden(self, need: Need, for_all: bool) -> PlaceKey | None:
        """Supply what something else needs; ``for_all``: as if all wanted it."""
        before, self.for_all = self.for_all, for_all
        try:
            return self._supply(need)
        finally:
            self.for_all = before

    def _supplied(self, need: Need) -> Supply | None:
        if need.child is None and (stop := self._brings(need)) is not None:
            return Supply(need, (stop,), None, self.stops[stop].stage)
        ways = sorted(self._ways(need), key=lambda way: way.rank)
        if need.beside is not None:
            # Who else has the field may find other objects.
            asked = {self.stops[stop].graph for stop in self.supplies[self._key(need.beside)].stops}
            ways = [way for way in ways if way.graph in asked and not way.guess]
        best_single = next((way for way in ways if way.solvable), None)
        if need.child and not need.child.abstract and not self.only_one and len(ways) > 1 and not need.beside:
            shared = self._shared(need, ways, best_single)
            if shared is not None:
                return shared
        for way in ways:
            if way.solvable:
                stop = self._stop_for(way)
                if stop is not None:
                    depth = way.child.depth if way.child else 0
                    return Supply(need, (stop,), way.child, self.stops[stop].stage + depth, way.guess)
        return None if need.hidden else self._of_what_can_come(need, ways)

    def _of_what_can_come(self, need: Need, ways: list[Way]) -> Supply | None:
        """The last resort: leave out what cannot be had of objects that one of those who share the field never returns."""
        position = need.child
        if position is None:
            return None
        # Whoever need not be asked has promised it as well.
        handing = [way.entry for way in ways]
        for graph in self.solver.supergraph.graphs:
            usable = self.sources.usable(Entry(graph, self.name), self.name, need.name)
            if usable is not None:
                handing.append(Entry(graph, usable[0].type_name))
        never = frozenset(
            name
            for one in position.classes
            for name in one.types
            if any(self.sources.rules_out(entry, position.type_name, name) for entry in handing)
        )
        for way in ways if never else ():
            child = self.solver.solve(position, (way.entry,), never=never)
            if child is not None and (stop := self._stop_for(way)) is not None:
                return Supply(need, (stop,), child, self.stops[stop].stage + child.depth, way.guess)
        return None

    def _brings(self, need: Need) -> int | None:
        """The stop that handed the object out, if a leaf came along for sure: nothing is cheaper, so nobody else is asked."""
        if not self.for_all or not need.blocks & self.position.blocks:
            return None
        for index, stop in enumerate(self.stops):
            if stop.mode == "entry":
                usable = self.sources.usable(stop.entry, self.name, need.name)
                if usable is not None:
                    return index if usable[0].requires is None and not usable[0].context_arguments else None
        return None

    def _ways(self, need: Need) -> list[Way]:
        found: list[Way] = []
        in_part: set[str] = set()
        for index, stop in enumerate(self.stops):
            if stop.mode == "entry":
                usable = self.sources.usable(stop.entry, self.name, need.name)
                if usable is None or usable[0].context_arguments:
                    continue
                required = usable[0].requires
                if required is None or self.sources.at_hand(stop.entry, self.name, required):
                    way = self._way(need, Entry(stop.graph, usable[0].type_name, usable[1]), index, None)
                    if self._is_guess(index, need):
                        without = self._without_guess(way, need)
                        way.guess = without is None
                        way = without or way
                        in_part.add(stop.graph)
                        way.rank = (way.rank[0] + (GUESS if way.guess else 0), way.rank[1])
                    elif self._may_come_later(stop.graph, need) and not self.sources.provides(
                        stop.entry, self.name, need
                    ):
                        way.rank = (way.rank[0] + LATER, way.rank[1])
                    found.append(way)
        for order, graph in enumerate(self.graphs):
            usable = self.sources.usable(self.asked[graph], self.name, need.name)
            if usable is None or not all(one.context in need.contexts for one in usable[0].context_arguments):
                continue
            computed = usable[0].requires is not None or usable[0].context_arguments
            if (
                not computed
                and graph not in in_part
                and any(way.stop is not None and way.graph == graph and not way.guess for way in found)
                and not self._may_come_later(graph, need)
            ):
                continue
            way = self._way(need, Entry(graph, usable[0].type_name, usable[1]), None, usable[0].requires)
            there = any(stop.graph == graph and stop.mode != "entry" for stop in self.stops)
            way.rank = (way.rank[0] + (1 if there else 2) + (REQUIRED if way.requires else 0), order)
            if graph in in_part and not there:
                # To ask again is a request that taking it along would save; and it is another call, that may find other objects.
                way.rank = (way.rank[0] + FETCH + (2 * STAGE if need.beside else 0), order)
            found.append(way)
        return found

    def _is_guess(self, index: int, need: Need) -> bool:
        """
        Whether the field is asked there of objects that may turn out not to be those it is wanted of.

        If it failed for one of them, the client would be told of a field it never selected. The key by
        which the type is found out has been asked of all of them already.
        """
        if self.for_all or (self.stops[index].tells_typename and not self.others):
            return False
        if any(
            self.supplies[place].stops == (index,)
            and _is_asked_with(need, self.supplies[place].need, self.solver.covered)
            for place in self.telling
        ):
            return False
        return not any(
            supply.stops == (index,) and not supply.guess and _comes_with(need, supply)
            for supply in self.supplies.values()
            if need.hidden and not supply.need.hidden and self._is_wanted_of_all(supply.need)
        )

    def _without_guess(self, way: Way, need: Need) -> Way | None:
        """The same way if all want the field, and what is below it can be had without asking what only some want."""
        if need.child is None or need.hidden or self.only_one:
            return None
        others: dict[Position, None] = {}
        for one in self._other_classes():
            same = next((other for other in one.needs if _is_same_field(need, other)), None)
            if same is None or same.child is None:
                return None
            if same.child is not need.child:
                others[same.child] = None
        child = self.solver.solve(need.child, (way.entry,), others=tuple(others))
        if child is None or child.cost >= GUESS:
            return None
        return replace(way, child=child, rank=(child.cost, 0))

    def _other_classes(self) -> Iterator[TypeClass]:
        """The classes of types that objects may turn out to be of when they have been asked for what this one needs."""
        yield from (one for one in self.position.classes if one is not self.type_class)
        for position in self.others:
            yield from position.classes

    def _may_come_later(self, graph: str, need: Need) -> bool:
        """Whether only a deferred fragment wants it of an object that is there before, and it is not in a key."""
        if need.hidden or need.blocks & self.position.blocks:
            return False
        keys = (key.fields for door in self.sources.doors(graph, self.name, self.entries) for key in door.keys)
        return not any(
            need.child is None and need.name == hidden.name
            for key in keys
            for hidden in self.solver.hidden_needs(self.name, key)
        )

    def _is_wanted_of_all(self, need: Need) -> bool:
        """Whether all that can be at the position need the same field, with what is below it, whenever this one is."""
        return all(self._is_wanted_of(other, need) for other in self._other_classes())

    def _is_wanted_of_all_here(self, need: Need) -> bool:
        return all(self._is_wanted_of(other, need) for other in self.position.classes if other is not self.type_class)

    def _is_wanted_of(self, other: TypeClass, need: Need) -> bool:
        return any(_is_covered(need, one, self.solver.covered) for one in other.needs)

    def _way(self, need: Need, child_entry: Entry, stop: int | None, requires: FieldSet | None) -> Way:
        child = self.solver.solve(need.child, (child_entry,)) if need.child is not None else None
        solvable = need.child is None or child is not None
        return Way(child_entry, stop, requires, child, solvable, (child.cost if child else 0.0, 0))

    def _shared(self, need: Need, ways: list[Way], best_single: Way | None) -> Supply | None:
        """Supply one field from several subgraphs at once, when no single one has all that is below it."""
        if need.child is None:
            return None
        if best_single and best_single.child and best_single.child.cost < FETCH:
            return None
        snapshot = self._snapshot()
        stops: dict[Entry, int] = {}
        for way in ways:
            if way.guess:
                continue
            if way.requires is None and way.entry not in stops and (stop := self._stop_for(way)) is not None:
                stops[way.entry] = stop
        child = self.solver.solve(
            need.child, tuple(sorted(stops, key=lambda entry: list(self.graphs).index(entry.graph)))
        )
        if child is not None:
            used = {entry for part in child.classes for entry in part.entries_used}
            if len(used) > 1 and used != set(stops):
                stops = {entry: stop for entry, stop in stops.items() if entry in used}
                child = self.solver.solve(need.child, tuple(entry for entry in child.entries if entry in used))
            single = best_single.child.cost if best_single and best_single.child else None
            if child is not None and len(used) > 1 and (single is None or child.cost < single):
                chosen = tuple(stops[entry] for entry in child.entries)
                return Supply(need, chosen, child, max(self.stops[stop].stage for stop in chosen) + child.depth)
        self._restore(snapshot)
        return None

    # -- stops

    def _stop_for(self, way: Way) -> int | None:
        if way.stop is not None:
            return way.stop
        token = ("stop", way.graph, way.requires)
        if token in self.active:
            self.solver.went_in_a_circle()
            return None
        self.active.add(token)
        try:
            return self._jump(way.graph, way.requires)
        finally:
            self.active.discard(token)

    def _jump(self, graph: str, requires: FieldSet | None, *, telling: bool = False) -> int | None:
        """Go to ``graph`` through the door that opens first; the index of the stop."""
        if self.is_root and not self.is_query:
            return self._stop(Stop(graph, "root", self.name, Entry(graph, self.name)))
        best: Stop | None = None
        best_waits = (0, 0)
        is_untouched = True
        before = best_state = self._snapshot()
        for door in self.sources.doors(graph, self.name, self.entries):
            if telling and (door.needs_typename or not door.tells_typename):
                continue
            for key in door.keys or (None,):
                if not is_untouched:
                    self._restore(before)
                is_untouched = False
                stop = self._through(graph, door, key.fields if key else None, requires)
                if stop is None:
                    continue
                # Of keys that are there in time, the one that is there first: for the others somebody may have to be asked.
                waits = stop.stage, sum(self.supplies[place].stage for place in stop.uses)
                if best is None or waits < best_waits:
                    best, best_waits, best_state = stop, waits, self._snapshot()
            if best is not None:
                break
        self.stops, self.supplies = best_state
        return None if best is None else self._stop(best)

    def _through(self, graph: str, door: Door, key: FieldSet | None, requires: FieldSet | None) -> Stop | None:
        stop = Stop(
            graph,
            "entities" if key else "root",
            door.seen_as,
            Entry(graph, door.seen_as),
            stage=0 if self.is_root else 1,
            tells_typename=door.tells_typename,
        )
        blindly = not (self.for_all_here or door.tells_typename)
        if self.position.abstract and (door.needs_typename or blindly or not self._is_certainly(door.seen_as)):
            place = self._typename()
            if place is None:
                return None
            stop.needs_typename = True
            stop.uses.add(place)
        # By its key an object may be known even where nobody knows whether it is wanted.
        for field_set, for_all in ((key, self.for_all_here), (requires, self.for_all)):
            if field_set is not None:
                for need in self.solver.hidden_needs(self.name, field_set):
                    if need.name == TYPENAME:
                        continue
                    place = self._supply_hidden(need, for_all)
                    if place is None:
                        return None
                    stop.uses.add(place)
        if key:
            stop.keys = (key,)
        if requires:
            stop.requires = (requires,)
        stop.stage = max([stop.stage, *(1 + self.supplies[place].stage for place in stop.uses)])
        return stop

    def _is_certainly(self, type_name: str) -> bool:
        """Whether whatever can be here is of this type."""
        possible = set(self.solver.supergraph.possible_types(type_name))
        declared = (self.position.type_name, *(entry.type_name for entry in self.entries))
        return any(possible.issuperset(self.solver.supergraph.possible_types(name)) for name in declared)

    def _stop(self, wanted: Stop) -> int:
        """The same stop if it is there already, else a new one."""
        for index, stop in enumerate(self.stops):
            if (
                (stop.graph, stop.mode, stop.seen_as, stop.stage)
                == (wanted.graph, wanted.mode, wanted.seen_as, wanted.stage)
            ) and agree(stop.requires, wanted.requires):
                if not set(wanted.uses) <= set(stop.uses) or set(wanted.requires) - set(stop.requires):
                    self.stops[index] = joined(stop, wanted)
                return index
        self.stops.append(wanted)
        return len(self.stops) - 1

    def _typename(self) -> PlaceKey | None:
        key = self._key(self.solver.typename)
        if key in self.supplies:
            return key
        if key in self.active:
            self.solver.went_in_a_circle()
            return None
        for index, stop in enumerate(self.stops):
            if stop.mode == "entry" and stop.tells_typename:
                self.supplies[key] = Supply(self.solver.typename, (index,), None, 0)
                return key
        self.active.add(key)
        before = self.for_all, self.for_all_here
        self.for_all = self.for_all_here = True
        try:
            for graph in self.graphs:
                index_or_none = self._jump(graph, None, telling=True)
                if index_or_none is not None:
                    self.supplies[key] = Supply(
                        self.solver.typename, (index_or_none,), None, self.stops[index_or_none].stage
                    )
                    return key
        finally:
            self.active.discard(key)
            self.for_all, self.for_all_here = before
        return None

    # -- tidying up

    def _snapshot(self) -> tuple[list[Stop], dict[PlaceKey, Supply]]:
        return list(self.stops), dict(self.supplies)

    def _restore(self, snapshot: tuple[list[Stop], dict[PlaceKey, Supply]]) -> None:
        self.stops, self.supplies = list(snapshot[0]), dict(snapshot[1])

    def _sweep(self, wanted: list[PlaceKey]) -> None:
        """Forget the needs and stops that nobody uses in the end."""
        places: dict[PlaceKey, None] = {}
        stops: set[int] = set()
        queue = list(wanted)
        while queue:
            place = queue.pop(0)
            if place in places:
                continue
            places[place] = None
            for index in self.supplies[place].stops:
                if index not in stops:
                    stops.add(index)
                    queue.extend(self.stops[index].uses)
        keep = [index for index, stop in enumerate(self.stops) if index in stops or stop.mode == "entry"]
        if len(keep) == len(self.stops) and len(places) == len(self.supplies):
            return
        renumbered = {old: new for new, old in enumerate(keep)}
        self.stops = [self.stops[index] for index in keep]
        self.supplies = {
            place: replace(supply, stops=tuple(renumbered[index] for index in supply.stops))
            for place, supply in self.supplies.items()
            if place in places
        }

    def _join_stops(self, wanted: list[PlaceKey]) -> None:
        """Ask a subgraph once where it would be asked early and late, if nothing waits for the early answer."""
        used = {place for stop in self.stops for place in stop.uses}
        for index, early in enumerate(self.stops):
            if early.mode != "entities":
                continue
            mine = [place for place, supply in self.supplies.items() if index in supply.stops]
            if any(place in used or len(self.supplies[place].stops) > 1 for place in mine):
                continue
            for later_index, later in enumerate(self.stops):
                if (
                    later_index != index
                    and (later.graph, later.mode, later.seen_as) == (early.graph, early.mode, early.seen_as)
                    and later.stage > early.stage
                    and agree(later.requires, early.requires)
                ):
                    self.stops[later_index] = joined(later, early)
                    for place in mine:
                        supply = self.supplies[place]
                        moved = later.stage - early.stage
                        self.supplies[place] = replace(supply, stops=(later_index,), stage=supply.stage + moved)
                    self._sweep(wanted)
                    self._join_stops(wanted)
                    return

    def _solution(self) -> ClassSolution:
        # Of plans with as many requests, the one that sends and asks for less afterwards.
        cost: float = sum(AFTERWARDS for stop in self.stops if stop.mode != "entry")
        depth = along = 0
        for supply in self.supplies.values():
            cost += 1 + sum(1 for index in supply.stops if self.stops[index].mode != "entry")
            cost += GUESS if supply.guess else 0
            depth = max(depth, supply.stage)
            below = supply.child.along if supply.child is not None else 0
            if supply.child is not None:
                cost += supply.child.cost
            if all(self.stops[index].stage == 0 for index in supply.stops):
                along += 1 + below
            else:
                cost += below
        return ClassSolution(self.type_class, tuple(self.stops), self.supplies, cost, depth, along)


def _is_asked_with(need: Need, other: Need, known: dict[tuple[Need, Need], bool]) -> bool:
    """Whether asking for ``other`` has asked for the same value."""
    if need.child is None:
        return other.child is None and (need.name, need.asked_as) == (other.name, other.asked_as)
    return _is_covered(need, other, known)


def _comes_with(need: Need, supply: Supply) -> bool:
    """Whether what a key or ``@requires`` needs is in the answer already, from where the field itself is asked."""
    if (need.name, need.asked_as) != (supply.need.name, supply.need.asked_as):
        return False
    if but_not(need.condition, supply.need.condition) != NEVER:
        return False
    if need.child is None or supply.child is None:
        return need.child is supply.child
    below = {name: one for one in supply.child.classes for name in one.type_class.types}
    return all(
        any(
            found.child is None
            and all(part.stops[stop].mode == "entry" for stop in found.stops)
            and _comes_with(mine, found)
            for found in part.supplies.values()
        )
        for one in need.child.classes
        for name in one.types
        if (part := below.get(name)) is not None
        for mine in one.needs
        if mine.name != TYPENAME
    )


def _is_same_field(need: Need, other: Need) -> bool:
    """Whether ``other`` asks for the field whenever ``need`` does, whatever is below it."""
    return (need.response_key, need.name, need.asked_as) == (
        other.response_key,
        other.name,
        other.asked_as,
    ) and but_not(need.condition, other.condition) == NEVER


def _is_covered(need: Need, other: Need, known: dict[tuple[Need, Need], bool]) -> bool:
    """Whether asking for ``need`` asks an object for nothing but what ``other`` asks of it; ``known`` remembers."""
    pair = (need, other)
    if pair not in known:
        known[pair] = _covers(other, need, known)
    return known[pair]


def _covers(other: Need, need: Need, known: dict[tuple[Need, Need], bool]) -> bool:
    if not _is_same_field(need, other):
        return False
    if need.child is None or other.child is None or need.child is other.child:
        return need.child is other.child
    below = {name: one.needs for one in other.child.classes for name in one.types}
    return all(
        any(_is_covered(mine, theirs, known) for theirs in below.get(name, ()))
        for one in need.child.classes
        for name in one.types
        for mine in one.needs
    )
