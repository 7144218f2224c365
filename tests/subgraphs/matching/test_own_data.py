"""Who sees which match tasks and batches; the gateway has refused the fields that need a scope before."""

import pytest

from subgraphs.chassis.identity import OWN
from tests.subgraphs.service import GraphQLOfService

TASKS = """query ($them: [_Any!]!) { _entities(representations: $them) {
  ... on Subscriber { matchTasks { totalCount } } ... on MatchBatch { id } ... on MatchTask { id status } } }"""


def of(id: str, owner: str | None) -> dict[str, str | None]:
    return {"__typename": "Subscriber", "id": id, "owner": owner}


async def test_the_tasks_of_ones_own_subscription_are_seen(ask: GraphQLOfService) -> None:
    mine = ask.on_behalf_of("ada", OWN)

    answer = await mine(TASKS, them=[of("s-1", "ada"), of("s-2", "grace"), of("s-3", None)])

    seen = {"matchTasks": {"totalCount": 0}}
    assert answer.body["data"]["_entities"] == [seen, None, None]
    assert [error["extensions"]["code"] for error in answer.body["errors"]] == ["FORBIDDEN"] * 2
    assert (await ask(TASKS, them=[of("s-2", "grace"), of("s-3", None)])).data["_entities"] == [seen, seen]


async def test_nobody_is_no_owner(ask: GraphQLOfService) -> None:
    for stranger in (ask.on_behalf_of(None), ask.on_behalf_of(None, OWN), ask.on_behalf_of("ada", "reviews")):
        answer = await stranger(TASKS, them=[of("s-1", "ada"), of("s-3", None)])
        assert answer.body["data"]["_entities"] == [None, None]


async def test_a_task_is_seen_by_whoever_knows_its_id(ask: GraphQLOfService) -> None:
    answer = await ask.on_behalf_of(None)('{ matchTask(id: "t-1") { id status } }')

    assert answer.data["matchTask"] == {"id": "t-1", "status": "QUEUED"}


@pytest.mark.parametrize("field", ["subscriber { id }", "claimedBy", "claimedUntil", "reviewer"])
async def test_but_not_who_is_behind_it(ask: GraphQLOfService, field: str) -> None:
    answer = await ask.on_behalf_of(None)(f'{{ matchTask(id: "t-1") {{ id {field} }} }}')

    assert answer.body["errors"][0]["extensions"]["code"] == "FORBIDDEN"


@pytest.mark.parametrize(
    "operation",
    [
        '{ matchBatch(id: "b") { id } }',
        "{ matchBatches { totalCount } }",
        "{ duplicates { totalCount } }",
        "{ duplicateSearch { id } }",
        "{ reviewQueue { totalCount } }",
        'mutation { cancelMatchBatch(id: "b") { problems { code } } }',
        'mutation { resumeMatchBatch(id: "b") { problems { code } } }',
        "mutation { findDuplicates { problems { code } } }",
        'mutation { cancelDuplicateSearch(id: "d") { problems { code } } }',
        'mutation { tellDuplicatesApart(addressIds: ["a", "b"], reviewer: "Grace") { problems { code } } }',
        'mutation { undoTellDuplicatesApart(addressIds: ["a", "b"]) { problems { code } } }',
        'mutation { claimReview(id: "t", reviewer: "Grace") { problems { code } } }',
        'mutation { resolveReview(input: {id: "t", reviewer: "Grace"}) { problems { code } } }',
        'mutation { undoReview(id: "t", reviewer: "Grace") { problems { code } } }',
    ],
)
async def test_others_are_kept_away(ask: GraphQLOfService, operation: str) -> None:
    for stranger in (ask.on_behalf_of(None), ask.on_behalf_of("ada", OWN)):
        answer = await stranger(operation)
        assert [error["extensions"]["code"] for error in answer.body["errors"]] == ["FORBIDDEN"]


async def test_an_address_is_matched_for_whoever_is_known(ask: GraphQLOfService) -> None:
    match = 'mutation { matchAddress(input: {address: {address: "12 rue des Lilas, Rouen"}}) { problems { code } } }'

    refused = await ask.on_behalf_of(None)(match)
    assert refused.body["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert "errors" not in (await ask.on_behalf_of("ada")(match)).body


async def test_a_batch_is_no_reference_to_others(ask: GraphQLOfService, db) -> None:
    answer = await ask.on_behalf_of("ada", "reviews")(TASKS, them=[{"__typename": "MatchBatch", "id": "b"}])

    assert answer.data["_entities"] == [None]
