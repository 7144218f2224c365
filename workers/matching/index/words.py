"""
The words of an address as somebody types them: what suggestions are looked up by.

A word has only letters and digits, so that everything that begins with ``p`` lies between ``p`` and ``p{``, and the
word itself between ``w`` and ``w!``, in any list of words in order.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from workers.matching.matcher import Address
from workers.matching.matcher.parse import country_of
from workers.matching.matcher.tidy import spell, tidy

LONGEST = 15
"""letters of a word that are looked at"""
MOST_TYPED = 10
"""typed words that are looked at"""
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_WORD = re.compile(r"[0-9]+[a-z]*|[a-z]+")
_APOSTROPHE = re.compile(r"\w['’](?=\w)")
_WITHOUT_SPACES = re.compile(r"([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff])")
"""of scripts that have none between words: each sign is a word"""
_FORGIVING = 4
"""letters from which on a word may have a slip"""

Span = tuple[str, str]
"""words from the first on, up to and not including the second"""


def words_of(address: Address) -> list[str]:
    """
    The words of a known address, in the order of its line, and the country as one that nobody types.

    >>> words_of(Address("12 rue de l'Église", city="Rouen", country="FR"))
    ['12', 'rue', 'r', 'de', 'leglise', 'eglise', 'rouen', 'fr', '=fr']
    """
    found: dict[str, None] = {}
    for text in (address.name, address.address, address.postal_code, address.city, address.region, address.country):
        if text:
            for word in _words(text):
                found[word] = None
                if (kind := _kind(word)) != word:
                    found[kind] = None
            for after in _APOSTROPHE.split(text)[1:]:
                found.update(dict.fromkeys(_words(after)[:1]))
    if country := country_of(address.country):
        found[in_country(country)] = None
    return list(found)


def typed_words(text: str) -> list[str]:
    """The words that were typed so far."""
    return list(dict.fromkeys(_words(text)[:MOST_TYPED]))


def in_country(code: str) -> str:
    """The word of every address in a country."""
    return f"={code.lower()}"


def on_one_line(address: Address) -> str:
    """The address on one line, as a letter would carry it."""
    place = " ".join(filter(None, (address.postal_code, address.city)))
    return ", ".join(filter(None, (address.name, address.address, place, address.region, address.country)))


def exactly(word: str) -> Span:
    """Where this word is."""
    return word, f"{word}!"


def beginning(word: str) -> Span:
    """Where the words are that begin with this one."""
    return word, f"{word}{{"


def spans_of(word: str, *, is_last: bool) -> list[Span]:
    """Which words a typed one may stand for; only the last number may go on."""
    spans = [beginning(word) if is_last or not word[0].isdigit() else exactly(word)]
    if (kind := _kind(word)) != word:
        spans.append(exactly(kind))
    if country := country_of(word):
        spans.append(exactly(in_country(country)))
    return spans


def spans_with_slip(word: str, *, is_last: bool) -> list[Span]:
    """The same where a letter may be wrong, missing, too many, or in the place of its neighbour."""
    if len(word) < _FORGIVING or word[0].isdigit():
        return spans_of(word, is_last=is_last)
    around = beginning if is_last else exactly
    return [*spans_of(word, is_last=is_last), *map(around, sorted(set(_slips(word))))]


def _slips(word: str) -> Iterator[str]:
    for at in range(len(word) + 1):
        before, after = word[:at], word[at:]
        for letter in _LETTERS:
            yield f"{before}{letter}{after}"[:LONGEST]
            yield f"{before}{letter}{after[1:]}"[:LONGEST]
        yield before + after[1:]
        yield before + after[1:2] + after[:1] + after[2:]


def _words(text: str) -> list[str]:
    return [word[:LONGEST] for word in _WORD.findall(tidy(_WITHOUT_SPACES.sub(r" \1 ", text)))]


@lru_cache(maxsize=65_536)
def _kind(word: str) -> str:
    """A kind of street as the tables write it; any other word as it is."""
    spelled = spell(word)
    return spelled[0] if len(spelled) == 1 else word
