"""``make screenshots``: pictures of the pages for the README, taken of the running system."""

import asyncio
import sys
from pathlib import Path

from docker.local.demo.client import GraphQLClient
from docker.local.keys import load_or_make
from docker.local.settings import REPOSITORY, LocalSettings
from docker.local.token import AccessTokens
from tests.browser import places
from tests.browser.conftest import CHROMIUM, DRIVER
from tests.browser.page import DESKTOP, PHONE, Page, browser
from tests.journeys.steps import import_addresses

FOLDER = REPOSITORY / "frontend/screenshots"
LOOKS = {
    "desktop": (DESKTOP, False),
    "desktop-dark": (DESKTOP, True),
    "phone": (PHONE, False),
    "phone-dark": (PHONE, True),
}


def main() -> int:
    """Take all of them."""
    if not (CHROMIUM and DRIVER):
        print("no Chromium with its driver: apt-get install chromium chromium-driver", file=sys.stderr)
        return 1
    settings = LocalSettings.from_environment()
    FOLDER.mkdir(exist_ok=True)
    asyncio.run(_import_register(settings))
    driver = browser(CHROMIUM, DRIVER)
    try:
        page = Page(driver, settings.url("gateway", ""))
        page.forget()
        subscribe(page)
        reviews(page, load_or_make(settings.state).passwords["reviewer"])
    finally:
        driver.quit()
    return 0


def subscribe(page: Page) -> None:
    """The form, its suggestions, and each verdict."""
    page.look_with(DESKTOP)
    page.open()
    take(page, "subscribe")
    page.fill_in(places.Typed("12 mulb", "", ""))
    page.one("input[name=address]").send_keys("e")
    page.until(lambda: page.driver.find_elements("css selector", "[role=option]"), what="suggestions")
    take(page, "suggestions")
    for name, typed, title in (
        ("matched", places.MISTYPED, "We know this address"),
        ("in-review", places.DOUBTFUL, "Somebody will have a look"),
        ("new", places.UNKNOWN, "This address is new to us"),
    ):
        page.open()
        page.fill_in(typed)
        page.button("Subscribe").click()
        page.see(title)
        take(page, name)


def reviews(page: Page, password: str) -> None:
    """The queue before and after a decision."""
    page.look_with(DESKTOP)
    page.open("/reviews")
    take(page, "sign-in")
    page.sign_in("reviewer", password)
    page.see("It may be")
    # The actions stay at the end of a phone's screen.
    take(page, "reviews", whole=False)


def take(page: Page, name: str, *, whole: bool = True) -> None:
    """One page on each screen."""
    for look, (screen, dark) in LOOKS.items():
        page.look_with(screen, dark=dark)
        page.picture(Path(FOLDER) / f"{name}-{look}.png", whole=whole)
    page.look_with(DESKTOP)


async def _import_register(settings: LocalSettings) -> None:
    async with GraphQLClient(settings.url("gateway"), AccessTokens(settings, "operator")) as client:
        await import_addresses(client, places.register(), source="browser")


if __name__ == "__main__":
    sys.exit(main())
