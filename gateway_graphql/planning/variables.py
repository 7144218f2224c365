"""The variables that printed GraphQL uses."""

from __future__ import annotations

import re

__all__ = ["variables_in"]

_STRING_OR_VARIABLE = re.compile(r'"""(?:\\"""|(?!""").)*"""|"(?:\\.|[^"\\])*"|\$(\w+)', re.DOTALL)
"""a dollar in a string is no variable"""


def variables_in(text: str) -> tuple[str, ...]:
    """Their names, in the order they appear; no parser is needed for text that a printer wrote, without comments."""
    return tuple(dict.fromkeys(found[1] for found in _STRING_OR_VARIABLE.finditer(text) if found[1]))
