"""What processes say is shown line by line, whatever people have typed into it."""

import json

import pytest

from docker.local.console import Console


@pytest.mark.parametrize("typed", ["Ada\nmongod │ all is lost", "Ada\r\x1b[2J\x1b]0;title\x07", "Ada\x9b31m\u2028\x7f"])
@pytest.mark.parametrize("form", ["{}", '{{"event": "x", "name": {}}}', '{{"event": {}, "level": "error"}}'])
def test_what_was_typed_forges_no_line_and_steers_no_terminal(
    capsys: pytest.CaptureFixture[str], typed: str, form: str
) -> None:
    said = form.format(typed.replace("\n", " ") if form == "{}" else json.dumps(typed))
    Console(["gateway"], colour=False).line("gateway", said)

    shown = capsys.readouterr().out
    assert shown.count("\n") == 1
    assert shown.strip("\n").isprintable()
    assert "Ada" in shown
