"""
Evidence: each function looks at one thing and says what it adds to the logarithm of the odds.

Hard facts (another house number, another unit, another country) contradict: nothing else can outvote them.
"""

from bisect import bisect_right
from collections.abc import Callable
from itertools import pairwise

from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.fuzz import ratio

from workers.matching.matcher.model import Evidence
from workers.matching.matcher.parse import Parsed, strong
from workers.matching.matcher.tidy import is_weak

Curve = tuple[tuple[float, float], ...]
"""similarity → contribution, with straight lines between"""

PRIOR = -4.0
"""how improbable it is that a candidate is meant, before anything is compared"""
CONTRADICTION = -10.0
_FINE_CODE_PART, _FINE_CODE_OTHER = -1.5, -3.0
_NO_STREET, _NO_STREET_BUT_NAME = -3.0, -0.5
_NAMED = 0.85
"""from which likeness on a word of the line is one of a name"""
_WHOLE_ALIKE = 0.8
_NO_PLACE = -3.0
_PLACE_ALIKE = 0.7
_AROUND = 0.04
"""what a street loses when the words around it differ"""

_STREET: Curve = ((0.0, -7.0), (0.5, -5.0), (0.7, -2.5), (0.8, -0.5), (0.9, 2.0), (1.0, 4.0))
_CITY: Curve = ((0.0, -2.2), (0.5, -1.8), (0.7, -0.3), (0.85, 1.5), (1.0, 2.5))
_NAME: Curve = ((0.0, -0.7), (0.5, -0.4), (0.8, 1.0), (1.0, 2.0))
_NUMBER_SAME, _NUMBER_ELSEWHERE, _NUMBER_MISSING, _NUMBER_IN_RANGE = 2.5, 1.0, -2.0, -1.5
_NUMBER_OF_SAME_NAME = -2.5
_UNIT_SAME, _UNIT_MISSING = 1.0, -3.5
_CODE_SAME, _CODE_NEAR, _CODE_PART, _CODE_OTHER = 3.0, 1.5, -0.5, -1.8


def house_number(typed: Parsed, known: Parsed) -> Evidence | None:
    """Another house number is another address."""
    if not typed.number and not known.number:
        return None

    def found(
        contribution: float, similarity: float | None, note: str | None, *, hard: bool = False, doubtful: bool = False
    ) -> Evidence:
        return Evidence(
            "house number",
            typed.number or None,
            known.number or None,
            similarity,
            _NUMBER_SAME,
            contribution,
            note,
            is_hard=hard,
            is_doubtful=doubtful,
        )

    if not typed.number or not known.number:
        doubtful = not _is_same_name(typed, known) and not _is_same_block(typed, known)
        return found(_NUMBER_MISSING, None, "only one of them has a number", doubtful=doubtful)
    if typed.number == known.number:
        return found(_NUMBER_SAME, 1.0, None)
    if _is_range_of(known.number, typed) or _is_range_of(typed.number, known):
        return found(_NUMBER_SAME, 1.0, "the same range")
    if _is_in_range(typed.number, known.number) or _is_in_range(known.number, typed.number):
        return found(_NUMBER_IN_RANGE, 0.5, "one is within the range of the other", doubtful=True)
    if known.number in typed.numbers and typed.number in known.numbers:
        return found(_NUMBER_ELSEWHERE, 0.8, "the same numbers in another order")
    if known.number in typed.numbers and not known.unit:
        return found(_NUMBER_MISSING, 0.5, "the number stands elsewhere in the line", doubtful=True)
    if _is_same_name(typed, known):
        return found(_NUMBER_OF_SAME_NAME, 0.0, "another house number, but the very same name")
    return found(CONTRADICTION, 0.0, "another house number", hard=True)


def _is_same_block(typed: Parsed, known: Parsed) -> bool:
    """Whether the postal codes are the same and so fine (they have letters) that few houses share one."""
    code = known.postal_code
    return code == typed.postal_code and _is_fine(code) and not _unexplained(typed, known)


def _is_fine(code: str) -> bool:
    """Whether few houses share such a postal code: those with letters and digits are as fine as that."""
    return len(code) >= 5 and not code.isdigit() and not code.isalpha()


def _is_range_of(number: str, other: Parsed) -> bool:
    """Whether a range is what the other side writes as `4/6` or `4 6`."""
    first, _, last = number.partition("-")
    return bool(last) and {first, last} <= other.numbers


def _is_same_name(typed: Parsed, known: Parsed) -> bool:
    """Whether both name the same business, building or person, and not just a word that many share."""
    if not typed.name or not known.name:
        return False
    one, other = " ".join(sorted(typed.name)), " ".join(sorted(known.name))
    return min(len(one), len(other)) >= 8 and ratio(one, other) >= 85


def unit(typed: Parsed, known: Parsed) -> Evidence | None:
    """Another unit of the same house is another address; one side without a unit is doubtful."""
    if not typed.unit and not known.unit:
        return None
    if typed.unit == known.unit:
        return Evidence("unit", typed.unit, known.unit, 1.0, _UNIT_SAME, _UNIT_SAME)
    if _is_range_of(known.number, typed) or _is_range_of(typed.number, known):
        return None
    if typed.unit and known.unit:
        if {typed.unit, typed.number} == {known.unit, known.number}:
            return Evidence("unit", typed.unit, known.unit, 0.8, _UNIT_SAME, 0.0, "number and unit the other way round")
        return Evidence("unit", typed.unit, known.unit, 0.0, _UNIT_SAME, CONTRADICTION, "another unit", is_hard=True)
    return Evidence(
        "unit",
        typed.unit or None,
        known.unit or None,
        None,
        _UNIT_SAME,
        _UNIT_MISSING,
        "only one of them has a unit",
        is_doubtful=not _is_same_name(typed, known),
    )


def further_numbers(typed: Parsed, known: Parsed) -> Evidence | None:
    """Numbers that are neither house nor unit: of a street, a block, a floor."""
    one, other = _further(typed, known), _further(known, typed)
    if not one and not other:
        return None
    here, there = " ".join(sorted(one)) or None, " ".join(sorted(other)) or None
    if one and other:
        if _is_same_name(typed, known):
            return Evidence("further numbers", here, there, 0.0, 0.5, -1.5, "other numbers, but the very same name")
        return Evidence("further numbers", here, there, 0.0, 0.5, CONTRADICTION, "other numbers", is_hard=True)
    return Evidence("further numbers", here, there, None, 0.5, -1.0, "only one of them has them")


def _further(one: Parsed, other: Parsed) -> set[str]:
    said = {other.unit, other.postal_code, one.number, one.unit, one.postal_code, *other.number.split("-")}
    return {number for number in one.numbers if number not in other.numbers and number not in said}


def street(typed: Parsed, known: Parsed) -> Evidence | None:
    """The words of the address line, wherever the other side has them."""
    if not typed.street or not known.street:
        return None
    in_name = bool(known.name) and not typed.name and covered(known.name, typed.street) >= _NAMED
    if _has_no_street(typed, known):
        contribution = _NO_STREET_BUT_NAME if in_name else _NO_STREET
        said = " ".join(typed.street), " ".join(known.street)
        return Evidence("street", *said, None, 4.0, contribution, "no street in the line", is_doubtful=not in_name)
    whole = _words_alike(
        _without(typed.street, known.city), _without(known.street, typed.city), typed.everything, known.everything
    )
    # The part with the number names the street; the other side may have written something else around it.
    part = max(
        *(_words_alike(typed.main, part, typed.main, part) for part in known.parts),
        *(_words_alike(part, known.main, part, known.main) for part in typed.parts),
        covered(known.main, typed.everything) if len(typed.parts) == 1 else 0.0,
    )
    similarity = max(whole, part - _AROUND if part > whole else 0.0)
    note = "what stands around it differs" if similarity > whole else None
    return Evidence(
        "street", " ".join(typed.street), " ".join(known.street), similarity, 4.0, _on(_STREET, similarity), note
    )


def _has_no_street(typed: Parsed, known: Parsed) -> bool:
    """Whether the line only says what the known address has as name, town or region."""
    elsewhere = (*known.name, *known.city, *known.region.split())
    return (
        bool(elsewhere)
        and not any(
            not is_weak(word) and word not in elsewhere and _nearest(word, elsewhere) < _NAMED for word in typed.street
        )
        and not any(word in typed.street for word in strong(known.main))
    )


def _without(words: tuple[str, ...], town: tuple[str, ...]) -> tuple[str, ...]:
    """The words that do not name the other side's town: a town in the line makes no street alike."""
    return tuple(word for word in words if word not in town) or words


def _words_alike(
    one: tuple[str, ...], other: tuple[str, ...], around_one: tuple[str, ...], around_other: tuple[str, ...]
) -> float:
    there, back = covered(other, around_one), covered(one, around_other)
    # What is written apart or together differs in no word; the kind of street says nothing here.
    joined = ratio("".join(strong(one)), "".join(strong(other))) / 100
    whole = ratio("".join(one), "".join(other)) / 100
    return max(0.65 * min(there, back) + 0.35 * max(there, back), joined, whole if whole >= _WHOLE_ALIKE else 0.0)


def city(typed: Parsed, known: Parsed) -> Evidence | None:
    """The town, or that it is named in the other's line."""
    if not known.city and not typed.city:
        return None
    if not known.city or not typed.city:
        here, there = (known.city, typed.street) if known.city else (typed.city, known.street)
        similarity = covered(here, there) if there else 0.0
        if similarity < 0.7:
            return None
        return Evidence("city", None, " ".join(here), similarity, 2.5, _on(_CITY, similarity), "found in the line")
    similarity = max(
        ratio(" ".join(typed.city), " ".join(known.city)) / 100,
        0.95 * covered(typed.city, known.everything),
        0.95 * covered(known.city, typed.everything),
    )
    return Evidence("city", " ".join(typed.city), " ".join(known.city), similarity, 2.5, _on(_CITY, similarity))


def place(typed: Parsed, known: Parsed) -> Evidence | None:
    """The same street in another town is another street; without any town or code, it could be anywhere."""
    if not known.city and not known.postal_code:
        return None
    town, code = city(typed, known), postal_code(typed, known)
    if (town and (town.similarity or 0.0) >= _PLACE_ALIKE) or (code and code.contribution > _CODE_OTHER):
        return None
    elsewhere = typed.city or typed.postal_code or _unexplained(typed, known)
    note = "neither town nor postal code agree" if elsewhere else "no town and no postal code"
    weight = 0.0 if town else _NO_PLACE if elsewhere else 0.0
    return Evidence("place", None, None, None, 0.0, weight, note, is_doubtful=not _is_same_name(typed, known))


def _unexplained(typed: Parsed, known: Parsed) -> bool:
    """Whether the line says more than the known address does: a town of its own, most likely."""
    return any(_nearest(word, known.everything) == 0.0 for word in strong(typed.street) if word not in known.everything)


def postal_code(typed: Parsed, known: Parsed) -> Evidence | None:
    """The postal code: one slip is forgiven, another code is not forbidden."""
    one, other = typed.postal_code, known.postal_code
    if not one or not other:
        return None
    if one == other:
        contribution, note = _CODE_SAME, None
    elif OSA.distance(one, other, score_cutoff=1) <= 1:
        contribution, note = _CODE_NEAR, "one slip"
    elif one[:3] == other[:3] or one.startswith(other) or other.startswith(one):
        contribution, note = (_FINE_CODE_PART if _is_fine(other) else _CODE_PART), "the same district"
    else:
        contribution, note = (_FINE_CODE_OTHER if _is_fine(other) else _CODE_OTHER), "another code"
    return Evidence("postal code", one, other, OSA.normalized_similarity(one, other), _CODE_SAME, contribution, note)


def region(typed: Parsed, known: Parsed) -> Evidence | None:
    """The state or county, which people often leave out or get wrong."""
    if not typed.region or not known.region:
        return None
    similarity = ratio(typed.region, known.region) / 100
    return Evidence("region", typed.region, known.region, similarity, 0.4, 0.4 if similarity > 0.8 else -0.4)


def country(typed: Parsed, known: Parsed) -> Evidence | None:
    """Another country is another address."""
    if not typed.country or not known.country:
        return None
    if typed.country == known.country:
        return Evidence("country", typed.country, known.country, 1.0, 0.2, 0.2)
    return Evidence("country", typed.country, known.country, 0.0, 0.2, CONTRADICTION, "another country", is_hard=True)


def name(typed: Parsed, known: Parsed) -> Evidence | None:
    """A business or a building, where both have one."""
    if known.name and not typed.name and covered(known.name, typed.street) >= _NAMED:
        return Evidence("name", None, " ".join(known.name), 1.0, 2.0, 1.5, "found in the line")
    if not typed.name or not known.name:
        return None
    one, other = " ".join(typed.name), " ".join(known.name)
    similarity = max(
        ratio(one, other) / 100,
        ratio(" ".join(sorted(typed.name)), " ".join(sorted(known.name))) / 100,
        0.95 * covered(typed.name, known.name),
    )
    return Evidence("name", one, other, similarity, 2.0, _on(_NAME, similarity))


# In the order in which they are best explained.
EVIDENCE: tuple[Callable[[Parsed, Parsed], Evidence | None], ...] = (
    house_number,
    unit,
    further_numbers,
    street,
    postal_code,
    city,
    place,
    region,
    country,
    name,
)


def covered(words: tuple[str, ...], by: tuple[str, ...]) -> float:
    """
    How much of these words the others say too, 0 to 1; a kind of street counts less than its name.

    >>> covered(("lilas", "r"), ("rouen", "r", "lilas"))
    1.0
    """
    if not words:
        return 0.0
    others = set(by)
    total = sum_ = 0.0
    for word in words:
        weight = 0.25 if is_weak(word) else min(1.0, 0.4 + len(word) / 10)
        total += weight
        if word in others:
            sum_ += weight
        elif not is_weak(word):
            sum_ += weight * _nearest(word, by)
    return sum_ / total


def _nearest(word: str, by: tuple[str, ...]) -> float:
    best = 0.0
    for other in by:
        if abs(len(other) - len(word)) <= 3:
            best = max(best, _alike(word, other))
    if best < 0.9:
        # A space too many or too few: `meredith c ircuit`, `newcastle uponTyne`.
        for one, two in pairwise(by):
            if abs(len(one) + len(two) - len(word)) <= 1:
                best = max(best, _alike(word, one + two))
    return best if best > 0.6 else 0.0


def _alike(one: str, other: str) -> float:
    slips = OSA.normalized_similarity(one, other)
    return max(slips, JaroWinkler.similarity(one, other) - 0.05) if slips > 0.5 else slips


def _on(curve: Curve, x: float) -> float:
    place = bisect_right(curve, (x, float("inf")))
    if place >= len(curve):
        return curve[-1][1]
    (x0, y0), (x1, y1) = curve[place - 1], curve[place]
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0)


def _is_in_range(number: str, range_: str) -> bool:
    first, _, last = range_.partition("-")
    if not last or "-" in number:
        return False
    try:
        return int(first) <= int(number) <= int(last)
    except ValueError:
        return number in (first, last)
