"""RabbitMQ over TLS: its certificate is looked at before a word is said, by everything that connects to it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme

from tests.workers.tls_listener import HELLO, Listening
from workers.chassis import broker
from workers.chassis.celery import make_app


def by_pika() -> None:
    broker.connect("matching").close()


def by_celery() -> None:
    app = make_app("matching", ["test"])
    with app.connection_for_write() as connection:
        connection.connect()


Connect = Callable[[], None]
both = pytest.mark.parametrize("connect", [by_pika, by_celery])


@pytest.fixture
def listening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Listening]:
    listening = Listening(tmp_path)
    monkeypatch.setenv("RABBITMQ_URL", listening.url)
    yield listening
    listening.close()


@both
def test_a_broker_of_the_authority_is_spoken_to(
    connect: Connect, listening: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RABBITMQ_CA_FILE", str(listening.ca_file))

    with pytest.raises(Exception):  # noqa: B017 - it hangs up, and each library says so in its own words
        connect()

    assert listening.heard() == HELLO


@both
@pytest.mark.parametrize("believed", ["another authority", "those of the system"])
def test_any_other_is_not(
    connect: Connect, listening: Listening, tmp_path: Path, believed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if believed == "another authority":
        trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
        monkeypatch.setenv("RABBITMQ_CA_FILE", str(tmp_path / "other.pem"))

    with pytest.raises(Exception):  # noqa: B017
        connect()

    assert listening.heard() == b""


@both
def test_one_with_the_name_of_another_host_is_not(
    connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listening = Listening(tmp_path, name="elsewhere.example")
    monkeypatch.setenv("RABBITMQ_URL", listening.url)
    monkeypatch.setenv("RABBITMQ_CA_FILE", str(listening.ca_file))

    with pytest.raises(Exception):  # noqa: B017
        connect()

    assert listening.heard() == b""
    listening.close()
