"""Text that people send: tidied where that changes no meaning, refused with a reason where it does."""

import re
import unicodedata
from dataclasses import dataclass

_SPACES = re.compile(r"\s+")


@dataclass(frozen=True)
class Refusal:
    """Why a field cannot be accepted."""

    field: str
    """the path of the field in the input, such as ``address.city``"""
    code: str
    message: str


def tidy(text: str | None) -> str | None:
    """Text without surrounding or doubled spaces; ``None`` when nothing is left."""
    return _SPACES.sub(" ", text or "").strip() or None


def refusal_of(text: str | None, field: str, *, limit: int, required: bool = False) -> Refusal | None:
    """
    Why a tidied text cannot be accepted, ``None`` when it can.

    :param limit: the most characters it may have
    """
    if text is None:
        return Refusal(field, "BLANK", f"{field} must not be blank.") if required else None
    if len(text) > limit:
        return Refusal(field, "TOO_LONG", f"{field} has {len(text):,} characters; {limit} are allowed. Shorten it.")
    if any(unicodedata.category(character) in {"Cc", "Cs", "Cn"} for character in text):
        return Refusal(field, "INVALID_CHARACTERS", f"{field} holds characters that are no text. Type it again.")
    return None
