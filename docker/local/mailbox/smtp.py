"""The SMTP side: every letter is accepted, for whomever it is."""

import asyncio

from aiosmtpd.smtp import SMTP, Envelope, Session

from docker.local.mailbox.letters import Letters

LARGEST_LETTER = 4 * 1024 * 1024


class KeepEverything:
    """Says 250 only once the letter is on the disk."""

    def __init__(self, letters: Letters) -> None:
        self._letters = letters

    # The name is the one aiosmtpd looks for.
    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the letter."""
        content = envelope.content or b""
        letter_id = await self._letters.add(content if isinstance(content, bytes) else content.encode())
        return f"250 kept as {letter_id}"


async def smtp_server(letters: Letters, host: str, port: int) -> asyncio.Server:
    """Listen for letters."""

    def connection() -> SMTP:
        handler = KeepEverything(letters)
        return SMTP(handler, data_size_limit=LARGEST_LETTER, enable_SMTPUTF8=True, hostname="mailbox", ident="mailbox")

    return await asyncio.get_running_loop().create_server(connection, host, port)
