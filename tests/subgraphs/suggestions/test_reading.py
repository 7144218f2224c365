"""Operators read suggestions in pages, narrowed down; nobody else does."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.subgraphs.suggestions.test_send_suggestion import SEND, ada

PAGE = """
query ($first: Int! = 20, $after: String, $filter: SuggestionFilter) {
  suggestions(first: $first, after: $after, filter: $filter) {
    edges { cursor node { id } } nodes { id text letter { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount
  }
}
"""
ENTITIES = (
    "query ($them: [_Any!]!) { _entities(representations: $them) { ... on Suggestion { id text letter { id } } } }"
)
NOW = datetime.now(UTC)


async def send_some(ask, *texts: str, email: str = "ada@example.org") -> list[str]:
    sent = [(await ask(SEND, input=ada(text=text, email=email))).data["sendSuggestion"] for text in texts]
    return [one["suggestion"]["id"] for one in sent]


async def texts(ask, **filter: object) -> list[str]:
    page = (await ask(PAGE, filter=filter)).data["suggestions"]
    assert page["totalCount"] == len(page["nodes"])
    return [one["text"] for one in page["nodes"]]


async def test_pages_hold_all_once_the_newest_first(ask, settings_of) -> None:
    ids = await send_some(ask, *"abcde")
    seen, after = [], None
    while True:
        page = (await ask(PAGE, first=2, after=after)).data["suggestions"]
        seen += [node["id"] for node in page["nodes"]]
        assert page["totalCount"] == 5
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break

    assert sorted(seen) == sorted(ids)


async def test_all_conditions_that_are_given_must_hold(ask, db) -> None:
    first, _ = await send_some(ask, "Show the map on the phone.", "A map, printed.")
    await send_some(ask, "Zeig die Straße.", email="grace@example.org")
    db["suggestions"].update_one({"_id": first}, {"$set": {"receivedAt": NOW - timedelta(days=7), "letterId": "n-1"}})

    assert await texts(ask, words="MAP") == ["A map, printed.", "Show the map on the phone."]
    assert await texts(ask, words='map "phone') == ["Show the map on the phone."]
    assert await texts(ask, words="straße") == ["Zeig die Straße."]
    assert await texts(ask, email="GRACE@example.org") == ["Zeig die Straße."]
    assert await texts(ask, until=(NOW - timedelta(days=1)).isoformat()) == ["Show the map on the phone."]
    assert await texts(ask, since=(NOW - timedelta(days=1)).isoformat(), words="map") == ["A map, printed."]
    assert await texts(ask, status="THANKED") == []


async def test_a_letter_is_another_services_to_tell(ask, db) -> None:
    (id,) = await send_some(ask, "Show the map.")
    before = (await ask(ENTITIES, them=[{"__typename": "Suggestion", "id": id}])).data["_entities"]
    db["suggestions"].update_one({}, {"$set": {"letterId": "n-1"}})
    after = (await ask(ENTITIES, them=[{"__typename": "Suggestion", "id": id}])).data["_entities"]

    assert (before[0]["letter"], after[0]["letter"]) == (None, {"id": "n-1"})


@pytest.mark.parametrize("scope", ["", "subscriptions:own", "subscribers:read operations"])
async def test_who_may_not_read_suggestions_reads_none(ask, scope: str) -> None:
    (id,) = await send_some(ask, "Show the map.")
    other = ask.on_behalf_of("somebody", scope)

    listed = await other(PAGE)
    one = await other("query ($id: ID!) { suggestion(id: $id) { text } }", id=id)
    entity = await other(ENTITIES, them=[{"__typename": "Suggestion", "id": id}])

    assert "suggestions:read" in listed.messages[0]
    assert "suggestions:read" in one.messages[0]
    assert entity.data["_entities"] == [None]


async def test_all_entities_of_a_request_are_one_query(ask, commands) -> None:
    ids = await send_some(ask, *"abc")
    commands.names.clear()

    answer = await ask(ENTITIES, them=[{"__typename": "Suggestion", "id": id} for id in [*ids, "nobody"]])

    assert [entity and entity["id"] for entity in answer.data["_entities"]] == [*ids, None]
    assert commands.names == ["find"]


@pytest.mark.parametrize("words", ["", " ", "x" * 201])
async def test_words_that_are_none_or_too_many_are_an_error_that_says_so(ask, words: str) -> None:
    answer = await ask(PAGE, filter={"words": words})

    assert answer.messages == ["filter.words must have 1 to 200 characters"]
