"""Chinese addresses, which run together: parted at the signs that end a province, a town, a number."""

import re

_HAN = re.compile(r"[\u4e00-\u9fff]")
_ONLY_CHINESE = re.compile(r"[路街巷弄道] ?[0-9]+[甲乙丙丁]? ?[号號]|[路街巷弄] ?[0-9]+$|省|自治区|(?<!号)室")
_NUMBER = re.compile(r"([0-9]+) ?([甲乙丙丁]?) ?[号號]([甲乙丙丁]?)")
_ROOM = re.compile(r"([0-9]+) ?[室房]")
_FLOOR = re.compile(r"([0-9]+) ?[楼樓层層]")
_BUILDING = re.compile(r"([0-9]+) ?[栋棟幢座]")
_PLACE = re.compile(r"([\u4e00-\u9fff]{2,}?(?:省|自治区|市|县|縣|区|區))(?=[\u4e00-\u9fff]{2})")
_TOWNS = frozenset("市县縣区區")
_SHORTEST = 2
"""signs of a name to which none for a town belongs"""
_SUFFIXES = {"甲": "a", "乙": "b", "丙": "c", "丁": "d", "": ""}
COUNTRIES = frozenset({"cn", "tw", "hk", "mo", "sg"})


def is_chinese(text: str, country: str) -> bool:
    """Whether this is written in Chinese signs, and not in Japanese ones."""
    if text.isascii() or (country not in COUNTRIES and country):
        return False
    return bool((_HAN if country else _ONLY_CHINESE).search(text))


def parted(line: str) -> str:
    """
    The line with spaces and commas where others write them.

    >>> parted("石家庄市长辛店东路21乙号202室")
    '石家庄,长辛店东路 21b , unit 202 '
    """
    line = _NUMBER.sub(lambda found: f" {found[1]}{_SUFFIXES[found[2] or found[3]]} ", line)
    for sign, word in ((_ROOM, "unit"), (_FLOOR, "floor"), (_BUILDING, "building")):
        line = sign.sub(rf", {word} \1 ", line)
    return _PLACE.sub(lambda found: f"{town(found[1])},", line)


def town(name: str) -> str:
    """
    The name of a town, county or district without the sign for what it is, in which unlike names would be alike.

    >>> town("三明市"), town("福建省")
    ('三明', '福建省')
    """
    return name[:-1] if len(name) > _SHORTEST and name[-1] in _TOWNS else name
