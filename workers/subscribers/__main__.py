"""``python -m workers.subscribers listen``: verdicts in, canonical addresses kept."""

import argparse
import sys

import structlog

from workers.chassis import logs, mongo
from workers.chassis.env import MissingSetting, WrongSetting
from workers.chassis.facts import Heard
from workers.chassis.loop import listen
from workers.subscribers.facts import TELLERS, verdict_from
from workers.subscribers.store import MongoSubscribers
from workers.subscribers.store_verdict import store_verdict

SERVICE = "subscribers"

log = structlog.get_logger("verdicts")


def run() -> None:
    """Listen until somebody stops the process."""
    subscribers = MongoSubscribers(mongo.database(SERVICE))

    def on_verdict(heard: Heard) -> None:
        if store_verdict(verdict_from(heard), subscribers=subscribers):
            log.info("verdict stored", status=heard.data["status"])

    listen(SERVICE, dict.fromkeys(TELLERS, on_verdict), TELLERS)


def main() -> int:
    """Do what the command line says; 2 when the environment is not complete."""
    parser = argparse.ArgumentParser(prog="python -m workers.subscribers", description="Keeps canonical addresses.")
    parser.add_argument("command", choices=["listen"])
    parser.parse_args()
    logs.configure(SERVICE)
    try:
        run()
    except (MissingSetting, WrongSetting) as problem:
        print(f"{type(problem).__name__}: {problem}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
