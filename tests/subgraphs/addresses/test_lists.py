"""The register as a list: pages, filters, orders; each served by an index."""

from datetime import UTC, datetime
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from subgraphs.addresses.filters import ORDERS, filtered

LIST = """
query ($first: Int, $after: String, $status: AddressStatus = ACTIVE, $city: String, $postalCode: String,
       $country: String, $source: String, $search: String, $orderBy: AddressOrder = NEWEST_FIRST) {
  addresses(first: $first, after: $after, status: $status, city: $city, postalCode: $postalCode, country: $country,
            source: $source, search: $search, orderBy: $orderBy) {
    totalCount
    nodes { id reference mergedInto { id } }
    edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""


async def _all(ask: Any, size: int, **wanted: Any) -> list[str]:
    """The ids of all pages."""
    found: list[str] = []
    after = None
    while True:
        page = (await ask(LIST, first=size, after=after, **wanted)).data["addresses"]
        found += [node["id"] for node in page["nodes"]]
        assert page["pageInfo"]["hasPreviousPage"] == (after is not None)
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


@pytest.mark.parametrize("order", ["NEWEST_FIRST", "LAST_CHANGED_FIRST", "CITY", "POSTAL_CODE"])
@pytest.mark.parametrize("size", [1, 3, 100])
async def test_pages_leave_nothing_out_and_repeat_nothing(ask, known, order: str, size: int) -> None:
    same_time = datetime(2026, 1, 1, tzinfo=UTC)
    ids = known(
        *({"city": city, "postalCode": code} for city in ("B", "A", None) for code in ("2", "1", None)),
        *({"createdAt": same_time, "updatedAt": same_time} for _ in range(4)),
    )

    found = await _all(ask, size, orderBy=order)

    assert sorted(found) == sorted(ids)
    assert found == await _all(ask, 100, orderBy=order)


async def test_orders(ask, known) -> None:
    rouen, nowhere, evreux = known({"city": "Rouen"}, {"city": None}, {"city": "Evreux"})

    assert await _all(ask, 2, orderBy="CITY") == [nowhere, evreux, rouen]
    assert await _all(ask, 2) == [evreux, nowhere, rouen]


async def test_an_address_that_comes_in_meanwhile_moves_no_page(ask, known) -> None:
    old = known({}, {}, {}, {})
    page = (await ask(LIST, first=2)).data["addresses"]
    known({"reference": "newest"})

    after = (await ask(LIST, first=2, after=page["pageInfo"]["endCursor"])).data["addresses"]

    assert [node["id"] for node in page["nodes"] + after["nodes"]] == old[::-1]


@pytest.mark.parametrize(
    ("wanted", "references"),
    [
        ({}, "abcd"),
        ({"city": "éVREUX"}, "b"),
        ({"city": "Rouen."}, ""),
        ({"postalCode": "27000"}, "b"),
        ({"country": "de"}, "c"),
        ({"source": "other"}, "d"),
        ({"search": "lil rou"}, "ad"),
        ({"search": "RUE des evr"}, "b"),
        ({"search": "!?"}, ""),
        ({"search": "ilas"}, ""),
        ({"search": ".*"}, ""),
        ({"status": "REMOVED"}, "e"),
        ({"status": None}, "abcde"),
        ({"city": "rouen", "source": "other"}, "d"),
    ],
)
async def test_filters(ask, known, wanted: dict[str, Any], references: str) -> None:
    known(
        {"reference": "a"},
        {"reference": "b", "city": "Évreux", "postalCode": "27000"},
        {"reference": "c", "city": "Köln", "country": "DE", "address": "Domplatz 1"},
        {"reference": "d", "source": "other"},
        {"reference": "e", "status": "REMOVED"},
    )

    page = (await ask(LIST, first=100, **wanted)).data["addresses"]

    assert sorted(node["reference"] for node in page["nodes"]) == list(references)
    assert page["totalCount"] == len(references)


@pytest.mark.parametrize(("first", "fits"), [(0, True), (100, True), (101, False), (-1, False)])
async def test_how_large_a_page_may_be(ask, known, first: int, fits: bool) -> None:
    known(*({} for _ in range(3)))

    answer = await ask(LIST, first=first)

    if fits:
        assert len(answer.data["addresses"]["nodes"]) == min(first, 3)
    else:
        assert answer.body["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
        assert str(first) in answer.messages[0]


@pytest.mark.parametrize("cursor", ["", "x", "é", "W10", "WzEsMl0", "WyJub3QgYSB0aW1lIiwieCJd"])
async def test_a_cursor_of_no_list(ask, known, cursor: str) -> None:
    answer = await ask(LIST, after=cursor)

    assert "is no cursor of this list" in answer.messages[0]


@pytest.mark.parametrize(("length", "fits"), [(200, True), (201, False)])
async def test_how_long_a_filter_may_be(ask, length: int, fits: bool) -> None:
    answer = await ask(LIST, city="x" * length)

    assert ("errors" not in answer.body) is fits


async def test_a_page_is_one_query_and_its_count_one_more(ask, known, commands) -> None:
    (target,) = known({"reference": "target"})
    known(*({"status": "MERGED", "mergedInto": target} for _ in range(10)))

    page = (await ask(LIST, first=10, status="MERGED")).data["addresses"]

    assert {node["mergedInto"]["id"] for node in page["nodes"]} == {target}
    assert commands.names == ["aggregate"] * 3, "the page, its count, what they are merged into"


@pytest.mark.parametrize("order", ORDERS.values(), ids=lambda order: order.field)
async def test_a_page_in_the_middle_reads_no_more_than_itself(ask, known, order) -> None:
    ids = known(*({"city": f"City {number:03}", "postalCode": f"{number:05}"} for number in range(300)))
    page = (await ask(LIST, first=100, orderBy=_name(order))).data["addresses"]
    behind = order.behind(page["pageInfo"]["endCursor"], filtered({}).model)

    plan = await sync_to_async(
        lambda: filtered({"status": "ACTIVE"}).filter(behind).order_by(*order.terms)[:21].explain()
    )()

    assert "COLLSCAN" not in plan
    assert '"$sort"' not in plan.partition('"command"')[0].replace('"sortPattern"', "")
    assert _examined(plan) <= 30, plan
    assert len(ids) == 300


@pytest.mark.parametrize("wanted", [{"search": "city 299"}, {"city": "City 299"}], ids=str)
async def test_words_are_found_by_index(known, wanted: dict[str, str]) -> None:
    known(*({"city": f"City {number:03}"} for number in range(300)))

    plan = await sync_to_async(lambda: filtered({"status": "ACTIVE", **wanted}).explain())()

    assert "COLLSCAN" not in plan
    assert _examined(plan) <= 5, plan


@pytest.mark.parametrize("wanted", [{"status": "REMOVED"}, {"source": "other"}, {"postal_code": "1"}], ids=str)
async def test_what_is_counted_is_found_by_index(known, wanted: dict[str, str]) -> None:
    known(*({} for _ in range(300)))

    plan = await sync_to_async(lambda: filtered(wanted).explain())()

    assert "COLLSCAN" not in plan
    assert _examined(plan) == 0


def _name(order: Any) -> str:
    return next(name.value for name, it in ORDERS.items() if it == order)


def _examined(plan: str) -> int:
    """How many documents MongoDB looked at for the plan it chose."""
    text = plan.partition('"executionStats"')[2]
    return int(text.partition('"totalDocsExamined": ')[2].partition(",")[0])
