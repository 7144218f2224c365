"""Who sends a request: an access token (a JWT, RFC 9068) is checked by the public keys of whoever issued it."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import aiohttp
import jwt

from gateway_graphql.execution.caller import ANONYMOUS, Caller
from gateway_graphql.server.access_log import log
from gateway_graphql.server.asgi import Refused
from gateway_graphql.server.jwks import KeysMissing, PublicKeys
from gateway_graphql.server.revoked_tokens import RevokedTokens
from gateway_graphql.server.settings import AuthenticationSettings, IssuerSettings

__all__ = ["Authentication"]

REMEMBERED = 10_000
"""tokens that need not be checked again before they expire"""
LONGEST = 16 * 1024
"""characters of a token"""


class Authentication:
    """
    Tells who a caller is.

    The algorithm is that of the issuer's key, never what a token says of itself: neither ``none`` nor an HMAC over a
    public key gets anywhere.
    """

    def __init__(self, settings: AuthenticationSettings | None) -> None:
        self._settings = settings
        self._session: aiohttp.ClientSession | None = None
        self._known: OrderedDict[str, Caller] = OrderedDict()
        self._issuers = {one.issuer: one for one in settings.issuers.values()} if settings else {}
        self._keys = {
            one.issuer: PublicKeys(one.jwks_url, self.session, settings.refresh_keys, self._known.clear)
            for one in self._issuers.values()
            if settings
        }
        self._revoked = {
            one.issuer: RevokedTokens(one.revoked_url, self.session, settings.refresh_revoked)
            for one in self._issuers.values()
            if settings and one.revoked_url
        }

    @property
    def header(self) -> str | None:
        """The header in which a token comes; None if nobody is asked for one."""
        return self._settings.header.lower() if self._settings else None

    async def caller(self, headers: Mapping[str, str]) -> Caller:
        """
        Who sends these headers (lower-case names).

        :raises Refused: 401, the token is not good, or there is none and the settings require one.
        """
        settings = self._settings
        if settings is None:
            return ANONYMOUS
        given = headers.get(settings.header.lower(), "")
        scheme, _, token = given.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            if settings.required:
                raise _unauthenticated(f"Send an access token in the header {settings.header}: Bearer …", "")
            return ANONYMOUS
        known = self._known.get(token)
        if known is None:
            known = self._known[token] = await self._checked(token, settings)
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        elif known.expires is not None and time.time() > known.expires:
            del self._known[token]
            raise _unauthenticated("The access token is refused: Signature has expired.")
        if known.revoked is not None and known.revoked.is_set():
            raise _unauthenticated("The access token is refused: it was revoked.")
        return known

    async def close(self) -> None:
        """Give back what is open."""
        for one in self._revoked.values():
            await one.close()
        if self._session is not None:
            await self._session.close()

    async def _checked(self, token: str, settings: AuthenticationSettings) -> Caller:
        try:
            if len(token) > LONGEST:
                raise jwt.InvalidTokenError("it is too long")
            said = jwt.decode_complete(token, options={"verify_signature": False})
            issuer = self._issuers.get(str(said["payload"].get("iss")))
            if issuer is None:
                raise jwt.InvalidIssuerError("nobody here knows its issuer")
            kid = said["header"].get("kid")
            key = await self._keys[issuer.issuer].key(kid)
            if key is None:
                raise jwt.InvalidTokenError("its issuer has no such key")
            claims = jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                audience=issuer.audience,
                issuer=issuer.issuer,
                leeway=settings.leeway,
                options={"require": ["iss", "exp"], "verify_aud": issuer.audience is not None},
            )
            caller = _caller(token, claims, issuer, settings.leeway)
            return await self._unless_revoked(caller, issuer)
        except KeysMissing as missing:
            log.warning("nobody can be authenticated", problem=str(missing))
            raise Refused(
                503, "KEYS_MISSING", "Access tokens cannot be checked now; try again in a moment.", RETRY
            ) from None
        except (jwt.InvalidTokenError, jwt.PyJWKError, UnicodeError, ValueError) as wrong:
            raise _unauthenticated(f"The access token is refused: {wrong}.") from None

    async def _unless_revoked(self, caller: Caller, issuer: IssuerSettings) -> Caller:
        revoked = self._revoked.get(issuer.issuer)
        if revoked is None:
            return caller
        if await revoked.includes(caller.credential):
            raise jwt.InvalidTokenError("it was revoked")
        return replace(caller, revoked=revoked.ended(caller.credential))

    def session(self) -> aiohttp.ClientSession:
        """Connections to whoever knows about callers; made when first asked: they belong to the running loop."""
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        return self._session


RETRY = ((b"retry-after", b"1"),)


def _unauthenticated(message: str, error: str = ', error="invalid_token"') -> Refused:
    # RFC 6750, section 3: how a client is told what to send.
    return Refused(
        401, "UNAUTHENTICATED", message, ((b"www-authenticate", b'Bearer realm="graphql"' + error.encode()),)
    )


def _caller(token: str, claims: Mapping[str, Any], issuer: IssuerSettings, leeway: float) -> Caller:
    subject = _claim(claims, issuer.subject_claim)
    if not isinstance(subject, str) or not subject:
        raise jwt.InvalidTokenError(f"it has no claim {issuer.subject_claim!r} that says whose it is")
    said = _claim(claims, issuer.scopes_claim)
    # RFC 8693: one text with spaces between; many issuers say a list.
    scopes = said.split() if isinstance(said, str) else [one for one in said if isinstance(one, str)] if said else []
    return Caller(
        subject=subject,
        scopes=frozenset(scopes),
        claims=claims,
        expires=claims["exp"] + leeway,
        credential=hashlib.sha256(token.encode()).hexdigest(),
    )


def _claim(claims: Mapping[str, Any], path: str) -> Any:
    """A claim, or with dots one inside another: ``realm_access.roles``."""
    found: Any = claims
    for name in [path] if path in claims else path.split("."):  # names of claims may be URLs
        found = found.get(name) if isinstance(found, Mapping) else None
    return found
