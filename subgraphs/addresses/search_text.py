"""What as-you-type looks up. The worker follows the same rule; it is written down in ``address.document.json``."""

import re
import unicodedata

_BETWEEN_TOKENS = re.compile(r"[\W_]+")


def tokens(text: str) -> list[str]:
    """The words of a text without accents and case, in order."""
    folded = "".join(
        character for character in unicodedata.normalize("NFKD", text) if not unicodedata.combining(character)
    ).lower()
    return [token for token in _BETWEEN_TOKENS.split(folded) if token]


def search_text(address: str | None, city: str | None, postal_code: str | None, name: str | None) -> list[str]:
    """Each word of an address once, sorted."""
    return sorted(set(tokens(" ".join(part for part in (address, city, postal_code, name) if part))))
