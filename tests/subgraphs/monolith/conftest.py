"""The monolith under its own settings, on an SQLite file of its own, with a mail server that does what a test says."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.subgraphs.service import GraphQLOfService, set_environment
from tests.workers.notifications.mail_server import MailServer

_FOLDER = Path(tempfile.mkdtemp())
set_environment("monolith")
os.environ |= {
    "MONOLITH_DATABASE_FILE": str(_FOLDER / "monolith.sqlite3"),
    "SMTP_URL": "smtp://127.0.0.1:1",
    "MONOLITH_CLAIMS_PER_MINUTE": "1000",
}

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402

from subgraphs.monolith.model import Customer, DiscountClaim, Purchase, Voucher  # noqa: E402
from subgraphs.monolith.prepare import prepare  # noqa: E402
from subgraphs.monolith.seed import seed  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def _service() -> Iterator[None]:
    prepare()
    prepare()
    call_command("check")
    yield
    for file in _FOLDER.iterdir():
        file.unlink()
    _FOLDER.rmdir()


@pytest.fixture(autouse=True)
def db(_service: None) -> None:
    """The service's database, with the customers and purchases for trying out."""
    for model in (Voucher, DiscountClaim, Purchase, Customer):
        model.objects.all().delete()
    cache.clear()
    seed()


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    """The mail server."""
    with MailServer() as server:
        monkeypatch.setattr(settings, "EMAIL_HOST", "127.0.0.1")
        monkeypatch.setattr(settings, "EMAIL_PORT", server.server_address[1])
        monkeypatch.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
        yield server


@pytest.fixture
def browser() -> Client:
    """Somebody's browser."""
    return Client(enforce_csrf_checks=False)


@pytest.fixture
def ask() -> GraphQLOfService:
    """The service's GraphQL endpoint."""
    return GraphQLOfService("monolith")
