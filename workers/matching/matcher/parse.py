"""What the parts of an address are, however they were spread over the fields."""

import re
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import cache, lru_cache
from operator import attrgetter

from workers.matching.matcher import china, japan
from workers.matching.matcher.codes import KIND_LAST, code_in, compact
from workers.matching.matcher.model import Address
from workers.matching.matcher.tidy import is_weak, spell, spell_slip, tidy
from workers.matching.matcher.units import Announced, announced, bare, take, value
from workers.matching.matcher.words import country_codes, meanings, region_codes, sections

_NUMBER = re.compile(r"^([0-9]+)([a-z]{0,2}|bis|ter|quater)$")
_RANGE = re.compile(r"^([0-9]+[a-z]?)-([0-9]+[a-z]?)$")
_SLASHED = re.compile(r"^([0-9]+[a-z]?)/([0-9]+[a-z]?(?:-[0-9]+[a-z]?)?)$")
_PLAIN_NUMBER = re.compile(r"^#?[0-9]+(?:[a-z]?|bis|ter|quater)(?:[/-][0-9]+[a-z]?)?$")
_ORDINAL = re.compile(r"^[0-9]+(?:st|nd|rd|th|er|eme)$")
_SPLIT_NUMBER = re.compile(r"(?:(?<=^)|(?<=[ ,]))([0-9]+)[ /](bis|ter|quater|[a-z])(?=$|,| [a-z]{2,})")
_ONLY_NUMBER = re.compile(r"^[0-9]{1,5} ?[a-z]?(?:[-/][0-9]{1,4}[a-z]?)?$")
_LIST = re.compile(r"^ *[0-9]+[a-zA-Z]?(?: *;[ 0-9a-zA-Z]+)+")
_MULTIPLES = {"bis": "b", "ter": "t", "quater": "q"}
_SUFFIX_APART = frozenset({"gb", "ie", "au", "nz", "za"})
"""where one letter after the house number is part of it, and no short word for a kind of street"""
_DIRECTION_LETTERS = frozenset("nsew")
_DOUBLE_NUMBERED = frozenset({"cz", "sk"})
"""where `1001/30` is a house with two numbers, of the district and of the street, and either will do"""
_SHORT_UNITS = frozenset({"f", "u"})
_UNIT_FIRST = frozenset({"au", "nz", "gb", "ie", "ca", ""})
"""where `3/12` is unit 3 of number 12; elsewhere it is number 12, unit 3"""
_UNIT_LAST = frozenset({"ee", "lv", "lt", "nl", "ru", "by", "kz"})
"""where `12-3` is number 12, unit 3, and a range is rare"""
_NUMBER_SIGN = "#"
_APART = re.compile(r"(?<=[0-9]) [-–] (?=[0-9]{1,4}(?![0-9-]))")
"""`85 - 301`: what a dash joins"""
_PART_SLASHED = re.compile(r"\bc/o\b|(?<=[0-9])/(?=[a-z]{2})")
"""`c/o Graner`, `108/Tür 1`: what a slash parts"""
_SUFFIX_AFTER_DASH = re.compile(r"^([0-9]+)-([a-z])$")
_UNIT_BEFORE_SLASH = re.compile(r"^([a-z]+)([0-9]+[a-z]?|(?<=[a-z])[a-z])/([0-9]+[a-z]?)$")
_LETTER_AND_NUMBER = re.compile(r"^([a-z])([0-9]+)$")
BOX = "pobox"
"""stands in a line for all that announces a post office box"""
_TORN = re.compile(r"\b([a-z]{1,2}) ([a-z]{4,})\b")
_CROSSING = frozenset({"co", "jp"})
"""where `# 29-28` is one number: of the crossing street, and of the house from there"""
_LETTER_FIRST = re.compile(r"^([a-z])[/-]([0-9]+[a-z]?)$")
_GLUED_NUMBER = re.compile(r"^([a-z]{4,})([0-9]{1,4}[a-z]?(?:[/-][0-9]+[a-z]?)?)$")
_GLUED_PART = re.compile(r"^([0-9]+[a-z]?)([a-z]+)([0-9]+)$")


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
    houses: tuple[str, ...] = ()
    """numbers that mean the same house, where there is more than one"""
    area: str = ""
    """of a Japanese address, in place of street, city and region: from prefecture to town, without spaces"""
    written: tuple[str | None, ...] = ()
    """the fields as they were written, where no country was: whoever knows one reads them again"""


@lru_cache(maxsize=65_536)
def parse(address: Address) -> Parsed:
    """Take an address apart."""
    country = country_of(address.country)
    parsed = _parse(address, country)
    return parsed if country else replace(parsed, written=_fields(address))


@lru_cache(maxsize=65_536)
def as_read_in(country: str, parsed: Parsed) -> Parsed:
    """
    The same address, written without a country, as somebody of that country reads it.

    It is still said nowhere that it is there.
    """
    line, *others = parsed.written[:-1]
    return replace(_parse(Address(line or "", *others), country), country="", written=parsed.written)


_fields: Callable[[Address], tuple[str | None, ...]] = attrgetter(*(field.name for field in fields(Address)))


def _parse(address: Address, country: str) -> Parsed:
    address = _in_its_fields(address)
    written = f"{address.region or ''} {address.city or ''} {address.address}"
    is_chinese = china.is_chinese(written, country)
    if not is_chinese and japan.is_japanese(written, country):
        return _parse_japanese(address)
    line, houses = _listed(china.parted(address.address) if is_chinese else address.address)
    line = _with_boxes(_PART_SLASHED.sub(",", tidy(_APART.sub("-", line))), country)
    code = compact(tidy(address.postal_code))
    if not code:
        code, line = code_in(line, country)
    city_text = tidy(address.city)
    if not code and city_text:
        code, city_text = code_in(city_text, country)
    line = _SPLIT_NUMBER.sub(lambda found: _with_suffix(found, line, country), line)
    line = _TORN.sub(_mended, line)
    number, unit, numbers, parts, main, double = _read_line(line, country, code)
    houses = houses or double
    name = tidy(address.name)
    if not number and _ONLY_NUMBER.match(name):
        number, name = name.replace(" ", ""), ""
        numbers.append(number)
    words = tuple(word for part in parts for word in part)
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
        name=tuple(name.replace(",", " ").split()),
        country=country,
        everything=(*words, *city, *_words(tidy(address.region))),
        houses=houses,
    )


def _in_its_fields(address: Address) -> Address:
    """An address whose line was written where the name belongs."""
    if address.name and not address.address.strip():
        return replace(address, address=address.name, name=None)
    return address


def _listed(line: str) -> tuple[str, tuple[str, ...]]:
    """A line with the first of the house numbers it lists, `1057;1059 Main Street`, and all of them."""
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
        if letter in _DIRECTION_LETTERS or (letter in meanings("types") and country not in _SUFFIX_APART):
            return found[0]
        if len(following) == 1 and following[0] in meanings("types"):
            return found[0]
    return number + _MULTIPLES.get(letter, letter)


def _with_boxes(line: str, country: str) -> str:
    """The line with one word for what announces a post office box."""
    found = _boxes(country).search(line)
    return f"{line[: found.start()]}{BOX} {line[found.end() :]}" if found else line


@cache
def _boxes(country: str) -> re.Pattern[str]:
    said = {
        tidy(" ".join((first, *words)))
        for countries, first, words in sections("boxes")
        if countries == ["*"] or country in countries
    }
    forms = sorted(said, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, forms))})(?: (?:no|nr))? ?(?=[0-9])")


@cache
def _own_kinds(country: str) -> dict[str, str]:
    """How only this country writes kinds of streets."""
    lines = [(kind, words) for countries, kind, words in sections("types_by_country") if country in countries]
    return {word: kind for kind, words in lines for word in words}


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


def _read_line(
    line: str, country: str, code: str
) -> tuple[str, str, list[str], tuple[tuple[str, ...], ...], tuple[str, ...], tuple[str, ...]]:
    number = ""
    units: list[str] = []
    numbers: list[str] = []
    houses: tuple[str, ...] = ()
    parts: list[tuple[str, ...]] = []
    main: tuple[str, ...] = ()
    said, kinds, own_kinds = announced(country), _kind_words(), _own_kinds(country)
    pieces = line.split(",")
    is_announced = _is_announced(line, said)
    for place, part in enumerate(pieces):
        rest = pieces[place + 1 :]
        words: list[str] = []
        tokens = part.split()
        if number and (values := bare(tokens, said)):
            units += values
            numbers += [one for one in values if one.isdigit()]
            continue
        index, had, main_at = 0, bool(number), 0
        while index < len(tokens):
            token = tokens[index]
            following = tokens[index + 1] if index + 1 < len(tokens) else ""
            if code and compact(token) == code and (number or words or parts):
                index += 1
                continue
            if not token.isalpha() or len(token) == 1 or token in said.before or token in said.sides:
                taken = take(tokens, index, said, bool(number), _has_number(tokens[index + 2 :], rest))
                if taken:
                    units += taken.values
                    index = taken.to
                    continue
            index += 1
            if number and token == _NUMBER_SIGN and following[:1].isdigit():
                units.append(value(following))
                index += 1
                continue
            if units and had is bool(number) and number and not following and token.isdigit() and not words:
                # `7, 2. em. 3.`: what is left behind a floor is the door.
                units.append(value(token))
                numbers.append(token)
                continue
            if token.startswith("#") and len(token) > 1 and country in _CROSSING:
                token = token[1:]
            if token.startswith("#") and len(token) > 1:
                if not number and not _has_number(tokens[index:], rest):
                    number = token[1:]
                    numbers.append(number)
                else:
                    units.append(value(token[1:]))
                continue
            if (
                number
                and len(token) == 1
                and token.isalpha()
                and following.isdigit()
                and token not in _DIRECTION_LETTERS
                and country not in KIND_LAST
            ):
                # `Mannerheimintie 12 A 5`: staircase and door.
                units += (token, value(following))
                index += 1
                continue
            if number and country not in KIND_LAST and (doored := _LETTER_AND_NUMBER.match(token)):
                units += (doored[1], value(doored[2]))
                continue
            if token in said.number and (following[:1].isdigit() or (following[1:2] in "/-" and following[2:])):
                continue
            if token in said.numbered and index > 1 and tokens[index - 2][:1].isdigit():
                continue
            if not number and (glued := _GLUED_NUMBER.match(token)) and not _has_number(tokens[index:], rest):
                words += spell(glued[1])
                token = glued[2]
            if country in _CROSSING and token[:1].isdigit():
                token = token.replace("/", "-")
            if not number and (before := _UNIT_BEFORE_SLASH.match(token)) and before[1] in said.before | _SHORT_UNITS:
                units.append(value(before[2]))
                token = before[3]
            if suffixed := _SUFFIX_AFTER_DASH.match(token):
                token = suffixed[1] + suffixed[2]
            if slashed := _SLASHED.match(token):
                first, second = slashed[1], slashed[2]
                numbers += [first, second]
                if country in _DOUBLE_NUMBERED and not number:
                    number = second
                    houses += (second, first)
                    continue
                if not number:
                    number, own = (second, first) if country in _UNIT_FIRST else (first, second)
                    units.append(value(own))
                continue
            if not number and (lettered := _LETTER_FIRST.match(token)):
                units.append(lettered[1])
                token = lettered[2]
            if not number and (glued := _GLUED_PART.match(token)) and glued[2] in said.before:
                units.append(value(glued[3]))
                token = glued[1]
            if (ranged := _RANGE.match(token)) and not number and _is_number_and_unit(ranged[1], ranged[2], country):
                units.append(value(ranged[2]))
                token = ranged[1]
            if _NUMBER.match(token) or _RANGE.match(token):
                if _ORDINAL.match(token) and (number or following):
                    words.append(re.sub("[a-z]+$", "", token))
                    numbers.append(words[-1])
                    continue
                if not number and len(words) == 1 and words[0] in kinds and _has_number(tokens[index:], rest):
                    # `Rua 18, 53`: the first is the name of the street.
                    words.append(token)
                    continue
                if is_announced and not number and (index < 2 or tokens[index - 2] not in said.number):
                    # `78. Sokak No: 3`: the one that is announced is the house's.
                    words.append(token)
                    numbers.append(token)
                    continue
                plain = token.lstrip("0") or token
                if (multiple := _NUMBER.match(plain)) and multiple[2] in _MULTIPLES:
                    plain = multiple[1] + _MULTIPLES[multiple[2]]
                if number and (following[:1].isalpha() or words) and plain.isdigit():
                    # `1576 N 58 St`: what is no house names the street.
                    words.append(plain)
                numbers.append(plain)
                number = number or plain
                main_at = main_at if number != plain else len(words)
                continue
            for word in filter(None, token.replace("/", "-").split("-")):
                words += (own_kinds[word],) if word in own_kinds else spell(word)
        if words:
            if not any(word in kinds for word in words):
                words = [spell_slip(word) or word for word in words]
            pieces_of = _pieces(words, main_at if number and not had else 0, country)
            # A number alone between commas belongs to the street that follows, if what follows has a name.
            if number and not main and (not parts or _has_name(words)):
                main = _street_of(pieces_of, bool(main_at) and not had, country)
            parts += pieces_of
    if main and not (main[0] in kinds if country not in KIND_LAST else any(word in kinds for word in main)):
        # `Rua 18, 53, Caldas Novas`: a number alone may also belong to the street before it.
        main = next((part for part in parts[: parts.index(main)] if part[0] in kinds), main)
    parted = (_LETTER_AND_NUMBER.sub(r"\1 \2", one) for one in units)
    return (
        number,
        " ".join(dict.fromkeys(" ".join(parted).split())),
        numbers,
        tuple(parts),
        main or (parts[0] if parts else ()),
        houses,
    )


def _is_announced(line: str, said: Announced) -> bool:
    """Whether a word says which of the numbers is the house's."""
    tokens = line.replace(",", " , ").split()
    return any(
        token in said.number and len(token) > 1 and after[:1].isdigit() and before not in said.before
        for before, token, after in zip(("", *tokens), tokens, tokens[1:], strict=False)
    )


def _is_number_and_unit(first: str, second: str, country: str) -> bool:
    """Whether `12-3` is a unit of number 12: where people write it so, and where it goes down."""
    if country in _UNIT_LAST:
        return True
    return (
        country not in KIND_LAST
        and country not in _CROSSING
        and first.isdigit()
        and second.isdigit()
        and int(second) <= int(first)
    )


def _has_name(words: list[str]) -> bool:
    """Whether the words could name a street."""
    return any(len(word) > 1 and not is_weak(word) for word in words)


@lru_cache(maxsize=1)
def _kind_words() -> frozenset[str]:
    return frozenset(meanings("types").values())


def _pieces(words: list[str], number_at: int, country: str) -> list[tuple[str, ...]]:
    """A part of the line, parted again at the house number and, where the kind of street comes last, after that."""
    before, rest = tuple(words[:number_at]), tuple(words[number_at:])
    found = [before] if before else []
    if not rest:
        return found
    if country in KIND_LAST:
        end = _end_of_street(rest)
        found.append(rest[:end])
        if rest[end:]:
            found.append(rest[end:])
    else:
        found.append(rest)
    return found


def _street_of(pieces: list[tuple[str, ...]], is_parted: bool, country: str) -> tuple[str, ...]:
    """The piece that names the street: after the number or before it, where a kind of street is rather than none."""
    if not is_parted or len(pieces) == 1:
        return pieces[0]
    before, after = pieces[:2]
    kinds = _kind_words()
    has_kind, has_kind_after = (any(word in kinds for word in piece) for piece in (before, after))
    if has_kind != has_kind_after:
        return before if has_kind else after
    return after if country in KIND_LAST else before


def _end_of_street(words: tuple[str, ...]) -> int:
    """Where the name of the street ends: after its kind, and after a direction that closes the line."""
    kinds, directions = meanings("types"), _directions()
    if kinds.get(words[0]) == words[0]:
        # The kind comes first here: nobody can tell where the name ends.
        return len(words)
    for place in range(1, len(words)):
        word = words[place]
        if kinds.get(word) != word or all(is_weak(one) for one in words[:place]):
            continue
        # `Old St Johns Road`: a saint is no kind.
        if any(kinds.get(later) == later for later in words[place + 1 : place + 3]):
            continue
        end = place + 1
        return end + 1 if end < len(words) and words[end] in directions else end
    return len(words)


@lru_cache(maxsize=1)
def _directions() -> frozenset[str]:
    return frozenset(meanings("directions").values())


def _has_number(tokens: list[str], parts: list[str]) -> bool:
    following = (*tokens, *(token for part in parts for token in part.split()))
    return any(_PLAIN_NUMBER.match(token) and not _ORDINAL.match(token) for token in following)


def _words(text: str) -> tuple[str, ...]:
    return tuple(
        w for token in text.replace(",", " ").replace("-", " ").replace("/", " ").split() for w in spell(token)
    )


def _region(text: str, country: str) -> str:
    text = text.replace(",", " ")
    return region_codes(country).get(text, text) if country else text


def strong(words: tuple[str, ...]) -> list[str]:
    """The words that say which street or town is meant; all of them where none does."""
    return [word for word in words if not is_weak(word)] or list(words)
