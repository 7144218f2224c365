"""From supergraph SDL (join v0.2 to v0.5) to the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from graphql import (
    ConstDirectiveNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    InputObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    ListTypeNode,
    NamedTypeNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    SchemaDefinitionNode,
    TypeDefinitionNode,
    TypeNode,
    UnionTypeDefinitionNode,
    parse_type,
    value_from_ast_untyped,
)

from gateway_graphql.supergraph.field_sets import FieldSet, parse_field_set
from gateway_graphql.supergraph.implied import with_key_fields, with_required_externals
from gateway_graphql.supergraph.links import local_name, unsupported_links
from gateway_graphql.supergraph.model import (
    ContextArgument,
    Field,
    FieldSource,
    Graph,
    Key,
    Kind,
    Supergraph,
    Type,
    TypeInGraph,
)
from gateway_graphql.supergraph.parse import parse_document
from gateway_graphql.supergraph.requirements import RequirementReader

__all__ = ["NotASupergraph", "named_type", "read_supergraph"]

KINDS: Mapping[type, Kind] = {
    ObjectTypeDefinitionNode: "object",
    InterfaceTypeDefinitionNode: "interface",
    UnionTypeDefinitionNode: "union",
    ScalarTypeDefinitionNode: "scalar",
    EnumTypeDefinitionNode: "enum",
    InputObjectTypeDefinitionNode: "input",
}


class NotASupergraph(ValueError):
    """The SDL has no ``join__Graph`` (it is a plain schema, or a subgraph's), or it asks for what nobody here knows."""


def read_supergraph(sdl: str, *, to_serve: bool = False) -> Supergraph:
    """
    Read a composed supergraph.

    :param to_serve: refuse what this gateway could not serve as it is meant
    """
    document = parse_document(sdl)
    graphs = _graphs(document)
    if to_serve and (problems := unsupported_links(document)):
        raise NotASupergraph(f"this supergraph cannot be served: {'; '.join(problems)}")
    inaccessible, context = (local_name(document, name, name) for name in ("inaccessible", "context"))
    requirements = RequirementReader(document)
    types = {
        definition.name.value: _type(definition, graphs, inaccessible, context, requirements)
        for definition in document.definitions
        if isinstance(definition, TypeDefinitionNode) and not _belongs_to_a_spec(definition.name.value)
    }
    return Supergraph(graphs, with_required_externals(with_key_fields(types)), _roots(document, types), document)


def named_type(type_: TypeNode) -> str:
    """The name inside lists and non-nulls."""
    while isinstance(type_, (ListTypeNode, NonNullTypeNode)):
        type_ = type_.type
    return cast(NamedTypeNode, type_).name.value


def _belongs_to_a_spec(name: str) -> bool:
    return name.startswith(("join__", "link__", "core__"))


def _graphs(document: DocumentNode) -> dict[str, Graph]:
    for definition in document.definitions:
        if isinstance(definition, EnumTypeDefinitionNode) and definition.name.value == "join__Graph":
            graphs = {}
            for value in definition.values or ():
                said = next(_applied(value, "join__graph"), {})
                graph_id = value.name.value
                graphs[graph_id] = Graph(graph_id, said.get("name", graph_id), said.get("url", ""))
            return graphs
    raise NotASupergraph("this is no supergraph: it has no enum join__Graph; compose the subgraphs first")


def _roots(document: DocumentNode, types: Mapping[str, Type]) -> dict[str, str]:
    for definition in document.definitions:
        if isinstance(definition, SchemaDefinitionNode):
            return {root.operation.value: root.type.name.value for root in definition.operation_types}
    return {name.lower(): name for name in ("Query", "Mutation", "Subscription") if name in types}


def _type(
    definition: TypeDefinitionNode,
    graphs: Mapping[str, Graph],
    inaccessible: str,
    context: str,
    requirements: RequirementReader,
) -> Type:
    in_graphs: dict[str, TypeInGraph] = {}
    for said in _applied(definition, "join__type"):
        before = in_graphs.get(said["graph"], TypeInGraph())
        keys = before.keys
        if said.get("key") is not None:
            keys = (*keys, Key(parse_field_set(said["key"]), said.get("resolvable", True)))
        in_graphs[said["graph"]] = TypeInGraph(keys, before.interface_object or said.get("isInterfaceObject", False))
    if not in_graphs:
        # join v0.2 may leave a type that is the same everywhere unmarked
        in_graphs = {graph: TypeInGraph() for graph in graphs}

    interfaces = {(said["graph"], said["interface"]) for said in _applied(definition, "join__implements")}
    if not interfaces:
        interfaces = {
            (graph, interface.name.value)
            for graph in in_graphs
            for interface in getattr(definition, "interfaces", None) or ()
        }
    members = {(said["graph"], said["member"]) for said in _applied(definition, "join__unionMember")}
    if not members and isinstance(definition, UnionTypeDefinitionNode):
        # before v0.3 nobody wrote down who has which member
        members = {(graph, member.name.value) for graph in in_graphs for member in definition.types or ()}

    fields = {}
    if isinstance(definition, (ObjectTypeDefinitionNode, InterfaceTypeDefinitionNode)):
        fields = {node.name.value: _field(node, in_graphs, requirements) for node in definition.fields or ()}
    return Type(
        name=definition.name.value,
        kind=KINDS[type(definition)],
        graphs=in_graphs,
        fields=fields,
        interfaces=frozenset(interfaces),
        members=frozenset(members),
        contexts=frozenset(said["name"] for said in _applied(definition, context)),
        inaccessible=any(directive.name.value == inaccessible for directive in definition.directives or ()),
        requirements=requirements.of(definition),
    )


def _field(node: Any, in_graphs: Mapping[str, TypeInGraph], requirements: RequirementReader) -> Field:
    type_name = named_type(node.type)
    applied = list(_applied(node, "join__field"))
    if not applied:
        sources = {graph: FieldSource(graph, node.type, type_name) for graph in in_graphs}
    else:
        # ``@join__field`` without a graph marks a field that comes through an interface object
        sources = {said["graph"]: _source(node.type, said) for said in applied if said.get("graph")}
    return Field(node.name.value, node.type, type_name, sources, requirements.of(node))


def _source(type_: TypeNode, said: Mapping[str, Any]) -> FieldSource:
    if said.get("type"):
        type_ = parse_type(said["type"], no_location=True)
    return FieldSource(
        graph=said["graph"],
        type=type_,
        type_name=named_type(type_),
        requires=_field_set(said.get("requires")),
        provides=_field_set(said.get("provides")),
        external=said.get("external", False),
        overridden=said.get("usedOverridden", False),
        label=said.get("overrideLabel"),
        overrides=said.get("override") is not None,
        context_arguments=tuple(
            ContextArgument(one["name"], one["type"], one["context"], parse_field_set(one["selection"]))
            for one in said.get("contextArguments") or ()
        ),
    )


def _field_set(text: str | None) -> FieldSet | None:
    return None if text is None else parse_field_set(text)


def _applied(node: Any, name: str) -> Iterator[dict[str, Any]]:
    for directive in node.directives or ():
        if directive.name.value == name:
            yield _arguments(directive)


def _arguments(directive: ConstDirectiveNode) -> dict[str, Any]:
    return {argument.name.value: value_from_ast_untyped(argument.value) for argument in directive.arguments or ()}
