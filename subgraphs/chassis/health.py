"""``/live``: the process runs. ``/ready``: what it needs answers too, each check by its name."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path

Check = Callable[[], object]
"""Does nothing when all is well, raises what is wrong otherwise."""

log = structlog.get_logger("health")


def health_urls(checks: Mapping[str, Check]) -> list[URLPattern]:
    """The two paths of a service that needs what these checks look at."""

    def ready(_: HttpRequest) -> HttpResponse:
        findings = {name: _finding(name, check) for name, check in checks.items()}
        well = all(finding == "ok" for finding in findings.values())
        return JsonResponse(
            {"status": "ready" if well else "not ready", "checks": findings}, status=200 if well else 503
        )

    return [path("live", live), path("ready", ready)]


def live(_: HttpRequest) -> HttpResponse:
    """Answer that the process runs."""
    return JsonResponse({"status": "live"})


def _finding(name: str, check: Check) -> str:
    try:
        # In a thread of its own: a check may be asked for inside an event loop, and drivers refuse that.
        with ThreadPoolExecutor(1) as apart:
            apart.submit(check).result()
    except Exception as problem:
        log.warning("not ready", check=name, problem=repr(problem))
        return f"{type(problem).__name__}: {problem}"[:300]
    return "ok"
