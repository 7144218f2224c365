"""
The matcher: pure, no store, no broker, no network.

``parse`` takes an address apart, ``keys_of`` says where to look for it, ``best_match`` weighs what was found there.
"""

from workers.matching.matcher.decide import Found, best_match, best_of
from workers.matching.matcher.keys import exact_key, keys_of
from workers.matching.matcher.match import Candidate, Evidence, Match
from workers.matching.matcher.model import Address, Thresholds, Verdict

__all__ = [
    "Address",
    "Candidate",
    "Evidence",
    "Found",
    "Match",
    "Thresholds",
    "Verdict",
    "best_match",
    "best_of",
    "exact_key",
    "keys_of",
]
