"""What announces the parts of a building, in the words of each country: `flat 3`, `4. tv.`, `кв. 5`, `302호`."""

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from workers.matching.matcher.tidy import tidy
from workers.matching.matcher.words import sections

_VALUE = re.compile(r"[a-z]?[0-9]+[a-z]?|[a-z]|[0-9]+-[0-9]+")
_ORDINAL = re.compile(r"([0-9]+)(?:st|nd|rd|th|er|eme|o|os)")
_GLUED = re.compile(r"([a-z]+)([0-9]+[a-z]?)")
_GLUED_AFTER = re.compile(r"([0-9]+)-?([a-z]+)")
_GLUED_BOTH = re.compile(r"([a-z]+)([0-9]+)([a-z]+)")
_SLASHED = re.compile(r"([0-9]+[a-z]?|[a-z])/([0-9]+[a-z]?)")
_SIDES = ("left", "right", "middle", "front", "back")


class Announced(NamedTuple):
    """The words of a country."""

    before: frozenset[str]
    """that stand before the unit they announce"""
    after: frozenset[str]
    """that follow it"""
    sides: dict[str, str]
    """of a staircase → the word that stands for it"""
    number: frozenset[str]
    """that stand before a house number"""
    numbered: frozenset[str]
    """that follow one"""
    following: frozenset[str]
    """that say of what is before them that it is no house number"""
    all: frozenset[str]
    """any of these"""


class Taken(NamedTuple):
    """A unit that was read."""

    values: tuple[str, ...]
    to: int
    """the place of the first token behind it"""


@cache
def announced(country: str) -> Announced:
    """What announces units and house numbers in a country; empty for an unknown one."""
    found: dict[str, set[str]] = {}
    sides: dict[str, str] = {}
    for countries, role, words in sections("units"):
        if countries == ["*"] or (country or "-") in countries:
            written = {word.replace(" ", "") for word in map(_as_tokens, words)}
            found.setdefault(role, set()).update(written)
            if role in _SIDES:
                sides |= dict.fromkeys(written, role)
    roles = (frozenset(found.get(role, ())) for role in ("before", "after", "number", "numbered"))
    before, after, number, numbered = roles
    everything = before.union(after, sides, number, numbered)
    return Announced(before, after, sides, number, numbered, after.union(sides), everything)


def take(tokens: list[str], at: int, words: Announced, numbered: bool, more: bool) -> Taken | None:
    """
    The unit that begins at a token, if one does.

    ``Flat 3/13`` names unit and house: of those tokens only the unit is taken, the number stays.

    :param numbered: whether the house number was read already
    :param more: whether there is a number behind the next one
    """
    token, following = tokens[at], tokens[at + 1] if at + 1 < len(tokens) else ""
    ordinal = _ORDINAL.fullmatch(token)
    if (numbered or more or ordinal) and (ordinal or _VALUE.fullmatch(token)):
        follows = following in words.after or following in words.sides
        goes_on = following in words.before and at + 2 < len(tokens) and _VALUE.fullmatch(tokens[at + 2])
        if follows and (ordinal or not goes_on):
            return _with_sides(tokens, at + 1, words, value(ordinal[1] if ordinal else token))
        if ordinal and numbered and token[-1] in "os":
            return Taken((value(ordinal[1]),), at + 1)
    if not at and following in words.before and len(token) == 1 and token.isalpha():
        # `A 12/F`
        return Taken((token,), 1)
    # A letter alone may be anything: `Dózsa u. 7` is a street, where another number is the house's it is a unit.
    is_unit = token in words.before and token not in words.number and (len(token) > 1 or numbered or more)
    if is_unit and not (at and tokens[at - 1] == "the"):
        place = at + 1
        if following in words.number and place + 1 < len(tokens):
            place += 1
            following = tokens[place]
        if (slashed := _SLASHED.fullmatch(following)) and not numbered:
            if more:
                return Taken((slashed[1], slashed[2]), place + 1)
            tokens[place] = slashed[2]
            return Taken((value(slashed[1]),), place)
        if _VALUE.fullmatch(following):
            inner = _GLUED.fullmatch(following)
            said = inner[2] if inner and inner[1] in words.before else following
            return _with_sides(tokens, place + 1, words, value(said), is_said=True)
        return None
    if (glued := _GLUED.fullmatch(token)) and glued[1] in words.before and (len(glued[1]) > 1 or numbered or at == 0):
        return Taken((value(glued[2]),), at + 1)
    if (glued := _GLUED_AFTER.fullmatch(token)) and glued[2] in words.after and (numbered or more):
        return Taken((value(glued[1]),), at + 1)
    if (glued := _GLUED_BOTH.fullmatch(token)) and glued[1] in words.before and glued[3] in words.after:
        return Taken((value(glued[2]),), at + 1)
    if numbered and token in words.sides:
        return Taken((words.sides[token],), at + 1)
    return None


def bare(tokens: Sequence[str], words: Announced) -> tuple[str, ...]:
    """What a part of the line behind the house number says when it names nothing: it can only be a unit."""
    values = []
    for place, token in enumerate(tokens):
        if ((token in words.before and not place) or token in words.number) and place + 1 < len(tokens):
            # `byt č. 2`: the unit has a number.
            continue
        if token in words.sides:
            values.append(words.sides[token])
        elif (glued := _GLUED.fullmatch(token)) and glued[1] in words.before:
            values.append(value(glued[2]))
        elif (ordinal := _ORDINAL.fullmatch(token)) and len(token) < 5:
            values.append(value(ordinal[1]))
        elif _VALUE.fullmatch(token) and len(token) < 5:
            values.append(value(token))
        else:
            return ()
    return tuple(values)


def value(text: str) -> str:
    """A unit without the zeros before it."""
    return text.lstrip("0") or text


def _with_sides(tokens: list[str], at: int, words: Announced, first: str, is_said: bool = False) -> Taken:
    values, begin = [first], at - is_said
    while at < len(tokens) and (tokens[at] in words.after or tokens[at] in words.sides):
        if side := words.sides.get(tokens[at]):
            values.append(side)
        elif at > begin and tokens[at] in words.before:
            break
        at += 1
    return Taken(tuple(values), at)


def _as_tokens(word: str) -> str:
    return word if word == "#" else tidy(word)
