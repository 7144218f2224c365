"""What these workers are made of in production; everything connects when it is first used."""

from datetime import timedelta

import redis

from workers.chassis import mongo
from workers.chassis.broker import Names
from workers.chassis.identity import public_keys
from workers.logs import settings
from workers.logs.alerts import Alerts
from workers.logs.batch import Tellers
from workers.logs.look import Look
from workers.logs.rules import Judge, Rule
from workers.logs.ship import Shipper
from workers.logs.store import LogStore
from workers.logs.tail import Tail
from workers.logs.watch import Watcher
from workers.logs.webhook import HttpWebhook
from workers.logs.write import Writer


def writer() -> Writer:
    """Who keeps lines."""
    names = Names.of(settings.SERVICE)
    return Writer(
        names,
        LogStore(mongo.database(settings.SERVICE)),
        Tail(_redis(), names.namespace),
        Tellers(public_keys(settings.SERVICE)),
        settings.most_bytes(),
    )


def shipper() -> Shipper:
    """Who fetches them from Redis."""
    return Shipper(Names.of(settings.SERVICE), _redis())


def watcher() -> Watcher:
    """Who says when something is wrong."""
    database = mongo.database(settings.SERVICE)
    url, silence = settings.webhook_url(), settings.silence()
    return Watcher(
        Look(
            database,
            window=settings.window(),
            slow_ms=settings.slow_ms(),
            old_ms=settings.old_ms(),
            patience=silence.open_at,
        ),
        Judge({rule: silence if rule is Rule.SILENCE else settings.share() for rule in Rule}),
        Alerts(database, letters_to=settings.letters_to(), calls=url is not None, tries=settings.webhook_tries()),
        HttpWebhook(url, settings.webhook_secret()) if url else None,
        timedelta(seconds=silence.open_at),
    )


def _redis() -> "redis.Redis":
    return redis.Redis.from_url(settings.env.text("REDIS_URL"), socket_timeout=5, socket_connect_timeout=5)
