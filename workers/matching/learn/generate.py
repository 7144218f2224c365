"""
``python -m workers.matching.learn.generate --rows 1000000 --seed 1 --output R.csv``: a register of made-up addresses.

The files are what ``python -m workers.matching evaluate`` reads.
"""

import argparse
import csv
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from workers.matching.learn.registers import Place, groups

COLUMNS = ("id", "name", "address", "postal_code", "city", "region", "country")


def main(arguments: list[str] | None = None) -> int:
    """Write what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m workers.matching.learn.generate", description=__doc__)
    parser.add_argument("--rows", type=int, required=True, help="addresses of the register")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same register")
    parser.add_argument("--output", type=Path, required=True, help="CSV to write the register to")
    options = parser.parse_args(arguments)
    if options.rows < 1:
        parser.error(f"--rows: {options.rows} is not a number of addresses; ask for one or more")
    try:
        write(options.output, COLUMNS, register(groups(options.rows, options.seed)))
    except OSError as wrong:
        parser.error(f"{options.output}: {wrong.strerror}")
    return 0


def register(known: Iterable[list[Place]]) -> Iterator[tuple[str, ...]]:
    """The rows of a register; the ids count up."""
    number = 0
    for group in known:
        for place in group:
            yield (f"r{number}", *place.row())
            number += 1


def write(path: Path, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """Write a CSV file, row by row."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)


if __name__ == "__main__":
    sys.exit(main())
