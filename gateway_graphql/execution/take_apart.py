"""
Takes a supergraph apart that nobody serves any more.

All its types know one another. Left alone, such a circle is undone by the garbage collector, which holds up everybody until it
has looked at all there is; or never, if it was told not to look (``gc.freeze``).
"""

from __future__ import annotations

from collections.abc import Mapping
from threading import Thread
from types import FunctionType
from typing import Any, cast
from weakref import finalize

from graphql import GraphQLNamedType, GraphQLSchema, is_introspection_type, is_specified_scalar_type

from gateway_graphql.planning.sources import Sources
from gateway_graphql.supergraph.model import Supergraph

__all__ = ["take_apart", "take_apart_after"]

Lookups = Mapping[frozenset[str], Sources]


def take_apart_after(user: object, supergraph: Supergraph, schema: GraphQLSchema, lookups: Lookups) -> None:
    """Take them apart as soon as ``user`` is gone, in a thread: whoever was the last to use it must not wait."""
    finalize(user, _beside, supergraph, schema, lookups).atexit = False


def _beside(*parts: Any) -> None:
    Thread(target=take_apart, args=parts, name="take apart", daemon=True).start()


def take_apart(supergraph: Supergraph, schema: GraphQLSchema, lookups: Lookups) -> None:
    """One type after the other, so that others get their turn in between. None of it can be used afterwards."""
    for one in lookups.values():
        vars(one).clear()
    for type_ in list(schema.type_map.values()):
        if not is_specified_scalar_type(type_) and not is_introspection_type(type_):
            _forget_types(type_)
            vars(type_).clear()
    vars(schema).clear()
    document = supergraph.document
    definitions = list(document.definitions)
    object.__setattr__(document, "definitions", ())  # to everybody else it is frozen
    types = cast(dict[str, Any], supergraph.types)
    while definitions:
        definitions.pop()
    while types:
        types.popitem()


def _forget_types(type_: GraphQLNamedType) -> None:
    """The functions that made its fields know all types by name."""
    functions = [value for value in vars(type_).values() if isinstance(value, FunctionType)]
    seen = set(functions)
    while functions:
        for cell in functions.pop().__closure__ or ():
            match cell.cell_contents:
                case dict() as known:
                    known.clear()
                case FunctionType() as function if function not in seen:
                    seen.add(function)
                    functions.append(function)
