"""Where the running system answers its clients: over TLS in containers, without where ``make up`` runs it."""

import socket
import ssl
from dataclasses import dataclass

from docker.local.settings import LocalSettings

CA_FILE = "docker-ca.pem"
"""in the state folder: the authority of the system in containers"""


@dataclass(frozen=True)
class Reached:
    """The system as its clients reach it."""

    settings: LocalSettings
    tls: ssl.SSLContext | None
    """whom to believe; ``None``: it speaks no TLS"""

    @classmethod
    def find(cls, settings: LocalSettings) -> "Reached":
        """Look how the gateway's port answers. Where nobody does, the client will say so."""
        file = settings.state / CA_FILE
        if not file.exists():
            return cls(settings, None)
        tls = ssl.create_default_context(cafile=file)
        try:
            with (
                socket.create_connection(("127.0.0.1", settings.ports["GATEWAY_PORT"]), 5) as plain,
                tls.wrap_socket(plain, server_hostname="127.0.0.1"),
            ):
                return cls(settings, tls)
        except ssl.SSLCertVerificationError:
            return cls(settings, tls)  # TLS, of somebody else: the client's own refusal says what is wrong with it
        except OSError:
            return cls(settings, None)

    def url(self, service: str, path: str = "/graphql") -> str:
        """Where a service answers people and programs."""
        return self.settings.url(service, path, scheme="https" if self.tls else "http")
