"""Keys in files are changed while a process runs, and nothing that was signed before is lost."""

import json
import os
from pathlib import Path

import pytest

from subgraphs.chassis.env import Env, MissingSetting, WrongSetting
from subgraphs.chassis.identity import UnknownService, sign, verify
from subgraphs.chassis.service_keys import PublicKeys, Secret
from tests.subgraphs.service import KEYS, PUBLIC_KEYS


def write(file: Path, text: str) -> None:
    """In one step, as whoever changes keys does."""
    new = file.with_suffix(".new")
    new.write_text(text)
    new.replace(file)


def test_what_the_variable_holds_is_the_secret() -> None:
    assert Secret.from_environment(Env("x", {"X_SERVICE_KEY": "s3cret"}), "SERVICE_KEY")() == "s3cret"


def test_a_file_is_read_again_when_it_is_another(tmp_path: Path) -> None:
    file = tmp_path / "x.key"
    write(file, "one\n")
    secret = Secret.from_environment(Env("x", {"X_SERVICE_KEY_FILE": str(file)}), "SERVICE_KEY")
    assert secret() == "one"

    write(file, "two\n")

    assert secret() == "two"


def test_what_is_missing_names_itself() -> None:
    with pytest.raises(MissingSetting, match="set X_SERVICE_KEY in the environment"):
        Secret.from_environment(Env("x", {}), "SERVICE_KEY")
    with pytest.raises(WrongSetting, match="SERVICE_KEY_FILE='/nowhere' cannot be read: No such file"):
        Secret.from_environment(Env("x", {"X_SERVICE_KEY_FILE": "/nowhere"}), "SERVICE_KEY")


@pytest.mark.parametrize("text", ["{", "[]", '{"gateway": 1}', '"x"'])
def test_wrong_public_keys_are_said_at_the_start(text: str) -> None:
    with pytest.raises(WrongSetting, match="SERVICE_PUBLIC_KEYS is not JSON of services and their public keys"):
        PublicKeys.from_environment(Env("x", {"SERVICE_PUBLIC_KEYS": text}))


def test_a_new_key_counts_at_once_and_the_old_one_until_it_is_taken_away(tmp_path: Path) -> None:
    file = tmp_path / "public.json"
    write(file, json.dumps({"gateway": PUBLIC_KEYS["gateway"]}))
    keys = PublicKeys.from_environment(Env("x", {"SERVICE_PUBLIC_KEYS_FILE": str(file)}))
    old, new = (sign("x", issuer="gateway", key=KEYS[name]) for name in ("gateway", "matching"))
    verify(old, audience="x", issuer="gateway", public_keys=keys)
    with pytest.raises(UnknownService, match="Signature verification failed"):
        verify(new, audience="x", issuer="gateway", public_keys=keys)

    write(file, json.dumps({"gateway": [PUBLIC_KEYS["matching"], PUBLIC_KEYS["gateway"]]}))

    for token in (old, new):
        assert verify(token, audience="x", issuer="gateway", public_keys=keys)["iss"] == "gateway"

    write(file, json.dumps({"gateway": [PUBLIC_KEYS["matching"]]}))

    with pytest.raises(UnknownService, match="Signature verification failed"):
        verify(old, audience="x", issuer="gateway", public_keys=keys)


def test_an_expired_token_of_an_older_key_is_expired(tmp_path: Path) -> None:
    token = sign("x", issuer="gateway", key=KEYS["gateway"], lifetime=-60)
    keys = {"gateway": [PUBLIC_KEYS["matching"], PUBLIC_KEYS["gateway"]]}

    with pytest.raises(UnknownService, match="expired"):
        verify(token, audience="x", issuer="gateway", public_keys=keys)


def test_a_file_that_is_written_in_place_with_the_same_length_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "x.key"
    file.write_text("one")
    secret = Secret(file=file)
    assert secret() == "one"

    file.write_text("two")
    os.utime(file, ns=(1, 1))

    assert secret() == "two"
