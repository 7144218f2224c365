"""Real processes for tests: started, waited for by asking them, and stopped."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

__all__ = ["free_port", "process", "until_it_answers", "until_it_listens"]

DEADLINE = 30
"""seconds for a process to start"""


def free_port() -> int:
    """A port nobody listens on right now."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def process(
    folder: Path, environment: Mapping[str, str], *arguments: str, python: str = sys.executable
) -> Iterator[subprocess.Popen[str]]:
    """``python`` with these arguments, until the block ends; it must end well on SIGTERM."""
    running = subprocess.Popen(
        [python, *arguments],
        cwd=folder,
        env=dict(environment),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        yield running
    finally:
        running.terminate()
        try:
            running.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            running.kill()
            running.communicate()
            raise


def until_it_listens(port: int, running: subprocess.Popen[str]) -> None:
    """Connect until somebody accepts; a process that ended says what it said."""
    _until(lambda: socket.create_connection(("127.0.0.1", port), timeout=5).close(), running)


def until_it_answers(url: str, running: subprocess.Popen[str]) -> None:
    """Ask until there is an answer; a process that ended says what it said."""
    _until(lambda: urllib.request.urlopen(url, timeout=5).close(), running)


def _until(attempt: Callable[[], None], running: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + DEADLINE
    while True:
        try:
            attempt()
            return
        except (urllib.error.URLError, ConnectionError) as problem:
            if running.poll() is not None:
                raise AssertionError(f"it ended: {running.communicate()[0]}") from problem
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)  # between two attempts; what we wait for is that one succeeds
