"""The review queue, as reviewers work on it."""

from collections.abc import Iterator

import pytest
from selenium.webdriver import Chrome

from docker.local.settings import LocalSettings
from tests.browser.conftest import CHROMIUM, DRIVER
from tests.browser.page import PHONE, Page, browser
from tests.browser.places import DOUBTFUL, Typed


@pytest.fixture
def colleague(system: LocalSettings) -> Iterator[Page]:
    """Another person, at a browser of their own."""
    assert CHROMIUM
    assert DRIVER
    opened: Chrome = browser(CHROMIUM, DRIVER)
    tab = Page(opened, system.url("gateway", ""))
    tab.forget()
    yield tab
    opened.quit()


def doubt(page: Page, street: str) -> None:
    """Subscribe with an address that a person has to look at."""
    page.open()
    page.fill_in(Typed(f"12 {street} St", DOUBTFUL.postal_code, DOUBTFUL.city))
    page.button("Subscribe").click()
    page.see("Somebody will have a look")


def count(page: Page) -> int:
    return int(page.one(".reviews-count strong").text)


def test_a_doubtful_match_is_decided_by_keyboard_and_taken_back(page: Page, passwords: dict[str, str]) -> None:
    doubt(page, "Orchard")
    page.open("/reviews")
    page.sign_in("reviewer", passwords["reviewer"])
    assert "12 Orchard St" in page.see("It may be") or count(page) > 1
    assert page.barriers() == []
    waiting = count(page)

    page.press("a")
    page.see("Undo")
    page.until(lambda: count(page) == waiting - 1, what="one fewer")
    page.press("u")
    page.until(lambda: count(page) == waiting, what="it to be back")
    page.until(lambda: not page.driver.find_elements("css selector", ".reviews-last"), what="nothing to take back")

    page.press("r")
    page.see("rejected")
    page.press("n")
    page.see("is a new address")
    page.look_with(PHONE)
    assert page.barriers() == []


def test_two_reviewers_never_get_the_same_item_and_the_count_is_live(
    page: Page, colleague: Page, passwords: dict[str, str]
) -> None:
    for street in ("Chapel", "Foundry"):
        doubt(page, street)
    page.open("/reviews")
    page.sign_in("reviewer", passwords["reviewer"])
    mine = page.see("It may be")
    colleague.open("/reviews")
    colleague.sign_in("admin", passwords["admin"])
    theirs = colleague.see("It may be")

    def typed(tab: Page) -> str:
        return tab.one(".compared tbody td").text

    assert typed(page) != typed(colleague), (mine, theirs)
    before = count(colleague)
    page.press("n")
    colleague.until(lambda: count(colleague) == before - 1, what="the count to follow")


def test_who_is_no_reviewer_is_told_whose_page_it_is(page: Page, passwords: dict[str, str]) -> None:
    page.open("/reviews")
    page.see("Please sign in")
    page.sign_in("subscriber", passwords["subscriber"])
    page.see("This page is not for your role")
    page.button("Sign out").click()
    page.see("Please sign in")


def test_who_has_signed_out_is_asked_again_who_they_are(page: Page, passwords: dict[str, str]) -> None:
    page.open("/reviews")
    page.sign_in("reviewer", passwords["reviewer"])
    page.open("/reviews")
    page.button("Sign out").click()
    page.sign_in("admin", passwords["admin"])
    assert page.one(".account-roles").text == "admin"
