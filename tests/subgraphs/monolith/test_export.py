"""What the monolith hands over keeps its contract, as often as it is asked."""

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from django.test import Client

from subgraphs.monolith.model import Customer, Purchase
from tests.subgraphs.monolith.test_pages import claimed
from tests.workers.notifications.mail_server import MailServer

REPOSITORY = Path(__file__).parents[3]
CONTRACT = json.loads((REPOSITORY / "subgraphs/monolith/contracts/export.line.json").read_text())
COMMAND = (sys.executable, "-m", "subgraphs.monolith")


@pytest.fixture
def made(browser: Client, post: MailServer) -> None:
    claimed(browser)
    claimed(browser, purchase_number="P-2003", article="POSTCARD")


def exported() -> str:
    return subprocess.run(
        (*COMMAND, "export"), cwd=REPOSITORY, env=os.environ, capture_output=True, text=True, check=True, timeout=60
    ).stdout


@pytest.mark.parametrize("example", CONTRACT["examples"])
def test_the_examples_keep_the_contract(example: dict[str, object]) -> None:
    jsonschema.validate(example, CONTRACT)


def test_each_line_keeps_the_contract_and_comes_after_what_it_names(made: None) -> None:
    *lines, last = exported().splitlines()
    lines = [json.loads(line) for line in lines]

    assert last == ""
    for line in lines:
        jsonschema.validate(line, CONTRACT)
    assert [line["kind"] for line in lines] == ["customer"] * 3 + ["purchase"] * 6 + ["claim"] * 2
    assert {line["voucher"] is None for line in lines if line["kind"] == "claim"} == {True, False}


def test_asked_again_it_says_the_same(made: None) -> None:
    assert exported() == exported()


def test_whoever_follows_hears_of_each_change_once(made: None) -> None:
    with subprocess.Popen(
        (*COMMAND, "follow"), cwd=REPOSITORY, env=os.environ, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        try:
            first = [json.loads(process.stdout.readline())["kind"] for _ in range(11)]
            Customer.objects.create(number="C-1004", name="Eve", email="eve@example.org", since="2026-01-01")
            assert process.stdout.readline() == "\n"
            customer = json.loads(process.stdout.readline())
            Purchase.objects.get(pk="P-2004").save()  # nothing new to say
            sold = Purchase.objects.get(pk="P-2005")
            sold.amount_cents += 1
            sold.save()
            assert process.stdout.readline() == "\n"
            purchase = json.loads(process.stdout.readline())
        finally:
            process.terminate()

    assert first == ["customer"] * 3 + ["purchase"] * 6 + ["claim"] * 2
    assert customer["number"] == "C-1004"
    assert (purchase["number"], purchase["amountCents"]) == ("P-2005", 75_01)
