"""
What happens to an address between the register and the person who types it.

Each kind of noise is a function that changes a draft and says whether it found something to change. None of them makes
another address of it: house number, suffix and unit stay, and town or postal code can still be told.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from anyascii import anyascii

from workers.matching.learn.registers import Place, rural
from workers.matching.learn.styles import names

_NEIGHBOURS = dict(
    zip(
        "qwertyuiopasdfghjklzxcvbnm",
        [
            "wa",
            "qes",
            "wrd",
            "etf",
            "ryg",
            "tuh",
            "yij",
            "uok",
            "ipl",
            "o",
            "qsz",
            "awdx",
            "sefc",
            "drgv",
            "fthb",
            "gyjn",
            "hukm",
            "jil",
            "ko",
            "asx",
            "zsdc",
            "xdfv",
            "cfgb",
            "vghn",
            "bhjm",
            "njk",
        ],
        strict=False,
    )
)
_LOOK_ALIKE = {"o": "0", "l": "1", "i": "1", "s": "5", "b": "8", "m": "rn", "rn": "m", "cl": "d", "e": "c", "h": "b"}
_SOUND_ALIKE = (
    ("ph", "f"),
    ("ck", "k"),
    ("c", "k"),
    ("ie", "y"),
    ("y", "i"),
    ("ou", "u"),
    ("ei", "ai"),
    ("th", "t"),
    ("z", "s"),
    ("v", "w"),
    ("ll", "l"),
    ("n", "nn"),
    ("ea", "ee"),
    ("qu", "kw"),
    ("g", "j"),
)
_GERMANIC = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "å": "aa", "ø": "oe", "æ": "ae", "Ä": "Ae", "Ö": "Oe"}
)
_WIDE = str.maketrans("0123456789-", "０１２３４５６７８９−")
_KANJI = "〇一二三四五六七八九"


@dataclass
class Draft:
    """An address on its way through the noise, still in parts."""

    place: Place
    number: str
    street: str
    unit: str
    """a spelling of the unit around the line, empty without one"""
    line: str
    """a spelling of street and number"""
    box: str = ""
    before: str = ""
    after: str = ""
    name: str = ""
    code: str = ""
    town: str = ""
    region: str = ""
    country: str = ""
    finish: tuple[str, ...] = ()
    """what is done to the whole address at last, see ``queries.py``"""

    @classmethod
    def of(cls, place: Place) -> "Draft":
        """The address as the register has it."""
        style, street = place.style, place.street
        return cls(
            place,
            place.number,
            street.name,
            style.units[place.unit_kind][0] if place.unit else "",
            style.lines[0],
            "" if place.form == "house" else (style.box if place.form == "box" else style.rural)[0],
            place.house,
            place.extra,
            place.name,
            place.code,
            street.town.name,
            place.region,
            style.country,
        )

    def address(self) -> str:
        """The address line."""
        if self.box:
            line = rural(self.box, self.place) if self.place.form == "rural" else self.box.format(n=self.place.number)
        else:
            line = self.line.format(street=self.street, number=self.number) if self.number else self.street
        if self.unit:
            line = self.unit.format(line=line, u=self.place.unit, street=self.street)
        return ", ".join(part for part in (self.before, line, self.after) if part)


Noise = Callable[[Draft, Random], bool]


def other_order(draft: Draft, random: Random) -> bool:
    """Street and number as others write them."""
    lines = draft.place.style.lines[1:]
    if re.search(r"\{u\}\W?\{line\}", draft.unit):
        # `3/12`: the number stays where the unit is.
        lines = tuple(line for line in lines if line.startswith("{number}"))
    if draft.unit.startswith("{line}{u}"):
        lines = tuple(line for line in lines if not line.endswith("{number}"))
    if not draft.number or draft.box or not lines:
        return False
    draft.line = random.choice(lines)
    return True


def other_unit(draft: Draft, random: Random) -> bool:
    """The unit in another spelling."""
    spellings = draft.place.style.units[draft.place.unit_kind][1:]
    if not draft.line.startswith("{number}"):
        spellings = tuple(spelling for spelling in spellings if not re.search(r"\{u\}\W?\{line\}", spelling))
    if draft.line.endswith("{number}"):
        # Two numbers must not run together.
        spellings = tuple(spelling for spelling in spellings if not spelling.startswith("{line}{u}"))
    if not draft.unit or not spellings:
        return False
    draft.unit = random.choice(spellings)
    return True


def other_box(draft: Draft, random: Random) -> bool:
    """A post office box or a rural route in another spelling."""
    spellings = draft.place.style.box if draft.place.form == "box" else draft.place.style.rural
    if not draft.box or len(spellings) < 2:
        return False
    draft.box = random.choice(spellings[1:])
    return True


def other_number(draft: Draft, random: Random) -> bool:
    """The same house number in other signs: ``12 A``, ``12/14``, ``2-8-1``."""
    number = draft.number
    if "丁目" in number:
        chome, _, rest = number.partition("丁目")
        block, _, house = rest.partition("-")
        kanji = _KANJI[int(chome)] if int(chome) < 10 else chome
        draft.number = random.choice(
            (
                f"{chome}-{rest}",
                f"{kanji}丁目{rest}",
                f"{chome}丁目{block}番{house}号",
                f"{kanji}丁目{block}番地{house}",
                f"{chome}丁目{rest}".translate(_WIDE),
            )
        )
    elif suffixed := re.fullmatch(r"(\d+) ?([^\W\d]+)", number):
        first, letter = suffixed.groups()
        spellings = {
            f"{first}{letter.lower()}",
            f"{first}{letter.upper()}",
            f"{first} {letter}",
            f"{first} {letter.upper()}",
        }
        draft.number = random.choice(sorted(spellings - {number}))
    elif ranged := re.fullmatch(r"(\d+)-(\d+)", number):
        first, last = ranged.groups()
        draft.number = random.choice((f"{first} - {last}", f"{first}–{last}", f"{first}/{last}"))
    else:
        return False
    return True


def abbreviated(draft: Draft, random: Random) -> bool:
    """Words of the street short instead of long, or the other way round."""
    changed = draft.street
    for long, short in random.sample(draft.place.style.short, len(draft.place.style.short)):
        for one, other in ((long, short), (short, long)):
            found = re.search(rf"(?<!\w){re.escape(one)}(?!\w)", changed) or (
                re.search(rf"(?<=\w\w\w){re.escape(one)}$", changed) if one[:1].islower() else None
            )
            if found and found[0] != other and changed.strip() != found[0]:
                changed = changed[: found.start()] + other + changed[found.end() :]
                break
        if changed != draft.street and random.random() < 0.8:
            break
    changed = changed.strip()
    was, draft.street = draft.street, changed
    return changed != was


def no_kind(draft: Draft, random: Random) -> bool:
    """The street without its kind, where that leaves no doubt."""
    street = draft.place.street
    if street.is_twin or street.stem == street.name or len(street.stem) < 4 or draft.box:
        return False
    draft.street = street.stem
    return True


def word_left_out(draft: Draft, random: Random) -> bool:
    """A word of a long street missing."""
    words = draft.street.split()
    if len(words) < 3 or draft.place.street.is_twin:
        return False
    short = sorted(range(len(words)), key=lambda place: len(words[place]))[: len(words) - 2]
    del words[random.choice(short)]
    draft.street = " ".join(words)
    return True


def words_turned(draft: Draft, random: Random) -> bool:
    """The words of a street in another order."""
    words = draft.street.split()
    if len(words) < 3:
        return False
    place = random.randrange(len(words) - 1)
    words[place], words[place + 1] = words[place + 1], words[place]
    draft.street = " ".join(words)
    return True


def words_merged(draft: Draft, random: Random) -> bool:
    """A space left out."""
    places = [place for place, sign in enumerate(draft.street) if sign == " "]
    if not places:
        return False
    place = random.choice(places)
    draft.street = draft.street[:place] + draft.street[place + 1 :]
    return True


def word_split(draft: Draft, random: Random) -> bool:
    """A space too many."""
    if len(draft.street) < 7:
        return False
    place = random.randrange(2, len(draft.street) - 2)
    if " " in draft.street[place - 1 : place + 1]:
        return False
    draft.street = f"{draft.street[:place]} {draft.street[place:]}"
    return True


def slip(text: str, random: Random) -> str:
    """A letter wrong, missing, doubled, or two of them turned."""
    places = [place for place, sign in enumerate(text) if sign.isalpha()]
    if len(places) < 4:
        return text
    place = random.choice(places[1:] if random.random() < 0.8 else places)
    sign = text[place]
    match random.randrange(5):
        case 0:
            return text[:place] + text[place + 1 :]
        case 1:
            return text[:place] + sign + text[place:]
        case 2 if place + 1 < len(text) and text[place + 1].isalpha():
            return text[:place] + text[place + 1] + sign + text[place + 2 :]
        case 3:
            return text[:place] + _near(sign, text, random) + text[place:]
        case _:
            return text[:place] + _near(sign, text, random) + text[place + 1 :]


def _near(sign: str, text: str, random: Random) -> str:
    near = _NEIGHBOURS.get(sign.lower())
    if near:
        return random.choice(near)
    return random.choice([other for other in text if other.isalpha()])


def read_wrong(text: str, random: Random) -> str:
    """A letter as a machine misreads it."""
    found = [one for one in _LOOK_ALIKE if one in text.lower()]
    if not found:
        return text
    one = random.choice(found)
    place = random.choice([match.start() for match in re.finditer(re.escape(one), text.lower())])
    return text[:place] + _LOOK_ALIKE[one] + text[place + len(one) :]


def heard_wrong(text: str, random: Random) -> str:
    """A word as it sounds."""
    found = [(one, other) for one, other in _SOUND_ALIKE if one in text[1:]]
    if not found:
        return text
    one, other = random.choice(found)
    place = text.index(one, 1)
    return text[:place] + other + text[place + len(one) :]


def typo(draft: Draft, random: Random) -> bool:
    """A slip in the street."""
    was, draft.street = draft.street, slip(draft.street, random)
    return draft.street != was


def two_typos(draft: Draft, random: Random) -> bool:
    """Two slips in a street long enough for them."""
    if len(draft.street) < 9:
        return False
    was, draft.street = draft.street, slip(slip(draft.street, random), random)
    return draft.street != was


def misread(draft: Draft, random: Random) -> bool:
    """A street read by a machine."""
    was = draft.street
    words = was.split()
    place = max(range(len(words)), key=lambda place: len(words[place])) if words else 0
    if words and len(words[place]) > 4:
        words[place] = read_wrong(words[place], random)
    draft.street = " ".join(words)
    return draft.street != was


def misheard(draft: Draft, random: Random) -> bool:
    """A street written as it sounds."""
    was, draft.street = draft.street, heard_wrong(draft.street, random)
    return draft.street != was


def typo_in_town(draft: Draft, random: Random) -> bool:
    """A slip in the town."""
    was = draft.town
    change = random.choice((slip, slip, slip, heard_wrong, read_wrong))
    draft.town = change(was, random)
    return draft.town != was


def typo_in_name(draft: Draft, random: Random) -> bool:
    """A slip in the name."""
    was, draft.name = draft.name, slip(draft.name, random)
    return draft.name != was


def other_name(draft: Draft, random: Random) -> bool:
    """Somebody at the address, who is not what the register calls it."""
    known = names(draft.place.style.country)
    surname = random.choice(known.surnames)
    if random.random() < 0.6:
        draft.name = f"{random.choice(known.given)} {surname}"
    else:
        draft.name = random.choice(draft.place.style.business).format(s=surname)
    return True


def no_name(draft: Draft, random: Random) -> bool:
    """The name left out."""
    was, draft.name = draft.name, ""
    return bool(was)


def name_in_line(draft: Draft, random: Random) -> bool:
    """The name at the beginning of the address line."""
    if not draft.name:
        return False
    draft.before, draft.name = ", ".join(part for part in (draft.name, draft.before) if part), ""
    return True


def words_around(draft: Draft, random: Random) -> bool:
    """More words than the register has: an estate, a building, a suburb."""
    style = draft.place.style
    if not style.extra or draft.box:
        return False
    words = random.choice(style.extra).format(s=random.choice(names(style.country).surnames))
    if random.random() < 0.3 and not draft.before:
        draft.before = words
    else:
        draft.after = f"{draft.after}, {words}" if draft.after else words
    return True


def words_around_left_out(draft: Draft, random: Random) -> bool:
    """What the register has beside street and number left out."""
    was, draft.after = draft.after, ""
    return bool(was)


def suburb(draft: Draft, random: Random) -> bool:
    """A part of the town instead of it, or beside it, where the code says which town is meant."""
    if draft.code != draft.place.code or not draft.code or not draft.town:
        return False
    part = random.choice(names(draft.place.style.country).surnames)
    part = random.choice((f"{part}", f"{part} {draft.town}", f"{draft.town}-{part}", f"{draft.town} {part}"))
    draft.town = random.choice((part, part, f"{part}, {draft.town}"))
    return True


def no_code(draft: Draft, random: Random) -> bool:
    """The postal code left out."""
    if not draft.town or draft.town != draft.place.street.town.name:
        return False
    was, draft.code = draft.code, ""
    return bool(was)


def no_town(draft: Draft, random: Random) -> bool:
    """The town left out, where the code says which one is meant."""
    if draft.code != draft.place.code:
        return False
    was, draft.town = draft.town, ""
    return bool(was)


def wrong_code(draft: Draft, random: Random) -> bool:
    """The postal code with a slip, where the town is right."""
    code = draft.code
    digits = [place for place, sign in enumerate(code) if sign.isalnum()]
    if len(digits) < 3 or not draft.town or draft.town != draft.place.street.town.name:
        return False
    place = random.choice(digits[1:])
    match random.randrange(4):
        case 0:
            draft.code = code[:place] + code[place + 1 :]
        case 1 if code[place - 1].isalnum():
            draft.code = code[: place - 1] + code[place] + code[place - 1] + code[place + 1 :]
        case _:
            other = str(random.randrange(10)) if code[place].isdigit() else random.choice("ABEHLNRSTW")
            draft.code = code[:place] + other + code[place + 1 :]
    return draft.code != code


def other_code(draft: Draft, random: Random) -> bool:
    """The postal code of somewhere else, where the town is right; seldom where codes are so fine that people know theirs."""
    if (
        not draft.code
        or draft.town != draft.place.street.town.name
        or (draft.place.style.fine and random.random() < 0.7)
    ):
        return False
    was = draft.code
    digits = [str(random.randrange(10)) if sign.isdigit() else sign for sign in was]
    keep = random.choice((1, 2, 3))
    draft.code = was[:keep] + "".join(digits[keep:])
    return draft.code != was


def no_region(draft: Draft, random: Random) -> bool:
    """The region left out."""
    was, draft.region = draft.region, ""
    return bool(was)


def other_region(draft: Draft, random: Random) -> bool:
    """Another region, or one of another kind: a county for a state, a code; the code and the town are right."""
    known = names(draft.place.style.country)
    regions = known.regions or tuple(sorted({region for _, region in known.towns if region}))
    if not draft.region or not draft.code or not draft.town:
        return False
    was = draft.region
    if regions and random.random() < 0.3:
        draft.region = random.choice(regions)
    else:
        draft.region = random.choice((random.choice(known.surnames), was[:2].upper(), f"{was[0]}{was[-1]}".upper()))
    return draft.region != was


def town_and_region_turned(draft: Draft, random: Random) -> bool:
    """Town and region in each other's fields."""
    if not draft.region or not draft.town:
        return False
    draft.town, draft.region = draft.region, draft.town
    return True


def without_accents(draft: Draft, random: Random) -> bool:
    """Plain letters, as somebody without the right keyboard types them."""
    return _everywhere(draft, _plain if random.random() < 0.6 else _germanic)


def in_latin(draft: Draft, random: Random) -> bool:
    """Another script in Latin letters; of Japanese the signs do not tell the sounds, so that nobody writes it like this."""
    if draft.place.style.country == "jp" or draft.street.isascii() or ord(max(draft.street)) < 0x370:
        return False
    return _everywhere(draft, anyascii)


def _plain(text: str) -> str:
    return anyascii(text) if ord(max(text, default="a")) < 0x250 else text


def _germanic(text: str) -> str:
    return _plain(text.translate(_GERMANIC))


def _everywhere(draft: Draft, change: Callable[[str], str]) -> bool:
    changed = False
    for field in ("street", "town", "region", "name", "before", "after", "unit", "number", "line"):
        was = getattr(draft, field)
        now = change(was)
        changed |= now != was
        setattr(draft, field, now)
    return changed


def _finishing(what: str) -> Noise:
    def finish(draft: Draft, random: Random) -> bool:
        if what in draft.finish or (what == "one_line" and draft.place.style.whole and not draft.town):
            return False
        draft.finish += (what,)
        return True

    finish.__name__ = what
    return finish


SLIPS = frozenset(["typo", "two_typos", "misread", "misheard", "word_left_out"])
"""noise in the letters of a street, of which an address has one kind at most"""

# How often, compared with the others, and what.
KINDS: tuple[tuple[int, Noise], ...] = (
    (6, other_order),
    (10, other_unit),
    (10, other_box),
    (8, other_number),
    (12, abbreviated),
    (3, no_kind),
    (2, word_left_out),
    (2, words_turned),
    (3, words_merged),
    (2, word_split),
    (10, typo),
    (5, two_typos),
    (3, misread),
    (3, misheard),
    (5, typo_in_town),
    (3, typo_in_name),
    (6, other_name),
    (3, no_name),
    (3, name_in_line),
    (5, words_around),
    (4, words_around_left_out),
    (7, suburb),
    (7, no_code),
    (5, no_town),
    (7, wrong_code),
    (3, other_code),
    (3, no_region),
    (8, other_region),
    (1, town_and_region_turned),
    (4, without_accents),
    (3, in_latin),
    (10, _finishing("one_line")),
    (3, _finishing("town_in_line")),
    (2, _finishing("code_in_line")),
    (2, _finishing("code_in_town")),
    (1, _finishing("line_in_name")),
    (1, _finishing("number_in_name")),
    (4, _finishing("upper")),
    (4, _finishing("lower")),
    (3, _finishing("no_signs")),
    (2, _finishing("spaces")),
)
