"""
The shape of an answer as Python code, for an operation that is asked often.

:func:`~gateway_graphql.execution.shape.shaped` interprets a shape and knows everything that can be wrong. An answer in
which nothing is wrong needs none of that: the code made here builds it in one nested expression for each object, and
gives up at the first thing out of the ordinary. Then the interpreter does all of it, so that there is one place only that
says what an error is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gateway_graphql.execution.result_errors import ResultErrors
from gateway_graphql.execution.shape import shaped
from gateway_graphql.planning.conditions import ALWAYS
from gateway_graphql.planning.operation import TYPENAME
from gateway_graphql.planning.plan import Shape, ShapeField

__all__ = ["Shaping", "code_for"]

WORTH_IT = 8
"""answers after which an operation gets its code: to make it takes as long as five answers save"""
LARGEST = 3000
"""fields; code for more takes too long to make, and memory for as long as the plan is known"""


class Shaping:
    """Shapes the answers of one plan."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._answers = 0
        self._code: Callable[[Any], dict[str, Any]] | None = None

    def __del__(self) -> None:
        # Its functions know one another by name: in a circle only the collector would find them.
        if self._code is not None:
            self._code.__globals__.clear()

    def of(self, store: dict[str, Any], variables: Mapping[str, Any], errors: ResultErrors) -> dict[str, Any] | None:
        """The ``data`` of a result, as :func:`~gateway_graphql.execution.shape.shaped` makes it."""
        self._answers += 1
        if self._answers == WORTH_IT:
            self._code = code_for(self._shape)
        if self._code is not None and not errors.errors:
            try:
                return self._code(store)
            except (_OutOfTheOrdinary, TypeError, AttributeError):
                pass
        return shaped(self._shape, store, variables, errors)


class _OutOfTheOrdinary(Exception):
    """Something that the interpreter has to look at."""


def _give_up() -> Any:
    raise _OutOfTheOrdinary


def code_for(shape: Shape) -> Callable[[Any], dict[str, Any]] | None:
    """A function from the merged answer to ``data``; None if the answer depends on variables, or is too large."""
    writer = _Writer()
    try:
        name = writer.function(shape)
    except _NoCode:
        return None
    # The names in it are ours, and what comes from elsewhere stands in it as a literal.
    exec(compile("\n".join(writer.lines), "<shape of an answer>", "exec"), writer.names)  # noqa: S102
    made: Callable[[Any], dict[str, Any]] = writer.names[name]
    return made


class _NoCode(Exception):
    """This shape stays with the interpreter."""


class _Writer:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.names: dict[str, Any] = {"give_up": _give_up}
        self._functions: dict[int, str] = {}
        self._fields = 0

    def function(self, shape: Shape) -> str:
        """The name of the function that makes an object of this shape."""
        known = self._functions.get(id(shape))
        if known is not None:
            return known
        name = self._functions[id(shape)] = f"shape{len(self._functions)}"
        if shape.constant is not None or not shape.asks_type:
            typename = shape.constant or next(iter(shape.classes), "")
            if typename not in shape.classes:
                raise _NoCode
            self._object(name, typename, shape.classes[typename])
            return name
        by_type: dict[str, str] = {}
        for typename, fields in shape.classes.items():
            by_type[typename] = f"{name}_{len(by_type)}"
            self._object(by_type[typename], typename, fields)
        choices = ", ".join(f"{typename!r}: {function}" for typename, function in by_type.items())
        self.lines += [
            f"{name}_by_type = {{{choices}}}",
            f"def {name}(item):",
            " if item.__class__ is not dict: give_up()",
            f" return {name}_by_type.get(item.get({TYPENAME!r}), give_up_on)(item)",
        ]
        self.names["give_up_on"] = lambda _: _give_up()
        return name

    def _object(self, name: str, typename: str, fields: tuple[ShapeField, ...]) -> None:
        entries = ", ".join(f"{one.response_key!r}: {self._field(one, typename)}" for one in fields)
        self.lines += [
            f"def {name}(item):",
            " if item.__class__ is not dict: give_up()",
            f" return {{{entries}}}",
        ]

    def _field(self, field: ShapeField, typename: str) -> str:
        self._fields += 1
        if self._fields > LARGEST or field.condition != ALWAYS or any(when != ALWAYS for _, when in field.occurrences):
            raise _NoCode
        if field.refused:
            raise _NoCode  # every answer has an error
        if field.name == TYPENAME:
            return repr(typename)
        got = f"item.get({field.slot!r})"
        if field.plain and not field.wrappers:
            return got
        return self._value(field, field.wrappers, f"(value := {got})", "value", _item_names())

    def _value(self, field: ShapeField, wrappers: str, first: str, again: str, names: Iterator[str]) -> str:
        """
        An expression for a value, or for an item of a list.

        :param first: how to get it the first time; ``again``: how to name it after that.
        """
        if wrappers.startswith("!"):
            wrappers, otherwise = wrappers[1:], "give_up()"
        else:
            otherwise = f"None if {again} is None else give_up()"
        if wrappers.startswith("["):
            item = next(names)
            each = self._value(field, wrappers[1:], item, item, names)
            return f"([{each} for {item} in {again}] if {first}.__class__ is list else {otherwise})"
        if field.child is not None:
            function = self.function(field.child)
            if otherwise == "give_up()":
                return f"{function}({first})"  # it gives up on None
            return f"(None if {first} is None else {function}({again}))"
        if field.enum_values is not None:
            values = f"values_{field.type_name}"
            self.names[values] = field.enum_values
            return f"({again} if {first} in {values} else {otherwise})"
        if otherwise == "give_up()":
            return f"({again} if {first} is not None else give_up())"
        return first


def _item_names() -> Iterator[str]:
    number = 0
    while True:
        number += 1
        yield f"item{number}"
