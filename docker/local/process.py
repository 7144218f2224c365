"""One process of the system, as a value."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

Ready = Callable[[], Awaitable[bool]]
"""asks once, quickly, whether a process does its work"""


@dataclass(frozen=True)
class Process:
    """What to start, with which environment, and how to know that it is ready."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    ready: Ready | None = None
    log_file: Path | None = None
    """where its lines go instead of the common log"""
    stop_seconds: float = 10.0
    """how long it may take to stop before it is killed"""
