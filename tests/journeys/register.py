"""A small register of made-up addresses, and the ways people mistype them."""

import csv
import io
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

STREETS = (
    "Lilac", "Harbour", "Mulberry", "Foundry", "Chapel", "Orchard", "Juniper", "Station", "Meadow", "Granite",
    "Copper", "Willow", "Falcon", "Bishop", "Cedar", "Saddler", "Quarry", "Thistle", "Beacon", "Marigold",
)  # fmt: skip
TOWNS = (
    ("Ashbrook", "4121"), ("Wexley", "4233"), ("Northam Vale", "4317"), ("Kirkdale", "4409"), ("Penhallow", "4522"),
    ("Tarrawood", "4618"), ("Glenmoor", "4731"), ("Stanthorpe", "4806"),
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One row of a CSV file, for the register or for a batch."""

    id: str
    address: str
    postal_code: str
    city: str
    region: str = "QLD"
    country: str = "AU"
    name: str = ""

    def typed(self) -> dict[str, str]:
        """As the input of a mutation."""
        return {
            "address": self.address, "postalCode": self.postal_code, "city": self.city, "region": self.region,
            "country": self.country,
        }  # fmt: skip


def _addresses() -> list[Row]:
    rows: list[Row] = []
    for town, code in TOWNS:
        for number, street in enumerate(STREETS):
            for house in (3 + number, 40 + 2 * number, 117 + 3 * number, 260 + number):
                rows.append(Row(f"r{len(rows)}", f"{house} {street} Street", code, town))
    return rows


ADDRESSES = _addresses()
"""640 addresses"""


def mistyped(row: Row, *, id: str, seed: int) -> Row:
    """The same address with one slip of the fingers in the street and an abbreviation; the number stays."""
    chance = random.Random(seed)
    number, street, _ = row.address.split(" ")
    at = chance.randrange(1, len(street) - 1)
    slip = chance.choice(("drop", "swap", "double"))
    if slip == "drop":
        street = street[:at] + street[at + 1 :]
    elif slip == "swap":
        street = street[:at] + street[at + 1] + street[at] + street[at + 2 :]
    else:
        street = street[:at] + street[at] + street[at:]
    return replace(row, id=id, address=f"{number} {street} St")


def as_csv(rows: Sequence[Row]) -> bytes:
    """A file as `importAddresses` and `matchBatch` take it."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, ("id", "name", "address", "postal_code", "city", "region", "country"))
    writer.writeheader()
    writer.writerows(asdict(row) for row in rows)
    return out.getvalue().encode()
