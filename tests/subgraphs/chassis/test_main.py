"""The command line of a service, as somebody sees it who forgot a setting."""

import os
import subprocess
import sys

import pytest


def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "PYTHONPATH"}}
    return subprocess.run(
        [sys.executable, "-m", "subgraphs.subscribers", *arguments],
        capture_output=True,
        text=True,
        env={**kept, **environ},
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("command", ["serve", "prepare", "check"])
def test_a_missing_setting_stops_the_start_and_names_itself(command: str) -> None:
    pytest.importorskip("strawberry")
    done = run(command)

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("MissingSetting: set SUBSCRIBERS_SERVICE_KEY in the environment")
    assert len(done.stderr.splitlines()) == 1


def test_a_command_that_is_none() -> None:
    assert "invalid choice: 'dance'" in run("dance").stderr
