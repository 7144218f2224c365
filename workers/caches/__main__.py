"""``python -m workers.caches listen``: facts in, answers of the gateway called back."""

import argparse
import sys
from functools import partial

import redis

from workers.caches.call_back import TELLERS, Tags, call_back
from workers.chassis import logs
from workers.chassis.env import Env, MissingSetting, WrongSetting
from workers.chassis.loop import listen

SERVICE = "caches"


def run() -> None:
    """Listen until somebody stops the process."""
    env = Env(SERVICE)
    store = redis.Redis.from_url(env.text("REDIS_URL"), socket_timeout=5, socket_connect_timeout=2)
    tags = Tags(store, env.text("DOORSTEP_NAMESPACE", "doorstep"))
    listen(SERVICE, dict.fromkeys(TELLERS, partial(call_back, tags=tags)), TELLERS)


def main() -> int:
    """Do what the command line says; 2 when the environment is not complete."""
    parser = argparse.ArgumentParser(prog="python -m workers.caches", description="Calls back what is no longer true.")
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
