"""
Japanese addresses, which have areas and blocks where others have streets and numbers.

From the largest to the smallest, without spaces: prefecture, city, ward, town, district (丁目), block (番地), house (号).
The area is compared as characters; nothing is put into Latin letters, which would make unlike names alike.
"""

import re
import unicodedata
from functools import cache
from typing import NamedTuple

from workers.matching.matcher.words import variants

_JAPANESE = re.compile(r"[\u3041-\u30ff]|丁目|番地|県|[都道府県][^a-z]{1,6}[市区町村郡]|[市区町村][^a-z]*[0-9]")
_HAN = re.compile(r"[\u3005\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_POSTAL_CODE = re.compile(r"〒 ?([0-9]{3})-?([0-9]{4})|(?<![0-9-])([0-9]{3})-([0-9]{4})(?![0-9-])")
_DASHES = re.compile(r"[\u2010-\u2015\u2212\u2043\u207b\ufe58\ufe63\uff0d\u2500\u2501~〜～]")
_LONG_VOWEL_AS_DASH = re.compile(r"(?<=[0-9])[ーｰ一](?=[0-9])")
_DIGITS = "〇一二三四五六七八九"
_NUMERAL = re.compile(
    rf"[{_DIGITS}十百千]+(?=丁目|丁[0-9]|番地|番[{_DIGITS}十0-9]+号|号|条|線|-)|[{_DIGITS}十百千]{{2,}}$"
)
_DISTRICT = re.compile(
    r"(?<=[0-9])(?:丁目?|番地?の?|番丁(?=[0-9])|号(?![室棟館])|[のノ之](?=[0-9]))(?=[0-9 (\[,-]|$|[^0-9町])"
)
_BLOCKS = re.compile(r"(?<![0-9])([0-9]+(?:-[0-9]+)*)(?![0-9条線区町村番ツつノの丁日ヶケが])-?")
_UNIT = re.compile(r"([0-9]{1,4})(?:号室|号|室)|([a-z]?-?[0-9]{1,4})$")
_FLOOR = re.compile(r"([0-9]+)(?:階|f)")
_NO_PART_OF_A_NAME = re.compile(r"大字|(?<=[市区町村郡])字|小字|[\s,.、。・]+")
_COUNTY = re.compile(r"(?<=.)[^都道府県市]{1,5}郡(?=.+[町村])")
_CITY = re.compile(
    r"^(?:東京都|北海道|京都府|大阪府|.{2,3}県)?((?:.+?市.{1,4}?区)|(?:.+?[市区])|(?:.+?郡)?(?:.+?[町村]))"
)
_COUNTRY = re.compile(r"^日本[ ,、]*(?=$|東京都|北海道|..府|.{2,3}県)")
_PREFECTURE = re.compile(r"^(?:東京都|北海道|京都府|大阪府|..県|...県)")


class Area(NamedTuple):
    """A Japanese address taken apart."""

    area: str
    """from the prefecture, where it is said, to the town"""
    blocks: str
    """numbers of district, block and house, ``3-11-30``"""
    unit: str
    postal_code: str


def is_japanese(text: str, country: str) -> bool:
    """Whether this is written in Japanese and says a place in Japan."""
    if country not in ("jp", "") or text.isascii() or not _HAN.search(text):
        return False
    if country or _POSTAL_CODE.search(text):
        return True
    return bool(_JAPANESE.search(unicodedata.normalize("NFKC", text)))


def read(line: str, postal_code: str, city: str, region: str) -> Area:
    """
    Take a Japanese address apart, whichever fields its parts are in.

    >>> read("富ケ谷二丁目20番7号", "", "渋谷区", "東京都")
    Area(area='東京都渋谷区富ケ谷', blocks='2-20-7', unit='', postal_code='')
    """
    line, city, region = plain(line), plain(city), plain(region)
    code_here, line = _without_code(line)
    code_there, city = _without_code(city)
    postal_code = postal_code or code_here or code_there
    line = _COUNTRY.sub("", line.strip(" ,、"))
    # What the fields say may be in the line as well.
    before = "" if _PREFECTURE.match(line) else region
    if city and city not in line:
        before += city.removeprefix(region) if region else city
    text = _LONG_VOWEL_AS_DASH.sub("-", before + line)
    text = _NUMERAL.sub(lambda numeral: str(number_of(numeral[0])), text)
    text = _DISTRICT.sub("-", text).replace("--", "-")
    if found := _BLOCKS.search(text):
        area, blocks, rest = text[: found.start()], found[1], text[found.end() :].strip(" -")
    else:
        area, _, rest = text.partition(" ")
        blocks = ""
    parts = [part.lstrip("0") or "0" for part in blocks.split("-") if part]
    unit = ""
    if len(parts) > 3:
        parts, unit = parts[:3], parts[3]
    elif named := _UNIT.search(rest):
        unit = (named[1] or named[2]).lstrip("-")
    elif floor := _FLOOR.search(rest):
        unit = f"{floor[1]}f"
    return Area(_name(area), "-".join(parts), unit, re.sub(r"\D", "", postal_code))


def _without_code(text: str) -> tuple[str, str]:
    found = _POSTAL_CODE.search(text)
    if not found:
        return "", text
    return "".join(group for group in found.groups() if group), (text[: found.start()] + text[found.end() :]).strip()


def plain(text: str) -> str:
    """One width, one kind of dash, new characters for old ones, one way to write the small ``ke``."""
    text = unicodedata.normalize("NFKC", text).lower()
    return _DASHES.sub("-", text).translate(_characters())


def number_of(numeral: str) -> int:
    """
    The number that Chinese numerals write.

    >>> number_of("二十三"), number_of("三"), number_of("一〇二")
    (23, 3, 102)
    """
    if not any(unit in numeral for unit in "十百千"):
        return int("".join(str(_DIGITS.index(digit)) for digit in numeral))
    total = digit = 0
    for sign in numeral:
        if sign in "十百千":
            total += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[sign]
            digit = 0
        else:
            digit = _DIGITS.index(sign)
    return total + digit


def without_prefecture(area: str) -> str:
    """The area from the city on: the prefecture is left out as often as not, and so is the county."""
    return _COUNTY.sub("", _PREFECTURE.sub("", area)) if area else area


def town_of(area: str) -> str:
    """The last part of the area, after the city."""
    found = _CITY.match(area)
    return area[found.end() :] if found else area


def _name(area: str) -> str:
    return _NO_PART_OF_A_NAME.sub("", area)


@cache
def _characters() -> dict[int, str]:
    found = {ord(old): new for old, new in variants("kanji")}
    found |= {ord(one): "ケ" for one in "ヶが"} | {ord("ガ"): "ケ", ord("ヵ"): "ケ"}
    return found | {ord("ッ"): "ツ", ord("っ"): "つ"}
