"""Getting, refreshing, checking and revoking tokens, over HTTP against the running service."""

import hashlib
import json
import time
from pathlib import Path
from typing import Any

import jwt
import pytest

from subgraphs.accounts.roles import SCOPES, Role, scopes_of
from tests.subgraphs.accounts.system import REDIRECT, ROLES, Accounts, Browser, sent_back, signing_key


def claims_of(accounts: Accounts, token: str, audience: str = "doorstep") -> dict[str, Any]:
    """Check a token by the published keys alone, as the gateway does."""
    discovered = accounts.get("/o/.well-known/openid-configuration").json()
    key = jwt.PyJWKClient(discovered["jwks_uri"]).get_signing_key_from_jwt(token)
    return dict(jwt.decode(token, key.key, algorithms=["RS256"], audience=audience, issuer=discovered["issuer"]))


def is_listed(accounts: Accounts, token: str) -> bool:
    """Whether the token is among those that were revoked."""
    return hashlib.sha256(token.encode()).hexdigest() in accounts.get("/o/revoked_tokens/").json()["revoked"]


def refreshed(accounts: Accounts, token: str, **form: str) -> Any:
    return accounts.token(grant_type="refresh_token", refresh_token=token, **form)


def test_discovery_names_what_is_there(accounts: Accounts) -> None:
    found = accounts.get("/o/.well-known/openid-configuration").json()
    assert found["issuer"] == f"{accounts.url}/o"
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["response_types_supported"] == ["code"]
    for endpoint in ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"):
        assert accounts.get(found[endpoint].removeprefix(accounts.url)).status_code != 404


def test_a_user_logs_in_and_the_client_gets_a_token_for_what_the_role_allows(
    accounts: Accounts, browser: Browser
) -> None:
    assert sent_back(browser.authorize())["next"].startswith("/o/authorize/")
    assert browser.log_in("reviewer").status_code == 302
    tokens = browser.tokens("openid profile reviews accounts:write")
    claims = claims_of(accounts, tokens["access_token"])
    assert claims["scope"].split() == ["openid", "profile", "reviews"] == tokens["scope"].split()
    assert claims["roles"] == ["reviewer"]
    assert claims["exp"] - claims["iat"] == 600
    assert claims["client_id"] == "development-spa"
    assert jwt.get_unverified_header(tokens["access_token"])["typ"] == "at+jwt"
    known = claims_of(accounts, tokens["id_token"], audience="development-spa")
    assert known["sub"] == claims["sub"]
    told = accounts.get("/o/userinfo/", headers={"Authorization": f"Bearer {tokens['access_token']}"}).json()
    assert (told["sub"], told["preferred_username"]) == (claims["sub"], "reviewer")


def test_the_answer_says_who_issued_the_code(accounts: Accounts, browser: Browser) -> None:
    browser.log_in("reviewer")
    back = sent_back(browser.authorize())
    assert (back["iss"], back["state"]) == (f"{accounts.url}/o", "abc")


@pytest.mark.parametrize(
    "changed",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"response_type": "token"},
        {"scope": "everything"},
    ],
    ids=["no PKCE", "plain PKCE", "implicit grant", "unknown scope"],
)
def test_no_code_without_what_the_protocol_asks_for(browser: Browser, changed: dict[str, str | None]) -> None:
    browser.log_in("reviewer")
    answer = browser.authorize(**changed)  # type: ignore[arg-type]
    assert "code=" not in answer.headers.get("Location", "")
    assert answer.status_code >= 400 or "error=" in answer.headers["Location"]


def test_nobody_is_sent_to_an_address_that_is_not_registered(browser: Browser) -> None:
    browser.log_in("reviewer")
    answer = browser.authorize(redirect_uri="http://127.0.0.1:5173.example.org/")
    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_a_code_needs_its_verifier_and_is_good_once(accounts: Accounts, browser: Browser) -> None:
    browser.log_in("reviewer")
    form = {"grant_type": "authorization_code", "code": browser.code(), "redirect_uri": REDIRECT}
    wrong = accounts.token(**form, code_verifier="x" * 60)
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_grant")
    form["code"] = browser.code()
    assert accounts.token(**form).status_code == 400
    form["code"] = browser.code()
    assert accounts.token(**form, code_verifier=browser.verifier).status_code == 200
    assert accounts.token(**form, code_verifier=browser.verifier).json()["error"] == "invalid_grant"


def test_the_page_of_a_client_may_read_its_tokens_and_another_page_may_not(
    accounts: Accounts, browser: Browser
) -> None:
    browser.log_in("reviewer")
    for origin, allowed in (("http://127.0.0.1:5173", "http://127.0.0.1:5173"), ("http://127.0.0.1:5174", None)):
        form = {"grant_type": "authorization_code", "client_id": "development-spa", "redirect_uri": REDIRECT}
        answer = accounts.post(
            "/o/token/",
            data={**form, "code": browser.code(), "code_verifier": browser.verifier},
            headers={"Origin": origin},
        )
        assert (answer.status_code, answer.headers.get("Access-Control-Allow-Origin")) == (200, allowed)


def test_a_refresh_token_is_good_once_and_using_it_twice_ends_the_family(accounts: Accounts, browser: Browser) -> None:
    browser.log_in("operator")
    first = browser.tokens("openid batches")
    second = refreshed(accounts, first["refresh_token"]).json()
    assert claims_of(accounts, second["access_token"])["scope"] == "openid batches"
    assert refreshed(accounts, first["refresh_token"]).status_code == 400
    assert refreshed(accounts, second["refresh_token"]).status_code == 400


def test_a_revoked_refresh_token_is_good_for_nothing(accounts: Accounts, browser: Browser) -> None:
    browser.log_in("operator")
    token = browser.tokens()["refresh_token"]
    assert accounts.post("/o/revoke_token/", data={"client_id": "development-spa", "token": token}).status_code == 200
    assert refreshed(accounts, token).status_code == 400


def test_a_revoked_access_token_is_listed_until_it_ends(accounts: Accounts, browser: Browser) -> None:
    browser.log_in("operator")
    for revoked in ("access_token", "refresh_token"):
        tokens = browser.tokens()
        assert not is_listed(accounts, tokens["access_token"])
        form = {"client_id": "development-spa", "token": tokens[revoked]}
        assert accounts.post("/o/revoke_token/", data=form).status_code == 200
        assert is_listed(accounts, tokens["access_token"])


def test_a_token_that_was_refreshed_stays_good_until_it_ends_but_not_that_of_a_thief(
    accounts: Accounts, browser: Browser
) -> None:
    browser.log_in("operator")
    first = browser.tokens()
    second = refreshed(accounts, first["refresh_token"]).json()
    assert not is_listed(accounts, first["access_token"])
    refreshed(accounts, first["refresh_token"])  # once more: one of the two was not the client
    assert is_listed(accounts, second["access_token"])


def test_a_token_that_has_ended_is_listed_no_more(tmp_path: Path) -> None:
    with Accounts(tmp_path, [signing_key()], more={"ACCOUNTS_ACCESS_TOKEN_SECONDS": "3"}).running() as accounts:
        token = accounts.client_token("reviewer").json()["access_token"]
        auth = ("development-reviewer", accounts.secrets["reviewer"])
        accounts.post("/o/revoke_token/", data={"token": token}, auth=auth)
        assert is_listed(accounts, token)
        deadline = time.monotonic() + 20
        while is_listed(accounts, token):
            assert time.monotonic() < deadline
        assert accounts.get("/o/revoked_tokens/").json() == {"revoked": []}


def test_a_list_of_revoked_tokens_that_is_known_is_not_sent_again(accounts: Accounts) -> None:
    answer = accounts.get("/o/revoked_tokens/")
    again = accounts.get("/o/revoked_tokens/", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("role", ROLES)
def test_a_client_gets_what_its_own_role_allows(accounts: Accounts, role: str) -> None:
    answer = accounts.client_token(role).json()
    claims = claims_of(accounts, answer["access_token"])
    assert (claims["sub"], claims["roles"]) == (f"development-{role}", [role])
    assert "refresh_token" not in answer
    assert set(claims["scope"].split()) == scopes_of([Role(role)])
    for beyond in set(SCOPES) - scopes_of([Role(role)]):
        assert accounts.client_token(role, scope=beyond).json()["error"] == "invalid_scope"


def test_a_client_needs_its_secret(accounts: Accounts) -> None:
    form = {"grant_type": "client_credentials"}
    assert accounts.post("/o/token/", data=form, auth=("development-admin", "guessed")).status_code == 401


def test_only_clients_may_look_into_tokens(accounts: Accounts) -> None:
    token = accounts.client_token("reviewer").json()["access_token"]
    assert accounts.post("/o/introspect/", data={"token": token}).status_code in {401, 403}
    auth = ("development-admin", accounts.secrets["admin"])
    told = accounts.post("/o/introspect/", data={"token": token}, auth=auth).json()
    assert (told["active"], told["client_id"]) == (True, "development-reviewer")


def test_a_new_key_signs_while_tokens_of_the_old_one_stay_good(tmp_path: Path) -> None:
    old = signing_key()
    accounts = Accounts(tmp_path, [old])
    with accounts.running():
        before = accounts.client_token("reviewer").json()["access_token"]
    accounts.keys = [signing_key(), old]
    with accounts.running():
        after = accounts.client_token("reviewer").json()["access_token"]
        assert claims_of(accounts, before)["sub"] == claims_of(accounts, after)["sub"]
    assert jwt.get_unverified_header(before)["kid"] != jwt.get_unverified_header(after)["kid"]


def test_a_key_is_changed_in_a_file_while_the_service_runs(tmp_path: Path) -> None:
    file, old, new = tmp_path / "keys.json", signing_key(), signing_key()
    file.write_text(json.dumps([old]))
    accounts = Accounts(tmp_path, [], more={"ACCOUNTS_SIGNING_KEYS": "", "ACCOUNTS_SIGNING_KEYS_FILE": str(file)})
    with accounts.running():
        browser = Browser(accounts)
        browser.log_in("reviewer")
        before = browser.tokens()
        written = tmp_path / "keys.new"
        written.write_text(json.dumps([new, old]))
        written.replace(file)
        after = refreshed(accounts, before["refresh_token"]).json()
        for tokens in (before, after):
            assert claims_of(accounts, tokens["access_token"])["roles"] == ["reviewer"]
            assert claims_of(accounts, tokens["id_token"], "development-spa")["aud"] == "development-spa"
        kids = [
            jwt.get_unverified_header(tokens[name])["kid"]
            for tokens in (before, after)
            for name in ("access_token", "id_token")
        ]
        assert kids[0] == kids[1] != kids[2] == kids[3]
        file.write_text(json.dumps([new]))
        published = accounts.get("/o/.well-known/jwks.json").json()["keys"]
        assert [key["kid"] for key in published] == [kids[2]]
