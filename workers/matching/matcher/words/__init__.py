"""Abbreviations from the data files of this folder, read once."""

from functools import cache
from pathlib import Path

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
    return found


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
