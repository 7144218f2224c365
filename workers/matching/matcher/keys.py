"""
Blocking keys: two addresses that could be the same share at least one, whichever single field is mistyped.

Each key joins two fields, so that no single one has too many addresses behind it.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from workers.matching.matcher.japan import without_prefecture
from workers.matching.matcher.model import Address
from workers.matching.matcher.parse import Parsed, parse, strong
from workers.matching.matcher.tidy import weak_words

_MOST_WORDS = 5
_DOUBLED = re.compile(r"(.)\1+")
_VOWELS = dict.fromkeys(map(ord, "aeiouyhw"))


def keys_of(address: Address) -> list[str]:
    """The keys of an address, the most telling first."""
    return keys_of_parsed(parse(address))


def keys_of_parsed(parsed: Parsed) -> list[str]:
    """The same of one that is taken apart already."""
    if parsed.area:
        return _japanese_keys(parsed)
    number = parsed.number.rstrip("abcdefghijklmnopqrstuvwxyz")
    # Of a range the first; three numbers are those of one house in its block.
    number = number if number.count("-") > 1 else number.partition("-")[0]
    # The street first: of a long line with a business and an estate around it only some words are keys.
    is_first = not parsed.parts or parsed.main == parsed.parts[0]
    words = strong(parsed.street if is_first else (*parsed.main, *parsed.street))
    if weak_words().issuperset(parsed.main):
        # `North Road, Lancing`: no word of it says which street, all together do.
        words = [*parsed.main, *words]
    street, city = _codes(words), _codes(strong(parsed.city))
    code = parsed.postal_code[:10]
    found: list[str] = []
    if number:
        found += [f"n:{number}:{word}" for word in street]
        if code:
            found.append(f"np:{number}:{code}")
        if parsed.unit:
            # One of many flats of a house.
            unit = parsed.unit.replace(" ", "-")
            found += [f"u:{number}:{unit}:{word}" for word in street[:2]]
            if code:
                found.append(f"u:{number}:{unit}:{code}")
            if not parsed.country and unit.isdigit():
                # `13/4`: which of them is the house differs from country to country.
                found += [f"n:{unit}:{word}" for word in street[:2]]
                if code:
                    found.append(f"np:{unit}:{code}")
        # In a line that holds everything, the town is among its words, and words lose the space between them.
        found += [f"n:{number}:{word}" for word in city]
        found += [f"n:{number}:{sound(a + b)}" for a, b in pairwise(words[:4])]
    if code:
        found += [f"p:{code}:{word}" for word in street]
    found += [f"s:{a}:{b}" for a in street[:3] for b in city[:2]]
    # In a line that holds everything, the town is among its words.
    found += [f"s:{a}:{b}" for a, b in pairwise(street)]
    if parsed.name:
        name = "".join(_codes(parsed.name))
        found += [f"m:{name}:{place}" for place in (code, number) if place]
    return list(dict.fromkeys(found))


def _japanese_keys(parsed: Parsed) -> list[str]:
    """An area has no words: its end names the town, its beginning the city."""
    area = without_prefecture(parsed.area)
    blocks = "-".join(parsed.number.split("-")[:2])
    first = blocks.partition("-")[0]
    found = [f"jb:{blocks}:{area[-2:]}", f"jc:{blocks}:{area[:4]}", f"jt:{first}:{area[-4:]}"]
    # One of many flats of a house, one of many houses of a block.
    house = f"{parsed.number}:{parsed.unit}" if parsed.unit else parsed.number
    found.append(f"jh:{house}:{area[-3:]}")
    if parsed.postal_code:
        found += [f"jp:{blocks}:{parsed.postal_code}", f"jp:{house}:{parsed.postal_code}"]
    if not blocks:
        found.append(f"ja:{area[-6:]}")
    return list(dict.fromkeys(found))


def exact_key(address: Address) -> str:
    """What two spellings of exactly the same address have in common."""
    parsed = parse(address)
    return "|".join(
        (
            parsed.country,
            parsed.postal_code,
            " ".join(parsed.city),
            " ".join(parsed.street) or parsed.area,
            parsed.number,
            parsed.unit,
            " ".join(parsed.name),
        )
    )


@lru_cache(maxsize=65_536)
def sound(word: str) -> str:
    """
    A word without what is often mistyped: vowels, doubled letters, the end of long words.

    >>> sound("lillas"), sound("lilas"), sound("salkauskas")
    ('ls', 'ls', 'slksks')
    """
    if word.isdigit():
        return word
    once = _DOUBLED.sub(_first, word)
    return _DOUBLED.sub(_first, once[:1] + once[1:].translate(_VOWELS))[:6]


def _first(found: re.Match[str]) -> str:
    return found[1]


def _codes(words: Sequence[str]) -> list[str]:
    return list(dict.fromkeys([sound(word) for word in words if len(word) > 1]))[:_MOST_WORDS]
