"""An SMTP server whose behaviour a test decides, line by line."""

import socketserver
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self


class MailServer(socketserver.ThreadingTCPServer):
    """Answers each command as told; keeps what it took."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.answers: dict[str, list[str]] = {}
        """command → what to answer next; "drop" breaks the connection, "hang" waits"""
        self.taken: list[bytes] = []
        self.conversations = 0
        self.let_go = threading.Event()
        """ends every "hang" """
        self.before_answer: Callable[[str], None] = lambda _command: None

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.let_go.set()
        self.shutdown()
        self.server_close()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    def answer(self, command: str, usual: str) -> str:
        waiting = self.answers.get(command) or []
        return waiting.pop(0) if waiting else usual


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self.server.conversations += 1
        if not self._say("CONNECT", "220 test"):
            return
        while line := self.rfile.readline():
            command = line.split(b" ")[0].strip().upper().decode()
            usual = {"EHLO": "250 test", "DATA": "354 go on", "QUIT": "221 bye"}.get(command, "250 fine")
            said = self._say(command, usual)
            if not said:
                return
            if command == "DATA" and said.startswith("354"):
                content = b""
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    content += line[1:] if line.startswith(b".") else line
                self.server.taken.append(content)
                if not self._say("CONTENT", "250 taken"):
                    return

    def _say(self, command: str, usual: str) -> str:
        self.server.before_answer(command)
        said = self.server.answer(command, usual)
        if said == "hang":
            self.server.let_go.wait(30)
            return ""
        if said == "drop":
            return ""
        self.wfile.write(said.encode() + b"\r\n")
        return said
