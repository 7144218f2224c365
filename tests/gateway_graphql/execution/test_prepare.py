"""Documents that are small to send and expensive to handle, and many that ask the same at once."""

from __future__ import annotations

import asyncio
import threading
from time import perf_counter
from typing import Any

import pytest

from gateway_graphql.execution import prepare
from gateway_graphql.execution.gateway import Gateway, GraphQLRequest
from gateway_graphql.execution.operation_limits import OperationLimits
from tests.gateway_graphql.execution.clients import AnswersAsTold
from tests.gateway_graphql.execution.graphs import SUBSCRIBERS

DOUBLING = "{ me { ...F0 } }" + "".join(
    f" fragment F{n} on Subscriber {{ ...F{n + 1} ... {{ ...F{n + 1} }} }}" for n in range(40)
)


async def refusal(query: str, **settings: Any) -> dict[str, Any]:
    """The one error of a request that must not reach anybody."""
    client = AnswersAsTold()
    result = await Gateway(SUBSCRIBERS, client, **settings).execute(GraphQLRequest(query))
    assert "data" not in result
    assert client.requests == []
    (error,) = result["errors"]
    return dict(error)


async def test_a_document_of_too_many_tokens_is_not_read() -> None:
    error = await refusal("{ me { " + "id " * 100 + "} }", document_tokens=50)

    assert "more than 50 tokens" in error["message"]
    assert "limits.document_tokens" in error["message"]
    assert error["extensions"]["code"] == "OPERATION_TOO_LARGE"


@pytest.mark.parametrize(
    "query",
    [
        "{ }",
        "{ me {} }",
        "{ me { id ... on Subscriber { # nothing\n , } } }",
        "{ me { ...F } } fragment F on Subscriber {}",
    ],
)
async def test_braces_that_select_nothing_are_no_graphql(query: str) -> None:
    error = await refusal(query)

    assert "Expected Name, found '}'" in error["message"]
    assert error["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"


@pytest.mark.parametrize(
    "query",
    [
        DOUBLING + " fragment F40 on Subscriber { id }",
        "{ me { " + "id " * 5000 + "} }",
        "{ me { " + "... { id } " * 2000 + "} }",
    ],
    ids=["fragments that double", "a field over and over", "fragments over and over"],
)
@pytest.mark.parametrize(("mode", "code"), [("enforce", "MAX_HEIGHT_LIMIT"), ("off", "OPERATION_TOO_LARGE")])
async def test_a_document_that_explodes_is_refused_before_it_does(query: str, mode: str, code: str) -> None:
    started = perf_counter()

    error = await refusal(query, operation_limits=OperationLimits(mode=mode))

    assert error["extensions"]["code"] == code
    assert perf_counter() - started < 2


async def test_fragments_in_a_circle_are_an_ordinary_mistake() -> None:
    error = await refusal("{ me { ...A } } fragment A on Subscriber { ...A }")

    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


async def test_the_same_operation_is_planned_once_and_nobody_waits_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    planned = []
    planning, go_on = asyncio.Event(), threading.Event()
    real = prepare.plan_operation

    def slowly(*arguments: Any, **more: Any) -> Any:
        planned.append(arguments)
        loop.call_soon_threadsafe(planning.set)
        assert go_on.wait(5), "the loop stood still"
        return real(*arguments, **more)

    monkeypatch.setattr(prepare, "plan_operation", slowly)
    gateway = Gateway(SUBSCRIBERS, AnswersAsTold(subscribers={"data": {"me": {"id": "1"}}}))
    asked = [asyncio.ensure_future(gateway.execute(GraphQLRequest("{ me { id } }"))) for _ in range(5)]

    await planning.wait()
    asked[1].cancel()
    go_on.set()
    others = await asyncio.gather(asked[0], *asked[2:])

    assert len(planned) == 1
    assert all(one == {"data": {"me": {"id": "1"}}} for one in others)


async def test_planning_that_takes_too_long_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    enough = threading.Event()
    monkeypatch.setattr(prepare, "plan_operation", lambda *_, **__: enough.wait(5))

    error = await refusal("{ me { id } }", planning_timeout=0.05)

    enough.set()
    assert "not planned within 0.05 seconds" in error["message"]
