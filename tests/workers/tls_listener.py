"""Something that takes TLS connections and hears how a client of RabbitMQ begins."""

import queue
import socket
import ssl
import threading
from contextlib import suppress
from pathlib import Path

import trustme

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
