"""What the parts of an address are, however they were spread over the fields."""

import re
from dataclasses import dataclass
from functools import lru_cache

from workers.matching.matcher import japan
from workers.matching.matcher.model import Address
from workers.matching.matcher.tidy import is_weak, spell, tidy
from workers.matching.matcher.words import country_codes, meanings, region_codes

_UK_CODE = re.compile(r"\b([a-z]{1,2}[0-9][a-z0-9]?) ?([0-9][a-z]{2})\b")
_NL_CODE = re.compile(r"\b([1-9][0-9]{3}) ?([a-z]{2})\b")
_CA_CODE = re.compile(r"\b([a-z][0-9][a-z]) ?([0-9][a-z][0-9])\b")
_LONG_CODE = re.compile(r"^(?:[a-z]{1,2}-)?(?:[0-9]{4,7}|[0-9]{3}-[0-9]{4}|[0-9]{2}-[0-9]{3}|[0-9]{5}-[0-9]{3,4})$")
_NUMBER = re.compile(r"^([0-9]+)([a-z]{0,2}|bis|ter|quater)$")
_RANGE = re.compile(r"^([0-9]+[a-z]?)-([0-9]+[a-z]?)$")
_SLASHED = re.compile(r"^([0-9]+[a-z]?)/([0-9]+[a-z]?(?:-[0-9]+[a-z]?)?)$")
_ORDINAL = re.compile(r"^[0-9]+(?:st|nd|rd|th|er|eme)$")
_SPLIT_NUMBER = re.compile(r"\b([0-9]+) (bis|ter|quater|[a-d])(?=$|,| [a-z]{2,})")
_GLUED_UNIT = re.compile(r"^(unit|flat|apt|suite|u|lot|shop)([0-9]+[a-z]?)$")
_UNIT_FIRST = frozenset({"au", "nz", "gb", "ie", "ca", ""})
"""where `3/12` is unit 3 of number 12; elsewhere it is number 12, unit 3"""
_NUMBER_SIGNS = frozenset({"no", "nr", "num", "numero", "#", "n", "nummer"})


@dataclass(frozen=True, slots=True)
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
    area: str = ""
    """of a Japanese address, in place of street, city and region: from prefecture to town, without spaces"""


@lru_cache(maxsize=65_536)
def parse(address: Address) -> Parsed:
    """Take an address apart."""
    country = country_of(address.country)
    if japan.is_japanese(f"{address.address} {address.city or ''}", country):
        return _parse_japanese(address)
    line = tidy(address.address)
    code = _compact(tidy(address.postal_code))
    if not code:
        code, line = _code_in(line, country)
    line = _SPLIT_NUMBER.sub(r"\1\2", line)
    number, unit, numbers, parts, main = _read_line(line, country, code)
    words = tuple(word for part in parts for word in part)
    city_text = tidy(address.city)
    city = _words(city_text)
    region = _region(tidy(address.region), country)
    return Parsed(
        number=number,
        unit=unit,
        numbers=frozenset(numbers),
        street=words,
        parts=parts,
        main=main,
        city=city,
        region=region,
        postal_code=code,
        name=tuple(tidy(address.name).replace(",", " ").split()),
        country=country,
        everything=(*words, *city, *_words(tidy(address.region))),
    )


def _parse_japanese(address: Address) -> Parsed:
    read = japan.read(address.address, address.postal_code or "", address.city or "", address.region or "")
    name = tuple(japan.plain(address.name or "").split())
    return Parsed(read.blocks, read.unit, frozenset(), (), (), (), (), "", read.postal_code, name, "jp", (), read.area)


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


def _read_line(
    line: str, country: str, code: str
) -> tuple[str, str, list[str], tuple[tuple[str, ...], ...], tuple[str, ...]]:
    number = unit = ""
    numbers: list[str] = []
    parts: list[tuple[str, ...]] = []
    main: tuple[str, ...] = ()
    units, kinds = set(meanings("units")), frozenset(meanings("types").values())
    if country not in _UNIT_FIRST:
        # `u. 5` is a street and a number in Hungary.
        units -= {"u"}
    pieces = line.split(",")
    for place, part in enumerate(pieces):
        rest = pieces[place + 1 :]
        words: list[str] = []
        tokens = part.split()
        index = 0
        while index < len(tokens):
            token = tokens[index]
            following = tokens[index + 1] if index + 1 < len(tokens) else ""
            index += 1
            if code and _compact(token) == code and (number or words or parts):
                continue
            if glued := _GLUED_UNIT.match(token):
                unit = unit or glued[2]
                continue
            if token.startswith("#") and len(token) > 1:
                unit = unit or token[1:]
                continue
            if token in units and (following[:1].isdigit() or len(following) == 1):
                unit = unit or following
                index += 1
                continue
            if token in _NUMBER_SIGNS and following[:1].isdigit():
                continue
            if slashed := _SLASHED.match(token):
                first, second = slashed[1], slashed[2]
                numbers += [first, second]
                if not number:
                    number, own = (second, first) if country in _UNIT_FIRST else (first, second)
                    unit = unit or own
                continue
            if _NUMBER.match(token) or _RANGE.match(token):
                if _ORDINAL.match(token) and (number or following):
                    words.append(token)
                    continue
                if not number and len(words) == 1 and words[0] in kinds and _has_number(tokens[index:], rest):
                    # `Rua 18, 53`: the first is the name of the street.
                    words.append(token)
                    continue
                plain = token.lstrip("0") or token
                numbers.append(plain)
                number = number or plain
                continue
            for word in token.replace("/", "-").split("-"):
                words += spell(word)
        if words:
            parts.append(tuple(words))
            # A number alone between commas belongs to the street that follows.
            if number and not main:
                main = parts[-1]
    return number, unit, numbers, tuple(parts), main or (parts[0] if parts else ())


def _has_number(tokens: list[str], parts: list[str]) -> bool:
    following = (*tokens, *(token for part in parts for token in part.split()))
    return any(_NUMBER.match(token) and not _ORDINAL.match(token) for token in following)


def _code_in(line: str, country: str) -> tuple[str, str]:
    """The postal code in a line that holds everything, and the rest of the line."""
    for form, homes in ((_UK_CODE, {"gb", "ie", ""}), (_CA_CODE, {"ca", ""}), (_NL_CODE, {"nl"})):
        if country in homes and (found := form.search(line)):
            return found[1] + found[2], line[: found.start()] + line[found.end() :]
    parts = [part.split() for part in line.split(",")]
    numbers = [(p, t) for p, tokens in enumerate(parts) for t, token in enumerate(tokens) if token[0].isdigit()]
    # The last one: a house number may look like a code, but stands before it.
    for p, t in reversed(numbers):
        token = parts[p][t]
        if not _LONG_CODE.match(token) or (p, t) == (0, 0):
            continue
        is_alone = len(numbers) == 1 and t == len(parts[p]) - 1 and len(_compact(token)) < 5
        if not is_alone:
            parts[p].pop(t)
            return _compact(token), ",".join(" ".join(tokens) for tokens in parts if tokens)
    return "", line


def _words(text: str) -> tuple[str, ...]:
    return tuple(
        w for token in text.replace(",", " ").replace("-", " ").replace("/", " ").split() for w in spell(token)
    )


def _region(text: str, country: str) -> str:
    text = text.replace(",", " ")
    return region_codes(country).get(text, text) if country else text


def _compact(code: str) -> str:
    return code.replace(" ", "").replace("-", "")


def strong(words: tuple[str, ...]) -> list[str]:
    """The words that say which street or town is meant; all of them where none does."""
    return [word for word in words if not is_weak(word)] or list(words)
