"""
Where Prometheus finds what a process measures of itself: on a port of its own, answered in a thread.

``METRICS`` is ``host:port``; left out: nowhere. Who calls the service cannot get there, and a busy process still answers.
With ``METRICS_CERTIFICATE_FILE`` (certificate and key in one PEM, which may be replaced while the process runs) it
speaks TLS, and answers those alone who have a certificate of the authority in ``METRICS_CLIENT_CA_FILE``.
"""

import ssl
import threading
from pathlib import Path
from wsgiref.simple_server import WSGIServer

import structlog
from prometheus_client import REGISTRY, start_http_server
from prometheus_client.registry import Collector

from workers.chassis.env import Env, WrongSetting

EVERY = 5.0
"""seconds between two looks at the certificate"""

log = structlog.get_logger("metrics")


def serve_metrics(env: Env, registry: Collector = REGISTRY) -> WSGIServer | None:
    """
    Answer Prometheus for as long as the process lives; ``None`` where nobody is to be answered.

    :raises WrongSetting: when this is no place to listen at, or the certificate cannot be used.
    """
    place = env.text("METRICS", "")
    if not place:
        return None
    host, _, port = place.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65_535:
        raise WrongSetting(f"METRICS={place!r} is no place to listen at: write host:port, such as 127.0.0.1:9100")
    certificate, callers = (env.text(f"METRICS_{name}_FILE", "") for name in ("CERTIFICATE", "CLIENT_CA"))
    if bool(certificate) != bool(callers):
        raise WrongSetting("METRICS_CERTIFICATE_FILE and METRICS_CLIENT_CA_FILE belong together: set both or neither")
    try:
        loaded = _stamp(Path(certificate)) if certificate else None
        server, _ = start_http_server(
            int(port),
            host.strip("[]"),
            registry,
            certfile=certificate or None,
            keyfile=certificate or None,
            client_cafile=callers or None,
            client_auth_required=bool(callers),
        )
    except ssl.SSLError as problem:
        raise WrongSetting(
            f"METRICS_CERTIFICATE_FILE={certificate!r} and METRICS_CLIENT_CA_FILE={callers!r} cannot be used: {problem}"
        ) from None
    except OSError as problem:
        raise WrongSetting(f"METRICS={place!r}: cannot listen there: {problem.strerror or problem}") from None
    if isinstance(server.socket, ssl.SSLSocket):
        arguments = (server.socket.context, Path(certificate), loaded)
        threading.Thread(target=_follow, args=arguments, daemon=True).start()
    log.info("metrics are ready", at=f"{host}:{server.server_port}")
    return server


def _follow(context: ssl.SSLContext, certificate: Path, loaded: tuple[int, int]) -> None:
    """A new certificate is shown from the next connection on; one that does not fit its key stays unused."""
    look = threading.Event()
    while not look.wait(EVERY):
        try:
            if (now := _stamp(certificate)) == loaded:
                continue
            loaded = now
            # One that failed halfway would leave a certificate without its key.
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate)
            context.load_cert_chain(certificate)
            log.info("certificate reloaded", file=str(certificate))
        except OSError as problem:
            log.warning("certificate not reloaded, the old one stays", problem=str(problem))


def _stamp(file: Path) -> tuple[int, int]:
    now = file.stat()
    return now.st_mtime_ns, now.st_ino
