"""Subscribing, as anybody does it."""

import pytest
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from tests.browser.page import DESKTOP, PHONE, Page, Screen
from tests.browser.places import DOUBTFUL, MISTYPED, UNKNOWN, Typed

FIRST_LOAD = 300_000
"""bytes of compressed JavaScript"""
LOADED = """
return performance.getEntriesByType("resource").filter(({ name }) => new URL(name).pathname.endsWith(".js"))
  .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)
"""


@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_mistyped_address_is_found_live_with_its_differences_marked(page: Page, screen: Screen) -> None:
    page.look_with(screen)
    page.open()
    page.fill_in(MISTYPED)
    page.button("Subscribe").click()

    shown = page.see("We know this address")
    assert "A letter to ada@example.org confirms it." in shown
    assert "12 Mulberry Street" in shown
    assert [mark.text for mark in page.driver.find_elements("css selector", "mark")]
    assert page.one(".evidence-score").text.startswith("99.9")
    assert page.barriers() == []


@pytest.mark.parametrize(
    ("typed", "title"), [(DOUBTFUL, "Somebody will have a look"), (UNKNOWN, "This address is new to us")]
)
def test_what_is_not_known_for_sure_says_what_happens_next(page: Page, typed: Typed, title: str) -> None:
    page.open()
    page.fill_in(typed)
    page.button("Subscribe").click()

    assert "ada@example.org" in page.see(title)
    assert page.barriers() == []


def test_all_of_it_can_be_done_by_keyboard(page: Page) -> None:
    page.open()
    Select(page.one("select[name=country]")).select_by_value("AU")
    page.one("input[name=name]").send_keys("Ada Reader", Keys.TAB, "ada@example.org")
    page.press(Keys.TAB)
    page.press(Keys.TAB)
    page.press("12 mulberry wex")
    page.until(lambda: page.driver.find_elements("css selector", "[role=option]"), what="suggestions")
    page.press(Keys.ARROW_DOWN)
    page.press(Keys.ENTER)
    page.until(
        lambda: page.one("input[name=city]").get_property("value") == "Wexley", what="the city of the suggestion"
    )
    page.press(Keys.ENTER)

    page.see("We know this address")


def test_what_the_service_refuses_stands_at_its_field(page: Page) -> None:
    page.open()
    page.fill_in(MISTYPED)
    code = page.one("input[name=postalCode]")
    code.send_keys("-999")
    page.button("Subscribe").click()

    assert "has no" in page.see("of this form")
    assert page.driver.switch_to.active_element == code
    assert page.barriers() == []


def test_the_first_load_is_small_and_everybody_can_read_it(page: Page) -> None:
    page.open()

    assert 0 < page.run(LOADED) < FIRST_LOAD
    assert page.barriers() == []
    page.look_with(PHONE, dark=True)
    assert page.barriers() == []
    assert page.run("return document.documentElement.scrollWidth <= innerWidth"), "it can be scrolled sideways"
