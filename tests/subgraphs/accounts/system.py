"""The accounts service as a process of its own, and a browser that logs in."""

import base64
import hashlib
import json
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from docker.local.ports import pick_free
from subgraphs.chassis.identity import TOKEN_HEADER, sign
from tests.subgraphs.service import KEYS, PUBLIC_KEYS

REPOSITORY = Path(__file__).parents[3]
REDIRECT = "http://127.0.0.1:5173/"
ROLES = ("subscriber", "reviewer", "operator", "admin")


def signing_key() -> str:
    """A new key as the setting carries it."""
    key = rsa.generate_private_key(65537, 2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@dataclass
class Accounts:
    """One running service and what it was set up with."""

    folder: Path
    keys: list[str]
    more: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=lambda: pick_free(1)[0])
    passwords: Mapping[str, str] = field(default_factory=lambda: {role: secrets.token_urlsafe(16) for role in ROLES})
    secrets: Mapping[str, str] = field(default_factory=lambda: {role: secrets.token_urlsafe(32) for role in ROLES})

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def environment(self, **more: str) -> dict[str, str]:
        """Everything its settings read."""
        development = {
            "passwords": self.passwords,
            "secrets": self.secrets,
            "redirect_uris": [REDIRECT],
            "origins": ["http://127.0.0.1:5173"],
        }
        return {
            **os.environ,
            "SECRET_KEY": "only for this test",
            "SERVICE_PUBLIC_KEYS": json.dumps(PUBLIC_KEYS),
            "ACCOUNTS_DATABASE_URL": f"sqlite:///{self.folder}/accounts.sqlite3",
            "ACCOUNTS_PUBLIC_URL": self.url,
            "ACCOUNTS_SIGNING_KEYS": json.dumps(self.keys),
            "ACCOUNTS_HTTP_CLIENTS": "yes",
            "ACCOUNTS_DEVELOPMENT": json.dumps(development),
            **self.more,
            **more,
        }

    @contextmanager
    def running(self) -> Iterator["Accounts"]:
        """Prepare the tables and serve until left."""
        command = [sys.executable, "-m", "subgraphs.accounts"]
        subprocess.run([*command, "prepare"], cwd=REPOSITORY, env=self.environment(), check=True)
        log = (self.folder / "log.txt").open("a")
        serving = subprocess.Popen(
            [*command, "serve", "--port", str(self.port)],
            cwd=REPOSITORY,
            env=self.environment(),
            stdout=log,
            stderr=log,
        )
        try:
            _wait_until_ready(self.url, serving)
            yield self
        finally:
            serving.terminate()
            serving.wait(20)
            log.close()

    def get(self, path: str, **more: Any) -> requests.Response:
        """Ask without a browser."""
        return requests.get(self.url + path, timeout=20, **more)

    def post(self, path: str, **more: Any) -> requests.Response:
        """Send without a browser."""
        return requests.post(self.url + path, timeout=20, **more)

    def token(self, **form: str) -> requests.Response:
        """Ask the token endpoint as the public client."""
        return self.post("/o/token/", data={"client_id": "development-spa", **form})

    def client_token(self, role: str, **form: str) -> requests.Response:
        """Ask the token endpoint as the development client of a role."""
        return self.post(
            "/o/token/",
            data={"grant_type": "client_credentials", **form},
            auth=(f"development-{role}", self.secrets[role]),
        )

    def graphql(self, query: str, *, scope: str | None = None, subject: str = "x", **variables: Any) -> Any:
        """Ask as the gateway does, for a caller with these scopes; ``None``: for nobody who is known."""
        about = {} if scope is None else {"subject": subject, "claims": {"scope": scope}}
        token = sign("accounts", issuer="gateway", key=KEYS["gateway"], **about)  # type: ignore[arg-type]
        body = {"query": query, "variables": variables}
        return self.post("/graphql", json=body, headers={TOKEN_HEADER: token}).json()


class Browser(requests.Session):
    """Logs in and is sent back with a code."""

    def __init__(self, accounts: Accounts) -> None:
        super().__init__()
        self.accounts = accounts
        self.verifier = secrets.token_urlsafe(48)

    def log_in(self, role: str, password: str | None = None, next: str = "/o/authorize/") -> requests.Response:
        """Fill in the form."""
        page = self.get(f"{self.accounts.url}/login/", params={"next": next}, timeout=20)
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert found, page.text
        form = {
            "csrfmiddlewaretoken": found[1],
            "username": role,
            "password": self.accounts.passwords[role] if password is None else password,
            "next": next,
        }
        return self.post(f"{self.accounts.url}/login/", data=form, timeout=20, allow_redirects=False)

    def authorize(self, scope: str = "openid", **changed: str | None) -> requests.Response:
        """Ask for a code; a parameter that is ``None`` is left out."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        asked: dict[str, str | None] = {
            "response_type": "code",
            "client_id": "development-spa",
            "redirect_uri": REDIRECT,
            "scope": scope,
            "state": "abc",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **changed,
        }
        return self.get(f"{self.accounts.url}/o/authorize/", params=asked, timeout=20, allow_redirects=False)

    def code(self, scope: str = "openid") -> str:
        """A fresh code."""
        answer = self.authorize(scope)
        assert answer.status_code == 302, answer.text
        return sent_back(answer)["code"]

    def tokens(self, scope: str = "openid") -> dict[str, Any]:
        """What the code is good for."""
        form = {"grant_type": "authorization_code", "code": self.code(scope), "redirect_uri": REDIRECT}
        answer = self.accounts.token(**form, code_verifier=self.verifier)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


def sent_back(answer: requests.Response) -> dict[str, str]:
    """The parameters in the address that the browser is sent to."""
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def _wait_until_ready(url: str, serving: subprocess.Popen[bytes]) -> None:
    adapter = requests.adapters.HTTPAdapter(
        max_retries=requests.packages.urllib3.util.Retry(total=100, connect=100, backoff_factor=0.1, backoff_max=0.3)  # type: ignore[attr-defined]
    )
    with requests.Session() as session:
        session.mount("http://", adapter)
        ready = session.get(f"{url}/ready", timeout=20)
    assert serving.poll() is None
    assert ready.status_code == 200, ready.text
