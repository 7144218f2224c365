"""Nobody tries purchase numbers one after the other."""

import time

from django.conf import settings
from django.core.cache import cache


def too_many_claims(address: str) -> bool:
    """Count this claim; say whether its address has made more than it may within this minute."""
    key = f"claims:{address}:{int(time.time() // 60)}"
    cache.add(key, 0, timeout=120)
    try:
        # Nothing comes back while Redis is away: that is no reason to turn people away.
        return (cache.incr(key) or 0) > settings.CLAIMS_PER_MINUTE
    except ValueError:
        # The minute was over between the two lines.
        return False
