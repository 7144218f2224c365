"""Files of any size are read row by row; a broken row is set aside, a broken file refused."""

import io
import itertools
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.chassis.csv_upload import CsvLimits, RejectedRow, Row, UnusableFile, read_chunks, read_rows

HEADER = b"id,name,address,postal_code,city,region,country\n"


def read(content: bytes, **limits: int) -> list[Row | RejectedRow]:
    return list(read_rows(io.BytesIO(content), limits=CsvLimits(**limits)))


def reasons(content: bytes) -> list[tuple[int, int, str]]:
    return [(row.number, row.line, row.reason) for row in read(content) if isinstance(row, RejectedRow)]


def addresses(content: bytes) -> list[str]:
    return [row.values["address"] for row in read(content) if isinstance(row, Row)]


def test_a_row_is_what_its_known_columns_say() -> None:
    (row,) = read(b"\xef\xbb\xbfID, Address ,Postal Code,colour\r\n7,  12 rue ,76000,blue\r\n")

    assert row == Row(1, 2, {"id": "7", "address": "12 rue", "postal_code": "76000"})


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_ends_of_lines_of_all_spreadsheets(delimiter: str, end: str) -> None:
    lines = [delimiter.join(("address", "city")), delimiter.join(("12 rue", "Rouen")), ""]

    assert read(end.join(lines).encode()) == [Row(1, 2, {"address": "12 rue", "city": "Rouen"})]


def test_quoted_fields_may_hold_anything() -> None:
    content = b'address,city\n"12, rue\nde ""X""",Rouen\nnext,Dieppe\n'

    assert read(content) == [
        Row(1, 2, {"address": '12, rue\nde "X"', "city": "Rouen"}),
        Row(2, 4, {"address": "next", "city": "Dieppe"}),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"x", "has 1 fields where the header has 2"),
        (b"x,y,z", "has 3 fields where the header has 2"),
        (b",Rouen", "address is empty"),
        (b"caf\xe9,Rouen", "address is not UTF-8"),
        (b"a\0b,Rouen", "address holds a NUL character"),
        (b'"a"b,Rouen', "has text after a closing quote; write a quote inside a field twice"),
        (b'"never closed,Rouen', "opens a quote that is never closed"),
        (b"x" * 501 + b",Rouen", "address has 501 characters; 500 are allowed"),
        (b"x" * 20_000 + b",Rouen", "the line is longer than 16000 characters"),
        (b"x" * 200_000 + b",Rouen", "the line is longer than 16000 characters"),
    ],
    ids=lambda value: value[:30] if isinstance(value, bytes) else None,
)
def test_a_broken_row_is_set_aside_and_the_rest_goes_on(line: bytes, reason: str) -> None:
    content = b"address,city\nfirst,A\n" + line + b"\nlast,B\n"

    assert reasons(content) == [(2, 3, reason)]
    assert addresses(content) == ["first", "last"]


def test_a_quote_that_is_never_closed_costs_one_row_in_a_long_file() -> None:
    content = HEADER + b'1,,"open,,,,\n' + b"2,,fine,,,,\n" * 500

    assert reasons(content) == [(1, 2, "opens a quote that is never closed")]
    assert len(addresses(content)) == 500


def test_empty_lines_are_no_rows() -> None:
    content = b"\n \naddress,city\n\n,\n  ,  \nx,y\n\n"

    assert read(content) == [Row(1, 7, {"address": "x", "city": "y"})]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "FILE_EMPTY"),
        (b"\n\n", "FILE_EMPTY"),
        (b"\xef\xbb\xbf", "FILE_EMPTY"),
        (b"street,city\nx,y\n", "COLUMN_MISSING"),
        (b"address,city,CITY\n", "COLUMN_TWICE"),
        (b'"address,city\n', "BROKEN_HEADER"),
        ("address,ort\nx,y\n".encode("utf-16"), "NOT_UTF8"),
        ("address,ort\nx,y\n".encode("utf-16-le"), "NOT_UTF8"),
        ("address,größe\n".encode("latin-1"), "NOT_UTF8"),
        (b"PK\x03\x04\x14\x00\x06\x00", "NOT_UTF8"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(UnusableFile) as refused:
        read(content)

    assert refused.value.code == code
    assert str(refused.value).endswith((".", "again."))


def test_all_required_columns_are_required() -> None:
    with pytest.raises(UnusableFile, match="no column “id”"):
        list(read_rows(io.BytesIO(b"address\nx\n"), required=("id", "address")))

    (row,) = read_rows(io.BytesIO(b"id,address\n,x\n"), required=("id", "address"))
    assert row == RejectedRow(1, 2, "id is empty")


@pytest.mark.parametrize(("rows", "refused"), [(5, False), (6, True)])
def test_a_file_may_have_so_many_rows(rows: int, refused: bool) -> None:
    content = b"address\n" + b"x\n" * (rows - 1) + b'"broken counts too\n'

    if refused:
        with pytest.raises(UnusableFile, match="more than 5 rows"):
            read(content, rows=5)
    else:
        assert len(read(content, rows=5)) == 5


class Sized(io.BytesIO):
    """An uploaded file, which knows its size."""

    @property
    def size(self) -> int:
        return len(self.getvalue())


@pytest.mark.parametrize(("more", "refused"), [(0, False), (1, True)])
def test_a_file_may_have_so_many_bytes(more: int, refused: bool) -> None:
    file = Sized(b"address\nx\n" + b"\n" * more)

    if refused:
        with pytest.raises(UnusableFile, match="11 bytes; 10 are allowed"):
            list(read_rows(file, limits=CsvLimits(file_bytes=10)))
    else:
        assert len(list(read_rows(file, limits=CsvLimits(file_bytes=10)))) == 1
    assert not file.closed


@pytest.mark.parametrize(("length", "accepted"), [(500, 1), (501, 0)])
def test_a_field_may_have_so_many_characters_not_bytes(length: int, accepted: int) -> None:
    assert len(addresses(b"address\n" + "ö".encode() * length)) == accepted


def test_an_ignored_column_may_hold_what_it_likes() -> None:
    assert addresses(b"address,notes\nx," + b"n" * 5000 + b"\n") == ["x"]


def test_chunks_are_full_but_the_last() -> None:
    content = b"address\n" + b"x\n" * 7 + b"\xff\n" * 7

    chunks = list(read_chunks(io.BytesIO(content), 3))

    assert [(len(chunk.rows), len(chunk.rejected)) for chunk in chunks] == [(3, 0), (3, 0), (1, 3), (0, 3), (0, 1)]


class Long(io.RawIOBase):
    """A file of 30 MB that is made while it is read."""

    def __init__(self) -> None:
        self._line = b"1,,a street,,Leeds,,\n"
        self._parts = itertools.chain([HEADER], itertools.repeat(self._line * 50, 30_000_000 // len(self._line) // 50))

    def read(self, size: int = -1) -> bytes:
        return next(self._parts, b"")


def test_memory_does_not_grow_with_the_file() -> None:
    tracemalloc.start()
    count = sum(len(chunk.rows) for chunk in itertools.islice(read_chunks(Long(), 100), 500))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert count == 50_000
    assert peak < 1_000_000


texts = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=20)


@given(st.lists(st.tuples(texts, texts), max_size=20))
def test_whatever_a_spreadsheet_writes_is_read_back(rows: list[tuple[str, str]]) -> None:
    import csv

    out = io.StringIO()
    csv.writer(out).writerows([("address", "city"), *rows])

    found = read(out.getvalue().encode())

    many_lines = [row for row in rows if (row[0] + row[1]).count("\n") + (row[0] + row[1]).count("\r") > 40]
    expected = [(a.strip(), c.strip()) for a, c in rows if a.strip()]
    if not many_lines:
        assert [(row.values["address"], row.values["city"]) for row in found if isinstance(row, Row)] == expected


@given(st.binary(max_size=300))
def test_no_bytes_make_it_fall_over(content: bytes) -> None:
    def all_rows() -> Iterator[Row | RejectedRow]:
        yield from read_rows(io.BytesIO(b"address,city\n" + content))

    assert [row.number for row in all_rows()] == list(range(1, len(list(all_rows())) + 1))
