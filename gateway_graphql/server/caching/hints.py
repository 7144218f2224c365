"""
What a supergraph says of how long its answers are good: ``@cacheControl`` and ``@cacheTag``.

``@cacheControl(maxAge:, scope:, inheritMaxAge:)`` means what it means in Apollo Server: an answer is good for as long as the
shortest of its fields; a field of the root, and one that has fields of its own, is not kept unless it or its type says so; other
fields last as long as what they are in. Subgraphs send it to the supergraph with ``@composeDirective``.

``@cacheTag(format:)`` names answers, so that they can be called back: on a field of the root with ``{$args.id}`` in it, on an entity with
``{$key.id}``. Whatever holds objects of a type that has one also has the tag ``type:Name``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SchemaDefinitionNode,
    SelectionSetNode,
    VariableNode,
    value_from_ast_untyped,
)

from gateway_graphql.supergraph.parse import parse_document

__all__ = ["CacheHints", "Cacheable", "EntityPart", "RequestParts", "subgraph_tag", "type_tag"]

ENTITIES = "_entities"
_PLACE = re.compile(r"\{\$(key|args)\.([\w.]+)\}")
COMPOSITE = frozenset({"object_type_definition", "interface_type_definition", "union_type_definition"})


def type_tag(name: str) -> str:
    """What every answer with objects of this type is tagged with, if the type has a ``@cacheTag``."""
    return f"type:{name}"


def subgraph_tag(name: str) -> str:
    """What every answer that a subgraph had a part in is tagged with: a mutation there calls all of them back."""
    return f"subgraph:{name}"


@dataclass(frozen=True, slots=True)
class _Hint:
    max_age: int | None = None
    private: bool = False
    inherits: bool = False


NOTHING = _Hint()


@dataclass(frozen=True, slots=True)
class _Tagged:
    """A field of the root that has a tag."""

    form: str
    arguments: tuple[ArgumentNode, ...]
    defaults: Mapping[str, Any]
    """of the field's arguments"""


@dataclass(frozen=True, slots=True)
class Cacheable:
    """An answer that may be kept."""

    max_age: int
    """seconds"""
    private: bool
    """for who asked it alone"""
    types: frozenset[str]
    """of which it holds objects that have tags"""
    tagged: tuple[_Tagged, ...]
    defaults: Mapping[str, Any]
    """of the operation's variables"""

    def tags(self, variables: Mapping[str, Any]) -> list[str]:
        """What it is tagged with, asked with these variables."""
        given = {**self.defaults, **variables}
        tags = [type_tag(one) for one in sorted(self.types)]
        for one in self.tagged:
            values = {argument.name.value: value_from_ast_untyped(argument.value, given) for argument in one.arguments}
            tags.append(_filled(one.form, {**one.defaults, **values}))
        return tags


@dataclass(slots=True)
class _Found:
    """What has been seen on the way through a selection."""

    max_age: int | None = None
    private: bool = False
    types: set[str] = field(default_factory=set)
    tagged: list[_Tagged] = field(default_factory=list)

    def no_longer_than(self, seconds: int) -> None:
        self.max_age = seconds if self.max_age is None else min(self.max_age, seconds)

    def cacheable(self, defaults: Mapping[str, Any]) -> Cacheable | None:
        if not self.max_age:
            return None
        return Cacheable(self.max_age, self.private, frozenset(self.types), tuple(self.tagged), defaults)


class EntityPart:
    """One ``_entities`` field of a request to a subgraph."""

    def __init__(
        self,
        hints: CacheHints,
        fragments: Mapping[str, FragmentDefinitionNode],
        response_key: str,
        variable: str,
        selected: SelectionSetNode,
    ) -> None:
        self.response_key = response_key
        self.variable = variable
        self._hints = hints
        self._fragments = fragments
        self._selected = selected
        self._known: dict[str, Cacheable | None] = {}

    def of(self, typename: str) -> Cacheable | None:
        """How long an entity of this type is good here; None: it is not to be kept."""
        if typename not in self._known:
            self._known[typename] = self._hints.of_entity(typename, self._selected, self._fragments)
        return self._known[typename]


@dataclass(frozen=True, slots=True)
class RequestParts:
    """What of the answer to one request of ours to a subgraph may be kept."""

    whole: Cacheable | None
    entities: tuple[EntityPart, ...]


class CacheHints:
    """The hints of one supergraph."""

    def __init__(self, supergraph: DocumentNode, default_max_age: int = 0) -> None:
        """``default_max_age``: seconds, for what needs a hint and has none."""
        self._default = default_max_age
        self._root = "Query"
        self._types: dict[str, _Hint] = {}
        self._fields: dict[tuple[str, str], _Hint] = {}
        self._kinds: dict[tuple[str, str], str] = {}
        self._composite: set[str] = set()
        self._possible: dict[str, set[str]] = {}
        self._type_tags: dict[str, tuple[str, ...]] = {}
        self._field_tags: dict[tuple[str, str], tuple[str, ...]] = {}
        self._arguments: dict[tuple[str, str], Mapping[str, Any]] = {}
        """the defaults of a field's arguments"""
        for definition in supergraph.definitions:
            if definition.kind in COMPOSITE:
                self._read(definition)
            elif isinstance(definition, SchemaDefinitionNode):
                for one in definition.operation_types:
                    if one.operation is OperationType.QUERY:
                        self._root = one.type.name.value

    def __bool__(self) -> bool:
        """Whether anything can be kept at all."""
        hints = (*self._types.values(), *self._fields.values())
        return self._default > 0 or any(one.max_age for one in hints)

    def of_operation(self, document: DocumentNode, operation: OperationDefinitionNode) -> Cacheable | None:
        """How long the answer to a client's query is good."""
        found = _Found()
        self._look(operation.selection_set, self._root, _fragments(document), found, is_root=True)
        return found.cacheable(_defaults(operation.variable_definitions, lambda one: one.variable.name.value))

    def of_request(self, text: str) -> RequestParts | None:
        """What may be kept of the answer to a request to a subgraph, a query; None: nothing."""
        document = parse_document(text)
        fragments = _fragments(document)
        (operation,) = (one for one in document.definitions if isinstance(one, OperationDefinitionNode))
        calls = [one for one in operation.selection_set.selections if isinstance(one, FieldNode)]
        entities = tuple(
            EntityPart(self, fragments, (call.alias or call.name).value, variable, call.selection_set)
            for call in calls
            if call.name.value == ENTITIES and call.selection_set and (variable := _variable_of(call))
        )
        if entities:
            return RequestParts(None, entities) if len(entities) == len(calls) else None
        whole = self.of_operation(document, operation)
        return None if whole is None else RequestParts(whole, ())

    def of_entity(
        self, typename: str, selected: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]
    ) -> Cacheable | None:
        """How long what is selected of an entity of this type is good."""
        found = _Found()
        hint = self._types.get(typename, NOTHING)
        found.no_longer_than(self._default if hint.max_age is None else hint.max_age)
        found.private = hint.private
        self._look(selected, typename, fragments, found, is_root=False)
        return found.cacheable({})

    def tags_of_entity(self, typename: str, representation: Mapping[str, Any]) -> list[str]:
        """What an entity is tagged with, by the key it is asked by."""
        return [_filled(form, representation) for form in self._type_tags.get(typename, ())]

    # -- reading the supergraph

    def _read(self, definition: Any) -> None:
        name = definition.name.value
        self._composite.add(name)
        self._types[name] = _hint(definition)
        self._type_tags[name] = tuple(_tags(definition))
        for one in getattr(definition, "types", None) or ():
            self._possible.setdefault(name, set()).add(one.name.value)
        for one in getattr(definition, "interfaces", None) or ():
            self._possible.setdefault(one.name.value, set()).add(name)
        for one in getattr(definition, "fields", None) or ():
            at = (name, one.name.value)
            self._fields[at] = _hint(one)
            self._field_tags[at] = tuple(_tags(one))
            self._kinds[at] = _named(one.type)
            self._arguments[at] = _defaults(one.arguments, lambda argument: argument.name.value)

    # -- looking at what is asked

    def _look(
        self,
        selected: SelectionSetNode,
        parent: str,
        fragments: Mapping[str, FragmentDefinitionNode],
        found: _Found,
        *,
        is_root: bool,
    ) -> None:
        for one in selected.selections:
            if isinstance(one, FieldNode):
                self._look_at_field(one, parent, fragments, found, is_root=is_root)
            elif isinstance(one, InlineFragmentNode):
                inner = one.type_condition.name.value if one.type_condition else parent
                if self._may_be(parent, inner):
                    self._look(one.selection_set, inner, fragments, found, is_root=is_root)
            elif isinstance(one, FragmentSpreadNode):
                fragment = fragments[one.name.value]
                inner = fragment.type_condition.name.value
                if self._may_be(parent, inner):
                    self._look(fragment.selection_set, inner, fragments, found, is_root=is_root)

    def _look_at_field(
        self,
        node: FieldNode,
        parent: str,
        fragments: Mapping[str, FragmentDefinitionNode],
        found: _Found,
        *,
        is_root: bool,
    ) -> None:
        at = (parent, node.name.value)
        kind = self._kinds.get(at, "")
        is_composite = kind in self._composite
        hint, of_type = self._fields.get(at, NOTHING), self._types.get(kind, NOTHING) if is_composite else NOTHING
        found.private = found.private or hint.private or of_type.private
        max_age = of_type.max_age if hint.max_age is None else hint.max_age
        if max_age is not None:
            found.no_longer_than(max_age)
        elif (is_root or is_composite) and not (hint.inherits or of_type.inherits) and not at[1].startswith("__"):
            found.no_longer_than(self._default)
        if is_root:
            arguments = tuple(node.arguments or ())
            found.tagged += [_Tagged(form, arguments, self._arguments[at]) for form in self._field_tags.get(at, ())]
        if is_composite and node.selection_set:
            found.types.update(one for one in self._objects(kind) if self._type_tags.get(one))
            self._look(node.selection_set, kind, fragments, found, is_root=False)

    def _may_be(self, parent: str, inner: str) -> bool:
        """Whether an object at ``parent`` can be an ``inner``."""
        return not self._objects(parent).isdisjoint(self._objects(inner))

    def _objects(self, kind: str) -> set[str]:
        return self._possible.get(kind, {kind}) | {kind}


def _hint(node: Any) -> _Hint:
    for said in _said(node, "cacheControl"):
        max_age = said.get("maxAge")
        return _Hint(
            int(max_age) if max_age is not None else None,
            said.get("scope") == "PRIVATE",
            said.get("inheritMaxAge") is True,
        )
    return NOTHING


def _tags(node: Any) -> Iterator[str]:
    for said in _said(node, "cacheTag"):
        yield str(said.get("format", ""))
    for said in _said(node, "join__directive"):
        # So the directives of Federation that no gateway needs to know come here; they keep their names in the subgraph.
        if str(said.get("name", "")).rpartition("__")[2] == "cacheTag":
            yield str((said.get("args") or {}).get("format", ""))


def _said(node: Any, name: str) -> Iterator[dict[str, Any]]:
    for directive in node.directives or ():
        if directive.name.value == name:
            yield {one.name.value: value_from_ast_untyped(one.value) for one in directive.arguments or ()}


def _defaults(definitions: Iterable[Any] | None, name: Callable[[Any], str]) -> dict[str, Any]:
    return {
        name(one): value_from_ast_untyped(one.default_value)
        for one in definitions or ()
        if one.default_value is not None
    }


def _named(kind: Any) -> str:
    while not hasattr(kind, "name"):
        kind = kind.type
    return str(kind.name.value)


def _fragments(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    return {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}


def _variable_of(call: FieldNode) -> str | None:
    for one in call.arguments or ():
        if one.name.value == "representations" and isinstance(one.value, VariableNode):
            return one.value.name.value
    return None


def _filled(form: str, values: Mapping[str, Any]) -> str:
    """The tag, with what stands in braces taken from these values; ``null`` where there is none."""

    def of(place: re.Match[str]) -> str:
        value: Any = values
        for name in place[2].split("."):
            value = value.get(name) if isinstance(value, Mapping) else None
        return "null" if value is None else str(value)

    return _PLACE.sub(of, form)
