"""``python -m workers.live_updates listen``: facts in, updates for whoever watches out."""

import argparse
import sys
from functools import partial

import redis

from workers.chassis import logs
from workers.chassis.env import Env, MissingSetting, WrongSetting
from workers.chassis.loop import Stop, listen
from workers.live_updates.add_update import add_update
from workers.live_updates.streams import Kept, Streams
from workers.live_updates.topics import TELLERS, TOPICS
from workers.live_updates.wake_ups import WakeUps

SERVICE = "live_updates"


def run() -> None:
    """Listen until somebody stops the process."""
    env = Env(SERVICE)
    url, namespace = env.text("REDIS_URL"), env.text("DOORSTEP_NAMESPACE", "doorstep")
    kept = Kept(updates=env.number("UPDATES_KEPT", 10_000), seconds=env.number("UPDATES_KEPT_SECONDS", 24 * 60 * 60))
    stop = Stop().on_signals()
    streams = Streams(redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=2), namespace, kept)
    handle = partial(add_update, streams=streams, wake=WakeUps(url, namespace).wake, pause=stop.wait)
    listen(SERVICE, dict.fromkeys(TOPICS, handle), TELLERS, stop=stop)


def main() -> int:
    """Do what the command line says; 2 when the environment is not complete."""
    parser = argparse.ArgumentParser(prog="python -m workers.live_updates", description="Facts become live updates.")
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
