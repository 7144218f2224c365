"""Settings come from the environment; one that is missing or wrong names itself at start."""

import json
import os
from collections.abc import Mapping
from typing import Any, Final


class MissingSetting(RuntimeError):
    """A setting without a default is not in the environment."""


class WrongSetting(RuntimeError):
    """A setting is in the environment, but not in the form it must have."""


class _Required:
    """Marks a setting that has no safe value when it is forgotten."""


REQUIRED: Final = _Required()


class Env:
    """
    The settings of one service.

    ``Env("SUBSCRIBERS").text("MONGO_URL")`` is ``SUBSCRIBERS_MONGO_URL`` where that is set, otherwise ``MONGO_URL``:
    what all services share is written once, what one of them has for itself wins.
    """

    def __init__(self, prefix: str, environ: Mapping[str, str] | None = None) -> None:
        self._prefix = prefix.upper()
        self._environ = os.environ if environ is None else environ

    def text(self, name: str, default: str | _Required = REQUIRED) -> str:
        """
        The setting as it is written.

        :raises MissingSetting: naming the variable to set.
        """
        for variable in (f"{self._prefix}_{name}", name):
            if value := self._environ.get(variable, "").strip():
                return value
        if isinstance(default, _Required):
            raise MissingSetting(
                f"set {self._prefix}_{name} in the environment (or {name}, which all services share); "
                "it has no default that would be safe"
            )
        return default

    def number(self, name: str, default: int | _Required = REQUIRED) -> int:
        """A whole number that is not negative."""
        text = self.text(name, default if isinstance(default, _Required) else str(default))
        if not text.isdecimal():
            raise WrongSetting(f"{self._variable(name)}={text!r} is no whole number: write digits only, such as 100")
        return int(text)

    def flag(self, name: str, default: bool = False) -> bool:
        """Yes or no: ``1``, ``true``, ``yes``, ``on`` or ``0``, ``false``, ``no``, ``off``."""
        text = self.text(name, "yes" if default else "no").lower()
        if text in {"1", "true", "yes", "on"}:
            return True
        if text in {"0", "false", "no", "off"}:
            return False
        raise WrongSetting(f"{self._variable(name)}={text!r} is neither yes nor no: write true or false")

    def items(self, name: str, default: str | _Required = REQUIRED) -> list[str]:
        """The parts between the commas."""
        return [item for part in self.text(name, default).split(",") if (item := part.strip())]

    def json(self, name: str, default: str | _Required = REQUIRED) -> Any:
        """What the setting says as JSON."""
        text = self.text(name, default)
        try:
            return json.loads(text)
        except ValueError as wrong:
            # The text itself may be a secret; only the place is shown.
            raise WrongSetting(f"{self._variable(name)} is not JSON: {wrong}") from None

    def _variable(self, name: str) -> str:
        own = f"{self._prefix}_{name}"
        return own if self._environ.get(own, "").strip() else name
