"""Several processes that serve the same address and share nothing; the kernel gives each connection to one of them."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from collections.abc import Callable, Sequence
from types import FrameType

from gateway_graphql.server.access_log import log

__all__ = ["run_workers"]

Serve = Callable[[int, socket.socket, int], int]
"""Serve as the worker of this number on this socket, until stopped or until the descriptor can be read; an exit code."""
AT_LEAST = 1.0
"""seconds that a worker must have lived to be replaced at once"""


def run_workers(sockets: Sequence[socket.socket], serve: Serve) -> int:
    """
    One worker for each socket until SIGINT or SIGTERM; who dies is replaced.

    This process keeps every socket open: what connects to a worker that died waits for the next one.

    :returns: 0 when it was stopped, 1 when a worker could not start.
    """
    return _Workers(sockets, serve).run()


class _Workers:
    def __init__(self, sockets: Sequence[socket.socket], serve: Serve) -> None:
        self._sockets = sockets
        self._serve = serve
        self._running: dict[int, int] = {}
        """pid → number"""
        self._since: dict[int, float] = {}
        self._stopping = False
        self._failed = False
        self._ends_with_us, self._alive = os.pipe()
        """a worker whose parent is gone, however that ended, can read the end of this pipe"""

    def run(self) -> int:
        for one in (signal.SIGINT, signal.SIGTERM):
            signal.signal(one, self._stop)
        for number in range(len(self._sockets)):
            self._start(number)
        while self._running:
            pid, status = os.wait()
            number = self._running.pop(pid)
            code = os.waitstatus_to_exitcode(status)
            if self._stopping:
                continue
            log.error("worker ended", worker=number, code=code)
            if code > 0:  # it said why; another would say the same
                self._failed = True
                self._stop()
                continue
            time.sleep(max(0.0, AT_LEAST - (time.monotonic() - self._since[number])))
            if not self._stopping:
                self._start(number)
        return int(self._failed)

    def _start(self, number: int) -> None:
        self._since[number] = time.monotonic()
        pid = os.fork()
        if pid:
            self._running[pid] = number
            if self._stopping:  # the signal came in between
                self._stop()
            return
        code = 1
        try:
            for name in (signal.SIGINT, signal.SIGTERM):
                signal.signal(name, signal.SIG_DFL)
            os.close(self._alive)
            for other, listening in enumerate(self._sockets):
                if other != number:
                    listening.close()
            code = self._serve(number, self._sockets[number], self._ends_with_us)
        finally:
            os._exit(code)

    def _stop(self, _number: int = 0, _frame: FrameType | None = None) -> None:
        self._stopping = True
        # Nobody may be left waiting in a queue that is not served any more.
        for listening in self._sockets:
            listening.close()
        for pid in self._running:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
