"""``python -m docker.local.mailbox``: an SMTP server that keeps every letter, and a page that shows them."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from aiohttp import web

from docker.local.mailbox.letters import Letters
from docker.local.mailbox.page import application
from docker.local.mailbox.smtp import smtp_server


async def serve(host: str, smtp_port: int, http_port: int, letters: Letters) -> None:
    """Run both servers until somebody stops the process."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    smtp = await smtp_server(letters, host, smtp_port)
    pages = web.AppRunner(application(letters), access_log=None, shutdown_timeout=1)
    await pages.setup()
    await web.TCPSite(pages, host, http_port).start()
    print(f"letters to smtp://{host}:{smtp_port}, read them at http://{host}:{http_port}/", flush=True)
    await stopped.wait()
    smtp.close()
    await pages.cleanup()


def main() -> int:
    """Read the command line and serve; 1 when a port is taken."""
    parser = argparse.ArgumentParser(prog="python -m docker.local.mailbox", description="A mailbox for development.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--smtp-port", type=int, default=8025)
    parser.add_argument("--http-port", type=int, default=8026)
    parser.add_argument("--folder", type=Path, default=Path(".doorstep/letters"), help="where letters are kept")
    parser.add_argument("--keep", type=int, default=1000, help="how many; older ones are thrown away")
    chosen = parser.parse_args()
    try:
        asyncio.run(serve(chosen.host, chosen.smtp_port, chosen.http_port, Letters(chosen.folder, chosen.keep)))
    except OSError as problem:
        print(f"the mailbox cannot start: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
