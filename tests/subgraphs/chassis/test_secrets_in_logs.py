"""What gives somebody access is not in the log, wherever in a line it stands."""

from __future__ import annotations

import json

import pytest

from subgraphs.chassis.logs import without_secrets

SIGNED = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (
            {"event": "no connection to amqp://doorstep:pa55@rabbit:5672/%2F"},
            {"event": "no connection to amqp://doorstep:[hidden]@rabbit:5672/%2F"},
        ),
        ({"url": "redis://:pa55@redis/0"}, {"url": "redis://:[hidden]@redis/0"}),
        ({"header": "Bearer abc.DEF-1"}, {"header": "Bearer [hidden]"}),
        ({"why": f"refused {SIGNED}, expired"}, {"why": "refused eyJ[hidden], expired"}),
        ({"password": 'a"b\\c', "id": 1}, {"password": "[hidden]", "id": 1}),
        ({"headers": {"authorization": "Basic YTpi"}}, {"headers": {"authorization": "[hidden]"}}),
        ({"access_token": "x", "client_secret": "y"}, {"access_token": "[hidden]", "client_secret": "[hidden]"}),
        ({"url": "http://a/b?c=d", "event": "token expired"}, {"url": "http://a/b?c=d", "event": "token expired"}),
    ],
)
def test_secrets_are_hidden(entry: dict[str, object], expected: dict[str, object]) -> None:
    for spaced in (", ", ": "), (",", ":"):
        line = without_secrets(None, "info", json.dumps(entry, separators=spaced))

        assert json.loads(line) == expected
