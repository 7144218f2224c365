"""
Access tokens that are called back before they end: written down as they go, and listed for whoever checks tokens.

The library deletes the row of a token that is revoked. What is kept is the SHA-256 of the token, until it would have ended.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db.models import QuerySet
from django.db.models.signals import post_delete
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from oauth2_provider.models import AccessToken

from subgraphs.accounts.models import RevokedToken

_superseding: ContextVar[bool] = ContextVar("superseding", default=False)


def watch() -> None:
    """From now on write down each token that is revoked, whatever for."""
    post_delete.connect(_deleted, sender=AccessToken, dispatch_uid="revoked tokens")


@contextmanager
def superseding() -> Iterator[None]:
    """A token that is followed by another is deleted as well, but stays good until it ends: its client may still use it."""
    before = _superseding.set(True)
    try:
        yield
    finally:
        _superseding.reset(before)


def revoke(tokens: QuerySet[AccessToken]) -> None:
    """Call these tokens back; what can be refreshed can be refreshed still."""
    RevokedToken.objects.bulk_create(
        (
            RevokedToken(hash=each.token_checksum, ends_at=each.expires)
            for each in tokens.filter(expires__gt=timezone.now())
        ),
        ignore_conflicts=True,
    )


def forget_ended() -> None:
    """Forget tokens that have ended."""
    RevokedToken.objects.filter(ends_at__lte=timezone.now()).delete()


@require_safe
def revoked_tokens(request: HttpRequest) -> HttpResponse:
    """``{"revoked": ["…"]}``, those that have not ended. For all: nobody can make a token of what is in it."""
    hashes = list(
        RevokedToken.objects.filter(ends_at__gt=timezone.now()).order_by("hash").values_list("hash", flat=True)
    )
    body = json.dumps({"revoked": hashes}).encode()
    version = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    if request.headers.get("If-None-Match") == version:
        return HttpResponse(status=304, headers={"ETag": version})
    return HttpResponse(body, content_type="application/json", headers={"ETag": version, "Cache-Control": "no-cache"})


def _deleted(instance: AccessToken, **_: Any) -> None:
    if instance.expires > timezone.now() and not _superseding.get():
        RevokedToken.objects.get_or_create(hash=instance.token_checksum, defaults={"ends_at": instance.expires})
