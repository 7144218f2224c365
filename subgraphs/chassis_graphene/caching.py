"""
How long the gateway may keep an answer, and what calls it back: ``@cacheControl`` and ``@cacheTag``, which the supergraph gets to know.

``addresses = kept(graphene.Field(…), seconds=60)``; on a type, ``@kept_type(seconds=300, tag="address-{$key.id}")``. The schema of a
service that uses them is made with ``federated_schema(…, keeps_answers=True)``.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import graphene
from graphene_directives import DirectiveLocation
from graphene_federation import ComposableDirective
from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLInt,
    GraphQLNonNull,
    GraphQLString,
)

Type = TypeVar("Type", bound=type)

SPEC = "https://doorstep.example/caching/v0.1"

# The library can send one directive on to the supergraph, and no two: `composed` says what it would have said.
CACHE_CONTROL = ComposableDirective(
    name="cacheControl",
    description="How long an answer is good.",
    locations=[
        DirectiveLocation.FIELD_DEFINITION,
        DirectiveLocation.OBJECT,
        DirectiveLocation.INTERFACE,
        DirectiveLocation.UNION,
    ],
    args={
        "maxAge": GraphQLArgument(GraphQLInt, description="Seconds."),
        "scope": GraphQLArgument(
            GraphQLEnumType(
                "CacheControlScope",
                {
                    "PUBLIC": GraphQLEnumValue("PUBLIC", description="For everybody."),
                    "PRIVATE": GraphQLEnumValue("PRIVATE", description="For each caller alone."),
                },
                description="For whom an answer may be kept.",
            ),
            description="For whom.",
        ),
        "inheritMaxAge": GraphQLArgument(GraphQLBoolean, description="As long as what it is in."),
    },
    add_to_schema_directives=False,
)
CACHE_TAG = ComposableDirective(
    name="cacheTag",
    description="A name by which an answer can be called back.",
    locations=[DirectiveLocation.FIELD_DEFINITION, DirectiveLocation.OBJECT],
    args={
        "format": GraphQLArgument(
            GraphQLNonNull(GraphQLString), description="With {$key.id} in it, or {$args.id} on a field of the root."
        )
    },
    is_repeatable=True,
    add_to_schema_directives=False,
)
DIRECTIVES = (CACHE_CONTROL, CACHE_TAG)

_FEDERATION = '@link(url: "https://specs.apollo.dev/federation/'


def kept(field: graphene.Field, *, seconds: int) -> graphene.Field:
    """The field, whose value is good for so long."""
    found: graphene.Field = CACHE_CONTROL.decorator()(field=field, args_via_dict={"maxAge": seconds})
    return found


def kept_type(*, seconds: int | None = None, tag: str | None = None) -> Callable[[Type], Type]:
    """Objects of this type are good for so long, or for as long as what they are in; ``tag`` calls them back."""

    def decorate(type: Type) -> Type:
        said: dict[str, Any] = {"inheritMaxAge": True} if seconds is None else {"maxAge": seconds}
        type = CACHE_CONTROL.decorator()(args_via_dict=said)(type)
        return type if tag is None else CACHE_TAG.decorator()(args_via_dict={"format": tag})(type)

    return decorate


def composed(sdl: str) -> str:
    """The SDL, which sends the directives on to the supergraph."""
    link, rest = sdl.split("\n\n", 1)
    assert _FEDERATION in link  # noqa: S101 (the library begins with it)
    names = [f"@{one.name}" for one in DIRECTIVES]
    said = ", ".join(f'"{name}"' for name in names)
    compose = "".join(f'\n\t@composeDirective(name: "{name}")' for name in names)
    return f'{link}\n\t@link(url: "{SPEC}", import: [{said}]){compose}\n\n{rest}'
