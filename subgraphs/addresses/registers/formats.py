"""Tables of addresses: the plain one, OpenAddresses, and the French Base Adresse Nationale."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from subgraphs.addresses.registers.entry import (
    TEXTS,
    Columns,
    Entry,
    FileFormat,
    Wish,
    WrongCell,
    place,
    reference_by_content,
)
from subgraphs.chassis.csv_upload import Row, column_name

NUMBER_FIRST = frozenset(
    [
        "AU",
        "BD",
        "BM",
        "BB",
        "BS",
        "CA",
        "CY",
        "DZ",
        "EG",
        "FR",
        "GB",
        "GG",
        "HK",
        "IE",
        "IM",
        "IN",
        "JE",
        "JM",
        "KE",
        "LK",
        "LU",
        "MA",
        "MC",
        "MT",
        "MY",
        "NG",
        "NZ",
        "PH",
        "PK",
        "SG",
        "TN",
        "TT",
        "US",
        "ZA",
    ]
)
"""countries where the house number is written before the street; where nobody says which country it is, too"""

OPENADDRESSES_COLUMNS = (
    "lon", "lat", "number", "street", "unit", "city", "district", "region", "postcode", "id", "hash",
)  # fmt: skip
BAN_COLUMNS = ("id", "numero", "rep", "nom_voie", "code_postal", "nom_commune", "lon", "lat")
_BAN_NO_NUMBER = "99999"
"""stands in the house number of a place that has none"""
_LATITUDES, _LONGITUDES = ("latitude", "lat"), ("longitude", "lon", "lng")


@dataclass(frozen=True)
class Table:
    """How one kind of table is read."""

    columns: tuple[str, ...]
    required: tuple[str, ...]
    """the header must have them"""
    filled: tuple[str, ...]
    """no row may leave them empty"""
    entry: Callable[[Row], Entry]


def table_of(format: FileFormat, wish: Wish) -> Table:
    """The table of a format."""
    if format is FileFormat.OPENADDRESSES_CSV:
        required = ("lon", "lat", "number", "street")
        return Table(OPENADDRESSES_COLUMNS, required, (), lambda row: openaddresses(row, row.values, wish))
    if format is FileFormat.BAN_CSV:
        needed = ("id", "numero", "nom_voie", "code_postal", "nom_commune")
        return Table(BAN_COLUMNS, needed, ("nom_voie", "nom_commune"), _ban)
    if wish.columns is not None:
        return _mapped(wish.columns, wish)
    known = ("id", *TEXTS, *_LATITUDES, *_LONGITUDES)
    return Table(known, ("id", "address"), ("id", "address"), lambda row: _plain(row, wish))


def openaddresses(row: Row, said: Mapping[str, str], wish: Wish) -> Entry:
    """
    A row of OpenAddresses, whose columns are those of its conform (number, street, unit, city, district, …).

    Its own ``id`` is often that of a parcel, which several addresses share, and its ``hash`` changes with the
    coordinates: what the address says is its reference.
    """
    number, street, unit = said.get("number", ""), said.get("street", ""), said.get("unit", "")
    if not number and not street:
        raise WrongCell("number and street are empty")
    city, postcode = said.get("city") or None, said.get("postcode") or None
    if not street and not city:
        raise WrongCell("street and city are empty")
    region = said.get("region") or said.get("district") or None
    number_first = wish.country is None or wish.country in NUMBER_FIRST
    line = " ".join(part for part in ((number, street) if number_first else (street, number)) if part)
    if unit:
        line += f", {unit if any(map(str.isspace, unit)) or unit.startswith('#') else f'Unit {unit}'}"
    texts = {"address": line, "postal_code": postcode, "city": city, "region": region, "country": wish.country}
    reference = reference_by_content(number, street, unit, city, said.get("district"), said.get("region"), postcode)
    return _entry(row, reference, texts, place(said.get("lat"), said.get("lon")))


def _ban(row: Row) -> Entry:
    said = row.values
    number = "" if said["numero"] == _BAN_NO_NUMBER else said["numero"]
    line = " ".join(part for part in (f"{number}{said.get('rep', '')}" if number else "", said["nom_voie"]) if part)
    texts = {
        "address": line,
        "postal_code": said["code_postal"] or None,
        "city": said["nom_commune"],
        "country": "FR",
    }
    reference = said["id"] or reference_by_content(line, said["code_postal"], said["nom_commune"])
    return _entry(row, reference, texts, place(said.get("lat"), said.get("lon")))


def _plain(row: Row, wish: Wish) -> Entry:
    said = row.values
    texts = {name: said.get(name) or None for name in TEXTS}
    texts["country"] = texts["country"] or wish.country
    return _entry(row, said["id"], texts, place(_first(said, _LATITUDES), _first(said, _LONGITUDES)))


def _mapped(columns: Columns, wish: Wish) -> Table:
    names = {
        field: column_name(column)
        for field in ("id", "name", "postal_code", "city", "region", "country", "latitude", "longitude")
        if (column := getattr(columns, field))
    }
    line = tuple(column_name(column) for column in columns.address)
    named = tuple(dict.fromkeys((*line, *names.values())))

    def entry(row: Row) -> Entry:
        said = row.values
        texts = {name: said[names[name]] or None if name in names else None for name in TEXTS}
        texts["address"] = " ".join(part for column in line if (part := said[column]))
        texts["country"] = texts["country"] or wish.country
        if not texts["address"]:
            raise WrongCell(f"{' and '.join(columns.address)} {'is' if len(line) == 1 else 'are'} empty")
        if "id" in names and not said[names["id"]]:
            raise WrongCell(f"{columns.id} is empty")
        reference = said[names["id"]] if "id" in names else reference_by_content(*texts.values())
        where = (said[names[name]] if name in names else None for name in ("latitude", "longitude"))
        return _entry(row, reference, texts, place(*where))

    return Table(named, named, (), entry)


def _entry(row: Row, reference: str, texts: Mapping[str, str | None], where: tuple[float, float] | None) -> Entry:
    return Entry(row.number, row.line, reference, {name: texts.get(name) for name in TEXTS}, where)


def _first(said: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((said[name] for name in names if said.get(name)), None)
