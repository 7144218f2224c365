"""A fact is an envelope everybody can read."""

import json
from pathlib import Path

import jsonschema
import structlog

from subgraphs.chassis import facts
from subgraphs.chassis.facts import fact, repeatable_id

OUTBOX = json.loads((Path(facts.__file__).parent / "contracts" / "outbox.v1.json").read_text())


def example(**changes: str) -> dict:
    return fact("a.happened.v1", source="/example", subject="x", audience=("b", "c"), data={"n": 1}, **changes)


def test_it_keeps_the_contract() -> None:
    jsonschema.validate(example(), OUTBOX)
    jsonschema.validate(example(id="f-1", request_id="r-1"), OUTBOX)
    for written in OUTBOX["examples"]:
        jsonschema.validate(written, OUTBOX)


def test_every_fact_has_its_own_id_unless_it_can_be_told_twice() -> None:
    assert example()["id"] != example()["id"]
    assert repeatable_id("a.v1", "x", 1) == repeatable_id("a.v1", "x", 1)
    assert len({repeatable_id("a.v1", "x", 1), repeatable_id("a.v1", "x", 2), repeatable_id("a.v1", "y", 1)}) == 3


def test_it_belongs_to_the_request_being_answered() -> None:
    with structlog.contextvars.bound_contextvars(request_id="r-9"):
        assert example()["requestid"] == "r-9"
        assert example(request_id="r-8")["requestid"] == "r-8"
    assert "requestid" not in example()
