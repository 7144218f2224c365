"""Who owns what: one way to split a monolith into subgraphs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from tests.gateway_graphql.differential.drawing import Draw
from tests.gateway_graphql.differential.monolith import Argument, Field, Kind, Monolith, Type

__all__ = ["ABOVE", "Cannot", "Context", "Graph", "Key", "Part", "Piece", "Split", "draw_split"]

LINK = """extend schema @link(
  url: "https://specs.apollo.dev/federation/v2.9"
  import: [
    "@key", "@requires", "@provides", "@external", "@shareable", "@override", "@inaccessible", "@interfaceObject",
    "@context", "@fromContext"
  ]
)"""


ABOVE = "above"
"""the argument that takes its value from an object above"""
ROOTS = ("Query", "Mutation", "Subscription")


class Cannot(Exception):
    """A type that no subgraph may have; the split is drawn anew."""


@dataclass
class Piece:
    """A field in one subgraph."""

    field: Field
    external: bool = False
    requires: str | None = None
    provides: str | None = None
    override: str | None = None
    """the subgraph it was taken over from"""
    label: str | None = None
    """of a progressive override, on both sides"""
    overridden: bool = False
    inaccessible: bool = False
    local_type: str | None = None
    """where it is promised more firmly than elsewhere"""


@dataclass
class Context:
    """A field that takes an argument from an object above it, all in one subgraph."""

    graph: str
    setter: str
    source: Field
    """the field of the setter that is the value"""
    taker: str
    field_name: str

    def argument(self) -> str:
        """As SDL."""
        return f"{ABOVE}: {self.source.type.rstrip('!')}"


@dataclass
class Key:
    """A way into an entity."""

    fields: str
    resolvable: bool = True


@dataclass
class Part:
    """A type in one subgraph."""

    name: str
    kind: Kind
    pieces: dict[str, Piece] = field(default_factory=dict)
    keys: list[Key] = field(default_factory=list)
    interfaces: list[str] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    interface_object: bool = False
    inaccessible: bool = False
    extends: bool = False
    """whether it says, in the first version, that the type is somebody else's"""


@dataclass
class Graph:
    """One subgraph."""

    name: str
    parts: dict[str, Part] = field(default_factory=dict)
    old: bool = False
    """whether it is written as for the first version of Federation"""
    own_roots: bool = False
    """whether its root types have names of their own"""

    def local(self, name: str) -> str:
        """What a type is called here."""
        return f"{name}_{self.name}" if self.own_roots and name in ROOTS else name

    def pieces(self) -> Iterator[tuple[Part, Piece]]:
        """Every field of every type."""
        for part in self.parts.values():
            for piece in part.pieces.values():
                yield part, piece


@dataclass
class Split:
    """A monolith, and the subgraphs that it became."""

    monolith: Monolith
    graphs: dict[str, Graph]
    labels: frozenset[str] = frozenset()
    """the labels that are on"""
    context: Context | None = None

    def resolves(self, piece: Piece) -> bool:
        """Whether this is where the field is asked, as things stand."""
        if piece.external or (piece.overridden and piece.label is None):
            return False
        if piece.label is None:
            return True
        return (piece.label in self.labels) == (piece.override is not None)

    def owners(self, type_name: str, field_name: str) -> list[str]:
        """The subgraphs that do not only mention a field."""
        return [
            graph.name
            for graph in self.graphs.values()
            if (part := graph.parts.get(type_name)) and (piece := part.pieces.get(field_name)) and not piece.external
        ]

    def is_provided(self, field_name: str) -> bool:
        """Whether a field of this name is provided by somebody, which makes it shared."""
        return any(
            piece.provides and field_name in piece.provides.split()
            for graph in self.graphs.values()
            for _, piece in graph.pieces()
        )

    def promises_objects(self) -> bool:
        """Whether one subgraph promises objects more firmly: then what fails in them takes more along there."""
        return any(
            piece.local_type and piece.field.of in self.monolith.types
            for graph in self.graphs.values()
            for _, piece in graph.pieces()
        )

    def requires(self, type_name: str, field_name: str) -> str | None:
        """What must be known for a field."""
        for graph in self.graphs.values():
            part = graph.parts.get(type_name)
            if part and field_name in part.pieces and part.pieces[field_name].requires:
                return part.pieces[field_name].requires
        return None

    def local_types(self, graph: Graph, name: str) -> list[str]:
        """The object types that a type can be in one subgraph."""
        part = graph.parts.get(name)
        if part is None:
            return []
        if part.interface_object:
            return self.monolith.types[name].members
        return [name] if self.monolith.types[name].is_object else part.members

    def runtime_types(self, type_name: str, field_: Field) -> list[str]:
        """The types that the objects of a field can have: those that everyone knows who has the field."""
        types = list(self.monolith.possible(field_.of))
        names = (type_name, *self.monolith.types[type_name].interfaces)
        for graph in self.graphs.values():
            parts = [
                part
                for name in names
                if (part := graph.parts.get(name)) and (name == type_name or part.interface_object)
            ]
            if any(field_.name in part.pieces for part in parts):
                local = self.local_types(graph, field_.of)
                types = [name for name in types if name in local]
        return types

    def visible(self) -> Monolith:
        """What clients see of it."""
        whole = self.monolith
        seen = Monolith(enums=whole.enums, inputs=whole.inputs)
        for type_ in whole.types.values():
            parts = [graph.parts[type_.name] for graph in self.graphs.values() if type_.name in graph.parts]
            if not parts or any(part.inaccessible for part in parts):
                continue
            hidden = {name for part in parts for name, piece in part.pieces.items() if piece.inaccessible}
            there = {name for part in parts for name in part.pieces} - hidden
            implemented = {name for part in parts for name in part.interfaces}
            for interface in type_.interfaces:
                if any(g.parts[interface].interface_object for g in self.graphs.values() if interface in g.parts):
                    implemented.add(interface)
                    for graph in self.graphs.values():
                        if interface in graph.parts and graph.parts[interface].interface_object:
                            there |= set(graph.parts[interface].pieces)
            members = {name for part in parts for name in part.members if not self.is_hidden(name)}
            seen.types[type_.name] = replace(
                type_,
                fields={name: one for name, one in type_.fields.items() if name in there},
                interfaces=[name for name in type_.interfaces if name in implemented],
                members=[name for name in type_.members if name in members],
            )
        return seen

    def is_hidden(self, name: str) -> bool:
        """Whether clients never see a type."""
        return any(name in graph.parts and graph.parts[name].inaccessible for graph in self.graphs.values())

    def sdl_of(self, graph: Graph, *, federated: bool = True) -> str:
        """A subgraph's schema, as it is composed or (without the directives) as it is served."""
        parts = [LINK] if federated and not graph.old else []
        parts.append(self.monolith.leaves())
        parts += [self._part(graph, part, federated) for part in graph.parts.values()]
        if graph.own_roots:
            roots = [name for name in ROOTS if name in graph.parts or (name == "Query" and not federated)]
            parts += (
                [f"schema {{ {' '.join(f'{name.lower()}: {graph.local(name)}' for name in roots)} }}"] if roots else []
            )
        if not federated:
            entities = [part.name for part in graph.parts.values() if part.kind != "interface" or part.interface_object]
            entities = [name for name in entities if any(key.resolvable for key in graph.parts[name].keys)]
            query = f"{'extend ' if 'Query' in graph.parts else ''}type {graph.local('Query')}"
            if entities:
                parts.append(f"scalar _Any\nunion _Entity = {' | '.join(entities)}")
                parts.append(f"{query} {{ _entities(representations: [_Any!]!): [_Entity]! }}")
            elif "Query" not in graph.parts:
                parts.append(f"{query} {{ _nothing: Int }}")
        return "\n".join(parts)

    def _part(self, graph: Graph, part: Part, federated: bool) -> str:
        if part.kind == "union":
            return f"union {part.name} = {' | '.join(part.members)}"
        kind = "interface" if part.kind == "interface" and not part.interface_object else "type"
        implements = f" implements {' & '.join(part.interfaces)}" if part.interfaces else ""
        directives = ""
        if federated:
            directives += " @interfaceObject" if part.interface_object else ""
            directives += " @inaccessible" if part.inaccessible else ""
            if graph.old and part.extends:
                kind = f"extend {kind}"
            for key in part.keys:
                directives += f' @key(fields: "{key.fields}"{"" if key.resolvable else ", resolvable: false"})'
        context = self.context if self.context and self.context.graph == graph.name else None
        if federated and context and part.name == context.setter:
            directives += ' @context(name: "ctx")'
        fields = []
        for name, piece in part.pieces.items():
            more = []
            if context and (part.name, name) == (context.taker, context.field_name):
                given = f' @fromContext(field: "$ctx {{ {context.source.name} }}")' if federated else ""
                more.append(context.argument() + given)
            text = piece.field.declared(piece.local_type, *more)
            if federated:
                text += self._directives(graph, part, name, piece)
            fields.append(f"  {text}")
        return f"{kind} {graph.local(part.name)}{implements}{directives} {{\n" + "\n".join(fields) + "\n}"

    def _directives(self, graph: Graph, part: Part, name: str, piece: Piece) -> str:
        text = ""
        of_key = part.extends and any(name in key.fields.split() for key in part.keys)
        if piece.external or (graph.old and of_key):
            return " @external"
        if (
            not graph.old
            and part.kind != "interface"
            and (len(self.owners(part.name, name)) > 1 or self.is_provided(name))
        ):
            text += " @shareable"
        if piece.requires:
            text += f' @requires(fields: "{piece.requires}")'
        if piece.provides:
            text += f' @provides(fields: "{piece.provides}")'
        if piece.override:
            label = f', label: "{piece.label}"' if piece.label else ""
            text += f' @override(from: "{piece.override}"{label})'
        if piece.inaccessible:
            text += " @inaccessible"
        return text


def draw_split(draw: Draw, schema: Monolith) -> Split:
    """Split a monolith; whether it composes is another question."""
    return _Splitter(draw, schema).split()


class _Splitter:
    def __init__(self, draw: Draw, schema: Monolith) -> None:
        self.draw = draw
        self.schema = schema
        self.graphs = {f"s{index}": Graph(f"s{index}") for index in range(draw.number(2, 4))}
        self.forbidden: dict[str, set[str]] = {name: set() for name in self.graphs}
        self.dropped: set[tuple[str, str]] = set()
        self.plain: set[tuple[str, str]] = set()
        """fields that others are computed from, which therefore must not be computed themselves"""
        self.underway: tuple[str, str] | None = None
        """the field that is to be computed from others just now"""
        self.all = Split(schema, self.graphs)

    def split(self) -> Split:
        self._interface_objects()
        for type_ in list(self.schema.types.values()):
            if type_.kind == "entity":
                self._entity(type_)
        for type_ in list(self.schema.types.values()):
            if type_.kind == "root":
                for field_ in type_.fields.values():
                    self._own(type_, field_, list(self.graphs))
        self._overrides()
        self._requirements()
        self._provisions()
        self._firmer_promises()
        self._hide()
        self._interface_fields()
        self._interfaces_of_interfaces()
        for graph in self.graphs.values():
            graph.own_roots = self.draw.chance(0.1)
        self._hide_types()
        self._context()
        self._old_ones()
        labels = sorted({piece.label for graph in self.graphs.values() for _, piece in graph.pieces() if piece.label})
        self.all.labels = frozenset(self.draw.some(labels))
        return self.all

    # -- what a subgraph has

    def _fits(self, graph: str, name: str, underway: tuple[str, ...] = ()) -> bool:
        """Whether a subgraph may have a type."""
        if name not in self.schema.types or name in underway:
            return True
        part = self.graphs[graph].parts.get(name)
        if part is not None:
            return True
        if name in self.forbidden[graph]:
            return False
        type_ = self.schema.types[name]
        if type_.kind in ("interface", "union"):
            return self._fits(graph, type_.members[0], (*underway, name))
        if type_.kind == "entity":
            return any(self._key_fits(graph, type_, key, (*underway, name)) for key in type_.keys)
        return any(self._fits(graph, one.of, (*underway, name)) for one in type_.fields.values())

    def _key_fits(self, graph: str, type_: Type, key: str, underway: tuple[str, ...] = ()) -> bool:
        return all(self._fits(graph, type_.fields[one].of, underway) for one in _names(key) if one in type_.fields)

    def _need(self, graph: str, name: str) -> None:
        """Let a subgraph have a type, with what belongs to it."""
        parts = self.graphs[graph].parts
        if name not in self.schema.types or name in parts:
            return
        if not self._fits(graph, name):
            raise Cannot
        type_ = self.schema.types[name]
        part = parts[name] = Part(name, type_.kind)
        if type_.kind == "entity":
            for key in self.draw.several([key for key in type_.keys if self._key_fits(graph, type_, key)]):
                self._key(graph, type_, key, resolvable=not self.draw.chance(0.12))
        elif type_.kind == "value":
            for field_ in type_.fields.values():
                if not self._fits(graph, field_.of):
                    continue
                owned = self.all.owners(name, field_.name)
                if owned and part.pieces and field_.name != "w" and self.draw.chance(0.06):
                    continue
                self._place(graph, name, field_)
            if not part.pieces:
                raise Cannot
        elif type_.kind in ("interface", "union"):
            anchor, *others = type_.members
            part.members = [anchor, *self.draw.some([one for one in others if self._fits(graph, one)], 0.6)]
            for member in part.members:
                self._need(graph, member)
                if type_.kind == "interface":
                    parts[member].interfaces.append(name)
            if type_.kind == "interface":
                must = "id" if "id" in type_.fields else next(iter(type_.fields))
                for member in part.members:
                    self._place(graph, member, self.schema.types[member].fields[must])

    def _place(self, graph: str, name: str, field_: Field) -> Piece:
        self._need(graph, name)
        part = self.graphs[graph].parts[name]
        if field_.name not in part.pieces:
            part.pieces[field_.name] = Piece(field_)
            self._need(graph, field_.of)
        return part.pieces[field_.name]

    def _key(self, graph: str, type_: Type, key: str, *, resolvable: bool) -> None:
        for name, inner in _with_inner(key):
            self._place(graph, type_.name, type_.fields[name])
            for one in inner:
                other = type_.fields[name].of
                self._place(graph, other, self.schema.types[other].fields[one])
        self.graphs[graph].parts[type_.name].keys.append(Key(key, resolvable))

    # -- owners

    def _interface_objects(self) -> None:
        for type_ in self.schema.types.values():
            if type_.kind != "interface" or not type_.keys or not self.draw.chance(0.6):
                continue
            home, away = self.draw.several(list(self.graphs), 2, 2)
            if self.draw.chance(0.5):
                home, away = away, home
            if set(type_.members) & self.forbidden[home] or type_.name in self.graphs[away].parts:
                continue
            if any(member in self.graphs[away].parts for member in type_.members):
                continue
            self.forbidden[away] |= set(type_.members)
            self._need(home, type_.name)
            part = self.graphs[home].parts[type_.name]
            for member in type_.members:
                if member not in part.members:
                    part.members.append(member)
                    self._need(home, member)
                    self.graphs[home].parts[member].interfaces.append(type_.name)
                here = self.graphs[home].parts[member]
                if not any(key.fields == "id" for key in here.keys):
                    self._key(home, self.schema.types[member], "id", resolvable=True)
                for key in here.keys:
                    key.resolvable = key.resolvable or key.fields == "id"
            part.keys = [Key("id")]
            away_part = self.graphs[away].parts[type_.name] = Part(type_.name, "interface", interface_object=True)
            away_part.keys = [Key("id")]
            away_part.pieces["id"] = Piece(type_.fields["id"])
            for name in ("o", "p")[: self.draw.number(1, 2)]:
                of = self.draw.one(["Int", "String", *self.schema.types])
                if of in ROOTS or not self._fits(away, of):
                    of = "Int"
                field_ = Field(f"{name}{type_.name[1:]}", self.draw.one(["{}", "{}!", "[{}]"]).format(of))
                type_.fields[field_.name] = field_
                for member in type_.members:
                    self.schema.types[member].fields[field_.name] = field_
                self._place(away, type_.name, field_)

    def _entity(self, type_: Type) -> None:
        allowed = [name for name in self.graphs if self._fits(name, type_.name)]
        if not allowed:
            raise Cannot
        homes = self.draw.several(allowed)
        for graph in homes:
            self._need(graph, type_.name)
        through_object = {
            name
            for interface in type_.interfaces
            for graph in self.graphs.values()
            if interface in graph.parts and graph.parts[interface].interface_object
            for name in graph.parts[interface].pieces
        }
        for field_ in list(type_.fields.values()):
            if field_.name not in through_object and field_.name not in self.schema.key_fields(type_.name):
                self._own(type_, field_, homes)

    def _own(self, type_: Type, field_: Field, homes: list[str]) -> None:
        fitting = [name for name in homes if self._fits(name, field_.of)]
        fitting = fitting or [
            name for name in self.graphs if self._fits(name, type_.name) and self._fits(name, field_.of)
        ]
        if not fitting:
            raise Cannot
        first = self.draw.one(fitting)
        self._place(first, type_.name, field_)
        if type_.name != "Subscription" and self.draw.chance(0.2):
            self._place(self.draw.one(fitting), type_.name, field_)

    # -- decorations

    def _overrides(self) -> None:
        for type_ in self.schema.types.values():
            if type_.kind not in ("entity", "root"):
                continue
            for field_ in type_.fields.values():
                owners = self.all.owners(type_.name, field_.name)
                if (
                    not owners
                    or type_.name == "Subscription"
                    or field_.name in self.schema.key_fields(type_.name)
                    or not self.draw.chance(0.12)
                ):
                    continue
                others = [
                    name
                    for name in self.graphs
                    if name not in owners and self._fits(name, type_.name) and self._fits(name, field_.of)
                ]
                if not others:
                    continue
                before, after = self.draw.one(owners), self.draw.one(others)
                piece = self._place(after, type_.name, field_)
                piece.override = before
                piece.label = self.draw.one([None, None, "beta", "gamma"])
                old = self.graphs[before].parts[type_.name].pieces[field_.name]
                old.overridden, old.label = True, piece.label
                self.plain.add((type_.name, field_.name))

    def _requirements(self) -> None:
        for type_ in self.schema.types.values():
            if type_.kind != "entity":
                continue
            earlier: list[Field] = []
            for field_ in type_.fields.values():
                owners = self.all.owners(type_.name, field_.name)
                if len(owners) == 1 and (type_.name, field_.name) not in self.plain and self.draw.chance(0.35):
                    self._require(owners[0], type_, field_, earlier)
                earlier.append(field_)

    def _require(self, graph: str, type_: Type, field_: Field, earlier: list[Field]) -> None:
        part = self.graphs[graph].parts[type_.name]
        if field_.name in self.schema.key_fields(type_.name):
            return
        candidates = [
            one
            for one in earlier
            if (one.name not in part.pieces or part.pieces[one.name].external)
            and self.all.owners(type_.name, one.name)
            and self._fits(graph, one.of)
        ]
        chosen = []
        self.underway = (type_.name, field_.name)
        for one in self.draw.several(candidates, 1, 2) if candidates else []:
            selection = self._selection(graph, one.of, 2)
            if selection is not None and self._external(graph, type_.name, one):
                chosen.append(one.name + self._literals(one) + selection)
        self.underway = None
        if chosen:
            part.pieces[field_.name].requires = " ".join(chosen)
            if not any(key.resolvable for key in part.keys):
                part.keys[0].resolvable = True

    def _provisions(self) -> None:
        for graph in self.graphs.values():
            for _, piece in list(graph.pieces()):
                if piece.external or piece.requires or piece.override or piece.overridden:
                    continue
                if piece.field.of in self.schema.types and self.draw.chance(0.2):
                    piece.provides = self._provided(graph.name, piece.field.of)

    def _provided(self, graph: str, name: str) -> str | None:
        type_ = self.schema.types[name]
        if name not in self.graphs[graph].parts or self.graphs[graph].parts[name].interface_object:
            return None
        if type_.kind in ("interface", "union"):
            member = self.draw.one(self.graphs[graph].parts[name].members)
            inner = self._provided(graph, member)
            return f"... on {member} {{ {inner} }}" if inner else None
        if type_.kind != "entity":
            return None
        part = self.graphs[graph].parts[name]
        candidates = [
            one
            for one in type_.fields.values()
            if (one.name not in part.pieces or part.pieces[one.name].external)
            and not one.arguments
            and one.name not in self.schema.key_fields(name)
            and self.all.owners(name, one.name)
            and self._fits(graph, one.of)
        ]
        chosen = []
        for one in self.draw.several(candidates, 1, 2) if candidates else []:
            selection = self._selection(graph, one.of, 1, with_arguments=False)
            if selection is not None and self._external(graph, name, one):
                chosen.append(one.name + selection)
        return " ".join(chosen) or None

    def _external(self, graph: str, name: str, field_: Field) -> bool:
        """Mention a field of others, unless it has become this subgraph's own, for the sake of an interface."""
        pieces = self.graphs[graph].parts[name].pieces
        if field_.name not in pieces:
            pieces[field_.name] = Piece(field_, external=True)
            self._need(graph, field_.of)
        return pieces[field_.name].external

    def _selection(self, graph: str, name: str, depth: int, *, with_arguments: bool = True) -> str | None:
        """A field set of a type in a subgraph, in braces; empty for a leaf, ``None`` if there is nothing to select."""
        if name not in self.schema.types:
            return ""
        self._need(graph, name)
        type_ = self.schema.types[name]
        part = self.graphs[graph].parts[name]
        if part.interface_object:
            return " { id }"
        if type_.kind in ("interface", "union"):
            found = []
            for member in self.draw.several(part.members):
                inner = self._selection(graph, member, depth - 1, with_arguments=with_arguments)
                if inner:
                    found.append(f"... on {member}{inner}")
            return f" {{ __typename {' '.join(found)} }}" if found else None
        usable: list[tuple[Field, Callable[[], object]]] = []
        for one in type_.fields.values():
            if one.arguments and (not with_arguments or any(one.type.endswith("!") for one in one.arguments)):
                continue
            if one.of in self.schema.types and depth <= 0:
                continue
            if self.all.requires(name, one.name) or (name, one.name) == self.underway:
                continue
            piece = part.pieces.get(one.name)
            if piece is not None and not piece.overridden:
                usable.append((one, lambda: None))
            elif (
                piece is None
                and type_.kind == "entity"
                and self.all.owners(name, one.name)
                and self._fits(graph, one.of)
            ):
                usable.append((one, lambda one=one: self._external(graph, name, one)))  # type: ignore[misc]
        found = []
        for one, declare in self.draw.several(usable, 1, 2) if usable else []:
            inner = self._selection(graph, one.of, depth - 1, with_arguments=with_arguments)
            if inner is not None:
                declare()
                self.plain.add((name, one.name))
                found.append(one.name + inner)
        return f" {{ {' '.join(found)} }}" if found else None

    def _literals(self, field_: Field) -> str:
        given = [
            f"{one.name}: {self._literal(one)}"
            for one in field_.arguments
            if (one.type.endswith("!") and not one.default) or self.draw.chance(0.5)
        ]
        return f"({', '.join(given)})" if given else ""

    def _literal(self, argument: Argument) -> str:
        name = argument.type.strip("[]!")
        if name in self.schema.enums:
            return self.draw.one(self.schema.enums[name])
        if name in self.schema.inputs:
            return "{x: 1}"
        literal = {"Int": "5", "ID": "6", "Boolean": "false", "Float": "1.5", "Blob": "8"}.get(
            name, "null"
        )  # no strings: they are awkward inside of a string
        return f"[{literal}]" if argument.type.startswith("[") else literal

    def _firmer_promises(self) -> None:
        """A nullable field that is never null in one subgraph."""
        for graph in self.graphs.values():
            for part, piece in graph.pieces():
                if part.kind in ("entity", "value") and not piece.external and not piece.field.type.endswith("!"):
                    others = set(self.all.owners(part.name, piece.field.name)) - {graph.name}
                    firm = {
                        name
                        for name in others
                        if self.graphs[name].parts[part.name].pieces[piece.field.name].local_type
                    }
                    if others - firm and not piece.overridden and self.draw.chance(0.15):
                        piece.local_type = f"{piece.field.type}!"

    def _hide(self) -> None:
        for graph in self.graphs.values():
            for part, piece in graph.pieces():
                if part.kind != "entity" or piece.external or piece.field.of in self.schema.types:
                    continue
                of_interface = any(
                    piece.field.name in self.schema.types[one].fields for one in self.schema.types[part.name].interfaces
                )
                if not of_interface and piece.field.name != "id" and self.draw.chance(0.04):
                    piece.inaccessible = True

    def _hide_types(self) -> None:
        """Hide a type, and with it the fields that are of it."""
        there = {name for graph in self.graphs.values() for name in graph.parts}
        objects = [one for one in self.schema.types.values() if one.kind in ("entity", "value") and one.name in there]
        if not self.draw.chance(0.3):
            return
        hidden = self.draw.one(objects)
        around = [one.name for one in self.schema.types.values() if hidden.name in one.members]
        if any(self._all(name) == {hidden.name} for name in around):
            return
        fields: dict[str, list[tuple[str, Piece]]] = {}
        for graph in self.graphs.values():
            for part, piece in graph.pieces():
                fields.setdefault(part.name, []).append((piece.field.name, piece))
        for name, mine in fields.items():
            of_it = {field_name for field_name, piece in mine if piece.field.of == hidden.name}
            type_ = self.schema.types[name]
            if of_it and (
                type_.kind == "interface" or any(of_it & set(self.schema.types[one].fields) for one in type_.interfaces)
            ):
                return
            if not {field_name for field_name, piece in mine if not piece.inaccessible} - of_it:
                return
        self.draw.one(
            [graph.parts[hidden.name] for graph in self.graphs.values() if hidden.name in graph.parts]
        ).inaccessible = True
        for mine in fields.values():
            for _, piece in mine:
                piece.inaccessible = piece.inaccessible or (piece.field.of == hidden.name and not piece.external)

    def _context(self) -> None:
        """Let a field take an argument from above; often it is not above it everywhere, and then it is left out."""
        if not self.draw.chance(0.4):
            return
        graph = self.graphs[self.draw.one(list(self.graphs))]
        used = " ".join(
            text or ""
            for one in self.graphs.values()
            for part in one.parts.values()
            for text in (
                *(key.fields for key in part.keys),
                *(text for piece in part.pieces.values() for text in (piece.requires, piece.provides)),
            )
        ).split()
        plain = [
            (part, piece)
            for part, piece in graph.pieces()
            if part.kind in ("entity", "root") and not (piece.external or piece.overridden or piece.override)
        ]
        takers = [
            (part.name, piece.field.name)
            for part, piece in plain
            if part.kind == "entity"
            and piece.field.name not in used
            and self.all.owners(part.name, piece.field.name) == [graph.name]
            and any(key.resolvable for key in part.keys)
            and not any(
                piece.field.name in self.schema.types[one].fields for one in self.schema.types[part.name].interfaces
            )
        ]
        setters = [
            (part.name, piece.field)
            for part, piece in plain
            if part.name != "Mutation"
            and part.name != "Subscription"
            and piece.field.of not in self.schema.types
            and not (piece.field.arguments or piece.requires or piece.inaccessible)
            and (part.name == "Query" or any(key.resolvable for key in part.keys))
        ]
        # Where the taker can be reached in another way, too, the graph does not compose; seldom is that wanted.
        pairs = [(taker, setter) for taker in takers for setter in setters if setter[0] != taker[0]]
        above = [(taker, setter) for taker, setter in pairs if self._is_always_above(setter[0], taker[0])]
        below_query = [taker for taker in takers if self._is_always_above("Query", taker[0])]
        if self.draw.chance(0.1):
            above = pairs
        elif not above and below_query and "Query" in graph.parts:
            said = self.schema.types["Query"].fields["said"] = Field("said", "Int")
            graph.parts["Query"].pieces["said"] = Piece(said)
            above = [(taker, ("Query", said)) for taker in below_query]
        if above:
            (taker, name), (setter, source) = self.draw.one(above)
            self.all.context = Context(graph.name, setter, source, taker, name)

    def _is_always_above(self, setter: str, taker: str) -> bool:
        """Whether nobody comes from a root to objects of the one type but through the other."""
        queue = [name for name in ROOTS if name in self.schema.types and name != setter]
        passed = set(queue)
        while queue:
            for field_ in self.schema.types[queue.pop()].fields.values():
                if field_.of in self.schema.types:
                    below = set(self.schema.possible(field_.of)) - passed - {setter}
                    passed |= below
                    queue += below
        return taker not in passed

    def _old_ones(self) -> None:
        """Subgraphs that say nothing which the first version of Federation cannot say may be written in it."""
        for graph in self.graphs.values():
            modern = (
                bool(self.all.context and self.all.context.graph == graph.name)
                or any(piece.override or piece.inaccessible for _, piece in graph.pieces())
                or any(
                    part.interface_object
                    or part.inaccessible
                    or (part.kind == "interface" and part.keys)
                    or not all(key.resolvable for key in part.keys)
                    for part in graph.parts.values()
                )
            )
            if modern or not self.draw.chance(0.3):
                continue
            graph.old = True
            for part in graph.parts.values():
                elsewhere = any(
                    part.name in other.parts and not other.parts[part.name].extends
                    for other in self.graphs.values()
                    if other is not graph
                )
                simple = part.kind in ("entity", "root") and not any("{" in key.fields for key in part.keys)
                part.extends = simple and elsewhere and not graph.own_roots and self.draw.chance(0.6)

    def _interface_fields(self) -> None:
        """An interface may have what everyone has who implements it here."""
        for graph in self.graphs.values():
            for part in graph.parts.values():
                if part.kind != "interface" or part.interface_object:
                    continue
                for field_ in self.schema.types[part.name].fields.values():
                    having = [graph.parts[member].pieces.get(field_.name) for member in part.members]
                    if any(piece is None or piece.external for piece in having):
                        continue
                    if field_.name != "id" and part.pieces and self.draw.chance(0.15):
                        continue
                    part.pieces[field_.name] = Piece(field_)

    def _interfaces_of_interfaces(self) -> None:
        """One interface may implement another where everyone does who implements it."""
        plain = [one for one in self.schema.types.values() if one.kind == "interface" and not one.keys]
        for wide in plain:
            for narrow in plain:
                if wide is narrow or not self._all(narrow.name) or wide.name in narrow.interfaces:
                    continue
                if narrow.name in wide.interfaces or not self._all(narrow.name) <= self._all(wide.name):
                    continue
                if not self._all_fields(wide.name) <= self._all_fields(narrow.name):
                    continue
                for graph in self.graphs.values():
                    mine, theirs = graph.parts.get(narrow.name), graph.parts.get(wide.name)
                    if mine is None or theirs is None or not self.draw.chance(0.6):
                        continue
                    if set(mine.members) <= set(theirs.members) and set(theirs.pieces) <= set(mine.pieces):
                        mine.interfaces.append(wide.name)
                        if wide.name not in narrow.interfaces:
                            narrow.interfaces.append(wide.name)

    def _all(self, name: str) -> set[str]:
        return {one for graph in self.graphs.values() if name in graph.parts for one in graph.parts[name].members}

    def _all_fields(self, name: str) -> set[str]:
        return {one for graph in self.graphs.values() if name in graph.parts for one in graph.parts[name].pieces}


def _names(key: str) -> list[str]:
    return [name for name, _ in _with_inner(key)]


def _with_inner(key: str) -> Iterator[tuple[str, list[str]]]:
    """``id dim { w }`` is ``id`` and ``dim`` with ``w``."""
    words = key.replace("{", " { ").replace("}", " } ").split()
    index = 0
    while index < len(words):
        name = words[index]
        index += 1
        inner: list[str] = []
        if index < len(words) and words[index] == "{":
            end = words.index("}", index)
            inner = words[index + 1 : end]
            index = end + 1
        yield name, inner
