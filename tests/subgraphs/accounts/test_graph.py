"""Users and API clients through GraphQL: who may, what is refused, what follows."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.subgraphs.accounts.system import REPOSITORY, Accounts, Browser
from tests.subgraphs.accounts.test_tokens import is_listed
from tests.subgraphs.descriptions import undescribed

ADMIN = "accounts:read accounts:write"
CREATE = """mutation ($input: CreateUserInput!) { createUser(input: $input) {
  user { id username roles isActive } problems { field code } } }"""
CREATE_CLIENT = """mutation ($input: CreateApiClientInput!) { createApiClient(input: $input) {
  apiClient { id isPublic roles } secret problems { field code } } }"""

GUARDED = {
    "users": "{ users { nodes { id } } }",
    "apiClients": "{ apiClients { nodes { id } } }",
    "createUser": 'mutation { createUser(input: {username: "", email: "", password: ""}) { problems { code } } }',
    "disableUser": 'mutation { disableUser(id: "x") { problems { code } } }',
    "enableUser": 'mutation { enableUser(id: "x") { problems { code } } }',
    "giveRole": 'mutation { giveRole(id: "x", role: ADMIN) { problems { code } } }',
    "takeRole": 'mutation { takeRole(id: "x", role: ADMIN) { problems { code } } }',
    "createApiClient": 'mutation { createApiClient(input: {name: ""}) { problems { code } } }',
    "rotateApiClientSecret": 'mutation { rotateApiClientSecret(id: "x") { problems { code } } }',
    "deleteApiClient": 'mutation { deleteApiClient(id: "x") { problems { code } } }',
}


def made(accounts: Accounts, username: str, *roles: str) -> dict[str, Any]:
    user = {"username": username, "email": f"{username}@example.org", "password": accounts.passwords["admin"] + "!x"}
    payload = accounts.graphql(CREATE, scope=ADMIN, input={**user, "roles": list(roles)})["data"]["createUser"]
    assert payload["problems"] == []
    return dict(payload["user"])


@pytest.mark.parametrize("name", GUARDED)
def test_others_than_admins_are_kept_away(accounts: Accounts, name: str) -> None:
    for scope in (None, "openid reviews batches operations subscriptions:own"):
        answer = accounts.graphql(GUARDED[name], scope=scope)
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    assert "errors" not in accounts.graphql(GUARDED[name], scope=ADMIN)


def test_the_list_of_guarded_fields_is_whole(accounts: Accounts) -> None:
    query = "{ __schema { queryType { fields { name } } mutationType { fields { name } } } }"
    schema = accounts.graphql(query, scope=ADMIN)["data"]["__schema"]
    fields = {each["name"] for kind in schema.values() for each in kind["fields"]}
    assert fields - {"me", "_entities", "_service"} == set(GUARDED)


def test_me_is_who_asks(accounts: Accounts) -> None:
    user = made(accounts, "ada", "REVIEWER")
    assert accounts.graphql("{ me { username roles } }", scope="openid", subject=user["id"])["data"]["me"] == {
        "username": "ada",
        "roles": ["REVIEWER"],
    }
    assert accounts.graphql("{ me { id } }", scope="openid", subject="a-program")["data"]["me"] is None
    assert accounts.graphql("{ me { id } }")["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_others_see_no_user_by_reference(accounts: Accounts) -> None:
    user = made(accounts, "grace")
    query = "query ($all: [_Any!]!) { _entities(representations: $all) { ... on User { email } } }"
    asked = {"all": [{"__typename": "User", "id": user["id"]}]}
    assert accounts.graphql(query, scope="reviews", **asked)["data"]["_entities"] == [None]
    found = accounts.graphql(query, scope="accounts:read", **asked)["data"]["_entities"]
    assert found == [{"email": "grace@example.org"}]


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"username": "a b"}, ("username", "INVALID_USERNAME")),
        ({"username": ""}, ("username", "BLANK")),
        ({"username": "admin"}, ("username", "TAKEN")),
        ({"email": "nobody"}, ("email", "INVALID_EMAIL")),
        ({"email": "ADMIN@example.org"}, ("email", "TAKEN")),
        ({"password": "password1234"}, ("password", "WEAK_PASSWORD")),
        ({"password": ""}, ("password", "BLANK")),
    ],
)
def test_a_user_who_cannot_be_made(accounts: Accounts, changed: dict[str, str], problem: tuple[str, str]) -> None:
    good = {"username": "mary", "email": "mary@example.org", "password": "long enough to be safe"}
    payload = accounts.graphql(CREATE, scope=ADMIN, input=good | changed)["data"]["createUser"]
    assert payload["user"] is None
    assert [(each["field"], each["code"]) for each in payload["problems"]] == [problem]


def test_roles_are_given_and_taken(accounts: Accounts) -> None:
    id = made(accounts, "katherine")["id"]
    give = "mutation ($id: ID!, $role: Role!) { giveRole(id: $id, role: $role) { user { roles } } }"
    take = "mutation ($id: ID!, $role: Role!) { takeRole(id: $id, role: $role) { user { roles } } }"
    for _ in range(2):
        answer = accounts.graphql(give, scope=ADMIN, id=id, role="OPERATOR")
        assert answer["data"]["giveRole"]["user"] == {"roles": ["OPERATOR"]}
    assert accounts.graphql(take, scope=ADMIN, id=id, role="OPERATOR")["data"]["takeRole"]["user"] == {"roles": []}


def test_whoever_loses_a_role_needs_another_token(accounts: Accounts, browser: Browser) -> None:
    id = made(accounts, "chien", "REVIEWER")["id"]
    browser.log_in("chien", accounts.passwords["admin"] + "!x")
    tokens = browser.tokens("openid reviews")
    take = "mutation ($id: ID!) { takeRole(id: $id, role: REVIEWER) { user { roles } } }"
    accounts.graphql(take, scope=ADMIN, id=id)
    assert is_listed(accounts, tokens["access_token"])
    after = accounts.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]).json()
    assert after["scope"] == "openid"
    assert not is_listed(accounts, after["access_token"])


def test_the_last_admin_stays(accounts: Accounts) -> None:
    users = accounts.graphql("{ users(first: 100) { nodes { id roles } } }", scope=ADMIN)["data"]["users"]["nodes"]
    (admin,) = (user["id"] for user in users if "ADMIN" in user["roles"])
    for what in ("disableUser(id: $id)", "takeRole(id: $id, role: ADMIN)"):
        answer = accounts.graphql(
            f"mutation ($id: ID!) {{ it: {what} {{ problems {{ code }} }} }}", scope=ADMIN, id=admin
        )
        assert answer["data"]["it"]["problems"] == [{"code": "LAST_ADMIN"}]


def test_of_two_admins_who_disable_each_other_at_once_one_stays(accounts: Accounts) -> None:
    users = accounts.graphql("{ users(first: 100) { nodes { id roles } } }", scope=ADMIN)["data"]["users"]["nodes"]
    (first,) = (user["id"] for user in users if "ADMIN" in user["roles"])
    second = made(accounts, "hedy", "ADMIN")["id"]
    disable = "mutation ($id: ID!) { it: disableUser(id: $id) { problems { code } } }"
    enable = "mutation ($id: ID!) { it: enableUser(id: $id) { problems { code } } }"
    for _ in range(8):
        with ThreadPoolExecutor(2) as together:
            answers = list(together.map(lambda who: accounts.graphql(disable, scope=ADMIN, id=who), (first, second)))
        codes = sorted(str(answer["data"]["it"]["problems"]) for answer in answers)
        assert codes == ["[]", "[{'code': 'LAST_ADMIN'}]"]
        for id in (first, second):
            accounts.graphql(enable, scope=ADMIN, id=id)
    take = "mutation ($id: ID!) { takeRole(id: $id, role: ADMIN) { problems { code } } }"
    assert accounts.graphql(take, scope=ADMIN, id=second)["data"]["takeRole"]["problems"] == []


def test_of_many_who_want_one_name_at_once_one_gets_it(accounts: Accounts) -> None:
    def wanted(number: int) -> Any:
        user = {"username": "everybody", "email": f"e{number}@example.org", "password": "long enough to be safe"}
        return accounts.graphql(CREATE, scope=ADMIN, input=user)["data"]["createUser"]["problems"]

    with ThreadPoolExecutor(4) as together:
        problems = list(together.map(wanted, range(4)))
    assert sorted(problems, key=len) == [[], *[[{"field": "username", "code": "TAKEN"}]] * 3]


def test_a_disabled_user_is_out_at_once(accounts: Accounts, browser: Browser) -> None:
    id = made(accounts, "rosalind", "REVIEWER")["id"]
    assert browser.log_in("rosalind", accounts.passwords["admin"] + "!x").status_code == 302
    tokens = browser.tokens()
    disable = "mutation ($id: ID!) { disableUser(id: $id) { user { isActive } } }"
    assert accounts.graphql(disable, scope=ADMIN, id=id)["data"]["disableUser"]["user"] == {"isActive": False}
    assert accounts.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]).status_code == 400
    assert is_listed(accounts, tokens["access_token"])
    assert "/login/" in browser.authorize().headers["Location"]
    assert Browser(accounts).log_in("rosalind", accounts.passwords["admin"] + "!x").status_code == 200


def test_a_client_gets_a_secret_another_one_and_is_deleted(accounts: Accounts) -> None:
    wanted = {"name": "Nightly", "roles": ["OPERATOR"]}
    payload = accounts.graphql(CREATE_CLIENT, scope=ADMIN, input=wanted)["data"]["createApiClient"]
    id, secret = payload["apiClient"]["id"], payload["secret"]

    def status(secret: str) -> int:
        return accounts.post("/o/token/", data={"grant_type": "client_credentials"}, auth=(id, secret)).status_code

    by_the_old_one = accounts.post("/o/token/", data={"grant_type": "client_credentials"}, auth=(id, secret)).json()[
        "access_token"
    ]
    rotate = "mutation ($id: ID!) { rotateApiClientSecret(id: $id) { secret } }"
    another = accounts.graphql(rotate, scope=ADMIN, id=id)["data"]["rotateApiClientSecret"]["secret"]
    assert (status(secret), status(another)) == (401, 200)
    assert is_listed(accounts, by_the_old_one)
    delete = "mutation ($id: ID!) { deleteApiClient(id: $id) { apiClient { id } } }"
    assert accounts.graphql(delete, scope=ADMIN, id=id)["data"]["deleteApiClient"]["apiClient"] == {"id": id}
    assert status(another) == 401


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"roles": []}, "BLANK"),
        ({"roles": ["ADMIN"], "redirectUris": ["https://app.example.org/"]}, "ROLES_OF_PUBLIC_CLIENT"),
        ({"redirectUris": ["javascript:alert(1)"]}, "INVALID_URI"),
    ],
)
def test_a_client_that_cannot_be_made(accounts: Accounts, wanted: dict[str, Any], code: str) -> None:
    answer = accounts.graphql(CREATE_CLIENT, scope=ADMIN, input={"name": "App", **wanted})
    payload = answer["data"]["createApiClient"]
    assert (payload["apiClient"], [each["code"] for each in payload["problems"]]) == (None, [code])


def test_a_public_client_has_no_secret(accounts: Accounts) -> None:
    wanted = {"name": "App", "redirectUris": ["https://app.example.org/"]}
    payload = accounts.graphql(CREATE_CLIENT, scope=ADMIN, input=wanted)["data"]["createApiClient"]
    assert (payload["apiClient"]["isPublic"], payload["secret"]) == (True, None)


def test_the_graph_is_for_the_gateway_alone(accounts: Accounts) -> None:
    assert accounts.post("/graphql", json={"query": "{ me { id } }"}).status_code == 401


def test_the_committed_schema_is_that_of_the_code(accounts: Accounts) -> None:
    command = [sys.executable, "-m", "subgraphs.accounts", "check"]
    checked = subprocess.run(command, cwd=REPOSITORY, env=accounts.environment(), capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr


def test_everything_in_the_schema_is_described() -> None:
    sdl = (REPOSITORY / "subgraphs/accounts/schema.graphql").read_text()
    assert undescribed(sdl) == []
