"""Who is asking: only the gateway, by a short-lived token it signed for us."""

import base64
import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import jwt
import structlog
from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings

TOKEN_HEADER = b"doorstep-service-token"
ACCEPTED_CALLER = "gateway"
LEEWAY = 10
"""seconds two clocks may differ"""

CLAIMS = "service_token_claims"
"""where a connection's scope holds what the gateway said of the caller"""

log = structlog.get_logger()


class ServiceTokenRefused(Exception):
    """The request does not carry a token the gateway made for this service; says why."""


@cache
def public_key(encoded: str) -> Ed25519PublicKey:
    """A public key as the environment writes it: raw, base64url without padding."""
    return Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))


def check_service_token(
    token: str | None, *, audience: str, public_keys: Mapping[str, str | Sequence[str]]
) -> dict[str, Any]:
    """The claims of a token the gateway signed for `audience`, or a refusal that says what is wrong."""
    if not token:
        raise ServiceTokenRefused("this service answers the gateway only: the Doorstep-Service-Token header is missing")
    keys = public_keys.get(ACCEPTED_CALLER)
    if not keys:
        raise ServiceTokenRefused("this service does not know the gateway's public key")
    for encoded in (keys,) if isinstance(keys, str) else keys:
        try:
            return jwt.decode(
                token,
                public_key(encoded),
                algorithms=["EdDSA"],
                issuer=ACCEPTED_CALLER,
                audience=audience,
                leeway=LEEWAY,
                options={"require": ["iss", "aud", "iat", "exp"]},
            )
        except jwt.InvalidSignatureError:
            continue  # perhaps an older key of the gateway signed it
        except jwt.PyJWTError as problem:
            raise ServiceTokenRefused(f"the Doorstep-Service-Token is not accepted: {problem}") from None
    raise ServiceTokenRefused("the Doorstep-Service-Token is not accepted: Signature verification failed")


class ServiceTokenRequired:
    """An ASGI application behind the check: HTTP is answered 401, a handshake is refused with 403."""

    def __init__(self, application: ASGI3Application) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Let the gateway through."""
        headers = dict(scope.get("headers", ()))  # type: ignore[call-overload]
        token = headers.get(TOKEN_HEADER, b"").decode("latin-1")
        try:
            claims = check_service_token(
                token, audience=settings.SERVICE_NAME, public_keys=settings.SERVICE_PUBLIC_KEYS
            )
        except ServiceTokenRefused as refusal:
            log.warning("request refused", reason=str(refusal), path=scope.get("path"))
            if scope["type"] == "websocket":
                # Closing before accepting makes the server answer the handshake with 403.
                await receive()
                await send({"type": "websocket.close", "code": 4401, "reason": str(refusal)})
            else:
                await refuse(send, str(refusal))
        else:
            await self.application({**scope, CLAIMS: claims}, receive, send)  # type: ignore[arg-type]


async def refuse(send: ASGISendCallable, reason: str) -> None:
    """Answer 401, with a body a GraphQL client can read."""
    error = {"message": reason, "extensions": {"code": "SERVICE_TOKEN_REQUIRED"}}
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 401, "headers": headers, "trailers": False})
    await send({"type": "http.response.body", "body": json.dumps({"errors": [error]}).encode(), "more_body": False})
