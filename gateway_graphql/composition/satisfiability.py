"""
Spec: SATISFIABILITY_ERROR. Can every field that a client may ask for be reached from a root?

On the way it shows who can be asked for a field, and so whether they agree what it can be (``runtime_types``).

Two walks at once: through the schema that clients see, and, step by step along it, through the subgraphs. What can be
reached from where is answered by the planner's own code, so that what composes can always be planned. A place that
was visited with fewer possibilities need not be visited again with more, as long as the same objects above it set
contexts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

from graphql import FieldNode, InlineFragmentNode, SelectionSetNode

from gateway_graphql.composition.diagnostics import Diagnostic, Findings
from gateway_graphql.composition.runtime_types import MISMATCHED, disagreement
from gateway_graphql.planning.reach import Entry, Reach
from gateway_graphql.supergraph.model import ContextArgument, Supergraph
from gateway_graphql.supergraph.model import Type as SupergraphType
from gateway_graphql.supergraph.read import read_supergraph

__all__ = ["check_satisfiability"]

_MOST_LABELS = 4
"""up to so many, every combination of active labels is looked at; of more, each one alone, all and none"""


def check_satisfiability(supergraph_sdl: str, hidden: frozenset[str], findings: Findings) -> None:
    """
    One error for each field that cannot be supplied on some way to it, with the shortest such way.

    ``hidden`` are the types and fields that clients do not see.
    """
    supergraph = read_supergraph(supergraph_sdl)
    unreachable: dict[str, Diagnostic] = {}
    disagreeing: dict[str, Diagnostic] = {}
    undecided = Reach(_without_labels(supergraph))
    for labels in _label_sets(supergraph):
        walk = _Walk(supergraph, Reach(supergraph, labels), undecided, hidden, disagreeing)
        walk.roots()
        for problem in walk.problems:
            unreachable.setdefault(problem.coordinate, problem)
    findings.errors += [*unreachable.values(), *(d for d in disagreeing.values() if d.code == MISMATCHED)]
    findings.hints += [d for d in disagreeing.values() if d.code != MISMATCHED]


def _label_sets(supergraph: Supergraph) -> Iterator[frozenset[str]]:
    labels = sorted(supergraph.labels)
    if len(labels) <= _MOST_LABELS:
        for size in range(len(labels) + 1):
            yield from (frozenset(chosen) for chosen in combinations(labels, size))
        return
    yield frozenset()
    yield from (frozenset({label}) for label in labels)
    yield frozenset(labels)


def _without_labels(supergraph: Supergraph) -> Supergraph:
    """The same graph without all that moves from one subgraph to another step by step."""

    def unmoved(type_: SupergraphType) -> SupergraphType:
        fields = {
            name: replace(one, sources={graph: s for graph, s in one.sources.items() if s.label is None})
            for name, one in type_.fields.items()
        }
        return replace(type_, fields=fields)

    if not supergraph.labels:
        return supergraph
    return replace(supergraph, types={name: unmoved(type_) for name, type_ in supergraph.types.items()})


@dataclass(frozen=True)
class _Setter:
    """The nearest object above that sets a context."""

    type_name: str
    position: str
    entries: frozenset[Entry] | None


@dataclass(frozen=True)
class _Place:
    """Somewhere in the schema that clients see, and how one got there."""

    position: str
    """the type that the field above has"""
    entries: frozenset[Entry] | None
    """the object as the subgraphs may have handed it out; ``None`` at a root"""
    path: tuple[str, ...]
    setters: frozenset[tuple[str, _Setter]] = frozenset()
    """by context, who sets it above"""


@dataclass
class _Walk:
    supergraph: Supergraph
    reach: Reach
    undecided: Reach
    """the same with nothing that a label decides, see ``_has_what_it_requires``"""
    hidden: frozenset[str]
    disagreeing: dict[str, Diagnostic]
    """about what shared fields can return, by code and coordinate"""
    problems: list[Diagnostic] = field(default_factory=list)
    seen: dict[object, list[frozenset[Entry]]] = field(default_factory=dict)

    def roots(self) -> None:
        """Start at each root."""
        for operation, name in sorted(self.supergraph.roots.items(), key=lambda item: item[0] != "query"):
            start = _Place(name, None, (operation,))
            if operation == "mutation":
                self._mutations(start)
            else:
                self._from([start])

    def _mutations(self, start: _Place) -> None:
        """A mutation runs once, so one of the subgraphs that share it must lead to everything by itself."""
        places = list(self._steps(start))
        for place in places:
            candidates = sorted(place.entries or ())
            if len(candidates) == 1:
                self._from([place])
                continue
            walks = [self._walk_of({}) for _ in candidates]
            for walk, entry in zip(walks, candidates, strict=True):
                walk._from([replace(place, entries=frozenset({entry}))])
            if walks and all(walk.problems for walk in walks):
                self.problems += walks[0].problems
            # Whichever is asked, what they share below must be the same.
            self._walk_of(self.disagreeing)._from([place])

    def _walk_of(self, disagreeing: dict[str, Diagnostic]) -> _Walk:
        return _Walk(self.supergraph, self.reach, self.undecided, self.hidden, disagreeing)

    def _from(self, places: Sequence[_Place]) -> None:
        """Breadth first, so that the way that is shown is a shortest one."""
        waiting = list(places)
        while waiting:
            waiting = [further for place in waiting if not self._known(place) for further in self._steps(place)]

    def _known(self, place: _Place) -> bool:
        """Whether the place was visited with no more than these possibilities; if not, it counts as visited now."""
        if place.entries is None:
            return False
        visits = self.seen.setdefault((place.position, place.setters), [])
        if any(earlier <= place.entries for earlier in visits):
            return True
        visits.append(place.entries)
        return False

    def _steps(self, place: _Place) -> Iterator[_Place]:
        """Each field of each object that can be here, one step further."""
        self._check_type_is_known(place)
        for type_name in self.supergraph.possible_types(place.position):
            if type_name in self.hidden:
                continue
            entries = place.entries
            if entries is not None:
                if any(self.reach.sources.rules_out(entry, place.position, type_name) for entry in entries):
                    continue
                entries = frozenset(e for e in entries if self.reach.is_possible(e, place.position, type_name))
                if not entries:
                    continue  # nobody ever gives such an object here
            yield from self._fields(place, self.supergraph.types[type_name], entries)

    def _check_type_is_known(self, place: _Place) -> None:
        """An interface object does not know what it is; somebody has to be able to tell."""
        if not place.entries or not self.supergraph.is_abstract(place.position):
            return
        possible = [name for name in self.supergraph.possible_types(place.position) if name not in self.hidden]
        blind = all(self.supergraph.is_interface_object(e.graph, e.type_name) for e in place.entries)
        if not possible or not blind:
            return
        if not any(self.reach.is_possible(entry, place.position, name) for entry in place.entries for name in possible):
            graphs = sorted({self.supergraph.graphs[e.graph].name for e in place.entries})
            self.problems.append(
                Diagnostic(
                    "SATISFIABILITY_ERROR",
                    f"{_operation((*place.path, '__typename'))} cannot be answered: {' and '.join(graphs)} has only an "
                    "@interfaceObject, and no subgraph with the interface can be asked what it is. "
                    "Add a resolvable @key to the interface there",
                    tuple(graphs),
                    place.position,
                )
            )

    def _fields(self, place: _Place, type_: SupergraphType, entries: frozenset[Entry] | None) -> Iterator[_Place]:
        setters = dict(place.setters)
        setters.update(
            (context, _Setter(type_.name, place.position, entries))
            for context in self.supergraph.contexts_of(type_.name)
        )
        for name, field_ in type_.fields.items():
            if f"{type_.name}.{name}" in self.hidden:
                continue
            step = name if type_.name == place.position else f"... on {type_.name} {{ {name}"
            path = (*place.path, step)
            lacking = self._without_context(place, type_.name, name)
            reached = frozenset(
                entry for entry in self._reach(place, type_, name, entries) if entry.graph not in lacking
            )
            if not reached:
                blocked = self._blocked_by_labels(place, type_.name, name, entries)
                self.problems.append(self._problem(type_.name, name, path, entries, lacking, blocked))
                continue
            if differing := disagreement(self.supergraph, self.hidden, type_.name, field_, reached):
                self.disagreeing.setdefault(f"{differing.code} {differing.coordinate}", differing)
                if differing.code == MISMATCHED:
                    continue  # nothing is to be said of what is below
            if self.supergraph.is_composite(field_.type_name):
                yield _Place(field_.type_name, reached, path, frozenset(setters.items()))

    def _without_context(self, place: _Place, type_name: str, name: str) -> dict[str, str]:
        """The subgraphs in which an argument of the field has no context here, and why."""
        lacking: dict[str, str] = {}
        for graph in self.supergraph.graphs:
            source = self.reach.sources.source(graph, type_name, name)
            for argument in source.context_arguments if source else ():
                setter = dict(place.setters).get(argument.context)
                context = argument.context.partition("__")[2]
                if setter is None:
                    lacking[graph] = f'cannot fill the argument "{argument.name}": nothing above sets "{context}"'
                elif not self._says(setter, argument):
                    lacking[graph] = (
                        f'cannot fill the argument "{argument.name}": {{ {argument.selection} }} '
                        f"cannot be had of {setter.type_name}"
                    )
        return lacking

    def _says(self, setter: _Setter, argument: ContextArgument) -> bool:
        """Whether a context's value can be asked of the object that sets it."""
        return any(
            self.reach.selects(entry, setter.position, setter.type_name, argument.selection)
            for entry in setter.entries or (None,)
        )

    def _reach(
        self, place: _Place, type_: SupergraphType, name: str, entries: frozenset[Entry] | None
    ) -> frozenset[Entry]:
        if entries is None:
            return self.reach.field(None, place.position, type_.name, name)
        return frozenset(
            further
            for entry in entries
            for further in self.reach.field(entry, place.position, type_.name, name)
            if self._has_what_it_requires(entry, further, type_.name, name)
            and self._can_move(entry, further.graph, type_.name)
        )

    def _can_move(self, entry: Entry, graph: str, type_name: str) -> bool:
        """Whether there is a key to another subgraph that no label decides about. Others count on no label there."""
        if entry.graph == graph or not self.supergraph.labels:
            return True
        keys = [key.fields for door in self.reach.sources.doors(graph, type_name, ()) for key in door.keys]
        return not keys or any(self.undecided.selects(entry, type_name, type_name, key) for key in keys)

    def _blocked_by_labels(
        self, place: _Place, type_name: str, name: str, entries: frozenset[Entry] | None
    ) -> Mapping[str, str]:
        return {
            further.graph: "can be entered only by key fields that a label of @override decides about"
            for entry in entries or ()
            for further in self.reach.field(entry, place.position, type_name, name)
            if not self._can_move(entry, further.graph, type_name)
        }

    def _has_what_it_requires(self, entry: Entry, further: Entry, type_name: str, name: str) -> bool:
        """
        Whether what the field requires can be had by whoever holds the object in the field's own subgraph.

        Our planner would find it where the object came from as well, and under a label of an override that is on.
        Others do not, and a graph should not stop to compose because a field of it is asked from elsewhere.
        """
        source = self.reach.sources.source(further.graph, type_name, name)
        if source is None or source.requires is None:
            return True
        declared = type_name
        if further.graph not in self.supergraph.types[type_name].graphs:
            declared = self.supergraph.interface_object(further.graph, type_name) or type_name
        if entry.graph != further.graph:
            entry = Entry(further.graph, declared)
        elif not self._can_come_back(entry.graph, declared):
            return False
        return self.undecided.selects(entry, type_name, type_name, source.requires)

    def _can_come_back(self, graph: str, type_name: str) -> bool:
        """Whether who leaves the subgraph to fetch what is required has a key to return by, known before."""
        keys = self.supergraph.types[type_name].graphs[graph].keys
        return any(not self._needs_others(graph, type_name, key.fields.selections) for key in keys)

    def _needs_others(self, graph: str, type_name: str, selections: SelectionSetNode) -> bool:
        for node in selections.selections:
            below = type_name
            if isinstance(node, FieldNode) and node.name.value != "__typename":
                field_ = self.supergraph.types[type_name].fields[node.name.value]
                if graph not in field_.sources or field_.sources[graph].external:
                    return True
                below = field_.type_name
            elif isinstance(node, InlineFragmentNode) and node.type_condition:
                below = node.type_condition.name.value
            nested = getattr(node, "selection_set", None)
            if nested is not None and self._needs_others(graph, below, nested):
                return True
        return False

    def _problem(
        self,
        type_name: str,
        name: str,
        path: tuple[str, ...],
        entries: frozenset[Entry] | None,
        lacking: Mapping[str, str],
        blocked: Mapping[str, str],
    ) -> Diagnostic:
        graphs = self.supergraph.graphs
        reasons = [
            f"{graphs[obstacle.graph].name} {({**blocked, **lacking}).get(obstacle.graph, obstacle.reason)}"
            for obstacle in self.reach.obstacles(type_name, name)
        ]
        at = sorted({graphs[entry.graph].name for entry in entries or ()})
        where = f" once {' or '.join(at)} answered for {type_name}" if at else ""
        advice = "Add a @key that both sides have, or the field where it is missing"
        if blocked:
            advice = "Add a @key that does not move step by step"
        if lacking:
            advice = "Set the context on a type above with @context, or leave that way to the field out"
        return Diagnostic(
            "SATISFIABILITY_ERROR",
            f"{_operation(path)} cannot be answered{where}: {'; '.join(reasons)}. {advice}",
            tuple(at),
            f"{type_name}.{name}",
        )


def _operation(path: Sequence[str]) -> str:
    """The witness as a client would write it."""
    kind, *steps = path
    text = " { ".join(steps)
    opened = text.count("{")
    shown = f"{{ {text}{' }' * opened} }}"
    return shown if kind == "query" else f"{kind} {shown}"
