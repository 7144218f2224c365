"""Callers see and change their own subscriptions; with the scope for it, everybody's."""

from typing import Any

import pytest

from subgraphs.chassis.identity import OWN
from tests.subgraphs.service import GraphQLOfService
from tests.subgraphs.subscribers.questions import CHANGE_ADDRESS, SUBSCRIBE, UNSUBSCRIBE, ada

ONE = "query ($id: ID!) { subscriber(id: $id) { id name } }"
ALL = "{ subscribers { totalCount nodes { id } edges { node { id } } } }"
ENTITIES = "query ($them: [_Any!]!) { _entities(representations: $them) { ... on Subscriber { id email owner } } }"


async def subscribed(ask: GraphQLOfService, **changes: Any) -> dict[str, Any]:
    payload = (await ask(SUBSCRIBE, input=ada(**changes))).data["subscribe"]
    assert payload["problems"] == []
    return dict(payload["subscriber"])


@pytest.fixture
def mine(ask: GraphQLOfService) -> GraphQLOfService:
    return ask.on_behalf_of("ada", OWN)


@pytest.fixture
def others(ask: GraphQLOfService) -> GraphQLOfService:
    return ask.on_behalf_of("grace", OWN)


async def test_anybody_may_subscribe_and_sees_what_they_wrote(ask: GraphQLOfService) -> None:
    assert (await subscribed(ask.on_behalf_of(None)))["name"] == "Ada Lovelace"


async def test_what_is_ones_own_is_seen_and_that_of_others_is_not(mine, others, ask) -> None:
    own, of_nobody = await subscribed(mine), await subscribed(ask.on_behalf_of(None))

    assert (await mine(ONE, id=own["id"])).data["subscriber"]["name"] == "Ada Lovelace"
    assert (await mine(ALL)).data["subscribers"] == {
        "totalCount": 1,
        "nodes": [{"id": own["id"]}],
        "edges": [{"node": {"id": own["id"]}}],
    }
    for foreign in (own["id"], of_nobody["id"]):
        assert (await others(ONE, id=foreign)).data["subscriber"] is None
    assert (await others(ALL)).data["subscribers"] == {"totalCount": 0, "nodes": [], "edges": []}
    assert (await ask(ALL)).data["subscribers"]["totalCount"] == 2


async def test_a_reference_shows_no_more_than_the_list(mine, others, ask) -> None:
    own, of_nobody = await subscribed(mine), await subscribed(ask.on_behalf_of(None))
    them = [{"__typename": "Subscriber", "id": one["id"]} for one in (own, of_nobody)]
    seen = [{"id": own["id"], "email": "ada@example.org", "owner": "ada"}, None]

    assert (await mine(ENTITIES, them=them)).data["_entities"] == seen
    assert (await others(ENTITIES, them=them)).data["_entities"] == [None, None]
    for nobody in (ask.on_behalf_of(None), ask.on_behalf_of(None, OWN), ask.on_behalf_of("ada", "reviews")):
        assert (await nobody(ENTITIES, them=them)).data["_entities"] == [None, None]


async def test_only_ones_own_is_changed_and_ended(mine, others, ask) -> None:
    own = await subscribed(mine)
    moved = {"input": {"subscriberId": own["id"], "address": ada()["address"]}}

    assert (await others(CHANGE_ADDRESS, **moved)).data["changeAddress"]["problems"][0]["code"] == "UNKNOWN_SUBSCRIBER"
    assert (await others(UNSUBSCRIBE, id=own["id"])).data["unsubscribe"]["problems"][0]["code"] == "UNKNOWN_SUBSCRIBER"
    assert (await mine(CHANGE_ADDRESS, **moved)).data["changeAddress"]["problems"] == []
    assert (await mine(UNSUBSCRIBE, id=own["id"])).data["unsubscribe"]["subscriber"]["status"] == "UNSUBSCRIBED"
    everybody = ask.on_behalf_of("an-operator", "subscribers:write")
    of_nobody = await subscribed(ask.on_behalf_of(None))
    assert (await everybody(UNSUBSCRIBE, id=of_nobody["id"])).data["unsubscribe"]["problems"] == []


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        (ONE, {"id": "x"}),
        (ALL, {}),
        (CHANGE_ADDRESS, {"input": {"subscriberId": "x", "address": ada()["address"]}}),
        (UNSUBSCRIBE, {"id": "x"}),
    ],
)
async def test_others_are_kept_away(ask, query: str, variables: dict[str, Any]) -> None:
    for stranger in (ask.on_behalf_of(None), ask.on_behalf_of("somebody", "reviews batches operations")):
        answer = await stranger(query, **variables)
        assert answer.body["errors"][0]["extensions"]["code"] == "FORBIDDEN"


@pytest.mark.parametrize("changes", [{"email": "grace@example.org"}, {"name": "Grace Hopper"}])
async def test_whose_a_guessed_key_is_is_not_told(ask, changes: dict[str, str]) -> None:
    stranger = ask.on_behalf_of(None)
    await subscribed(stranger, idempotencyKey="1")

    payload = (await stranger(SUBSCRIBE, input=ada(idempotencyKey="1", **changes))).data["subscribe"]

    assert payload["subscriber"] is None
    assert [problem["code"] for problem in payload["problems"]] == ["KEY_IN_USE"]


async def test_a_key_of_somebody_elses_subscription_is_in_use(mine, others) -> None:
    await subscribed(mine, idempotencyKey="1")

    payload = (await others(SUBSCRIBE, input=ada(idempotencyKey="1"))).data["subscribe"]

    assert [problem["code"] for problem in payload["problems"]] == ["KEY_IN_USE"]
