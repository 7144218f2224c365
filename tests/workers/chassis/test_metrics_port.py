"""Prometheus asks on a port of its own; where there are certificates, nobody else is answered."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
import trustme
from prometheus_client import CollectorRegistry, Counter

from tests.workers.servers import eventually
from workers.chassis import metrics_port
from workers.chassis.env import Env, WrongSetting
from workers.chassis.metrics_port import serve_metrics

HERE = "127.0.0.1"


@contextmanager
def serving(**settings: str) -> Iterator[int]:
    """The port of a process that counts one thing."""
    registry = CollectorRegistry()
    Counter("letters", "Sent.", registry=registry).inc(3)
    server = serve_metrics(Env("TEST", {"METRICS": f"{HERE}:0", **settings}), registry)
    assert server
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def said(port: int, context: ssl.SSLContext | None = None) -> str:
    with urlopen(f"http{'s' if context else ''}://{HERE}:{port}/metrics", timeout=5, context=context) as answer:
        return str(answer.read().decode())


class Files:
    """The certificate of the process, and whoever may ask."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.authority = trustme.CA()
        self.authority.cert_pem.write_to_path(folder / "monitoring.pem")
        self.renew()

    @property
    def settings(self) -> dict[str, str]:
        return {
            "METRICS_CERTIFICATE_FILE": str(self._folder / "own.pem"),
            "METRICS_CLIENT_CA_FILE": str(self._folder / "monitoring.pem"),
        }

    def renew(self) -> int:
        """Another certificate; its serial number."""
        self.authority.issue_cert(HERE).private_key_and_cert_chain_pem.write_to_path(self._folder / "new.pem")
        (self._folder / "new.pem").replace(self._folder / "own.pem")
        return serial(str(self._folder / "own.pem"))

    def asks(self, shown: trustme.CA | None) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self._folder / "monitoring.pem")
        if shown:
            shown.issue_cert("prometheus").configure_cert(context)
        return context


def serial(file: str) -> int:
    return int(ssl._ssl._test_decode_cert(file)["serialNumber"], 16)  # type: ignore[attr-defined]


def certificate_at(port: int, files: Files) -> str:
    with (
        socket.create_connection((HERE, port), 5) as plain,
        files.asks(files.authority).wrap_socket(plain, server_hostname=HERE) as connection,
    ):
        return ssl.DER_cert_to_PEM_cert(connection.getpeercert(binary_form=True) or b"")


def test_nobody_is_answered_where_no_place_is_set() -> None:
    assert serve_metrics(Env("TEST", {})) is None


def test_what_is_counted_is_told() -> None:
    with serving() as port:
        assert "letters_total 3.0" in said(port)


@pytest.mark.parametrize("place", ["9100", ":9100", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:70000"])
def test_what_is_no_place_names_itself(place: str) -> None:
    with pytest.raises(WrongSetting, match=r"METRICS=.*write host:port"):
        serve_metrics(Env("TEST", {"METRICS": place}))


def test_a_place_that_is_taken_names_itself() -> None:
    with serving() as port, pytest.raises(WrongSetting, match="cannot listen there: Address already in use"):
        serve_metrics(Env("TEST", {"METRICS": f"{HERE}:{port}"}))


def test_a_certificate_without_those_who_may_ask_is_refused(tmp_path: Path) -> None:
    half = {"METRICS": f"{HERE}:0", "METRICS_CERTIFICATE_FILE": Files(tmp_path).settings["METRICS_CERTIFICATE_FILE"]}
    with pytest.raises(WrongSetting, match="set both or neither"):
        serve_metrics(Env("TEST", half))


def test_a_file_that_is_no_certificate_names_itself(tmp_path: Path) -> None:
    settings = Files(tmp_path).settings
    Path(settings["METRICS_CERTIFICATE_FILE"]).write_text("nothing of the kind")
    with pytest.raises(WrongSetting, match=r"own\.pem"):
        serve_metrics(Env("TEST", {"METRICS": f"{HERE}:0", **settings}))


def test_only_who_has_a_certificate_of_the_authority_is_answered(tmp_path: Path) -> None:
    files = Files(tmp_path)
    with serving(**files.settings) as port:
        assert "letters_total" in said(port, files.asks(files.authority))
        for nobody in (None, trustme.CA()):
            with pytest.raises((URLError, ssl.SSLError, ConnectionError)):
                said(port, files.asks(nobody))
        with pytest.raises((URLError, ConnectionError)):
            said(port)
        assert "letters_total" in said(port, files.asks(files.authority))


def test_a_new_certificate_is_shown_without_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics_port, "EVERY", 0.02)
    files = Files(tmp_path)
    with serving(**files.settings) as port:
        renewed = files.renew()

        def shown() -> int:
            file = tmp_path / "shown.pem"
            file.write_text(certificate_at(port, files))
            return serial(str(file))

        eventually(lambda: shown() == renewed)
