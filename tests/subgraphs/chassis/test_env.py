"""Settings come from the environment, and a missing one names itself."""

import pytest

from subgraphs.chassis.env import Env, MissingSetting, WrongSetting


def env(**environ: str) -> Env:
    return Env("subscribers", environ)


def test_the_services_own_setting_wins_over_the_shared_one() -> None:
    assert env(MONGO_URL="all").text("MONGO_URL") == "all"
    assert env(MONGO_URL="all", SUBSCRIBERS_MONGO_URL="own").text("MONGO_URL") == "own"
    assert env(MONGO_URL="all", SUBSCRIBERS_MONGO_URL=" ").text("MONGO_URL") == "all"


@pytest.mark.parametrize("environ", [{}, {"SECRET_KEY": ""}, {"SUBSCRIBERS_SECRET_KEY": "  "}])
def test_a_missing_setting_names_itself(environ: dict[str, str]) -> None:
    with pytest.raises(MissingSetting, match="set SUBSCRIBERS_SECRET_KEY in the environment"):
        env(**environ).text("SECRET_KEY")


def test_a_default_stands_in_for_what_is_forgotten() -> None:
    nothing = env()

    assert nothing.text("A", "x") == "x"
    assert nothing.number("A", 3) == 3
    assert nothing.flag("A") is False
    assert nothing.flag("A", True) is True
    assert nothing.items("A", "x, y,,") == ["x", "y"]
    assert nothing.json("A", "{}") == {}


@pytest.mark.parametrize("text", ["ten", "-1", "1.5", "1e3"])
def test_a_number_is_written_in_digits(text: str) -> None:
    with pytest.raises(WrongSetting, match=f"LIMIT='{text}' is no whole number"):
        env(LIMIT=text).number("LIMIT", 3)


@pytest.mark.parametrize(
    ("text", "meaning"), [("1", True), ("True", True), ("yes", True), ("on", True), ("0", False), ("OFF", False)]
)
def test_a_flag_has_many_spellings(text: str, meaning: bool) -> None:
    assert env(DEBUG=text).flag("DEBUG") is meaning


def test_a_flag_that_is_neither_is_refused() -> None:
    with pytest.raises(WrongSetting, match="SUBSCRIBERS_DEBUG='maybe'"):
        env(SUBSCRIBERS_DEBUG="maybe").flag("DEBUG")


def test_json_that_is_none_is_refused_without_showing_it() -> None:
    with pytest.raises(WrongSetting, match="KEYS is not JSON") as refused:
        env(KEYS="{secret").json("KEYS")

    assert "secret" not in str(refused.value)
