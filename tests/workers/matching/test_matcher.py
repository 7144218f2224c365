"""Properties that hold for any address, and a table of hard cases that reads as documentation."""

import json
import re
import string
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
    postal_code = r"postal code -\d\.\d \(another code\) instead of \+\d\.\d"
    assert re.match(rf"  rather than a-2 at 0\.00: {postal_code}, city ", said[1])
    assert "house number" not in said[1]


def test_the_explanation_says_what_was_decisive() -> None:
    typed = Address("14 rue des Lilas", postal_code="76000", city="Rouen")

    said = best_match(typed, [("a-1", LILAS)]).explain()

    assert said.startswith("new: a-1 at 0.")
    assert "house number -10.0 (another house number)" in said


MIZONOKUCHI = Address("溝口三丁目11-30", city="川崎市高津区", region="神奈川県", country="JP")

HARD_CASES = [
    # typed, known, verdict, why
    ("12 r. des Lillas, 76000 Rouen", LILAS, "match", "all in one line, abbreviated, a slip"),
    ("12bis rue des Lilas, 76000 Rouen", LILAS, "new", "12bis is another house than 12"),
    ("12 bis rue des Lilas, 76000 Rouen", Address("12bis rue des Lilas", postal_code="76000", city="Rouen"), "match", ""),
    ("rue des Lilas, 76000 Rouen", LILAS, "review", "which house?"),
    ("12 rue des Lilas, Apt 4, 76000 Rouen", LILAS, "review", "the register knows the house, not the apartment"),
    ("12 rue des Roses, 76000 Rouen", LILAS, "new", "another street"),
    ("12 rue des Lilas, Marseille", LILAS, "new", "the same street in another town"),
    ("Hauptstr. 7, 10827 Berlin", Address("Hauptstraße 7", postal_code="10827", city="Berlin", country="DE"), "match", ""),
    ("7 Hauptstrasse", Address("Hauptstraße 7", city="Berlin", country="DE"), "review", "no town"),
    ("3/12 George St, Sydney 2000", Address("Unit 3, 12 George Street", postal_code="2000", city="Sydney", country="AU"),
     "match", "unit 3 of number 12, as Australians write it"),
    ("4/12 George St, Sydney 2000", Address("Unit 3, 12 George Street", postal_code="2000", city="Sydney", country="AU"),
     "new", "another unit"),
    ("Rua 18, 53, Caldas Novas", Address("Rua 18, 53", city="Caldas Novas", country="BR"), "match", "a numbered street"),
    ("Rua 18, 54, Caldas Novas", Address("Rua 18, 53", city="Caldas Novas", country="BR"), "new", "another house in it"),
    ("10 Downing St, SW1A 2AA London", Address("10 Downing Street", postal_code="SW1A2AA", city="London", country="GB"),
     "match", ""),
    ("24 killarney, ivo whitton circuit, greenwtih 7207",
     Address("24 ivo whitton circuit, killarney", postal_code="7207", city="greenwith", country="AU"), "match",
     "the parts of the line in another order"),
    ("37a Elm Road, Leeds LS8 4DY", Address("Flat A 37 Elm Road", postal_code="LS8 4DY", city="Leeds", country="GB"),
     "match", "the letter of the house is the name of its flat"),
    ("Rose House 3b Elm Place Leeds", Address("3 B ELM PLACE BRAMLEY", city="Leeds", country="GB"), "match",
     "a building before the number, a suburb behind the street"),
    ("Farmhouse, 12, Leeds LS8 4DY", Address("12 Elm Road", postal_code="LS8 4DY", city="Leeds", country="GB"), "match",
     "no street, but a postal code that few houses share, and the number"),
    ("12 Ash Road, Leeds LS8 4DY", Address("12 Elm Road", postal_code="LS8 4DY", city="Leeds", country="GB"), "new",
     "another street at the corner"),
    ("60 Elm Road, Leeds LS8 4DY", Address("60 Elm Street", postal_code="LS8 4DY", city="Leeds", country="GB"), "review",
     "road or street?"),
    ("1059 Main Street, Worcester 01610", Address("1057;1059 Main Street", postal_code="01610", city="Worcester",
     country="US"), "match", "one of several numbers of a house"),
    ("Rozvojová 2, 04011 Košice", Address("Rozvojová 2343/2", postal_code="040 11", city="Košice", country="SK"), "match",
     "a house with two numbers"),
    ("859 NW 58 St, Miami", Address("859 NW 54th Street", city="Miami", country="US"), "new", "another numbered street"),
    ("9 Rue du 8 mai 1945 Lens", Address("9 Rue du 8 Mai 1945", city="Lens", country="FR"), "match",
     "a year is no postal code"),
    ("4 Rue Mozart Liévin", Address("4 Rue Wolfgang Mozart", city="Liévin", country="FR"), "match", "no first name"),
    ("28 Rue du Brayer93160", Address("28 Rue du Brayer", postal_code="93160", city="Noisy-le-Grand", country="FR"),
     "match", "a space was lost"),
    ("神奈川県川崎市高津区溝口３丁目１１－３０", MIZONOKUCHI, "match", "the whole in one line, wide digits"),
    ("川崎市高津区溝口三丁目十一番三十号", MIZONOKUCHI, "match", "Chinese numerals, no prefecture"),
    ("神奈川県川崎市高津区溝口3-11-31", MIZONOKUCHI, "new", "another house of the block"),
    ("神奈川県川崎市高津区溝口3-11", MIZONOKUCHI, "review", "which house of the block?"),
    ("神奈川県川崎市高津区久地3-11-30", MIZONOKUCHI, "new", "another town"),
    ("東京都渋谷区富ヶ谷1-3-15", Address("富ケ谷一丁目3-15", city="渋谷区", region="東京都", country="JP"), "match",
     "small and large ke"),
    ("Lykkevej 50, 4. tv., 3222 Struer", Address("Lykkevej 50, 4. th", postal_code="3222", city="Struer", country="DK"),
     "new", "the door on the other side of the stairs"),
    ("78. Sokak No: 3 D: 4, Antalya", Address("78. Sokak No:3 Daire 4", city="Antalya", country="TR"), "match",
     "the house number is announced, the street is numbered"),
    ("ул. Внуковская, д. 2, кв. 3, Уфа", Address("ул. Внуковская, д. 2, кв. 2", city="Уфа", country="RU"), "new",
     "another flat"),
    ("наб. Полесская, д. 18, Тында", Address("ул. Косая, д. 18", city="Тында", country="RU"), "new",
     "a word for the house number is no street"),
    ("Hauptstr. 5, 3. OG, 10827 Berlin", Address("Hauptstraße 5", postal_code="10827", city="Berlin", country="DE"),
     "review", "the register knows the house, not the floor"),
    ("Flat 3/13 The Ilchester, Leeds LS8 4DY", Address("Flat 3, 13 The Ilchester", postal_code="LS8 4DY", city="Leeds",
     country="GB"), "match", "flat and number with a slash"),
    ("Lupineveld47, 1234 AB Delft", Address("Lupineveld 47", postal_code="1234AB", city="Delft", country="NL"), "match",
     "number and street run together"),
    ("石家庄市长辛店东路21号202室", Address("长辛店东路21号 202室", city="石家庄市", country="CN"), "match", "no spaces at all"),
    ("石家庄市长辛店东路21乙号", Address("长辛店东路21号", city="石家庄市", country="CN"), "new", "the second house of the number"),
    ("Улица Ленина 5, Москва", Address("Ulica Lenina 5", city="Moskva", country="RU"), "match", "another alphabet"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "known", "verdict", "why"), HARD_CASES, ids=[case[0] for case in HARD_CASES])
def test_hard_cases(line: str, known: Address, verdict: str, why: str) -> None:
    match = best_match(Address(line, country=known.country), [("a-1", known)])

    assert match.verdict == verdict, f"{why}\n{match.explain()}\n{parse(Address(line, country=known.country))}"


def test_a_sign_left_over_from_a_code_is_no_word() -> None:
    parsed = parse(Address("Speelmanstraat 9-c, nl-7978 kn", country="nl"))

    assert "" not in parsed.everything
    assert best_match(Address("Speelmanstraat 9-c, nl-7978 kn", country="nl"), [("a-1", LILAS)]).verdict is Verdict.NEW
