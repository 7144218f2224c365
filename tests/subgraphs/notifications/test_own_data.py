"""Who sees which letters; the gateway has refused the fields that need a scope before."""

import pytest

from subgraphs.chassis.identity import OWN
from tests.subgraphs.service import GraphQLOfService

LETTERS = """query ($them: [_Any!]!) { _entities(representations: $them) {
  ... on Subscriber { notifications { totalCount nodes { subject } } } ... on Notification { id } } }"""


def of(id: str, owner: str | None) -> dict[str, str | None]:
    return {"__typename": "Subscriber", "id": id, "owner": owner}


async def test_letters_to_ones_own_subscription_are_seen(ask: GraphQLOfService, written) -> None:
    written({"subscriberId": "s-1"}, {"subscriberId": "s-2"})

    answer = await ask.on_behalf_of("ada", OWN)(LETTERS, them=[of("s-1", "ada"), of("s-2", "grace"), of("s-2", None)])

    first, *others = answer.body["data"]["_entities"]
    assert first["notifications"]["totalCount"] == 1
    assert others == [None, None]
    assert [error["extensions"]["code"] for error in answer.body["errors"]] == ["FORBIDDEN"] * 2
    assert len((await ask(LETTERS, them=[of("s-1", "ada"), of("s-2", None)])).data["_entities"]) == 2


async def test_a_letter_by_reference_is_for_those_who_see_all(ask: GraphQLOfService, written) -> None:
    (id,) = written({"subscriberId": "s-1"})
    them = [{"__typename": "Notification", "id": id}]

    assert (await ask.on_behalf_of("ada", OWN)(LETTERS, them=them)).data["_entities"] == [None]
    assert (await ask(LETTERS, them=them)).data["_entities"] == [{"id": id}]


@pytest.mark.parametrize(
    "operation",
    [
        '{ notification(id: "n") { id } }',
        "{ notifications { totalCount } }",
        'mutation { resendNotification(id: "n") { problems { code } } }',
    ],
)
async def test_others_are_kept_away(ask: GraphQLOfService, operation: str) -> None:
    for stranger in (ask.on_behalf_of(None), ask.on_behalf_of("ada", f"{OWN} reviews")):
        answer = await stranger(operation)
        assert [error["extensions"]["code"] for error in answer.body["errors"]] == ["FORBIDDEN"]
