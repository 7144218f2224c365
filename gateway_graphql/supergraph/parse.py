"""Parses, and leaves nothing for the garbage collector."""

from __future__ import annotations

from graphql import DocumentNode, GraphQLSyntaxError, Lexer, Source
from graphql.language.ast import Token
from graphql.language.parser import Parser

__all__ = ["parse_document", "unchained"]


def parse_document(text: str) -> DocumentNode:
    """The document without locations. Its tokens are gone at once, and not when the garbage collector comes."""
    source = Source(text)
    lexer = Lexer(source)
    first = lexer.token
    try:
        return Parser(source, no_location=True, lexer=lexer).parse_document()
    except RecursionError:
        raise GraphQLSyntaxError(source, lexer.token.start, "The document is nested too deeply.") from None
    finally:
        _unchain(first)


def unchained(document: DocumentNode) -> DocumentNode:
    """A document with locations; its tokens are gone with it, and not when the garbage collector comes."""
    _unchain(document.loc.start_token if document.loc else None)
    return document


def _unchain(token: Token | None) -> None:
    # Each knows the one before it and the one after it: a circle.
    while token is not None:
        token.prev = None
        token = token.next
