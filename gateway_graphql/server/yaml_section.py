"""One mapping of a YAML page: takes values out by name and kind, and notes what is wrong with where it stands."""

from __future__ import annotations

import difflib
import math
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

__all__ = ["Section"]

T = TypeVar("T")
RELATIVE = "the path is relative to the folder of this YAML file"


class Section:
    """Reads one mapping. Wrong values become lines in ``problems`` and read as if they had not been given."""

    def __init__(self, where: str, raw: Any, problems: list[str]) -> None:
        self._where = where
        self._problems = problems
        self._known: set[str] = set()
        self.given = isinstance(raw, dict)
        self._raw: dict[str, Any] = {str(key): value for key, value in raw.items()} if isinstance(raw, dict) else {}
        if raw is not None and not self.given:
            self.problem(f"expected a mapping of names to values, not {_said(raw)}")

    def names(self) -> list[str]:
        """The keys, in the order of the file."""
        return list(self._raw)

    def has(self, name: str) -> bool:
        """Whether the file says anything here."""
        return self._raw.get(name) is not None

    def problem(self, text: str, name: str = "") -> None:
        """Note what is wrong, with where."""
        where = ".".join(part for part in (self._where, name) if part)
        self._problems.append(f"{where}: {text}" if where else text)

    def section(self, name: str, required: str | None = None) -> Section:
        """The mapping under this name; an empty one if it is not there."""
        raw = self._take(name)
        if raw is None and required is not None:
            self.problem(f"missing; {required}", name)
        return Section(".".join(part for part in (self._where, name) if part), raw, self._problems)

    def text(self, name: str) -> str | None:
        """A non-empty text."""
        raw = self._take(name)
        if raw is None or (isinstance(raw, str) and raw):
            return raw
        # An empty text is what a missing environment variable leaves; that has been said already.
        if raw != "":
            self.problem(f"expected a text, not {_said(raw)}", name)
        return None

    def choice(self, name: str, choices: Sequence[str]) -> str | None:
        """One of these texts."""
        text = self.text(name)
        if text is None or text in choices:
            return text
        self.problem(f"expected one of {', '.join(choices)}, not {_said(text)}", name)
        return None

    def texts(self, name: str) -> list[str] | None:
        """A list of texts."""
        raw = self._take(name)
        if raw is None or (isinstance(raw, list) and all(isinstance(item, str) for item in raw)):
            return raw
        self.problem(f"expected a list of texts, not {_said(raw)}", name)
        return None

    def mapping_of_texts(self, name: str) -> dict[str, str] | None:
        """A mapping of names to texts."""
        raw = self._take(name)
        if raw is None:
            return None
        if isinstance(raw, dict) and all(isinstance(one, str) for pair in raw.items() for one in pair):
            return dict(raw)
        self.problem(f"expected a mapping of names to texts, not {_said(raw)}", name)
        return None

    def url(self, name: str) -> str | None:
        """An http, https, ws or wss URL."""
        text = self.text(name)
        if text is None or text.startswith(("http://", "https://", "ws://", "wss://")):
            return text
        self.problem(f"expected a URL such as http://127.0.0.1:8001/graphql, not {_said(text)}", name)
        return None

    def file(self, name: str, folder: Path) -> Path | None:
        """A file that is there; its path is relative to this folder."""
        text = self.text(name)
        if text is None or (folder / text).is_file():
            return None if text is None else folder / text
        self.problem(f"there is no file {folder / text}; {RELATIVE}", name)
        return None

    def files(self, name: str, folder: Path) -> list[Path] | None:
        """Files that are there; their paths are relative to this folder."""
        texts = self.texts(name)
        if texts is None:
            return None
        for text in texts:
            if not (folder / text).is_file():
                self.problem(f"there is no file {folder / text}; {RELATIVE}", name)
        return [folder / text for text in texts if (folder / text).is_file()]

    def host_and_port(self, name: str) -> str | None:
        """A place to listen at, such as 127.0.0.1:9090."""
        text = self.text(name)
        host, _, port = (text or "").rpartition(":")
        if text is None or (host and port.isdigit() and int(port) < 65536):
            return text
        self.problem(f"expected host:port such as 127.0.0.1:9090, not {_said(text)}", name)
        return None

    def day(self, name: str) -> date | None:
        """A day, such as 2027-01-31."""
        raw = self._take(name)
        try:
            # YAML knows days, and their texts are as good.
            found = date.fromisoformat(raw) if isinstance(raw, str) else raw
        except ValueError:
            found = raw
        if found is None or type(found) is date:
            return found
        self.problem(f"expected a day such as 2027-01-31, not {_said(raw)}", name)
        return None

    def number(self, name: str, least: float | None = None) -> float | None:
        """A number above zero, or of at least ``least``."""
        raw = self._take(name)
        if raw is None:
            return None
        try:
            number = math.nan if isinstance(raw, bool) else float(raw)
        except (TypeError, ValueError):
            number = math.nan
        if math.isfinite(number) and (number > 0 if least is None else number >= least):
            return number
        self.problem(
            f"expected a number {'above 0' if least is None else f'of at least {least}'}, not {_said(raw)}", name
        )
        return None

    def integer(self, name: str, least: int | None = None) -> int | None:
        """A whole number above zero, or of at least ``least``."""
        number = self.number(name, least)
        if number is not None and number != int(number):
            self.problem(f"expected a whole number, not {_said(number)}", name)
            return None
        return None if number is None else int(number)

    def flag(self, name: str) -> bool | None:
        """True or false; also as the texts an environment variable would hold."""
        raw = self._take(name)
        if raw is None or isinstance(raw, bool):
            return raw
        said = {"true": True, "on": True, "1": True, "false": False, "off": False, "0": False}.get(str(raw).lower())
        if said is None:
            self.problem(f"expected true or false, not {_said(raw)}", name)
        return said

    def dataclass(self, name: str, kind: type[T]) -> T | None:
        """The mapping under this name as a dataclass; its fields say what is known and of which kind."""
        raw = self.section(name)
        if not raw.given:
            return None
        hints = typing.get_type_hints(kind)
        values: dict[str, Any] = {}
        for setting in fields(kind):  # type: ignore[arg-type]
            choices = setting.metadata.get("choices")
            if choices is None:
                value = raw._of_kind(setting.name, hints[setting.name], setting.metadata.get("least"))
            else:
                value = raw.choice(setting.name, choices)
            if value is not None:
                values[setting.name] = value
            elif setting.default is MISSING and setting.default_factory is MISSING:
                if not raw.has(setting.name):
                    raw.problem("missing", setting.name)
                values[setting.name] = ""
        raw.refuse_the_rest()
        return kind(**values)

    def ignore(self, name: str) -> None:
        """This key may be there; we have no use for it."""
        self._known.add(name)

    def refuse_the_rest(self) -> None:
        """Every key that nobody asked for is a mistake, most often of spelling."""
        for name in self._raw.keys() - self._known:
            near = difflib.get_close_matches(name, self._known, 1)
            hint = f"did you mean {near[0]}?" if near else f"known here: {', '.join(sorted(self._known))}"
            self.problem(f"there is no such setting; {hint}", name)

    def _take(self, name: str) -> Any:
        self._known.add(name)
        return self._raw.get(name)

    def _of_kind(self, name: str, kind: Any, least: int | None) -> Any:
        if isinstance(kind, types.UnionType):
            kind = next(option for option in kind.__args__ if option is not types.NoneType)
        if typing.get_origin(kind) is Mapping:
            return self._mapping(name, typing.get_args(kind)[1])
        if typing.get_origin(kind) is tuple:
            texts = self.texts(name)
            return None if texts is None else tuple(texts)
        if kind is date:
            return self.day(name)
        if kind is int:
            return self.integer(name, least)
        if kind is float:
            return self.number(name, least)
        return {bool: self.flag, str: self.text}[kind](name)

    def _mapping(self, name: str, kind: type) -> dict[str, Any] | None:
        """A mapping of names to dataclasses of one kind."""
        listed = self.section(name)
        if not listed.given:
            return None
        found = {one: listed.dataclass(one, kind) for one in listed.names()}
        for one, value in found.items():
            if value is None and not listed.has(one):
                listed.problem("says nothing", one)
        return {one: value for one, value in found.items() if value is not None}


def _said(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
