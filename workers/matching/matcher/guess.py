"""The country an address is read as when it names none: by its alphabet, its words, and the form of its postal code."""

import re
from collections import defaultdict
from functools import cache

from workers.matching.matcher.words import code_form, country_codes, sections

_WORTH = {"sure": 2, "perhaps": 1, "ending": 2, "end": 1}
_ENOUGH = 2
_ENGLISH = "-"
_ALPHABETS = (
    (re.compile(r"[іїєґІЇЄҐ]"), "ua"),
    (re.compile(r"[әғқңөұүһӘҒҚҢӨҰҮҺ]"), "kz"),
    (re.compile(r"[\u0400-\u04ff]"), "ru"),
    (re.compile(r"[\uac00-\ud7a3]"), "kr"),
    (re.compile(r"[\u0370-\u03ff]"), "gr"),
    (re.compile(r"[پچژگکی]"), "ir"),
    (re.compile(r"[\u0600-\u06ff]"), "sa"),
    (re.compile(r"[\u0590-\u05ff]"), "il"),
    (re.compile(r"[\u0e00-\u0e7f]"), "th"),
)
_FIRST_OTHER = "\u0370"
"""the first sign that is in one of them"""
_LETTERS = re.compile(r"[őűŐŰłżŁŻřůěŘŮĚğıĞİðþÐÞßøØãÃñÑåÅ\u1ea0-\u1ef9ơưƠƯ]")
_LETTERS_OF = {
    **dict.fromkeys("őű", ("hu",)),
    **dict.fromkeys("łż", ("pl",)),
    **dict.fromkeys("řůě", ("cz",)),
    **dict.fromkeys("ğıİ", ("tr",)),
    **dict.fromkeys("ðþ", ("is",)),
    **dict.fromkeys((*map(chr, range(0x1EA0, 0x1EFA)), *"ơư"), ("vn",)),
    "ß": ("de", "at"),
    "ø": ("dk", "no"),
    "ã": ("br", "pt"),
    "ñ": ("es", "mx", "ar", "co", "cl", "pe"),
    "å": ("se", "no", "dk", "fi"),
}
"""letters of few languages"""
_CROSSING = re.compile(r"# ?[1-9][0-9]* ?[a-z]? ?(?:bis)? ?- ?[0-9]")
"""`Calle 12 # 34-56`: the numbers of Colombia alone"""
_PREFIXED_CODE = re.compile(r"(?<![A-Za-z0-9-])([A-Z]{1,2})-[0-9]{3}")
"""`D-10115`"""
_PREFIXES = {
    "A": "at",
    "B": "be",
    "D": "de",
    "E": "es",
    "F": "fr",
    "H": "hu",
    "I": "it",
    "L": "lu",
    "N": "no",
    "P": "pt",
}
_PREFIXES["S"] = "se"
_FORMS = (
    (re.compile(r"(?<![0-9-])[0-9]{5}-[0-9]{3}(?![0-9-])"), "br"),
    (re.compile(r"(?<![0-9-])[0-9]{4}-[0-9]{3}(?![0-9-])"), "pt"),
)
"""codes as only one country writes them"""
_DUTCH_CODE = re.compile(r"(?<![A-Za-z0-9])[1-9][0-9]{3} ?(?!NE|NW|SE|SW)[A-Z]{2}(?= [A-Z][a-z]|,|$)")
_KOREAN_PARTS = re.compile(r"[a-z]-(?:daero|ro|gil|gu|si|gun|dong)\b")
_JAPANESE_PARTS = re.compile(r"[a-z]-(?:ku|shi|cho|chome)\b")
_LETTERED_CODE = re.compile(r"\b(?:[a-z]{1,2}[0-9][a-z0-9]? ?[0-9][a-z]{2}|[a-z][0-9][a-z] ?[0-9][a-z][0-9])\b")
"""of Great Britain and Canada"""
_WORDS = re.compile(r"(?<![a-z0-9-])[a-z]{7,}(?:[ ,]+[a-z]{7,})*(?![a-z0-9-])")
_SHORT_NAME = 4
"""letters up to which the last word may be something else than the country"""
_SHORTEST_COMPOUND = 6
"""letters above which a word may end in a kind of street"""


def country_by_alphabet(text: str) -> str:
    """The country whose alphabet a text is written in, empty for Latin letters and Chinese signs."""
    if text.isascii() or max(text) < _FIRST_OTHER:
        return ""
    return next((country for form, country in _ALPHABETS if form.search(text)), "")


def country_by_words(line: str, code: str, written: str) -> str:
    """
    The country whose words, letters and postal codes a tidy line has.

    :param code: the postal code as far as it has a field of its own
    :param written: the line before it was tidy
    :return: nothing where nobody can tell, or it is a country that writes English
    """
    if _LETTERED_CODE.search(code or line):
        return ""
    if "-" in written and (prefixed := _PREFIXED_CODE.search(written)):
        country = _PREFIXES.get(prefixed[1], prefixed[1].lower())
        if _fits(country, line, code):
            return country
    if "-" in line and _KOREAN_PARTS.search(line):
        return "kr"
    if "-" in line and _JAPANESE_PARTS.search(line):
        return "jp"
    said = _tells()
    counts: defaultdict[str, int] = defaultdict(int)
    for word in dict.fromkeys(line.replace(",", " ").split()):
        hits = said.get(word)
        if hits is None and len(word) > _SHORTEST_COMPOUND:
            hits = _of_ending(word)
        for country, worth in hits or ():
            counts[country] += worth
    for letter in () if written.isascii() else dict.fromkeys(_LETTERS.findall(written)):
        for country in _LETTERS_OF.get(letter, ()) or _LETTERS_OF[letter.lower()]:
            counts[country] += 1
    if "#" in line and _CROSSING.search(line):
        counts["co"] += 1
    if "-" in (code or line):
        for form, country in _FORMS:
            counts[country] += form.search(code or line) is not None
    if _DUTCH_CODE.search(written):
        counts["nl"] += 2
    if named := country_codes().get(line.rpartition(" ")[2]) if " " in line else None:
        counts[named] += 2 * (len(line.rpartition(" ")[2]) > _SHORT_NAME)
    english = counts.pop(_ENGLISH, 0)
    # Only what comes close is worth a look at its codes.
    near = max(counts.values(), default=0) - 1
    # No code has so many letters in a row (`callao 07` has most): what is left is shorter.
    numbers = line if code else _WORDS.sub(",", line)
    for country, count in counts.items():
        if count >= near and _fits(country, numbers, code):
            counts[country] += 1
    most = max(counts.values(), default=0)
    if most < _ENOUGH or english >= most:
        return ""
    return next(country for country, count in counts.items() if count == most)


def _fits(country: str, line: str, code: str) -> bool:
    form = _code_in_text(country)
    return form is not None and bool(form.fullmatch(code) if code else form.search(line))


@cache
def _code_in_text(country: str) -> re.Pattern[str] | None:
    form = code_form(country)
    return re.compile(rf"(?<![a-z0-9-])(?:[a-z]{{1,2}}-)?(?:{form.pattern})(?![a-z0-9-])") if form else None


@cache
def _tells() -> dict[str, list[tuple[str, int]]]:
    found: dict[str, dict[str, int]] = {}
    for countries, role, words in sections("tells"):
        for word in words:
            worth = found.setdefault(f"-{word}" if role in ("ending", "end") else word, {})
            for country in countries:
                worth[country] = max(worth.get(country, 0), _WORTH[role])
    return {word: list(worth.items()) for word, worth in found.items()}


def _of_ending(word: str) -> list[tuple[str, int]] | None:
    """What the longest ending that tells something tells."""
    said = _tells()
    for length in _lengths_of_endings():
        if hits := said.get(f"-{word[-length:]}"):
            return hits
    return None


@cache
def _lengths_of_endings() -> tuple[int, ...]:
    """The longest first."""
    lengths = {len(word) for _, role, words in sections("tells") if role in ("ending", "end") for word in words}
    return tuple(sorted(lengths, reverse=True))
