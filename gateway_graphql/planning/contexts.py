"""
Fields with arguments from a context (``@fromContext``): whoever sets the context has to say its value first.

The value is a hidden need of the nearest object above that sets the context. The field itself is asked
afterwards, of entities sorted by the values they got, so it can never be asked where its object was handed out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from gateway_graphql.planning.conditions import Condition, both, either
from gateway_graphql.planning.normalize import Normalizer
from gateway_graphql.planning.operation import Need, Position, TypeClass
from gateway_graphql.supergraph.model import ContextArgument, Supergraph

__all__ = ["need_contexts"]


@dataclass(frozen=True, slots=True)
class _Above:
    """An object above, and when what is below it is wanted."""

    type_class: TypeClass
    condition: Condition


def need_contexts(position: Position, normalizer: Normalizer) -> None:
    """Tell every need which contexts are set above it, and add what is taken from them to the objects that set them."""
    if normalizer.supergraph.contexts:
        _walk(position, normalizer, (), frozenset())


def _walk(position: Position, normalizer: Normalizer, above: tuple[_Above, ...], contexts: frozenset[str]) -> None:
    graph = normalizer.supergraph
    for type_class in position.classes:
        name = type_class.types[0]
        below = contexts | graph.contexts_of(name)
        for need in type_class.needs:
            if need.name.startswith("__") or need.for_context:
                continue
            need.contexts = contexts
            for argument in _arguments(graph, name, need.name):
                _add(argument, need.condition, normalizer, above)
            if need.child is not None:
                _walk(need.child, normalizer, (*above, _Above(type_class, need.condition)), below)


def _arguments(supergraph: Supergraph, type_name: str, field_name: str) -> tuple[ContextArgument, ...]:
    """The arguments of the field that anybody takes from a context."""
    field = supergraph.types[type_name].fields.get(field_name)
    sources = field.sources.values() if field else ()
    return tuple(dict.fromkeys(one for source in sources for one in source.context_arguments))


def _add(argument: ContextArgument, condition: Condition, normalizer: Normalizer, above: tuple[_Above, ...]) -> None:
    graph = normalizer.supergraph
    for one in reversed(above):
        condition = both(condition, one.condition)
        name = one.type_class.types[0]
        if argument.context in graph.contexts_of(name):
            if name != graph.roots.get("subscription"):  # nothing may be asked beside the field that is the stream
                position = normalizer.field_set(name, argument.selection)
                for need in position.classes[0].needs if position.classes else ():
                    _need_hidden(one.type_class, need, condition)
            return


def _need_hidden(type_class: TypeClass, need: Need, condition: Condition) -> None:
    for one in type_class.needs:
        if one.for_context and (one.name, one.asked_as, one.child) == (
            need.name,
            need.asked_as,
            need.child,
        ):
            one.condition = either(one.condition, condition)
            return
    # First, since a mutation's fields run in their order.
    type_class.needs = (replace(need, condition=condition, for_context=True), *type_class.needs)
