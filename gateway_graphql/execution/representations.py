"""Collect the objects at a path, and make of each what its subgraph is asked about."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from gateway_graphql.planning.conditions import holds
from gateway_graphql.planning.plan import Step, Target, Template, TemplateField

__all__ = ["Collected", "collect", "collect_by_context", "objects_at", "paths_at"]

TYPENAME = "__typename"
_MISSING = object()


def objects_at(root: dict[str, Any], path: tuple[Step, ...]) -> list[dict[str, Any]]:
    """The objects at a path, in order; nulls and what is not there are passed over."""
    found = [root]
    for step in path:
        slot, types = step.slot, step.types
        below: list[dict[str, Any]] = []
        for item in found:
            if types is not None and item.get(TYPENAME) not in types:
                continue
            value = item.get(slot)
            if value.__class__ is dict:
                below.append(value)
            elif value.__class__ is list:
                objects = [one for one in value if one.__class__ is dict]
                if len(objects) == len(value):
                    below += objects
                else:
                    _flatten(value, below)
        found = below
    return found


def _flatten(values: list[Any], found: list[dict[str, Any]]) -> None:
    for value in values:
        if isinstance(value, dict):
            found.append(value)
        elif isinstance(value, list):
            _flatten(value, found)


def paths_at(root: dict[str, Any], path: tuple[Step, ...]) -> Iterator[tuple[tuple[str | int, ...], dict[str, Any]]]:
    """The objects at a path with where each of them is; for the paths of errors."""

    def descend(item: Any, here: tuple[str | int, ...], rest: tuple[Step, ...]) -> Iterator[Any]:
        if isinstance(item, list):
            for index, one in enumerate(item):
                yield from descend(one, (*here, index), rest)
        elif isinstance(item, dict):
            if not rest:
                yield here, item
            elif rest[0].types is None or item.get(TYPENAME) in rest[0].types:
                yield from descend(item.get(rest[0].slot), (*here, rest[0].slot), rest[1:])

    return descend(root, (), path)


@dataclass(slots=True)
class Collected:
    """The representations of one call, each once, and the objects they stand for."""

    representations: list[dict[str, Any]] = field(default_factory=list)
    places: list[tuple[int, int, dict[str, Any]]] = field(default_factory=list)
    """(target of the call, index of the representation, object); an object appears once for each target"""

    def index_of(self) -> dict[int, int]:
        """From the identity of an object to its representation."""
        return {id(item): index for _, index, item in self.places}


def collect(root: dict[str, Any], targets: tuple[Target, ...]) -> Collected:
    """Everything that the targets of a call lead to. What lacks its key is no entity and is left alone."""
    collected = Collected()
    representations, places = collected.representations, collected.places
    known: dict[bytes, int] = {}
    by_text: dict[tuple[str, str], dict[str, int]] = {}
    """by the type and the name of a key that is one field: by its value"""
    for number, target in enumerate(targets):
        seen: set[int] = set()
        only = target.templates.get(None)
        simple = None if only is None else only.simple_key
        if simple is not None:
            typename, name, slot = simple
            texts = by_text.setdefault((typename, name), {})
        for item in objects_at(root, target.path):
            if id(item) in seen:
                continue
            seen.add(id(item))
            if simple is not None:
                value = item.get(slot)
                if value.__class__ is str:
                    # Nearly every key is a text: no need to write each representation down to see which are alike.
                    index = texts.get(value)
                    if index is None:
                        index = texts[value] = len(representations)
                        representations.append({TYPENAME: typename, name: value})
                    places.append((number, index, item))
                    continue
            template = only or target.templates.get(item.get(TYPENAME))
            if template is None:
                continue
            representation = _representation(item, template)
            if representation is None:
                continue
            alike: dict[Any, int] = known
            key: Any = None
            if len(representation) == 2:
                (_, typename), (name, key) = representation.items()
                alike = by_text.setdefault((typename, name), {})
            if key.__class__ is not str:
                alike, key = known, _key(representation)
            index = alike.get(key)
            if index is None:
                index = alike[key] = len(representations)
                representations.append(representation)
            places.append((number, index, item))
    return collected


def collect_by_context(
    root: dict[str, Any], targets: tuple[Target, ...], coerced: Mapping[str, Any]
) -> list[tuple[dict[str, Any], Collected]]:
    """The same, sorted by what the contexts above the objects say: the values by variable, and who has them."""
    groups: dict[bytes, tuple[dict[str, Any], Collected]] = {}
    known: dict[tuple[bytes, bytes], int] = {}
    seen: set[tuple[int, bytes, int]] = set()
    for number, target in enumerate(targets):
        only = target.templates.get(None)
        for line in _lines(root, target.path):
            item = line[-1]
            template = only or target.templates.get(item.get(TYPENAME))
            representation = None if template is None else _representation(item, template)
            if representation is None:
                continue
            values = {name: _value(line[source.steps], source.field) for name, source in target.contexts.items()}
            missing = [name for name, value in values.items() if value is _MISSING]
            if any(holds(target.contexts[name].condition, coerced) for name in missing):
                continue  # nothing is computed from what failed to come
            values.update(dict.fromkeys(missing))
            group = _key(values)
            if (number, group, id(item)) in seen:
                continue
            seen.add((number, group, id(item)))
            collected = groups.setdefault(group, (values, Collected()))[1]
            key = (group, _key(representation))
            if key not in known:
                known[key] = len(collected.representations)
                collected.representations.append(representation)
            collected.places.append((number, known[key], item))
    return list(groups.values())


def _lines(root: dict[str, Any], path: tuple[Step, ...]) -> Iterator[list[dict[str, Any]]]:
    """Every object at a path behind all the objects on the way to it."""

    def descend(item: Any, line: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
        if isinstance(item, list):
            for one in item:
                yield from descend(one, line)
        elif isinstance(item, dict):
            here = [*line, item]
            if len(here) > len(path):
                yield here
                return
            step = path[len(line)]
            if step.types is None or item.get(TYPENAME) in step.types:
                yield from descend(item.get(step.slot), here)

    return descend(root, [])


def _value(item: Any, one: TemplateField | None) -> Any:
    """The one leaf that a context takes of an object."""
    if one is None:
        return None
    value = item.get(one.slot, _MISSING)
    if one.templates is None or value is _MISSING:
        return value
    if isinstance(value, list):
        values = [_below(each, one.templates) for each in value]
        return _MISSING if any(each is _MISSING for each in values) else values
    return _below(value, one.templates)


def _below(value: Any, templates: Mapping[str | None, Template]) -> Any:
    if not isinstance(value, dict):
        return None
    template = templates.get(None) or templates.get(value.get(TYPENAME))
    return _value(value, template.fields[0]) if template and template.fields else None


def _key(representation: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(representation)
    except TypeError:  # an integer beyond 64 bits
        return json.dumps(representation).encode()


def _representation(item: dict[str, Any], template: Template) -> dict[str, Any] | None:
    representation: dict[str, Any] = {}
    typename = template.typename
    if typename is None:
        typename = item.get(TYPENAME)
        if typename is None:
            return None
    if typename:
        representation[TYPENAME] = typename
    for one in template.fields:
        value = item.get(one.slot, _MISSING)
        if value is _MISSING:
            return None
        if value is None:
            if one.required:
                return None
        elif one.templates is not None:
            value = _nested(value, one, one.templates)
            if value is _MISSING:
                return None
        representation[one.name] = value
    return representation


def _nested(value: Any, one: TemplateField, templates: Mapping[str | None, Template]) -> Any:
    if isinstance(value, list):
        items = [_nested(item, one, templates) for item in value]
        return _MISSING if any(item is _MISSING for item in items) else items
    if not isinstance(value, dict):
        return value
    template = templates.get(None) or templates.get(value.get(TYPENAME))
    if template is None:
        # of a type that the field set selects nothing of
        name = value.get(TYPENAME)
        return {TYPENAME: name} if name else _MISSING
    made = _representation(value, template)
    return _MISSING if made is None else made
