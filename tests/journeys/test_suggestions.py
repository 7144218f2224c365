"""A reader sends a suggestion and gets a thank-you letter, which an operator sees beside it."""

import pytest

from docker.local.demo.client import GraphQLClient
from docker.local.up import RunningSystem
from tests.journeys.steps import letters, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

SEND = """
mutation Send($input: SendSuggestionInput!) {
  sendSuggestion(input: $input) { suggestion { id } problems { field code message } }
}
"""
READ = "query Read($id: ID!) { suggestion(id: $id) { status letter { kind status recipientEmail subscriber { id } } } }"


async def test_a_reader_is_thanked_and_an_operator_sees_by_which_letter(
    system: RunningSystem, client: GraphQLClient
) -> None:
    reader = {"name": "Ada Reader", "email": "suggests@example.com", "text": "Show the map."}
    async with GraphQLClient(system.settings.url("gateway")) as anybody:
        payload = (await anybody.execute(SEND, {"input": reader}))["sendSuggestion"]
    assert payload["problems"] == []

    async def sent() -> dict[str, object] | None:
        found = (await client.execute(READ, {"id": payload["suggestion"]["id"]}))["suggestion"]
        return found if found["letter"] and found["letter"]["status"] == "SENT" else None

    assert await until(sent, what="the letter") == {
        "status": "THANKED",
        "letter": {"kind": "THANKS", "status": "SENT", "recipientEmail": "suggests@example.com", "subscriber": None},
    }
    assert len([letter for letter in letters(system) if "suggests@example.com" in str(letter["to"])]) == 1
