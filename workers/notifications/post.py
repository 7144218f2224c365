"""
The way to the SMTP server.

What can happen to a letter that is to be sent:

* nothing is raised          the server has taken it
* NotSent                    the server surely does not have it
  - TryLater                   it may take it later
  - Rejected                   it never will
* PerhapsSent                the connection broke after the letter was handed over: nobody knows
"""

import re
import smtplib
import ssl
import time
from contextlib import closing
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

_PORTS = {"smtp": 25, "smtps": 465}


class NotSent(Exception):
    """The server surely does not have the letter."""


class TryLater(NotSent):
    """The server cannot be reached, or asks to come back later."""


class Rejected(NotSent):
    """The server will never take this letter."""


class PerhapsSent(Exception):
    """The letter was handed over, and the connection broke before the answer."""


class Post(Protocol):
    """Whoever carries letters."""

    def send(self, message: EmailMessage, sender: str, recipient: str) -> None:
        """Hand the letter over, or raise what happened instead."""
        ...


@dataclass(frozen=True)
class SmtpServer:
    """Where letters are handed over: `smtp://user:password@host:587?starttls=1`, or `smtps://…`."""

    host: str
    port: int
    user: str | None = None
    password: str | None = None
    tls: bool = False
    starttls: bool = False

    @classmethod
    def from_url(cls, url: str) -> "SmtpServer":
        """
        Read the setting.

        :raises ValueError: saying what it should look like.
        """
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            # The setting itself may hold a password and is not shown.
            raise ValueError("write smtp://host:25, smtp://user:password@host:587?starttls=1 or smtps://host")
        return cls(
            host=parts.hostname,
            port=parts.port or _PORTS[parts.scheme],
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            tls=parts.scheme == "smtps",
            starttls=parse_qs(parts.query).get("starttls", ["0"])[-1] in {"1", "true", "yes"},
        )


class SmtpPost:
    """Sends letters over SMTP, and knows the moment after which nobody can be sure any more."""

    def __init__(self, server: SmtpServer, *, timeout: float, until_handed_over: float) -> None:
        self._server = server
        self._timeout = timeout
        """seconds for each answer of the server"""
        self._until_handed_over = until_handed_over
        """seconds in all before the letter is handed over; later others may take us for dead"""

    def send(self, message: EmailMessage, sender: str, recipient: str) -> None:
        """Hand the letter over, or raise what happened instead."""
        deadline = time.monotonic() + self._until_handed_over
        content = _as_sent(message)
        try:
            # Closed without the farewell of QUIT: that could only fail, and the outcome is known by then.
            with closing(self._connect()) as connection:
                self._address(connection, sender, recipient)
                if time.monotonic() > deadline:
                    raise TryLater("the mail server answers too slowly")
                _expect(connection.docmd("DATA"), 354)
                # From here on the server may have the letter.
                _hand_over(connection, content)
        except (smtplib.SMTPException, OSError) as problem:
            raise TryLater(f"the mail server does not answer: {problem}") from problem

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        context = ssl.create_default_context()
        if server.tls:
            return smtplib.SMTP_SSL(server.host, server.port, timeout=self._timeout, context=context)
        connection = smtplib.SMTP(server.host, server.port, timeout=self._timeout)
        if server.starttls:
            connection.starttls(context=context)
        return connection

    def _address(self, connection: smtplib.SMTP, sender: str, recipient: str) -> None:
        connection.ehlo_or_helo_if_needed()
        if self._server.user:
            connection.login(self._server.user, self._server.password or "")
        options = []
        if not (sender + recipient).isascii():
            if not connection.has_extn("smtputf8"):
                raise Rejected("the mail server takes no addresses with letters beyond ASCII")
            options = ["SMTPUTF8", "BODY=8BITMIME"]
            connection.command_encoding = "utf-8"
        _expect(connection.mail(sender, options), 250)
        _expect(connection.rcpt(recipient), 250, 251)


def _as_sent(message: EmailMessage) -> bytes:
    """The bytes after DATA: lines that begin with a dot get another, and a dot alone ends them."""
    content = re.sub(rb"(?m)^\.", b"..", message.as_bytes())
    return content.removesuffix(b"\r\n") + b"\r\n.\r\n"


def _hand_over(connection: smtplib.SMTP, content: bytes) -> None:
    try:
        connection.send(content)
        answer = connection.getreply()
    except (smtplib.SMTPException, OSError) as problem:
        raise PerhapsSent(f"the connection broke after the letter was handed over: {problem}") from problem
    _expect(answer, 250, 251)


def _expect(answer: tuple[int, bytes], *codes: int) -> None:
    code, text = answer
    if code in codes:
        return
    said = f"the mail server says {code}: {text.decode(errors='replace')}"
    raise (Rejected if 500 <= code < 600 else TryLater)(said)
