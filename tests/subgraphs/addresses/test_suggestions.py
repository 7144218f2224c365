"""As-you-type of the own store: what fits, remembered for a moment, forgotten when the register changes."""

from typing import Any

import pytest
from django_redis import get_redis_connection
from redis.exceptions import RedisError

from subgraphs.addresses import generation
from tests.subgraphs.service import NAMESPACE

SUGGEST = """
query ($text: String!, $country: String, $first: Int = 8) {
  found: suggestAddresses(text: $text, country: $country, first: $first) { id formatted createdAt version }
}
"""
CREATE = "mutation ($input: CreateAddressInput!) { createAddress(input: $input) { address { id } } }"
UPDATE = "mutation ($input: UpdateAddressInput!) { updateAddress(input: $input) { address { id } } }"


async def _suggested(ask: Any, text: str, **wanted: Any) -> list[str]:
    return [address["formatted"] for address in (await ask(SUGGEST, text=text, **wanted)).data["found"]]


@pytest.mark.parametrize(
    "text", ["12 r", "rue lil", "LILAS évr", "evreux 12", "27", "  rue,des;lilas  ", "boulangerie"]
)
async def test_every_word_begins_a_word(ask, known, text: str) -> None:
    known({"city": "Évreux", "postalCode": "27000", "name": "Boulangerie"}, {"address": "7 Quai X"})

    assert await _suggested(ask, text) == ["Boulangerie, 12 Rue des Lilas, 27000 Évreux, FR"]


async def test_the_closest_comes_first_and_no_more_than_wanted(ask, known) -> None:
    known(
        {"address": "1 Mainzer Straße Hinterhaus", "city": None, "postalCode": None},
        {"address": "1 Main Street", "city": None, "postalCode": None},
        {"address": "1 Mainau", "city": None, "postalCode": None},
        {"address": "1 Main Road", "status": "REMOVED"},
    )

    assert await _suggested(ask, "1 main") == [
        "1 Main Street, FR",
        "1 Mainau, FR",
        "1 Mainzer Straße Hinterhaus, FR",
    ]
    assert await _suggested(ask, "1 main", first=1) == ["1 Main Street, FR"]
    assert await _suggested(ask, "1 main", country="de") == []
    assert await _suggested(ask, "1 main", country="fr", first=1) == ["1 Main Street, FR"]


@pytest.mark.parametrize("text", ["", "   ", "?!", "zzz"])
async def test_nothing_fits(ask, known, text: str) -> None:
    known({})

    assert await _suggested(ask, text) == []


async def test_the_second_time_mongodb_is_not_asked(ask, known, commands) -> None:
    known({})

    first = (await ask(SUGGEST, text="12 rue")).data
    asked = list(commands.names)
    second = (await ask(SUGGEST, text=" 12  RUE ")).data

    assert first == second
    assert len(first["found"]) == 1
    assert asked == commands.names == ["aggregate"]


async def test_a_change_of_the_register_is_seen_at_once(ask, known, commands) -> None:
    (id,) = known({"city": "Ruen"})
    await _suggested(ask, "12 rue")

    await ask(UPDATE, input={"id": id, "version": 1, "city": "Rouen"})
    assert await _suggested(ask, "12 rue") == ["12 Rue des Lilas, 76000 Rouen, FR"]

    await ask(CREATE, input={"address": "12 Rue Neuve"})
    assert await _suggested(ask, "12 rue") == ["12 Rue Neuve", "12 Rue des Lilas, 76000 Rouen, FR"]


async def test_a_change_by_the_worker_is_seen_too(ask, known) -> None:
    assert await _suggested(ask, "12 rue") == []
    known({})
    assert await _suggested(ask, "12 rue") == [], "remembered"

    get_redis_connection("default").incr(f"{NAMESPACE}:register_generation")

    assert await _suggested(ask, "12 rue") == ["12 Rue des Lilas, 76000 Rouen, FR"]


async def test_what_is_remembered_lives_for_seconds(ask, known) -> None:
    known({})
    await _suggested(ask, "12 rue")
    redis = get_redis_connection("default")

    (key,) = redis.scan_iter(f"{NAMESPACE}:addresses:*suggestions:*")

    assert 0 < redis.ttl(key) <= 30


async def test_without_redis_it_takes_a_little_longer(ask, known, monkeypatch) -> None:
    known({})

    def fails(_name: str) -> Any:
        raise RedisError("no redis")

    monkeypatch.setattr(generation, "get_redis_connection", fails)

    assert len(await _suggested(ask, "12 rue")) == 1
    assert (await ask(CREATE, input={"address": "1 Main St"})).data["createAddress"]["address"]


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        ({"text": "x" * 200}, True),
        ({"text": "x" * 201}, False),
        ({"text": "x", "first": 0}, True),
        ({"text": "x", "first": 50}, True),
        ({"text": "x", "first": 51}, False),
        ({"text": "x", "first": -1}, False),
    ],
    ids=str,
)
async def test_what_may_be_asked(ask, wanted: dict[str, Any], fits: bool) -> None:
    answer = await ask(SUGGEST, **wanted)

    assert ("errors" not in answer.body) is fits
    if not fits:
        assert answer.body["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
