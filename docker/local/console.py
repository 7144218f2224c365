"""One readable log of many processes: a coloured name, the time, and what a JSON line says."""

import json
import sys
from itertools import cycle

COLOURS = cycle((36, 32, 33, 35, 34, 96, 92, 93, 95, 94))
LEVEL_COLOURS = {"warning": 33, "error": 31, "critical": 31}
QUIET_KEYS = {"time", "timestamp", "level", "service", "event", "logger"}


class Console:
    """Prints the lines of processes; the width follows the longest name."""

    def __init__(self, names: list[str], *, colour: bool | None = None) -> None:
        self._width = max(map(len, names), default=0)
        self._colour = sys.stdout.isatty() if colour is None else colour
        self._colours = dict(zip(names, COLOURS, strict=False))

    def line(self, name: str, text: str) -> None:
        """Print one line of one process."""
        prefix = self._paint(f"{name:<{self._width}} │", self._colours.get(name, 37))
        print(f"{prefix} {self._readable(text)}", flush=True)

    def say(self, text: str) -> None:
        """Print a line of the runner itself."""
        print(self._paint(f"{'doorstep':<{self._width}} │", 1) + f" {text}", flush=True)

    def plain(self, text: str) -> None:
        """Print as it is."""
        print(text, flush=True)

    def _readable(self, text: str) -> str:
        try:
            said = json.loads(text) if text.startswith("{") else None
        except ValueError:
            said = None
        if not isinstance(said, dict) or "event" not in said:
            return _printable(text)
        time = str(said.get("time") or said.get("timestamp") or "")
        level = str(said.get("level", "info"))
        facts = " ".join(f"{key}={_short(value)}" for key, value in said.items() if key not in QUIET_KEYS)
        event = _printable(str(said["event"]))
        if level in LEVEL_COLOURS:
            event = self._paint(event, LEVEL_COLOURS[level])
        return f"{_printable(time[11:19])} {event}  {self._paint(facts, 2)}".rstrip()

    def _paint(self, text: str, code: int) -> str:
        return f"\033[{code}m{text}\033[0m" if self._colour and text else text


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    return _printable(text if len(text) <= 400 else text[:397] + "…")


def _printable(text: str) -> str:
    """On one line, and without what a terminal obeys: what people typed may stand in it."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
