"""Numbers go through the gateway as they came."""

from __future__ import annotations

import json

import orjson
import pytest

from gateway_graphql.server.json_text import dumps, loads

LONG = [2**63 - 1, 2**63, 2**64, -(2**63) - 1, 10**40, -(10**18), 1.5e300, 0.1, 12345678901234567890.5]


@pytest.mark.parametrize("number", LONG)
def test_a_number_comes_back_as_it_was(number: float) -> None:
    for value in (number, [number], {"a": {"b": [1, number]}}, {"a": number, "b": "1"}):
        for text in (json.dumps(value), json.dumps(value, indent=1), dumps(value)):
            assert loads(text) == value
            assert repr(loads(text)) == repr(value)


def test_a_text_full_of_digits_is_a_text() -> None:
    value = {"id": "1234567890123456789012", "list": ["-1234567890123456789012", ": 1234567890123456789012 ,"]}

    assert loads(dumps(value)) == value


@pytest.mark.parametrize("text", ["{", "nothing", "[NaN]", "[1234567890123456789012", ""])
def test_what_is_no_json_is_a_mistake(text: str) -> None:
    with pytest.raises(orjson.JSONDecodeError):
        loads(text)
