"""The commands of ``python -m gateway_graphql``, a file each."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from graphql import GraphQLError

__all__ = ["A_SUPERGRAPH", "CommandFailed", "say", "text_of", "usable_supergraph"]

A_SUPERGRAPH = "a supergraph that compose has written"


class CommandFailed(Exception):
    """The command cannot do what it was asked; the text says where, what, and what to do."""


def text_of(file: Path, what: str) -> str:
    """The text of a file that was named on the command line."""
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CommandFailed(f"{file}: there is no such file; name {what}") from None
    except (OSError, UnicodeDecodeError) as problem:
        raise CommandFailed(f"{file}: cannot be read: {problem}") from None


def say(line: str) -> None:
    """Tell the person at the terminal; standard output is for what was asked for."""
    sys.stderr.write(line + "\n")


@contextmanager
def usable_supergraph(file: Path | None) -> Iterator[None]:
    """Around whatever reads the supergraph: says that this file is none, and why."""
    try:
        yield
    except (ValueError, TypeError, GraphQLError) as problem:
        raise CommandFailed(f"{file}: this is not a supergraph that can be used: {problem}") from None
