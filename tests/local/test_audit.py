"""``make audit`` says what is known, and never takes silence for an all-clear."""

import json
from pathlib import Path
from typing import Any

import pytest

from docker.local.audit import LOCKS, audit

CLEAN = {"name": "clean", "version": "1.0", "vulns": []}
WEAK = {"name": "weak", "version": "1.0", "vulns": [{"id": "CVE-1", "fix_versions": ["1.1"]}]}
SKIPPED = {"name": "skipped", "skip_reason": "not found on the service"}


@pytest.mark.parametrize(
    ("said", "code", "text"),
    [
        ([CLEAN], 0, "1 packages checked, 0 known vulnerabilities"),
        ([CLEAN, WEAK], 1, "weak 1.0 has CVE-1, mended in 1.1"),
        ([WEAK, SKIPPED], 1, "1 not checked, such as skipped: not found on the service"),
        ([CLEAN, SKIPPED], 3, "1 not checked, such as skipped: not found on the service"),
        (None, 3, "not checked, the vulnerability service does not answer: no route to host"),
    ],
)
def test_what_is_said(
    said: list[dict[str, Any]] | None, code: int, text: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "pip-audit"
    answer = "echo no route to host >&2" if said is None else f"echo '{json.dumps({'dependencies': said})}'"
    program.write_text(f"#!/bin/sh\n{answer}\nexit 1\n")
    program.chmod(0o700)

    assert audit(program) == code
    out = capfd.readouterr()
    assert (out.out + out.err).count(text) == len(LOCKS)
