"""GraphiQL as people use it: in a real browser, signed in by the headers that they write below the operation."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.gateway_graphql.server.test_authentication import graph

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine: apt-get install chromium")

SHOWN = "document.querySelector('.result-window')?.innerText ?? ''"


class Page:
    """One page of a browser, over the Chrome DevTools protocol (https://chromedevtools.github.io/devtools-protocol/)."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._ids = count(1)

    async def do(self, method: str, **parameters: Any) -> Any:
        """One command, and what came of it."""
        id = next(self._ids)
        await self._socket.send_json({"id": id, "method": method, "params": parameters})
        while (message := await self._socket.receive_json(timeout=30)).get("id") != id:
            pass
        assert "error" not in message, message
        return message["result"]

    async def run(self, script: str) -> Any:
        """The value of a script."""
        found = await self.do("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    async def until(self, script: str, wanted: str) -> str:
        """The text that a script gives, as soon as this stands in it."""
        shown = ""
        try:
            async with asyncio.timeout(30):
                while wanted not in (shown := await self.run(script) or ""):
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"waited for {wanted!r}, and saw {shown!r}") from None
        return shown


@asynccontextmanager
async def browser(profile: Path) -> AsyncIterator[Page]:
    """A browser without a window, with nothing in its memory."""
    assert BROWSER
    sandbox = ["--no-sandbox"] if os.getuid() == 0 else []  # Chromium's own does not run as root
    running = await asyncio.create_subprocess_exec(
        BROWSER, "--headless", "--disable-gpu", "--remote-debugging-port=0", f"--user-data-dir={profile}", *sandbox,
        "about:blank", stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert running.stderr
        async with asyncio.timeout(60):
            while not (told := re.search(rb"ws://([\d.:]+)/", await running.stderr.readline())):
                pass
        async with aiohttp.ClientSession() as http:
            async with http.get(f"http://{told[1].decode()}/json/list") as answer:
                (page, *_) = [one for one in await answer.json() if one["type"] == "page"]
            async with http.ws_connect(page["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                yield Page(socket)
    finally:
        running.terminate()
        await running.communicate()


async def opened(page: Page, url: str, query: str, headers: dict[str, str]) -> None:
    """GraphiQL with this operation and these headers in its editors, where it keeps what was typed."""
    await page.do("Page.navigate", url=f"{url}/health")
    await page.until("document.readyState", "complete")
    kept = {"graphiql:query": query, "graphiql:headers": json.dumps(headers), "graphiql:shouldPersistHeaders": "true"}
    await page.run(f"for (const [k, v] of Object.entries({json.dumps(kept)})) localStorage.setItem(k, v)")
    await page.do("Page.navigate", url=f"{url}/graphiql")
    await page.until("document.querySelector('.graphiql-execute-button') ? 'there' : ''", "there")


async def test_a_signed_in_subscription_runs_in_graphiql(tmp_path: Path) -> None:
    async with graph() as shop, browser(tmp_path) as page:
        await opened(page, shop.url, "subscription { ticks }", {"Authorization": f"Bearer {shop.issuer.token()}"})
        await page.run("document.querySelector('.graphiql-execute-button').click()")
        assert '"ticks": "one"' in await page.until(SHOWN, '"ticks": "one"')
        assert shop.claims()["sub"] == "ada"


async def test_without_a_token_it_says_what_is_refused(tmp_path: Path) -> None:
    async with graph() as shop, browser(tmp_path) as page:
        await opened(page, shop.url, "subscription { ticks }", {})
        await page.run("document.querySelector('.graphiql-execute-button').click()")
        await page.until(SHOWN, "UNAUTHORIZED_FIELD_OR_TYPE")
        assert shop.requests == []


async def test_a_query_is_signed_in_too(tmp_path: Path) -> None:
    async with graph() as shop, browser(tmp_path) as page:
        await opened(page, shop.url, "{ mine }", {"Authorization": f"Bearer {shop.issuer.token()}"})
        await page.run("document.querySelector('.graphiql-execute-button').click()")
        await page.until(SHOWN, '"mine": "mine"')
