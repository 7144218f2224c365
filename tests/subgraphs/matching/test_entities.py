"""Matching's part of the graph's entities; however many are asked for, one query per kind finds them."""

import pytest
import structlog

from tests.subgraphs.matching.questions import batch, task

ENTITIES = """
query ($them: [_Any!]!) {
  _entities(representations: $them) {
    __typename
    ... on MatchTask { id status score }
    ... on MatchBatch { id progress }
    ... on Subscriber { id tasks: matchTasks(first: 2) { nodes { id } pageInfo { hasNextPage } totalCount } }
    ... on Address { id found: matchTasks { nodes { id } totalCount } }
    ... on AddressImport { id indexed }
  }
}
"""


def of(name: str, *ids: str) -> list[dict[str, str]]:
    return [{"__typename": name, "id": id} for id in ids]


async def test_tasks_known_or_not_are_one_query(ask, db, commands) -> None:
    db["match_tasks"].insert_many([task("t-1"), task("t-2", status="NEW")])
    commands.names.clear()

    found = (await ask(ENTITIES, them=of("MatchTask", "t-1", "t-2", "t-3", "t-1"))).data["_entities"]

    assert [(one["id"], one["status"]) for one in found] == [
        ("t-1", "IN_REVIEW"),
        ("t-2", "NEW"),
        ("t-3", "QUEUED"),
        ("t-1", "IN_REVIEW"),
    ]
    assert commands.names == ["find"]


async def test_batches_are_one_query(ask, db, commands) -> None:
    db["match_batches"].insert_many([batch("b-1"), batch("b-2", done=8)])
    commands.names.clear()

    found = (await ask(ENTITIES, them=of("MatchBatch", "b-1", "b-2", "b-3"))).data["_entities"]

    assert [one and one["progress"] for one in found] == [0.5, 1.0, None]
    assert commands.names == ["find"]


async def test_the_tasks_of_many_subscribers_are_one_query_and_their_counts_another(ask, db, commands) -> None:
    db["match_tasks"].insert_many(
        [task(f"t-{number}", minute=number, subscriberId=f"s-{number % 2}") for number in range(6)]
    )
    commands.names.clear()

    found = (await ask(ENTITIES, them=of("Subscriber", "s-0", "s-1", "s-2"))).data["_entities"]

    assert [[node["id"] for node in one["tasks"]["nodes"]] for one in found] == [["t-4", "t-2"], ["t-5", "t-3"], []]
    assert [one["tasks"]["pageInfo"]["hasNextPage"] for one in found] == [True, True, False]
    assert [one["tasks"]["totalCount"] for one in found] == [3, 3, 0]
    assert commands.names == ["aggregate", "aggregate"]


async def test_more_subscribers_than_one_aggregation_has_stages(ask, db, commands) -> None:
    db["match_tasks"].insert_many([task(f"t-{number}", subscriberId=f"s-{number}") for number in range(450)])
    commands.names.clear()

    answer = await ask(ENTITIES.replace("totalCount", ""), them=of("Subscriber", *(f"s-{n}" for n in range(450))))

    assert [len(one["tasks"]["nodes"]) for one in answer.data["_entities"]] == [1] * 450
    assert commands.names == ["aggregate"] * 3


async def test_the_tasks_of_addresses(ask, db, commands) -> None:
    db["match_tasks"].insert_many([task("t-1", addressId="a-1"), task("t-2", addressId="a-2"), task("t-3")])
    commands.names.clear()

    found = (await ask(ENTITIES, them=of("Address", "a-1", "a-2", "a-3"))).data["_entities"]

    assert [[node["id"] for node in one["found"]["nodes"]] for one in found] == [["t-1"], ["t-2"], []]
    assert commands.names == ["aggregate", "aggregate"]


async def test_what_matching_has_indexed_of_imports_is_one_query(ask, db, commands) -> None:
    db["indexed_chunks"].insert_many(
        [
            {"_id": "i-1:0", "importId": "i-1", "count": 250},
            {"_id": "i-1:1", "importId": "i-1", "count": 17},
            {"_id": "i-2:0", "importId": "i-2", "count": 3},
        ]
    )
    commands.names.clear()

    found = (await ask(ENTITIES, them=of("AddressImport", "i-1", "i-2", "i-3"))).data["_entities"]

    assert [one["indexed"] for one in found] == [267, 3, 0]
    assert commands.names == ["aggregate"]


async def test_what_fails_for_many_is_logged_once(ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("subgraphs.matching.task_store.TaskStore.get_many", broken)
    with structlog.testing.capture_logs() as entries:
        answer = await ask(ENTITIES, them=of("MatchTask", *(f"t-{number}" for number in range(50))))

    assert len(answer.messages) == 50
    assert [entry["event"] for entry in entries].count("resolver failed") == 1
