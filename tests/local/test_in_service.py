"""A command of a service, beside the running system."""

from pathlib import Path

import pytest

from docker.local.in_service import environment, in_service
from docker.local.infrastructure import Infrastructure
from docker.local.settings import LocalSettings

SERVERS = Infrastructure("mongodb://there", "redis://there", "amqp://there", "http://there", ())


def test_what_is_no_service_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert in_service(LocalSettings(state=tmp_path), "discount", ["export"]) == 2
    assert "there is no service 'discount'; there are: " in capsys.readouterr().err


def test_it_gets_what_its_service_gets_and_nothing_of_another(tmp_path: Path) -> None:
    given = environment(LocalSettings(state=tmp_path), "discounts", SERVERS)

    assert given["DJANGO_SETTINGS_MODULE"] == "subgraphs.discounts.settings"
    assert (given["MONGO_URL"], given.get("REDIS_URL")) == ("mongodb://there", None)
    secrets = {name for name in given if name.endswith(("_SECRET_KEY", "_SERVICE_KEY_FILE"))}
    assert secrets == {"DISCOUNTS_SECRET_KEY", "DISCOUNTS_SERVICE_KEY_FILE"}


def test_settings_that_are_turned_on_the_way_are_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCOUNTS_TAKES_OVER", "0,Voucher.download=5")
    monkeypatch.setenv("DISCOUNTS_SECRET_KEY", "is made, not given")

    extra = LocalSettings.from_environment().extra
    assert extra["DISCOUNTS_TAKES_OVER"] == "0,Voucher.download=5"
    assert "DISCOUNTS_SECRET_KEY" not in extra
