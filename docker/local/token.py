"""``make token ROLE=reviewer``: an access token for the running system, by a grant that scripts have as well."""

import base64
import json
import sys
import urllib.error
import urllib.parse
import urllib.request

from docker.local.keys import ROLES, load_or_make
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
    secret = load_or_make(settings.state).client_secrets[role]
    credentials = base64.b64encode(f"development-{role}:{secret}".encode()).decode()
    request = urllib.request.Request(
        settings.url("accounts", "/o/token/"),
        data=urllib.parse.urlencode({"grant_type": "client_credentials"}).encode(),
        headers={"Authorization": f"Basic {credentials}"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return str(json.load(answer)["access_token"])


def _said(problem: OSError) -> str:
    if isinstance(problem, urllib.error.HTTPError):
        return problem.read(500).decode(errors="replace")
    return str(getattr(problem, "reason", problem))
