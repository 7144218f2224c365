"""Random operations on a schema, for tests that need no expected answer."""

from __future__ import annotations

import random

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_list_type,
    is_non_null_type,
    parse,
    validate,
)


class OperationWriter:
    """Writes valid operations; the same seed writes the same ones."""

    def __init__(self, schema: GraphQLSchema, seed: int) -> None:
        self.schema = schema
        self.random = random.Random(seed)

    def query(self, depth: int = 5) -> tuple[str, dict[str, bool]]:
        """A query with its variables. Tries again until one is valid (response keys may conflict)."""
        for attempt in range(1000):
            text = "query($yes: Boolean!, $no: Boolean!) "
            text += self._selection(self.schema.query_type, max(1, depth - attempt // 10))
            if "$yes" not in text[40:]:
                text = text.replace("$yes: Boolean!, ", "")
            if "$no" not in text[40:]:
                text = text.replace("$no: Boolean!", "").replace("query()", "query").replace(", )", ")")
            if not validate(self.schema, parse(text)):
                return text, {name: value for name, value in (("yes", True), ("no", False)) if f"${name}" in text}
        return "{ __typename }", {}

    def _selection(self, type_: object, depth: int) -> str:
        parts = []
        fields = getattr(type_, "fields", {})
        leaves = [name for name, one in fields.items() if not is_composite_type(get_named_type(one.type))]
        branches = [name for name in fields if name not in leaves]
        for _ in range(self.random.randint(1, 4)):
            roll = self.random.random()
            if roll < 0.12:
                parts.append(self._alias("__typename"))
            elif roll < 0.35 and depth > 0:
                parts.append(self._fragment(type_, depth))
            elif branches and depth > 0 and (roll < 0.75 or not leaves):
                parts.append(self._field(fields, self.random.choice(branches), depth))
            elif leaves:
                parts.append(self._field(fields, self.random.choice(leaves), depth))
        return "{ " + (" ".join(part for part in parts if part) or "__typename") + " }"

    def _fragment(self, type_: object, depth: int) -> str:
        if is_abstract_type(type_) and self.random.random() < 0.85:
            possible = list(self.schema.get_possible_types(type_))  # type: ignore[arg-type]
            names = {one.name for one in possible}
            overlapping = [
                one
                for one in self.schema.type_map.values()
                if isinstance(one, (GraphQLInterfaceType, GraphQLUnionType))
                and names & {each.name for each in self.schema.get_possible_types(one)}
            ]
            other = self.random.choice([*possible, *overlapping] or [type_])
            return f"... on {other.name}{self._condition()} {self._selection(other, depth)}"
        if isinstance(type_, GraphQLObjectType) and type_.interfaces and self.random.random() < 0.5:
            other = self.random.choice(list(type_.interfaces))
            return f"... on {other.name} {self._selection(other, depth)}"
        return f"...{self._condition()} {self._selection(type_, depth)}"

    def _field(self, fields: dict, name: str, depth: int) -> str:  # type: ignore[type-arg]
        field = fields[name]
        given = ", ".join(
            f"{key}: {self._literal(one)}"
            for key, one in field.args.items()
            if is_non_null_type(one.type) or self.random.random() < 0.5
        )
        text = self._alias(name) + (f"({given})" if given else "") + self._condition()
        named = get_named_type(field.type)
        return f"{text} {self._selection(named, depth - 1)}" if is_composite_type(named) else text

    def _alias(self, name: str) -> str:
        if self.random.random() < 0.2:
            return f"{self.random.choice(['a', 'b', 'id', 'name', 'kind', '_id_1'])}: {name}"
        return name

    def _condition(self) -> str:
        if self.random.random() > 0.12:
            return ""
        return self.random.choice(
            [" @include(if: $yes)", " @include(if: $no)", " @skip(if: $yes)", " @skip(if: $no)", " @include(if: true)"]
        )

    def _literal(self, argument: GraphQLArgument) -> str:
        return self._of(argument.type)

    def _of(self, type_: object) -> str:
        if is_non_null_type(type_):
            return self._of(type_.of_type)  # type: ignore[attr-defined]
        if is_list_type(type_):
            return f"[{self._of(type_.of_type)}]"  # type: ignore[attr-defined]
        if isinstance(type_, GraphQLEnumType):
            return self.random.choice(sorted(type_.values))
        if isinstance(type_, GraphQLInputObjectType):
            wanted = {
                name: one
                for name, one in type_.fields.items()
                if isinstance(one.type, GraphQLNonNull) or self.random.random() < 0.5
            }
            return "{" + ", ".join(f"{name}: {self._of(one.type)}" for name, one in wanted.items()) + "}"
        return {"Int": "3", "Float": "1.5", "Boolean": "true"}.get(str(type_), '"x"')
