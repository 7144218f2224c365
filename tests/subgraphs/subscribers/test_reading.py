"""Subscribers are read one by one, in pages, and as entities of the graph."""

import pytest

from tests.subgraphs.subscribers.questions import SUBSCRIBE, UNSUBSCRIBE, ada

PAGE = """
query ($first: Int! = 20, $after: String, $status: SubscriberStatus) {
  subscribers(first: $first, after: $after, status: $status) {
    edges { cursor node { id } } nodes { id name }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount
  }
}
"""
ENTITIES = """
query ($them: [_Any!]!) {
  _entities(representations: $them) { __typename ... on Subscriber { id name address { id } } }
}
"""


async def subscribe_some(ask, count: int) -> list[str]:
    ids = []
    for number in range(count):
        said = (await ask(SUBSCRIBE, input=ada(name=f"Ada {number}"))).data["subscribe"]
        ids.append(said["subscriber"]["id"])
    return ids


async def test_one_subscriber_by_id(ask, db) -> None:
    (id,) = await subscribe_some(ask, 1)
    db["subscribers"].update_one({}, {"$set": {"addressId": "a-1"}})

    found = await ask("query ($id: ID!) { subscriber(id: $id) { name address { id } createdAt updatedAt } }", id=id)
    nobody = await ask('{ subscriber(id: "nobody") { id } }')

    assert found.data["subscriber"]["address"] == {"id": "a-1"}
    assert nobody.data["subscriber"] is None


async def test_pages_hold_everybody_once_the_newest_first(ask, commands) -> None:
    ids = await subscribe_some(ask, 5)
    seen, after, pages = [], None, 0
    while True:
        page = (await ask(PAGE, first=2, after=after)).data["subscribers"]
        seen += [node["id"] for node in page["nodes"]]
        pages += 1
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        assert [edge["node"]["id"] for edge in page["edges"]] == [node["id"] for node in page["nodes"]]
        assert page["totalCount"] == 5
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert (pages, sorted(seen)) == (3, sorted(ids))


async def test_pages_of_those_with_a_status(ask) -> None:
    first, second = await subscribe_some(ask, 2)
    await ask(UNSUBSCRIBE, id=first)

    active = (await ask(PAGE, status="ACTIVE")).data["subscribers"]
    left = (await ask(PAGE, status="UNSUBSCRIBED")).data["subscribers"]

    assert ([node["id"] for node in active["nodes"]], active["totalCount"]) == ([second], 1)
    assert ([node["id"] for node in left["nodes"]], left["totalCount"]) == ([first], 1)


@pytest.mark.parametrize("first", [0, 1, 100])
async def test_a_page_may_have_none_to_a_hundred(ask, first: int) -> None:
    await subscribe_some(ask, 1)

    page = (await ask(PAGE, first=first)).data["subscribers"]

    assert len(page["nodes"]) == min(first, 1)
    assert page["pageInfo"]["hasNextPage"] is (first == 0)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"first": 101}, "first: 101 is more than a page can hold; ask for 100 at most and go on with after"),
        ({"first": -1}, "first: -1 is negative; ask for 0 to 100"),
        ({"after": "nonsense"}, "after: 'nonsense' is no cursor of this list; use endCursor of the page before"),
        ({"after": "WzFd"}, "after: 'WzFd' is no cursor of this list; use endCursor of the page before"),
        ({"after": "WyJ4IiwieSJd"}, "after is no cursor of this list; use endCursor of the page before"),
    ],
)
async def test_a_page_that_cannot_be_is_an_error_that_says_what_can(ask, variables: dict, message: str) -> None:
    answer = await ask(PAGE, **variables)

    assert answer.messages == [message]
    assert answer.body["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_all_entities_of_a_request_are_one_query(ask, commands) -> None:
    ids = await subscribe_some(ask, 4)
    commands.names.clear()
    them = [{"__typename": "Subscriber", "id": id} for id in [*ids, "nobody", ids[0]]]

    answer = await ask(ENTITIES, them=them)

    assert [entity and entity["id"] for entity in answer.data["_entities"]] == [*ids, None, ids[0]]
    assert commands.names == ["find"]


async def test_a_bad_representation_spoils_only_itself(ask) -> None:
    (id,) = await subscribe_some(ask, 1)
    them = [
        {"__typename": "Nobody", "id": "x"},
        {"__typename": "Subscriber"},
        {"__typename": "Subscriber", "id": 7},
        {"__typename": "Subscriber", "id": id, "email": "more than was asked for"},
        {"__typename": "Address", "id": "a-1"},
        "nonsense",
    ]

    answer = await ask(ENTITIES, them=them)

    assert [entity and entity["id"] for entity in answer.body["data"]["_entities"]] == [
        None,
        None,
        None,
        id,
        None,
        None,
    ]
    assert len(answer.messages) == 5
