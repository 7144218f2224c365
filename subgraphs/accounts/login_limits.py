"""
How often passwords, and secrets of API clients, may be guessed.

Besides one name from one address, which django-axes counts by itself, count: one address, whatever the names (many names
with one password each), and one name, whatever the addresses. The second must not keep the owner out whom it protects: it
does not count for browsers in which they have logged in before.
"""

import time
from collections.abc import Callable
from typing import Any

import structlog
from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from axes.attempts import get_cool_off_threshold
from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.views import LoginView
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse, JsonResponse
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

KNOWN_BROWSER = "known_browser"
"""the cookie that a browser gets at a login: for whom, signed"""
KNOWN_FOR = 180 * 24 * 3600
"""seconds"""

log = structlog.get_logger("login")


class LoginLimits(AxesDatabaseHandler):
    """Decides whether a password is looked at."""

    def is_locked(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        """Whether there were too many wrong ones."""
        if super().is_locked(request, credentials):
            return True
        address = request.axes_ip_address  # type: ignore[attr-defined]
        if _failures(request, ip_address=address) >= settings.LOGIN_ADDRESS_FAILURES:
            log.warning("too many wrong passwords from one address", address=address)
            return True
        name = (credentials or {}).get("username")
        if name is None or _knows(request, name):
            return False
        if _failures(request, username=name) >= settings.LOGIN_NAME_FAILURES:
            log.warning("too many wrong passwords for one name", name=name)
            return True
        return False


class Login(LoginView):
    """The page; a browser that has shown the right password is known from then on."""

    template_name = "accounts/login.html"

    def form_valid(self, form: Any) -> HttpResponse:
        """Log in."""
        answer = super().form_valid(form)
        answer.set_signed_cookie(
            KNOWN_BROWSER,
            form.get_user().get_username(),
            salt=KNOWN_BROWSER,
            max_age=KNOWN_FOR,
            path="/login/",
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
        return answer


class LimitWrongSecrets:
    """
    Django middleware: after so many refused API clients from one address in a minute, none is looked at (429).

    A secret cannot be guessed, but each that is looked at costs as much as a password. Counted in this process.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self._limit = RateLimitItemPerMinute(settings.WRONG_SECRETS)
        self._counts = MovingWindowRateLimiter(MemoryStorage())
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        if iscoroutinefunction(self.get_response):
            return self._later(request)
        return self._refusal(request) or self._counted(request, self.get_response(request))

    async def _later(self, request: HttpRequest) -> HttpResponse:
        return self._refusal(request) or self._counted(request, await self.get_response(request))

    def _refusal(self, request: HttpRequest) -> HttpResponse | None:
        address = str(request.META.get("REMOTE_ADDR"))
        if not request.path.startswith("/o/") or self._counts.test(self._limit, address):
            return None
        seconds = max(1, round(self._counts.get_window_stats(self._limit, address).reset_time - time.time()))
        said = f"too many wrong credentials from this address; try again in {seconds} s"
        body = {"error": "temporarily_unavailable", "error_description": said}
        return JsonResponse(body, status=429, headers={"Retry-After": str(seconds)})

    def _counted(self, request: HttpRequest, answer: HttpResponse) -> HttpResponse:
        if answer.status_code == 401 and request.path.startswith("/o/"):
            self._counts.hit(self._limit, str(request.META.get("REMOTE_ADDR")))
        return answer


def _failures(request: HttpRequest, **of: str) -> int:
    since = get_cool_off_threshold(request)
    found = AccessAttempt.objects.filter(attempt_time__gte=since, **of)
    return int(found.aggregate(failures=Sum("failures_since_start"))["failures"] or 0)


def _knows(request: HttpRequest, name: str) -> bool:
    said = request.get_signed_cookie(KNOWN_BROWSER, default=None, salt=KNOWN_BROWSER, max_age=KNOWN_FOR)
    return said == name
