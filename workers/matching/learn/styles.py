"""How addresses are written in a country, and which names they are made of."""

import json
import tomllib
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Style:
    """One country of ``styles.toml``; where there are several ways to write a thing, the register's comes first."""

    country: str
    weight: int
    """how many addresses it has, compared with the others"""
    lines: tuple[str, ...]
    """street and house number"""
    kinds: tuple[str, ...]
    """how a street is called: ``{n}`` a street's name, ``{s}`` a surname, ``{a}`` a number; none: names are whole"""
    short: tuple[tuple[str, str], ...]
    """words of streets and what is written instead"""
    units: tuple[tuple[str, ...], ...]
    """kinds of units, each in all its spellings around the line of the house"""
    unit_share: float
    """how many houses have units"""
    code: str
    """the postal code: ``#`` a digit, ``@`` a letter"""
    code_town: int
    """signs of the code that are the town's"""
    towns: tuple[str, ...]
    """code and town on a line; where the whole is one word (`whole`), also the line"""
    suffixes: tuple[str, ...]
    """what follows a house number"""
    box: tuple[str, ...]
    """a post office box, in all spellings"""
    box_share: float
    business: tuple[str, ...]
    """names of businesses; ``{s}`` a surname"""
    block: int
    """how many hundreds house numbers may begin with; 1 where they are counted along the street"""
    rural: tuple[str, ...] = ()
    houses: tuple[str, ...] = ()
    """names of houses without a number"""
    extra: tuple[str, ...] = ()
    """further words of an address: an estate, a building"""
    region_share: float = 0.0
    """how many addresses name their region"""
    fine: bool = False
    """few houses share a postal code"""
    numbers: str = "plain"
    """the kind of house numbers; ``registers.py`` knows them"""
    unit_numbers: str = "plain"
    """``plain`` numbers and some letters; ``counted``: numbers alone; ``floors``: numbers that begin with the floor"""
    whole: bool = False
    """region, town and line are written without commas"""


@dataclass(frozen=True)
class Names:
    """What the addresses of a country are made of."""

    streets: tuple[str, ...]
    towns: tuple[tuple[str, str], ...]
    """with their region, the largest first"""
    regions: tuple[str, ...]
    surnames: tuple[str, ...]
    given: tuple[str, ...]


@cache
def styles() -> dict[str, Style]:
    """Every country that addresses can be made for."""
    tables = tomllib.loads((_FOLDER / "styles.toml").read_text(encoding="utf-8"))
    return {country: _style(country, tables) for country in tables if country != "base"}


@cache
def names(country: str) -> Names:
    """The names of a country."""
    kept = json.loads((_FOLDER / "names" / f"{country}.json").read_text(encoding="utf-8"))
    return Names(**{field.name: _frozen(kept[field.name]) for field in fields(Names)})


def _style(country: str, tables: dict[str, dict[str, Any]]) -> Style:
    merged: dict[str, Any] = {}
    name: str | None = country
    while name:
        merged = {**tables[name], **merged}
        name = tables[name].get("like", "base" if name != "base" else None)
    merged.pop("like", None)
    return Style(country=country, **{key: _frozen(value) for key, value in merged.items()})


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value
