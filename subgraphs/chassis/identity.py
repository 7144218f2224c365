"""
Who is asking: every request to a subgraph carries a short-lived token signed by the gateway.

A token is a JWT signed with Ed25519; ``iss`` names the service that signed it, ``aud`` the one it is meant for.
Each process holds its own private key and the public keys of all.
"""

import base64
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jwt
import structlog
from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

TOKEN_HEADER = "Doorstep-Service-Token"  # noqa: S105 - the name of a header
LEEWAY = 10
"""seconds two clocks may differ"""

OWN = "subscriptions:own"
"""the scope of those who see and change what is their own, and nobody else's"""

_OPEN_PATHS = ("/live", "/ready")
_OPEN_FOLDERS = ("/admin/", "/static/", "/downloads/")

log = structlog.get_logger("identity")


class UnknownService(Exception):
    """A token is missing, expired, forged, or meant for somebody else; the message says which."""


@dataclass(frozen=True)
class Caller:
    """On whose behalf the gateway asks."""

    subject: str | None
    """the id of a user or an API client; ``None``: nobody is known"""
    scopes: frozenset[str]
    """what they may do"""

    @classmethod
    def from_claims(cls, claims: Mapping[str, Any]) -> "Caller":
        """Read the caller from a service token that was found good."""
        subject, scope = claims.get("sub"), claims.get("scope")
        return cls(
            subject if isinstance(subject, str) else None,
            frozenset(scope.split() if isinstance(scope, str) else ()),
        )

    def may(self, *scopes: str) -> bool:
        """Whether one of these scopes is theirs."""
        return not self.scopes.isdisjoint(scopes)

    def reaches(self, owner: str | None, *, all_with: str) -> bool:
        """
        Whether they may see or change what belongs to a caller: it is their own, or they may reach everybody's.

        :param owner: the subject of that caller; ``None``: nobody who was known
        :param all_with: the scope that opens everybody's
        """
        return all_with in self.scopes or (OWN in self.scopes and owner is not None and owner == self.subject)


def sign(
    audience: str | list[str],
    *,
    issuer: str,
    key: str,
    lifetime: int = 60,
    subject: str | None = None,
    claims: Mapping[str, Any] | None = None,
) -> str:
    """
    A token that says ``issuer`` is asking ``audience``.

    :param key: the issuer's private key as its setting carries it: Ed25519 seed, base64url without padding
    """
    now = int(time.time())
    payload: dict[str, Any] = {"iss": issuer, "aud": audience, "iat": now, "exp": now + lifetime, **(claims or {})}
    if subject is not None:
        payload["sub"] = subject
    return jwt.encode(payload, _private_key(key), algorithm="EdDSA", headers={"kid": issuer})


def verify(token: str, *, audience: str, issuer: str, public_keys: Mapping[str, str | Sequence[str]]) -> dict[str, Any]:
    """
    The claims of a token that ``issuer`` signed for ``audience``.

    :raises UnknownService: when it is anything else.
    """
    if issuer not in public_keys:
        raise UnknownService(f"the public key of {issuer!r} is not in SERVICE_PUBLIC_KEYS")
    keys = public_keys[issuer]
    for key in (keys,) if isinstance(keys, str) else keys:
        try:
            return jwt.decode(
                token,
                _public_key(key),
                algorithms=["EdDSA"],
                audience=audience,
                issuer=issuer,
                leeway=LEEWAY,
                options={"require": ["iss", "aud", "iat", "exp"]},
            )
        except jwt.InvalidSignatureError:
            continue  # perhaps an older key of the same service signed it
        except (jwt.InvalidTokenError, ValueError) as wrong:
            raise UnknownService(f"the service token is refused: {wrong}") from wrong
    raise UnknownService("the service token is refused: Signature verification failed")


def is_open(path: str) -> bool:
    """
    Whether everybody may ask for this path.

    They may for ``/live`` and ``/ready``, ``/admin/`` with its static files, which has its own login, ``/downloads/``,
    whose links are signed, and what a service opens itself by its setting ``OPEN_FOLDERS``.
    """
    return path in _OPEN_PATHS or path.startswith((*_OPEN_FOLDERS, *getattr(settings, "OPEN_FOLDERS", ())))


class RequireGateway:
    """
    Django middleware: refuse whatever the gateway did not send, unless it is open.

    On whose behalf the gateway asks is in ``request.caller``.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponse | Awaitable[HttpResponse]:
        if refusal := self._refusal(request):
            return _at_once(refusal) if iscoroutinefunction(self.get_response) else refusal
        return self.get_response(request)

    def _refusal(self, request: HttpRequest) -> HttpResponse | None:
        if is_open(request.path):
            return None
        token = request.headers.get(TOKEN_HEADER)
        try:
            if not token:
                raise UnknownService(f"send the gateway's token in the header {TOKEN_HEADER}")
            keys = settings.SERVICE_PUBLIC_KEYS
            claims = verify(token, audience=settings.SERVICE_NAME, issuer="gateway", public_keys=keys)
            request.caller = Caller.from_claims(claims)  # type: ignore[attr-defined]
        except UnknownService as unknown:
            log.warning("request refused", path=request.path, reason=str(unknown))
            error = {"message": str(unknown), "extensions": {"code": "SERVICE_TOKEN_REQUIRED"}}
            return JsonResponse({"errors": [error]}, status=401)
        return None


async def _at_once(response: HttpResponse) -> HttpResponse:
    return response


@lru_cache(maxsize=32)
def _private_key(text: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(_raw(text))


@lru_cache(maxsize=32)
def _public_key(text: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(_raw(text))


def _raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
