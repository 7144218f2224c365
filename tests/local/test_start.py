"""What `make up` refuses, and in which words."""

import json
import socket
import time
from pathlib import Path

import pytest

from docker.local.console import Console
from docker.local.keys import change, load_or_make
from docker.local.ports import PortInUse, refuse_taken
from docker.local.settings import LocalSettings
from docker.local.up import AlreadyUp, only_one


def test_a_port_in_use_is_named_with_the_variable_that_changes_it() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(PortInUse, match=f"port {port} is in use: .* set GATEWAY_PORT"):
            refuse_taken({"GATEWAY_PORT": port}, ["GATEWAY_PORT"])


def test_a_port_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_PORT", "70000")
    with pytest.raises(SystemExit, match="GATEWAY_PORT='70000' is no port"):
        LocalSettings.from_environment()


def test_a_second_system_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    settings = LocalSettings(tmp_path)
    with only_one(settings), pytest.raises(AlreadyUp, match="DOORSTEP_STATE"), only_one(settings):
        pass


def test_keys_are_made_once_and_for_their_owner_alone(tmp_path: Path) -> None:
    made = load_or_make(tmp_path)

    assert load_or_make(tmp_path) == made
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600
    assert set(made.of("gateway")) == {"GATEWAY_SERVICE_KEY_FILE"}
    file = Path(made.of("gateway")["GATEWAY_SERVICE_KEY_FILE"])
    assert file.read_text() == made.private["gateway"]
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(set(made.private.values())) == len(made.private)


def test_changed_keys_are_new_for_everybody_and_the_old_ones_stay_good_for_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = load_or_make(tmp_path), change(tmp_path)

    assert load_or_make(tmp_path) == second
    assert not set(first.private.values()) & set(second.private.values())
    assert (first.django, first.server_passwords) == (second.django, second.server_passwords)
    for service, known in json.loads(second.public_file.read_text()).items():
        assert known[1:] == json.loads(first.public)[service]
        assert known[0] != known[1]
    assert json.loads(second.signing) == [second.access_token_key, first.access_token_key]
    assert second.access_token_key != first.access_token_key

    later = time.time() + 9 * 24 * 3600
    monkeypatch.setattr("docker.local.keys.time.time", lambda: later)
    third = change(tmp_path)

    assert {len(known) for known in json.loads(third.public).values()} == {2}
    assert json.loads(third.signing) == [third.access_token_key, second.access_token_key]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("plain words", "plain words"),
        ("{not json", "{not json"),
        (
            '{"time": "2026-01-02T10:11:12Z", "level": "info", "event": "matched", "score": 0.9}',
            "10:11:12 matched  score=0.9",
        ),
    ],
)
def test_the_log_is_readable(line: str, shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    Console(["matching"], colour=False).line("matching", line)

    assert capsys.readouterr().out == f"matching │ {shown}\n"
