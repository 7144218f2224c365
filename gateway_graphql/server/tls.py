"""TLS from files that may change while the gateway runs: certificates do not last long."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path

from gateway_graphql.server.settings import HttpsSettings, SubgraphTls

__all__ = ["TlsContexts", "follow_certificate", "listening_context", "tls_problem"]

Tell = Callable[..., None]
Stamps = tuple[tuple[int, int], ...]


class TlsContexts:
    """How subgraphs are spoken to; a context is made again when one of its files has changed."""

    def __init__(self, *protocols: str) -> None:
        """``protocols``: what is offered to be spoken over TLS, such as ``h2``; none: nothing is said of it."""
        self._protocols = protocols
        self._made: dict[SubgraphTls, tuple[Stamps, ssl.SSLContext]] = {}

    def of(self, settings: SubgraphTls) -> ssl.SSLContext:
        """
        The context for these files. While they are being written and do not fit, the one that was made before.

        :raises OSError: they cannot be read (:class:`ssl.SSLError`: they do not fit), and never could.
        """
        known = self._made.get(settings)
        stamps = None
        try:
            stamps = _stamps(settings)
            if known is None or known[0] != stamps:
                known = self._made[settings] = stamps, _context(settings, self._protocols)
        except OSError:
            if known is None:
                raise
            if stamps is not None:  # they do not fit, and will not until they are others: not tried for each request
                self._made[settings] = stamps, known[1]
        return known[1]


def _stamps(settings: SubgraphTls | HttpsSettings) -> Stamps:
    return tuple((one.st_mtime_ns, one.st_ino) for one in (file.stat() for file in _files(settings)))


def _context(settings: SubgraphTls, protocols: tuple[str, ...] = ()) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=settings.ca_file)
    if protocols:
        context.set_alpn_protocols(list(protocols))
    if settings.certificate_file is not None:
        context.load_cert_chain(settings.certificate_file, settings.key_file)
    return context


def listening_context(settings: HttpsSettings) -> ssl.SSLContext:
    """
    What clients are answered with.

    :raises OSError: the files cannot be read, or (:class:`ssl.SSLError`) do not fit.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=settings.client_ca_file)
    context.load_cert_chain(settings.certificate_file, settings.key_file)
    context.set_alpn_protocols(["http/1.1"])
    if settings.client_ca_file is not None:
        context.verify_mode = ssl.CERT_REQUIRED
    return context


async def follow_certificate(context: ssl.SSLContext, settings: HttpsSettings, every: float, tell: Tell) -> None:
    """
    Look again and again, ``every`` so many seconds; a new certificate is shown from the next connection on.

    One that does not fit its key stays unused, and ``tell(event, **facts)`` hears about it.
    """
    last = _stamps(settings)
    while True:
        await asyncio.sleep(every)
        try:
            stamps = _stamps(settings)
            if stamps == last:
                continue
            last = stamps
            listening_context(settings)  # a context that failed halfway would have a certificate without its key
            context.load_cert_chain(settings.certificate_file, settings.key_file)
            tell("certificate reloaded", file=str(settings.certificate_file))
        except OSError as problem:
            tell("certificate not reloaded, the old one stays", problem=str(problem))


def tls_problem(settings: SubgraphTls | HttpsSettings) -> str | None:
    """What is wrong with the files, for the person who named them."""
    try:
        if isinstance(settings, HttpsSettings):
            listening_context(settings)
        else:
            _context(settings)
    except ssl.SSLError as problem:
        files = ", ".join(str(file) for file in _files(settings))
        return f"{files}: no certificates and keys in PEM that belong together ({problem.reason or problem})"
    except OSError as problem:
        return f"{problem.filename or ', '.join(str(file) for file in _files(settings))}: {problem.strerror or problem}"
    return None


def _files(settings: SubgraphTls | HttpsSettings) -> list[Path]:
    return [file for name in settings.__slots__ if (file := getattr(settings, name)) is not None]
