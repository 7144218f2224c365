"""Dead letters: looked at without being taken, sent once more, thrown away."""

import json
from collections.abc import Callable
from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel

from tests.subgraphs.operations.conftest import DEAD, DEAD_LETTERS, MATCHING, TASK_QUEUE, TASKS
from tests.subgraphs.service import GraphQLOfService

LIST = "query L($by: String) { deadLetters(setAsideBy: $by) { id type reason setAsideBy failedAt requestId body } }"
RETRY = "mutation R($id: ID!) { retryDeadLetter(id: $id) { deadLetter { type } problems { code message } } }"
DISCARD = "mutation D($id: ID!) { discardDeadLetter(id: $id) { deadLetter { type } problems { code } } }"


def set_aside(channel: BlockingChannel, id: str, listener: str = "matching") -> bytes:
    """A fact that a listener could not use, as the listener sets it aside."""
    body = json.dumps({"id": id, "type": "address.submitted.v1", "requestid": "r-1", "data": {}}).encode()
    headers = {
        "service-token": "t",
        "attempt": 6,
        "problem": "KeyError",
        "reason": "failed 6 times",
        "listener": listener,
        "failed-at": "2026-11-25T01:02:03.004Z",
    }
    channel.basic_publish(DEAD, "", body, pika.BasicProperties(delivery_mode=2, headers=headers), mandatory=True)
    return body


def own(properties: pika.BasicProperties) -> dict[str, Any]:
    """The headers of a message, but for the broker's count of deliveries."""
    return {name: value for name, value in (properties.headers or {}).items() if name != "x-delivery-count"}


async def letters(ask: GraphQLOfService, by: str | None = None) -> list[dict[str, Any]]:
    return list((await ask(LIST, by=by)).data["deadLetters"])


async def test_they_say_what_happened_and_stay_where_they_are(ask: GraphQLOfService, channel: BlockingChannel) -> None:
    body = set_aside(channel, "f-1")
    set_aside(channel, "f-2", listener="notifications")

    for _ in range(30):  # more often than the broker hands out what a reader does not finish
        found = await letters(ask)

    assert [one["setAsideBy"] for one in found] == ["matching", "notifications"]
    assert found[0] | {"id": ""} == {
        "id": "",
        "type": "address.submitted.v1",
        "reason": "failed 6 times",
        "setAsideBy": "matching",
        "failedAt": "2026-11-25T01:02:03.004000+00:00",
        "requestId": "r-1",
        "body": body.decode(),
    }
    assert [one["setAsideBy"] for one in await letters(ask, "notifications")] == ["notifications"]


async def test_a_fact_goes_back_to_the_listener_as_if_it_were_new(
    ask: GraphQLOfService, channel: BlockingChannel
) -> None:
    bodies = [set_aside(channel, f"f-{number}") for number in range(3)]
    chosen = (await letters(ask))[1]

    answer = (await ask(RETRY, id=chosen["id"])).data["retryDeadLetter"]

    assert answer == {"deadLetter": {"type": "address.submitted.v1"}, "problems": []}
    method, properties, body = channel.basic_get(MATCHING, auto_ack=True)
    assert (method.message_count, body) == (0, bodies[1])
    assert own(properties) == {"service-token": "t"}
    left = [one["id"] for one in await letters(ask)]
    assert len(left) == 2
    assert chosen["id"] not in left
    assert (await ask(RETRY, id=chosen["id"])).data["retryDeadLetter"]["problems"][0]["code"] == "NOT_FOUND"


async def test_a_task_goes_back_to_its_queue(ask: GraphQLOfService, channel: BlockingChannel) -> None:
    headers = {"task": "matching.match_submission", "id": "t-1", "service-token": "t"}
    channel.basic_publish(TASKS, TASK_QUEUE, b"[[], {}, {}]", pika.BasicProperties(headers=headers), mandatory=True)
    taken, _, _ = channel.basic_get(TASK_QUEUE)
    channel.basic_reject(taken.delivery_tag, requeue=False)
    while not (found := await letters(ask)):
        pass
    [dead] = found
    assert (dead["type"], dead["setAsideBy"]) == ("matching.match_submission", "tasks.matching")
    assert dead["reason"] == "its reader refused it, and did not say why"

    assert (await ask(RETRY, id=dead["id"])).data["retryDeadLetter"]["problems"] == []

    _, properties, body = channel.basic_get(TASK_QUEUE, auto_ack=True)
    assert (own(properties), body) == (headers, b"[[], {}, {}]")
    assert await letters(ask) == []


async def test_what_nobody_takes_stays(ask: GraphQLOfService, channel: BlockingChannel) -> None:
    set_aside(channel, "f-1", listener="gone")
    [dead] = await letters(ask)

    answer = (await ask(RETRY, id=dead["id"])).data["retryDeadLetter"]

    assert (answer["deadLetter"], answer["problems"][0]["code"]) == (None, "NOT_TAKEN")
    assert [one["id"] for one in await letters(ask)] == [dead["id"]]


async def test_one_can_be_thrown_away(ask: GraphQLOfService, channel: BlockingChannel) -> None:
    for number in range(2):
        set_aside(channel, f"f-{number}")
    first, second = await letters(ask)

    answer = (await ask(DISCARD, id=first["id"])).data["discardDeadLetter"]

    assert answer == {"deadLetter": {"type": "address.submitted.v1"}, "problems": []}
    assert [one["id"] for one in await letters(ask)] == [second["id"]]


async def test_an_id_that_is_none_finds_nothing(ask: GraphQLOfService, channel: BlockingChannel) -> None:
    for id in ("", "x", "Lw==", "éé", "L2V0Yy9wYXNzd2Q="):
        assert (await ask(DISCARD, id=id)).data["discardDeadLetter"]["problems"] == [{"code": "NOT_FOUND"}]


async def test_what_is_no_json_is_shown_as_it_is(ask: GraphQLOfService, channel: BlockingChannel) -> None:
    channel.basic_publish(DEAD, "", b"\xff{not json", pika.BasicProperties(headers={"listener": 7}), mandatory=True)

    [found] = await letters(ask)

    assert (found["type"], found["reason"], found["setAsideBy"], found["failedAt"]) == ("unknown", "unknown", "7", None)
    assert found["body"] == "\ufffd{not json"
    while not channel.queue_declare(DEAD_LETTERS, passive=True).method.message_count:
        pass  # the broker takes back what was only looked at a moment later


async def test_only_so_many_are_looked_at(
    ask: GraphQLOfService, channel: BlockingChannel, settings_of: Callable[..., None]
) -> None:
    for number in range(4):
        set_aside(channel, f"f-{number}")
    settings_of(MOST_DEAD_LETTERS=3)

    assert len(await letters(ask)) == 3
    assert (await ask("{ deadLetters(first: 501) { id } }")).messages == ["first must be 1 to 500"]
