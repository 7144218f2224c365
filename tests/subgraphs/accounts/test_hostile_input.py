"""What no honest client sends: it is refused, and nothing fails inside; on PostgreSQL, which takes less, as on SQLite."""

import base64
import json
from typing import Any

import pytest
import requests

from tests.subgraphs.accounts.system import Accounts, Browser

NUL, LONG = "a\x00b", "x" * 5000
ADMIN = "accounts:read accounts:write"


@pytest.mark.parametrize("value", [NUL, LONG, ""])
class TestOAuth:
    def test_the_token_endpoint_refuses(self, accounts: Accounts, value: str) -> None:
        forms: list[dict[str, str]] = [
            {"grant_type": value},
            {"grant_type": "authorization_code", "client_id": value, "code": "x"},
            {"grant_type": "authorization_code", "code": value, "code_verifier": "x" * 43},
            {"grant_type": "authorization_code", "code": "x", "code_verifier": value},
            {"grant_type": "refresh_token", "refresh_token": value},
            {"grant_type": "client_credentials", "client_id": value, "client_secret": value},
        ]
        for form in forms:
            assert accounts.token(**form).status_code in (400, 401), form

    def test_so_do_basic_credentials(self, accounts: Accounts, value: str) -> None:
        answer = accounts.post(
            "/o/token/", data={"grant_type": "client_credentials"}, auth=(value.encode(), value.encode())
        )
        assert answer.status_code in (400, 401)

    def test_revoking_and_introspecting(self, accounts: Accounts, value: str) -> None:
        for path in ("/o/revoke_token/", "/o/introspect/"):
            for client_id in ("development-spa", value):
                answer = accounts.post(path, data={"client_id": client_id, "token": value})
                assert answer.status_code < 500, (path, client_id)

    def test_asking_for_a_code(self, accounts: Accounts, browser: Browser, value: str) -> None:
        browser.log_in("reviewer")
        for name in (
            "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method", "nonce", "claims",
            "response_type", "prompt",
        ):  # fmt: skip
            changed: Any = {name: value}
            assert browser.authorize(**changed).status_code < 500, name

    def test_the_login_form(self, accounts: Accounts, value: str) -> None:
        for given in ({"role": value, "password": "x"}, {"role": "nobody", "password": value}):
            assert Browser(accounts).log_in(**given).status_code in (200, 400, 429)

    def test_headers_that_are_written_down(self, accounts: Accounts, value: str) -> None:
        browser = Browser(accounts)
        browser.headers["User-Agent"] = value.replace("\x00", "").encode()
        assert browser.log_in("nobody", "x").status_code in (200, 429)


@pytest.mark.parametrize("value", [NUL, LONG])
def test_graphql(accounts: Accounts, value: str) -> None:
    queries = [
        "query ($v: String) { users(after: $v) { nodes { id } } }",
        "query ($v: String) { apiClients(after: $v) { nodes { id } } }",
        "mutation ($v: ID!) { disableUser(id: $v) { problems { code } } }",
        "mutation ($v: ID!) { rotateApiClientSecret(id: $v) { problems { code } } }",
        "mutation ($v: ID!) { deleteApiClient(id: $v) { problems { code } } }",
        "mutation ($v: String!) { createUser(input: {username: $v, email: $v, password: $v}) { problems { code } } }",
        "mutation ($v: String!) { createApiClient(input: {name: $v, roles: [ADMIN]}) { problems { code } } }",
        "mutation ($v: String!) { createApiClient(input: {name: \"x\", redirectUris: [$v]}) { problems { code } } }",
        "mutation ($v: String!) { createApiClient(input: {name: \"x\", redirectUris: [\"https://a.b/\"], "
        "allowedOrigins: [$v]}) { problems { code } } }",
    ]  # fmt: skip
    for query in queries:
        answer = accounts.graphql(query, scope=ADMIN, v=value)
        problems = [error["extensions"]["code"] for error in answer.get("errors", ())] or [
            one["code"] for payload in answer["data"].values() for one in payload["problems"]
        ]
        assert problems, query
        assert "INTERNAL_SERVER_ERROR" not in problems, query
    reference = "query ($all: [_Any!]!) { _entities(representations: $all) { ... on User { email } } }"
    asked = {"all": [{"__typename": "User", "id": value}]}
    assert accounts.graphql(reference, scope=ADMIN, **asked)["data"]["_entities"] == [None]


@pytest.mark.parametrize("position", ["a\x00b", "\ud800"])
def test_a_cursor_of_no_position(accounts: Accounts, position: str) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps([position]).encode()).decode()
    for name in ("users", "apiClients"):
        answer = accounts.graphql(
            f"query ($v: String) {{ {name}(after: $v) {{ nodes {{ id }} }} }}", scope=ADMIN, v=cursor
        )
        assert "is no cursor of this list" in answer["errors"][0]["message"]


def test_nothing_failed_inside(accounts: Accounts) -> None:
    log = (accounts.folder / "log.txt").read_text()
    assert "Traceback" not in log
    assert requests.get(f"{accounts.url}/ready", timeout=20).status_code == 200
