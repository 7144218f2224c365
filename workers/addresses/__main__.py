"""``python -m workers.addresses listen``: import requests and verdicts in, a better register out."""

import argparse
import sys

from workers.chassis import logs
from workers.chassis.env import MissingSetting, WrongSetting
from workers.chassis.loop import listen


def run() -> None:
    """Listen until somebody stops the process."""
    from workers.addresses import wiring
    from workers.addresses.listener import TELLERS, Ears
    from workers.addresses.tasks import begin_import_task

    ears = Ears(
        begin_import=begin_import_task.delay,
        learning=wiring.learnt_addresses(),
        policy=wiring.policy(),
        register_has_changed=wiring.register_has_changed,
    )
    listen(wiring.SERVICE, ears.handlers(), TELLERS)


def main() -> int:
    """Do what the command line says; 2 when the environment is not complete."""
    parser = argparse.ArgumentParser(prog="python -m workers.addresses", description="Imports, and learns addresses.")
    parser.add_argument("command", choices=["listen"])
    parser.parse_args()
    logs.configure("addresses")
    try:
        run()
    except (MissingSetting, WrongSetting) as problem:
        print(f"{type(problem).__name__}: {problem}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
