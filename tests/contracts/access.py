"""
Who may reach which field: the guards of the committed supergraph and the roles of accounts, as one table.

``make schema`` writes it to ``subgraphs/ACCESS.md`` and its first part, what can be asked and done, to ``SECURITY.md``.
The running system is held to it by ``tests/journeys/test_access.py``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema, get_named_type

from docker.local.schema import SUPERGRAPH
from docker.local.settings import REPOSITORY
from gateway_graphql.supergraph.api_schema import api_schema
from gateway_graphql.supergraph.read import read_supergraph
from gateway_graphql.supergraph.requirements import Requirement, requirements_by_field
from subgraphs.accounts.roles import ALLOWED, Role
from subgraphs.chassis.identity import OWN

Coordinate = tuple[str, str]
"""a type and one of its fields"""
Cells = tuple[str, ...]
"""what each of ROLES may: YES, OWN_ONLY or NO"""

ROLES: Mapping[str, frozenset[str] | None] = {"anonymous": None} | {role.value: ALLOWED[role] for role in Role}
"""role → its scopes; ``None``: nobody is known"""
YES, OWN_ONLY, NO = "yes", "own", "–"
OWNED: Mapping[str, str] = {"Subscriber": "subscribers:read", "DiscountClaim": "discounts", "Voucher": "discounts"}
"""type of what belongs to a caller → the scope that opens everybody's"""

TABLE = REPOSITORY / "subgraphs" / "ACCESS.md"
SECURITY = REPOSITORY / "SECURITY.md"
BEGIN, END = "<!-- begin: written by make schema -->", "<!-- end -->"

_HEAD = """# Who may reach which field

Written by `make schema` from the guards of the subgraphs and from `accounts/roles.py`; `tests/journeys/test_access.py` asks the
running system for each of them as each role. A field counts as reached where some way to it is open. *own*: of their own
subscriptions and claims alone, or of what they have just typed.
"""


@dataclass(frozen=True)
class Graph:
    """The graph as clients see it, and what each of its fields asks of them."""

    schema: GraphQLSchema
    asked: Mapping[Coordinate, frozenset[Requirement]]

    @classmethod
    def committed(cls) -> "Graph":
        """The one of the repository."""
        sdl = SUPERGRAPH.read_text()
        return cls(api_schema(sdl), requirements_by_field(read_supergraph(sdl)))

    @property
    def roots(self) -> list[GraphQLObjectType]:
        """Where every operation begins."""
        return [
            root
            for root in (self.schema.query_type, self.schema.mutation_type, self.schema.subscription_type)
            if root is not None
        ]

    def fields(self, name: str) -> Mapping[str, GraphQLField]:
        """What an object type has."""
        type_ = self.schema.type_map[name]
        assert isinstance(type_, GraphQLObjectType), f"{name}: say here how abstract types are reached"
        return type_.fields

    def coordinates(self) -> list[Coordinate]:
        """All fields, by type: what can be asked first."""
        roots = [root.name for root in self.roots]
        others = sorted(
            name
            for name, type_ in self.schema.type_map.items()
            if isinstance(type_, GraphQLObjectType) and not name.startswith("__") and name not in roots
        )
        return [(name, field) for name in (*roots, *others) for field in self.fields(name)]

    def field(self, at: Coordinate) -> GraphQLField:
        """The definition."""
        return self.fields(at[0])[at[1]]

    def is_open(self, at: Coordinate, scopes: frozenset[str] | None) -> bool:
        """Whether somebody with these scopes meets what a field asks."""
        return all(
            scopes is not None if one.kind == "authenticated" else one.met_by(scopes or frozenset())
            for one in self.asked.get(at, ())
        )

    def ways(self, scopes: frozenset[str] | None, *, all_of_it: bool = False) -> dict[Coordinate, list[Coordinate]]:
        """
        The shortest way to each field that somebody with these scopes can reach.

        :param all_of_it: without those ways that show only what is their own
        """
        if all_of_it and not (scopes or frozenset()).issuperset(OWNED.values()):
            scopes = None if scopes is None else scopes - {OWN}
        found: dict[Coordinate, list[Coordinate]] = {}
        at_hand: list[tuple[str, list[Coordinate]]] = [(root.name, []) for root in self.roots]
        seen = {name for name, _ in at_hand}
        while at_hand:
            name, way = at_hand.pop(0)
            for field, definition in self.fields(name).items():
                at = (name, field)
                if at in found or not self.is_open(at, scopes):
                    continue
                found[at] = [*way, at]
                inner = get_named_type(definition.type)
                owned = all_of_it and inner.name in OWNED and OWNED[inner.name] not in (scopes or ())
                if isinstance(inner, GraphQLObjectType) and inner.name not in seen and not owned:
                    seen.add(inner.name)
                    at_hand.append((inner.name, [*way, at]))
        return found

    def cells(self) -> dict[Coordinate, Cells]:
        """The table."""
        any_way = {role: self.ways(scopes) for role, scopes in ROLES.items()}
        to_all = {role: self.ways(scopes, all_of_it=True) for role, scopes in ROLES.items()}
        return {
            at: tuple(YES if at in to_all[role] else OWN_ONLY if at in any_way[role] else NO for role in ROLES)
            for at in self.coordinates()
        }


def rendered(cells: Mapping[Coordinate, Cells]) -> str:
    """The whole table, a part for each type."""
    parts = (_part(name, list(rows)) for name, rows in groupby(cells.items(), key=lambda row: row[0][0]))
    return "\n".join([_HEAD, *parts])


def rendered_roots(cells: Mapping[Coordinate, Cells], graph: Graph) -> str:
    """What can be asked, done and watched."""
    return "\n".join(_part(root.name, [row for row in cells.items() if row[0][0] == root.name]) for root in graph.roots)


def _part(name: str, rows: list[tuple[Coordinate, Cells]]) -> str:
    fields: dict[Cells, list[str]] = {}
    for (_, field), cells in rows:
        fields.setdefault(cells, []).append(f"`{field}`")
    lines = [f"| {', '.join(named)} | {' | '.join(cells)} |" for cells, named in fields.items()]
    return "\n".join([f"| {name} | {' | '.join(ROLES)} |", "| --- |" + " --- |" * len(ROLES), *lines, ""])


def written(text: str) -> dict[Coordinate, Cells]:
    """Read a table back."""
    return dict(_rows(text))


def _rows(text: str) -> Iterator[tuple[Coordinate, Cells]]:
    name = ""
    for line in text.splitlines():
        if not line.startswith("| "):
            continue
        first, *cells = (cell.strip() for cell in line.strip("|").split(" | "))
        if "`" not in first:
            name = first if not first.startswith("-") else name
            continue
        for field in first.split(", "):
            yield (name, field.strip("`")), tuple(cells)


def with_part(document: str, part: str) -> str:
    """A document with this between its marks."""
    before, rest = document.split(BEGIN)
    return f"{before}{BEGIN}\n\n{part}\n{END}{rest.split(END)[1]}"


def main(table: Path = TABLE, security: Path = SECURITY) -> None:
    """Write both anew."""
    graph = Graph.committed()
    cells = graph.cells()
    table.write_text(rendered(cells))
    security.write_text(with_part(security.read_text(), rendered_roots(cells, graph)))


if __name__ == "__main__":
    main()
