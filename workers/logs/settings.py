"""The workers of `logs`. Every setting they have is on this page."""

from urllib.parse import urlsplit

from workers.chassis.env import Env, WrongSetting
from workers.chassis.service_keys import Secret
from workers.logs.rules import Bounds

SERVICE = "logs"

env = Env(SERVICE)


def most_bytes() -> int:
    """So large may the entries become (`LOGS_MOST_BYTES`); the oldest go before that. How long they stay, `prepare` is told."""
    return env.number("MOST_BYTES", 2 * 1024**3)


def window() -> int:
    """Seconds that a rule looks back (`LOGS_ALERT_WINDOW`)."""
    return max(1, env.number("ALERT_WINDOW", 60))


def check_every() -> float:
    """Seconds between two looks (`LOGS_CHECK_SECONDS`)."""
    return _fraction("CHECK_SECONDS", "10")


def slow_ms() -> int:
    """A request that takes longer is slow (`LOGS_SLOW_MS`)."""
    return env.number("SLOW_MS", 1_000)


def old_ms() -> int:
    """A fact that waited longer for its listener is old (`LOGS_OLD_MS`)."""
    return env.number("OLD_MS", 60_000)


def share() -> Bounds:
    """
    From which share of lines, requests or facts on something is wrong, and below which it is well again.

    `LOGS_OPEN_AT_PERCENT`, `LOGS_CLEAR_AT_PERCENT`; `LOGS_LEAST` bad ones prove something, fewer do not.
    """
    open_at, clear_at = (
        env.number("OPEN_AT_PERCENT", 5) / 100,
        env.number("CLEAR_AT_PERCENT", 1) / 100,
    )
    if clear_at > open_at:
        raise WrongSetting("LOGS_CLEAR_AT_PERCENT is above LOGS_OPEN_AT_PERCENT: an alert would clear while it opens")
    return Bounds(open_at, clear_at, env.number("LEAST", 5), *_checks())


def silence() -> Bounds:
    """Seconds after which a process that says nothing is silent (`LOGS_SILENCE_SECONDS`): some signs of life."""
    seconds = _fraction("SILENCE_SECONDS", "60")
    return Bounds(seconds, seconds, 0, *_checks())


def _checks() -> tuple[int, int]:
    """So many looks in a row open an alert (`LOGS_OPEN_AFTER`), so many clear it (`LOGS_CLEAR_AFTER`)."""
    return max(1, env.number("OPEN_AFTER", 2)), max(1, env.number("CLEAR_AFTER", 3))


def letters_to() -> list[str]:
    """E-mail addresses of those who are written to about alerts (`LOGS_ALERT_LETTERS_TO`)."""
    return env.items("ALERT_LETTERS_TO", "")


def webhook_url() -> str | None:
    """What is called about alerts (`LOGS_ALERT_WEBHOOK_URL`); none: nothing."""
    url = env.text("ALERT_WEBHOOK_URL", "")
    if url and urlsplit(url).scheme not in ("http", "https"):
        raise WrongSetting("LOGS_ALERT_WEBHOOK_URL is no URL of the web: write https://…")
    return url or None


def webhook_secret() -> Secret:
    """What calls are signed with (`LOGS_ALERT_WEBHOOK_SECRET`, or the file that …`_FILE` names)."""
    return Secret.from_environment(env, "ALERT_WEBHOOK_SECRET")


def webhook_tries() -> int:
    """How often a call is tried (`LOGS_ALERT_WEBHOOK_TRIES`)."""
    return max(1, env.number("ALERT_WEBHOOK_TRIES", 8))


def _fraction(name: str, default: str) -> float:
    text = env.text(name, default)
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 < seconds < 10**6:
        raise WrongSetting(f"LOGS_{name}={text!r} is no number of seconds: write one such as {default}")
    return seconds
