"""Somebody subscribes: one document with its promise, or everything that is wrong at once."""

import asyncio
import json
from pathlib import Path

import jsonschema
import pytest
from django.conf import settings

from subgraphs.subscribers import store
from tests.subgraphs.subscribers.questions import SUBSCRIBE, ada

CONTRACTS = Path(store.__file__).parent / "contracts"


async def test_one_document_carries_the_subscriber_and_its_fact(ask, db, commands) -> None:
    said = (await ask(SUBSCRIBE, input=ada())).data["subscribe"]

    (document,) = db["subscribers"].find()
    (fact,) = document["unsent"]
    assert said["problems"] == []
    assert document["_id"] == said["subscriber"]["id"]
    assert document["matchTaskId"] == said["matchTask"]["id"] == said["subscriber"]["matchTask"]["id"]
    assert fact["data"] == {
        "matchTaskId": said["matchTask"]["id"],
        "subscriberId": said["subscriber"]["id"],
        "recipient": {"name": "Ada Lovelace", "email": "ada@example.org"},
        "address": document["typedAddress"],
    }
    jsonschema.validate(fact, json.loads((CONTRACTS / "address_submitted.v1.json").read_text()))
    assert commands.names[:1] == ["insert"]


async def test_the_request_id_travels_with_the_fact(ask, db) -> None:
    await ask.post({"query": SUBSCRIBE, "variables": {"input": ada()}}, headers={"X-Request-Id": "r-17"})

    assert db["subscribers"].find_one()["unsent"][0]["requestid"] == "r-17"


async def test_stray_spaces_and_the_name_of_a_country_are_tidied(ask) -> None:
    wanted = ada(name="  Ada \n Lovelace ", address__country="france", address__region="  ")

    subscriber = (await ask(SUBSCRIBE, input=wanted)).data["subscribe"]["subscriber"]

    assert subscriber["name"] == "Ada Lovelace"
    assert subscriber["typedAddress"]["country"] == "FR"
    assert subscriber["typedAddress"]["region"] is None


async def test_the_same_key_is_the_same_subscriber_also_at_the_same_time(ask, db) -> None:
    answers = await asyncio.gather(*(ask(SUBSCRIBE, input=ada(idempotencyKey="k-1")) for _ in range(8)))

    assert len({answer.data["subscribe"]["subscriber"]["id"] for answer in answers}) == 1
    assert len({answer.data["subscribe"]["matchTask"]["id"] for answer in answers}) == 1
    assert db["subscribers"].count_documents({}) == 1
    assert len(db["subscribers"].find_one()["unsent"]) == 1


async def test_without_a_key_every_request_is_a_subscriber(ask, db) -> None:
    await ask(SUBSCRIBE, input=ada())
    await ask(SUBSCRIBE, input=ada())

    assert db["subscribers"].count_documents({}) == 2


async def test_everything_wrong_is_said_at_once_and_nothing_is_written(ask, db) -> None:
    wanted = ada(name=" ", email="ada", address__address="", address__postalCode="7600", idempotencyKey=" ")

    said = (await ask(SUBSCRIBE, input=wanted)).data["subscribe"]

    assert said["subscriber"] is None
    assert said["matchTask"] is None
    assert {(problem["field"], problem["code"]) for problem in said["problems"]} == {
        ("name", "BLANK"),
        ("email", "INVALID_EMAIL"),
        ("address.address", "BLANK"),
        ("address.postalCode", "INVALID_POSTAL_CODE"),
        ("idempotencyKey", "BLANK"),
    }
    assert db["subscribers"].count_documents({}) == 0


@pytest.mark.parametrize(
    ("field", "limit"),
    [
        ("name", 200),
        ("address__name", 200),
        ("address__address", 500),
        ("address__city", 100),
        ("address__region", 100),
        ("idempotencyKey", 100),
    ],
)
async def test_a_field_may_be_as_long_as_its_limit_and_no_longer(ask, field: str, limit: int) -> None:
    at_it = (await ask(SUBSCRIBE, input=ada(**{field: "x" * limit}))).data["subscribe"]
    over_it = (await ask(SUBSCRIBE, input=ada(**{field: "x" * (limit + 1)}))).data["subscribe"]

    assert at_it["problems"] == []
    assert [(problem["field"], problem["code"]) for problem in over_it["problems"]] == [
        (field.replace("__", "."), "TOO_LONG")
    ]


async def test_a_postal_code_and_a_country_have_a_longest_form_too(ask) -> None:
    said = (await ask(SUBSCRIBE, input=ada(address__postalCode="7" * 101, address__country="F" * 101))).data
    codes = [(problem["field"], problem["code"]) for problem in said["subscribe"]["problems"]]

    assert codes == [("address.postalCode", "TOO_LONG"), ("address.country", "TOO_LONG")]


async def test_an_email_address_may_have_254_characters(ask) -> None:
    domain = ".".join(["d" * 60] * 4) + ".org"
    longest = "a".ljust(254 - len(domain) - 1, "a") + "@" + domain

    at_it = (await ask(SUBSCRIBE, input=ada(email=longest))).data["subscribe"]
    over_it = (await ask(SUBSCRIBE, input=ada(email="a" + longest))).data["subscribe"]

    assert len(longest) == settings.EMAIL_LENGTH
    assert at_it["problems"] == []
    assert [problem["code"] for problem in over_it["problems"]] == ["TOO_LONG"]


@pytest.mark.parametrize(
    "email", ["ada", "ada@", "@example.org", "ada@example", "ada lovelace@example.org", "a@b@c.org"]
)
async def test_what_is_no_email_address_is_refused(ask, email: str) -> None:
    said = (await ask(SUBSCRIBE, input=ada(email=email))).data["subscribe"]

    assert [problem["code"] for problem in said["problems"]] == ["INVALID_EMAIL"]


@pytest.mark.parametrize(
    ("country", "postal_code", "code"),
    [
        ("FR", "76000", None),
        ("FR", "7600", "INVALID_POSTAL_CODE"),
        ("GB", "sw1a1aa", None),
        ("GB", "76000", "INVALID_POSTAL_CODE"),
        ("PL", "00950", None),
        ("SE", "SE-114 55", None),
        ("HK", "anything", None),
        ("XX", "76000", "UNKNOWN_COUNTRY"),
        ("Atlantis", "76000", "UNKNOWN_COUNTRY"),
        (None, "anything", None),
    ],
)
async def test_a_postal_code_must_be_one_of_its_country(ask, country: str, postal_code: str, code: str) -> None:
    wanted = ada(address__country=country, address__postalCode=postal_code)

    said = (await ask(SUBSCRIBE, input=wanted)).data["subscribe"]

    assert [problem["code"] for problem in said["problems"]] == ([code] if code else [])


@pytest.mark.parametrize(
    ("city", "postal_code", "codes"),
    [("Rouen", None, []), (None, "76000", []), (None, None, ["INCOMPLETE_ADDRESS"]), (" ", "", ["INCOMPLETE_ADDRESS"])],
)
async def test_an_address_needs_a_city_or_a_postal_code(ask, city: str, postal_code: str, codes: list[str]) -> None:
    said = (await ask(SUBSCRIBE, input=ada(address__city=city, address__postalCode=postal_code))).data["subscribe"]

    assert [problem["code"] for problem in said["problems"]] == codes


@pytest.mark.parametrize("text", ["a\0b", "a\x1bb"])
async def test_characters_that_are_no_text_are_refused(ask, text: str) -> None:
    said = (await ask(SUBSCRIBE, input=ada(address__city=text))).data["subscribe"]

    assert [problem["code"] for problem in said["problems"]] == ["INVALID_CHARACTERS"]


async def test_text_of_all_scripts_is_welcome(ask) -> None:
    wanted = ada(name="Михаил 高橋 👩🏽‍💻", address__address="Τσιμισκή 12", address__city="القاهرة")

    said = (await ask(SUBSCRIBE, input=wanted)).data["subscribe"]

    assert said["problems"] == []
    assert said["subscriber"]["name"] == "Михаил 高橋 👩🏽‍💻"
