"""Batches are watched, cancelled, resumed and read."""

import asyncio
import json
from pathlib import Path

import jsonschema
import pytest

from subgraphs.matching import batch_store
from tests.subgraphs.matching.questions import BATCH, BEGIN, EVIDENCE, batch, result

CONTRACTS = Path(batch_store.__file__).parent / "contracts"
CANCEL = "mutation ($id: ID!) { cancelMatchBatch(id: $id) { matchBatch { status finishedAt } problems { code } } }"
RESUME = "mutation ($id: ID!) { resumeMatchBatch(id: $id) { matchBatch { status finishedAt } problems { code } } }"
RESULTS = """
query ($id: ID!, $first: Int! = 20, $after: String, $verdict: Verdict) {
  matchBatch(id: $id) {
    results(first: $first, after: $after, verdict: $verdict) {
      edges { cursor node { row } }
      nodes { row queryId typedAddress { city } verdict score address { id } evidence { field contradicts }
        runnerUp { address { id } score explanation } problem }
      pageInfo { hasNextPage hasPreviousPage endCursor } totalCount
    }
  }
}
"""


async def test_cancelling_tells_the_counts_of_that_moment_once(ask, db) -> None:
    db["match_batches"].insert_one(batch("b-1"))

    answers = await asyncio.gather(*(ask(CANCEL, id="b-1") for _ in range(4)))

    said = [answer.data["cancelMatchBatch"] for answer in answers]
    document = db["match_batches"].find_one()
    (fact,) = document["unsent"]
    assert sorted(len(one["problems"]) for one in said) == [0, 1, 1, 1]
    assert {problem["code"] for one in said for problem in one["problems"]} == {"NOT_RUNNING"}
    assert document["status"] == "CANCELLED"
    assert document["finishedAt"] is not None
    assert fact["data"] == {
        "batchId": "b-1",
        "status": "CANCELLED",
        "total": 8,
        "done": 4,
        "matched": 2,
        "inReview": 1,
        "new": 1,
        "failed": 0,
        "rejected": 2,
    }
    assert fact["type"] == "batch.finished.v1"
    jsonschema.validate(document, json.loads((CONTRACTS / "match_batch.document.json").read_text()))


async def test_a_batch_goes_on_with_another_attempt_once(ask, db) -> None:
    db["match_batches"].insert_one(batch("b-1", status="CANCELLED", finishedChunks=[0]))

    answers = await asyncio.gather(*(ask(RESUME, id="b-1") for _ in range(4)))

    said = [answer.data["resumeMatchBatch"] for answer in answers]
    document = db["match_batches"].find_one()
    (fact,) = document["unsent"]
    assert sorted(len(one["problems"]) for one in said) == [0, 1, 1, 1]
    assert (document["status"], document["attempt"], document["finishedChunks"]) == ("QUEUED", 2, [0])
    assert (document["done"], document["finishedAt"]) == (4, None)
    assert fact["data"] == {"batchId": "b-1", "attempt": 2}
    jsonschema.validate(fact, json.loads((CONTRACTS / "batch_requested.v1.json").read_text()))


@pytest.mark.parametrize(
    ("mutation", "status", "code"),
    [
        (CANCEL, "QUEUED", None),
        (CANCEL, "RUNNING", None),
        (CANCEL, "FINISHED", "NOT_RUNNING"),
        (CANCEL, "CANCELLED", "NOT_RUNNING"),
        (CANCEL, "FAILED", "NOT_RUNNING"),
        (RESUME, "CANCELLED", None),
        (RESUME, "FAILED", None),
        (RESUME, "QUEUED", "NOT_RESUMABLE"),
        (RESUME, "RUNNING", "NOT_RESUMABLE"),
        (RESUME, "FINISHED", "NOT_RESUMABLE"),
    ],
)
async def test_only_some_batches_can_be_stopped_or_go_on(ask, db, mutation: str, status: str, code: str) -> None:
    db["match_batches"].insert_one(batch("b-1", status=status))

    (said,) = (await ask(mutation, id="b-1")).data.values()

    assert [problem["code"] for problem in said["problems"]] == ([code] if code else [])


@pytest.mark.parametrize("mutation", [CANCEL, RESUME])
async def test_a_batch_nobody_knows(ask, mutation: str) -> None:
    (said,) = (await ask(mutation, id="none")).data.values()

    assert said == {"matchBatch": None, "problems": [{"code": "UNKNOWN_MATCH_BATCH"}]}
    assert (await ask(BATCH, id="none")).data["matchBatch"] is None


@pytest.mark.parametrize(("status", "rate"), [("RUNNING", 812.5), ("CANCELLED", None)])
async def test_a_batch_says_how_fast_it_is_while_it_runs(ask, db, status: str, rate: float | None) -> None:
    pace = {"since": BEGIN, "done": 4, "rowsPerSecond": 812.5}
    db["match_batches"].insert_one(batch("b-1", status=status, pace=pace))

    found = (await ask("query ($id: ID!) { matchBatch(id: $id) { rowsPerSecond } }", id="b-1")).data

    assert found["matchBatch"]["rowsPerSecond"] == rate


async def test_a_result_says_why_the_runner_up_lost(ask, db) -> None:
    db["match_batches"].insert_one(batch("b-1"))
    second = {"addressId": "a-2", "score": 0.01, "explanation": "a-2 at 0.01: number -6.0 instead of +3.0"}
    hard = {**EVIDENCE, "contradicts": True, "isDoubtful": False}
    db["match_results"].insert_many([result("b-1", 1, runnerUp=second, evidence=[hard]), result("b-1", 2)])

    first, other = (await ask(RESULTS, id="b-1")).data["matchBatch"]["results"]["nodes"]

    assert first["runnerUp"] == {"address": {"id": "a-2"}, "score": 0.01, "explanation": second["explanation"]}
    assert (first["evidence"][0]["contradicts"], other["evidence"][0]["contradicts"]) == (True, False)
    assert other["runnerUp"] is None


async def test_a_batch_says_how_far_it_is(ask, db) -> None:
    db["match_batches"].insert_one(batch("b-1"))

    found = (await ask(BATCH, id="b-1")).data["matchBatch"]

    assert (found["progress"], found["done"], found["inReview"], found["status"]) == (0.5, 4, 1, "RUNNING")


async def test_results_come_in_pages_in_the_order_of_the_file(ask, db) -> None:
    db["match_batches"].insert_one(batch("b-1"))
    db["match_results"].insert_many(
        [result("b-1", row, verdict="NEW" if row % 3 == 0 else "MATCH") for row in range(1, 8)] + [result("b-2", 1)]
    )
    seen, after = [], None
    while True:
        page = (await ask(RESULTS, id="b-1", first=3, after=after)).data["matchBatch"]["results"]
        seen += [node["row"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    new = (await ask(RESULTS, id="b-1", verdict="NEW")).data["matchBatch"]["results"]

    assert seen == [1, 2, 3, 4, 5, 6, 7]
    assert page["totalCount"] == 7
    assert [node["row"] for node in new["nodes"]] == [3, 6]
    assert new["totalCount"] == 2
    assert new["nodes"][0]["address"] == {"id": "a-1"}


async def test_a_page_of_results_may_have_a_thousand(ask, db) -> None:
    db["match_batches"].insert_one(batch("b-1"))
    db["match_results"].insert_many([result("b-1", row, evidence=[]) for row in range(1, 1002)])

    at_it = await ask(RESULTS, id="b-1", first=1000)
    over_it = await ask(RESULTS, id="b-1", first=1001)

    assert len(at_it.data["matchBatch"]["results"]["nodes"]) == 1000
    assert at_it.data["matchBatch"]["results"]["pageInfo"]["hasNextPage"] is True
    assert over_it.messages == ["first: 1001 is more than a page can hold; ask for 1000 at most and go on with after"]


async def test_many_batches_with_their_rows_need_one_query_each_kind(ask, db, commands) -> None:
    db["match_batches"].insert_many([batch(f"b-{number}", minute=number) for number in range(5)])
    db["match_results"].insert_many([result(f"b-{number}", row) for number in range(5) for row in range(1, 4)])
    commands.names.clear()
    query = """{ matchBatches(first: 5) { nodes { id results(first: 2) { nodes { row } pageInfo { hasNextPage } }
        rejectedRows { nodes { row } totalCount } } pageInfo { hasNextPage } } }"""

    found = (await ask(query)).data["matchBatches"]

    assert [node["id"] for node in found["nodes"]] == ["b-4", "b-3", "b-2", "b-1", "b-0"]
    assert all([one["row"] for one in node["results"]["nodes"]] == [1, 2] for node in found["nodes"])
    assert all(node["results"]["pageInfo"]["hasNextPage"] for node in found["nodes"])
    assert sorted(commands.names) == ["aggregate", "aggregate", "aggregate", "find"]
