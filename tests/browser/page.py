"""One tab of a browser, and what a person does in it. Everything waits for what it looks for; nothing waits for a while."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

from docker.local.settings import REPOSITORY
from tests.browser.places import Typed

T = TypeVar("T")
PATIENCE = 60
AXE = REPOSITORY / "frontend/node_modules/axe-core/axe.min.js"
SERIOUS = ("serious", "critical")


@dataclass(frozen=True)
class Screen:
    """What somebody looks at the page with."""

    width: int
    height: int
    pixels: float = 1
    """of the screen for one of the page"""


DESKTOP = Screen(1280, 860)
PHONE = Screen(390, 844, 2)


def browser(chromium: str, driver: str) -> Chrome:
    """A browser without a window."""
    options = ChromeOptions()
    options.binary_location = chromium
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--lang=en-AU", "--disable-gpu"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return Chrome(options=options, service=ChromeService(driver))


class Page:
    """The application in a tab."""

    def __init__(self, driver: Chrome, url: str) -> None:
        self.driver = driver
        self.url = url

    def open(self, path: str = "/") -> None:
        """Go to an address of the application, as if typed."""
        self.driver.get(f"{self.url}{path}")
        self.until(lambda: self.driver.find_elements(By.TAG_NAME, "h1"), what=f"a heading at {path}")

    def forget(self) -> None:
        """Be somebody who has never been here."""
        self.driver.get(self.url)
        self.run("localStorage.clear(); sessionStorage.clear()")
        self.command("Network.clearBrowserCookies")
        self.console()

    def look_with(self, screen: Screen, *, dark: bool = False) -> None:
        """Another screen, and whether its owner likes it dark."""
        self.command(
            "Emulation.setDeviceMetricsOverride",
            width=screen.width,
            height=screen.height,
            deviceScaleFactor=screen.pixels,
            mobile=screen is PHONE,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.command("Emulation.setEmulatedMedia", features=[scheme])

    def sign_in(self, role: str, password: str) -> None:
        """Sign in by the page of accounts."""
        self.button("Sign in").click()
        self.one("#username").send_keys(role)
        self.one("#password").send_keys(password, Keys.ENTER)
        self.button("Sign out")

    def fill_in(self, typed: Typed, *, name: str = "Ada Reader", email: str = "ada@example.org") -> None:
        """Fill in the form of the magazine, without taking a suggestion."""
        Select(self.one("select[name=country]")).select_by_value("AU")
        for field, text in {
            "name": name,
            "email": email,
            "address": typed.address,
            "city": typed.city,
            "region": typed.region,
            "postalCode": typed.postal_code,
        }.items():
            self.one(f"input[name={field}]").send_keys(text)

    def press(self, *keys: str) -> None:
        """Press keys, wherever the focus is."""
        self.driver.switch_to.active_element.send_keys(*keys)

    def one(self, css: str) -> WebElement:
        """The one that is there, as soon as it is."""
        return self.until(lambda: self.driver.find_elements(By.CSS_SELECTOR, css), what=css)[0]

    def button(self, text: str) -> WebElement:
        """The button whose text begins so."""
        path = f"//button[starts-with(normalize-space(), {json.dumps(text)})]"
        return self.until(lambda: self.driver.find_elements(By.XPATH, path), what=f"the button {text}")[0]

    def see(self, text: str) -> str:
        """Wait until this stands on the page; give all that does."""

        def shown() -> str:
            content = str(self.run("return document.querySelector('main')?.innerText ?? ''"))
            return content if text in content else ""

        return self.until(shown, what=f"{text!r} on the page")

    def until(self, question: Callable[[], T], *, what: str) -> T:
        """Ask until there is an answer; fail by saying what was waited for, and what was there instead."""
        waited = WebDriverWait(self.driver, PATIENCE, poll_frequency=0.05)
        try:
            return waited.until(lambda _: question())
        except Exception as problem:
            shown = self.run("return document.body?.innerText ?? ''")
            raise AssertionError(f"waited for {what}, and saw {shown!r}; {self.console()}") from problem

    def run(self, script: str, *arguments: Any) -> Any:
        """Run a script in the page."""
        return self.driver.execute_script(script, *arguments)

    def command(self, method: str, **parameters: Any) -> Any:
        """A command of the Chrome DevTools protocol."""
        return self.driver.execute_cdp_cmd(method, parameters)

    def console(self) -> list[str]:
        """The errors that the console has had since it was asked last."""
        return [str(one["message"]) for one in self.driver.get_log("browser") if one["level"] == "SEVERE"]

    def barriers(self) -> list[str]:
        """What keeps somebody out, as axe finds it, of those that are serious."""
        self.run(AXE.read_text())
        found = self.driver.execute_async_script("axe.run(document).then(arguments[0])")
        return [
            f"{one['id']}: {one['help']}; {[node['html'] for node in one['nodes']]}"
            for one in found["violations"]
            if one["impact"] in SERIOUS
        ]

    def picture(self, file: Path, *, whole: bool = True) -> None:
        """Write what is to be seen; down to the end of the page, or of the screen."""
        size = self.run(
            "return [document.documentElement.clientWidth, document.documentElement.scrollHeight, innerHeight]"
        )
        height = size[1] if whole else size[2]
        clip = {"x": 0, "y": 0, "width": size[0], "height": height, "scale": 1}
        taken = self.command("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)
        file.write_bytes(base64.b64decode(taken["data"]))
