"""What is too large is refused before and while it arrives."""

import json
from typing import Any

import pytest

from subgraphs.chassis.body_limit import LimitBody


async def send_to(limit: int, parts: list[bytes], headers: list[tuple[bytes, bytes]]) -> tuple[list[Any], list[bytes]]:
    """What the client gets, and what the application saw."""
    sent: list[Any] = []
    seen: list[bytes] = []
    waiting = [
        {"type": "http.request", "body": part, "more_body": index < len(parts) - 1} for index, part in enumerate(parts)
    ]

    async def application(_: Any, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            seen.append(message["body"])
            if not message["more_body"]:
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def receive() -> Any:
        return waiting.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    await LimitBody(application, limit)({"type": "http", "headers": headers}, receive, send)
    return sent, seen


@pytest.mark.parametrize("headers", [[], [(b"content-length", b"10")]])
async def test_a_body_at_the_limit_arrives(headers: list[tuple[bytes, bytes]]) -> None:
    sent, seen = await send_to(10, [b"12345", b"67890"], headers)

    assert sent[0]["status"] == 200
    assert b"".join(seen) == b"1234567890"


async def test_a_body_that_says_it_is_larger_is_not_taken_in() -> None:
    sent, seen = await send_to(10, [b"12345", b"678901"], [(b"content-length", b"11")])

    assert sent[0]["status"] == 413
    assert json.loads(sent[1]["body"])["errors"][0]["message"] == "The request is larger than the 10 bytes allowed."
    assert seen == []


async def test_a_body_that_turns_out_larger_is_cut_off() -> None:
    sent, seen = await send_to(10, [b"12345", b"678901", b"more"], [])

    assert [message.get("status") for message in sent] == [413, None]
    assert seen == [b"12345"]
