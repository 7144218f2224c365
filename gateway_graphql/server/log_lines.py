"""
Log lines on their way to whoever keeps them, beside the work: nothing that happens here holds it up.

A line is put into a bounded queue in memory. A thread of its own carries what waits there, a batch at a time, and connects
again when it was cut off. A line that finds the queue full is dropped and counted, and the next one that is carried says how
many were. A batch is ``log.written.v1``; one without lines says that the process is alive, and the last one that it leaves.
"""

import atexit
import json
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any, Protocol
from uuid import uuid4

import structlog

FACT = "log.written.v1"
MOST_WAITING = 4 * 1024 * 1024
"""characters of all lines that wait in memory"""
LONGEST_LINE = 32 * 1024
BATCH = 64 * 1024
"""characters of the lines of one batch"""
LINGER = 0.1
"""seconds that a line waits for others to go with it"""
LONGEST_PAUSE = 15.0
"""seconds between two attempts to connect"""
GRACE = 1.0
"""seconds that the last lines have at the end of the process"""

log = structlog.get_logger("log_lines")


class Carrier(Protocol):
    """The way to whoever keeps lines."""

    def open(self) -> None:
        """Connect; raise what is in the way."""
        ...

    def carry(self, batch: bytes) -> None:
        """Return when the batch has arrived; raise when it may not have."""
        ...

    def close(self) -> None:
        """Leave; harmless to repeat."""
        ...

    def forget(self) -> None:
        """After a fork: the connection is the parent's, and not to be touched."""
        ...


class LogLines:
    """
    The lines of this process that wait to be carried.

    :param service: in whose name they are told
    :param alive_every: seconds after which a process that has nothing to say tells that it is alive
    """

    def __init__(
        self,
        service: str,
        carrier: Carrier,
        *,
        most: int = MOST_WAITING,
        alive_every: float = 15.0,
        process: str | None = None,
    ) -> None:
        self._service = service
        self._carrier = carrier
        self._most = most
        self._alive_every = alive_every
        self._process = process or process_name(sys.orig_argv)
        self._begin()
        os.register_at_fork(after_in_child=self._after_fork)
        atexit.register(self.end)
        # Uvicorn ends as it would have ended without it: by the signal, after which nothing is run at the exit. Whoever
        # handles the signal itself, later, ends in order.
        if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, self._end_by_signal)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._lines: deque[str] = deque()
        self._characters = 0
        self._dropped = 0
        self._unsent: bytes | None = None
        self._there = threading.Event()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._cut_off = False

    def _after_fork(self) -> None:
        # What waits is the parent's to carry.
        self._carrier.forget()
        self._begin()

    def put(self, line: str) -> None:
        """Let the line be carried, or drop it when too many wait."""
        with self._lock:
            if len(line) > LONGEST_LINE or self._characters + len(line) > self._most:
                self._dropped += 1
                return
            self._lines.append(line)
            self._characters += len(line)
            if self._thread is None:
                self._thread = threading.Thread(target=self._carry_all, name="log lines", daemon=True)
                self._thread.start()
        if not self._there.is_set():
            self._there.set()

    def _end_by_signal(self, number: int, _frame: FrameType | None) -> None:
        self.end()
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)

    def end(self) -> None:
        """Carry what is left, if that is soon done."""
        self._ending.set()
        self._there.set()
        if self._thread is not None:
            self._thread.join(GRACE)

    def _carry_all(self) -> None:
        pause = 0.25
        while not self._ending.is_set():
            try:
                self._carrier.open()
                if self._cut_off:
                    self._cut_off = False
                    log.info("log lines are carried again")
                pause = 0.25
                self._carry_until_the_end()
            except Exception as problem:
                with suppress(Exception):
                    self._carrier.close()
                if not self._cut_off:
                    self._cut_off = True
                    log.warning("log lines wait", problem=repr(problem)[:300])
            self._ending.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _carry_until_the_end(self) -> None:
        quiet_until = 0.0
        while True:
            is_woken = self._there.wait(max(0.0, quiet_until - time.monotonic()))
            if is_woken and self._characters < BATCH:
                self._ending.wait(LINGER)
            is_last = self._ending.is_set()
            if self._unsent is None:
                lines = self._take()
                self._unsent = self._batch(lines, leaves=is_last and not self._lines)
            self._carrier.carry(self._unsent)
            self._unsent = None
            quiet_until = time.monotonic() + self._alive_every
            if is_last and not self._lines:
                self._carrier.close()
                return

    def _take(self) -> list[str]:
        taken: list[str] = []
        with self._lock:
            characters = 0
            while self._lines and characters < BATCH:
                line = self._lines.popleft()
                characters += len(line)
                taken.append(line)
            self._characters -= characters
            dropped, self._dropped = self._dropped, 0
            if not self._lines and not self._ending.is_set():
                self._there.clear()
        if dropped:
            # There is room again: this is the next line.
            log.warning("log lines dropped", dropped=dropped)
        return taken

    def _batch(self, lines: Sequence[str], *, leaves: bool) -> bytes:
        told: dict[str, Any] = {
            "specversion": "1.0",
            "id": str(uuid4()),
            "type": FACT,
            "source": f"/{self._service}",
            "subject": self._process,
            "time": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "datacontenttype": "application/json",
            "audience": ["logs"],
            "data": {
                "process": self._process,
                "instance": f"{socket.gethostname()}:{os.getpid()}",
                "leaves": leaves,
                "lines": list(lines),
            },
        }
        return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


class CarriedHandler(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes each line to a stream, and has it carried."""

    def __init__(self, stream: Any, lines: LogLines | None) -> None:
        super().__init__(stream)
        self.lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        """Format it once for both."""
        try:
            line = self.format(record)
            self.stream.write(line + self.terminator)
            self.flush()
            if self.lines is not None:
                self.lines.put(line)
        except Exception:
            self.handleError(record)


def process_name(command: Sequence[str]) -> str:
    """How a process is called in the logs: its module, and which of its parts it is."""
    words = list(command[1:])
    if words and Path(words[0]).name == "celery":
        words = ["-m", "celery", *words[1:]]
    while words and words[0].startswith("-") and words[0] not in ("-m", "-c"):
        # An interpreter's own options; of ours only -W and -X have a value.
        words = words[2:] if words[0] in ("-W", "-X") else words[1:]
    if len(words) < 2 or words[0] != "-m":
        # After -c comes a program, which is nobody's name.
        return Path(words[0]).name if words and words[0] != "-c" else "python"
    module, arguments = words[1], words[2:]
    if module == "celery" and "-Q" in arguments[:-1]:
        return f"celery {arguments[arguments.index('-Q') + 1].partition('.')[2]}"
    if module == "celery":
        return "celery"
    return " ".join([module, *(word for word in arguments[:1] if word.isidentifier())])
