"""
``python -m workers.matching.learn.generate --rows 1000000 --seed 1 --output R.csv``: a register of made-up addresses.

With ``--queries 5000 --queries-output Q.csv`` also typed addresses with their answers, a share of which (``--gone``) was
taken out of the register, with a near neighbour put in. The files are what ``python -m workers.matching evaluate`` reads.
"""

import argparse
import csv
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from workers.matching.learn.queries import GONE, Typed, with_queries

COLUMNS = ("id", "name", "address", "postal_code", "city", "region", "country")
QUERY_COLUMNS = (*COLUMNS, "gold_id", "kind")


def main(arguments: list[str] | None = None) -> int:
    """Write what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m workers.matching.learn.generate", description=__doc__)
    parser.add_argument("--rows", type=int, required=True, help="addresses of the register")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same files")
    parser.add_argument("--output", type=Path, required=True, help="CSV to write the register to")
    parser.add_argument("--queries", type=int, default=0, help="typed addresses with known answers")
    parser.add_argument("--queries-output", type=Path, help="CSV to write them to")
    parser.add_argument("--gone", type=float, default=GONE, help="share of the answers taken out of the register")
    options = parser.parse_args(arguments)
    if options.rows < 1:
        parser.error(f"--rows: {options.rows} is not a number of addresses; ask for one or more")
    if not 0 <= options.queries <= options.rows:
        parser.error(f"--queries: {options.queries} of {options.rows} rows; ask for at most one of each row")
    if bool(options.queries) != bool(options.queries_output):
        parser.error("--queries and --queries-output belong together")
    if not 0 <= options.gone <= 1:
        parser.error(f"--gone: {options.gone} is no share; it goes from 0 to 1")
    try:
        write(
            with_queries(options.rows, options.seed, options.queries, options.gone),
            options.output,
            options.queries_output,
        )
    except OSError as wrong:
        parser.error(f"{wrong.filename}: {wrong.strerror}")
    return 0


def write(
    pairs: Iterator[tuple[tuple[str, ...] | None, Typed | None]], output: Path, queries_output: Path | None
) -> None:
    """Write both files row by row, however large they are."""
    with ExitStack() as stack:
        register = csv.writer(stack.enter_context(output.open("w", newline="", encoding="utf-8")))
        register.writerow(COLUMNS)
        if queries_output:
            queries = csv.writer(stack.enter_context(queries_output.open("w", newline="", encoding="utf-8")))
            queries.writerow(QUERY_COLUMNS)
        for row, typed in pairs:
            if row is not None:
                register.writerow(row)
            elif typed is not None:
                queries.writerow(typed.row())


if __name__ == "__main__":
    sys.exit(main())
