"""
What can be asked of the graph, for people: every type and field with its words, and who owns it, as one page.

``make schema`` writes it to ``subgraphs/REFERENCE.md`` from the committed supergraph.
"""

from collections.abc import Iterable, Iterator

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLUnionType,
    get_named_type,
    is_specified_scalar_type,
)
from graphql.language import print_ast

from docker.local.schema import SUPERGRAPH
from docker.local.settings import REPOSITORY
from gateway_graphql.supergraph.read import read_supergraph
from tests.contracts.access import NO, ROLES, Graph

REFERENCE = REPOSITORY / "subgraphs" / "REFERENCE.md"

_HEAD = """# The graph

Everything that can be asked, done and watched, and of what it is made. Written by `make schema` from the supergraph; who may reach
each field is in [ACCESS.md](ACCESS.md); for a first walk see [the README](../README.md#type-an-address-get-the-canonical-one-live).
"""
_KINDS = (
    ("Objects", GraphQLObjectType),
    ("Interfaces", GraphQLInterfaceType),
    ("Unions", GraphQLUnionType),
    ("Inputs", GraphQLInputObjectType),
    ("Enums", GraphQLEnumType),
    ("Scalars", GraphQLScalarType),
)


def rendered(graph: Graph) -> str:
    """The whole page."""
    return "\n".join([_HEAD, *_parts(graph)]).rstrip() + "\n"


def _parts(graph: Graph) -> Iterator[str]:
    owners, cells = _owners(), graph.cells()
    for root in graph.roots:
        yield f"## {root.name}\n"
        for name, field in sorted(root.fields.items()):
            roles = [role for role, cell in zip(ROLES, cells[root.name, name], strict=True) if cell != NO]
            yield f"### {root.name}.{name}\n"
            yield from _root_field(name, field, owners.get((root.name, name), ()), roles)
    roots = {root.name for root in graph.roots}
    named = [
        one for name, one in sorted(graph.schema.type_map.items()) if name not in roots and not name.startswith("__")
    ]
    for title, kind in _KINDS:
        members = [one for one in named if isinstance(one, kind) and not is_specified_scalar_type(one)]
        if members:
            yield f"## {title}\n"
        for one in members:
            yield from _type(one, owners)


def _root_field(name: str, field: GraphQLField, owners: Iterable[str], roles: list[str]) -> Iterator[str]:
    who = "anybody" if len(roles) == len(ROLES) else ", ".join(roles)
    yield f"`{name}: {field.type}` · {_linked(field.type)} · {', '.join(owners)} · for {who}\n"
    yield f"{_text(field.description)}\n"
    if field.args:
        yield from _table("argument", ((key, argument) for key, argument in field.args.items()))


def _type(one: GraphQLNamedType, owners: dict[tuple[str, str], tuple[str, ...]]) -> Iterator[str]:
    yield f"### {one.name}\n"
    yield f"{_text(one.description)}\n"
    match one:
        case GraphQLEnumType():
            yield "| value | |\n| --- | --- |"
            yield "".join(f"| `{name}` | {_text(value.description)} |\n" for name, value in one.values.items())
        case GraphQLUnionType():
            yield f"One of {', '.join(_linked(member) for member in one.types)}.\n"
        case GraphQLInputObjectType():
            yield from _table("field", one.fields.items())
        case GraphQLObjectType() | GraphQLInterfaceType():
            yield "| field | type | | from |\n| --- | --- | --- | --- |"
            yield "".join(
                f"| `{_called(name, field)}` | {_shown(field.type)} | {_text(field.description)}{_gone(field)} | "
                f"{', '.join(owners.get((one.name, name), ()))} |\n"
                for name, field in one.fields.items()
            )


def _table(what: str, rows: Iterable[tuple[str, GraphQLArgument | GraphQLInputField]]) -> Iterator[str]:
    yield f"| {what} | type | |\n| --- | --- | --- |"
    yield "".join(
        f"| `{name}` | {_shown(one.type)}{_default(one)} | {_text(one.description)}{_gone(one)} |\n"
        for name, one in rows
    )


def _called(name: str, field: GraphQLField) -> str:
    return f"{name}({', '.join(field.args)})" if field.args else name


def _shown(kind: object) -> str:
    return f"`{kind}`" if is_specified_scalar_type(get_named_type(kind)) else f"[`{kind}`](#{_anchor(kind)})"  # type: ignore[call-overload]


def _linked(kind: object) -> str:
    named = get_named_type(kind)  # type: ignore[call-overload]
    return f"`{named}`" if is_specified_scalar_type(named) else f"[{named}](#{_anchor(kind)})"


def _anchor(kind: object) -> str:
    return str(get_named_type(kind)).lower()  # type: ignore[call-overload]


def _default(one: GraphQLArgument | GraphQLInputField) -> str:
    said = one.default.literal if one.default is not None else None
    return "" if said is None or said.kind == "null_value" else f" = `{print_ast(said)}`"


def _gone(one: GraphQLField | GraphQLArgument | GraphQLInputField) -> str:
    return f" **Deprecated:** {_text(one.deprecation_reason)}" if one.deprecation_reason else ""


def _text(description: str | None) -> str:
    return " ".join((description or "").split()).replace("|", r"\|")


def _owners() -> dict[tuple[str, str], tuple[str, ...]]:
    """The services that answer each field."""
    supergraph = read_supergraph(SUPERGRAPH.read_text())
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for type_ in supergraph.types.values():
        for field in type_.fields.values():
            graphs = sorted(supergraph.graphs[one].name for one, source in field.sources.items() if not source.external)
            found[type_.name, field.name] = tuple(graphs)
    return found


if __name__ == "__main__":
    REFERENCE.write_text(rendered(Graph.committed()))
