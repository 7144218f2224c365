"""
What is plain to see of two addresses without looking at their words: that country, house number or unit is another one.

Four small numbers for each known address, so that numpy compares those of many candidates at once and most of them are
never unpacked. They say less than :func:`workers.matching.matcher.evidence.is_refused`, and nothing else: whatever they
refuse, that does too.
"""

import re
from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from workers.matching.index.postings import hash_of
from workers.matching.matcher.parse import Parsed

Facts = NDArray[np.uint32]
"""
A row for each address: hashes of its house number, of its unit, and of both in one text, then its country and whether it
has a name. Zero stands for what is not there, or not plain enough to be compared by a hash
"""

WIDTH = 4
_NUMBER = re.compile(r"[0-9]+[a-z]?")
_NAMED = 1


def facts(parsed: Parsed) -> tuple[int, ...]:
    """What is plain to see of an address, a row of :data:`Facts`."""
    number, unit = parsed.number, parsed.unit
    is_whole = not parsed.houses and not parsed.area
    is_number = is_whole and bool(_NUMBER.fullmatch(number))
    is_unit = is_whole and (is_number or not number) and " " not in unit
    return (
        hash_of(number) if is_number else 0,
        hash_of(unit) if is_unit else 0,
        hash_of(number + unit),
        _letters(parsed.country) << 1 | bool(parsed.name),
    )


def refused(typed: Sequence[Parsed], counts: Sequence[int], known: Facts) -> NDArray[np.bool_]:
    """
    Which candidates a hard fact speaks against.

    :param counts: how many candidates each typed address has
    :param known: the facts of all of them, one after the other
    """
    own = np.fromiter(chain.from_iterable((*facts(one), *_as_typed(one)) for one in typed), np.uint32)
    number, unit, both, country, read_as, other, is_told = own.reshape(len(typed), -1).repeat(counts, axis=0).T
    known_number, known_unit, known_both, known_country = known.T
    # An address without a country is read anew as it would be where the other one is, and may have other numbers then.
    is_read_so = (known_country <= _NAMED) | (known_country >> 1 == read_as)
    is_other_unit = _differ(unit, known_unit) & (unit != known_number)
    is_other_number = _differ(number, known_number) & (other != known_number) & (is_told != 0)
    is_nameless = country & known_country & _NAMED == 0
    # `12a` is flat A of number 12.
    is_apart = is_read_so & (both != known_both)
    is_elsewhere = _differ(country >> 1, known_country >> 1)
    return is_elsewhere | (is_apart & (is_other_unit | (is_other_number & is_nameless)))


def _differ(one: NDArray[np.uint32], other: NDArray[np.uint32]) -> NDArray[np.bool_]:
    return (one != 0) & (other != 0) & (one != other)


def _as_typed(parsed: Parsed) -> tuple[int, int, int]:
    """
    The country by whose rules an address is read, a number beside that of the house, and whether that is all of them.

    A number that stands elsewhere in what was typed may be that of the known house.
    """
    others = parsed.numbers - {parsed.number}
    return _letters(parsed.country or parsed.read_as), sum(map(hash_of, list(others)[:1])), len(others) <= 1


def _letters(country: str) -> int:
    return int.from_bytes(country.encode()[:2])
