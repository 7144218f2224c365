"""What the parts of an address are, however they were spread over the fields."""

import re
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import cache, lru_cache
from operator import attrgetter

from workers.matching.matcher import china, japan
from workers.matching.matcher.codes import code_in, compact
from workers.matching.matcher.guess import country_by_alphabet, country_by_words
from workers.matching.matcher.line import DIRECTION_LETTERS, MULTIPLES, read_line
from workers.matching.matcher.model import Address
from workers.matching.matcher.tidy import part_run_together, spell, tidy, weak_words
from workers.matching.matcher.words import country_codes, meanings, region_codes, sections

_SPLIT_NUMBER = re.compile(r"(?:(?<=^)|(?<=[ ,]))([0-9]+)[ /](bis|ter|quater|[a-z])(?=$|,| [a-z]{2,})")
_ONLY_NUMBER = re.compile(r"^[0-9]{1,5} ?[a-z]?(?:[-/][0-9]{1,4}[a-z]?)?$")
_LIST_LAST = re.compile(r"(?<= )[0-9]+[a-zA-Z]?(?: ?; ?[0-9]+[a-zA-Z]?)+ *$")
_LIST = re.compile(r"^ *[0-9]+[a-zA-Z]?(?: *;[ 0-9a-zA-Z]+)+")
_SUFFIX_APART = frozenset({"gb", "ie", "au", "nz", "za"})
"""where one letter after the house number is part of it, and no short word for a kind of street"""
_APART = re.compile(r"(?<=[0-9]) [-–] (?=[0-9]{1,4}(?![0-9ºª°-])|[a-zA-Z](?![^\W_]))")
"""`85 - 301`: what a dash joins"""
_PART_SLASHED = re.compile(r"\bc/o\b|(?<=[0-9])/(?=[a-z]{2})|(?<=[a-z]{4})/(?=(?:[a-z]+ )?[0-9])")
"""`c/o Graner`, `108/Tür 1`, `113 Pasettistraße/5`: what a slash parts"""
_GLUED_SIGN = re.compile(r"\b(no|nr|nro|num)(?=[0-9])(?![0-9]{1,2} ?[0-9][a-z]{2}\b)")
"""`No5`, but not the postal code `NR35 1EE`"""
_LETTER_AFTER_SLASH = re.compile(r"(?<![0-9a-z/])([0-9]+)/([a-z])(?![a-z0-9/])")
_FLOOR = re.compile(r"\b([0-9]+)/f\b")
_RURAL = re.compile(r"\b(?:r ?r|rural route) ?#?([0-9]+)[, ]+(?:box ?|# ?)([0-9]+)")
_GLUED_HAO = re.compile(r"(?<=[a-z])([0-9]+) ?hao")
_NEIGHBOURHOOD = re.compile(r"\brt ?[0-9]+ ?/? ?rw ?[0-9]+")
_GREEK_ORDINAL = re.compile(r"\b([0-9]+)(?:i|is|ou|on)\b(?= [a-z])")
_CHOME = re.compile(r"([0-9])[ -]?chome[ -]?")
_KOREAN_JOINED = re.compile(r"(?<=[a-z0-9])-(?=(?:daero|ro|gil|beon|gu|si|gun|do|dong|eup|myeon|ri)(?![a-z]))")
_CITY_JOINED = re.compile(r"-(?=[a-z]+$)")
_KOREAN_GLUED = re.compile(r"(?<=[로길])(?=[0-9]+(?![0-9]*(?:번길|길|가)))")
_TORN = re.compile(r"\b([a-z]{1,2}) ([a-z]{4,})\b")
_ALSO_PLACES = frozenset(
    [
        "dj",
        "ge",
        "gf",
        "gg",
        "gi",
        "gp",
        "gt",
        "gu",
        "hk",
        "im",
        "je",
        "jo",
        "kw",
        "lb",
        "lu",
        "mc",
        "mo",
        "mq",
        "nc",
        "pf",
        "pr",
        "re",
        "sg",
        "vi",
        "yt",
    ]
)
"""countries and territories whose names are those of towns, regions or states as well"""
_BOX = "pobox"
"""stands in a line for all that announces a post office box"""


# Not frozen, which would make it four times as slow to make one; once it is whole, nobody changes it.
@dataclass(slots=True, unsafe_hash=True)
class Parsed:
    """An address taken apart."""

    number: str
    """house number with its suffix, empty where there is none"""
    unit: str
    numbers: frozenset[str]
    """every number of the address line, whatever it means"""
    street: tuple[str, ...]
    """the words of the address line"""
    parts: tuple[tuple[str, ...], ...]
    """the same, as the commas part them"""
    main: tuple[str, ...]
    """the part with the house number, where the street is"""
    city: tuple[str, ...]
    region: str
    postal_code: str
    name: tuple[str, ...]
    country: str
    everything: tuple[str, ...]
    """all words of line, city and region; what was written in the wrong field is found here"""
    houses: tuple[str, ...] = ()
    """numbers that mean the same house, where there is more than one"""
    area: str = ""
    """of a Japanese address, in place of street, city and region: from prefecture to town, without spaces"""
    written: tuple[str | None, ...] = ()
    """the fields as they were written, where no country was: whoever knows one reads them again"""
    read_as: str = ""
    """the country whose rules it was taken apart by, where it names none"""


@lru_cache(maxsize=2_048)
def parse(address: Address) -> Parsed:
    """Take an address apart."""
    country = country_of(address.country)
    if not country:
        address = _with_country(_in_its_fields(address))
        country = country_of(address.country)
    if country:
        return _parse(address, country)
    read_as = _guess(address)
    parsed = _parse(address, read_as, is_sure=False)
    if not parsed.area:
        parsed.country, parsed.read_as = "", read_as
    parsed.written = _fields(address)
    return parsed


def as_read_in(country: str, parsed: Parsed) -> Parsed:
    """
    The same address, written without a country, as somebody of that country reads it.

    It does not say any more than before that it is there.
    """
    return parsed if parsed.read_as == country else _read_in(country, parsed.written)


@lru_cache(maxsize=2_048)
def _read_in(country: str, written: tuple[str | None, ...]) -> Parsed:
    line, *others = written[:-1]
    parsed = _parse(Address(line or "", *others), country, is_sure=False)
    parsed.country, parsed.written, parsed.read_as = "", written, country
    return parsed


def _with_country(address: Address) -> Address:
    """The address with the country in its field that was written behind the last comma of the line."""
    line, _, last = address.address.rpartition(",")
    if not line or any(sign.isdigit() for sign in last):
        return address
    country = country_of(last.strip(" ."))
    return replace(address, address=line, country=country) if country and _is_told(last, country) else address


def _is_told(text: str, country: str) -> bool:
    """Whether what may name a country is neither short for a state nor a town or region as well."""
    return country not in _ALSO_PLACES and (len(text.strip(" .")) > 3 or text.strip(" .").lower() in ("usa", "uk"))


def _guess(address: Address) -> str:
    """The country an address is read as that names none."""
    written = f"{address.address} {address.city or ''} {address.region or ''}"
    return country_by_alphabet(written) or country_by_words(tidy(written), tidy(address.postal_code), written)


_fields: Callable[[Address], tuple[str | None, ...]] = attrgetter(*(field.name for field in fields(Address)))


def _parse(address: Address, country: str, is_sure: bool = True) -> Parsed:
    address = _in_its_fields(address)
    written = f"{address.postal_code or ''} {address.region or ''} {address.city or ''} {address.address}"
    is_chinese = china.is_chinese(written, country)
    if not is_chinese and japan.is_japanese(written, country):
        return _parse_japanese(address)
    line, houses = _listed(china.parted(address.address) if is_chinese else address.address)
    if country == "kr":
        line = _KOREAN_GLUED.sub(" ", line)
    if "-" in line or "–" in line:
        line = _APART.sub("-", line)
    line = _with_boxes(_by_country(tidy(part_run_together(line)), country), country)
    if areas := _areas(country):
        line = areas.sub(_parted, line)
    code = compact(tidy(address.postal_code))
    if not code:
        code, line = code_in(line, country, is_sure=is_sure)
    city_text = tidy(china.town(address.city.strip()) if is_chinese and address.city else address.city)
    if not code and city_text:
        code, city_text = code_in(city_text, country, is_town=True, is_sure=is_sure)
    line = _SPLIT_NUMBER.sub(lambda found: _with_suffix(found, line, country), line)
    line = _TORN.sub(_mended, line)
    read = read_line(line, country, code)
    number, numbers = read.number, read.numbers
    name = tidy(address.name)
    if not number and _ONLY_NUMBER.match(name):
        number, name = name.replace(" ", ""), ""
        numbers.append(number)
    words = tuple(word for part in read.parts for word in part)
    city = _words(_CITY_JOINED.sub("", city_text) if country == "kr" else city_text)
    region = _region(tidy(address.region), country)
    return Parsed(
        number=number,
        unit=read.unit,
        numbers=frozenset(numbers),
        street=words,
        parts=tuple(read.parts),
        main=read.main,
        city=city,
        region=region,
        postal_code=code,
        name=tuple(name.replace(",", " ").split()),
        country=country,
        everything=(*words, *city, *_words(tidy(address.region))),
        houses=houses or read.houses,
    )


def _in_its_fields(address: Address) -> Address:
    """An address whose line was written where the name belongs."""
    if address.name and not address.address.strip():
        return replace(address, address=address.name, name=None)
    return address


def _listed(line: str) -> tuple[str, tuple[str, ...]]:
    """A line with the first of the house numbers it lists, `1057;1059 Main Street`, `Klosterplatz 1;2`, and all of them."""
    if ";" not in line:
        return line, ()
    if found := _LIST_LAST.search(line):
        houses = tuple(tidy(one) for one in found[0].split(";"))
        return f"{line[: found.start()]}{houses[0]}", houses
    found = _LIST.match(line)
    if not found:
        return line, ()
    *before, last = (tidy(one) for one in found[0].split(";"))
    last, _, rest = last.partition(" ")
    return f"{before[0]} {rest}{line[found.end() :]}", (*before, last)


def _with_suffix(found: re.Match[str], line: str, country: str) -> str:
    """`12 bis` is `12b`, but `12 E Main St` goes east, and `12 C Street` is on a street of that name."""
    number, letter = found[1], found[2]
    following = line[found.end() :].partition(",")[0].split()
    if len(letter) == 1 and following:
        if letter in DIRECTION_LETTERS or (letter in meanings("types") and country not in _SUFFIX_APART):
            return found[0]
        if len(following) == 1 and following[0] in meanings("types"):
            return found[0]
    return number + MULTIPLES.get(letter, letter)


def _with_boxes(line: str, country: str) -> str:
    """The line with one word for what announces a post office box."""
    found = _boxes(country).search(line)
    return f"{line[: found.start()]}{_BOX} {line[found.end() :]}" if found else line


@cache
def _boxes(country: str) -> re.Pattern[str]:
    return _announcing_boxes(
        frozenset(
            tidy(" ".join((first, *words)))
            for countries, first, words in sections("boxes")
            if countries == ["*"] or country in countries
        )
    )


@cache
def _announcing_boxes(said: frozenset[str]) -> re.Pattern[str]:
    """One for all countries that say the same."""
    forms = sorted(said, key=lambda form: (-len(form), form))
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, forms))})(?: (?:no|nr))? ?(?=[0-9])")


def _by_country(line: str, country: str) -> str:
    """A tidy line where what slashes and signs part and join stands apart, and what only one country writes is gone."""
    # Most lines have none of this: looking for a sign is faster than looking for a form, and so is a function rather
    # than a text that says what takes its place.
    if "/" in line:
        line = _FLOOR.sub(lambda found: f"floor {found[1]}", line)
        line = _PART_SLASHED.sub(",", _LETTER_AFTER_SLASH.sub(lambda found: found[1] + found[2], line))
    if "n" in line:
        line = _GLUED_SIGN.sub(lambda found: f"{found[1]} ", line)
    match country:
        case "us" | "ca":
            return _RURAL.sub(rf"rr\1 {_BOX} \2", line)
        case "cn":
            return _GLUED_HAO.sub(r" \1 hao ", line)
        case "gr":
            return _GREEK_ORDINAL.sub(r"\1th", line)
        case "id":
            return _NEIGHBOURHOOD.sub(",", line)
        case "jp":
            return _CHOME.sub(r"\1-", line)
        case "kr":
            return _KOREAN_JOINED.sub("", line)
    return line


@cache
def _areas(country: str) -> re.Pattern[str] | None:
    forms: dict[str, str] = {}
    for countries, role, words in sections("areas"):
        if country in countries:
            forms[role] = "|".join(words)
    ways = {
        "before": r"(?P<before> (?:{})\b)",
        "after": r"\b(?:{}) ",
        "ending": r"(?<=[a-z])(?:{}) ",
        "town": r"(?P<town>(?:^|\b)(?:{}) (?=[a-z]{{2}}))",
    }
    return re.compile("|".join(ways[role].format(words) for role, words in forms.items())) if forms else None


def _parted(found: re.Match[str]) -> str:
    """A comma where an area begins or ends."""
    named = found.groupdict()
    if named.get("town"):
        return ","
    return f",{found[0][1:]}" if named.get("before") else f"{found[0][:-1]},"


def _mended(found: re.Match[str]) -> str:
    """A kind of street that a space tore apart: `c ircuit`."""
    whole = found[1] + found[2]
    return whole if whole in meanings("types") else found[0]


def _parse_japanese(address: Address) -> Parsed:
    read = japan.read(address.address, address.postal_code or "", address.city or "", address.region or "")
    name = tuple(japan.plain(address.name or "").split())
    return Parsed(
        read.blocks, read.unit, frozenset(), (), (), (), (), "", read.postal_code, name, "jp", (), (), read.area
    )


@lru_cache(maxsize=4_096)
def country_of(text: str | None) -> str:
    """
    The ISO 3166 code of a country by its code or its name in any language, in lower case.

    One that nobody here knows is empty: it says nothing, rather than contradicting every other one.
    """
    if not text:
        return ""
    known = country_codes()
    plain = text.casefold().strip()
    if plain in known:
        return known[plain]
    # Two letters that were put into this alphabet, such as a short name in another one, are no code.
    folded = tidy(text).replace(",", " ").strip()
    return known.get(folded, "") if len(folded) > 2 or text.isascii() else ""


def _words(text: str) -> tuple[str, ...]:
    return tuple(
        w for token in text.replace(",", " ").replace("-", " ").replace("/", " ").split() for w in spell(token)
    )


def _region(text: str, country: str) -> str:
    text = text.replace(",", " ")
    return region_codes(country).get(text, text) if country else text


def strong(words: tuple[str, ...]) -> list[str]:
    """The words that say which street or town is meant; all of them where none does."""
    weak = weak_words()
    return [word for word in words if word not in weak] or list(words)
