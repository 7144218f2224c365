"""What gives somebody access is not in the log, wherever in a line it stands."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gateway_graphql.server.access_log import without_secrets

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


def test_nor_does_a_line_break_begin_a_line_of_its_own(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    forged = 'x\n{"event": "all is well"}'
    code = (
        "from gateway_graphql.server.access_log import configure_logs, log; import logging; configure_logs(); "
        f"log.info({forged!r}, operation={forged!r}, url='amqp://a:pa55@b'); logging.getLogger('a').warning({forged!r})"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30, cwd=Path(__file__).parents[3])

    lines = capfdbinary.readouterr().out.splitlines()
    assert [json.loads(line)["event"] for line in lines] == [forged, forged]
    assert b"pa55" not in b"".join(lines)
