"""
Processes that a killed runner left behind.

The runner notes what it started; the next start ends whatever of that is still alive. A number alone could by then be
another process, so the time at which it began is kept with it.
"""

import json
import os
import signal
import time
from pathlib import Path


class Leftovers:
    """The notes of one state folder."""

    def __init__(self, state: Path) -> None:
        self._file = state / "processes.json"
        self._noted: dict[str, int] = {}

    def note(self, pid: int) -> None:
        """Remember a process group that was started."""
        if (began := _began(pid)) is not None:
            self._noted[str(pid)] = began
            self._write()

    def forget(self, pid: int) -> None:
        """It has ended."""
        if self._noted.pop(str(pid), None) is not None:
            self._write()

    def end(self, *, patience: float = 8.0) -> list[int]:
        """End what an earlier runner left behind; say which process groups there were."""
        try:
            noted = json.loads(self._file.read_text())
        except (OSError, ValueError):
            return []
        groups = [int(pid) for pid, began in noted.items() if _group_is_ours(int(pid), began)]
        for group in groups:
            _signal(group, signal.SIGTERM)
        deadline = time.monotonic() + patience
        while any(_group_alive(group) for group in groups) and time.monotonic() < deadline:
            time.sleep(0.05)
        for group in groups:
            _signal(group, signal.SIGKILL)
        self._file.unlink(missing_ok=True)
        return groups

    def _write(self) -> None:
        # Replaced in one step: a runner killed while writing must not lose the notes.
        draft = self._file.with_suffix(".new")
        draft.write_text(json.dumps(self._noted))
        draft.replace(self._file)


def _group_is_ours(pid: int, began: int) -> bool:
    """The leader is the very process, or it is gone and members of its group still run."""
    now = _began(pid)
    return now == began or (now is None and _group_alive(pid))


def _began(pid: int) -> int | None:
    """Start time of a process in clock ticks since boot (proc(5), field 22)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] == "Z" else int(fields[19])


def _group_alive(group: int) -> bool:
    return _signal(group, 0)


def _signal(group: int, number: int) -> bool:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True
