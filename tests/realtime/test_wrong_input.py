"""What a client may send wrongly, and how it hears of it."""

import json
import urllib.error
import urllib.request
from uuid import uuid4

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.realtime.conftest import Server, service_token
from tests.realtime.test_live_results import TASK

LIMIT = 64 * 1024


def socket(server: Server) -> connect:
    headers = {"Doorstep-Service-Token": service_token()}
    url = f"ws://127.0.0.1:{server.port}/graphql"
    return connect(url, additional_headers=headers, subprotocols=["graphql-transport-ws"])  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("not json", 4400),
        (b"\x00\x01", 4400),
        ('{"type": "nonsense"}', 4400),
        ('{"type": "subscribe", "id": "1", "payload": {"query": "{ a }"}}', 4401),
        ('{"type": "connection_init"', 4400),
        (" " * (LIMIT + 1), 1009),
    ],
)
async def test_a_client_that_does_not_speak_the_protocol_is_told_and_let_go(
    server: Server, message: str | bytes, code: int
) -> None:
    async with socket(server) as connection:
        await connection.send(message)
        with pytest.raises(ConnectionClosed) as closed:
            await connection.recv()

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == code


async def test_a_message_of_the_greatest_size_is_read(server: Server) -> None:
    async with server.client() as client, client.subscribe(TASK, id=str(uuid4())) as updates:
        await updates.next()
        message = json.dumps({"type": "ping"})
        await client.socket.send(message + " " * (LIMIT - len(message)))
        async with client.subscribe(TASK, id=str(uuid4())) as again:
            assert (await again.next())["status"] == "QUEUED"


@pytest.mark.parametrize(
    "query",
    [
        "subscription { matchTask(id: 7.5) { status } }",
        "subscription { matchTask { status } }",
        "subscription { nothing }",
        "subscription ($id: ID!) { matchTask(id: $id) { status } }",
    ],
)
async def test_an_operation_that_makes_no_sense_is_answered_with_the_reason(server: Server, query: str) -> None:
    async with server.client() as client, client.subscribe(query) as updates:
        message = await updates.message()

    assert message["type"] == "error"
    assert message["payload"][0]["message"]


@pytest.mark.parametrize(("size", "status"), [(LIMIT, 200), (LIMIT + 1, 400)])
def test_a_request_over_the_limit_is_refused(server: Server, size: int, status: int) -> None:
    body = json.dumps({"query": "{ _service { sdl } }"}).encode()
    request = urllib.request.Request(
        f"{server.url}/graphql",
        body + b" " * (size - len(body)),
        {"content-type": "application/json", "Doorstep-Service-Token": service_token()},
    )
    assert answered(request) == status


def answered(request: urllib.request.Request) -> int:
    """The status of the answer."""
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code
