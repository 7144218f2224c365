"""Registers of every format become the same entries; what cannot be used says why; a file read twice says the same."""

import gzip
import io
import json
import tracemalloc
from typing import Any

import pytest

from subgraphs.addresses.registers import Columns, Entry, FileFormat, RejectedRow, UnusableFile, Wish, read_register
from subgraphs.addresses.registers.seen import Seen
from subgraphs.chassis.csv_upload import CsvLimits
from tests.subgraphs.addresses.test_import import _valid

OPENADDRESSES = "LON,LAT,NUMBER,STREET,UNIT,CITY,DISTRICT,REGION,POSTCODE,ID,HASH\n"
BAN = (
    "id;id_fantoir;numero;rep;nom_voie;code_postal;code_insee;nom_commune;code_insee_ancienne_commune;"
    "nom_ancienne_commune;x;y;lon;lat;type_position\n"
)


def read(content: str | bytes, **wish: Any) -> tuple[FileFormat, list[Entry | RejectedRow]]:
    raw = content.encode() if isinstance(content, str) else content
    found = read_register(io.BytesIO(raw), Wish(**wish), CsvLimits())
    return found.format, list(found.rows)


def said(row: Entry | RejectedRow) -> Any:
    if isinstance(row, RejectedRow):
        return row.number, row.line, row.reason
    texts = row.texts
    return texts["address"], texts["postal_code"], texts["city"], texts["region"], texts["country"], row.place


def feature(point: Any = (1.1, 49.4), **properties: Any) -> str:
    geometry = {"type": "Point", "coordinates": point}
    return json.dumps({"type": "Feature", "properties": properties, "geometry": geometry}) + "\n"


def test_openaddresses() -> None:
    rows = (
        "-122.1,37.4,12,Main St,4,Palo Alto,Santa Clara,CA,94301,p-1,aa\n"
        "-122.1,37.4,14,Main St,APT 2,Palo Alto,Santa Clara,,94301,p-1,ab\n"
        ",,16,Main St,,,,,,,\n"
        "1,2,,,,Palo Alto,,,,,\n"
        "1,2,3,,,,,,,,\n"
        "1,x,3,Main St,,,,,,,\n"
        "1,91,3,Main St,,,,,,,\n"
        "1,,3,Main St,,,,,,,\n"
    )
    format, found = read(OPENADDRESSES + rows, country="US")

    assert format is FileFormat.OPENADDRESSES_CSV
    assert [said(row) for row in found] == [
        ("12 Main St, Unit 4", "94301", "Palo Alto", "CA", "US", (37.4, -122.1)),
        ("14 Main St, APT 2", "94301", "Palo Alto", "Santa Clara", "US", (37.4, -122.1)),
        ("16 Main St", None, None, None, "US", None),
        (4, 5, "number and street are empty"),
        (5, 6, "street and city are empty"),
        (6, 7, "latitude 'x' is no number"),
        (7, 8, "latitude 91 is beyond 90 degrees; give degrees of WGS 84"),
        (8, 9, "latitude is empty, the other coordinate is not"),
    ]
    assert len({row.reference for row in found if isinstance(row, Entry)}) == 3, "two share the id of a parcel"


def test_where_the_number_follows_the_street() -> None:
    _, [row] = read(OPENADDRESSES + "13,52,5,Hauptstraße,,Berlin,,,10827,,\n", country="DE")

    assert isinstance(row, Entry)
    assert row.texts["address"] == "Hauptstraße 5"


def test_openaddresses_as_lines_of_geojson() -> None:
    content = (
        feature(number="12", street="Rue des Lilas", city="Rouen", postcode="76000", hash="x")
        + "\n"
        + "{broken\n"
        + feature(point=[], number="1", street="x")
        + feature(number=7, street="Rue Neuve", unit=None)
        + '"text"\n'
    )
    format, found = read(content, country="FR")

    assert format is FileFormat.OPENADDRESSES_GEOJSON
    assert said(found[0]) == ("12 Rue des Lilas", "76000", "Rouen", None, "FR", (49.4, 1.1))
    assert isinstance(found[1], RejectedRow)
    assert (found[1].number, found[1].line) == (2, 3)
    assert [said(row)[2] for row in (found[2], found[4])] == [
        "its point has no coordinates",
        "is no GeoJSON feature with properties",
    ]
    assert said(found[3])[0] == "7 Rue Neuve"
    _, [as_table] = read(OPENADDRESSES + "1.1,49.4,12,RUE DES LILAS,,Rouen,,,76000,,\n")
    assert isinstance(found[0], Entry)
    assert isinstance(as_table, Entry)
    assert found[0].reference == as_table.reference, "the same address in both formats"


def test_the_base_adresse_nationale() -> None:
    rows = (
        "76540_1_00012_bis;;12;bis;Rue des Lilas;76000;76540;Rouen;;;1.0;2.0;1.1;49.4;entrée\n"
        "76540_2_99999;;99999;;Le Moulin;76000;76540;Rouen;;;;;;;\n"
        "76540_3;;3;;;76000;76540;Rouen;;;;;;;\n"
    )
    format, found = read(gzip.compress((BAN + rows).encode()))

    assert format is FileFormat.BAN_CSV
    assert [said(row) for row in found] == [
        ("12bis Rue des Lilas", "76000", "Rouen", None, "FR", (49.4, 1.1)),
        ("Le Moulin", "76000", "Rouen", None, "FR", None),
        (3, 4, "nom_voie is empty"),
    ]
    assert isinstance(found[0], Entry)
    assert found[0].reference == "76540_1_00012_bis"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_columns_are_mapped_whatever_the_encoding(encoding: str) -> None:
    content = "Nr|Straße|Ort|Breite|Länge\n5|Müllerstraße|Köln|50,9|6,9\n||Köln||\n".encode(encoding)
    columns = Columns(address=("Straße", "Nr"), city="Ort", latitude="Breite", longitude="Länge")

    format, found = read(content, columns=columns, country="DE")

    assert format is FileFormat.CSV
    assert [said(row) for row in found] == [
        ("Müllerstraße 5", None, "Köln", None, "DE", (50.9, 6.9)),
        (2, 3, "Straße and Nr are empty"),
    ]


def test_an_encoding_that_is_given_is_used() -> None:
    _, [row] = read("id,address\n1,ul. Łódzka 5\n".encode("iso-8859-2"), encoding="ISO-8859-2")

    assert said(row)[0] == "ul. Łódzka 5"


@pytest.mark.parametrize(
    ("content", "wish", "code"),
    [
        ("id,address\n", {"format": FileFormat.BAN_CSV}, "COLUMN_MISSING"),
        ("id,address\n", {"columns": Columns(address=("Straße",))}, "COLUMN_MISSING"),
        ("id,address\n", {"encoding": "klingon"}, "UNKNOWN_ENCODING"),
        ("id,address\n", {"delimiter": "x"}, "INVALID_DELIMITER"),
        (gzip.compress(b"id,address\n1,x\n")[:-8], {}, "BROKEN_FILE"),
    ],
    ids=str,
)
def test_a_file_that_cannot_be_used(content: str | bytes, wish: dict[str, Any], code: str) -> None:
    with pytest.raises(UnusableFile) as refused:
        read(content, **wish)

    assert refused.value.code == code


def test_what_unpacks_to_too_much_is_refused() -> None:
    found = read_register(io.BytesIO(gzip.compress(b"id,address\n" + b"\n" * 900_000)), Wish(), CsvLimits(100_000))

    with pytest.raises(UnusableFile, match="unpacks to more"):
        list(found.rows)


def test_references_are_remembered_in_little_memory() -> None:
    tracemalloc.start()
    try:
        seen = Seen()
        firsts = [seen.first(f"r-{number}", number) for number in range(1, 50_001)]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert firsts == list(range(1, 50_001))
    assert seen.first("r-7", 99_999) == 7
    assert peak < 6_000_000


IMPORT = """
mutation ($file: Upload!) {
  done: importAddresses(file: $file, source: "oa", country: "us") {
    addressImport { format total rejected rejectedRows { nodes { row reason } } } problems { code }
  }
}
"""


async def test_an_import_says_its_format_and_keeps_coordinates(ask, db) -> None:
    row = "-122.1,37.4,12,Main St,,Palo Alto,,CA,94301,,\n"
    done = (await ask.upload(IMPORT, (OPENADDRESSES + row + row).encode(), file_name="us.csv")).data["done"]

    imported = done["addressImport"]
    assert (imported["format"], imported["total"], imported["rejected"]) == ("OPENADDRESSES_CSV", 1, 1)
    assert "is that of row 1 already" in imported["rejectedRows"]["nodes"][0]["reason"]
    chunk = db["import_chunks"].find_one()
    _valid(chunk, "import_chunk")
    _valid(db["address_imports"].find_one(), "address_import")
    kept = chunk["rows"][0]
    assert (kept["latitude"], kept["longitude"], kept["country"]) == (37.4, -122.1, "US")


async def test_an_address_says_where_it_is(ask, known) -> None:
    ids = known({"latitude": 49.4, "longitude": 1.1}, {})
    question = "query ($id: ID!) { address(id: $id) { coordinates { latitude longitude } } }"

    found = [(await ask(question, id=id)).data["address"]["coordinates"] for id in ids]

    assert found == [{"latitude": 49.4, "longitude": 1.1}, None]
