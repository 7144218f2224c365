"""
Connectors: fields that a REST API answers, as ``@connect`` and ``@source`` say.

They are carried into the supergraph for the routers that know them. Whether the API has what they ask for is not for
composition to tell; only that they are well-formed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from graphql import InputObjectTypeDefinitionNode, ScalarTypeDefinitionNode, parse, print_ast

from gateway_graphql.composition.model import FieldModel, TypeModel
from gateway_graphql.composition.specs import CONNECT_TYPES

__all__ = ["connector_definitions", "connector_types"]


def connector_definitions(names: Mapping[str, str]) -> str:
    """The types of the specification in SDL, called as they are in a subgraph."""
    return re.sub(r"\w+", lambda match: names.get(match[0], match[0]), CONNECT_TYPES)


def connector_types(names: Mapping[str, str]) -> dict[str, TypeModel]:
    """The same as a model, if the subgraph has links to connectors at all."""
    if "JSONSelection" not in names:
        return {}
    types: dict[str, TypeModel] = {}
    for node in parse(connector_definitions(names), no_location=True).definitions:
        if isinstance(node, ScalarTypeDefinitionNode):
            types[node.name.value] = TypeModel(node.name.value, "scalar")
        elif isinstance(node, InputObjectTypeDefinitionNode):
            fields = {f.name.value: FieldModel(f.name.value, print_ast(f.type)) for f in node.fields or ()}
            types[node.name.value] = TypeModel(node.name.value, "input", fields=fields)
    return types
