"""
Registers of any size, made up street by street: real names, each country's own way to write.

The same seed makes the same register. Nothing but the street at hand is kept in memory, so that ten million rows stream.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from workers.matching.learn.styles import Names, Style, names, styles

_LETTERS = "ABCDEFGHJKLMNPRSTUWXYZ"
_ROWS_OF_A_STREET = 60
_ROWS_OF_A_TOWN = 25
"""how many rows a town has before another one is added"""


@dataclass(frozen=True, slots=True)
class Town:
    """A town, and the beginning of its postal codes."""

    style: Style
    name: str
    region: str
    code: str


@dataclass(frozen=True, slots=True)
class Street:
    """A street of a town."""

    town: Town
    name: str
    stem: str
    """its name without the kind of street"""
    is_twin: bool = False
    """another street of the town has the same stem, so that the kind matters"""


class Place(NamedTuple):
    """A known address, still in parts."""

    street: Street
    code: str
    number: str = ""
    """house number, with suffix or as a range; of a post office box its number"""
    unit: str = ""
    unit_kind: int = 0
    house: str = ""
    """the name of a house"""
    extra: str = ""
    name: str = ""
    region: str = ""
    form: str = "house"
    """``house``, or ``box`` and ``rural``, which have no street"""

    @property
    def style(self) -> Style:
        """How its country writes."""
        return self.street.town.style

    def what(self) -> tuple[str, str, str, str]:
        """What makes it another address than its neighbours."""
        return self.form, self.number.lower(), self.unit.lower(), self.house

    def line(self) -> str:
        """The address line as the register writes it."""
        style = self.style
        if self.form == "box":
            return style.box[0].format(n=self.number)
        if self.form == "rural":
            return rural(style.rural[0], self)
        line = style.lines[0].format(street=self.street.name, number=self.number) if self.number else self.street.name
        if self.unit:
            line = style.units[self.unit_kind][0].format(line=line, u=self.unit, street=self.street.name)
        if self.house:
            line = f"{self.house}, {line}"
        return f"{line}, {self.extra}" if self.extra else line

    def row(self) -> tuple[str, str, str, str, str, str]:
        """Name, address, postal code, city, region and country, as columns of a register."""
        town = self.street.town
        return self.name, self.line(), self.code, town.name, self.region, town.style.country


def rural(form: str, place: Place) -> str:
    """A rural route: its number and the box at it."""
    route, _, box = place.number.partition("/")
    return form.format(a=route, b=box, number=box, street=place.street.name)


def groups(rows: int, seed: int) -> Iterator[list[Place]]:
    """Exactly so many different addresses, those of a street together."""
    every = tuple(styles().values())
    left, weights = rows, sum(style.weight for style in every)
    for style in every:
        share = round(left * style.weight / weights)
        left, weights = left - share, weights - style.weight
        yield from _country(style, share, Random(f"{seed} {style.country}"))


def towns_of(style: Style) -> list[Town]:
    """The towns of a country; the same ones have the same codes in every register."""
    known = names(style.country)
    return [_town(style, known, place, name, region) for place, (name, region) in enumerate(known.towns)]


def _town(style: Style, known: Names, place: int, name: str, region: str) -> Town:
    random = Random(f"{style.country} {place} {name}")
    if not region and known.regions:
        region = random.choice(known.regions)
    return Town(style, name, region, _fill(style.code[: style.code_town], random))


def _country(style: Style, rows: int, random: Random) -> Iterator[list[Place]]:
    towns = towns_of(style)[: max(2, rows // _ROWS_OF_A_TOWN)]
    known = names(style.country)
    left, weights = rows, sum(1 / (rank + 6) for rank in range(len(towns)))
    for rank, town in enumerate(towns):
        share = round(left * (1 / (rank + 6)) / weights) if rank < len(towns) - 1 else left
        left, weights = left - share, weights - 1 / (rank + 6)
        yield from _fill_town(town, known, share, random)


def _fill_town(town: Town, known: Names, rows: int, random: Random) -> Iterator[list[Place]]:
    style = town.style
    boxes = min(sum(random.random() < style.box_share for _ in range(min(rows, 400))), rows - 1) if rows > 4 else 0
    if boxes:
        yield _boxes(town, boxes, random)
    left = rows - max(boxes, 0)
    size = min(_ROWS_OF_A_STREET, max(5, int(rows**0.5)))
    taken: set[str] = set()
    stems: set[str] = set()
    while left > 0:
        street = _street(town, known, taken, stems, random)
        # Where all names are taken, the last streets are as long as it takes.
        wanted = min(left, max(2, int(random.expovariate(1 / size)))) if street else left
        places = _houses(street or _spare_street(town, len(taken)), known, wanted, random)
        taken.add(places[0].street.name)
        left -= len(places)
        yield places


def _street(town: Town, known: Names, taken: set[str], stems: set[str], random: Random) -> Street | None:
    style = town.style
    for _ in range(30):
        # Some names are everywhere, most are rare.
        stem = known.streets[int(len(known.streets) * random.random() ** 2)]
        name = stem
        if style.kinds:
            kind = random.choice(style.kinds)
            if "{n}" not in kind:
                stem = kind.format(s=random.choice(known.surnames), a=random.randrange(1, 160))
            name = kind.format(n=stem, s="", a=random.randrange(2, 60)) if "{n}" in kind else stem
        if name not in taken:
            street = Street(town, name, stem, stem in stems)
            stems.add(stem)
            return street
    return None


def _spare_street(town: Town, count: int) -> Street:
    kinds = town.style.kinds
    return Street(town, (kinds[0] if kinds else "{n}").format(n=f"{count}", s=f"{count}", a=count), str(count), True)


def _boxes(town: Town, count: int, random: Random) -> list[Place]:
    style, street, code = town.style, Street(town, "", "", True), _code(town, random)
    region = _region(town, random)
    found: dict[str, Place] = {}
    while len(found) < count:
        if style.rural and random.random() < 0.4 and "{street}" not in style.rural[0]:
            number = f"{random.randrange(1, 9)}/{random.randrange(1, 400)}"
            found[number] = Place(street, code, number, region=region, form="rural")
        else:
            number = str(random.randrange(1, 9_000))
            found[number] = Place(street, code, number, region=region, form="box")
    return list(found.values())


def _houses(street: Street, known: Names, wanted: int, random: Random) -> list[Place]:
    """So many addresses of a street, in the order of the houses."""
    style = street.town.style
    region, code = _region(street.town, random), _code(street.town, random)
    # Where streets have blocks, numbers begin at some hundred; elsewhere mostly low.
    number = random.randrange(style.block) * 100 if style.block > 1 else int(120 * random.random() ** 4)
    named = list(style.houses) if random.random() < 0.3 else []
    found: list[Place] = []
    while len(found) < wanted:
        chance = random.random()
        number += 1 + int(2.5 * chance * chance * chance)
        if style.fine and len(found) % 16 == 15:
            code = _code(street.town, random)
        if named and chance < 0.15:
            house = named.pop(random.randrange(len(named)))
            found.append(Place(street, code, house=house, region=region))
            continue
        written = _number(style, number, random)
        if chance > 0.97 and written.isdigit() and style.suffixes:
            found.append(Place(street, code, f"{written}-{number + 2}", region=region))
            number += 2
            continue
        if random.random() < style.unit_share:
            found += _units(street, code, written, region, random)
        else:
            name = household(style, known, random)
            extra = ""
            if style.extra and random.random() < 0.04:
                extra = random.choice(style.extra).format(s=random.choice(known.surnames))
            found.append(Place(street, code, written, name=name, region=region, extra=extra))
        if style.suffixes and random.random() < 0.06 and written.isdigit():
            suffix = random.choice(style.suffixes)
            found.append(Place(street, code, with_suffix(written, suffix), region=region))
    return found[:wanted]


def with_suffix(number: str, suffix: str) -> str:
    """``12a``, but ``12 bis``."""
    return f"{number}{suffix}" if len(suffix) == 1 else f"{number} {suffix}"


def _number(style: Style, number: int, random: Random) -> str:
    match style.numbers:
        case "japanese":
            # Two houses in three stand at a numbered block, the others at a plain lot.
            a, b, c = number // 40 + 1, number % 40 // 4 + 1, number % 40 % 4 * 5 + random.randrange(1, 6)
            return f"{a}丁目{b}-{c}" if b % 3 else f"{1000 + number * 7 + c}"
        case "crossing":
            return f"{number % 90 + 1}-{number // 90 * 7 + number % 90}"
        case "double" if random.random() < 0.4:
            return f"{1000 + number * 3}/{number}"
        case "lots" if random.random() < 0.2:
            return f"{number}-{random.randrange(1, 9)}"
        case _:
            return str(number)


def _units(street: Street, code: str, number: str, region: str, random: Random) -> list[Place]:
    style = street.town.style
    kind = random.randrange(len(style.units))
    count = random.randrange(2, 9)
    floors = style.unit_numbers == "floors" or (count > 5 and random.random() < 0.5)
    if floors:
        units = [str(100 * (1 + place // 2) + 1 + place % 2) for place in range(count)]
    elif style.unit_numbers == "plain" and random.random() < 0.15:
        units = list("ABCDEFGH"[:count])
    else:
        units = [str(1 + place) for place in range(count)]
    found = [Place(street, code, number, unit, kind, region=region) for unit in units]
    # Some registers know the building as well.
    return [Place(street, code, number, region=region), *found] if random.random() < 0.2 else found


def household(style: Style, known: Names, random: Random) -> str:
    """Who is there: often nobody is said, else a person or a business."""
    chance = random.random()
    if chance < 0.15:
        return random.choice(style.business).format(s=random.choice(known.surnames))
    return person(known, random) if chance < 0.25 else ""


def person(known: Names, random: Random) -> str:
    """A person's name."""
    return f"{random.choice(known.given)} {random.choice(known.surnames)}"


def _region(town: Town, random: Random) -> str:
    return town.region if town.region and random.random() < (town.style.region_share or 1.0) else ""


def _code(town: Town, random: Random) -> str:
    pattern = town.style.code[town.style.code_town :]
    if town.style.fine:
        return town.code + _fill(pattern, random)
    # A few codes per town, however many streets it has.
    return town.code + "".join(str(random.randrange(3)) if sign == "#" else sign for sign in pattern)


def _fill(pattern: str, random: Random) -> str:
    signs = []
    for place, sign in enumerate(pattern):
        if sign == "#":
            signs.append(str(random.randrange(1 if place == 0 else 0, 10)))
        else:
            signs.append(random.choice(_LETTERS) if sign == "@" else sign)
    return "".join(signs)
