"""Operations are counted by their root field, and by whose fault their errors are."""

from typing import Any

import pytest
from django.db import DatabaseError
from prometheus_client import REGISTRY

from subgraphs.addresses.model import Address


def count(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0


def operations(kind: str, field: str, outcome: str) -> float:
    return count("subgraph_operation_seconds_count", kind=kind, field=field, outcome=outcome)


@pytest.mark.parametrize(
    ("query", "labels"),
    [
        ('{ address(id: "unknown") { id } }', ("query", "address", "ok")),
        ('{ a: address(id: "a") { id } b: address(id: "b") { id } }', ("query", "several", "ok")),
        ("{ madeUp1234 }", ("query", "unknown", "refused")),
        ("{ address(", ("unknown", "unknown", "refused")),
    ],
)
async def test_an_operation_is_counted_once(ask: Any, query: str, labels: tuple[str, str, str]) -> None:
    before, answers = operations(*labels), count("subgraph_http_requests_total", status="200")

    answer = await ask(query)

    assert operations(*labels) == before + 1
    if answer.status == 200:
        assert count("subgraph_http_requests_total", status="200") == answers + 1


async def test_what_fails_inside_is_ours(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise DatabaseError("no route")

    before = operations("query", "address", "failed")
    monkeypatch.setattr(Address.objects, "filter", away)

    await ask('{ address(id: "unknown") { id } }')

    assert operations("query", "address", "failed") == before + 1
