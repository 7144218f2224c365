"""The postal code in a line that holds more than that, told by the form the codes of a country have."""

import re
from functools import cache
from itertools import pairwise

from workers.matching.matcher.units import announced
from workers.matching.matcher.words import code_form, meanings, sections

KIND_LAST = frozenset({"gb", "us", "au", "ca", "ie", "nz", "za", "in", ""})
"""where the house number comes first and the kind of street follows its name"""
_UK = re.compile(r"\b([a-z]{1,2}[0-9][a-z0-9]?) ?([0-9][a-z]{2})\b")
_CANADA = re.compile(r"\b([a-z][0-9][a-z]) ?([0-9][a-z][0-9])\b")
_NETHERLANDS = re.compile(r"\b(?:nl-?)?([1-9][0-9]{3}) ?([a-z]{2})\b")
_IRELAND = re.compile(r"\b([a-z][0-9][0-9w]) ?((?=[0-9]*[a-z])(?=[a-z]*[0-9])[a-z0-9]{4})\b")
_WITH_LETTERS = ((_UK, {"gb", "ie", ""}), (_IRELAND, {"ie", ""}), (_CANADA, {"ca", ""}), (_NETHERLANDS, {"nl"}))
_ANY = re.compile(r"[0-9]{4,7}|[0-9]{3}-[0-9]{4}|[0-9]{2}-[0-9]{3}|[0-9]{5}-[0-9]{3,4}|[0-9]{4}-[0-9]{3}")
_PLAIN = re.compile(r"[0-9]{4,7}")
_SET_OF_SIGNS = re.compile(r"\[[^]]*\]")
_PARTED = re.compile(r"[0-9]{3} [0-9]{2}")
_AHEAD = re.compile(r"(?:^|(?<=,))(?:nl-?)?([1-9][0-9]{3}) ?([a-z]{2})(?= [a-z]{3}|,|$)")
"""a Dutch code before its town, where nobody knows that it is one"""
_PREFIX = re.compile(r"[a-z]{1,2}-(?=[0-9])")
_HOUSE = re.compile(r"[0-9]{1,4}[a-z]?(?:[/-][0-9]{1,4}[a-z]?)?")
_SAINTS = frozenset({"st"})
_LONG = 5
"""digits from which on a number is rather a code than a house number"""


def compact(code: str) -> str:
    """A code without the signs that part it, and without the country before it."""
    return code if code.isdigit() else _PREFIX.sub("", code, count=1).replace(" ", "").replace("-", "")


def code_in(line: str, country: str, is_town: bool = False, is_sure: bool = True) -> tuple[str, str]:
    """
    The postal code in a tidy line, and the rest of the line; empty where there is none.

    :param is_town: whether it is the line of the town, in which no house number is to be expected
    :param is_sure: whether the country was named, so that its codes need not look like those of others
    >>> code_in("9 rue du 8 mai 1945,62300 lens", "fr")
    ('62300', '9 rue du 8 mai 1945,lens')
    """
    for form, homes in _WITH_LETTERS:
        if country in homes and (found := form.search(line)):
            return found[1] + found[2], line[: found.start()] + line[found.end() :]
    if not country and (found := _AHEAD.search(line)):
        return found[1] + found[2], line[: found.start()] + line[found.end() :]
    if (announced_ := _announced(country)) and (found := announced_.search(line)):
        return compact(found[1]), f"{line[: found.start()]},{line[found.end() :]}".strip(",")
    parts = [part.split() for part in line.split(",")]
    places = [(p, t) for p, tokens in enumerate(parts) for t, token in enumerate(tokens) if _has_digit(token)]
    for form in filter(None, (code_form(country), _loose(country) if is_sure else _ANY)):
        best, code, found_at = (False, 0), "", (0, 0, 0)
        # The last of the longest: a house number may look like a code, but stands before it or has fewer digits.
        for p, t in reversed(places):
            tokens = parts[p]
            if len(tokens[t]) <= best[1]:
                continue
            length = _length(form, tokens, t)
            if not length or _is_year(tokens, t):
                continue
            if not is_town and not _can_be_code(parts, places, p, t, length, country):
                continue
            one = compact("".join(tokens[t : t + length]))
            if (rank := ((p, t) != (0, 0), len(one))) > best:
                best, code, found_at = rank, one, (p, t, length)
        if code:
            p, t, length = found_at
            # Where it stands in the middle, the street ends and the town begins.
            parts[p : p + 1] = [parts[p][:t], parts[p][t + length :]]
            return code, ",".join(" ".join(tokens) for tokens in parts if tokens)
        # A digit may be missing in it: then it only looks like a code anywhere.
    return "", line


@cache
def _loose(country: str) -> re.Pattern[str]:
    """What a code with a slip looks like: one with a dash only where codes have one, or `16-201` were none of a house."""
    form = code_form(country)
    return _PLAIN if form and "-" not in _SET_OF_SIGNS.sub("", form.pattern) else _ANY


def _has_digit(token: str) -> bool:
    return token[0].isdigit() or token[-1].isdigit()


def _length(form: re.Pattern[str], tokens: list[str], at: int) -> int:
    """How many tokens make a code: `75001`, `F-75001`, `110 00`; none where they do not."""
    token = _PREFIX.sub("", tokens[at], count=1)
    if at + 1 < len(tokens) and token.isdigit() and form.fullmatch(f"{token} {tokens[at + 1]}"):
        return 2
    if (
        not at
        and form is _ANY
        and len(tokens) > 2
        and _PARTED.fullmatch(f"{token} {tokens[1]}")
        and tokens[2].isalpha()
    ):
        return 2
    return 1 if form.fullmatch(token) else 0


@cache
def _announced(country: str) -> re.Pattern[str] | None:
    said = {
        " ".join((first, *words))
        for countries, first, words in sections("codes")
        if countries == ["*"] or (country or "-") in countries
    }
    form = code_form(country)
    code = form.pattern if form else r"[0-9]{4,7}|[0-9]{3} [0-9]{2}|[0-9]{2}-[0-9]{3}|[0-9]{5}-[0-9]{3}"
    words = "|".join(sorted(said, key=len, reverse=True))
    return re.compile(rf"\b(?:{words}) ((?:{code}))(?![0-9a-z])")


def _is_year(tokens: list[str], at: int) -> bool:
    """`rue du 8 mai 1945`"""
    return len(tokens[at]) == 4 and at > 0 and tokens[at - 1].isalpha() and tokens[at - 1] in meanings("months")


def _can_be_code(
    parts: list[list[str]], places: list[tuple[int, int]], p: int, t: int, length: int, country: str
) -> bool:
    tokens, units = parts[p], announced(country)
    if t and (tokens[t - 1] in units.before or tokens[t - 1] in units.number):
        return False
    others = [
        (q, u)
        for q, u in places
        if (q, u) < (p, t) or (q, u) >= (p, t + length)
        if not (u and parts[q][u - 1] in units.before)
    ]
    is_long = len(compact("".join(tokens[t : t + length]))) >= _LONG or bool(_PREFIX.match(tokens[t]))
    if (p, t) == (0, 0):
        if country in KIND_LAST and country:
            # `4177, Shop 2, 26 Isabella Lane`: between commas, and the house follows.
            return bool(others) and len(tokens) == length
        if country in KIND_LAST:
            return bool(others) and (is_long or _has_house_behind(parts, length))
        form = code_form(country)
        return bool(others) and (is_long or bool(form and form.fullmatch(" ".join(tokens[:length]))))
    if others or is_long:
        return True
    # The only number of the line: `rue Haute, 1000 Bruxelles`, but `Hauptstr. 1000` and `Ann Lee, 6802 Main Street`.
    if country not in KIND_LAST:
        return t == 0 and len(tokens) > 1
    # `Kooringal, Dunseark Close, Ararat 3377`: behind a town it is no house number either, where those come first.
    is_last = p == len(parts) - 1 and t + length == len(tokens)
    return bool(country and p and t and is_last) and meanings("types").keys().isdisjoint(tokens)


def _has_house_behind(parts: list[list[str]], length: int) -> bool:
    """
    Whether the first number of a line from an unknown country is the postal code of a town, as the house is behind it.

    `8342 Miskolc, Petofi 11`, but `1234 Main Street, Apt 5` and `1234 Broadway, 5`.
    """
    said = announced("")
    if len(parts[0]) <= length or any(token in meanings("types") for token in parts[0] if token not in _SAINTS):
        return False
    return any(
        tokens[0].isalpha() and _HOUSE.fullmatch(token) and before not in said.before
        for tokens in parts[1:]
        for before, token in pairwise(tokens)
    )
