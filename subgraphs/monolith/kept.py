"""
What is kept so that it need not be made again: a whole page, data for pages, and a part of a page.

Everything kept ends by itself after a while; what a claim or a purchase changes is called back when it is saved. A page that is
being made at that moment may be kept as it was before, until it ends. How often keeping has helped is told to Prometheus.
"""

import secrets
from collections.abc import Callable
from itertools import product
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.locmem import LocMemCache
from django.db import transaction
from django.db.models.signals import post_save
from django.http import HttpRequest, HttpResponse
from django_redis.cache import RedisCache
from prometheus_client import Counter

PAGES, DATA, FRAGMENTS = "pages", "data", "template_fragments"

LOOKED_FOR = Counter(
    "monolith_kept_looked_for",
    "What was looked for among pages, data and fragments that were kept, and whether it was there.",
    ["kind", "outcome"],
)
for _kind, _outcome in product(("pages", "data", "fragments"), ("found", "missed")):
    # Told from the beginning: a dashboard cannot tell nothing yet from nowhere.
    LOOKED_FOR.labels(_kind, _outcome)

_STATISTICS = "statistics"
ABOUT = "about"


class _Counted:
    """A cache that counts what is found in it."""

    def __init__(self, place: str, params: dict[str, Any]) -> None:
        super().__init__(place, params)  # type: ignore[call-arg]
        self._kind = params["OPTIONS"]["KIND"]

    def get(self, key: Any, default: Any = None, version: Any = None, **more: Any) -> Any:
        """What is kept, if anything is."""
        value = super().get(key, None, version, **more)  # type: ignore[misc]
        LOOKED_FOR.labels(self._kind, "missed" if value is None else "found").inc()
        return default if value is None else value


class CountedRedis(_Counted, RedisCache[Any]):
    """In Redis, for all processes."""


class CountedMemory(_Counted, LocMemCache):
    """In the memory of this process, where there is no Redis."""


def page(name: str, make: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """A page that is the same for everybody; its text is kept, nothing of who asked for it."""

    def kept(request: HttpRequest) -> HttpResponse:
        text = caches[PAGES].get(name)
        if text is None:
            text = make(request).content.decode()
            caches[PAGES].set(name, text, settings.KEEP_SECONDS)
        return HttpResponse(text, headers={"Cache-Control": f"public, max-age={settings.KEEP_SECONDS}"})

    return kept


def statistics(make: Callable[[], Any]) -> Any:
    """Figures about all claims."""
    found = caches[DATA].get(_STATISTICS)
    if found is None:
        found = make()
        caches[DATA].set(_STATISTICS, found, settings.KEEP_SECONDS)
    return found


def generation(customer_number: str) -> str:
    """A part of the name under which a customer's claims are kept: a new one after each change."""
    name = f"generation:{customer_number}"
    found = caches[DATA].get(name)
    if found is None:
        found = secrets.token_urlsafe(8)
        caches[DATA].set(name, found, settings.KEEP_SECONDS)
    return str(found)


def call_back(customer_number: str) -> None:
    """A claim or a purchase of this customer has changed."""
    caches[PAGES].delete(ABOUT)
    caches[DATA].delete_many([_STATISTICS, f"generation:{customer_number}"])


def call_back_what_changes() -> None:
    """See to it that whatever is saved calls back what shows it."""
    from subgraphs.monolith.model import DiscountClaim, Purchase, Voucher

    customer_of: dict[type, Callable[[Any], str]] = {
        Purchase: lambda purchase: purchase.customer_id,
        DiscountClaim: lambda claim: claim.purchase.customer_id,
        Voucher: lambda voucher: voucher.claim.purchase.customer_id,
    }

    def saved(sender: type, instance: Any, **_: Any) -> None:
        customer = customer_of[sender](instance)
        transaction.on_commit(lambda: call_back(customer))

    for model in customer_of:
        post_save.connect(saved, sender=model, weak=False)
