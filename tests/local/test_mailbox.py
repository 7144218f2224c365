"""The mailbox of development: what comes in is on the disk, on the page and in the JSON; nothing of it runs."""

import json
import smtplib
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@dataclass
class Mailbox:
    smtp_port: int
    http_port: int

    def get(self, path: str) -> Any:
        return urllib.request.urlopen(f"http://127.0.0.1:{self.http_port}{path}", timeout=10)

    def letters(self, query: str = "") -> list[dict[str, Any]]:
        with self.get("/letters.json" + query) as answer:
            return list(json.load(answer))

    def post(self, to: str = "Ada <ada@example.org>", subject: str = "Hello", html: str = "<b>Hi</b>") -> None:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = "Doorstep <letters@doorstep.example>", to, subject
        message["Message-ID"] = "<n-1@doorstep.example>"
        message.set_content("Grüße <script>alert(1)</script>")
        message.add_alternative(html, subtype="html")
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=10) as smtp:
            smtp.send_message(message)


@contextmanager
def mailbox(folder: Path, *more: str) -> Iterator[Mailbox]:
    box = Mailbox(free_port(), free_port())
    command = [sys.executable, "-m", "docker.local.mailbox", "--smtp-port", str(box.smtp_port)]
    command += ["--http-port", str(box.http_port), "--folder", str(folder), *more]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE)
    assert process.stdout
    assert b"letters to" in process.stdout.readline()
    try:
        yield box
    finally:
        process.terminate()
        assert process.wait(10) == 0
        process.stdout.close()


def test_letters_are_shown_newest_first_and_survive_a_restart(tmp_path: Path) -> None:
    with mailbox(tmp_path) as box:
        box.post(subject="first")
        box.post(subject="second", to="Eve <eve@example.org>")
        assert [letter["subject"] for letter in box.letters()] == ["second", "first"]
    with mailbox(tmp_path) as box:
        assert [letter["subject"] for letter in box.letters()] == ["second", "first"]
        assert [letter["subject"] for letter in box.letters("?to=ada@example.org")] == ["first"]
        [first] = box.letters("?to=ada")
        assert (first["from"], first["to"]) == ("Doorstep <letters@doorstep.example>", "Ada <ada@example.org>")
        assert first["messageId"] == "<n-1@doorstep.example>"
        assert first["text"].startswith("Grüße")


def test_nothing_a_letter_brings_along_runs_on_the_page(tmp_path: Path) -> None:
    with mailbox(tmp_path) as box:
        box.post(subject="<script>alert(1)</script>", html="<script>alert(1)</script>")
        [letter] = box.letters()
        for path in ("/", f"/letters/{letter['id']}"):
            with box.get(path) as answer:
                assert "<script>alert" not in answer.read().decode()
                assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        with box.get(f"/letters/{letter['id']}.html") as answer:
            assert "sandbox" in answer.headers["Content-Security-Policy"]
            assert "script-src" not in answer.headers["Content-Security-Policy"]
        with box.get(f"/letters/{letter['id']}.eml") as answer:
            assert answer.headers["Content-Type"].startswith("text/plain")


def test_old_letters_make_room(tmp_path: Path) -> None:
    with mailbox(tmp_path, "--keep", "3") as box:
        for number in range(5):
            box.post(subject=str(number))
        assert [letter["subject"] for letter in box.letters()] == ["4", "3", "2"]
    assert len(list(tmp_path.glob("*"))) == 3


@pytest.mark.parametrize("path", ["/letters/1", "/letters/00000000000000000001.eml", "/letters/../letters.json/x"])
def test_a_letter_that_is_not_there_is_not_found(tmp_path: Path, path: str) -> None:
    with mailbox(tmp_path) as box:
        with pytest.raises(urllib.error.HTTPError) as refused:
            box.get(path)
        assert refused.value.code == 404


def test_an_open_page_hears_of_a_new_letter_at_once(tmp_path: Path) -> None:
    with mailbox(tmp_path) as box, box.get("/changes") as changes:
        began = time.monotonic()
        box.post()
        assert changes.readline().startswith(b"id: ")
        assert time.monotonic() - began < 5


def test_a_broken_letter_is_kept_and_shown_as_far_as_it_can_be_read(tmp_path: Path) -> None:
    with mailbox(tmp_path) as box:
        with smtplib.SMTP("127.0.0.1", box.smtp_port, timeout=10) as smtp:
            smtp.sendmail(
                "a@example.org", ["b@example.org"], b"Subject: =?x?\r\nContent-Type: text/plain; charset=no\r\n\r\n\xff"
            )
        [letter] = box.letters()
        with box.get(f"/letters/{letter['id']}") as answer:
            assert answer.status == 200


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with mailbox(tmp_path) as box:
        command = [sys.executable, "-m", "docker.local.mailbox", "--smtp-port", str(box.smtp_port)]
        refused = subprocess.run(
            [*command, "--http-port", str(free_port()), "--folder", str(tmp_path)],
            cwd=REPOSITORY, capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
        assert refused.returncode == 1
        assert str(box.smtp_port) in refused.stderr
