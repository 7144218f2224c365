"""A small register of made-up addresses with coordinates, and what people type who mean one of them."""

import csv
import io
from dataclasses import dataclass

STREETS = ("Lilac", "Harbour", "Mulberry", "Foundry", "Chapel", "Orchard")
TOWNS = (("Ashbrook", "4121", -27.52, 152.91), ("Wexley", "4233", -27.94, 153.22), ("Kirkdale", "4409", -27.18, 151.27))


@dataclass(frozen=True)
class Typed:
    """What stands in the form."""

    address: str
    postal_code: str
    city: str
    region: str = "Queensland"


MISTYPED = Typed("12 mulbery st", "4233", "wexly")
"""a known address, with the usual slips"""
DOUBTFUL = Typed("12 Mulberry St", "4121", "Wexley")
"""a known street and number, with the postal code of another town: a person has to look"""
UNKNOWN = Typed("7 Rue de la Paix", "4999", "Nowhere")
"""like nothing that is known"""


def register() -> bytes:
    """The register as a CSV file."""
    file = io.StringIO()
    rows = csv.writer(file)
    rows.writerow(("id", "name", "address", "postal_code", "city", "region", "country", "latitude", "longitude"))
    for town, code, south, east in TOWNS:
        for number, street in enumerate(STREETS):
            for house in range(8, 40, 4):
                place = (south + 0.002 * number, east + 0.0003 * house)
                rows.writerow(
                    (f"{code}-{street}-{house}", "", f"{house} {street} Street", code, town, "QLD", "AU", *place)
                )
    return file.getvalue().encode()
