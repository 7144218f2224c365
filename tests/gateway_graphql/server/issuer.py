"""An issuer of access tokens with its keys at a real URL."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

__all__ = ["Issuer", "issuer"]

AUDIENCE = "the-graph"


class Issuer:
    """Signs whatever the test wants to be signed."""

    def __init__(self) -> None:
        self.url = ""
        self.private: dict[str, tuple[Any, str]] = {}
        """kid → private key and algorithm"""
        self.published: list[dict[str, Any]] = []
        self.asked = 0
        self.broken = False
        self.revoked: list[str] = []
        """tokens that were called back"""
        self.lists = 0
        """how often the list was given in full"""
        self.looks = 0
        """how often it was asked for"""

    def add(self, kid: str, algorithm: str = "ES256", *, publish: bool = True) -> None:
        """Begin to use a new key."""
        made: Any
        if algorithm == "RS256":
            made = rsa.generate_private_key(65537, 2048)
            public = json.loads(RSAAlgorithm.to_jwk(made.public_key()))
        elif algorithm == "EdDSA":
            made = ed25519.Ed25519PrivateKey.generate()
            public = json.loads(OKPAlgorithm.to_jwk(made.public_key()))
        else:
            made = ec.generate_private_key(ec.SECP256R1())
            public = json.loads(ECAlgorithm.to_jwk(made.public_key()))
        self.private[kid] = (made, algorithm)
        if publish:
            self.published.append({**public, "kid": kid, "use": "sig", "alg": algorithm})

    def token(self, kid: str = "first", *, headers: dict[str, Any] | None = None, **claims: Any) -> str:
        """An access token of somebody called ada; a claim of None is left out."""
        key, algorithm = self.private[kid]
        now = int(time.time())
        said = {"iss": self.url, "aud": AUDIENCE, "sub": "ada", "iat": now, "exp": now + 60, "scope": "read", **claims}
        payload = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(payload, key, algorithm=algorithm, headers={"kid": kid, **(headers or {})})

    @property
    def jwks_url(self) -> str:
        """Where the public keys are."""
        return f"{self.url}/jwks"

    async def jwks(self, request: web.Request) -> web.Response:
        """The public keys."""
        self.asked += 1
        await asyncio.sleep(0)
        if self.broken:
            return web.Response(status=500)
        return web.json_response({"keys": self.published})

    @property
    def revoked_url(self) -> str:
        """Where the list of revoked tokens is."""
        return f"{self.url}/revoked"

    async def revoked_tokens(self, request: web.Request) -> web.Response:
        """The list of revoked tokens."""
        self.looks += 1
        if self.broken:
            return web.Response(status=500)
        version = f'"{len(self.revoked)}"'
        if request.headers.get("If-None-Match") == version:
            return web.Response(status=304)
        self.lists += 1
        hashes = [hashlib.sha256(token.encode()).hexdigest() for token in self.revoked]
        return web.json_response({"revoked": hashes}, headers={"ETag": version})


@asynccontextmanager
async def issuer() -> AsyncIterator[Issuer]:
    """An issuer with one key, called first."""
    made = Issuer()
    made.add("first")
    app = web.Application()
    app.router.add_get("/jwks", made.jwks)
    app.router.add_get("/revoked", made.revoked_tokens)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"  # type: ignore[union-attr]
    try:
        yield made
    finally:
        await runner.cleanup()
