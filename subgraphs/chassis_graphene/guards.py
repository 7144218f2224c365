"""
Who may ask for a field: said to the gateway by a directive, which keeps others away, and checked here once more.

``notifications = scoped(graphene.Field(…), "subscribers:read")``
"""

from collections.abc import Callable
from typing import Any

import graphene
from graphene.utils.str_converters import to_camel_case
from graphene_federation import requires_scope
from graphql import GraphQLError, GraphQLField, GraphQLResolveInfo, default_field_resolver

from subgraphs.chassis.identity import Caller

_SCOPES = "_needs_one_of"


def caller_of(info: GraphQLResolveInfo) -> Caller:
    """On whose behalf the gateway asks."""
    caller: Caller = info.context.caller
    return caller


def scoped(field: graphene.Field, *scopes: str) -> graphene.Field:
    """The field, for those who have one of these scopes."""
    guarded = requires_scope(field, scopes=any_of(*scopes))
    setattr(guarded, _SCOPES, scopes)
    return guarded


def any_of(*scopes: str) -> list[list[str]]:
    """``@requiresScopes`` for those who have one of these."""
    return [[scope] for scope in scopes]


def forbidden(message: str) -> GraphQLError:
    """The error for what the caller must not see."""
    return GraphQLError(message, extensions={"code": "FORBIDDEN"})


def check_scopes(schema: graphene.Schema) -> None:
    """Let the resolvers of guarded fields refuse whoever lacks the scope."""
    for type in schema.graphql_schema.type_map.values():
        declared = getattr(getattr(type, "graphene_type", None), "_meta", None)
        for name, field in (getattr(declared, "fields", None) or {}).items():
            if scopes := getattr(field, _SCOPES, ()):
                _guard(type.fields[field.name or to_camel_case(name)], scopes)


def _guard(field: GraphQLField, scopes: tuple[str, ...]) -> None:
    resolve: Callable[..., Any] = field.resolve or default_field_resolver

    def resolve_if_allowed(root: Any, info: GraphQLResolveInfo, /, **arguments: Any) -> Any:
        if not caller_of(info).may(*scopes):
            raise forbidden(
                f"This needs the scope {' or '.join(scopes)}, which the caller's access token does not have."
            )
        return resolve(root, info, **arguments)

    field.resolve = resolve_if_allowed
