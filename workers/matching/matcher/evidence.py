"""
Evidence: each function looks at one thing and says what it found: a level, a similarity, or both.

What a finding adds to the logarithm of the odds is in ``weights.json``. Hard facts (another house number, another unit,
another country) contradict whatever the weights say: nothing else can outvote them.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise, takewhile
from typing import NamedTuple

from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.fuzz import ratio

from workers.matching.matcher.codes import KIND_LAST
from workers.matching.matcher.japan import without_prefecture
from workers.matching.matcher.parse import Parsed, strong
from workers.matching.matcher.tidy import is_kind, is_weak, weak_words
from workers.matching.matcher.words import meanings, sections

_NAMED = 0.85
"""from which likeness on a word of the line is one of a name"""
_VERY = 0.95
_NEXT_DOOR = 4
"""how far the numbers of houses reach that are next to one another: two on the same side of the street"""
MISTYPED = frozenset({"slip_same_name", "other_same_name"})
"""levels of a house number that is believed to be mistyped"""
_WHOLE_ALIKE = 0.8
_UNLIKE = 0.5
"""likeness of two names of streets below which they have nothing in common"""
_OTHER_STREET = 0.6
"""the most that two streets are alike that only share what stands around them"""
_INITIAL = 0.85
_SHORTENED = 0.86
_PLACE_ALIKE = 0.7
_STEM = 4
"""letters before the kind of street in a compound"""
_SHORT_COMPOUND = 0.97
"""how alike a compound is to the one that shortens its end"""
_AROUND = 0.04
"""what a street loses when the words around it differ"""


class Finding(NamedTuple):
    """What one look at two addresses found."""

    name: str
    """of the evidence, as in ``weights.json`` and in an explanation"""
    level: str
    """a short code, as in ``LEVELS``"""
    similarity: float | None = None
    """0 to 1, where the evidence is a matter of degree"""


# What is found most often is made once.
_SAME_NUMBER, _SAME_CODE, _SAME_REGION, _SAME_COUNTRY = (
    Finding(name, "same") for name in ("house number", "postal code", "region", "country")
)
_SAME_CITY = Finding("city", "said", 1.0)


class Level(NamedTuple):
    """What a level means."""

    note: str | None = None
    """in words, where the two texts do not say it themselves"""
    is_hard: bool = False
    """contradicts: nothing else can outvote it"""
    is_doubtful: bool = False
    """leaves a doubt that only a person can settle"""


_SAID = Level()
_ONE_NUMBER = "only one of them has a number"
_ONE_UNIT = "only one of them has a unit"
_OTHER_KIND = "another kind of street of that name"
_NO_STREET = "no street in the line"
_ELSEWHERE = "neither town nor postal code agree"
_NOWHERE = "no town and no postal code"

LEVELS: dict[str, dict[str, Level]] = {
    "house number": {
        "same": _SAID,
        "same_range": Level("the same range"),
        "one_of": Level("one of several numbers of the same house"),
        "one_differs": Level("one of the numbers of the house differs", is_doubtful=True),
        "suffix_as_unit": Level("the letter of the number is the other's unit"),
        "range_end_same_name": Level("one is the first or last of the range of the other"),
        "in_range": Level("one is within the range of the other", is_doubtful=True),
        "elsewhere": Level("the same numbers in another order"),
        "part": Level("only one of them says the whole number", is_doubtful=True),
        "in_line": Level("the number stands elsewhere in the line", is_doubtful=True),
        "missing": Level(_ONE_NUMBER, is_doubtful=True),
        "missing_same_name": Level(_ONE_NUMBER),
        "missing_same_block": Level(_ONE_NUMBER),
        "slip_same_name": Level("a slip in the number, the very same name"),
        "other_same_name": Level("another house number, but the very same name in the very same street"),
        "other": Level("another house number", is_hard=True),
        "same_name_of_house": Level("a house of the same name"),
        "other_name_of_house": Level("a house of another name", is_doubtful=True),
    },
    "unit": {
        "same": _SAID,
        "swapped": Level("number and unit the other way round"),
        "part": Level("only one of them says the whole unit", is_doubtful=True),
        "missing": Level(_ONE_UNIT, is_doubtful=True),
        "missing_same_name": Level(_ONE_UNIT),
        "other": Level("another unit", is_hard=True),
    },
    "further numbers": {
        "missing": Level("only one of them has them"),
        "other_same_name": Level("other numbers, but the very same name"),
        "other": Level("other numbers", is_hard=True),
    },
    "street": {
        "said": _SAID,
        "around": Level("what stands around it differs"),
        "shortened": Level("one of them leaves out a first name or title"),
        "other_kind": Level(_OTHER_KIND, is_doubtful=True),
        "other_kind_same_name": Level(_OTHER_KIND),
        "none": Level(_NO_STREET, is_doubtful=True),
        "none_same_block": Level("no street, but the very same house and postal code"),
        "none_but_name": Level(_NO_STREET),
    },
    "area": {
        "same": _SAID,
        "within": Level("one of them leaves out a part"),
        "said": _SAID,
        "other_prefecture": Level("another prefecture", is_doubtful=True),
    },
    "postal code": {
        "same": _SAID,
        "one_slip": Level("one slip"),
        "part": Level("the same district"),
        "part_fine": Level("the same district"),
        "other": Level("another code"),
        "other_fine": Level("another code"),
    },
    "city": {"said": _SAID, "in_line": Level("found in the line")},
    "place": {
        "elsewhere": Level(_ELSEWHERE, is_doubtful=True),
        "elsewhere_same_name": Level(_ELSEWHERE),
        "other_town": Level(_ELSEWHERE, is_doubtful=True),
        "other_town_same_name": Level(_ELSEWHERE),
        "nowhere": Level(_NOWHERE, is_doubtful=True),
        "nowhere_same_name": Level(_NOWHERE),
    },
    "region": {"same": _SAID, "other": _SAID},
    "country": {"same": _SAID, "other": Level("another country", is_hard=True)},
    "name": {"said": _SAID, "in_line": Level("found in the line")},
}
"""evidence → its levels, in the order in which they are best explained"""


def compare(typed: Parsed, known: Parsed) -> tuple[Finding, ...]:
    """Everything that was found about a typed and a known address."""
    if typed.area and known.area:
        return _compare_japanese(typed, known)
    town, code, line = city(typed, known), postal_code(typed, known), street(typed, known)
    found = (
        house_number(typed, known, line, code, town),
        unit(typed, known),
        further_numbers(typed, known),
        line,
        code,
        town,
        place(typed, known, town, code),
        region(typed, known),
        country(typed, known),
        name(typed, known),
    )
    return tuple([one for one in found if one is not None])


def is_refused(typed: Parsed, known: Parsed) -> bool:
    """
    Whether a hard fact against an address is plain to see, so that nothing else need be compared.

    Not all are: of another house number it depends on everything else where the very same name lives there.
    """
    if typed.country and known.country and typed.country != known.country:
        return True
    if typed.unit != known.unit and typed.unit and known.unit:
        one = unit(typed, known)
        if one is not None and one.level == "other":
            return True
    if typed.area and known.area:
        return _blocks(typed.number, known.number) == "other"
    if typed.number != known.number and typed.number and known.number and _numbers(typed, known) == "other":
        return not _is_same_name(typed, known)
    if typed.numbers == known.numbers:
        return False
    more = further_numbers(typed, known)
    return more is not None and more.level == "other"


def _compare_japanese(typed: Parsed, known: Parsed) -> tuple[Finding, ...]:
    code = postal_code(typed, known)
    found = (
        Finding("house number", _blocks(typed.number, known.number)) if typed.number or known.number else None,
        unit(typed, known),
        area(typed, known, code),
        code,
        country(typed, known),
        name(typed, known),
    )
    return tuple(one for one in found if one is not None)


def texts(finding: Finding, typed: Parsed, known: Parsed) -> tuple[str | None, str | None]:
    """The two texts that were compared, for a person to read."""
    match finding.name:
        case "house number":
            if typed.number or known.number:
                return typed.number or None, known.number or None
            return " ".join(typed.parts[0]), " ".join(known.parts[0])
        case "unit":
            return typed.unit or None, known.unit or None
        case "further numbers":
            one, other = further(typed, known), further(known, typed)
            return " ".join(sorted(one)) or None, " ".join(sorted(other)) or None
        case "street":
            return " ".join(typed.street), " ".join(known.street)
        case "area":
            return typed.area, known.area
        case "postal code":
            return typed.postal_code, known.postal_code
        case "city":
            return " ".join(typed.city) or None, " ".join(known.city) or None
        case "region":
            return typed.region, known.region
        case "country":
            return typed.country, known.country
        case "name":
            return " ".join(typed.name) or None, " ".join(known.name) or None
    return None, None


def house_number(
    typed: Parsed, known: Parsed, line: Finding | None, code: Finding | None, town: Finding | None
) -> Finding | None:
    """
    Another house number is another address.

    :param line: what was found about the street, postal code and town: a mistyped number can only be believed where
        they agree
    """
    if not typed.number and not known.number:
        return _named_house(typed, known)
    level = _numbers(typed, known)
    if level == "same":
        return _SAME_NUMBER
    if level == "other" and _is_same_name(typed, known):
        level = _mistyped(typed, known, line, code, town)
    return Finding("house number", level)


def _named_house(typed: Parsed, known: Parsed) -> Finding | None:
    """A house that has a name in place of a number, which stands before the street."""
    if len(typed.parts) < 2 or len(known.parts) < 2:
        return None
    here, there = typed.parts[0], known.parts[0]
    if here == there or min(covered(here, there), covered(there, here)) >= _NAMED:
        return Finding("house number", "same_name_of_house")
    is_other = (
        max(covered(here, known.everything + known.name), covered(there, typed.everything + typed.name)) < _UNLIKE
    )
    return Finding("house number", "other_name_of_house") if is_other else None


def _mistyped(typed: Parsed, known: Parsed, line: Finding | None, code: Finding | None, town: Finding | None) -> str:
    """
    Whether a number may be mistyped, because the very same name lives in that very street.

    Never where it may be the neighbour's: a family or a business that has moved next door has the same name, too.
    """
    if line is None or line.level.startswith("other") or line.similarity is None or _is_next_door(typed, known):
        return "other"
    is_code = code is not None and code.level in ("same", "one_slip")
    is_town = town is not None and (town.similarity or 0.0) >= _NAMED
    if OSA.distance(typed.number, known.number, score_cutoff=1) <= 1:
        return "slip_same_name" if line.similarity >= _NAMED and (is_code or is_town) else "other"
    agrees = line.similarity >= _VERY and is_code and (is_town or town is None)
    return "other_same_name" if agrees else "other"


def _is_next_door(typed: Parsed, known: Parsed) -> bool:
    """Whether the two numbers are so near that both may be houses of that name; digits that changed places are a slip."""
    one, other = _leading(typed.number), _leading(known.number)
    return abs(one - other) <= _NEXT_DOOR and sorted(typed.number) != sorted(known.number)


def _leading(number: str) -> int:
    return int("".join(takewhile(str.isdigit, number)) or 0)


def _blocks(one: str, other: str) -> str:
    if one == other:
        return "same"
    if not one or not other:
        return "missing"
    return "part" if f"{one}-".startswith(f"{other}-") or f"{other}-".startswith(f"{one}-") else "other"


def _numbers(typed: Parsed, known: Parsed) -> str:
    if not typed.number or not known.number:
        if _is_same_name(typed, known):
            return "missing_same_name"
        return "missing_same_block" if _is_same_block(typed, known) else "missing"
    if _is_of_another_district(typed, known) or _is_of_another_district(known, typed):
        return "other"
    if typed.number == known.number:
        return "same"
    if _is_one_of(typed, known):
        return "one_differs" if all(typed.houses) and all(known.houses) and typed.houses and known.houses else "one_of"
    if _is_same_with_unit(typed, known):
        return "suffix_as_unit"
    if _is_range_of(known.number, typed) or _is_range_of(typed.number, known):
        return "same_range"
    if _is_in_range(typed.number, known.number) or _is_in_range(known.number, typed.number):
        is_end = typed.number in known.number.split("-") or known.number in typed.number.split("-")
        return "range_end_same_name" if is_end and _is_same_name(typed, known) else "in_range"
    if known.number in typed.numbers and typed.number in known.numbers:
        return "elsewhere"
    if known.number in typed.numbers and not known.unit:
        return "in_line"
    return "other"


def _is_one_of(typed: Parsed, known: Parsed) -> bool:
    if not typed.houses and not known.houses:
        return False
    return not {typed.number, *typed.houses}.isdisjoint({known.number, *known.houses})


def _is_of_another_district(one: Parsed, other: Parsed) -> bool:
    """Whether only one says the number of the street too, and the number of the district is another."""
    return bool(one.houses and not one.houses[0] and other.houses and one.houses[-1] != other.houses[-1])


def _is_same_with_unit(typed: Parsed, known: Parsed) -> bool:
    """Whether `12a` here is `Flat A, 12` there; `22` is not unit 2 of number 2."""
    if typed.unit[:1].isdigit() or known.unit[:1].isdigit():
        return False
    return bool(typed.unit or known.unit) and f"{typed.number}{typed.unit}" == f"{known.number}{known.unit}"


def _is_same_block(typed: Parsed, known: Parsed) -> bool:
    """Whether the postal codes are the same and so fine (they have letters) that few houses share one."""
    code = known.postal_code
    is_same = code == typed.postal_code and _is_fine(code)
    # A farm of its own name is a house of its own: `27 Church Lane` is not `Manor Farm, Church Lane`.
    return is_same and not _unexplained(typed, known) and not _unexplained(known, typed)


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


def unit(typed: Parsed, known: Parsed) -> Finding | None:
    """Another unit of the same house is another address; one side without a unit is doubtful."""
    if not typed.unit and not known.unit:
        return None
    if typed.unit == known.unit:
        return Finding("unit", "same")
    if typed.number != known.number and _is_same_with_unit(typed, known):
        return None
    if _is_range_of(known.number, typed) or _is_range_of(typed.number, known):
        return None
    if typed.unit and known.unit:
        here, there = set(typed.unit.split()), set(known.unit.split())
        if here == there:
            return Finding("unit", "same")
        if {typed.unit, typed.number} == {known.unit, known.number}:
            return Finding("unit", "swapped")
        return Finding("unit", "part" if here < there or there < here else "other")
    return Finding("unit", "missing_same_name" if _is_same_name(typed, known) else "missing")


def further_numbers(typed: Parsed, known: Parsed) -> Finding | None:
    """Numbers that are neither house nor unit: of a street, a block, a floor."""
    if typed.numbers == known.numbers:
        return None
    one, other = further(typed, known), further(known, typed)
    if not one and not other:
        return None
    if not one or not other:
        return Finding("further numbers", "missing")
    return Finding("further numbers", "other_same_name" if _is_same_name(typed, known) else "other")


def further(one: Parsed, other: Parsed) -> set[str]:
    """The numbers of one that the other does not say in any place."""
    more = one.numbers - other.numbers
    if not more:
        return set()
    said = {
        *(other.postal_code, one.number, one.postal_code),
        *(*other.number.split("-"), *other.unit.split(), *one.unit.split()),
    }
    return set(more - said)


def street(typed: Parsed, known: Parsed) -> Finding | None:
    """The words of the address line, wherever the other side has them."""
    if not typed.street or not known.street:
        return None
    if (
        typed.number
        and typed.number == known.number
        and _is_same_fine_code(typed, known)
        and _names_no_street(typed, known)
    ) and not covered(known.main, typed.street) >= _NAMED:
        return Finding("street", "none_same_block")
    if _has_no_street(typed, known):
        in_name = bool(known.name) and not typed.name and covered(known.name, typed.street) >= _NAMED
        return Finding("street", "none_but_name" if in_name else "none")
    # A town in the line makes no street alike.
    one, other = _without(typed.street, known.city), _without(known.street, typed.city)
    by_typed, by_known = _words_for_street(typed, known), _words_for_street(known, typed)
    whole = 1.0 if one == other else _words_alike(one, other, by_typed, by_known)
    # However alike a part is, it adds nothing to a line that is as alike as that.
    part = 1.0 if whole >= 1.0 - _AROUND else _part_alike(typed, known, by_typed)
    similarity = max(whole, part - _AROUND)
    if similarity > _OTHER_STREET and _is_other_street(typed, known):
        return Finding("street", "said", _OTHER_STREET)
    if similarity < _SHORTENED and _is_shortened(
        _without(typed.main, known.city), _without(known.main, typed.city), known.country
    ):
        return Finding("street", "shortened", _SHORTENED)
    if similarity >= _WHOLE_ALIKE and _is_other_kind(typed.main, known.main) and known.main not in typed.parts:
        return Finding("street", "other_kind_same_name" if _is_same_name(typed, known) else "other_kind", similarity)
    return Finding("street", "around" if part - _AROUND > whole else "said", similarity)


def _part_alike(typed: Parsed, known: Parsed, by_typed: tuple[str, ...]) -> float:
    """
    How alike two lines are in the part with the number, which names the street.

    The other side may have written something else around it.
    """
    if typed.main in known.parts or known.main in typed.parts:
        return 1.0
    return max(
        *[_words_alike(typed.main, part, typed.main, part) for part in known.parts],
        *[_words_alike(part, known.main, part, known.main) for part in typed.parts if part != typed.main],
        covered(known.main, by_typed) if len(typed.parts) == 1 and _has_name(known.main) else 0.0,
    )


def _is_other_street(typed: Parsed, known: Parsed) -> bool:
    """Whether both name a street beside something else, such as an estate, and only that is alike."""
    if min(len(typed.parts), len(known.parts)) < 2 or not typed.number or not known.number:
        return False
    if not _has_name(typed.main) or not _has_name(known.main):
        return False
    return max(covered(typed.main, known.everything), covered(known.main, typed.everything)) < _UNLIKE


def _is_shortened(one: tuple[str, ...], other: tuple[str, ...], country: str) -> bool:
    """Whether one leaves out first names or titles: `Via Mazzini` is `Via Giuseppe Mazzini`, where the kind comes first."""
    here, there = strong(one), strong(other)
    if country in KIND_LAST or not here or not there or len(here) == len(there) or here[-1] != there[-1]:
        return False
    few, many = (here, there) if len(here) < len(there) else (there, here)
    return len(few[-1]) > 3 and set(few) <= set(many) and not _is_other_kind(one, other)


def _words_for_street(one: Parsed, other: Parsed) -> tuple[str, ...]:
    """Where to look for the words of the other's street: the town only where both do not name the same one."""
    if one.city and other.city and _has_name(one.street) and covered(other.city, one.city) >= _NAMED:
        return one.street
    return one.everything


def _has_name(words: Sequence[str]) -> bool:
    return not weak_words().issuperset(words)


def _is_other_kind(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether both say which kind of street it is, and not the same."""
    here, there = {word for word in one if is_kind(word)}, {word for word in other if is_kind(word)}
    return bool(here) and bool(there) and here.isdisjoint(there)


def _is_same_fine_code(typed: Parsed, known: Parsed) -> bool:
    return typed.postal_code == known.postal_code and _is_fine(known.postal_code)


def _names_no_street(one: Parsed, other: Parsed) -> bool:
    """Whether the line only says buildings, and what the other has as name, town or region."""
    said, buildings = (*other.name, *other.city, *other.region.split()), meanings("buildings")
    return not any(
        not is_weak(word) and word not in buildings and word not in said and _nearest(word, said) < _NAMED
        for word in one.street
    )


def _has_no_street(typed: Parsed, known: Parsed) -> bool:
    """Whether the line only says what the known address has as name, town or region."""
    shared = [word for word in known.main if word in typed.street]
    if shared and (_has_name(shared) or not _has_name(known.main)):
        return False
    # A letter alone would be the initial of anything.
    elsewhere = tuple(word for word in (*known.name, *known.city, *known.region.split()) if len(word) > 1)
    return bool(elsewhere) and not any(
        not is_weak(word) and word not in elsewhere and _nearest(word, elsewhere) < _NAMED for word in typed.street
    )


def _without(words: tuple[str, ...], town: tuple[str, ...]) -> tuple[str, ...]:
    """The words that do not name the other side's town: a town in the line makes no street alike."""
    return tuple([word for word in words if word not in town]) or words if town else words


def _words_alike(
    one: tuple[str, ...], other: tuple[str, ...], around_one: tuple[str, ...], around_other: tuple[str, ...]
) -> float:
    there, back = covered(other, around_one), covered(one, around_other)
    if there == back == 1.0:
        return 1.0
    # What is written apart or together differs in no word; the kind of street says nothing here.
    joined = ratio("".join(strong(one)), "".join(strong(other))) / 100
    whole = ratio("".join(one), "".join(other)) / 100
    return max(0.65 * min(there, back) + 0.35 * max(there, back), joined, whole if whole >= _WHOLE_ALIKE else 0.0)


def area(typed: Parsed, known: Parsed, code: Finding | None) -> Finding:
    """The Japanese area; another character is another town more often than a slip."""
    one, other = without_prefecture(typed.area), without_prefecture(known.area)
    is_elsewhere = one != typed.area and other != known.area and typed.area[:2] != known.area[:2]
    if is_elsewhere and not (code and code.level == "same"):
        return Finding("area", "other_prefecture")
    if one == other:
        return Finding("area", "same")
    if one.endswith(other) or other.endswith(one) or _without_kinds(one) == _without_kinds(other):
        return Finding("area", "within")
    if code is not None and code.level == "same" and _is_parted(one, other):
        return Finding("area", "within")
    return Finding("area", "said", ratio(one, other) / 100)


def _is_parted(one: str, other: str) -> bool:
    """Whether one is the other with something in its midst, as a quarter or a building that is written before the town."""
    short, long = sorted((one, other), key=len)
    begin = sum(1 for _ in takewhile(lambda signs: signs[0] == signs[1], zip(short, long, strict=False)))
    return 0 < begin < len(short) and long.endswith(short[begin:])


def _without_kinds(area: str) -> str:
    return "".join(sign for sign in area if sign not in "市区町村郡")


def city(typed: Parsed, known: Parsed) -> Finding | None:
    """The town, or that it is named in the other's line."""
    if not known.city and not typed.city:
        return None
    if not known.city or not typed.city:
        here, one, other = (known.city, typed, known) if known.city else (typed.city, known, typed)
        there = _around(one, other)
        similarity = covered(here, there) if there else 0.0
        if similarity < _PLACE_ALIKE and one.main and other.main:
            # `16 Telfs`, behind the street: the part with the number holds more than the other side's street.
            more = tuple(word for word in one.main if word not in other.main)
            similarity = max(similarity, covered(here, more)) if more else similarity
        return Finding("city", "in_line", similarity) if similarity >= _PLACE_ALIKE else None
    if typed.city == known.city:
        return _SAME_CITY
    similarity = max(
        ratio(" ".join(typed.city), " ".join(known.city)) / 100,
        0.95 * covered(typed.city, known.city + _around(known, typed) + tuple(known.region.split())),
        0.95 * covered(known.city, typed.city + _around(typed, known) + tuple(typed.region.split())),
    )
    return Finding("city", "said", similarity)


def _around(one: Parsed, other: Parsed) -> tuple[str, ...]:
    """The words of one's line that are not its street, as far as can be told: a street may have a town's name."""
    if len(one.parts) > 1 and one.main:
        rest = list(one.street)
        for word in one.main:
            if word in rest:
                rest.remove(word)
        return tuple(rest)
    rest = list(one.street)
    for word in other.main:
        if word in rest:
            rest.remove(word)
    return tuple(rest)


def place(typed: Parsed, known: Parsed, town: Finding | None, code: Finding | None) -> Finding | None:
    """The same street in another town is another street; without any town or code, it could be anywhere."""
    if not known.city and not known.postal_code:
        return None
    if town and (town.similarity or 0.0) >= _PLACE_ALIKE:
        return None
    is_slip = code is not None and code.level == "one_slip"
    if code and not code.level.startswith("other") and not (is_slip and _names_another(typed, known, town)):
        return None
    if typed.city or typed.postal_code or _unexplained(typed, known):
        level = "other_town" if town else "elsewhere"
    else:
        level = "nowhere"
    return Finding("place", f"{level}_same_name" if _is_same_name(typed, known) else level)


def _names_another(typed: Parsed, known: Parsed, town: Finding | None) -> bool:
    """Whether another town is named, in its field or in the line: then a postal code with a slip is that town's."""
    if typed.city and known.city:
        return town is not None and (town.similarity or 0.0) < _UNLIKE
    if not known.city or len(typed.parts) < 2:
        return False
    around = _without(typed.street, typed.main)
    return around != typed.street and any(_nearest(word, known.everything) == 0.0 for word in strong(around))


def _unexplained(typed: Parsed, known: Parsed) -> bool:
    """Whether the line says more than the known address does: a town of its own, most likely."""
    return any(_nearest(word, known.everything) == 0.0 for word in strong(typed.street) if word not in known.everything)


def postal_code(typed: Parsed, known: Parsed) -> Finding | None:
    """The postal code: one slip is forgiven, another code is not forbidden."""
    one, other = typed.postal_code, known.postal_code
    if not one or not other:
        return None
    if one == other:
        return _SAME_CODE
    if OSA.distance(one, other, score_cutoff=1) <= 1:
        return Finding("postal code", "one_slip")
    level = "part" if one[:3] == other[:3] or one.startswith(other) or other.startswith(one) else "other"
    return Finding("postal code", f"{level}_fine" if _is_fine(other) else level)


def region(typed: Parsed, known: Parsed) -> Finding | None:
    """The state or county, which people often leave out or get wrong."""
    if not typed.region or not known.region:
        return None
    is_same = typed.region == known.region or ratio(typed.region, known.region) > 80
    return _SAME_REGION if is_same else Finding("region", "other")


def country(typed: Parsed, known: Parsed) -> Finding | None:
    """Another country is another address."""
    if not typed.country or not known.country:
        return None
    return _SAME_COUNTRY if typed.country == known.country else Finding("country", "other")


def name(typed: Parsed, known: Parsed) -> Finding | None:
    """A business or a building, where both have one."""
    if known.name and not typed.name and covered(known.name, typed.street) >= _NAMED:
        return Finding("name", "in_line")
    if not typed.name or not known.name:
        return None
    if typed.name == known.name:
        return Finding("name", "said", 1.0)
    one, other = " ".join(typed.name), " ".join(known.name)
    similarity = max(
        ratio(one, other) / 100,
        ratio(" ".join(sorted(typed.name)), " ".join(sorted(known.name))) / 100,
        0.95 * covered(typed.name, known.name),
    )
    return Finding("name", "said", similarity)


# The same few lists of words are compared again and again for one candidate.
@lru_cache(maxsize=4_096)
def covered(words: tuple[str, ...], by: tuple[str, ...]) -> float:
    """
    How much of these words the others say too, 0 to 1; a kind of street counts less than its name.

    >>> covered(("lilas", "r"), ("rouen", "r", "lilas"))
    1.0
    """
    if not words:
        return 0.0
    others, weak = set(by), weak_words()
    total = sum_ = 0.0
    for word in words:
        is_strong = word not in weak
        weight = min(1.0, 0.4 + len(word) / 10) if is_strong else 0.25
        total += weight
        if word in others:
            sum_ += weight
        elif is_strong and not word.isdigit():
            sum_ += weight * _nearest(word, by)
    return sum_ / total


def _nearest(word: str, by: tuple[str, ...]) -> float:
    best, length = 0.0, len(word)
    for other in by:
        if (length == 1 or len(other) == 1) and word[0] == other[0] and not is_weak(other) and not is_weak(word):
            # `J J Rousseau`
            best = max(best, _INITIAL)
        if -3 <= len(other) - length <= 3:
            best = max(best, _alike(word, other))
        if best < _NAMED and word[:_STEM] == other[:_STEM] and len(word) != len(other):
            best = max(best, _short_compound(word, other))
    if best < 0.9:
        # A space too many or too few: `meredith c ircuit`, `newcastle uponTyne`.
        for one, two in pairwise(by):
            if -1 <= len(one) + len(two) - length <= 1:
                best = max(best, _alike(word, one + two))
    return best if best > 0.6 else 0.0


@lru_cache(maxsize=4_096)
def _short_compound(one: str, other: str) -> float:
    """
    How alike two words are where one shortens the kind of street at its end.

    >>> _short_compound("hallv", "hallvagen") == _short_compound("jachtln", "jachtlaan") > 0.9
    True
    """
    short, long = sorted((one, other), key=len)
    for end, shortened in _compounds():
        if long.endswith(end):
            stem = long[: -len(end)]
            for form in shortened:
                if short.endswith(form) and len(stem) >= _STEM:
                    return _SHORT_COMPOUND * OSA.normalized_similarity(short[: -len(form)], stem)
    return 0.0


@lru_cache(maxsize=1)
def _compounds() -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((end, tuple(forms)) for _, end, forms in sections("compounds"))


def _alike(one: str, other: str) -> float:
    slips = OSA.normalized_similarity(one, other, score_cutoff=0.5)
    return max(slips, JaroWinkler.similarity(one, other) - 0.05) if slips > 0.5 else 0.0


def _is_in_range(number: str, range_: str) -> bool:
    first, _, last = range_.partition("-")
    if not last or "-" in number:
        return False
    try:
        return int(first) <= int(number) <= int(last)
    except ValueError:
        return number in (first, last)
