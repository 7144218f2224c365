"""The part of the supergraph that clients may see, as a graphql-core schema."""

from __future__ import annotations

from typing import Any

from graphql import (
    DefinitionNode,
    DirectiveDefinitionNode,
    DirectiveLocation,
    DocumentNode,
    GraphQLSchema,
    SchemaDefinitionNode,
    TypeDefinitionNode,
    build_ast_schema,
    parse,
)

from gateway_graphql.supergraph.links import linked_names, local_name
from gateway_graphql.supergraph.read import named_type

__all__ = ["api_document", "api_schema"]

_KEPT = frozenset({"deprecated", "specifiedBy", "oneOf"})
_DEFER = parse(
    '"Answer without this fragment first, and send it later."'
    " directive @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT",
    no_location=True,
)
_EXECUTABLE = frozenset(
    location.name
    for location in (
        DirectiveLocation.QUERY,
        DirectiveLocation.MUTATION,
        DirectiveLocation.SUBSCRIPTION,
        DirectiveLocation.FIELD,
        DirectiveLocation.FRAGMENT_DEFINITION,
        DirectiveLocation.FRAGMENT_SPREAD,
        DirectiveLocation.INLINE_FRAGMENT,
        DirectiveLocation.VARIABLE_DEFINITION,
    )
)


def api_schema(supergraph: str | DocumentNode) -> GraphQLSchema:
    """What a client sees of the supergraph: no spec elements, nothing that is ``@inaccessible``."""
    document = api_document(supergraph)
    taken = {one.name.value for one in document.definitions if isinstance(one, DirectiveDefinitionNode)}
    offered = tuple(one for one in _DEFER.definitions if "defer" not in taken)
    return build_ast_schema(DocumentNode(definitions=(*document.definitions, *offered)), assume_valid_sdl=True)


def api_document(supergraph: str | DocumentNode) -> DocumentNode:
    """The API schema as a document."""
    document = parse(supergraph, no_location=True) if isinstance(supergraph, str) else supergraph
    names, namespaces = linked_names(document)
    hidden = local_name(document, "inaccessible", "inaccessible")

    def of_a_spec(name: str) -> bool:
        return name in names or name.startswith(tuple(namespaces))

    visible: list[DefinitionNode] = []
    gone: set[str] = set()
    for definition in document.definitions:
        if isinstance(definition, SchemaDefinitionNode):
            visible.append(definition)
        elif isinstance(definition, TypeDefinitionNode):
            if definition.name.value.startswith(tuple(namespaces)) or _is(hidden, definition):
                gone.add(definition.name.value)
            else:
                visible.append(definition)
        elif (
            isinstance(definition, DirectiveDefinitionNode)
            and not of_a_spec(definition.name.value)
            and any(location.value in _EXECUTABLE for location in definition.locations)
        ):
            visible.append(definition)
    return DocumentNode(definitions=tuple(_without(definition, hidden, gone) for definition in visible))


def _is(directive: str, node: Any) -> bool:
    return any(applied.name.value == directive for applied in node.directives or ())


def _without(node: Any, hidden: str, gone: set[str]) -> Any:
    """The definition without hidden parts and without the directives of specs."""
    changes: dict[str, Any] = {}
    if getattr(node, "directives", None):
        changes["directives"] = tuple(one for one in node.directives if one.name.value in _KEPT)
    if getattr(node, "interfaces", None):
        changes["interfaces"] = tuple(one for one in node.interfaces if one.name.value not in gone)
    if getattr(node, "types", None):
        changes["types"] = tuple(one for one in node.types if one.name.value not in gone)
    if getattr(node, "operation_types", None):
        changes["operation_types"] = tuple(one for one in node.operation_types if one.type.name.value not in gone)
    for children in ("fields", "arguments", "values"):
        if kept := getattr(node, children, None):
            changes[children] = tuple(
                _without(child, hidden, gone)
                for child in kept
                if not _is(hidden, child) and not (hasattr(child, "type") and named_type(child.type) in gone)
            )
    if isinstance(node, DirectiveDefinitionNode):
        changes["locations"] = tuple(one for one in node.locations if one.value in _EXECUTABLE)
    if not changes:
        return node
    values = {key: getattr(node, key) for key in node.keys if key != "loc"}
    return type(node)(**{**values, **changes})
