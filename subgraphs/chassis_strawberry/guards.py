"""
Who may ask for a field: said to the gateway by a directive, which keeps others away, and checked here once more.

``@strawberry.federation.field(**scoped("accounts:read"))``
"""

from typing import Any

from graphql import GraphQLError
from strawberry import Info
from strawberry.permission import BasePermission

from subgraphs.chassis.identity import Caller


def caller_of(info: Info) -> Caller:
    """On whose behalf the gateway asks."""
    caller: Caller = info.context["request"].caller
    return caller


class KnownCaller(BasePermission):
    """Somebody who is known."""

    message = "Send an access token: this is not for anonymous callers."
    error_extensions = {"code": "UNAUTHENTICATED"}  # noqa: RUF012

    def has_permission(self, source: Any, info: Info, **_: Any) -> bool:  # noqa: ARG002 - strawberry's signature
        return caller_of(info).subject is not None


def known() -> dict[str, Any]:
    """Arguments of a field that every known caller may ask for."""
    return {"authenticated": True, "permission_classes": [KnownCaller]}


def scoped(*scopes: str) -> dict[str, Any]:
    """Arguments of a field that needs one of these scopes."""

    class HasScope(BasePermission):
        message = f"This needs the scope {' or '.join(scopes)}, which the caller's access token does not have."
        error_extensions = {"code": "FORBIDDEN"}  # noqa: RUF012

        def has_permission(self, source: Any, info: Info, **_: Any) -> bool:  # noqa: ARG002 - strawberry's signature
            return caller_of(info).may(*scopes)

    return {"requires_scopes": any_of(*scopes), "permission_classes": [HasScope]}


def forbidden(message: str) -> GraphQLError:
    """The error for what the caller's scopes would allow, were it their own."""
    return GraphQLError(message, extensions={"code": "FORBIDDEN"})


def any_of(*scopes: str) -> list[list[str]]:
    """``@requiresScopes`` for those who have one of these."""
    return [[scope] for scope in scopes]
