"""What a letter says, how it is addressed, and what the mail server may answer."""

import random
from datetime import UTC, datetime
from email import message_from_bytes, policy
from typing import Any

import pytest

from tests.workers.notifications.mail_server import MailServer
from tests.workers.telling import examples
from workers.notifications.envelope import CannotBeAddressed, envelope
from workers.notifications.letter import Kind, Letter, Recipient, address_lines
from workers.notifications.post import PerhapsSent, Rejected, SmtpPost, SmtpServer, TryLater

ADDRESS = {"name": None, "address": "12 Rue des Lilas", "postalCode": "76000", "city": "Évreux", "region": None, "country": "FR"}  # fmt: skip
SENDER = "Doorstep <letters@doorstep.example>"


def notification(**more: Any) -> dict[str, Any]:
    [example] = examples("subgraphs/notifications/contracts/notification.document.json")
    letter = Letter("t-1", Kind.CONFIRMED, Recipient("s-1", "Ada Lovelace", "ada@example.org"), ADDRESS)
    at = datetime(2026, 3, 1, 9, 30, 0, 123000, UTC)
    return {**example, "body": letter.body, "subject": letter.subject, "intendedAt": at, **more}


@pytest.mark.parametrize("kind", [Kind.CONFIRMED, Kind.CHECKING, Kind.CONFIRMED_AS_TYPED])
def test_every_letter_greets_by_name_and_shows_the_address(kind: Kind) -> None:
    letter = Letter("t-1", kind, Recipient("s-1", "Ada Lovelace", "ada@example.org"), ADDRESS)

    assert letter.body.startswith("Dear Ada Lovelace,\n\nThank you for subscribing.")
    assert "\n\n    12 Rue des Lilas\n    76000 Évreux\n    FR\n\n" in letter.body
    assert letter.subject
    assert letter.id != Letter("t-2", kind, letter.recipient, ADDRESS).id


def test_an_address_is_written_as_on_an_envelope() -> None:
    assert address_lines({"address": "1 High\nStreet", "name": "The\x00 Mill", "city": "Bath", "extra": "x"}) == [
        "The Mill",
        "1 High Street",
        "Bath",
    ]


def test_a_letter_is_the_same_at_every_attempt() -> None:
    first, second = (envelope(notification(), SENDER).as_bytes() for _ in range(2))
    assert first == second

    message = message_from_bytes(first, policy=policy.default)
    assert message["To"] == "Ada Lovelace <ada@example.org>"
    assert message["Message-ID"] == notification()["messageId"]
    assert message["Date"] == "Sun, 01 Mar 2026 09:30:00 +0000"
    text, html = (message.get_body((kind,)) for kind in ("plain", "html"))  # type: ignore[attr-defined]
    assert text.get_content().replace("\r\n", "\n") == notification()["body"]
    assert "12 Rue des Lilas<br>" in html.get_content()


def test_a_file_comes_with_the_letter_the_same_at_every_attempt() -> None:
    pdf = {"name": "voucher.pdf", "mediaType": "application/pdf", "content": b"%PDF-1.4\x00\xff"}
    first, second = (envelope(notification(attachments=[pdf]), SENDER).as_bytes() for _ in range(2))
    assert first == second

    message = message_from_bytes(first, policy=policy.default)
    assert message.get_content_type() == "multipart/mixed"
    (attached,) = message.iter_attachments()  # type: ignore[attr-defined]
    assert (attached.get_filename(), attached.get_content_type()) == ("voucher.pdf", "application/pdf")
    assert attached.get_content() == pdf["content"]
    text, html = (message.get_body((kind,)) for kind in ("plain", "html"))  # type: ignore[attr-defined]
    assert "12 Rue des Lilas" in text.get_content()
    assert "12 Rue des Lilas<br>" in html.get_content()


def test_no_name_at_all_adds_a_header_or_a_recipient() -> None:
    pieces = [
        "=?utf-8?q?", "=?utf-8?b?", "?=", "=0D=0A", "=3D=3F", "DQpCY2M6IGV2ZUBleGFtcGxlLm9yZw==", "\r\n", "\n ", "\r", "\t", '"',
        "\\", ",", "<", ">", "@", ":", ";", "(", ")", "é", "✉", "\u2028", "\x00", "Bcc: eve@example.org", "Ada", " ", ".",
    ]  # fmt: skip
    chance = random.Random(2)
    expected = envelope(notification(), SENDER).keys()
    for _ in range(300):
        name = "".join(chance.choices(pieces, k=chance.randint(1, 9)))
        raw = envelope(notification(recipient={"name": name, "email": "ada@example.org"}), SENDER).as_bytes()
        head = raw.replace(b"\r\n", b"\n").split(b"\n\n")[0]

        names = [line.split(b":")[0].decode() for line in head.split(b"\n") if not line.startswith((b" ", b"\t"))]
        assert names == expected, name
        read = message_from_bytes(raw, policy=policy.default)
        assert [address.addr_spec for address in read["To"].addresses] == ["ada@example.org"], name


@pytest.mark.parametrize(
    "name",
    ["Ada\r\nBcc: everybody@example.org", "Ada\nSubject: x", '"Ada" <x@y>, Eve', "Ada\x00\x1b", "Ådä ✉", "A" * 5000, "\u2028x"],
)  # fmt: skip
def test_a_name_cannot_add_a_header_or_a_recipient(name: str) -> None:
    message = envelope(notification(recipient={"name": name, "email": "ada@example.org"}), SENDER)
    read = message_from_bytes(message.as_bytes(), policy=policy.default)

    assert sorted(read.keys()) == sorted(message.keys())
    assert read["Bcc"] is None
    assert [address.addr_spec for address in read["To"].addresses] == ["ada@example.org"]
    assert read["Subject"] == "Your address is confirmed"


@pytest.mark.parametrize(
    "email",
    [
        "ada@example.org\r\nRCPT TO:<eve@example.org>",
        "ada@example.org>\r\nDATA",
        "ada@example.org, eve@example.org",
        "Ada <ada@example.org>",
        "ada",
        "@example.org",
        "ada@",
        "a" * 65 + "@example.org",
        "ada@example.org\n",
        "ada@exa\x00mple.org",
    ],
)
def test_what_is_not_one_address_is_refused(email: str) -> None:
    with pytest.raises(CannotBeAddressed):
        envelope(notification(recipient={"name": "Ada", "email": email}), SENDER)


def send(server: MailServer, timeout: float = 5, **more: Any) -> None:
    post = SmtpPost(SmtpServer.from_url(server.url), timeout=timeout, until_handed_over=5)
    letter = notification(**more)
    post.send(envelope(letter, SENDER), "letters@doorstep.example", letter["recipient"]["email"])


def test_a_letter_arrives_as_it_was_written() -> None:
    with MailServer() as server:
        send(server, body="Hello\n\n.a line that begins with a dot\n\n..two\n.\nend\n")

    [taken] = server.taken
    body = message_from_bytes(taken, policy=policy.default).get_body(("plain",)).get_content()  # type: ignore[attr-defined]
    assert body.replace("\r\n", "\n") == "Hello\n\n.a line that begins with a dot\n\n..two\n.\nend\n"
    assert b"\n" not in taken.replace(b"\r\n", b"")
    assert taken.isascii()


@pytest.mark.parametrize(
    ("command", "answer", "outcome"),
    [
        ("CONNECT", "421 busy", TryLater),
        ("CONNECT", "554 not for you", TryLater),
        ("CONNECT", "drop", TryLater),
        ("EHLO", "drop", TryLater),
        ("MAIL", "451 later", TryLater),
        ("MAIL", "550 never", Rejected),
        ("RCPT", "450 mailbox busy", TryLater),
        ("RCPT", "550 no such mailbox", Rejected),
        ("RCPT", "drop", TryLater),
        ("DATA", "451 later", TryLater),
        ("DATA", "554 no", Rejected),
        ("DATA", "drop", TryLater),
        ("CONTENT", "452 full", TryLater),
        ("CONTENT", "554 spam", Rejected),
        ("CONTENT", "drop", PerhapsSent),
    ],
)
def test_what_the_server_says_decides_what_is_known(command: str, answer: str, outcome: type[Exception]) -> None:
    with MailServer() as server:
        server.answers[command] = [answer]
        with pytest.raises(outcome):
            send(server)


def test_a_server_that_is_not_there_may_be_later() -> None:
    with MailServer() as server:
        url = server.url
    post = SmtpPost(SmtpServer.from_url(url), timeout=2, until_handed_over=5)
    with pytest.raises(TryLater, match="does not answer"):
        post.send(envelope(notification(), SENDER), "a@b.example", "c@d.example")


@pytest.mark.parametrize(("command", "outcome"), [("RCPT", TryLater), ("CONTENT", PerhapsSent)])
def test_nobody_waits_for_ever(command: str, outcome: type[Exception]) -> None:
    with MailServer() as server:
        server.answers[command] = ["hang"]
        with pytest.raises(outcome):
            send(server, timeout=0.3)


def test_an_address_beyond_ascii_needs_a_server_that_takes_it() -> None:
    someone = {"name": "Jörg", "email": "jörg@exämple.org"}
    with MailServer() as server:
        with pytest.raises(Rejected, match="beyond ASCII"):
            send(server, recipient=someone)
        server.answers["EHLO"] = ["250-test\r\n250-8BITMIME\r\n250 SMTPUTF8"]
        send(server, recipient=someone)

    assert "jörg@exämple.org".encode() in server.taken[0]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example", SmtpServer("mail.example", 25)),
        ("smtp://a%40b:p%3A@mail.example:587?starttls=1", SmtpServer("mail.example", 587, "a@b", "p:", starttls=True)),
        ("smtps://mail.example", SmtpServer("mail.example", 465, tls=True)),
    ],
)
def test_the_mail_server_is_written_as_a_url(url: str, expected: SmtpServer) -> None:
    assert SmtpServer.from_url(url) == expected


@pytest.mark.parametrize("url", ["mail.example:25", "http://mail.example", "smtp://"])
def test_a_url_that_names_no_mail_server_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ValueError, match="write smtp://host:25"):
        SmtpServer.from_url(url)
