"""
A federated schema whose entities come in batches.

graphene-federation resolves representations one by one, and one that fails takes the whole answer with it. Here each
type gets all its representations at once, and what is wrong with one stays with it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import graphene
from graphene_federation import FederationVersion, build_schema
from graphql import GraphQLError, GraphQLResolveInfo

from subgraphs.chassis_graphene import caching
from subgraphs.chassis_graphene.guards import check_scopes

LoadReferences = Callable[[GraphQLResolveInfo, Sequence[Mapping[str, Any]]], Sequence[Any]]
"""all representations of one type → for each of them the entity, ``None``, or the exception that says why not"""

FEDERATION = FederationVersion.VERSION_2_9

_SCALARS_OF_DIRECTIVES = re.compile(r'\n*"""(?:(?!""").)*"""\nscalar (?:FieldSet|federation__\w+)(?=\n|$)', re.DOTALL)
_SPACES_OF_DIRECTIVES = re.compile(r" +(?=\n)|(?<=\S) +(?= [@{])")


def federated_schema(
    *,
    query: type[graphene.ObjectType],
    mutation: type[graphene.ObjectType] | None = None,
    entities: Mapping[str, LoadReferences],
    types: Sequence[Any] = (),
    keeps_answers: bool = False,
) -> graphene.Schema:
    """
    The schema of a subgraph.

    :param entities: type name → how its representations are loaded
    :param keeps_answers: whether it says how long the gateway may keep its answers
    """
    schema = build_schema(
        query=query,
        mutation=mutation,
        types=list(types),
        directives=caching.DIRECTIVES if keeps_answers else (),
        federation_version=FEDERATION,
    )
    query_type = schema.graphql_schema.query_type
    sdl = _composable(schema.execute("{ _service { sdl } }").data["_service"]["sdl"])
    if keeps_answers:
        sdl = caching.composed(sdl)
    schema.graphql_schema.type_map["_Service"].fields["sdl"].resolve = lambda _service, _info: sdl
    check_scopes(schema)
    if "_entities" in query_type.fields:
        query_type.fields["_entities"].resolve = _resolver(entities)
        schema.graphql_schema.type_map["_Entity"].resolve_type = _type_of_entity
    return schema


def sdl_of(schema: graphene.Schema) -> str:
    """What the gateway composes: the subgraph's own SDL with its federation directives."""
    answer = schema.execute("{ _service { sdl } }")
    return answer.data["_service"]["sdl"]


def _resolver(entities: Mapping[str, LoadReferences]) -> Callable[..., list[Any]]:
    def resolve_entities(_root: Any, info: GraphQLResolveInfo, representations: Sequence[Any]) -> list[Any]:
        found: list[Any] = [None] * len(representations)
        places: dict[str, list[int]] = {}
        for place, representation in enumerate(representations):
            typename = representation.get("__typename") if isinstance(representation, Mapping) else None
            if isinstance(typename, str) and typename in entities:
                places.setdefault(typename, []).append(place)
            else:
                found[place] = GraphQLError(f"{typename!r} is no entity of this subgraph")
        for typename, wanted in places.items():
            loaded = _load(entities[typename], info, typename, [representations[place] for place in wanted])
            for place, entity in zip(wanted, loaded, strict=True):
                found[place] = entity
        _remember_types(info, found, representations)
        return found

    return resolve_entities


def _load(
    load: LoadReferences, info: GraphQLResolveInfo, typename: str, representations: Sequence[Mapping[str, Any]]
) -> Sequence[Any]:
    keyed = [place for place, one in enumerate(representations) if isinstance(one.get("id"), str)]
    loaded: list[Any] = [GraphQLError(f"a representation of {typename} needs its id")] * len(representations)
    try:
        for place, entity in zip(keyed, load(info, [representations[place] for place in keyed]), strict=True):
            loaded[place] = entity
    except Exception as problem:
        # One type that cannot be loaded leaves the others what they are; the endpoint logs why.
        for place in keyed:
            loaded[place] = problem
    return loaded


def _remember_types(info: GraphQLResolveInfo, found: Sequence[Any], representations: Sequence[Any]) -> None:
    names = info.context.__dict__.setdefault("_entity_types", {})
    for entity, representation in zip(found, representations, strict=True):
        if entity is not None and not isinstance(entity, Exception):
            # Held together with the entity, so that no other object can get its identity meanwhile.
            names[id(entity)] = (representation["__typename"], entity)


def _type_of_entity(value: Any, info: GraphQLResolveInfo, _type: Any) -> str | None:
    known = info.context.__dict__.get("_entity_types", {}).get(id(value))
    return known[0] if known else None


def _composable(sdl: str) -> str:
    """Without the scalars of graphene-federation's own directives, which the gateway knows, and without stray spaces."""
    return _SPACES_OF_DIRECTIVES.sub("", _SCALARS_OF_DIRECTIVES.sub("", sdl)).strip()
