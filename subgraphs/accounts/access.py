"""
What a token holds, and who may have one with which scopes: our part of django-oauth-toolkit.

Access tokens are JWTs by RFC 9068, signed with the newest key. Everything of the protocol itself is the library's.
"""

import json
import time
from typing import Any
from uuid import uuid4

from django.conf import settings
from jwcrypto import jwt
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.scopes import BaseScopes
from oauth2_provider.utils import jwk_from_pem

from subgraphs.accounts.models import ApiClient, User
from subgraphs.accounts.revoked_tokens import superseding
from subgraphs.accounts.roles import IDENTITY, SCOPES, scopes_of

CLIENT_CREDENTIALS = "client_credentials"


def access_token(request: Any, refresh_token: bool = False) -> str:  # noqa: ARG001 - oauthlib's signature
    """
    A signed access token for an oauthlib request that was found good.

    Its subject is the user, or the API client that asks in its own name.
    """
    who: User | ApiClient = request.client if request.grant_type == CLIENT_CREDENTIALS else request.user
    now = int(time.time())
    claims = {
        "iss": settings.ISSUER,
        "aud": settings.AUDIENCE,
        "sub": who.client_id if isinstance(who, ApiClient) else str(who.pk),
        "client_id": request.client.client_id,
        "scope": " ".join(request.scopes),
        "roles": [role.value for role in who.roles],
        "iat": now,
        "exp": now + request.expires_in,
        "jti": str(uuid4()),
    }
    key = jwk_from_pem(settings.SIGNING_KEYS[0])
    token = jwt.JWT(header=json.dumps({"typ": "at+jwt", "alg": "RS256", "kid": key.thumbprint()}), claims=claims)
    token.make_signed_token(key)
    return str(token.serialize())


class Scopes(BaseScopes):
    """Which scopes a client may ask for: its own ones, or, in the name of a user, all of which some may be theirs."""

    def get_all_scopes(self) -> dict[str, str]:
        return dict(SCOPES)

    def get_available_scopes(self, application: Any = None, request: Any = None, *_: Any, **__: Any) -> list[str]:
        if application is not None and request is not None and request.grant_type == CLIENT_CREDENTIALS:
            return sorted(scopes_of(application.roles))
        return list(SCOPES)

    def get_default_scopes(self, application: Any = None, request: Any = None, *_: Any, **__: Any) -> list[str]:
        if application is not None and request is not None and request.grant_type == CLIENT_CREDENTIALS:
            return sorted(scopes_of(application.roles))
        return sorted(IDENTITY)


class Validator(OAuth2Validator):
    """Gives a user's tokens the scopes of the user's roles at that moment, and a disabled user none."""

    oidc_claim_scope = {**OAuth2Validator.oidc_claim_scope, "roles": "openid"}  # noqa: RUF012

    def validate_code(self, client_id: str, code: str, client: Any, request: Any, *args: Any, **kwargs: Any) -> bool:
        if not super().validate_code(client_id, code, client, request, *args, **kwargs) or not request.user.is_active:
            return False
        request.scopes = _allowed(request.user, request.scopes)
        return True

    def validate_refresh_token(self, refresh_token: str, client: Any, request: Any, *args: Any, **kwargs: Any) -> bool:
        return (
            super().validate_refresh_token(refresh_token, client, request, *args, **kwargs) and request.user.is_active
        )

    def get_original_scopes(self, refresh_token: str, request: Any, *args: Any, **kwargs: Any) -> list[str]:
        before = super().get_original_scopes(refresh_token, request, *args, **kwargs)
        return _allowed(request.user, before.split() if isinstance(before, str) else before)

    def _save_bearer_token(self, token: dict[str, Any], request: Any, *args: Any, **kwargs: Any) -> None:
        with superseding():
            super()._save_bearer_token(token, request, *args, **kwargs)

    def get_additional_claims(self, request: Any) -> dict[str, Any]:
        return {
            "preferred_username": request.user.username,
            "email": request.user.email,
            "roles": [role.value for role in request.user.roles],
        }

    def get_discovery_claims(self, request: Any) -> list[str]:  # noqa: ARG002 - the library's signature
        return ["sub", "preferred_username", "email", "roles"]


def _allowed(user: User, scopes: list[str]) -> list[str]:
    allowed = IDENTITY | scopes_of(user.roles)
    return [scope for scope in scopes if scope in allowed]
