"""
What this process listens with where it speaks TLS: PEM files that may be replaced while it runs.

``TLS_CERTIFICATE_FILE`` and ``TLS_KEY_FILE`` are its own; ``TLS_CLIENT_CA_FILE`` names the authority whose certificates
callers must have (mutual TLS). Without the first it speaks plain HTTP.
"""

import asyncio
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import structlog

from realtime.env import BadSetting, Env

EVERY = 5.0
"""seconds between two looks at the files"""

log = structlog.get_logger("tls")


@dataclass(frozen=True)
class Tls:
    """The files of this process."""

    certificate_file: Path
    key_file: Path | None = None
    """its key, if it is not in the same file"""
    client_ca_file: Path | None = None
    """authorities; only callers with a certificate of one of them are answered"""

    @classmethod
    def from_environment(cls, env: Env) -> "Tls | None":
        """
        The files that the settings name; ``None`` where no certificate is.

        :raises BadSetting: they cannot be read, or do not belong together.
        """
        certificate, key, callers = (
            env.text(name, "") for name in ("TLS_CERTIFICATE_FILE", "TLS_KEY_FILE", "TLS_CLIENT_CA_FILE")
        )
        if not certificate:
            if key or callers:
                raise BadSetting(
                    "TLS_KEY_FILE or TLS_CLIENT_CA_FILE is set: name the certificate too, with TLS_CERTIFICATE_FILE"
                )
            return None
        tls = cls(Path(certificate), Path(key) if key else None, Path(callers) if callers else None)
        try:
            tls.context(callers_known=bool(callers))
        except ssl.SSLError as problem:
            raise BadSetting(
                f"TLS_CERTIFICATE_FILE={certificate!r}, TLS_KEY_FILE={key!r} and TLS_CLIENT_CA_FILE={callers!r} are no "
                f"certificates and keys in PEM that belong together ({problem.reason or problem})"
            ) from None
        except OSError as problem:
            raise BadSetting(
                f"TLS_CERTIFICATE_FILE={certificate!r}, TLS_KEY_FILE={key!r} or TLS_CLIENT_CA_FILE={callers!r} cannot "
                f"be read: {problem.strerror}"
            ) from None
        return tls

    def context(self, *, callers_known: bool) -> ssl.SSLContext:
        """
        What to listen with.

        :param callers_known: answer only callers with a certificate of ``client_ca_file``, if there is one
        :raises OSError: the files cannot be read, or (:class:`ssl.SSLError`) do not fit.
        """
        authority = self.client_ca_file if callers_known else None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority)
        if authority:
            context.verify_mode = ssl.CERT_REQUIRED
        context.load_cert_chain(self.certificate_file, self.key_file)
        return context

    async def follow(self, contexts: Iterable[ssl.SSLContext], *, every: float = EVERY) -> None:
        """
        Look again and again: a new certificate is shown from the next connection on.

        One that does not fit its key stays unused. Who may call is read at the start alone.
        """
        contexts = list(contexts)
        last = self._stamps()
        while True:
            await asyncio.sleep(every)
            try:
                stamps = self._stamps()
                if stamps == last:
                    continue
                last = stamps
                self.context(callers_known=False)  # one that failed halfway would have a certificate without its key
                for context in contexts:
                    context.load_cert_chain(self.certificate_file, self.key_file)
                log.info("certificate reloaded", file=str(self.certificate_file))
            except OSError as problem:
                log.warning("certificate not reloaded, the old one stays", problem=str(problem))

    def _stamps(self) -> list[tuple[int, int]]:
        files = [self.certificate_file, *([self.key_file] if self.key_file else [])]
        return [(one.st_mtime_ns, one.st_ino) for one in (file.stat() for file in files)]
