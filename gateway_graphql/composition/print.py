"""The supergraph as text, in the order in which everybody else writes it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graphql import (
    DirectiveDefinitionNode,
    StringValueNode,
    TypeDefinitionNode,
    parse,
    print_ast,
)
from graphql.language.block_string import print_block_string

from gateway_graphql.composition.merge.links import JOIN_DEFINITIONS, feature_definitions, link_the_features
from gateway_graphql.composition.merge.merging import Merging
from gateway_graphql.composition.model import ArgumentModel, DirectiveModel, Directives, FieldModel, TypeModel

__all__ = ["print_supergraph"]


def print_supergraph(merging: Merging) -> str:
    """Write the merged schema as a supergraph SDL of the join specification v0.5."""
    aliases = link_the_features(merging)
    schema = merging.merged
    for _, element in schema.elements():
        for applied in element.directives:
            if applied.known and applied.name in merging.renamed:
                applied.name = merging.renamed[applied.name]
    directives: dict[str, str] = {}
    types: dict[str, str] = {"join__Graph": _graphs(merging)}
    given = feature_definitions(merging.features, merging.renamed, aliases)
    for node in parse(f"{JOIN_DEFINITIONS}\n{given}", no_location=True).definitions:
        if isinstance(node, DirectiveDefinitionNode):
            directives[node.name.value] = print_ast(node)
        elif isinstance(node, TypeDefinitionNode):
            types[node.name.value] = print_ast(node)
    directives |= {name: _directive(definition) for name, definition in schema.definitions.items()}
    types |= {type_.name: _type(type_) for type_ in schema.types.values() if _there(type_)}
    roots = "\n".join(f"  {operation}: {name}" for operation, name in schema.roots.items())
    links = "\n".join(f"  {applied.text()}" for applied in schema.directives)
    head = f"{_description(schema)}schema\n{links}\n{{\n{roots}\n}}"
    return "\n\n".join([head, *_sorted(directives), *_sorted(types)]) + "\n"


def _sorted(definitions: dict[str, str]) -> Iterable[str]:
    return (definitions[name] for name in sorted(definitions, key=lambda name: (name.lower(), name)))


def _there(type_: TypeModel) -> bool:
    """A root without fields is not there."""
    return bool(type_.kind not in ("object", "interface", "input") or type_.fields)


def _graphs(merging: Merging) -> str:
    urls = {s.name: s.url for s in merging.subgraphs}
    lines = [
        f"  {enum} @join__graph(name: {_string(name)}, url: {_string(urls[name])})"
        for name, enum in merging.graphs.items()
    ]
    return "enum join__Graph {\n" + "\n".join(lines) + "\n}"


def _string(text: str) -> str:
    return print_ast(StringValueNode(value=text))


def _description(element: Directives, indent: str = "") -> str:
    if element.description is None:
        return ""
    block = print_block_string(element.description)
    return "".join(f"{indent}{line}".rstrip() + "\n" for line in block.split("\n"))


def _applied(directives: Directives) -> str:
    return "".join(f" {a.text()}" for a in directives.directives)


def _type(type_: TypeModel) -> str:
    keyword = {"object": "type"}.get(type_.kind, type_.kind)
    implements = f" implements {' & '.join(type_.interfaces)}" if type_.interfaces else ""
    applied = "".join(f"\n  {a.text()}" for a in type_.directives)
    head = f"{_description(type_)}{keyword} {type_.name}{implements}{applied}"
    if type_.kind == "union":
        return f"{head}\n = {' | '.join(type_.members)}"
    if type_.kind == "enum":
        lines = [f"{_description(v, '  ')}  {v.name}{_applied(v)}" for v in type_.values.values()]
    else:
        lines = [_field(f) for f in type_.fields.values()]
    if not lines:
        return head
    return f"{head}\n{{\n{_separated(lines)}\n}}"


def _separated(lines: Sequence[str]) -> str:
    """An empty line before everything that has a description."""
    return "\n".join(f"\n{line}" if i and line.lstrip().startswith('"""') else line for i, line in enumerate(lines))


def _field(field: FieldModel) -> str:
    default = f" = {print_ast(field.default)}" if field.default is not None else ""
    arguments = _arguments(list(field.arguments.values()))
    return f"{_description(field, '  ')}  {field.name}{arguments}: {field.type}{default}{_applied(field)}"


def _arguments(arguments: Sequence[ArgumentModel], indent: str = "  ") -> str:
    if not arguments:
        return ""
    if not any(a.description for a in arguments):
        return f"({', '.join(_argument(a) for a in arguments)})"
    inner = indent + "  "
    lines = [f"{_description(a, inner)}{inner}{_argument(a)}" for a in arguments]
    return f"(\n{_separated(lines)}\n{indent})"


def _argument(argument: ArgumentModel) -> str:
    default = f" = {print_ast(argument.default)}" if argument.default is not None else ""
    return f"{argument.name}: {argument.type}{default}{_applied(argument)}"


def _directive(definition: DirectiveModel) -> str:
    repeatable = " repeatable" if definition.repeatable else ""
    arguments = _arguments(list(definition.arguments.values()), "")
    locations = " | ".join(definition.locations)
    return f"{_description(definition)}directive @{definition.name}{arguments}{repeatable} on {locations}"
