"""
JSON as it is: whole numbers stay whole, however long they are.

orjson is fast and knows 64 bits. Custom scalars may hold more, and an id or an amount that came back as a float would
be another one; so texts and values with such numbers take the long way through the standard library.
"""

from __future__ import annotations

import json
import re
from typing import Any

import orjson

__all__ = ["dumps", "loads"]

_DIGITS = bytes.maketrans(b"123456789", b"0" * 9)
_SUSPICIOUS = b"0" * 19
"""2^63 has nineteen digits"""
_LONG_NUMBER = re.compile(rb"(?:^|[\s:,\[])-?[0-9]{19,}(?:$|[\s,}\]])")


def loads(text: bytes | str) -> Any:
    """Read; raises :class:`orjson.JSONDecodeError` (a ``ValueError``) for what is no JSON."""
    value = orjson.loads(text)
    raw = text.encode() if isinstance(text, str) else text
    # Two quick passes over every text, so that the slow look is for those only that have so many digits in a row.
    if _SUSPICIOUS in raw.translate(_DIGITS) and _LONG_NUMBER.search(raw):
        return json.loads(raw)
    return value


def dumps(value: Any) -> bytes:
    """Write, compact."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
