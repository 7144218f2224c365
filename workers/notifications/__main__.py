"""``python -m workers.notifications listen``: verdicts in, intended letters out."""

import argparse
import sys

from workers.chassis import logs
from workers.chassis.env import MissingSetting, WrongSetting
from workers.chassis.loop import listen


def run() -> None:
    """Listen until somebody stops the process."""
    from workers.notifications import wiring
    from workers.notifications.facts import TELLERS
    from workers.notifications.listener import Ears
    from workers.notifications.tasks import look_again_task, send_letter_task

    delay = wiring.checking_after()
    ears = Ears(
        recipients=wiring.recipients(),
        notifications=wiring.notifications(),
        send_letter=send_letter_task.delay,
        look_again_later=lambda task_id: look_again_task.apply_async((task_id,), countdown=delay),
    )
    listen(wiring.SERVICE, ears.handlers(), TELLERS)


def main() -> int:
    """Do what the command line says; 2 when the environment is not complete."""
    parser = argparse.ArgumentParser(prog="python -m workers.notifications", description="Writes letters.")
    parser.add_argument("command", choices=["listen"])
    parser.parse_args()
    logs.configure("notifications")
    try:
        run()
    except (MissingSetting, WrongSetting) as problem:
        print(f"{type(problem).__name__}: {problem}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
