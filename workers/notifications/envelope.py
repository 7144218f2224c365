"""A letter as it goes over the wire: headers nobody can add to, text and simple HTML."""

import re
from collections.abc import Mapping
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from html import escape
from typing import Any

from workers.notifications.letter import one_line

_EMAIL = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}@[^\s@<>()\[\],;:\\\"]{1,255}")
# What means something in an address (RFC 5322, section 3.2.3) is left out of a name there: quoted as it should be, the standard
# library loses the quotes where it folds a long line. It also decodes an encoded word (RFC 2047), line breaks and all.
_SPECIAL = re.compile(r"""[()<>\[\]:;@\\,"]|=\?""")
# Without SMTPUTF8 a server takes seven bits only.
_PLAIN = policy.SMTP.clone(cte_type="7bit")


class CannotBeAddressed(Exception):
    """The recipient's address cannot stand in a letter; trying again will not change that."""


def envelope(notification: Mapping[str, Any], sender: str) -> EmailMessage:
    """
    The letter, made of its document alone: every attempt sends the same.

    :raises CannotBeAddressed: when the recipient or the sender cannot stand in a header.
    """
    recipient = notification["recipient"]
    email = checked_email(recipient["email"])
    sender_name, sender_email = parseaddr(sender)
    message = EmailMessage(policy=_PLAIN if email.isascii() else policy.SMTPUTF8)
    message["From"] = _address(sender_name, checked_email(sender_email))
    message["To"] = _address(recipient["name"], email)
    message["Subject"] = one_line(notification["subject"])
    message["Date"] = format_datetime(_whole_second(notification["intendedAt"]))
    message["Message-ID"] = one_line(notification["messageId"])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(notification["body"])
    message.add_alternative(html(notification["body"]), subtype="html")
    message.set_boundary(f"=_{notification['_id']}")
    for attachment in notification.get("attachments") or ():
        main, _, sub = attachment["mediaType"].partition("/")
        message.add_attachment(attachment["content"], maintype=main, subtype=sub, filename=attachment["name"])
        message.set_boundary(f"=_with_files_{notification['_id']}")
    return message


def checked_email(email: str) -> str:
    """
    The address, when it may stand in a header and in an SMTP command.

    :raises CannotBeAddressed: when it could be anything but one address.
    """
    if not email.isprintable() or not _EMAIL.fullmatch(email):
        raise CannotBeAddressed(f"{email[:80]!r} is not an e-mail address")
    return email


def html(body: str) -> str:
    """The text as simple HTML: its paragraphs, the address set apart."""
    paragraphs = []
    for paragraph in body.strip().split("\n\n"):
        lines = "<br>\n".join(escape(line.strip()) for line in paragraph.splitlines())
        style = ' style="margin-left:2em;font-weight:bold"' if paragraph.startswith("    ") else ""
        paragraphs.append(f"<p{style}>{lines}</p>")
    text = "\n".join(paragraphs)
    return f'<!doctype html>\n<html lang="en"><body style="font-family:sans-serif">\n{text}\n</body></html>\n'


def _address(name: str, email: str) -> Address:
    # In two parts: taken as a whole, the standard library refuses letters beyond ASCII before the at sign.
    user, domain = email.split("@")
    shown = one_line(_SPECIAL.sub(" ", one_line(name))).lstrip(". ")[:200]
    return Address(display_name=shown, username=user, domain=domain)


def _whole_second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
