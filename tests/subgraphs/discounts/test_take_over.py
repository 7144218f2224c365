"""What the monolith hands over is taken over and compared, as often as one likes."""

import io
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from subgraphs.discounts.take_over import compare_lines, import_lines

ROOT = Path(__file__).parents[3] / "subgraphs"
LINES: list[dict[str, Any]] = json.loads((ROOT / "monolith/contracts/export.line.json").read_text())["examples"]
DOCUMENTS = {
    name: json.loads((ROOT / f"discounts/contracts/{name}.document.json").read_text())
    for name in ("customer", "purchase", "discount_claim")
}


def text(*lines: dict[str, Any]) -> list[str]:
    return [*(json.dumps(line) + "\n" for line in lines), "\n"]


def imported(*lines: dict[str, Any]) -> tuple[bool, str]:
    out = io.StringIO()
    return import_lines(text(*lines), out), out.getvalue()


def compared(*lines: dict[str, Any]) -> tuple[bool, str]:
    out = io.StringIO()
    return compare_lines(text(*lines), out), out.getvalue()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_examples_keep_their_contract(name: str) -> None:
    for example in DOCUMENTS[name]["examples"]:
        jsonschema.validate(example, DOCUMENTS[name])


def test_all_of_it_is_here_afterwards(db) -> None:
    assert imported(*LINES) == (True, "1 customers, 1 purchases, 2 discount claims; 0 not taken over\n")

    assert compared(*LINES) == (True, "1 customers, 1 purchases, 2 discount claims; 0 different\n")
    claim = db["discount_claims"].find_one({"status": "ISSUED"})
    assert (claim["owner"], claim["voucher"]["code"], claim["voucher"]["pdf"]) == (
        None,
        "K7QM-2WXA-9DTR-HN4C",
        b"%PDF-1.4\n",
    )


def test_again_it_changes_nothing_but_what_has_changed(db) -> None:
    imported(*LINES)
    customer, *others = LINES
    assert imported(customer | {"name": "Ada King"}, *others)[0]

    assert db["customers"].find_one()["name"] == "Ada King"
    assert db["discount_claims"].count_documents({}) == 2


def test_what_is_missing_or_differs_is_named(db) -> None:
    customer, purchase, *_ = LINES
    imported(customer, purchase)

    well, said = compared(customer | {"name": "Ada King"}, *LINES[1:])

    assert not well
    assert "customer C-1001: name is Ada Lovelace, in the monolith Ada King\n" in said
    assert said.count("is not here") == 2
    assert said.endswith("1 customers, 1 purchases, 2 discount claims; 3 different\n")


def test_a_second_voucher_for_one_purchase_is_not_taken_over_and_said(db) -> None:
    imported(*LINES)
    other = next(line for line in LINES if line.get("voucher")) | {"id": "another"}

    well, said = imported(other)

    assert not well
    assert "claim another: not taken over" in said
    assert db["discount_claims"].count_documents({}) == 2


def test_a_claim_of_here_keeps_what_it_has_to_tell(db) -> None:
    imported(*LINES)
    issued = next(line for line in LINES if line.get("voucher"))["id"]
    db["discount_claims"].update_one({"_id": issued}, {"$push": {"unsent": {"id": "1", "type": "t", "data": {}}}})
    imported(*LINES)

    assert len(db["discount_claims"].find_one({"_id": issued})["unsent"]) == 1
