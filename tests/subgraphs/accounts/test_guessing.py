"""Passwords and secrets are not guessed, and nobody is locked out by somebody else who tries."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.subgraphs.accounts.system import Accounts, Browser, signing_key


@contextmanager
def service(folder: Path, **limits: str) -> Iterator[Accounts]:
    """With limits of its own. Addresses are what a proxy on this machine says, as uvicorn believes it."""
    with Accounts(folder, [signing_key()], more=limits).running() as accounts:
        yield accounts


def tried(accounts: Accounts, name: str, password: str | None = "wrong", address: str = "10.0.0.1") -> int:
    """The status of a login from there; without a password the right one."""
    browser = Browser(accounts)
    browser.headers["X-Forwarded-For"] = address
    return browser.log_in(name, password).status_code


def test_after_five_wrong_passwords_none_is_looked_at(tmp_path: Path) -> None:
    with service(tmp_path) as accounts:
        assert [tried(accounts, "reviewer") for _ in range(5)] == [200, 200, 200, 200, 429]
        assert tried(accounts, "reviewer", None) == 429
        assert tried(accounts, "operator", None) == 302
        assert tried(accounts, "reviewer", None, address="10.0.0.2") == 302


def test_one_password_for_many_names_ends_for_the_address(tmp_path: Path) -> None:
    with service(tmp_path, ACCOUNTS_LOGIN_ADDRESS_FAILURES="6") as accounts:
        assert [tried(accounts, f"nobody{number}") for number in range(7)] == [200] * 6 + [429]
        assert tried(accounts, "reviewer", None) == 429
        assert tried(accounts, "reviewer", None, address="10.0.0.2") == 302


def test_many_addresses_for_one_name_end_for_all_but_the_owner(tmp_path: Path) -> None:
    with service(tmp_path, ACCOUNTS_LOGIN_NAME_FAILURES="6") as accounts:
        owner = Browser(accounts)
        assert owner.log_in("reviewer").status_code == 302
        owner.cookies.clear("127.0.0.1", "/", "sessionid")  # logged out since
        addresses = [f"10.0.1.{number}" for number in range(7)]
        assert [tried(accounts, "reviewer", address=each) for each in addresses] == [200] * 6 + [429]
        assert tried(accounts, "reviewer", None, address="10.0.2.1") == 429

        assert owner.log_in("reviewer").status_code == 302
        # What makes a browser known is made for one name and cannot be made by others.
        other = Browser(accounts)
        assert other.log_in("operator").status_code == 302
        assert other.log_in("reviewer").status_code == 429
        forged = Browser(accounts)
        forged.cookies.set("known_browser", "reviewer:1:x", path="/login/")
        assert forged.log_in("reviewer").status_code == 429


def test_wrong_secrets_end_for_the_address_and_right_ones_do_not(tmp_path: Path) -> None:
    with service(tmp_path, ACCOUNTS_WRONG_SECRETS="4") as accounts:

        def asked(secret: str, address: str = "10.0.0.1") -> int:
            return accounts.post(
                "/o/token/",
                data={"grant_type": "client_credentials"},
                auth=("development-reviewer", secret),
                headers={"X-Forwarded-For": address},
            ).status_code

        right = accounts.secrets["reviewer"]
        assert [asked(right) for _ in range(6)] == [200] * 6
        assert [asked("wrong") for _ in range(5)] == [401] * 4 + [429]
        assert asked(right) == 429
        assert asked(right, "10.0.0.2") == 200
