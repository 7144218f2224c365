"""Which roles there are, and what each of them may do: the whole table."""

from collections.abc import Iterable, Mapping
from enum import Enum


class Role(Enum):
    """What somebody does with Doorstep."""

    SUBSCRIBER = "subscriber"
    REVIEWER = "reviewer"
    OPERATOR = "operator"
    ADMIN = "admin"


SCOPES: Mapping[str, str] = {
    "openid": "know that it is you",
    "profile": "know your name",
    "email": "know your e-mail address",
    "subscriptions:own": "see and change your own subscriptions",
    "subscribers:read": "see all subscribers and their letters",
    "subscribers:write": "change and end subscriptions, and send letters again",
    "register:read": "search the register",
    "register:write": "import, change, merge and remove addresses of the register",
    "reviews": "see the review queue and what the register has twice, and decide",
    "batches": "match files, follow them and read their results",
    "suggestions:read": "read what readers suggest",
    "discounts": "see all discount claims and their vouchers",
    "operations": "see logs, queues, workers and dead letters, and act on them",
    "accounts:read": "see users and API clients",
    "accounts:write": "create, change and disable users and API clients",
}
"""scope → what it allows, as a person is asked"""

IDENTITY = frozenset({"openid", "profile", "email"})
"""scopes that everybody may ask for: they say who somebody is, and open nothing"""

ALLOWED: Mapping[Role, frozenset[str]] = {
    Role.SUBSCRIBER: frozenset({"subscriptions:own"}),
    Role.REVIEWER: frozenset({"register:read", "reviews"}),
    Role.OPERATOR: frozenset(
        {
            "subscribers:read",
            "subscribers:write",
            "register:read",
            "register:write",
            "batches",
            "suggestions:read",
            "discounts",
            "operations",
        }
    ),
    Role.ADMIN: frozenset(SCOPES) - IDENTITY,
}
"""role → its scopes; who has several roles may do what each of them may"""


def scopes_of(roles: Iterable[Role]) -> frozenset[str]:
    """Everything that somebody with these roles may do."""
    return frozenset().union(*(ALLOWED[role] for role in roles))
