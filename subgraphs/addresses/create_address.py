"""Use case: somebody adds an address to the register by hand."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import uuid4

from django.db import IntegrityError

from subgraphs.addresses.facts import Change
from subgraphs.addresses.model import LONGEST_REFERENCE, Address, address_id
from subgraphs.addresses.problems import Problem, ProblemCode, text_problems
from subgraphs.addresses.register import change_register
from subgraphs.chassis.clock import now
from subgraphs.chassis.text_fields import refusal_of, tidy

MANUAL = "manual"
TEXTS = {
    "name": "name",
    "address": "address",
    "postal_code": "postalCode",
    "city": "city",
    "region": "region",
    "country": "country",
}
"""attribute → its name in the graph"""

_SOURCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True)
class Outcome:
    """What became of a wish."""

    address: Address | None = None
    problems: list[Problem] = field(default_factory=list)


def create_address(texts: Mapping[str, str | None], *, source: str | None, reference: str | None) -> Outcome:
    """Add the address, unless something is wrong with it or its source has one of this reference already."""
    values = tidied(texts)
    source, reference = tidy(source) or MANUAL, tidy(reference)
    problems = [
        *source_problems(source),
        *reference_problems(reference),
        *text_problems({TEXTS[name]: values.get(name) for name in TEXTS}),
    ]
    if problems:
        return Outcome(problems=problems)
    reference = reference or str(uuid4())
    moment = now()
    address = Address(
        id=address_id(source, reference),
        source=source,
        reference=reference,
        created_at=moment,
        updated_at=moment,
        **values,
    )
    address.refresh_search_text()

    def add() -> list[Change]:
        address.save(force_insert=True)
        return [Change("added", address)]

    try:
        change_register(add)
    except IntegrityError:
        message = f"{source} has an address with the reference {reference!r} already. Change that one."
        return Outcome(problems=[Problem(ProblemCode.ALREADY_EXISTS, message, "reference")])
    return Outcome(address)


def tidied(texts: Mapping[str, str | None]) -> dict[str, str | None]:
    """The texts without needless spaces, the country in capitals."""
    values = {name: tidy(text) for name, text in texts.items()}
    if country := values.get("country"):
        values["country"] = country.upper() if len(country) == 2 else country
    return values


def source_problems(source: str) -> list[Problem]:
    """What is wrong with the name of a source: it is part of every address's id."""
    if _SOURCE.fullmatch(source):
        return []
    message = (
        "source must be 1 to 100 letters, digits, dots, hyphens or underscores and begin with a letter or a digit, "
        f"such as city-register; not {source[:40]!r}."
    )
    return [Problem(ProblemCode.INVALID_SOURCE, message, "source")]


def reference_problems(reference: str | None) -> list[Problem]:
    """What is wrong with a reference."""
    found = refusal_of(reference, "reference", limit=LONGEST_REFERENCE)
    return [Problem(ProblemCode(found.code), found.message, found.field)] if found else []
