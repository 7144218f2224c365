"""
An address without the accidents of writing: one alphabet, one case, one way to write what has many.

Tidying twice changes nothing.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from string import ascii_lowercase

from anyascii import anyascii
from rapidfuzz.distance import OSA

from workers.matching.matcher.words import meanings, sections

_APOSTROPHES = re.compile(r"['`´’‘]")
_NEITHER_WORD_NOR_NUMBER = re.compile(r"[^a-z0-9/#,-]+")
_LONE_SIGNS = re.compile(r"(?<![a-z0-9])[/-]+|[/-]+(?![a-z0-9])")
_GLUED_CODE = re.compile(r"(?<=[a-z]{3})(?=[0-9]{4,5}(?:$|[ ,]))")
_MISREAD = re.compile(
    r"(?<![a-z0-9])([a-z]{3,}|[a-z]{1,2}(?=[0158][a-z]{4})|(?=[0158][a-z]{6}))([0158])([a-z]{2,})(?=[0-9]{0,4}(?![a-z0-9]))"
)
_DIGIT_BY_LETTER = re.compile(r"[a-z][0-9]|[0158][a-z]")
"""what is in every text that the two forms above are in, and quicker to look for"""
_READ_AS = {"0": "o", "1": "l", "5": "s", "8": "b"}
_SMALL = "a-zß-öø-ÿąćęłńśźżčďěňřšťůžğışăţșțőűāēīūļņķģ"
_HUMP = re.compile(rf"[{_SMALL}][A-ZÀ-ÖØ-Þ]")
_RUN_TOGETHER = re.compile(rf"(?<![^\W\d_])([A-ZÀ-ÖØ-Þ]?[{_SMALL}]{{2,}})([NS][EW]|[A-ZÀ-ÖØ-Þ][{_SMALL}]*)(?![^\W\d_])")
_COMPOUND = re.compile(r"^(.{3,}?)(?:strasse|straat|str)$")
_GLUED_KIND = re.compile(r"^([a-z]{4,})(street|avenue|crescent|circuit|place|road|lane|drive|close|gardens|terrace)$")
_NAMES_LIKE_GLUED = frozenset({"workplace", "marketplace", "fireplace", "overdrive"})
_LONG_KINDS = (
    ("strasse", "st"),
    ("straat", "st"),
    ("crescent", "cres"),
    ("circuit", "cct"),
    ("avenue", "av"),
    ("street", "st"),
)
_CUTS = tuple((len(ending) + more, place) for place, (ending, _) in enumerate(_LONG_KINDS) for more in (0, 1, -1))
"""how long an ending with a slip may be, and which one it is"""
_LONG = 6
"""letters from which on a wrong one does not make another word of a kind of street"""
_WHOLE_WORD = 5
"""letters from which on either of two words is one of its own"""
_VERY_LONG = 8
"""letters from which on two wrong ones do not either"""
_NOT_SHORT = 4
"""letters from which on one too many or too few does not"""


_ARTICLE = re.compile(r"(?<!\w)ال(?=\w{2})")


class _Letters(dict[int, str]):
    """Sign → what it is in Latin letters, asked once for each."""

    def __missing__(self, sign: int) -> str:
        self[sign] = anyascii(chr(sign))
        return self[sign]


# The sign of degrees stands for the ordinal `º` more often than for itself.
_LETTERS = _Letters({ord("°"): "o", ord("№"): "no "})


def part_run_together(text: str) -> str:
    """
    Two words that lost the space between them stand apart.

    Where one of them is a kind of street (``LargoPernici``), or both are long: ``McDonald`` and ``CenturyLink`` are names.
    """
    # Looking for a capital behind a small letter is faster than looking for two words.
    return _RUN_TOGETHER.sub(_told_apart, text) if _HUMP.search(text) else text


def _told_apart(found: re.Match[str]) -> str:
    first, second = found.groups()
    kinds = meanings("types")
    is_told = min(len(first), len(second)) >= _WHOLE_WORD or any(
        fold_alphabet(word).lower() in kinds for word in (first, second)
    )
    return f"{first} {second}" if is_told else found[0]


def fold_alphabet(text: str) -> str:
    """Latin letters without accents, whatever the script was; without the Arabic article, in which unlike names would be alike."""
    return text if text.isascii() else _ARTICLE.sub("", text).translate(_LETTERS)


def fold_case(text: str) -> str:
    """Lower case."""
    return text.lower()


def drop_apostrophes(text: str) -> str:
    """``O'Connell`` is ``OConnell``."""
    return _APOSTROPHES.sub("", text) if not text.isascii() or "'" in text or "`" in text else text


def join_dotted(text: str) -> str:
    """Kinds of streets that are shortened in the middle lose their dot: ``v.le`` is ``vle``."""
    return _dotted().sub(lambda found: found[0].replace(".", ""), text) if "." in text else text


@lru_cache(maxsize=1)
def _dotted() -> re.Pattern[str]:
    forms = sorted(word for word in meanings("types") if "." in word)
    return re.compile(rf"(?<![a-z0-9])(?:{'|'.join(map(re.escape, forms))})(?![a-z0-9.])")


def mend_misread(text: str) -> str:
    """A digit among letters is a letter that was misread: ``faub0urg``."""
    if not _DIGIT_BY_LETTER.search(text):
        return text
    return _MISREAD.sub(lambda found: found[1] + _READ_AS[found[2]] + found[3], text)


def only_words_and_numbers(text: str) -> str:
    """Whatever is neither becomes a space; commas stay, they part what belongs together."""
    text = _NEITHER_WORD_NOR_NUMBER.sub(" ", text)
    return _LONE_SIGNS.sub(" ", text) if "-" in text or "/" in text else text


def part_what_is_glued(text: str) -> str:
    """A postal code that lost its space stands apart: ``carrel95190``."""
    return _GLUED_CODE.sub(" ", text) if _DIGIT_BY_LETTER.search(text) else text


def squeeze_spaces(text: str) -> str:
    """One space between words, none around commas."""
    if "," not in text:
        return " ".join(text.split())
    return ",".join([part for piece in text.split(",") if (part := " ".join(piece.split()))])


# The alphabet first: case and signs are only known for Latin letters.
STEPS: tuple[Callable[[str], str], ...] = (
    fold_alphabet,
    fold_case,
    drop_apostrophes,
    join_dotted,
    only_words_and_numbers,
    part_what_is_glued,
    mend_misread,
    squeeze_spaces,
)


@lru_cache(maxsize=16_384)
def tidy(text: str | None) -> str:
    """The text after all steps; empty when nothing was there."""
    if not text:
        return ""
    for step in STEPS:
        text = step(text)
    return text


@lru_cache(maxsize=65_536)
def spell(word: str) -> tuple[str, ...]:
    """
    A word as the tables write it; compounds come apart, and so does an English kind that lost its space.

    >>> spell("street"), spell("hauptstrasse"), spell("lilas")
    (('st',), ('haupt', 'st'), ('lilas',))
    """
    kinds, directions = meanings("types"), meanings("directions")
    if word in kinds:
        return (kinds[word],)
    if word in directions:
        return (directions[word],)
    if compound := _COMPOUND.match(word):
        return (compound[1], "st")
    if len(word) < _NOT_SHORT or not word.isalpha():
        return (word,)
    if len(word) < _LONG:
        return (word,)
    if (glued := _GLUED_KIND.match(word)) and word not in _NAMES_LIKE_GLUED:
        return (glued[1], kinds[glued[2]])
    slips = _slips_of_endings()
    for cut, place in _CUTS:
        if word[-cut:] in slips[place] and len(word) - cut >= 3:
            return (word[:-cut], _LONG_KINDS[place][1])
    return (word,)


@lru_cache(maxsize=65_536)
def spell_slip(word: str) -> str | None:
    """
    The kind of street that a word is with a slip, or with two in a long one: only worth asking where none is spelled right.

    >>> spell_slip("stret"), spell_slip("lilas")
    ('st', None)
    """
    if len(word) < _NOT_SHORT or not word.isalpha():
        return None
    kinds = _kinds_without_a_letter()
    near = {one for left in _without_a_letter(word) if left in kinds for one in kinds[left]}
    for _, written, kind in sorted(near):
        if OSA.distance(word, written, score_cutoff=1) <= 1 and _is_slip(word, written):
            return kind
    if len(word) < _VERY_LONG - 1:
        return None
    # The first letter is seldom wrong.
    for written, kind in _very_long_kinds().get(word[0], ()):
        if OSA.distance(word, written, score_cutoff=2) <= 2:
            return kind
    return None


@lru_cache(maxsize=1)
def _very_long_kinds() -> dict[str, list[tuple[str, str]]]:
    """The first letter → the kinds of which two letters may be wrong, how they are written and what they are."""
    found: dict[str, list[tuple[str, str]]] = {}
    for written, kind in meanings("types").items():
        if len(written) >= _VERY_LONG:
            found.setdefault(written[0], []).append((written, kind))
    return found


@lru_cache(maxsize=1)
def _kinds_without_a_letter() -> dict[str, list[tuple[int, str, str]]]:
    """
    What is left of each kind of street without one of its letters → its place in the table, how it is written, the kind.

    Two words that differ by one slip leave the same when the right letter of each is taken away.
    """
    found: dict[str, list[tuple[int, str, str]]] = {}
    for place, (written, kind) in enumerate(meanings("types").items()):
        if len(written) >= _NOT_SHORT:
            for left in _without_a_letter(written):
                found.setdefault(left, []).append((place, written, kind))
    return found


def _without_a_letter(word: str) -> set[str]:
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


@lru_cache(maxsize=1)
def _slips_of_endings() -> tuple[frozenset[str], ...]:
    """For each of the endings, all ways to write it with one slip at most."""
    return tuple(frozenset(_with_slip(ending)) for ending, _ in _LONG_KINDS)


def _with_slip(word: str) -> Iterator[str]:
    yield word
    for at in range(len(word) + 1):
        before, after = word[:at], word[at:]
        yield before + after[1:]
        yield before + after[1:2] + after[:1] + after[2:]
        for letter in ascii_lowercase:
            yield before + letter + after
            yield before + letter + after[1:]


def _is_slip(word: str, written: str) -> bool:
    """Whether one letter's difference is more likely a slip than another word: `broad` is no road."""
    if len(word) == len(written):
        return len(word) >= _LONG or sorted(word) == sorted(written)
    return word[0] == written[0] or len(written) >= _VERY_LONG


@lru_cache(maxsize=1)
def weak_words() -> frozenset[str]:
    """Words as :func:`spell` writes them that say little about which street is meant."""
    said = frozenset(word for table in ("directions", "small") for word in meanings(table).values())
    return said | kind_words()


def is_weak(word: str) -> bool:
    """Whether a word as :func:`spell` writes it says little about which street is meant."""
    return word in weak_words()


@lru_cache(maxsize=1)
def kind_words() -> frozenset[str]:
    """The kinds of streets of all countries, as :func:`spell` writes them."""
    own = frozenset(kind for _, kind, _ in sections("types_by_country"))
    return own.union(meanings("types").values())


def is_kind(word: str) -> bool:
    """Whether a word as :func:`spell` writes it is a kind of street."""
    return word in kind_words()
