"""The page: a list of letters that refreshes itself, and one letter at a time."""

import asyncio
import json
from dataclasses import asdict
from html import escape

from aiohttp import web

from docker.local.mailbox.letters import Letter, Letters

LETTERS = web.AppKey("letters", Letters)
STILL_THERE = 15.0
"""seconds between signs of life on an open stream"""

STYLE = """
:root { color-scheme: light dark; --ink: #1d2330; --soft: #667085; --line: #e4e7ec; --paper: #fff; --back: #f6f7f9;
  --accent: #1f5fd6 }
@media (prefers-color-scheme: dark) { :root { --ink: #e7eaf0; --soft: #98a2b3; --line: #2b3342; --paper: #171c26;
  --back: #0f131a; --accent: #7aa7ff } }
* { box-sizing: border-box }
body { margin: 0; background: var(--back); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
header, main { max-width: 52rem; margin: 0 auto; padding: 1.25rem }
header { display: flex; align-items: baseline; gap: .75rem } h1 { font-size: 1.25rem; margin: 0 }
.soft { color: var(--soft); font-size: .875rem }
ul { list-style: none; margin: 0; padding: 0 }
.card, li a { display: block; background: var(--paper); border: 1px solid var(--line); border-radius: .5rem }
li a { padding: .75rem 1rem; margin-bottom: .5rem; color: inherit; text-decoration: none }
li a:hover, li a:focus-visible { border-color: var(--accent); outline: none }
li strong { display: block } .card { padding: 1.25rem } a { color: var(--accent) }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 0 0 1rem }
dt { color: var(--soft) } dd { margin: 0; overflow-wrap: anywhere }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; border-top: 1px solid var(--line);
  padding-top: 1rem; margin: 0 } iframe { width: 100%; height: 24rem; border: 1px solid var(--line); margin-top: 1rem;
  border-radius: .5rem; background: #fff }
"""

REFRESH = """
const shown = document.querySelector("main").dataset.newest;
new EventSource("/changes?after=" + shown).onmessage = async () => {
  const page = new DOMParser().parseFromString(await (await fetch("/")).text(), "text/html");
  document.querySelector("main").replaceWith(page.querySelector("main"));
  document.querySelector("#count").textContent = page.querySelector("#count").textContent;
};
"""

# A letter may contain anything: nothing of it runs, and nothing is fetched because of it.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; connect-src 'self'; "
LIST_POLICY = POLICY + "script-src 'self'"
LETTER_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"


def application(letters: Letters) -> web.Application:
    """The pages of this mailbox."""
    app = web.Application()
    app[LETTERS] = letters
    app.add_routes(
        [
            web.get("/", show_list),
            web.get("/refresh.js", refresh_script),
            web.get("/changes", tell_changes),
            web.get("/letters.json", list_as_json),
            web.get(r"/letters/{id:\d+}", show_letter),
            web.get(r"/letters/{id:\d+}.html", show_html_part),
            web.get(r"/letters/{id:\d+}.eml", show_source),
        ]
    )
    return app


async def show_list(request: web.Request) -> web.Response:
    """Every letter, newest first."""
    letters = request.app[LETTERS].all()
    rows = "".join(
        f'<li><a href="/letters/{letter.id}"><strong>{escape(letter.subject) or "(no subject)"}</strong>'
        f'<span class="soft">to {escape(letter.recipient)} · <time>{_time(letter)}</time></span></a></li>'
        for letter in letters
    )
    body = f"<ul>{rows}</ul>" if rows else '<p class="soft">No letters yet. They appear here as they are sent.</p>'
    return _page(
        "Mailbox",
        "1 letter" if len(letters) == 1 else f"{len(letters)} letters",
        body,
        '<script src="/refresh.js"></script>',
        newest=letters[0].id if letters else "",
    )


async def show_letter(request: web.Request) -> web.Response:
    """One letter, to read."""
    letter = _find(request)
    html = f'<iframe sandbox title="as HTML" src="/letters/{letter.id}.html"></iframe>' if letter.html else ""
    body = f"""<p><a href="/">← all letters</a></p><article class="card"><dl>
<dt>From</dt><dd>{escape(letter.sender)}</dd><dt>To</dt><dd>{escape(letter.recipient)}</dd>
<dt>Received</dt><dd>{_time(letter)}</dd><dt>Message-ID</dt><dd>{escape(letter.message_id)}</dd></dl>
<pre>{escape(letter.text)}</pre>{html}</article><p class="soft"><a href="/letters/{letter.id}.eml">as it was sent</a></p>"""
    return _page(letter.subject or "(no subject)", "", body, "")


async def show_html_part(request: web.Request) -> web.Response:
    """The HTML part, for the frame it is shown in."""
    letter = _find(request)
    headers = {"Content-Security-Policy": LETTER_POLICY}
    return web.Response(text=letter.html or "", content_type="text/html", headers=headers)


async def show_source(request: web.Request) -> web.Response:
    """The letter as it came over the wire."""
    letter = _find(request)
    source = request.app[LETTERS].source(letter.id) or b""
    return web.Response(body=source, content_type="text/plain", charset="utf-8")


async def list_as_json(request: web.Request) -> web.Response:
    """Every letter, newest first, for programs; `?to=` keeps those whose recipient contains it."""
    wanted = request.query.get("to", "").lower()
    letters = [asdict(letter) for letter in request.app[LETTERS].all() if wanted in letter.recipient.lower()]
    renamed = {"received_at": "receivedAt", "sender": "from", "recipient": "to", "message_id": "messageId"}
    shown = [{renamed.get(name, name): value for name, value in letter.items()} for letter in letters]
    return web.json_response(shown, dumps=lambda value: json.dumps(value, ensure_ascii=False))


async def refresh_script(_request: web.Request) -> web.Response:
    """What keeps the list fresh."""
    return web.Response(text=REFRESH, content_type="text/javascript")


async def tell_changes(request: web.Request) -> web.StreamResponse:
    """Server-sent events: one whenever there is a new letter."""
    letters = request.app[LETTERS]
    # The page says what it shows already, so that nothing falls between its loading and its listening.
    known = request.headers.get("Last-Event-ID", request.query.get("after", letters.newest))
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)
    try:
        while True:
            newest = await letters.wait_for_newer(known, STILL_THERE)
            line = f"id: {newest}\ndata: {newest}\n\n" if newest != known else ": still there\n\n"
            known = newest
            await response.write(line.encode())
    except (ConnectionError, asyncio.CancelledError):
        return response


def _find(request: web.Request) -> Letter:
    letter = request.app[LETTERS].get(request.match_info["id"])
    if letter is None:
        raise web.HTTPNotFound(text="This letter is not kept (any more).")
    return letter


def _time(letter: Letter) -> str:
    return letter.received_at[:19].replace("T", " ") + " UTC"


def _page(title: str, count: str, body: str, script: str, newest: str = "") -> web.Response:
    text = f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><style>{STYLE}</style>
<header><h1>{escape(title)}</h1><span class="soft" id="count">{count}</span></header><main data-newest="{newest}">{body}</main>{script}</html>"""
    return web.Response(text=text, content_type="text/html", headers={"Content-Security-Policy": LIST_POLICY})
