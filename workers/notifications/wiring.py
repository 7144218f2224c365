"""What this worker is made of in production; everything connects when it is first used."""

from datetime import timedelta

from workers.chassis import mongo
from workers.chassis.env import Env, WrongSetting
from workers.notifications.envelope import CannotBeAddressed, checked_email
from workers.notifications.post import SmtpPost, SmtpServer
from workers.notifications.recipients import Recipients
from workers.notifications.store import Notifications

SERVICE = "notifications"

env = Env(SERVICE)


def recipients() -> Recipients:
    """Who waits for what."""
    return Recipients(mongo.database(SERVICE))


def notifications() -> Notifications:
    """The letters."""
    return Notifications(mongo.database(SERVICE), domain=checked_domain())


def post() -> SmtpPost:
    """The mail server of `SMTP_URL`."""
    try:
        server = SmtpServer.from_url(env.text("SMTP_URL"))
    except ValueError as problem:
        raise WrongSetting(f"SMTP_URL cannot be read: {problem}") from None
    return SmtpPost(server, timeout=smtp_timeout(), until_handed_over=1.5 * smtp_timeout())


def smtp_timeout() -> int:
    """Seconds the mail server may take for each answer."""
    return max(1, env.number("SMTP_TIMEOUT", 10))


def patience() -> timedelta:
    """After so long whoever is sending a letter is taken for dead: more than sending can take at most."""
    return timedelta(seconds=5 * smtp_timeout())


def sender() -> str:
    """Who the letters are from (`LETTERS_FROM`)."""
    return env.text("LETTERS_FROM", "Doorstep <letters@doorstep.example>")


def checked_domain() -> str:
    """The domain of the Message-IDs."""
    domain = env.text("LETTERS_DOMAIN", "doorstep.example")
    try:
        checked_email(f"letters@{domain}")
    except CannotBeAddressed:
        raise WrongSetting(f"LETTERS_DOMAIN is {domain!r}; write a domain, such as example.org") from None
    return domain


def checking_after() -> int:
    """Seconds a review may take before we write that it takes a while."""
    return env.number("CHECKING_AFTER", 3600)


def tries() -> int:
    """How often a letter is tried before it is called failed."""
    return env.number("LETTER_TRIES", 12)
