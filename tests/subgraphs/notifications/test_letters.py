"""Letters can be looked at: one, all, those of a subscriber; each list is a page and costs one query."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from asgiref.sync import sync_to_async
from pymongo.errors import WriteError

from subgraphs.notifications.filters import NEWEST_FIRST, filtered
from tests.subgraphs.notifications.letters import document

CONTRACT = Path(__file__).parents[3] / "subgraphs/notifications/contracts/notification.document.json"

LIST = """
query ($first: Int, $after: String, $status: NotificationStatus, $kind: NotificationKind, $subscriber: ID, $task: ID) {
  notifications(first: $first, after: $after, status: $status, kind: $kind, subscriberId: $subscriber,
                matchTaskId: $task) {
    totalCount nodes { id subscriber { id notifications(first: 1) { totalCount nodes { id } } } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
OF_SUBSCRIBERS = """
query ($representations: [_Any!]!, $first: Int, $after: String) {
  _entities(representations: $representations) {
    ... on Subscriber {
      id notifications(first: $first, after: $after) {
        totalCount nodes { id status } pageInfo { hasNextPage endCursor }
      }
    }
    ... on Notification { id kind matchTask { id } }
  }
}
"""


def _of(typename: str, *ids: str) -> list[dict[str, str]]:
    return [{"__typename": typename, "id": id} for id in ids]


async def test_a_letter_with_all_it_says(ask, written) -> None:
    (id,) = written({"problem": "mailbox full", "status": "FAILED", "sentAt": None})

    answer = await ask(
        """query ($id: ID!) { notification(id: $id) { id kind status recipientName recipientEmail subject body intendedAt
        sentAt problem messageId attempts subscriber { id } matchTask { id } } }""",
        id=id,
    )

    letter = answer.data["notification"]
    assert letter == {
        "id": id,
        "kind": "CONFIRMED",
        "status": "FAILED",
        "recipientName": "Ada Lovelace",
        "recipientEmail": "ada@example.org",
        "subject": "Your address is confirmed",
        "body": "Dear Ada Lovelace, …",
        "intendedAt": letter["intendedAt"],
        "sentAt": None,
        "problem": "mailbox full",
        "messageId": letter["messageId"],
        "attempts": 1,
        "subscriber": {"id": "s-1"},
        "matchTask": {"id": letter["matchTask"]["id"]},
    }
    assert (await ask('{ notification(id: "x") { id } }')).data["notification"] is None


def test_the_contract_is_kept_by_the_database_too(db) -> None:
    [example] = json.loads(CONTRACT.read_text())["examples"]
    jsonschema.validate(example, json.loads(CONTRACT.read_text()))

    db["notifications"].insert_one(document())

    with pytest.raises(WriteError):
        db["notifications"].insert_one(document(status="LOST"))


@pytest.mark.parametrize("size", [1, 3, 100])
async def test_pages_leave_nothing_out_and_repeat_nothing(ask, written, size: int) -> None:
    ids = written(*({} for _ in range(7)))
    found: list[str] = []
    after, more = None, True

    while more:
        page = (await ask(LIST, first=size, after=after)).data["notifications"]
        found += [node["id"] for node in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    assert found == ids[::-1]


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ({}, "abcd"),
        ({"status": "UNKNOWN"}, "b"),
        ({"kind": "CHECKING"}, "c"),
        ({"subscriber": "s-2"}, "d"),
        ({"task": "t-a"}, "a"),
        ({"status": "SENT", "subscriber": "s-1"}, "ac"),
        ({"task": "nothing"}, ""),
    ],
    ids=str,
)
async def test_filters(ask, written, wanted: dict[str, Any], ids: str) -> None:
    written(
        {"_id": "a", "matchTaskId": "t-a"},
        {"_id": "b", "status": "UNKNOWN"},
        {"_id": "c", "kind": "CHECKING"},
        {"_id": "d", "subscriberId": "s-2"},
    )

    page = (await ask(LIST, first=100, **wanted)).data["notifications"]

    assert sorted(node["id"] for node in page["nodes"]) == list(ids)
    assert page["totalCount"] == len(ids)


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        ({"first": 100}, True),
        ({"first": 101}, False),
        ({"first": -1}, False),
        ({"subscriber": "x" * 200}, True),
        ({"subscriber": "x" * 201}, False),
        ({"after": "x"}, False),
    ],
    ids=lambda value: str(value)[:30],
)
async def test_what_may_be_asked(ask, wanted: dict[str, Any], fits: bool) -> None:
    answer = await ask(LIST, **wanted)

    assert ("errors" not in answer.body) is fits


async def test_letters_of_many_subscribers_are_one_query(ask, written, commands) -> None:
    written(*({"subscriberId": f"s-{number % 20}"} for number in range(100)))
    wanted = _of("Subscriber", *(f"s-{number}" for number in range(25)))

    answer = await ask(OF_SUBSCRIBERS, representations=wanted, first=2)

    assert commands.names == ["aggregate"] * 2, "the letters, and how many each has"
    found = answer.data["_entities"]
    assert [subscriber["notifications"]["totalCount"] for subscriber in found] == [5] * 20 + [0] * 5
    assert [len(subscriber["notifications"]["nodes"]) for subscriber in found] == [2] * 20 + [0] * 5
    assert [subscriber["notifications"]["pageInfo"]["hasNextPage"] for subscriber in found] == [True] * 20 + [False] * 5


async def test_the_pages_of_one_subscriber(ask, written) -> None:
    ids = written(*({"problem": "x" if number % 2 else None} for number in range(5)))
    found: list[str] = []
    after, more = None, True

    while more:
        answer = await ask(OF_SUBSCRIBERS, representations=_of("Subscriber", "s-1"), first=2, after=after)
        page = answer.data["_entities"][0]["notifications"]
        assert page["totalCount"] == 5
        found += [node["id"] for node in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    assert found == ids[::-1]


@pytest.mark.parametrize("wanted", [{"first": 101}, {"after": "x"}], ids=str)
async def test_a_page_that_cannot_be(ask, wanted: dict[str, Any]) -> None:
    answer = await ask(OF_SUBSCRIBERS, representations=_of("Subscriber", "s-1"), **wanted)

    assert answer.body["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_the_other_letters_of_whom_a_list_is_for_are_one_query_more(ask, written, commands) -> None:
    written(*({"subscriberId": f"s-{number % 5}"} for number in range(20)))

    page = (await ask(LIST, first=20)).data["notifications"]

    assert commands.names == ["aggregate"] * 4, "the page, its count, their letters, how many each has"
    assert {node["subscriber"]["notifications"]["totalCount"] for node in page["nodes"]} == {4}


async def test_many_letters_are_one_query(ask, written, commands) -> None:
    ids = written(*({} for _ in range(30)))

    answer = await ask(OF_SUBSCRIBERS, representations=_of("Notification", *ids, "unknown"))

    assert commands.names == ["aggregate"]
    assert [letter and letter["id"] for letter in answer.data["_entities"]] == [*ids, None]


@pytest.mark.parametrize("wanted", [{}, {"status": "SENT"}, {"subscriber_id": "s-1"}], ids=str)
async def test_a_page_reads_no_more_than_itself(written, wanted: dict[str, str]) -> None:
    written(*({"subscriberId": f"s-{number % 3}", "status": ("SENT", "FAILED")[number % 2]} for number in range(300)))

    plan = await sync_to_async(lambda: filtered(wanted).order_by(*NEWEST_FIRST.terms)[:21].explain())()

    assert "COLLSCAN" not in plan
    examined = plan.partition('"executionStats"')[2].partition('"totalDocsExamined": ')[2].partition(",")[0]
    assert int(examined) <= 21


async def test_a_letter_that_is_for_no_subscriber_and_about_no_address_says_so(ask, written) -> None:
    thanks, confirmed = written({"kind": "THANKS", "subscriberId": None, "matchTaskId": None}, {"matchTaskId": "t-1"})

    found = (await ask("{ notifications { nodes { id subscriber { id } matchTask { id } } } }")).data

    assert {one["id"]: (one["subscriber"], one["matchTask"]) for one in found["notifications"]["nodes"]} == {
        thanks: (None, None),
        confirmed: ({"id": "s-1"}, {"id": "t-1"}),
    }
