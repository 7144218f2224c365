"""``graph.yaml`` as a JSON Schema, for editors that complete and check as one types. Made of the settings themselves."""

from __future__ import annotations

import ast
import inspect
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from gateway_graphql.server.settings import ServerSettings, SubgraphSettings

__all__ = ["graph_schema"]

URL = {"type": "string", "pattern": "^(https?|wss?)://|\\$\\{"}
KINDS: dict[Any, dict[str, Any]] = {
    bool: {"type": ["boolean", "string"]},
    str: {"type": "string"},
    Path: {"type": "string"},
    tuple[str, ...]: {"type": "array", "items": {"type": "string"}},
    tuple[Path, ...]: {"type": "array", "items": {"type": "string"}},
    Mapping[str, str]: {"type": "object", "additionalProperties": {"type": "string"}},
}
"""what the environment fills in is a text until then, so a text may stand wherever another kind is meant"""
FILE_OR_SERVICE = {
    "type": "object",
    "description": "Where its schema is: in a file next to this one, or asked of the running service.",
    "properties": {"file": {"type": "string"}, "subgraph_url": URL},
    "additionalProperties": False,
    "minProperties": 1,
    "maxProperties": 1,
}


def graph_schema() -> dict[str, Any]:
    """The schema, in the draft 2020-12."""
    page = _object(ServerSettings)
    properties = page["properties"]
    properties["subgraphs"] = {
        "type": "object",
        "description": "Each subgraph by its name.",
        "minProperties": 1,
        "additionalProperties": _subgraph(),
    }
    properties["supergraph"] = {
        "type": "string",
        "description": "What compose has written, in a file next to this one; subgraphs then need no schema.",
    }
    properties["federation_version"] = {"description": "Not used; other composers have it."}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "graph.yaml of gateway_graphql",
        **page,
        "anyOf": [
            {"required": ["supergraph"]},
            {
                "required": ["subgraphs"],
                "properties": {"subgraphs": {"additionalProperties": {"required": ["schema"]}}},
            },
        ],
    }


def _subgraph() -> dict[str, Any]:
    entry = _object(SubgraphSettings)
    entry["properties"]["routing_url"] = {
        **URL,
        "description": "Where it answers GraphQL over HTTP; that of its schema, or of the supergraph, if left out.",
    }
    entry["properties"]["subscription_url"] |= URL
    entry["properties"]["schema"] = FILE_OR_SERVICE
    return entry


def _object(kind: type) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    told = _docstrings_of_fields(kind)
    return {
        "type": "object",
        "description": inspect.cleandoc(kind.__doc__ or "").partition("\n")[0],
        "properties": {one.name: _setting(one, hints[one.name], told.get(one.name)) for one in _listed(kind)},
        "required": [one.name for one in _listed(kind) if one.default is MISSING and one.default_factory is MISSING],
        "additionalProperties": False,
    }


def _listed(kind: type) -> list[Field[Any]]:
    return [one for one in fields(kind) if one.name != "subgraphs"]


def _setting(setting: Field[Any], kind: Any, told: str | None) -> dict[str, Any]:
    if isinstance(kind, types.UnionType):
        kind = next(option for option in kind.__args__ if option is not types.NoneType)
    if is_dataclass(kind):
        return _object(typing.cast(type, kind))
    if typing.get_origin(kind) is Mapping and is_dataclass(typing.get_args(kind)[1]):
        each = _object(typing.get_args(kind)[1])
        return {"type": "object", "description": " ".join((told or "").split()), "additionalProperties": each}
    shown = dict(KINDS[kind]) if kind in KINDS else _number(kind, setting.metadata.get("least"))
    if choices := setting.metadata.get("choices"):
        shown["enum"] = list(choices)
    if told:
        shown["description"] = " ".join(told.split())
    if setting.default is not MISSING and setting.default is not None:
        shown["default"] = list(setting.default) if isinstance(setting.default, tuple) else setting.default
    return shown


def _number(kind: type, least: float | None) -> dict[str, Any]:
    shown: dict[str, Any] = {"type": ["integer" if kind is int else "number", "string"]}
    return {**shown, "exclusiveMinimum": 0} if least is None else {**shown, "minimum": least}


def _docstrings_of_fields(kind: type) -> dict[str, str]:
    """The text below each field in the source: what a person reads there, an editor shows."""
    (found,) = (
        node
        for node in ast.parse(inspect.getsource(cast(ModuleType, inspect.getmodule(kind)))).body
        if isinstance(node, ast.ClassDef) and node.name == kind.__name__
    )
    told = {}
    for field, text in zip(found.body, found.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
            and isinstance(text.value.value, str)
        ):
            told[field.target.id] = text.value.value
    return told
