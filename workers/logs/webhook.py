"""
The way to a webhook: what happened to an alert, as JSON, signed.

``Doorstep-Signature: t=<seconds since 1970>,v1=<HMAC-SHA256 of "<t>.<body>", in hex>``. Whoever is called computes the same with
the secret, and refuses what is old; ``Doorstep-Delivery`` is the same for every try of one call.
"""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import aiohttp

SIGNATURE = "Doorstep-Signature"
DELIVERY = "Doorstep-Delivery"


class NotTaken(Exception):
    """The webhook did not take the call; the message says why."""


class Webhook(Protocol):
    """Whoever is called."""

    def call(self, call: Mapping[str, Any]) -> None:
        """:raises NotTaken: when it did not take the call."""
        ...


class HttpWebhook:
    """
    The port, over HTTP.

    :param secret: gives the secret as it is now
    :param timeout: seconds for the whole call
    """

    def __init__(self, url: str, secret: Callable[[], str], *, timeout: float = 5.0) -> None:
        self._url = url
        self._secret = secret
        self._timeout = timeout

    def call(self, call: Mapping[str, Any]) -> None:
        """:raises NotTaken: when it did not take the call."""
        body = json.dumps(
            {"id": call["id"], "type": call["type"], "alert": call["alert"]}, ensure_ascii=False, separators=(",", ":")
        ).encode()
        headers = {
            "Content-Type": "application/json",
            DELIVERY: call["id"],
            SIGNATURE: signature(self._secret(), body, int(time.time())),
        }
        try:
            status = asyncio.run(self._post(body, headers))
        except (aiohttp.ClientError, OSError, TimeoutError) as problem:
            raise NotTaken(f"{type(problem).__name__}: {problem}"[:300]) from problem
        if not 200 <= status < 300:
            raise NotTaken(f"answered {status}")

    async def _post(self, body: bytes, headers: Mapping[str, str]) -> int:
        timeout = aiohttp.ClientTimeout(total=self._timeout)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            # Where a signed call goes says the setting, and nobody else.
            session.post(self._url, data=body, headers=headers, allow_redirects=False) as answer,
        ):
            return answer.status


def signature(secret: str, body: bytes, at: int) -> str:
    """What shows that a call is ours, and when it was made."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"
