"""Text that means harm, from the form to the letter, the log and the spreadsheet: it comes out as it was typed."""

import csv
import html
import io
import re
import urllib.request
from email import message_from_bytes, policy
from typing import Any
from uuid import uuid4

import pytest

from docker.local.demo import operations
from docker.local.demo.client import GraphQLClient
from docker.local.up import RunningSystem
from tests.journeys.register import ADDRESSES
from tests.journeys.steps import finished, letters, start_batch, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

EXPRESSIONS = [
    "{{7*7}}", "{% debug %}", "{0.__class__.__mro__}", "${7*7}", "#{7*7}", "%(secret)s", "<%= 7*7 %>", "$name", "\\g<0>",
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "&lt;b&gt; & \"quoted\" 'single'",
]  # fmt: skip
HEADERS = [
    "Ada\r\nBcc: everybody@example.org",
    "Ada\nSubject: You have won",
    "Ada\r\n\r\n<p>another body</p>",
    'Ada" <eve@example.org>, "Eve',
    "=?utf-8?q?Ada=0D=0ABcc:_everybody@example.org?=",
    "Ada\u2028Bcc: everybody@example.org",
]


async def letter_to(system: RunningSystem, client: GraphQLClient, name: str) -> dict[str, Any]:
    """Subscribe under this name; give the letter."""
    email = f"hostile-{uuid4().hex}@example.com"
    typed = ADDRESSES[7].typed() | {"name": name}
    variables = {"input": {"name": name, "email": email, "address": typed}}
    payload = (await client.execute(operations.SUBSCRIBE, variables))["subscribe"]
    assert payload["problems"] == [], payload

    async def arrived() -> dict[str, Any] | None:
        return next((one for one in letters(system) if email in str(one["to"])), None)

    return await until(arrived, what=f"the letter to {name!r}")


def source(system: RunningSystem, letter: dict[str, Any]) -> bytes:
    """The letter as it came over the wire."""
    with urllib.request.urlopen(system.settings.url("mailbox", f"/letters/{letter['id']}.eml"), timeout=10) as answer:
        return bytes(answer.read())


@pytest.mark.parametrize("name", EXPRESSIONS)
async def test_an_expression_stands_in_the_letter_as_it_was_typed(
    system: RunningSystem, client: GraphQLClient, name: str
) -> None:
    letter = await letter_to(system, client, name)
    message: Any = message_from_bytes(source(system, letter), policy=policy.default)
    text, page = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))

    assert f"Dear {name}," in text
    assert f"Dear {html.escape(name)}," in page
    assert [one.addr_spec for one in message["To"].addresses] == [letter["to"].rpartition("<")[2].strip("> ")]
    assert not re.search(r"<(script|img)", page)


@pytest.mark.parametrize("name", HEADERS)
async def test_a_name_is_no_header_and_no_second_recipient(
    system: RunningSystem, client: GraphQLClient, name: str
) -> None:
    letter = await letter_to(system, client, name)
    message: Any = message_from_bytes(source(system, letter), policy=policy.default)

    assert len(message["To"].addresses) == 1
    assert message["To"].addresses[0].addr_spec.startswith("hostile-")
    assert message["Bcc"] is None
    assert message.get_all("Subject") == [letter["subject"]]
    assert letter["subject"] in ("Your address is confirmed", "Your address is noted as you wrote it")
    assert sum(message["To"].addresses[0].addr_spec in one["to"] for one in letters(system)) == 1


@pytest.mark.parametrize("typed", EXPRESSIONS)
async def test_an_address_is_written_as_it_was_typed(system: RunningSystem, client: GraphQLClient, typed: str) -> None:
    email = f"hostile-{uuid4().hex}@example.com"
    address = {"address": f"5 {typed} Crescent", "city": "Quillby", "postalCode": "4999", "country": "AU"}
    variables = {"input": {"name": "Ada", "email": email, "address": address}}
    payload = (await client.execute(operations.SUBSCRIBE, variables))["subscribe"]
    assert payload["problems"] == []

    async def arrived() -> dict[str, Any] | None:
        return next((one for one in letters(system) if email in str(one["to"])), None)

    letter = await until(arrived, what=f"the letter about {typed!r}")
    message: Any = message_from_bytes(source(system, letter), policy=policy.default)
    text, page = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert f"    {address['address']}" in text.splitlines()
    assert html.escape(address["address"]) in page


async def test_no_cell_of_a_download_is_a_formula(client: GraphQLClient) -> None:
    cells = ["=1+1", "+1", "-1", "@SUM(1)", "\t=1+1", "\r=1+1", "\n=1+1", '=HYPERLINK("http://x","y")', "＝1+1"]
    written = io.StringIO()
    rows = csv.writer(written, quoting=csv.QUOTE_ALL)
    rows.writerow(["id", "address", "postal_code", "city", "country"])
    for number, cell in enumerate(cells):
        rows.writerow([f"{cell}{number}", f"{cell} Nowhere Lane", "4999", cell, "AU"])
    id = await start_batch(client, written.getvalue().encode())
    await finished(client, id)

    query = "query ($id: ID!) { matchBatch(id: $id) { download { resultsUrl rejectedRowsUrl } } }"
    links = (await client.execute(query, {"id": id}))["matchBatch"]["download"]
    for link in links.values():
        with urllib.request.urlopen(link, timeout=20) as answer:
            for row in csv.reader(io.StringIO(answer.read().decode("utf-8-sig"), newline="")):
                assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))]
