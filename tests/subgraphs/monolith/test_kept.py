"""Pages, their data and their parts are kept in Redis, called back by what changes, and done without."""

import os
import re
from collections.abc import Callable

import pytest
import redis
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_redis import get_redis_connection
from prometheus_client import REGISTRY

from subgraphs.monolith.kept import DATA, FRAGMENTS, PAGES
from subgraphs.monolith.model import Purchase
from tests.subgraphs.monolith.test_pages import claimed
from tests.workers.notifications.mail_server import MailServer

pytestmark = pytest.mark.skipif("REDIS_URL" not in os.environ, reason="needs the Redis of the group")
LAMP = {"customer": "C-1002", "purchase_number": "P-2004", "article": "LAMP"}


@pytest.fixture(autouse=True)
def nothing_kept(db: None) -> None:
    connection = get_redis_connection(PAGES)
    for key in connection.scan_iter(f"{os.environ['DOORSTEP_NAMESPACE']}:monolith:*"):
        connection.delete(key)


def found(kind: str, what: str) -> float:
    return REGISTRY.get_sample_value("monolith_kept_looked_for_total", {"kind": kind, "outcome": what}) or 0


@pytest.fixture
def counted() -> Callable[[str], tuple[float, float]]:
    """How often something was looked up since, and found or not."""
    before = {
        (kind, what): found(kind, what) for kind in ("pages", "data", "fragments") for what in ("found", "missed")
    }
    return lambda kind: (found(kind, "found") - before[kind, "found"], found(kind, "missed") - before[kind, "missed"])


def asked(browser: Client, path: str) -> tuple[str, int]:
    """A page, and how many questions to the database it took."""
    with CaptureQueriesContext(connection) as queries:
        answer = browser.get(path)
    assert answer.status_code == 200
    return answer.content.decode(), len(queries)


def test_the_page_for_everybody_is_made_once(
    browser: Client, post: MailServer, counted: Callable[[str], tuple[float, float]]
) -> None:
    claimed(browser)
    first, questions = asked(Client(), "/discounts/about/")
    again, none = asked(Client(), "/discounts/about/")

    assert "1 vouchers, together worth EUR 2.49" in first
    assert first == again
    assert (questions, none) == (2, 0)
    assert counted("pages") == (1, 1)
    answer = Client().get("/discounts/about/")
    assert answer["Cache-Control"] == "public, max-age=60"
    assert answer["Content-Security-Policy"].startswith("default-src 'none'")
    assert not answer.cookies


def test_its_figures_are_kept_too(post: MailServer, counted: Callable[[str], tuple[float, float]]) -> None:
    asked(Client(), "/discounts/about/")
    caches[PAGES].delete("about")

    assert asked(Client(), "/discounts/about/")[1] == 0
    assert counted("data") == (1, 1)


def test_a_claim_calls_back_what_shows_it(browser: Client, post: MailServer) -> None:
    assert "0 vouchers" in asked(Client(), "/discounts/about/")[0]
    claimed(browser)

    assert "1 vouchers, together worth EUR 2.49" in asked(Client(), "/discounts/about/")[0]


def test_the_list_of_a_customer_is_kept_until_something_of_theirs_changes(
    browser: Client, post: MailServer, counted: Callable[[str], tuple[float, float]]
) -> None:
    claimed(browser)
    first, questions = asked(browser, "/discounts/claims/")
    again, fewer = asked(browser, "/discounts/claims/")
    assert first == again
    assert (questions, fewer) == (2, 1)  # the session is asked for each time
    assert counted("fragments") == (1, 1)

    claimed(browser, purchase_number="P-2003", article="POSTCARD")
    assert "P-2003" in asked(browser, "/discounts/claims/")[0]
    purchase = Purchase.objects.get(pk="P-2003")
    purchase.article = "BIG-POSTCARD"
    purchase.save()
    assert "BIG-POSTCARD" in asked(browser, "/discounts/claims/")[0]


def test_nobody_gets_the_list_of_another(browser: Client, post: MailServer) -> None:
    other = Client()
    claimed(browser)
    claimed(other, **LAMP)
    for _ in range(2):
        assert re.findall(r"<td>(P-\d+)</td>", asked(browser, "/discounts/claims/")[0]) == ["P-2001"]
        assert re.findall(r"<td>(P-\d+)</td>", asked(other, "/discounts/claims/")[0]) == ["P-2004"]
        assert "nobody has claimed" in asked(Client(), "/discounts/claims/")[0]


def test_without_redis_pages_are_made_each_time(
    browser: Client, post: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (PAGES, DATA, FRAGMENTS, "default"):
        monkeypatch.setattr(caches[name].client, "_server", ["redis://127.0.0.1:1/0"])
        monkeypatch.setattr(caches[name].client, "_clients", [None])
    with pytest.raises(redis.exceptions.ConnectionError):
        get_redis_connection(PAGES).ping()

    assert claimed(browser).status_code == 200
    assert "1 vouchers" in asked(Client(), "/discounts/about/")[0]
    assert "P-2001" in asked(browser, "/discounts/claims/")[0]
