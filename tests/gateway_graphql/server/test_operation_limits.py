"""The form of an operation is bounded: each limit exactly, with its code, over HTTP and over WebSocket."""

from __future__ import annotations

from typing import Any

import pytest
import structlog
from graphql import get_introspection_query, parse

from gateway_graphql.execution.operation_limits import OperationLimits
from gateway_graphql.planning.measure import measured
from gateway_graphql.server import ServerSettings
from gateway_graphql.server.settings import Limits
from tests.gateway_graphql.server.hardened import codes, hardened


def aliases(count: int) -> str:
    return "{ me { " + " ".join(f"a{n}: id" for n in range(count)) + " } }"


def directives(count: int) -> str:
    return "{ me { id " + " ".join(f"@include(if: true) x{n}: name" for n in range(count - 1)) + " @skip(if: false) } }"


def in_one_place(count: int) -> str:
    return "{ me { id " + "@unheard_of " * count + "} }"


def root_fields(count: int) -> str:
    return (
        "{ ...All } fragment All on Query { "
        + "".join(f"a{n}: me {{ id }} me {{ id }} " for n in range(count - 1))
        + "}"
    )


def height(count: int) -> str:
    """``count`` fields, all but the first by two spreads of one fragment."""
    half = (count - 1) // 2
    return "{ me { ...Half ... on Subscriber { ...Half } } } fragment Half on Subscriber { " + "id " * half + "}"


def depth(count: int) -> str:
    return "{ ...Root } fragment Root on Query " + "{ me " * count + "}" * count


def introspection(lists: int) -> str:
    return '{ __type(name: "Query") { ' + "fields { type { " * lists + "name" + " } }" * lists + " } }"


LIMITS = OperationLimits(
    depth=3, height=41, aliases=10, root_fields=4, directives=8, directives_in_one_place=2, introspection_lists=2
)


@pytest.mark.parametrize(
    ("form", "most", "code"),
    [
        (aliases, 10, "MAX_ALIASES_LIMIT"),
        (directives, 8, "MAX_DIRECTIVES_LIMIT"),
        (in_one_place, 2, "MAX_DIRECTIVES_LIMIT"),
        (root_fields, 4, "MAX_ROOT_FIELDS_LIMIT"),
        (depth, 3, "MAX_DEPTH_LIMIT"),
    ],
)
async def test_a_limit_is_exact(form: Any, most: int, code: str) -> None:
    async with hardened(ServerSettings(operation_limits=LIMITS)) as gateway:
        at_the_limit = await gateway.post(form(most))
        assert code not in codes(at_the_limit)

        for above in (await gateway.post(form(most + 1)), await gateway.live(form(most + 1))):
            assert codes(above) == [code]
            assert f"more than {most} " in above["errors"][0]["message"]
            assert "is the setting operation_limits." in above["errors"][0]["message"]
            assert "data" not in above


async def test_the_fields_of_a_fragment_count_at_each_of_its_spreads() -> None:
    async with hardened(ServerSettings(operation_limits=LIMITS)) as gateway:
        assert codes(await gateway.post(height(41))) == []
        assert codes(await gateway.post(height(43))) == ["MAX_HEIGHT_LIMIT"]


async def test_the_schema_can_be_asked_for_but_not_the_fields_of_the_types_of_the_fields_of_its_types() -> None:
    async with hardened() as gateway:
        whole = await gateway.post(get_introspection_query(input_value_deprecation=True))
        assert "__schema" in whole["data"]
        assert codes(await gateway.post(introspection(2))) == []
        assert codes(await gateway.post(introspection(3))) == ["MAX_INTROSPECTION_DEPTH_LIMIT"]


async def test_everything_above_a_limit_is_said_at_once() -> None:
    async with hardened(ServerSettings(operation_limits=OperationLimits(aliases=1, depth=1))) as gateway:
        assert codes(await gateway.post(aliases(2))) == ["MAX_DEPTH_LIMIT", "MAX_ALIASES_LIMIT"]


async def test_measured_only_it_is_answered_and_told_to_the_log() -> None:
    limits = OperationLimits(mode="measure", aliases=1)
    answer = {"data": {"me": {"a0": "1", "a1": "1"}}}
    async with hardened(ServerSettings(operation_limits=limits), subscribers=answer) as gateway:
        with structlog.testing.capture_logs() as logs:
            assert (await gateway.post(aliases(2)))["data"] == {"me": {"a0": "1", "a1": "1"}}

    (told,) = (one for one in logs if one["event"] == "operation is above its limits")
    assert told["codes"] == ["MAX_ALIASES_LIMIT"]


async def test_the_limits_can_be_off() -> None:
    answer = {"data": {"me": {f"a{n}": "1" for n in range(200)}}}
    async with hardened(
        ServerSettings(operation_limits=OperationLimits(mode="off", aliases=1)), subscribers=answer
    ) as gateway:
        assert codes(await gateway.post(aliases(200))) == []


async def test_variables_are_not_nested_without_end() -> None:
    def nested(depth: int) -> Any:
        value: Any = 1
        for level in range(depth):
            value = [value] if level % 2 else {"a": value}
        return value

    query = "query($size: Int) { top(first: $size) { id } }"
    async with hardened(ServerSettings(limits=Limits(variables_depth=5))) as gateway:
        assert codes(await gateway.post(query, variables={"size": nested(5)})) == ["BAD_USER_INPUT"]
        for above in (
            await gateway.post(query, variables={"size": nested(6)}),
            await gateway.live(query, variables={"size": nested(6)}),
        ):
            assert codes(above) == ["MAX_VARIABLES_DEPTH_LIMIT"]
        assert gateway.subgraphs.requests == []


def test_what_nobody_spreads_counts_too_where_validation_walks_it() -> None:
    unused = measured(parse("{ me { id } } fragment Unused on Query { " + "me { id } " * 400 + "}"))

    assert unused.pairs == 400 * 399 // 2
    assert unused.height == 2


def test_fragments_in_one_place_are_pairs_whatever_they_hold() -> None:
    spreads = " ".join(f"...F{n}" for n in range(300))
    fragments = " ".join(f"fragment F{n} on Query {{ x{n} }}" for n in range(300))

    assert measured(parse(f"{{ {spreads} }} {fragments}")).pairs == 300 * 299 // 2


def test_of_several_operations_the_most_counts() -> None:
    measures = measured(parse("query A { a { b { c } } } query B { a: b b: b } fragment F on Query { a }"))

    assert (measures.depth, measures.aliases, measures.root_fields, measures.height) == (3, 2, 2, 3)
