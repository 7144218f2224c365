"""Who may watch: said to the gateway by a directive, which keeps others away, and checked here once more."""

from typing import Any

from strawberry import Info
from strawberry.federation.schema_directives import RequiresScopes
from strawberry.permission import BasePermission

from realtime.identity import CLAIMS


def scoped(*scopes: str) -> dict[str, Any]:
    """Arguments of a live subscription that needs one of these scopes."""

    class HasScope(BasePermission):
        message = f"This needs the scope {' or '.join(scopes)}, which the caller's access token does not have."
        error_extensions = {"code": "FORBIDDEN"}  # noqa: RUF012

        def has_permission(self, source: Any, info: Info, **_: Any) -> bool:  # noqa: ARG002 - strawberry's signature
            said = info.context["request"].scope[CLAIMS].get("scope")
            return isinstance(said, str) and not set(scopes).isdisjoint(said.split())

    return {"directives": [RequiresScopes(scopes=[[scope] for scope in scopes])], "permission_classes": [HasScope]}
