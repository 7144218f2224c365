"""Which parts of a schema say nothing about themselves."""

from collections.abc import Iterator

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    build_schema,
)


def undescribed(sdl: str) -> list[str]:
    """Every type, field, argument and enum value without a description."""
    return sorted(_undescribed(sdl))


def _undescribed(sdl: str) -> Iterator[str]:
    schema = build_schema(sdl, assume_valid=True, assume_valid_sdl=True)
    for name, type_ in schema.type_map.items():
        if name.startswith("_") or name in {"String", "Int", "Float", "Boolean", "ID"}:
            continue
        if not type_.description:
            yield name
        if isinstance(type_, GraphQLEnumType):
            yield from (f"{name}.{value}" for value, it in type_.values.items() if not it.description)
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for field, it in type_.fields.items():
                if not it.description and not field.startswith("_"):
                    yield f"{name}.{field}"
                if not isinstance(type_, GraphQLInputObjectType) and not field.startswith("_"):
                    yield from (f"{name}.{field}({arg})" for arg, a in it.args.items() if not a.description)
