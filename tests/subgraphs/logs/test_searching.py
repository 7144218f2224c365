"""Lines are searched by time, level, service, request and text; alerts are looked at; by those who may."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pymongo.errors import WriteError

from subgraphs.logs import prepare as module
from subgraphs.logs.store import LogStore, OnlyEntries, id_at

CONTRACTS = Path(module.__file__).parent / "contracts"
LIST = """
query ($first: Int, $after: String, $since: DateTime, $until: DateTime, $level: LogLevel, $service: String,
       $request: String, $text: String) {
  logEntries(first: $first, after: $after, since: $since, until: $until, level: $level, service: $service,
             requestId: $request, text: $text) {
    totalCount nodes { id event level service } edges { cursor node { id } } pageInfo { hasNextPage endCursor }
  }
}
"""
ALERTS = """
query ($status: AlertStatus, $rule: AlertRule, $service: String, $first: Int, $after: String) {
  alerts(status: $status, rule: $rule, service: $service, first: $first, after: $after) {
    totalCount nodes { id status rule service process text value worst openedAt clearedAt }
    pageInfo { hasNextPage endCursor }
  }
}
"""
ENTITIES = """
query ($them: [_Any!]!) {
  _entities(representations: $them) { __typename ... on LogEntry { id line } ... on Alert { id text } }
}
"""
START = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def entry(second: int, event: str = "request answered", **more: Any) -> dict[str, Any]:
    """A document as the writer keeps it."""
    time = START + timedelta(seconds=second)
    return {
        "_id": f"{id_at(time)}b:{second}",
        "time": time,
        "level": "info",
        "service": "subscribers",
        "process": "subgraphs.subscribers serve",
        "event": event,
        "requestId": None,
        "traceId": None,
        "line": json.dumps({"event": event}),
    } | more


def alert(number: int, **more: Any) -> dict[str, Any]:
    """A document as the watcher keeps it."""
    return {
        "_id": f"a-{number}",
        "key": f"ERROR_RATE subscribers {number}",
        "status": "OPEN",
        "rule": "ERROR_RATE",
        "service": "subscribers",
        "process": None,
        "text": "many lines are errors",
        "value": 0.2,
        "worst": 0.5,
        "openedAt": START + timedelta(minutes=number),
        "clearedAt": None,
        "unsent": [],
        "calls": [],
    } | more


async def events(ask, **conditions: Any) -> list[str]:
    found = (await ask(LIST, **conditions)).data["logEntries"]
    assert found["totalCount"] == len(found["nodes"])
    return [one["event"] for one in found["nodes"]]


async def test_all_conditions_that_are_given_must_hold(ask, db) -> None:
    db["entries"].insert_many(
        [
            entry(0, "oldest", level="debug"),
            entry(1, "resolver failed", level="error", requestId="r-1"),
            entry(2, "fact handled", service="matching", requestId="r-1", line='{"fact": "address.SUBMITTED.v1"}'),
            entry(3, "broker lost", service="matching", level="warning"),
        ]
    )
    at = [(START + timedelta(seconds=second)).isoformat() for second in range(4)]

    assert await events(ask) == ["broker lost", "fact handled", "resolver failed", "oldest"]
    assert await events(ask, level="WARNING") == ["broker lost", "resolver failed"]
    assert await events(ask, request="r-1") == ["fact handled", "resolver failed"]
    assert await events(ask, service="matching", level="INFO") == ["broker lost", "fact handled"]
    assert await events(ask, since=at[1], until=at[3]) == ["fact handled", "resolver failed"]
    assert await events(ask, text="address.submitted") == ["fact handled"]
    assert await events(ask, text="address.submitted.*") == []
    assert await events(ask, text="FAILED", since=at[2]) == []


async def test_pages_hold_all_once_the_newest_first(ask, db) -> None:
    db["entries"].insert_many([entry(second) for second in range(7)])
    seen, after = [], None
    while True:
        page = (await ask(LIST, first=3, after=after, until=(START + timedelta(seconds=6)).isoformat())).data[
            "logEntries"
        ]
        seen += [one["id"] for one in page["nodes"]]
        assert [edge["node"]["id"] for edge in page["edges"]] == [one["id"] for one in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert seen == [entry(second)["_id"] for second in reversed(range(6))]


async def test_a_search_that_takes_too_long_says_how_to_narrow_it_down(ask, db, monkeypatch) -> None:
    db["entries"].insert_many([entry(second, line="x" * 20_000) for second in range(3_000)])
    monkeypatch.setattr("subgraphs.logs.schema.store", lambda: LogStore(db, search_ms=1))

    answer = await ask(LIST, text="nowhere")

    assert answer.body["errors"][0]["extensions"]["code"] == "SEARCH_TOO_LONG"
    assert "Narrow it down" in answer.messages[0]


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"text": ""}, "text must have 1 to 200 characters"),
        ({"service": "x" * 201}, "service must have 1 to 200 characters"),
        ({"first": 101}, "first: 101 is more than a page can hold; ask for 100 at most and go on with after"),
        ({"after": "nonsense"}, "after: 'nonsense' is no cursor of this list; use endCursor of the page before"),
    ],
)
async def test_a_condition_that_cannot_be_is_an_error_that_says_what_can(ask, variables: dict, message: str) -> None:
    answer = await ask(LIST, **variables)

    assert answer.messages == [message]


async def test_alerts_are_listed_the_newest_first(ask, db) -> None:
    db["alerts"].insert_many(
        [
            alert(1),
            alert(2, rule="SILENCE", process="listen"),
            alert(3, status="CLEARED", clearedAt=START, service="matching"),
        ]
    )

    async def ids(**conditions: Any) -> list[str]:
        return [one["id"] for one in (await ask(ALERTS, **conditions)).data["alerts"]["nodes"]]

    assert await ids() == ["a-3", "a-2", "a-1"]
    assert await ids(status="OPEN") == ["a-2", "a-1"]
    assert await ids(rule="SILENCE", service="subscribers") == ["a-2"]
    first = (await ask(ALERTS, first=2)).data["alerts"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (3, True)
    assert await ids(first=2, after=first["pageInfo"]["endCursor"]) == ["a-1"]


async def test_entities_are_one_query_each_and_what_is_gone_is_null(ask, db, commands) -> None:
    db["entries"].insert_one(entry(1))
    db["alerts"].insert_one(alert(1))
    commands.names.clear()
    them = [
        {"__typename": "LogEntry", "id": entry(1)["_id"]},
        {"__typename": "LogEntry", "id": "gone"},
        {"__typename": "Alert", "id": "a-1"},
    ]

    found = (await ask(ENTITIES, them=them)).data["_entities"]

    assert [one and one["id"] for one in found] == [entry(1)["_id"], None, "a-1"]
    assert commands.names == ["find", "find"]


@pytest.mark.parametrize("scope", ["", "subscriptions:own", "subscribers:read accounts:read"])
async def test_who_may_not_see_logs_sees_none(ask, db, scope: str) -> None:
    db["entries"].insert_one(entry(1))
    db["alerts"].insert_one(alert(1))
    other = ask.on_behalf_of("somebody", scope)

    assert "needs the scope operations" in (await other(LIST)).messages[0]
    assert "needs the scope operations" in (await other(ALERTS)).messages[0]
    assert "needs the scope operations" in (await other('{ logEntry(id: "x") { id } }')).messages[0]
    assert "needs the scope operations" in (await other('{ alert(id: "a-1") { id } }')).messages[0]
    them = [{"__typename": "LogEntry", "id": entry(1)["_id"]}, {"__typename": "Alert", "id": "a-1"}]
    assert (await other(ENTITIES, them=them)).data["_entities"] == [None, None]


@pytest.mark.parametrize("contract", ["log_entry", "alert", "log_source"])
def test_the_example_of_a_document_keeps_it(contract: str) -> None:
    schema = json.loads((CONTRACTS / f"{contract}.document.json").read_text())

    for example in schema["examples"]:
        jsonschema.validate(example, schema)


@pytest.mark.parametrize("change", [{"level": "LOUD"}, {"service": ""}, {"line": None}])
def test_the_database_refuses_what_breaks_the_contract(db, change: dict) -> None:
    with pytest.raises(WriteError, match="failed validation"):
        db["entries"].insert_one(entry(1) | change)


def test_how_long_entries_are_kept_can_be_changed(db, settings_of) -> None:
    settings_of(KEEP_SECONDS=60)
    module.prepare()

    assert db["entries"].index_information()["expires"]["expireAfterSeconds"] == 60


@pytest.mark.parametrize(
    "only",
    [OnlyEntries(), OnlyEntries(since=START), OnlyEntries(service="subscribers"), OnlyEntries(request_id="r-1")],
)
def test_no_search_without_a_text_reads_more_than_it_shows(db, only: OnlyEntries) -> None:
    db["entries"].insert_many([entry(second, requestId="r-1") for second in range(500)])
    plan = db["entries"].find(only.as_filter()).sort("_id", -1).limit(10).explain()

    assert plan["executionStats"]["totalDocsExamined"] == 10
