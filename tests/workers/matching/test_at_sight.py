"""What is refused at sight is what a whole look refuses; and most of what that refuses is."""

from collections.abc import Iterator
from itertools import product

import numpy as np

from workers.matching.index.at_sight import facts, refused
from workers.matching.learn import train
from workers.matching.matcher import Address
from workers.matching.matcher.evidence import is_refused
from workers.matching.matcher.parse import Parsed, as_read_in, parse

SMALL = [
    Address(f"{line}{after}", name=name, city="Rouen", country=country)
    for line, after, name, country in product(
        ("12 Main Street", "Main Street", "12a Main Street", "13 Main Street", "12-14 Main Street", "12/3 Main Street"),
        ("", ", Flat 3", ", Flat 12", ", Flat A", ", Flat 3, Box 12", ", 13"),
        (None, "Blue Elephant Bakery"),
        ("GB", "CZ", None),
    )
]
JAPANESE = [Address(line, country="JP") for line in ("東京都港区芝3-11-30", "東京都港区芝3-11-31", "東京都港区芝4-1")]


def at_sight(typed: Parsed, known: list[Parsed]) -> list[bool]:
    return refused([typed], [len(known)], np.array([facts(one) for one in known], np.uint32)).tolist()


def whole_look(typed: Parsed, known: Parsed) -> bool:
    is_read_anew = typed.written and not typed.country and known.country
    return is_refused(as_read_in(known.country, typed) if is_read_anew else typed, known)


def pairs(typed: list[Address], known: list[Address]) -> Iterator[tuple[bool, bool]]:
    others = [parse(address) for address in known]
    for address in typed:
        one = parse(address)
        for other, seen in zip(others, at_sight(one, others), strict=True):
            yield seen, whole_look(one, other)


def test_what_is_refused_at_sight_is_refused_by_a_whole_look() -> None:
    wrong = [seen for seen, whole in pairs([*SMALL, *JAPANESE], [*SMALL, *JAPANESE]) if seen and not whole]

    assert not wrong


def test_most_made_up_addresses_that_are_refused_are_refused_at_sight() -> None:
    register, queries = train.made(seed=5, queries=400)
    found = list(pairs([query.address for query in queries[:60]], [address for _, address in register[:400]]))

    assert not [seen for seen, whole in found if seen and not whole]
    assert sum(seen for seen, _ in found) > 0.7 * sum(whole for _, whole in found)


def test_each_candidate_is_compared_with_the_address_that_found_it() -> None:
    twelve, thirteen = parse(Address("12 Main St", country="GB")), parse(Address("13 Main St", country="GB"))
    known = np.array([facts(twelve), facts(thirteen), facts(twelve)], np.uint32)

    assert refused([twelve, thirteen], [2, 1], known).tolist() == [False, True, True]
