"""Properties that hold for any address, and the hard cases of ``workers/matching/hard_cases.md``."""

import json
import re
import string
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workers import matching
from workers.matching.matcher import Address, Verdict, best_match, exact_key, keys_of
from workers.matching.matcher.parse import parse
from workers.matching.matcher.tidy import spell, tidy
from workers.matching.matcher.weights import FILE, WrongWeights, weights

LILAS = Address("12 rue des Lilas", postal_code="76000", city="Rouen", country="FR")

TOWNS = ("Rouen", "Springfield", "Neustadt", "Århus", "São Paulo", "Kraków", "St Albans", "West Hartlepool")
STREETS = (
    "rue des Lilas",
    "Main Street",
    "Hauptstraße",
    "Kerkstraat",
    "Calle Mayor",
    "Upper Church Road",
    "Avenue de l'Opéra",
    "Salkauskas Crescent",
    "Martin Luther King Boulevard",
)

streets = st.sampled_from(STREETS)
numbers = st.integers(1, 999).map(str)
addresses = st.builds(
    lambda number, street, town, code: Address(f"{number} {street}", postal_code=code, city=town),
    numbers,
    streets,
    st.sampled_from(TOWNS),
    st.none() | st.from_regex(r"[1-9][0-9]{4}", fullmatch=True),
)


@given(st.text(max_size=60))
def test_tidying_twice_changes_nothing(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)


@given(st.text(string.ascii_lowercase, min_size=1, max_size=14))
def test_a_word_spelled_by_the_tables_stays(word: str) -> None:
    assert all(spell(part)[0][:1] == part[:1] for part in spell(word))


# The tables are read with the first example: that one takes longer.
@settings(deadline=None)
@given(
    st.text(max_size=80), st.text(max_size=20), st.text(max_size=20), st.sampled_from([None, "FR", "GB", "AU", "JP"])
)
def test_whatever_is_typed_is_read(line: str, code: str, town: str, country: str | None) -> None:
    typed = Address(line, postal_code=code, city=town, country=country)

    assert isinstance(keys_of(typed), list)
    assert best_match(typed, [("a-1", LILAS)]).verdict in Verdict


@given(addresses)
def test_an_address_matches_itself(known: Address) -> None:
    match = best_match(known, [("a-1", known)])

    assert (match.verdict, match.best and match.best.id) == (Verdict.MATCH, "a-1")


@given(addresses)
def test_it_still_does_in_capitals_without_accents_and_abbreviated(known: Address) -> None:
    line = tidy(known.address).replace("street", "st.").replace("road", "rd").replace("rue", "r").upper()
    typed = Address(line, postal_code=known.postal_code, city=tidy(known.city).upper())

    assert best_match(typed, [("a-1", known)]).verdict is Verdict.MATCH
    assert exact_key(typed) == exact_key(known)


@given(addresses)
def test_it_still_does_in_one_line(known: Address) -> None:
    line = ", ".join(filter(None, (known.address, f"{known.postal_code or ''} {known.city}".strip())))

    assert best_match(Address(line), [("a-1", known)]).verdict is Verdict.MATCH


@given(addresses, st.data())
def test_it_still_does_with_its_parts_in_another_order(known: Address, data: st.DataObject) -> None:
    parts = [known.address, *filter(None, (known.postal_code, known.city))]

    typed = Address(", ".join(data.draw(st.permutations(parts))))

    assert best_match(typed, [("a-1", known)]).verdict is Verdict.MATCH


@given(addresses, numbers)
def test_a_changed_house_number_never_does(known: Address, number: str) -> None:
    own, _, street = known.address.partition(" ")
    typed = Address(f"{number} {street}", postal_code=known.postal_code, city=known.city)

    assert (best_match(typed, [("a-1", known)]).verdict is Verdict.MATCH) == (number == own)


@given(addresses, numbers, numbers)
def test_neither_does_a_changed_unit(known: Address, one: str, other: str) -> None:
    house = Address(f"Unit {one}, {known.address}", postal_code=known.postal_code, city=known.city, country="AU")
    typed = Address(f"{known.address}, Apt {other}", postal_code=known.postal_code, city=known.city, country="AU")

    assert (best_match(typed, [("a-1", house)]).verdict is Verdict.MATCH) == (one == other)


@given(addresses, st.data())
@settings(max_examples=300)
def test_a_slip_in_one_field_still_shares_a_key(known: Address, data: st.DataObject) -> None:
    field = data.draw(st.sampled_from(["address", "city", "postal_code"]))
    value = getattr(known, field) or ""
    letters = [place for place, letter in enumerate(value) if letter.isalpha() or field == "postal_code"]
    if not letters:
        return
    place = data.draw(st.sampled_from(letters))
    slipped = value[:place] + data.draw(st.sampled_from("qxz7")) + value[place + 1 :]
    typed = Address(**{**vars_of(known), field: slipped})

    assert set(keys_of(typed)) & set(keys_of(known))


def vars_of(address: Address) -> dict[str, str | None]:
    return {name: getattr(address, name) for name in ("address", "name", "postal_code", "city", "region", "country")}


def named(line: str, name: str = "Chloe Lamacka") -> Address:
    return Address(line, name=name, postal_code="4610", city="Rowville", country="AU")


@pytest.mark.parametrize(
    ("typed", "known", "verdict", "why"),
    [
        (named("85 Harriot Road"), named("58 Harriot Road"), "match", "two digits changed places"),
        (named("24 Harriot Road"), named("103 Harriot Road"), "match", "everything else is the very same"),
        (named("24 Harriot Rise"), named("103 Harriot Road"), "new", "not everything else is the very same"),
        (named("24 Harriot Road"), named("26 Harriot Road"), "new", "next door, to where one may have moved"),
        (named("24a Harriot Road"), named("24 Harriot Road"), "new", "a suffix is another house"),
        (named("85 Harriot Road"), named("58 Harriot Road", "Noah Clark"), "new", "somebody else"),
    ],
)
def test_a_mistyped_number_is_believed_of_the_very_same_name_alone(
    typed: Address, known: Address, verdict: str, why: str
) -> None:
    match = best_match(typed, [("a-1", known)])

    assert match.verdict == verdict, f"{why}\n{match.explain()}"


def test_a_number_that_is_there_is_not_mistyped() -> None:
    neighbour = named("85 Harriott Road", "Noah Clark")
    mistyped = [("a-1", named("58 Harriot Road")), ("a-2", neighbour)]

    # The name speaks for one, the number for the other: whatever the probabilities, no match with the first.
    ranked = best_match(named("85 Harriot Road", "Chloe Lamacka"), mistyped)

    assert {one.id for one in ranked.candidates if one.contradiction is None} == {"a-1", "a-2"}
    assert (ranked.verdict, ranked.best and ranked.best.id) != (Verdict.MATCH, "a-1")


def test_two_that_are_as_convincing_leave_a_doubt() -> None:
    match = best_match(LILAS, [("a-1", LILAS), ("a-2", LILAS)])

    assert match.verdict is Verdict.REVIEW
    assert [candidate.probability for candidate in match.candidates] == [pytest.approx(0.5, abs=0.01)] * 2


def test_what_the_evidence_contributes_sums_to_the_log_odds() -> None:
    for line in ("12 r. des Lillas, 76000 Rouen", "14 rue des Lilas, Rouen", "rue des Roses"):
        best = best_match(Address(line), [("a-1", LILAS)]).best
        assert best

        assert weights().prior + sum(one.contribution for one in best.evidence) == pytest.approx(best.log_odds)
        assert all(one.contribution <= one.weight for one in best.evidence)


def test_weights_that_do_not_say_all_are_refused(tmp_path: Path) -> None:
    said = json.loads(FILE.read_text())
    del said["evidence"]["unit"]["levels"]["missing"]
    (tmp_path / "weights.json").write_text(json.dumps(said))

    with pytest.raises(
        WrongWeights, match=r"weights\.json: the levels of `unit` must be same, swapped, part, missing, "
    ):
        weights(tmp_path / "weights.json")


def test_nothing_near_is_new() -> None:
    assert best_match(LILAS, []).explain() == "new: nothing in the register is near"


def test_the_runner_up_lost_by_what_speaks_less_for_it() -> None:
    neighbour = Address("12 rue des Lilas", postal_code="14000", city="Caen", country="FR")

    said = best_match(LILAS, [("a-1", LILAS), ("a-2", neighbour)]).explain().splitlines()

    assert re.match(r"match: a-1 at 1\.00: house number \+\d\.\d, street \+\d\.\d, ", said[0])
    postal_code = r"postal code -\d\.\d \(another code: 76000 / 14000\) instead of \+\d\.\d"
    assert re.match(rf"  rather than a-2 at 0\.00: {postal_code}, city ", said[1])
    assert "house number" not in said[1]


def test_the_explanation_says_what_was_decisive() -> None:
    typed = Address("14 rue des Lilas", postal_code="76000", city="Rouen")

    said = best_match(typed, [("a-1", LILAS)]).explain()

    assert said.startswith("new: a-1 at 0.")
    assert "house number -10.0 (another house number: 14 / 12)" in said
    assert said.endswith("\n  decisive is the house number: another house number")


def test_a_review_says_what_a_person_has_to_look_at() -> None:
    said = best_match(Address("12 rue des Lilas, Apt 4, 76000 Rouen"), [("a-1", LILAS)]).explain()

    assert "(only one of them has a unit: 4 / none)" in said
    assert said.endswith("\n  decisive is the unit: only one of them has a unit")


HARD_CASES = Path(matching.__file__).with_name("hard_cases.md")


def hard_cases() -> list[tuple[str, Address, str, str]]:
    """The rows of the page: what was typed, what is known, the verdict, and why."""
    rows = [
        [cell.strip() for cell in line.strip("|\n").split("|")]
        for line in HARD_CASES.read_text(encoding="utf-8").splitlines()
        if line.startswith("|") and not line.startswith(("| typed ", "| ---"))
    ]
    return [
        (typed, Address(known, None, code or None, town or None, region or None, country or None), verdict, why)
        for typed, known, code, town, region, country, verdict, why in rows
    ]


@pytest.mark.parametrize(("line", "known", "verdict", "why"), hard_cases(), ids=[case[0] for case in hard_cases()])
def test_hard_cases(line: str, known: Address, verdict: str, why: str) -> None:
    match = best_match(Address(line, country=known.country), [("a-1", known)])

    assert match.verdict == verdict, f"{why}\n{match.explain()}\n{parse(Address(line, country=known.country))}"


def test_a_sign_left_over_from_a_code_is_no_word() -> None:
    parsed = parse(Address("Speelmanstraat 9-c, nl-7978 kn", country="nl"))

    assert "" not in parsed.everything
    assert best_match(Address("Speelmanstraat 9-c, nl-7978 kn", country="nl"), [("a-1", LILAS)]).verdict is Verdict.NEW
