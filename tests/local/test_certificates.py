"""Certificates as those who check them see them, and who is handed what."""

import json
import os
import socket
import ssl
import threading
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from docker.local import certificates
from docker.local.certificates import Authority
from docker.local.hand_out import MEASURED, MONITORS, SERVERS, SIGNERS, STORES, hand_out


def shake_hands(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> bool:
    """Whether both sides believe one another."""
    near, far = socket.socketpair()
    believed = []

    def serve() -> None:
        with suppress(OSError), server.wrap_socket(far, server_side=True) as tls:
            tls.sendall(b"!")
            believed.append(True)

    serving = threading.Thread(target=serve)
    serving.start()
    said = b""
    with suppress(OSError), client.wrap_socket(near, server_hostname=name) as tls:
        said = tls.recv(1)
    serving.join()
    return said == b"!" and believed == [True]


def serving(own: Path, callers: Path | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=callers)
    context.load_cert_chain(own)
    context.verify_mode = ssl.CERT_REQUIRED if callers else ssl.CERT_NONE
    return context


def calling(ca: Path, own: Path | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca)
    # Certificates that the strictest readers take as well.
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    if own:
        context.load_cert_chain(own)
    return context


@pytest.fixture
def handed_out(tmp_path: Path) -> Path:
    hand_out(tmp_path, everything_new=False, owner=os.getuid())
    return tmp_path


def contents(folder: Path) -> dict[str, str]:
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}


@pytest.mark.parametrize("name", SERVERS)
def test_a_server_is_believed_under_its_names_and_no_others(handed_out: Path, name: str) -> None:
    server, client = serving(handed_out / name / "own.pem"), calling(handed_out / name / "ca.pem")

    assert [shake_hands(server, client, host) for host in (name, "localhost", "127.0.0.1")] == [True] * 3
    assert not shake_hands(server, client, f"not-{name}")


def test_the_gateway_alone_may_call(handed_out: Path) -> None:
    server = serving(handed_out / "matching/own.pem", handed_out / "matching/callers.pem")
    ca = handed_out / "gateway/ca.pem"

    assert shake_hands(server, calling(ca, handed_out / "gateway/caller.pem"), "matching")
    assert not shake_hands(server, calling(ca), "matching")
    for name in SERVERS:
        assert not shake_hands(server, calling(ca, handed_out / name / "own.pem"), "matching")


def test_what_is_measured_is_told_to_prometheus_alone(handed_out: Path) -> None:
    for name in SIGNERS:
        server = serving(handed_out / name / "metrics.pem", handed_out / name / "monitoring.pem")
        ca = handed_out / "prometheus/monitoring.pem"

        assert shake_hands(server, calling(ca, handed_out / "prometheus/scraper.pem"), MEASURED)
        assert not shake_hands(server, calling(ca), MEASURED)
        for own in ("metrics.pem", "own.pem", "caller.pem"):
            for other in SIGNERS:
                if (handed_out / other / own).exists():
                    assert not shake_hands(server, calling(ca, handed_out / other / own), MEASURED)


def test_a_caller_is_no_server(handed_out: Path) -> None:
    server = serving(handed_out / "gateway/caller.pem")

    assert not shake_hands(server, calling(handed_out / "gateway/ca.pem"), "gateway")
    assert not shake_hands(server, calling(handed_out / "gateway/callers.pem"), "gateway")


def test_each_folder_holds_what_its_containers_sign_and_show_with(handed_out: Path) -> None:
    everybody = (*SIGNERS, *STORES, *MONITORS)
    held = {name: {file.name for file in (handed_out / name).iterdir()} for name in everybody}

    for name, files in held.items():
        assert {one for one in files if one.endswith(".key")} == {
            *(f"{service}.key" for service in SIGNERS.get(name, ())),
            *(["access_tokens.key"] if name == "accounts" else []),
        }
        assert ("own.pem" in files) == (name in SERVERS or name in MONITORS)
        assert ("metrics.pem" in files) == (name in SIGNERS)
        assert ("scraper.pem" in files) == (name == "prometheus")
        assert ("password" in files) == (name in ("grafana", "flower"))
        assert ("caller.pem" in files) == (name == "gateway")
    assert {path.name for path in handed_out.iterdir()} == {*held, "store"}


def test_secrets_are_for_their_owner_alone(handed_out: Path) -> None:
    private = ("*.key", "own.pem", "caller.pem", "metrics.pem", "scraper.pem", "password")
    secret = [file for name in private for file in handed_out.rglob(name)]
    secret += [file for file in (handed_out / "store").rglob("*") if file.is_file()]

    assert {oct(file.stat().st_mode & 0o777) for file in secret} == {"0o600"}
    assert not [
        name for name, text in contents(handed_out).items() if "PRIVATE" in text and handed_out / name not in secret
    ]


def test_a_second_run_changes_nothing(handed_out: Path) -> None:
    before = contents(handed_out)
    hand_out(handed_out, everything_new=False, owner=os.getuid())

    assert contents(handed_out) == before


def test_everything_new_is_believed_by_those_who_have_not_looked_yet(handed_out: Path) -> None:
    before = contents(handed_out)
    old = serving(handed_out / "matching/own.pem", handed_out / "matching/callers.pem")
    old_caller = calling(handed_out / "gateway/ca.pem", handed_out / "gateway/caller.pem")

    hand_out(handed_out, everything_new=True, owner=os.getuid())

    after = contents(handed_out)
    same = {Path(name).name for name in before if before[name] == after[name]}
    assert same == {
        "ca.pem",
        "callers.pem",
        "servers.pem",
        "monitoring.pem",
        "password",
        "grafana.password",
        "flower.password",
    }
    new = serving(handed_out / "matching/own.pem", handed_out / "matching/callers.pem")
    new_caller = calling(handed_out / "gateway/ca.pem", handed_out / "gateway/caller.pem")
    assert [
        shake_hands(server, caller, "matching") for server in (old, new) for caller in (old_caller, new_caller)
    ] == [True] * 4
    old_public, public = (json.loads(each["matching/public.json"]) for each in (before, after))
    assert all(public[service][1:] == keys for service, keys in old_public.items())


def test_a_certificate_that_ends_soon_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as shorter:
        shorter.setattr(certificates, "LIFE", certificates.RENEWED_BEFORE - timedelta(minutes=1))
        hand_out(tmp_path, everything_new=False, owner=os.getuid())
    before = contents(tmp_path)
    hand_out(tmp_path, everything_new=False, owner=os.getuid())

    after = contents(tmp_path)
    assert {name for name in before if before[name] != after[name]} == {
        *(f"{name}/own.pem" for name in (*SERVERS, *MONITORS)),
        *(f"{name}/metrics.pem" for name in SIGNERS),
        "gateway/caller.pem",
        "prometheus/scraper.pem",
    }


def test_an_authority_signs_no_other_authority(tmp_path: Path) -> None:
    authority = Authority.load_or_make(tmp_path, "servers")

    constraints = authority.certificate.extensions.get_extension_for_class(certificates.x509.BasicConstraints).value
    assert (constraints.ca, constraints.path_length) == (True, 0)
    assert Authority.load_or_make(tmp_path, "servers").pem == authority.pem
