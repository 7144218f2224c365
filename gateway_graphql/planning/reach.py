"""
What can be reached from where, in the planner's own terms.

Satisfiability walks the API schema with these questions, and the planner answers them with the code that
makes plans: what composes always plans.

A walk holds *entries*: an object as one subgraph handed it out (``Entry(graph, declared type, view)``).
``None`` stands for the root of an operation, where nothing has been asked yet::

    reach = Reach(supergraph, labels)
    users = reach.field(None, "Query", "Query", "me")            # who can be asked for Query.me
    for user in users:
        reach.is_possible(user, "User", "User")                  # can such an object be a User there?
        reach.field(user, "User", "User", "name")                # and then: who can supply its name

Every answer is remembered. Labels of progressive overrides are fixed for one ``Reach``; walk once for each
combination that matters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gateway_graphql.planning.attempt import Attempt
from gateway_graphql.planning.conditions import ALWAYS
from gateway_graphql.planning.normalize import Normalizer
from gateway_graphql.planning.operation import Need, Position, TypeClass
from gateway_graphql.planning.solve import Solver
from gateway_graphql.planning.sources import Entry, Sources
from gateway_graphql.supergraph.field_sets import FieldSet
from gateway_graphql.supergraph.model import Supergraph

__all__ = ["Entry", "Obstacle", "Reach"]


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why one subgraph is no help."""

    graph: str
    """as in ``join__Graph``"""
    reason: str

    def __str__(self) -> str:
        return f"{self.graph}: {self.reason}"


class Reach:
    """Answers what can be reached in one supergraph, with a fixed set of override labels."""

    def __init__(self, supergraph: Supergraph, labels: frozenset[str] = frozenset()) -> None:
        self.supergraph = supergraph
        self.sources = Sources(supergraph, labels)
        self._solver = Solver(self.sources, Normalizer(supergraph, {}))
        self._fields: dict[tuple[Entry | None, str, str, str], frozenset[Entry]] = {}
        self._casts: dict[tuple[Entry, str, str], bool] = {}

    def field(self, entry: Entry | None, position: str, type_name: str, field_name: str) -> frozenset[Entry]:
        """
        Everyone who can supply a field of an object, directly or by its keys; empty if nobody can.

        ``position``: the type at the place where the object is (maybe an interface or union);
        ``type_name``: the object type it is. The entries that come back are of the field's value
        (for a leaf they only say who supplied it). Every context counts as set.
        """
        key = (entry, position, type_name, field_name)
        if key not in self._fields:
            self._fields[key] = frozenset(self._ways(entry, position, type_name, field_name))
        return self._fields[key]

    def selects(self, entry: Entry | None, position: str, type_name: str, selection: FieldSet) -> bool:
        """Whether everything that a field set selects of such an object can be supplied."""
        return self._attempt(entry, position, type_name).has(self._solver.hidden_needs(type_name, selection))

    def is_possible(self, entry: Entry, position: str, type_name: str) -> bool:
        """Whether the object that was handed out can be of this object type, and the type can be found out."""
        key = (entry, position, type_name)
        if key not in self._casts:
            self._casts[key] = self.sources.is_possible(entry, type_name) and (
                not self.supergraph.is_abstract(position)
                or self._attempt(entry, position, type_name).typename_is_known()
            )
        return self._casts[key]

    def obstacles(self, type_name: str, field_name: str) -> list[Obstacle]:
        """Once :meth:`field` has found nobody: why, subgraph by subgraph. For messages."""
        found = []
        for graph in self.supergraph.graphs:
            source = self.sources.source(graph, type_name, field_name)
            if source is None or source.external:
                found.append(Obstacle(graph, f"cannot find field {type_name}.{field_name}"))
                continue
            keys = self._keys(graph, type_name)
            if not keys:
                here = self.supergraph.types[type_name].graphs.get(graph)
                why = "its @key is not resolvable" if here and here.keys else f"{type_name} has no @key there"
                found.append(Obstacle(graph, f"cannot be entered: {why}"))
                continue
            if source.requires is not None:
                found.append(Obstacle(graph, f"cannot satisfy @requires(fields: {str(source.requires)!r})"))
                continue
            listed = ", ".join(f"@key(fields: {key!r})" for key in keys)
            found.append(Obstacle(graph, f"cannot be entered using {listed}: the key fields cannot be resolved"))
        return found

    def _keys(self, graph: str, type_name: str) -> list[str]:
        return [str(key.fields) for door in self.sources.doors(graph, type_name, ()) for key in door.keys]

    def _ways(self, entry: Entry | None, position: str, type_name: str, field_name: str) -> Iterator[Entry]:
        if entry is not None and not self.sources.is_possible(entry, type_name):
            return
        need = Need(None, field_name, (), "", ALWAYS, None, contexts=self.supergraph.contexts)
        for way in self._attempt(entry, position, type_name).ways(need):
            # each way on its own: what one of them jumps to is no help to another
            attempt = self._attempt(entry, position, type_name)
            if attempt.opens(way):
                yield way.entry

    def _attempt(self, entry: Entry | None, position: str, type_name: str) -> Attempt:
        type_class = TypeClass((type_name,), ())
        at = Position(position, self.supergraph.is_abstract(position), (type_class,), False)
        entries = () if entry is None else (entry,)
        return Attempt(self._solver, at, type_class, entries, self.sources.candidates(type_name), False)
