"""Pages of a list: an opaque cursor says where the last one ended."""

import base64
import binascii
import json
from typing import Any

DEFAULT_PAGE = 20
LARGEST_PAGE = 100


class WrongPage(ValueError):
    """``first`` or ``after`` cannot be used; the message says what can."""


def page_size(first: int | None, *, default: int = DEFAULT_PAGE, largest: int = LARGEST_PAGE) -> int:
    """
    How many nodes a page may hold.

    :raises WrongPage: when the client asked for fewer than none or more than ``largest``.
    """
    size = default if first is None else first
    if size < 0:
        raise WrongPage(f"first: {size} is negative; ask for 0 to {largest}")
    if size > largest:
        raise WrongPage(f"first: {size} is more than a page can hold; ask for {largest} at most and go on with after")
    return size


def cursor_at(*position: Any) -> str:
    """The cursor of the node at this position: the values the list is sorted by."""
    text = json.dumps(position, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def position_at(cursor: str, *types: type) -> tuple[Any, ...]:
    """
    The position a cursor stands for.

    :param types: of the values the list is sorted by
    :raises WrongPage: when it is not a cursor of this list.
    """
    try:
        position = json.loads(base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        position = None
    if (
        not isinstance(position, list)
        or len(position) != len(types)
        or not all(isinstance(value, type_) for value, type_ in zip(position, types, strict=True))
        or not all(_is_storable(value) for value in position if isinstance(value, str))
    ):
        raise WrongPage(f"after: {cursor[:80]!r} is no cursor of this list; use endCursor of the page before")
    return tuple(position)


def _is_storable(text: str) -> bool:
    """Whether a node can be at a position like this: no database holds half a character, some no NUL."""
    return "\0" not in text and text.encode("utf-8", "replace") == text.encode("utf-8", "surrogatepass")
