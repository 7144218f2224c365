"""``python -m workers.suggestions listen``: suggestions in, thank-you letters out."""

import argparse
import sys

from workers.chassis import logs
from workers.chassis.env import MissingSetting, WrongSetting
from workers.chassis.loop import listen


def run() -> None:
    """Listen until somebody stops the process."""
    from workers.suggestions import wiring
    from workers.suggestions.listener import TELLERS, Ears
    from workers.suggestions.tasks import thank_reader_task

    by_celery = thank_reader_task.delay if wiring.letters_by() is wiring.LettersBy.CELERY else None
    ears = Ears(wiring.suggestions(), hand_to_celery=by_celery)
    listen(wiring.SERVICE, ears.handlers(), TELLERS)


def main() -> int:
    """Do what the command line says; 2 when the environment is not complete."""
    parser = argparse.ArgumentParser(prog="python -m workers.suggestions", description="Thanks for suggestions.")
    parser.add_argument("command", choices=["listen"])
    parser.parse_args()
    logs.configure("suggestions")
    try:
        run()
    except (MissingSetting, WrongSetting) as problem:
        print(f"{type(problem).__name__}: {problem}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
