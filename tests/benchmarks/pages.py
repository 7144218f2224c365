"""What it brings to keep the monolith's pages: the same requests with nothing kept and with everything kept in Redis."""

import re
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import requests
from requests.cookies import RequestsCookieJar

from docker.local.ports import pick_free
from docker.local.processes import PYTHON_GRAPHENE
from docker.local.settings import REPOSITORY
from tests.benchmarks.gateway.caching import redis

VOUCHERS = 20_000
SECONDS = 5
BROWSERS = 4
PAGES = {
    "the page for everybody": "/discounts/about/",
    "the claims of a customer who has a hundred": "/discounts/claims/",
}

FILL = f"""
import django; django.setup()
from datetime import date
from django.utils import timezone
from subgraphs.monolith.model import Customer, DiscountClaim, Purchase, Voucher
today, now = date.today(), timezone.now()
customers = [Customer(number=f"C-{{n}}", name="Ada", email=f"{{n}}@example.org", since=today) for n in range({VOUCHERS} // 100)]
Customer.objects.bulk_create(customers)
purchases = [
    Purchase(number=f"P-{{n}}", customer=customers[n // 100], article=f"A-{{n % 500}}", amount_cents=5000, bought_on=today)
    for n in range({VOUCHERS})
]
Purchase.objects.bulk_create(purchases)
claims = [DiscountClaim(purchase=purchase, status="ISSUED", claimed_at=now) for purchase in purchases]
DiscountClaim.objects.bulk_create(claims)
Voucher.objects.bulk_create(
    Voucher(claim=claim, code=f"V-{{n}}", percent=5, amount_cents=250, issued_at=now, valid_until=today, pdf=b"%PDF")
    for n, claim in enumerate(claims)
)
"""


def measure_pages() -> dict[str, Any]:
    """Requests per CPU second of the monolith and the middle time of an answer, page by page; and how often it was kept."""
    with tempfile.TemporaryDirectory() as folder, redis() as url:
        environment = {
            "PATH": "/usr/bin:/bin",
            "DJANGO_SETTINGS_MODULE": "subgraphs.monolith.settings",
            "MONOLITH_SECRET_KEY": "only for this measurement",
            "SERVICE_PUBLIC_KEYS": "{}",
            "SMTP_URL": "smtp://127.0.0.1:1",
            "MONOLITH_DATABASE_FILE": str(Path(folder) / "monolith.sqlite3"),
            "REDIS_URL": url,
        }
        for command in (("-m", "subgraphs.monolith", "prepare"), ("-c", FILL)):
            subprocess.run((PYTHON_GRAPHENE, *command), cwd=REPOSITORY, env=environment, check=True)
        return {
            "nothing kept": _measured({**environment, "MONOLITH_KEEP_SECONDS": "0"}),
            "kept in Redis": _measured({**environment, "MONOLITH_KEEP_SECONDS": "60"}),
        }


def _measured(environment: dict[str, str]) -> dict[str, Any]:
    port, metrics = pick_free(2)
    command = (PYTHON_GRAPHENE, "-m", "subgraphs.monolith", "serve", "--port", str(port))
    with subprocess.Popen(
        command,
        cwd=REPOSITORY,
        env={**environment, "MONOLITH_METRICS": f"127.0.0.1:{metrics}"},
        stdout=subprocess.DEVNULL,
    ) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(url)
            counters = f"http://127.0.0.1:{metrics}/metrics"
            cookies = _claimed(url)
            found = {name: _asked(f"{url}{path}", cookies, counters) for name, path in PAGES.items()}
            return {**found, "looked up": _looked_up(counters)}
        finally:
            process.terminate()


def _wait(url: str) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            requests.get(f"{url}/live", timeout=5).raise_for_status()
            return
        except requests.ConnectionError:
            if time.monotonic() > deadline:
                raise


def _claimed(url: str) -> RequestsCookieJar:
    """Claim something, also in vain: this browser is the customer's afterwards."""
    browser = requests.Session()
    token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', browser.get(f"{url}/discounts/", timeout=30).text)
    assert token
    typed = {"customer": "C-0", "purchase_number": "P-0", "article": "A-0"}
    browser.post(f"{url}/discounts/", data={**typed, "csrfmiddlewaretoken": token[1]}, timeout=30).raise_for_status()
    return browser.cookies


def _asked(url: str, cookies: RequestsCookieJar, counters: str) -> dict[str, float]:
    """Several browsers that ask for the same page, one request after the other."""
    seconds: list[float] = []

    def ask(until: float) -> None:
        browser = requests.Session()
        browser.cookies.update(cookies)
        while time.monotonic() < until:
            began = time.perf_counter()
            browser.get(url, timeout=30).raise_for_status()
            seconds.append(time.perf_counter() - began)

    used = _cpu_seconds(counters)
    browsers = [threading.Thread(target=ask, args=(time.monotonic() + SECONDS,)) for _ in range(BROWSERS)]
    for browser in browsers:
        browser.start()
    for browser in browsers:
        browser.join()
    used = _cpu_seconds(counters) - used
    return {
        "requests_per_cpu_second": round(len(seconds) / used),
        "p50_ms": round(1000 * sorted(seconds)[len(seconds) // 2], 1),
    }


def _cpu_seconds(counters: str) -> float:
    found = re.search(r"^process_cpu_seconds_total (\S+)", requests.get(counters, timeout=10).text, re.MULTILINE)
    assert found
    return float(found[1])


def _looked_up(url: str) -> dict[str, float]:
    """Kind → the share of looks that found something."""
    text = requests.get(url, timeout=10).text
    counts = {
        (kind, outcome): float(value)
        for kind, outcome, value in re.findall(
            r'monolith_kept_looked_for_total\{kind="(\w+)",outcome="(\w+)"\} (\S+)', text
        )
    }
    kinds = sorted({kind for kind, _ in counts})
    found = {kind: (counts[kind, "found"], counts[kind, "found"] + counts[kind, "missed"]) for kind in kinds}
    return {kind: round(hits / looks, 4) for kind, (hits, looks) in found.items() if looks}
