"""``python -m workers.discounts listen``: claims in, vouchers or refusals out."""

import argparse
import sys
from datetime import UTC, datetime

from workers.chassis import logs, mongo
from workers.chassis.env import MissingSetting, WrongSetting
from workers.chassis.facts import Heard
from workers.chassis.loop import listen
from workers.discounts.decide_claim import decide_claim
from workers.discounts.facts import TELLERS
from workers.discounts.store import MongoClaims

SERVICE = "discounts"


def run() -> None:
    """Listen until somebody stops the process."""
    claims = MongoClaims(mongo.database(SERVICE))

    def on_claimed(heard: Heard) -> None:
        decide_claim(heard.text("claimId"), claims=claims, now=datetime.now(UTC))

    listen(SERVICE, {"discount.claimed.v1": on_claimed}, TELLERS)


def main() -> int:
    """Do what the command line says; 2 when the environment is not complete."""
    parser = argparse.ArgumentParser(prog="python -m workers.discounts", description="Decides discount claims.")
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
