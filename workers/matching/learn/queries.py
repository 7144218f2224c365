"""
Typed addresses whose answers are known, made from the addresses of a register.

A share of the answers is taken out of the register and a near neighbour put in: another number, suffix, unit, street or
town. Whoever gives the neighbour as the answer is wrong; that is what makes a matcher honest.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from random import Random

from workers.matching.learn.noise import KINDS, SLIPS, Draft
from workers.matching.learn.registers import Place, Street, groups, household, towns_of, with_suffix
from workers.matching.learn.styles import names

GONE = 0.2
"""the share of queries whose answer is taken out of the register"""
_NOISES = (0, 1, 1, 1, 2, 2, 2, 3, 3, 4)
"""how many kinds of noise a query has, each as often as it stands here"""


@dataclass(frozen=True, slots=True)
class Typed:
    """A query, as a row of a file."""

    id: str
    name: str
    address: str
    postal_code: str
    city: str
    region: str
    country: str
    gold_id: str
    kind: str

    def row(self) -> tuple[str, ...]:
        """The columns of a file of queries."""
        return (
            self.id,
            self.name,
            self.address,
            self.postal_code,
            self.city,
            self.region,
            self.country,
            self.gold_id,
            self.kind,
        )


def with_queries(
    rows: int, seed: int, queries: int, gone: float = GONE
) -> Iterator[tuple[tuple[str, ...] | None, Typed | None]]:
    """
    A register's rows and, among them, the queries that were made from it.

    :return: pairs of which one is ``None``, in the order of the register
    """
    random = Random(f"queries {seed}")
    wanted = set(random.sample(range(rows), min(queries, rows)))
    position = 0
    for group in groups(rows, seed):
        taken = {place.what() for place in group}
        for place in group:
            id = f"r{position}"
            if position in wanted:
                if random.random() < gone:
                    neighbour, kind = near(place, taken, random)
                    yield None, query(place, f"q{position}", "", kind, random)
                    place = neighbour
                else:
                    yield None, query(place, f"q{position}", id, "", random)
            yield (id, *place.row()), None
            position += 1


def near(place: Place, taken: set[tuple[str, str, str, str]], random: Random) -> tuple[Place, str]:
    """
    A neighbour of a place that is not in the register yet, and what is other about it.

    Another household lives there: the same one next door is more likely a slip in the number than another address, and
    no label could say which.
    """
    found: list[tuple[str, Callable[[], Place | None]]] = [("gone_town", lambda: _other_town(place, random))] * 3
    if place.form == "house" and place.number:
        found.append(("gone_street", lambda: _other_street(place, random)))
    if place.unit:
        found += [("gone_unit", lambda: _other_unit(place, random))] * 3
    if re.fullmatch(r"\d+", place.number):
        found += [("gone_number", lambda: _other_number(place, random))] * 2
        if place.style.suffixes and place.form == "house":
            found += [("gone_suffix", lambda: _other_suffix(place, random))] * 2
    elif place.number:
        found += [("gone_number", lambda: _other_parts(place, random))] * 3
    random.shuffle(found)
    for kind, make in found:
        other = make()
        if other and (other.street != place.street or other.what() not in taken):
            taken.add(other.what())
            return _moved_in(other, place, random), kind
    return _moved_in(_other_town(place, random), place, random), "gone_town"


def _moved_in(neighbour: Place, place: Place, random: Random) -> Place:
    """The neighbour with somebody else there, if anybody was said to be at the place."""
    name = place.name
    while name and name == place.name:
        name = household(place.style, names(place.style.country), random)
    return neighbour._replace(name=name)


def _other_number(place: Place, random: Random) -> Place:
    return place._replace(number=str(max(1, int(place.number) + random.choice((-2, -1, 1, 2, 4, 10, 100)))))


def _other_parts(place: Place, random: Random) -> Place | None:
    """The last part tells, but neither part of `1234/5` or of the range `12-14` may stay: each of them names the house."""
    parts = [int(part) for part in re.findall(r"\d+", place.number)]
    if not parts:
        return None
    further = random.choice((1, 2, 3))
    if place.style.numbers == "double" and len(parts) == 2:
        return place._replace(number=f"{parts[0] + 3 * further}/{parts[1] + further}")
    if place.style.numbers == "plain" and place.form == "house" and len(parts) == 2:
        further += parts[1] - parts[0]
        return place._replace(number=f"{parts[0] + further}-{parts[1] + further}")
    return place._replace(number=re.sub(r"\d+(?=\D*$)", str(parts[-1] + further), place.number))


def _other_suffix(place: Place, random: Random) -> Place:
    return place._replace(number=with_suffix(place.number, random.choice(place.style.suffixes)))


def _other_unit(place: Place, random: Random) -> Place:
    if place.unit.isdigit():
        return place._replace(unit=str(max(1, int(place.unit) + random.choice((-1, 1, 1, 10, 100)))))
    return place._replace(unit=random.choice("ABCDEFGHJK"))


def _other_street(place: Place, random: Random) -> Place | None:
    street = place.street
    other = random.choice(names(street.town.style.country).streets)
    if street.town.style.kinds:
        other = random.choice(street.town.style.kinds).format(n=other, s=other, a=random.randrange(160, 320))
    if other == street.name:
        return None
    return place._replace(street=Street(street.town, other, other, True))


def _other_town(place: Place, random: Random) -> Place:
    style, street = place.style, place.street
    # Another code as well, or whoever leaves the town out would mean either.
    towns = [town for town in towns_of(style) if town.name != street.town.name]
    town = random.choice([town for town in towns if town.code != street.town.code] or towns)
    code = town.code + place.code[len(town.code) :]
    region = town.region if place.region else ""
    return place._replace(street=Street(town, street.name, street.stem, True), code=code, region=region)


def query(place: Place, id: str, gold: str, kind: str, random: Random) -> Typed:
    """A place as somebody might type it."""
    draft = Draft.of(place)
    noises: list[str] = []
    if not place.region and place.street.town.region and random.random() < 0.3:
        draft.region = place.street.town.region
    kinds, weights = [noise for _, noise in KINDS], [weight for weight, _ in KINDS]
    wanted = random.choice(_NOISES)
    for noise in random.choices(kinds, weights, k=4 * wanted):
        name = noise.__name__
        # One slip of a kind in the street: with several of them, nobody could tell a short one any more.
        if len(noises) < wanted and name not in noises and not (name in SLIPS and SLIPS & set(noises)):
            noises += [name] if noise(draft, random) else []
    draft.country = _country(draft, random)
    fields = finished(draft, random)
    return Typed(id, *fields, gold, kind or "+".join(noises) or "exact")


def _country(draft: Draft, random: Random) -> str:
    # Without a code, the country is part of what tells the town.
    if random.random() < 0.3 and draft.code == draft.place.code:
        return ""
    return draft.country if random.random() < 0.8 else draft.country.upper()


def finished(draft: Draft, random: Random) -> tuple[str, str, str, str, str, str]:
    """Name, address, postal code, city, region and country, as typed."""
    fields = {
        "name": draft.name,
        "address": draft.address(),
        "postal_code": draft.code,
        "city": draft.town,
        "region": draft.region,
        "country": draft.country,
    }
    for what in sorted(draft.finish, key=_LAST.index):
        _FINISH[what](fields, draft, random)
    return (
        fields["name"],
        fields["address"],
        fields["postal_code"],
        fields["city"],
        fields["region"],
        fields["country"],
    )


Fields = dict[str, str]


def _one_line(fields: Fields, draft: Draft, random: Random) -> None:
    form = random.choice(draft.place.style.towns)
    parts = {key: fields[key] for key in ("region", "city", "postal_code")}
    said = {"town": parts["city"], "region": parts["region"], "code": parts["postal_code"]}
    if "{line}" in form:
        # One word is all there is: where the line is written in Latin letters, it stays apart.
        form = (
            form if not fields["address"].isascii() else form.replace("{line}", " {line}").replace("{town}", " {town}")
        )
        fields["address"] = _tidied(form.format(line=fields["address"], **said))
    else:
        end = _tidied(form.format(**said))
        joint = random.choice((", ", ", ", " "))
        if random.random() < 0.1:
            fields["address"] = f"{end}{joint}{fields['address']}"
        else:
            fields["address"] = f"{fields['address']}{joint}{end}"
        # What the form has no place for is said nevertheless, or nobody could tell the town.
        if "{town}" not in form and said["town"]:
            fields["address"] += f", {said['town']}"
    if fields["name"] and random.random() < 0.5:
        fields["address"], fields["name"] = f"{fields['name']}, {fields['address']}", ""
    used = form.format_map({"town": "", "region": "r", "code": "c", "line": ""})
    fields["city"] = ""
    if "c" in used:
        fields["postal_code"] = ""
    if "r" in used:
        fields["region"] = ""


_ANNOUNCES_NOTHING = re.compile(r"(?:^|\s)-(?=\s|$)|\b[A-Z]{1,2}-(?=\s|$)|\b[гм]\.(?= ?,|$)")
"""what stands before a code or a town where neither follows"""


def _tidied(text: str) -> str:
    text = re.sub(r"\(\s*\)|〒(?=\D)", "", text)
    text = _ANNOUNCES_NOTHING.sub(" ", re.sub(r"\s*,(\s*,)*", ",", text))
    return re.sub(r"\s+", " ", text).strip(" ,-")


def _town_in_line(fields: Fields, draft: Draft, random: Random) -> None:
    if fields["city"]:
        fields["address"] = f"{fields['address']}, {fields['city']}"
        if random.random() < 0.6:
            fields["city"] = ""


def _code_in_line(fields: Fields, draft: Draft, random: Random) -> None:
    if fields["postal_code"]:
        fields["address"], fields["postal_code"] = f"{fields['address']}, {fields['postal_code']}", ""


def _code_in_town(fields: Fields, draft: Draft, random: Random) -> None:
    if fields["postal_code"] and fields["city"]:
        fields["city"], fields["postal_code"] = f"{fields['postal_code']} {fields['city']}", ""


def _line_in_name(fields: Fields, draft: Draft, random: Random) -> None:
    if not fields["name"]:
        fields["name"], fields["address"] = fields["address"], ""


def _number_in_name(fields: Fields, draft: Draft, random: Random) -> None:
    number = draft.number
    if not fields["name"] and number and fields["address"].startswith(f"{number} ") and "one_line" not in draft.finish:
        fields["name"], fields["address"] = number, fields["address"][len(number) + 1 :]


def _upper(fields: Fields, draft: Draft, random: Random) -> None:
    fields.update({key: text.upper() for key, text in fields.items()})


def _lower(fields: Fields, draft: Draft, random: Random) -> None:
    fields.update({key: text.lower() for key, text in fields.items()})


def _no_signs(fields: Fields, draft: Draft, random: Random) -> None:
    text = re.sub(r"(?<=\D)[.,](?=\s|$)|(?<=\d),(?=\s)", "", fields["address"])
    fields["address"] = re.sub(r"['’`]", random.choice(("", " ", "'")), text)


def _spaces(fields: Fields, draft: Draft, random: Random) -> None:
    fields["address"] = re.sub(" ", lambda _: random.choice((" ", " ", "  ")), f" {fields['address']} ")
    fields["postal_code"] = fields["postal_code"].replace(" ", "")


_FINISH: dict[str, Callable[[Fields, Draft, Random], None]] = {
    "number_in_name": _number_in_name,
    "town_in_line": _town_in_line,
    "code_in_line": _code_in_line,
    "code_in_town": _code_in_town,
    "one_line": _one_line,
    "line_in_name": _line_in_name,
    "no_signs": _no_signs,
    "spaces": _spaces,
    "upper": _upper,
    "lower": _lower,
}
_LAST = list(_FINISH)
"""the order in which the whole address is finished"""


def halves(
    pairs: Iterable[tuple[tuple[str, ...] | None, Typed | None]],
) -> tuple[list[tuple[str, ...]], list[Typed]]:
    """The register and the queries, both in memory; for registers small enough."""
    register: list[tuple[str, ...]] = []
    queries: list[Typed] = []
    for row, typed in pairs:
        if row is not None:
            register.append(row)
        if typed is not None:
            queries.append(typed)
    return register, queries
