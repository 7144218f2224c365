"""RabbitMQ over TLS: its certificate is looked at before a word is said, by everything that connects to it."""

import queue
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import trustme

from workers.chassis import broker
from workers.chassis.celery import make_app

HELLO = b"AMQP\x00\x00\x09\x01"


class Listening:
    """Takes TLS connections, hears how a client of RabbitMQ begins, and hangs up."""

    def __init__(self, folder: Path, *, name: str = "127.0.0.1") -> None:
        authority = trustme.CA()
        self.ca_file = folder / f"{name}.ca.pem"
        authority.cert_pem.write_to_path(self.ca_file)
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert(name).configure_cert(self._context)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._heard: queue.Queue[bytes] = queue.Queue()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"amqps://guest:guest@127.0.0.1:{self._listening.getsockname()[1]}/%2F"

    def heard(self) -> bytes:
        """What the next client said; nothing, if it did not come to that."""
        return self._heard.get(timeout=20)

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                plain, _ = self._listening.accept()
                plain.settimeout(10)
                try:
                    with self._context.wrap_socket(plain, server_side=True) as tls:
                        self._heard.put(tls.recv(8))
                except OSError:
                    self._heard.put(b"")


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
