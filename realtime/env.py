"""Settings from the environment, refused early and by name."""

import json
import os
from typing import Any


class MissingSetting(Exception):
    """A setting without which this process must not start."""


class BadSetting(Exception):
    """A setting that is there but cannot be read as what it should be."""


class Env:
    """The environment as one service sees it: ``REALTIME_DEBUG`` first, then ``DEBUG``."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def text(self, name: str, default: str | None = None) -> str:
        """The value of a setting; without a default it must be there."""
        value = os.environ.get(f"{self.prefix}_{name}") or os.environ.get(name)
        if value:
            return value
        if default is None:
            raise MissingSetting(f"set {self.prefix}_{name} in the environment (or {name}, for every service)")
        return default

    def flag(self, name: str, default: bool = False) -> bool:
        """A switch: 1, true, yes or on; 0, false, no or off."""
        value = self.text(name, "true" if default else "false").lower()
        if value in {"1", "true", "yes", "on"}:
            return True
        if value in {"0", "false", "no", "off"}:
            return False
        raise BadSetting(f"{self.prefix}_{name} is {value!r}; write true or false")

    def number(self, name: str, default: float) -> float:
        """A number that is not negative."""
        value = self.text(name, str(default))
        try:
            number = float(value)
        except ValueError:
            raise BadSetting(f"{self.prefix}_{name} is {value!r}; write a number") from None
        if not 0 <= number < float("inf"):
            raise BadSetting(f"{self.prefix}_{name} is {value!r}; write a number that is not negative")
        return number

    def names(self, name: str, default: str) -> list[str]:
        """A list, written with commas."""
        return [part.strip() for part in self.text(name, default).split(",") if part.strip()]

    def json(self, name: str) -> Any:
        """A value written as JSON; it must be there."""
        value = self.text(name)
        try:
            return json.loads(value)
        except ValueError as problem:
            raise BadSetting(f"{self.prefix}_{name} is not JSON: {problem}") from None
