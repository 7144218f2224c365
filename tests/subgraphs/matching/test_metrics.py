"""Operations are counted by their root field, and by whose fault their errors are."""

from typing import Any

import pytest
from prometheus_client import REGISTRY

from subgraphs.chassis.metrics import OPERATIONS
from subgraphs.matching import schema


def count(kind: str, field: str, outcome: str) -> float:
    labels = {"kind": kind, "field": field, "outcome": outcome}
    return REGISTRY.get_sample_value("subgraph_operation_seconds_count", labels) or 0


@pytest.mark.parametrize(
    ("query", "labels"),
    [
        ('{ matchTask(id: "t") { id } }', ("query", "matchTask", "ok")),
        ('query Named { again: matchTask(id: "t") { id } }', ("query", "matchTask", "ok")),
        ('{ matchTask(id: "t") { id } reviewQueue { totalCount } }', ("query", "several", "ok")),
        ("{ ...Queue } fragment Queue on Query { reviewQueue { totalCount } }", ("query", "several", "ok")),
        ('mutation { claimReview(id: "t", reviewer: "Ada") { problems { code } } }', ("mutation", "claimReview", "ok")),
        ("{ reviewQueue(first: 100000) { totalCount } }", ("query", "unknown", "refused")),
        ("{ madeUp1234 }", ("query", "unknown", "refused")),
        ("{ matchTask(", ("unknown", "unknown", "refused")),
    ],
)
async def test_an_operation_is_counted_once(ask: Any, query: str, labels: tuple[str, str, str]) -> None:
    before = count(*labels)

    await ask(query)

    assert count(*labels) == before + 1


async def test_what_fails_inside_is_ours(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise OSError("no route")

    before = count("query", "reviewQueue", "failed")
    monkeypatch.setattr(schema, "task_store", away)

    await ask("{ reviewQueue { totalCount } }")

    assert count("query", "reviewQueue", "failed") == before + 1


async def test_callers_make_up_no_labels(ask: Any) -> None:
    def labels() -> set[tuple[str, ...]]:
        return {tuple(sample.labels.get(name, "") for name in ("kind", "field")) for sample in OPERATIONS.collect()[0].samples}  # fmt: skip

    await ask("{ one }")
    before = labels()
    for number in range(20):
        await ask(f"query Q{number} {{ field{number} }}")

    assert labels() == before
