"""The answer as the client asked for it: its keys in its order, nulls bubbling as the spec says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gateway_graphql.execution.result_errors import ResultErrors
from gateway_graphql.planning.conditions import ALWAYS, holds
from gateway_graphql.planning.operation import TYPENAME
from gateway_graphql.planning.plan import Shape, ShapeField

__all__ = ["client_path", "fields_with", "shaped", "shaped_at", "unauthorized"]

_BUBBLE = object()
"""something below must not be null and is"""

_Path = tuple["_Path", str | int] | None


def shaped(
    shape: Shape, store: dict[str, Any], variables: Mapping[str, Any], errors: ResultErrors
) -> dict[str, Any] | None:
    """The ``data`` of the result. Adds what is wrong to ``errors``."""
    result = _Shaper(variables, errors).object(shape, store, None)
    return None if result is _BUBBLE else result


def shaped_at(
    shape: Shape, item: dict[str, Any], variables: Mapping[str, Any], errors: ResultErrors, path: tuple[str | int, ...]
) -> dict[str, Any] | None:
    """The same for one object of the answer, at its place."""
    at: _Path = None
    for one in path:
        at = (at, one)
    result = _Shaper(variables, errors).object(shape, item, at)
    return None if result is _BUBBLE else result


def client_path(
    shape: Shape, path: tuple[str | int, ...], item: Any, variables: Mapping[str, Any]
) -> tuple[str | int, ...]:
    """
    The path of an error in the client's own keys.

    ``item``: what lies at the beginning of the path in the merged answer; its objects say which fields they have.
    Ends at the nearest place the client can see, when the error lies in something that it did not ask for.
    """
    return _client_path(shape, path, item, variables)


def _client_path(
    shape: Shape | None, path: tuple[str | int, ...], item: Any, variables: Mapping[str, Any]
) -> tuple[str | int, ...]:
    if not path:
        return ()
    part, rest = path[0], path[1:]
    if isinstance(part, int):
        below = item[part] if isinstance(item, list) and 0 <= part < len(item) else None
        return (part, *_client_path(shape, rest, below, variables))
    if shape is None:
        return ()
    below = item.get(part) if isinstance(item, dict) else None
    found: tuple[str | int, ...] = ()
    for field in fields_with(shape, part, item.get(TYPENAME) if isinstance(item, dict) else None):
        if holds(field.condition, variables):
            # What failed has left no object to say its type: then the path that leads furthest is meant.
            found = max(found, (field.response_key, *_client_path(field.child, rest, below, variables)), key=len)
    return found


def fields_with(shape: Shape, slot: str, typename: str | None) -> Iterator[ShapeField]:
    """The fields of a slot: of an object of this type, or of any that can be there."""
    fields = shape.classes.get(typename) if isinstance(typename, str) else None
    for one in shape.classes.values() if fields is None else (fields,):
        yield from (field for field in one if field.slot == slot)


def unauthorized(coordinate: str) -> dict[str, Any]:
    """The error for a field that the caller may not see."""
    return {
        "message": f"You are not allowed to see {coordinate}.",
        "extensions": {"code": "UNAUTHORIZED_FIELD_OR_TYPE", "coordinate": coordinate},
    }


class _Shaper:
    def __init__(self, variables: Mapping[str, Any], errors: ResultErrors) -> None:
        self.variables = variables
        self.errors = errors
        self.active: dict[int, tuple[ShapeField, ...]] = {}

    def object(self, shape: Shape, item: Any, path: _Path) -> Any:
        if not isinstance(item, dict):
            self.errors.add("The subgraph answered no object where there should be one.", _spelled(path))
            return None
        typename = shape.constant
        if typename is None:
            typename = item.get(TYPENAME) if shape.asks_type else next(iter(shape.classes), None)
        fields = shape.classes.get(typename) if isinstance(typename, str) else None
        if fields is None or typename is None:
            self._unknown_type(shape, typename, path)
            return None
        result: dict[str, Any] = {}
        for field in self._active(fields):
            key = field.response_key
            value = item.get(field.slot)
            if field.plain and value is not None:
                result[key] = value
                continue
            if field.refused:
                error = unauthorized(f"{typename}.{field.name}")
                self.errors.add(error["message"], _spelled((path, key)), error["extensions"])
                if field.wrappers:
                    return _BUBBLE
                result[key] = None
                continue
            if field.name == TYPENAME:
                result[key] = typename
                continue
            value = self.value(field, 0, value, (path, key), typename, missing=field.slot not in item)
            if value is _BUBBLE:
                return _BUBBLE
            result[key] = value
        return result

    def value(
        self, field: ShapeField, depth: int, value: Any, path: _Path, parent: str, *, missing: bool = False
    ) -> Any:
        wrappers = field.wrappers
        if depth < len(wrappers) and wrappers[depth] == "!":
            completed = self._inner(field, depth + 1, value, path, parent)
            if completed is None:
                spelled = _spelled(path)
                if not self.errors.explain(spelled, missing=missing):
                    self.errors.add(f"Cannot return null for non-nullable field {parent}.{field.name}.", spelled)
                return _BUBBLE
            return completed
        completed = self._inner(field, depth, value, path, parent)
        return None if completed is _BUBBLE else completed

    def _inner(self, field: ShapeField, depth: int, value: Any, path: _Path, parent: str) -> Any:
        if value is None:
            return None
        if depth < len(field.wrappers):
            if not isinstance(value, list):
                self.errors.add(f"Expected a list for field {parent}.{field.name}.", _spelled(path))
                return None
            items = []
            for index, one in enumerate(value):
                item = self.value(field, depth + 1, one, (path, index), parent)
                if item is _BUBBLE:
                    return _BUBBLE
                items.append(item)
            return items
        if field.child is not None:
            return self.object(field.child, value, path)
        if field.enum_values is not None and not (isinstance(value, str) and value in field.enum_values):
            self.errors.add(f'Enum "{field.type_name}" cannot represent the value that came back.', _spelled(path))
            return None
        return value

    def _unknown_type(self, shape: Shape, typename: str | None, path: _Path) -> None:
        spelled = _spelled(path)
        if not self.errors.explain(spelled, missing=True):
            said = "does not say its type" if typename is None else "is of a type that clients cannot see"
            self.errors.add(f'An object of the abstract type "{shape.type_name}" {said}.', spelled)

    def _active(self, fields: tuple[ShapeField, ...]) -> tuple[ShapeField, ...]:
        active = self.active.get(id(fields))
        if active is None:
            active = fields
            if any(when != ALWAYS for one in fields for _, when in one.occurrences):
                active = tuple(sorted(filter(self._wanted, fields), key=self._first))
            self.active[id(fields)] = active
        return active

    def _wanted(self, field: ShapeField) -> bool:
        return holds(field.condition, self.variables)

    def _first(self, field: ShapeField) -> int:
        """The first place where the field counts: that is its place in the answer."""
        return next(at for at, when in field.occurrences if holds(when, self.variables))


def _spelled(path: _Path) -> tuple[str | int, ...]:
    parts: list[str | int] = []
    while path is not None:
        path, part = path
        parts.append(part)
    return tuple(reversed(parts))
