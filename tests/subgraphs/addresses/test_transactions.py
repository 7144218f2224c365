"""Writes that belong together come through, whatever MongoDB says on the way."""

from typing import Any

import pytest
from django.db import connection
from pymongo.client_session import ClientSession
from pymongo.errors import OperationFailure

from subgraphs.addresses.model import Outbox
from subgraphs.chassis_graphene.mongo import in_one_transaction


def _write_two() -> str:
    Outbox(unsent=[{"id": "1"}]).save(force_insert=True)
    Outbox(unsent=[{"id": "2"}]).save(force_insert=True)
    return "done"


def _failing(monkeypatch: Any, method: str, label: str, times: int, after: bool) -> list[int]:
    """Let the first calls of a session's method fail, before or after they had their effect."""
    original, calls = getattr(ClientSession, method), []

    def fails(session: ClientSession) -> None:
        calls.append(1)
        if len(calls) > times:
            return original(session)
        if after:
            original(session)
        raise OperationFailure("as if", details={"errorLabels": [label]})

    monkeypatch.setattr(ClientSession, method, fails)
    return calls


@pytest.mark.parametrize("after", [False, True], ids=["before it landed", "after it landed"])
def test_a_commit_whose_answer_is_lost_is_asked_for_again(db, monkeypatch, after: bool) -> None:
    calls = _failing(monkeypatch, "commit_transaction", "UnknownTransactionCommitResult", 2, after)

    assert in_one_transaction(_write_two) == "done"

    assert len(calls) == 3
    assert db["outbox"].count_documents({}) == 2, "once, not twice"
    assert connection.session is None


def test_a_commit_that_may_be_tried_again_is_a_transaction_again(db, monkeypatch) -> None:
    calls = _failing(monkeypatch, "commit_transaction", "TransientTransactionError", 1, after=False)
    seen: list[Any] = []

    def work() -> str:
        seen.append(connection.session.in_transaction)
        return _write_two()

    assert in_one_transaction(work) == "done"

    assert (len(calls), seen) == (2, [True, True])
    assert db["outbox"].count_documents({}) == 2


def test_what_fails_for_good_leaves_nothing_and_the_next_one_comes_through(db, monkeypatch) -> None:
    with monkeypatch.context() as patch:
        _failing(patch, "commit_transaction", "", 1, after=False)
        with pytest.raises(OperationFailure):
            in_one_transaction(_write_two)

    assert db["outbox"].count_documents({}) == 0
    assert in_one_transaction(_write_two) == "done"
    assert db["outbox"].count_documents({}) == 2
