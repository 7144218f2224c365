"""An address line, read token by token: house number, units, and the parts that name a street or what is around it."""

import re
from dataclasses import dataclass, field
from functools import cache, lru_cache

from rapidfuzz.distance import OSA

from workers.matching.matcher.codes import KIND_LAST, compact
from workers.matching.matcher.tidy import is_weak, kind_words, spell, spell_slip
from workers.matching.matcher.units import Announced, announced, bare, take, value
from workers.matching.matcher.words import meanings, sections

_NUMBER = re.compile(r"^([0-9]+)([a-z]{0,2}|bis|ter|quater)$")
_PLAIN_NUMBER = re.compile(r"^#?[0-9]+(?:[a-z]?|bis|ter|quater)(?:[/-][0-9]+[a-z]?){0,3}$")
_RANGE = re.compile(r"^([0-9]+[a-z]?)-([0-9]+[a-z]?)$")
_SLASHED = re.compile(r"^([0-9]+[a-z]?)/([0-9]+[a-z]?(?:-[0-9]+[a-z]?)?)$")
_NUMBERED = re.compile(r"^([0-9]+(?:-[0-9]+)?)([a-z]+)$")
_BLOCKS = re.compile(r"^[0-9]+[a-z]?(?:-[0-9]+[a-z]?){2,3}$")
_MOST_BLOCKS = 3
_ORDINAL = re.compile(r"^[0-9]+(?:st|nd|rd|th|er|eme)$")
_SUFFIX_AFTER_DASH = re.compile(r"^([0-9]+)-([a-z])$")
_UNIT_BEFORE_SLASH = re.compile(r"^([a-z]+)([0-9]+[a-z]?|(?<=[a-z])[a-z])/([0-9]+[a-z]?)$")
_LETTER_FIRST = re.compile(r"^([a-z])[/-]([0-9]+[a-z]?)$")
_LETTER_AND_NUMBER = re.compile(r"^([a-z])([0-9]+)$")
_GLUED_NUMBER = re.compile(r"^([a-z]{3,})([0-9]{1,4}[a-z]?(?:[/-][0-9]+[a-z]?)?)$")
_GLUED_PART = re.compile(r"^([0-9]+[a-z]?)([a-z]+)([0-9]+)$")
_NUMBER_SIGN = "#"
MULTIPLES = {"bis": "b", "ter": "t", "quater": "q"}
DIRECTION_LETTERS = frozenset("nsew")
_DOUBLE_NUMBERED = frozenset({"cz", "sk"})
"""where `1001/30` is a house with two numbers, of the district and of the street, and either will do"""
_OF_DISTRICT = (("c", "p"), ("cp",), ("c", "popisne"), ("cislo", "popisne"), ("sup", "c"), ("supisne", "cislo"))
"""words that announce the number that a house has in its district, so never that of the street: `č.p. 40`"""
_OF_STREET = (
    *(("c", "o"), ("c", "or"), ("co",), ("c", "orientacni"), ("cislo", "orientacni"), ("orientacne", "cislo")),
    *(("c", "ev"), ("ev", "c"), ("c",)),
)
"""words that announce the other one, one of huts, or any: `č. 40`"""
_UNIT_FIRST = frozenset({"au", "nz", "gb", "ie", "ca", ""})
"""where `3/12` is unit 3 of number 12; elsewhere it is number 12, unit 3"""
_UNIT_LAST = frozenset({"ee", "lv", "lt", "nl", "ru", "by", "kz"})
"""where `12-3` is number 12, unit 3, and a range is rare"""
_CROSSING = frozenset({"co", "jp"})
"""where `# 29-28` is one number: of the crossing street, and of the house from there"""
_HASHED = "co"
"""where `#` stands before the house number, never before a unit"""
_LOTS = frozenset({"kr", "tw", "cn"})
"""where `34-6` is one number as well: of a lot, and of the house in it"""
_LONGEST_UNIT = 3
"""digits of a number that may be a flat's where nothing says so"""
_LONG_KIND = 5
"""letters of a kind of street from which on one may be wrong"""
_SHORTEST_NAME = 4
"""letters of a street that a number may be glued to"""
_WIDEST = 100
"""house numbers that a range spans at most"""
_SHORT_UNITS = frozenset({"f", "u"})
"""that announce a unit where it is glued to them and a slash follows: `F1/26`"""

Part = tuple[str, ...]


@dataclass(slots=True)
class Line:
    """What a line says, as far as it was read."""

    country: str
    number: str = ""
    """house number with its suffix"""
    units: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    """all that were read, whatever they mean"""
    houses: Part = ()
    """numbers that mean the same house; an empty one and another: the number of the district alone"""
    parts: list[Part] = field(default_factory=list)
    main: Part = ()
    """the part with the house number"""

    @property
    def unit(self) -> str:
        """All units in one text, letters apart from their numbers."""
        if not self.units:
            return ""
        parted = [_LETTER_AND_NUMBER.sub(_apart, one) for one in self.units]
        return " ".join(dict.fromkeys(" ".join(parted).split()))


def _apart(found: re.Match[str]) -> str:
    return f"{found[1]} {found[2]}"


def read_line(line: str, country: str, code: str) -> Line:
    """
    Read a tidy line.

    :param code: the postal code, which is nothing else where it is in the line
    """
    found = Line(country)
    pieces = [part.split() for part in line.split(",")]
    said = announced(country)
    is_announced = _is_announced(pieces, said)
    for place, tokens in enumerate(pieces):
        if not place and _is_unit_before_number(pieces):
            # `102, 8, Hohyeon-daero`
            found.units.append(value(tokens[0].removeprefix(_NUMBER_SIGN)))
            found.numbers.append(tokens[0].removeprefix(_NUMBER_SIGN))
            continue
        if found.number and (values := bare(tokens, said)):
            found.units += values
            found.numbers += [one for one in values if one.isdigit()]
            continue
        rest = [token for piece in pieces[place + 1 :] for token in piece]
        _Part(found, tokens, rest, code, is_announced, said).read()
        if found.number and not found.main and found.parts and country not in KIND_LAST:
            # `Kapgar Sokak, 4`: where numbers follow, one that stands alone belongs to what is before it.
            found.main = found.parts[-1]
    if country in _DOUBLE_NUMBERED and found.number:
        _drop_kind_of_number(found)
    _look_for_street(found)
    return found


class _Part:
    """One part of the line, between commas; each rule takes the token it knows, and those after it."""

    def __init__(
        self, line: Line, tokens: list[str], rest: list[str], code: str, is_announced: bool, said: Announced
    ) -> None:
        self.line = line
        self.tokens = tokens
        self.rest = rest
        """tokens of the parts that follow"""
        self.code = code
        self.is_announced = is_announced
        """whether a word of the line says which of its numbers is the house's"""
        self.said = said
        self.words: list[str] = []
        self.number_at = 0
        """words before the house number"""
        self.had_number = bool(line.number)
        self.place = 0

    def read(self) -> None:
        """Read all tokens, and add the part to the line."""
        tokens, announcing, following = self.tokens, self.said.all, self.said.following
        own = _own_kinds(self.line.country)
        while self.place < len(tokens):
            token = tokens[self.place]
            # Most tokens are words that announce nothing, or the number that is the house's.
            if token.isalpha() and len(token) > 1 and token not in announcing and token != self.code:
                self.place += 1
                self.words += (own[token],) if token in own else spell(token)
                continue
            if not self.line.number and token.isdigit() and token != self.code:
                self.place += 1
                if self._following not in following:
                    self._number(token)
                    continue
                self.place -= 1
            if self._code() or self._unit():
                continue
            token = tokens[self.place]
            self.place += 1
            if self._unit_without_a_word(token) or self._sign(token):
                continue
            token = self._whole(token)
            if not (self._slashed(token) or self._number(token)):
                self._name(token)
        if self.words:
            self._close()

    @property
    def _following(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def _more_numbers(self, skipped: int = 0) -> bool:
        """Whether there is another number, and nothing says that it is a unit's."""
        units = self.said.before
        before = self.tokens[self.place + skipped - 1] if 0 < self.place + skipped <= len(self.tokens) else ""
        for token in (*self.tokens[self.place + skipped :], *self.rest):
            if _PLAIN_NUMBER.match(token) and before not in units and not _ORDINAL.match(token):
                return True
            before = token
        return False

    def _code(self) -> bool:
        """The postal code, said here again."""
        is_code = bool(self.code) and compact(self.tokens[self.place]) == self.code
        if is_code and (self.line.number or self.words or self.line.parts):
            self.place += 1
            return True
        return False

    def _unit(self) -> bool:
        """`flat 3`, `4. tv.`"""
        token, said = self.tokens[self.place], self.said
        if token.isalpha() and len(token) > 1 and token not in said.before and token not in said.sides:
            return False
        taken = take(self.tokens, self.place, said, bool(self.line.number), self._more_numbers(2))
        if not taken:
            return False
        self.line.units += taken.values
        self.place = taken.to
        return True

    def _unit_without_a_word(self, token: str) -> bool:
        """What stands behind the house number and can be no street: `# 5`, `12 A 5`, `12 A5`."""
        line, following = self.line, self._following
        is_abroad = line.country not in KIND_LAST
        if not line.number:
            return False
        if token == _NUMBER_SIGN and (following[:1].isdigit() or _is_letter(following)):
            line.units.append(value(following))
            self.place += 1
        elif line.units and self.had_number and not following and token.isdigit() and not self.words:
            # `7, 2. em. 3.`: what is left behind a floor is the door.
            line.units.append(value(token))
            line.numbers.append(token)
        elif token.isdigit() and self._stands_alone(token):
            # `Da Costalaan 10 201`
            line.units.append(value(token))
            line.numbers.append(token)
        elif token.isdigit() and line.number.count("-") == _MOST_BLOCKS - 1:
            # `Ebisu 5-2-13 102`: behind the block and its house is the flat.
            line.units.append(value(token))
            line.numbers.append(token)
        elif is_abroad and (doored := _LETTER_AND_NUMBER.match(token)):
            line.units += (doored[1], value(doored[2]))
        elif (
            (self.words or line.parts)
            and is_abroad
            and _is_letter(token)
            and token not in DIRECTION_LETTERS
            and following.isdigit()
        ):
            # `Mannerheimintie 12 A 5`: staircase and door; but `25. u 82` is on the 25th street.
            line.units += (token, value(following))
            self.place += 1
        else:
            return False
        return True

    def _stands_alone(self, token: str) -> bool:
        """Whether a number ends the part that the house number is in, directly behind it and behind the street."""
        line = self.line
        return (
            line.country not in KIND_LAST
            and not line.units
            and not self.had_number
            and not self._following
            and 0 < self.number_at == len(self.words)
            and len(token) <= _LONGEST_UNIT
            and self.tokens[self.place - 2] == line.number
        )

    def _sign(self, token: str) -> bool:
        """`#12`, `No. 12`, `12 号`: what only says that a number is one."""
        line, following = self.line, self._following
        if token.startswith(_NUMBER_SIGN) and len(token) > 1 and line.country != _HASHED:
            if line.number or self._more_numbers():
                line.units.append(value(token[1:]))
                return True
            # What follows the sign is read as any number is.
            self.place -= 1
            self.tokens[self.place] = token[1:]
            return True
        if token in self.said.number:
            if following in self.said.number and self.place + 1 < len(self.tokens):
                # `Plot No. 12`: the sign that follows says the same.
                following = self.tokens[self.place + 1]
            return following[:1].isdigit() or (following[1:2] in ("/", "-") and following[2:] != "")
        return token in self.said.numbered and self.place > 1 and self.tokens[self.place - 2][:1].isdigit()

    def _whole(self, token: str) -> str:
        """The house number in a token that holds more, which is put where it belongs; the token where it is all."""
        line = self.line
        if line.country == _HASHED:
            token = token.removeprefix(_NUMBER_SIGN)
            token = token.replace("/", "-") if token[:1].isdigit() else token
        if suffixed := _SUFFIX_AFTER_DASH.match(token):
            return suffixed[1] + suffixed[2]
        if line.number or token.isalpha() or token.isdigit():
            return token
        if (glued := _GLUED_NUMBER.match(token)) and self._is_street_and_number(glued[1]):
            self.words += spell(glued[1])
            token = glued[2]
        if (glued := _NUMBERED.match(token)) and glued[2] in self.said.numbered:
            token = glued[1]
        if (before := _UNIT_BEFORE_SLASH.match(token)) and (before[1] in self.said.before or before[1] in _SHORT_UNITS):
            line.units.append(value(before[2]))
            token = before[3]
        elif lettered := _LETTER_FIRST.match(token):
            line.units.append(lettered[1])
            token = lettered[2]
        elif (glued := _GLUED_PART.match(token)) and glued[2] in self.said.before:
            line.units.append(value(glued[3]))
            token = glued[1]
        elif (ranged := _RANGE.match(token)) and line.country in _UNIT_FIRST and _is_too_wide(ranged[1], ranged[2]):
            # `2-1901 Mcewen Lane`
            line.units.append(value(ranged[1]))
            token = ranged[2]
        elif ranged and _is_number_and_unit(ranged[1], ranged[2], line.country):
            line.units.append(value(ranged[2]))
            token = ranged[1]
        return token

    def _is_street_and_number(self, word: str) -> bool:
        """Whether a number that is glued to a word is the house's, or the name of a street: `Avenida5, 607`."""
        return word in meanings("types") or (len(word) >= _SHORTEST_NAME and not self._more_numbers())

    def _slashed(self, token: str) -> bool:
        """`3/12`: unit and number, number and unit, or both numbers of one house."""
        slashed, line = _SLASHED.match(token), self.line
        if not slashed:
            return False
        first, second = slashed[1], slashed[2]
        line.numbers += [first, second]
        if line.number:
            return True
        self.number_at = len(self.words)
        if line.country in _DOUBLE_NUMBERED:
            line.number = second
            line.houses += (second, first)
        else:
            line.number, own = (second, first) if line.country in _UNIT_FIRST else (first, second)
            line.units.append(value(own))
        return True

    def _number(self, token: str) -> bool:
        """A number: of the house, or of the street."""
        found, line = _NUMBER.match(token), self.line
        if not found and not _RANGE.match(token):
            return self._blocks(token)
        if _ORDINAL.match(token) and (line.number or self._following):
            self._add_to_name(re.sub("[a-z]+$", "", token))
            return True
        if not line.number:
            if self._names_crossed_street(token) or (
                len(self.words) == 1 and self.words[0] in _kind_words() and self._more_numbers()
            ):
                # `Rua 18, 53`: the first is the name of the street.
                self.words.append(token)
                return True
            if self.is_announced and (self.place < 2 or self.tokens[self.place - 2] not in self.said.number):
                # `78. Sokak No: 3`: the one that is announced is the house's.
                self._add_to_name(token)
                return True
        plain = token.lstrip("0") or token
        if (multiple := _NUMBER.match(plain)) and multiple[2] in MULTIPLES:
            plain = multiple[1] + MULTIPLES[multiple[2]]
        if line.number and (self._following[:1].isalpha() or self.words) and plain.isdigit():
            # `1576 N 58 St`: what is no house names the street.
            self.words.append(plain)
        line.numbers.append(plain)
        line.number = line.number or plain
        if line.number == plain:
            self.number_at = len(self.words)
        return True

    def _names_crossed_street(self, token: str) -> bool:
        """`Transversal 90 # 5-4`, though there be a slip in the kind: the number before the crossing names the street."""
        return (
            self.line.country == _HASHED
            and bool(self.words)
            and bool(_NUMBER.match(token))
            and any(later[0] == _NUMBER_SIGN or _RANGE.match(later) for later in self.tokens[self.place :])
        )

    def _blocks(self, token: str) -> bool:
        """`4-26-13`: the house in its block; a fourth number is the flat's."""
        line = self.line
        if line.number or not _BLOCKS.match(token):
            return False
        numbers = token.split("-")
        if len(numbers) > _MOST_BLOCKS:
            line.units.append(value(numbers.pop()))
        line.number = "-".join(numbers)
        line.numbers.append(line.number)
        self.number_at = len(self.words)
        return True

    def _add_to_name(self, number: str) -> None:
        self.words.append(number)
        self.line.numbers.append(number)

    def _name(self, token: str) -> None:
        own = _own_kinds(self.line.country)
        for word in (token,) if token.isalpha() else filter(None, token.replace("/", "-").split("-")):
            self.words += (own[word],) if word in own else spell(word)

    def _close(self) -> None:
        line, words = self.line, self.words
        # A slip in the kind of street is none in a town or a building, behind the street.
        if not line.main and len(words) > 1 and kind_words().isdisjoint(words):
            words = _with_kind(words, line.country)
        pieces = _pieces(words, self.number_at if line.number and not self.had_number else 0, line.country)
        # A number alone between commas belongs to the street that follows, if what follows has a name.
        if line.number and not line.main and (not line.parts or _has_name(words)):
            line.main = _street_of(pieces, bool(self.number_at) and not self.had_number, line.country)
        line.parts += pieces


def _look_for_street(line: Line) -> None:
    """`Rua 18, 53, Caldas Novas`: a number alone may also belong to the street before it."""
    kinds, main = _kind_words(), line.main
    if main and not any(word in kinds for word in main):
        before = line.parts[: line.parts.index(main)]
        line.main = next((part for part in before if part[0] in kinds), main)
    elif not main and line.parts:
        line.main = line.parts[0]


def _drop_kind_of_number(line: Line) -> None:
    """`Martinka č.p. 32`: which of a house's two numbers it is, is no part of the street's name."""
    for words in (*_OF_DISTRICT, *_OF_STREET):
        if line.main[-len(words) :] == words:
            rest = line.main[: -len(words)]
            line.parts = [rest if part is line.main else part for part in line.parts if rest or part is not line.main]
            line.main = rest
            if words in _OF_DISTRICT and not line.houses:
                line.houses = ("", line.number)
            return


def _is_unit_before_number(pieces: list[list[str]]) -> bool:
    """Whether the line begins with two numbers that stand alone, and names something after them."""
    return (
        len(pieces) > 2
        and len(pieces[0]) == len(pieces[1]) == 1
        and bool(_NUMBER.match(pieces[0][0].removeprefix(_NUMBER_SIGN)) and _PLAIN_NUMBER.match(pieces[1][0]))
        and any(token[0].isalpha() for token in pieces[2])
    )


def _is_announced(pieces: list[list[str]], said: Announced) -> bool:
    """Whether a word says which of the numbers is the house's."""
    return any(
        token in said.number and len(token) > 1 and after[:1].isdigit() and before not in said.before
        for tokens in pieces
        if not said.number.isdisjoint(tokens)
        for before, token, after in zip(("", *tokens), tokens, tokens[1:], strict=False)
    )


def _is_letter(token: str) -> bool:
    return len(token) == 1 and token.isalpha()


def _is_too_wide(first: str, second: str) -> bool:
    return first.isdigit() and second.isdigit() and int(second) - int(first) > _WIDEST


def _is_number_and_unit(first: str, second: str, country: str) -> bool:
    """Whether `12-3` is a unit of number 12: where people write it so, and where it goes down."""
    if country in _UNIT_LAST:
        return True
    is_down = first.isdigit() and second.isdigit() and int(second) <= int(first)
    return is_down and country not in KIND_LAST and country not in _CROSSING and country not in _LOTS


def _with_kind(words: list[str], country: str) -> list[str]:
    """The words with the kind of street as it is spelled right, if one of them is a slip of it: the longest is the surest."""
    best, mended, is_last = 0, words, country in KIND_LAST
    for place in range(int(is_last), len(words)):
        word = words[place]
        # Of two that are as long the last, where kinds are.
        if len(word) + is_last > best and (kind := spell_slip(word) or _own_slip(word, country)):
            best, mended = len(word), [*words[:place], kind, *words[place + 1 :]]
    return mended


@lru_cache(maxsize=16_384)
def _own_slip(word: str, country: str) -> str | None:
    """The kind of street of only this country that a word is with a slip."""
    if len(word) < _LONG_KIND - 1 or not word.isalpha():
        return None
    for written, kind in _own_kinds(country).items():
        if len(written) >= _LONG_KIND and OSA.distance(word, written, score_cutoff=1) <= 1:
            return kind
    return None


def _has_name(words: list[str]) -> bool:
    """Whether the words could name a street."""
    return any(len(word) > 1 and not is_weak(word) for word in words)


@lru_cache(maxsize=1)
def _kind_words() -> frozenset[str]:
    return frozenset(meanings("types").values())


@cache
def _own_kinds(country: str) -> dict[str, str]:
    """How only this country writes kinds of streets."""
    lines = [(kind, words) for countries, kind, words in sections("types_by_country") if country in countries]
    return {word: kind for kind, words in lines for word in words}


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
