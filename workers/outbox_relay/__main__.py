"""``python -m workers.outbox_relay``: empty the outboxes of all services until SIGTERM."""

import sys
import threading

import pymongo.errors
import structlog
from prometheus_client import REGISTRY
from pymongo.database import Database

from workers.chassis import logs, metrics, mongo, tracing
from workers.chassis.broker import Backoff, Names
from workers.chassis.env import MissingSetting, WrongSetting
from workers.chassis.identity import Identity
from workers.chassis.loop import Stop
from workers.outbox_relay import settings
from workers.outbox_relay.metrics import UNTELLABLE, Waiting
from workers.outbox_relay.teller import BrokerTeller
from workers.outbox_relay.watch import NoReplicaSet, refuse_without_replica_set, watch

log = structlog.get_logger("relay")


def main() -> int:
    """Run until somebody asks to stop."""
    logs.configure("outbox_relay")
    stop = Stop().on_signals()
    try:
        services = settings.services()
        identities = [Identity.from_environment(service) for service in services]
        REGISTRY.register(Waiting({service: (_database(service), settings.OUTBOXES[service]) for service in services}))
        for service in services:
            UNTELLABLE.labels(service)  # an alert would miss the first, if it were not 0 before
        metrics.serve("outbox_relay")
        tracing.configure("outbox_relay")
        _reach_mongo(stop)
    except (MissingSetting, WrongSetting, NoReplicaSet) as wrong:
        print(f"{wrong.__class__.__name__}: {wrong}", file=sys.stderr)
        return 1
    threads = [threading.Thread(target=_run, args=(identity, stop), name=identity.service) for identity in identities]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.info("stopped")
    return 0


def _reach_mongo(stop: Stop) -> None:
    """Wait for MongoDB; refuse to go on when it is no replica set."""
    backoff = Backoff()
    while not stop.asked:
        try:
            refuse_without_replica_set(mongo.database("outbox_relay"))
            return
        except pymongo.errors.ConnectionFailure as lost:
            seconds = backoff.next()
            log.warning("MongoDB not reached", problem=repr(lost), next_try_in=seconds)
            stop.wait(seconds)


def _run(identity: Identity, stop: Stop) -> None:
    teller = BrokerTeller(identity, Names.of("outbox_relay"), token_seconds=settings.token_seconds())
    try:
        watch(_database(identity.service), settings.OUTBOXES[identity.service], teller, stop)
    except Exception:
        log.exception("relay of one service ended", relayed=identity.service)
        # The others cannot make up for it: end the process, so that whoever watches it starts it anew.
        stop.ask()


def _database(service: str) -> Database[mongo.Document]:
    return mongo.client("outbox_relay")[mongo.database_name(service)]


if __name__ == "__main__":
    sys.exit(main())
