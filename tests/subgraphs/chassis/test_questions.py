"""Questions over TLS: the broker's certificate is looked at before a word is said."""

from pathlib import Path

import pytest
import trustme
from pika.exceptions import AMQPError

from subgraphs.chassis.questions import Questions
from tests.workers.tls_listener import HELLO, Listening


def ask(listening: Listening, ca_file: Path) -> bytes:
    """How the line begins to a broker, believing this authority."""
    questions = Questions(listening.url, "search", name="test", wait=1, token=lambda: "", ca_file=str(ca_file))
    # Once, where a thread of its own would go on trying for ever.
    with pytest.raises((AMQPError, OSError)):
        questions._listen()
    listening.close()
    return listening.heard()


def test_a_broker_of_the_authority_is_asked(tmp_path: Path) -> None:
    listening = Listening(tmp_path)

    assert ask(listening, listening.ca_file) == HELLO


def test_any_other_is_not(tmp_path: Path) -> None:
    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")

    assert ask(Listening(tmp_path), tmp_path / "other.pem") == b""


def test_one_with_the_name_of_another_host_is_not(tmp_path: Path) -> None:
    listening = Listening(tmp_path, name="elsewhere.example")

    assert ask(listening, listening.ca_file) == b""
