"""What plans cost; only the proportions matter."""

from __future__ import annotations

__all__ = ["AFTERWARDS", "FETCH", "GUESS", "LATER", "REQUIRED", "STAGE"]

FETCH = 1000
"""what a request costs"""
STAGE = 100
"""what waiting for one more answer costs"""
AFTERWARDS = 3
"""what it costs to send the objects of one class of types along, apart from the request itself"""
REQUIRED = 5
"""a field that must be computed from others is the second choice"""
LATER = 100_000
"""holding back what comes at once for a field that a deferred fragment wants; only where there is no way in by a key"""
GUESS = 1_000_000
"""asking a field of objects that may not be those it is wanted of: the last resort"""
