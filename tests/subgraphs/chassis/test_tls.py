"""A service that speaks TLS, attacked on its sockets: who is answered on which port, and with which certificate."""

import asyncio
import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
import structlog
import trustme

from subgraphs.chassis.env import Env, WrongSetting
from subgraphs.chassis.identity import TOKEN_HEADER, sign
from subgraphs.chassis.tls import Tls
from tests.subgraphs.service import KEYS, PUBLIC_KEYS

HERE = "127.0.0.1"
REFUSED = "refused"
PAUSE = threading.Event()
"""never set: what is asked for again and again is asked with a breath between"""


class Files:
    """The certificates of a service and of those who call it, each side with an authority of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.servers, self.callers = trustme.CA(), trustme.CA()
        self.servers.cert_pem.write_to_path(folder / "servers.pem")
        self.callers.cert_pem.write_to_path(folder / "callers.pem")
        self.renew()

    @property
    def settings(self) -> dict[str, str]:
        return {
            "TLS_CERTIFICATE_FILE": str(self.folder / "service.pem"),
            "TLS_KEY_FILE": str(self.folder / "service.key"),
            "TLS_CLIENT_CA_FILE": str(self.folder / "callers.pem"),
        }

    def renew(self) -> int:
        """Another certificate of the service; its serial number."""
        made = self.servers.issue_cert(HERE)
        made.private_key_pem.write_to_path(self.folder / "new.key")
        (self.folder / "new.key").replace(self.folder / "service.key")
        made.cert_chain_pems[0].write_to_path(self.folder / "new.pem")
        (self.folder / "new.pem").replace(self.folder / "service.pem")
        return int(ssl._ssl._test_decode_cert(str(self.folder / "service.pem"))["serialNumber"], 16)  # type: ignore[attr-defined]

    def caller(self, authority: trustme.CA | None = None) -> ssl.SSLContext:
        """Somebody who believes the service, with a certificate of this authority or none."""
        context = ssl.create_default_context(cafile=self.folder / "servers.pem")
        if authority is not None:
            authority.issue_cert("gateway").configure_cert(context)
        return context


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind((HERE, 0))
        return int(listening.getsockname()[1])


class Service:
    """A running `python -m subgraphs.accounts serve`; it needs no server to answer."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.port, self.open_port = free_port(), free_port()
        ports = ["--port", str(self.port), "--open-port", str(self.open_port)]
        environment = {
            "ACCOUNTS_SECRET_KEY": "only for this test",
            "ACCOUNTS_SIGNING_KEYS": json.dumps([_rsa_key()]),
            "ACCOUNTS_DATABASE_URL": f"sqlite:///{folder / 'accounts.sqlite3'}",
            "SERVICE_PUBLIC_KEYS": json.dumps(PUBLIC_KEYS),
        }
        command = [sys.executable, "-m", "subgraphs.accounts"]
        self.environment = {
            **os.environ,
            **environment,
            **settings,
            "DJANGO_SETTINGS_MODULE": "subgraphs.accounts.settings",
        }
        subprocess.run([*command, "prepare"], env=self.environment, check=True, timeout=60, capture_output=True)
        self.process = subprocess.Popen([*command, "serve", *ports], env=self.environment, stdout=subprocess.DEVNULL)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


def _rsa_key() -> str:
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def ask(port: int, path: str, context: ssl.SSLContext | None, *, token: bool = False) -> int | str:
    """The status of the answer, or that the connection gave none."""
    headers = {"Content-Type": "application/json"}
    if token:
        headers[TOKEN_HEADER] = sign("accounts", issuer="gateway", key=KEYS["gateway"], subject=None)
    connection = (
        http.client.HTTPSConnection(HERE, port, context=context, timeout=10)
        if context
        else http.client.HTTPConnection(HERE, port, timeout=10)
    )
    with closing(connection):
        try:
            if path == "/graphql":
                connection.request("POST", path, json.dumps({"query": "{ __typename }"}), headers)
            else:
                connection.request("GET", path, headers=headers)
            return connection.getresponse().status
        except ConnectionRefusedError:
            raise
        except (ssl.SSLError, ConnectionError, http.client.HTTPException):
            return REFUSED


def until_listening(service: Service) -> None:
    for port in (service.port, service.open_port):
        while service.process.poll() is None:
            with suppress(ConnectionRefusedError), socket.create_connection((HERE, port), 10):
                break
    assert service.process.poll() is None, "it ended at the start"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return Files(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def service(files: Files) -> Iterator[Service]:
    pytest.importorskip("strawberry")
    service = Service(files.folder, **files.settings)
    try:
        until_listening(service)
        yield service
    finally:
        service.stop()


def test_the_gateway_is_answered(service: Service, files: Files) -> None:
    assert ask(service.port, "/graphql", files.caller(files.callers), token=True) == 200


def test_a_certificate_is_not_enough_without_the_token(service: Service, files: Files) -> None:
    assert ask(service.port, "/graphql", files.caller(files.callers)) == 401


def test_plain_http_is_refused(service: Service, files: Files) -> None:
    assert ask(service.port, "/graphql", None, token=True) == REFUSED
    assert ask(service.open_port, "/live", None) == REFUSED


def test_whoever_shows_no_certificate_is_refused(service: Service, files: Files) -> None:
    assert ask(service.port, "/graphql", files.caller(), token=True) == REFUSED
    assert ask(service.port, "/live", files.caller()) == REFUSED


@pytest.mark.parametrize("authority", ["another", "of the servers"])
def test_a_certificate_of_another_authority_is_refused(service: Service, files: Files, authority: str) -> None:
    other = files.servers if authority == "of the servers" else trustme.CA()

    assert ask(service.port, "/graphql", files.caller(other), token=True) == REFUSED


@pytest.mark.parametrize("path", ["/live", "/ready", "/o/.well-known/jwks.json", "/login/"])
def test_the_open_port_shows_the_open_pages_to_everybody(service: Service, files: Files, path: str) -> None:
    assert ask(service.open_port, path, files.caller()) == 200


@pytest.mark.parametrize("path", ["/graphql", "/graphql/", "//graphql", "/o/../graphql", "/o/%2e%2e/graphql", "/LIVE"])
def test_the_open_port_has_nothing_else(service: Service, files: Files, path: str) -> None:
    assert ask(service.open_port, path, files.caller(files.callers), token=True) == 404


def test_both_ports_show_a_new_certificate_while_the_service_runs(service: Service, files: Files) -> None:
    renewed = files.renew()

    for port, context in ((service.port, files.caller(files.callers)), (service.open_port, files.caller())):
        while shown(port, context) != renewed:
            assert service.process.poll() is None
            PAUSE.wait(0.05)
        assert ask(port, "/live", context) == 200


def shown(port: int, context: ssl.SSLContext) -> int:
    with socket.create_connection((HERE, port), 10) as plain, context.wrap_socket(plain, server_hostname=HERE) as tls:
        certificate = tls.getpeercert()
        assert certificate
        return int(str(certificate["serialNumber"]), 16)


def test_one_signal_stops_both_ports(files: Files, tmp_path: Path) -> None:
    pytest.importorskip("strawberry")
    service = Service(tmp_path)
    until_listening(service)
    assert [ask(service.port, "/live", None), ask(service.open_port, "/live", None)] == [200, 200]

    assert service.stop() == -signal.SIGTERM
    for port in (service.port, service.open_port):
        with pytest.raises(ConnectionRefusedError):
            ask(port, "/live", None)


async def test_files_that_do_not_fit_leave_the_certificate_as_it_was(files: Files, tmp_path: Path) -> None:
    own = Files(tmp_path)
    tls = Tls.from_environment(Env("EXAMPLE", own.settings))
    assert tls is not None
    context = tls.context(callers_known=False)
    server = await asyncio.start_server(lambda _, writer: writer.close(), HERE, 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    first = await asyncio.to_thread(shown, port, own.caller())
    with structlog.testing.capture_logs() as logged:
        following = asyncio.create_task(tls.follow([context], every=0.01))
        try:
            await asyncio.sleep(0)  # it has seen the files of the start
            (tmp_path / "service.key").write_text("no key")
            while not logged:
                await asyncio.sleep(0.01)
            assert [one["event"] for one in logged] == ["certificate not reloaded, the old one stays"]
            assert await asyncio.to_thread(shown, port, own.caller()) == first

            renewed = own.renew()
            while await asyncio.to_thread(shown, port, own.caller()) != renewed:
                assert not following.done()
        finally:
            following.cancel()
            server.close()


def test_without_a_certificate_it_is_plain() -> None:
    assert Tls.from_environment(Env("EXAMPLE", {})) is None


def test_files_that_do_not_fit_name_their_settings(files: Files, tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match=r"TLS_CERTIFICATE_FILE='/nowhere.pem'.*cannot be read: No such file"):
        Tls.from_environment(Env("EXAMPLE", {"TLS_CERTIFICATE_FILE": "/nowhere.pem"}))
    with pytest.raises(WrongSetting, match="name the certificate too, with TLS_CERTIFICATE_FILE"):
        Tls.from_environment(Env("EXAMPLE", {"TLS_CLIENT_CA_FILE": files.settings["TLS_CLIENT_CA_FILE"]}))
    (tmp_path / "no.pem").write_text("no certificate")
    with pytest.raises(WrongSetting, match="belong together"):
        Tls.from_environment(Env("EXAMPLE", {**files.settings, "EXAMPLE_TLS_KEY_FILE": str(tmp_path / "no.pem")}))
