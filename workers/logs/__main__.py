"""``python -m workers.logs write | ship | watch``: lines kept, lines fetched from Redis, alerts."""

import argparse
import sys

from workers.chassis import logs, metrics
from workers.chassis.env import MissingSetting, WrongSetting
from workers.chassis.loop import Stop, run
from workers.logs import settings


def write() -> None:
    """Keep what is heard."""
    from workers.logs.wiring import writer

    writing = writer()
    run(settings.SERVICE, writing.read, Stop().on_signals())


def ship() -> None:
    """Tell on RabbitMQ what those wrote who speak to no broker."""
    from workers.logs.wiring import shipper

    shipping = shipper()
    run(settings.SERVICE, shipping.read, Stop().on_signals())


def watch() -> None:
    """Look for what is wrong."""
    from workers.logs.watch import watch_until
    from workers.logs.wiring import watcher

    metrics.serve(settings.SERVICE)
    watch_until(Stop().on_signals(), watcher(), every=settings.check_every())


COMMANDS = {"write": write, "ship": ship, "watch": watch}


def main() -> int:
    """Do what the command line says; 2 when the environment is not complete."""
    parser = argparse.ArgumentParser(prog="python -m workers.logs", description="Keeps log lines, and watches them.")
    parser.add_argument("command", choices=list(COMMANDS))
    chosen = parser.parse_args()
    try:
        logs.configure(settings.SERVICE)
        COMMANDS[chosen.command]()
    except (MissingSetting, WrongSetting) as problem:
        print(f"{type(problem).__name__}: {problem}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
