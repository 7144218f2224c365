"""Every service's lines are found by their request, watched as they come; what is wrong is told, and when it is well again."""

import asyncio
import os
import signal
from typing import Any

import pytest

from docker.local.demo.client import GraphQLClient
from docker.local.up import RunningSystem
from tests.journeys.conftest import OPERATOR
from tests.journeys.register import ADDRESSES
from tests.journeys.steps import letters, subscribe, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

HEARD = """
query Heard($task: String) {
  logEntries(service: "matching", text: $task, first: 5) { nodes { requestId } }
}
"""
OF_REQUEST = "query Of($id: String) { logEntries(requestId: $id, first: 100) { nodes { service event } } }"
TAIL = 'subscription Tail { logTail(service: "suggestions") { event skipped entry { id service line } } }'
SUGGEST = """
mutation Suggest($input: SendSuggestionInput!) { sendSuggestion(input: $input) { problems { message } } }
"""
SILENT = """
query Silent($status: AlertStatus) {
  alerts(rule: SILENCE, service: "addresses", status: $status) { nodes { id status process text clearedAt } }
}
"""


async def test_one_request_is_found_in_all_services_it_went_through(client: GraphQLClient) -> None:
    payload = await subscribe(client, ADDRESSES[5], email="logged@example.com")

    async def request() -> str | None:
        found = await client.execute(HEARD, {"task": payload["matchTask"]["id"]})
        return next((one["requestId"] for one in found["logEntries"]["nodes"] if one["requestId"]), None)

    request_id = await until(request, what="the line of matching")

    async def everywhere() -> set[str] | None:
        found = (await client.execute(OF_REQUEST, {"id": request_id}))["logEntries"]["nodes"]
        services = {one["service"] for one in found}
        return services if {"gateway", "subscribers", "matching"} <= services else None

    await until(everywhere, what="the lines of the request in all services")


async def test_lines_are_watched_as_they_come_with_what_the_graph_knows_of_them(client: GraphQLClient) -> None:
    async def suggest() -> None:
        while True:
            reader = {"name": "Ada", "email": f"tail{os.urandom(4).hex()}@example.com", "text": "Show the map."}
            await client.execute(SUGGEST, {"input": reader})
            await asyncio.sleep(0.3)

    async with client.live() as connection:
        suggesting = asyncio.create_task(suggest())
        try:
            async for data in connection.subscribe(TAIL, timeout=30):
                line = data["logTail"]
                if line["event"] == "request answered" and line["entry"]["line"]:
                    break
        finally:
            suggesting.cancel()

    assert line["entry"]["service"] == "suggestions"
    assert '"path": "/graphql"' in line["entry"]["line"]


async def test_a_process_that_hangs_opens_an_alert_that_clears_when_it_goes_on(
    system: RunningSystem, client: GraphQLClient
) -> None:
    async def alert(status: str) -> dict[str, Any] | None:
        found = (await client.execute(SILENT, {"status": status}))["alerts"]["nodes"]
        return next((one for one in found if one["process"] == "workers.addresses listen"), None)

    async def told(subject: str) -> list[dict[str, Any]]:
        return [one for one in letters(system) if OPERATOR in str(one["to"]) and one["subject"] == subject]

    async def one_more(subject: str) -> bool:
        return len(await told(subject)) > before

    async def heard() -> bool:
        found = await client.execute(
            '{ logEntries(service: "addresses", text: "import.requested", first: 1) { totalCount } }'
        )
        return bool(found["logEntries"]["totalCount"])

    await until(heard, what="the listener to be heard")
    before = len(await told("Alert: silence of addresses"))
    pid = system.supervisor.pid("addresses listener")
    assert pid
    os.killpg(pid, signal.SIGSTOP)
    try:
        opened = await until(lambda: alert("OPEN"), what="the alert")
        await until(lambda: one_more("Alert: silence of addresses"), what="the letter about the alert")
    finally:
        os.killpg(pid, signal.SIGCONT)

    async def cleared() -> dict[str, Any] | None:
        found = await alert("CLEARED")
        return found if found and found["id"] == opened["id"] else None

    assert (await until(cleared, what="the alert to be cleared"))["clearedAt"]
    await until(lambda: one_more("Cleared: silence of addresses"), what="the letter that all is well")
    assert len(await told("Alert: silence of addresses")) == before + 1
