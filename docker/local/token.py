"""``make token ROLE=reviewer``: an access token for the running system, by a grant that scripts have as well."""

import asyncio
import base64
import json
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

from docker.local.keys import ROLES, load_or_make
from docker.local.running import Reached
from docker.local.settings import LocalSettings


def print_token(settings: LocalSettings, role: str) -> int:
    """Print a token of the development client of this role; 2 if there is no such role, 1 if nobody answers."""
    if role not in ROLES:
        print(f"ROLE={role!r} is no role; there are: {', '.join(ROLES)}", file=sys.stderr)
        return 2
    try:
        print(access_token(settings, role))
    except OSError as problem:
        print(f"no token: {_said(problem)}; is the system up (make up)?", file=sys.stderr)
        return 1
    return 0


def access_token(settings: LocalSettings, role: str) -> str:
    """
    A token with everything that the role may do, from the running accounts service.

    :raises OSError: nobody answers there, or not with a token.
    """
    return str(_granted(settings, role)["access_token"])


class AccessTokens:
    """Tokens of one role for a client that goes on for longer than one of them lives."""

    def __init__(self, settings: LocalSettings, role: str) -> None:
        self._settings = settings
        self._role = role
        self._token = ""
        self._until = 0.0

    async def __call__(self) -> str:
        """
        A token that is good for a while.

        :raises OSError: nobody answers there, or not with a token.
        """
        if time.monotonic() > self._until:
            granted = await asyncio.to_thread(_granted, self._settings, self._role)
            self._token, self._until = str(granted["access_token"]), time.monotonic() + granted["expires_in"] / 2
        return self._token


def _granted(settings: LocalSettings, role: str) -> dict[str, Any]:
    refused: OSError | None = None
    reached = Reached.find(settings)
    for secret in _secrets(settings.state, role, in_containers=reached.tls is not None):
        credentials = base64.b64encode(f"development-{role}:{secret}".encode()).decode()
        request = urllib.request.Request(
            reached.url("accounts", "/o/token/"),
            data=urllib.parse.urlencode({"grant_type": "client_credentials"}).encode(),
            headers={"Authorization": f"Basic {credentials}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=10, context=reached.tls) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError as problem:
            if problem.code != HTTPStatus.UNAUTHORIZED:
                raise
            refused = problem
    raise refused or OSError("no secret is known")


def _secrets(state: Path, role: str, *, in_containers: bool) -> Iterator[str]:
    """Of the system that runs here, and of the one in containers, if there is one; the likelier first."""
    of_containers = _secret_of_containers(state, role)
    known = [load_or_make(state).client_secrets[role], *([of_containers] if of_containers else [])]
    yield from reversed(known) if in_containers else known


def _secret_of_containers(state: Path, role: str) -> str | None:
    containers = state / "docker.env"
    said = containers.read_text() if containers.exists() else ""
    found = re.search(r"^ACCOUNTS_DEVELOPMENT='(.*)'$", said, re.MULTILINE)
    return json.loads(found[1])["secrets"][role] if found else None


def _said(problem: OSError) -> str:
    if isinstance(problem, urllib.error.HTTPError):
        return problem.read(500).decode(errors="replace")
    return str(getattr(problem, "reason", problem))
