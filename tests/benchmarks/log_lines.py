"""``python -m tests.benchmarks.log_lines``: what a log line costs a service; ``RABBITMQ_URL`` names a broker to carry lines to."""

import json
import os
import statistics
import subprocess
import sys

from tests.subgraphs.service import KEYS

LINES = 20_000
ROUNDS = 5
SCRIPT = f"""
import json, sys, time, structlog
from subgraphs.chassis import logs
logs.configure("subscribers")
log = structlog.get_logger()
log.info("first")
time.sleep(0.5)
at, used = time.perf_counter(), time.process_time()
mine = time.thread_time()
pauses = 0
for number in range({LINES}):
    log.info("request answered", method="POST", path="/graphql", status=200, ms=3.2, request_id="r-1", number=number)
    if number % 500 == 499:
        time.sleep(0.1)
        pauses += 0.1
mine = time.thread_time() - mine
time.sleep(1)
print(json.dumps({{"thread": mine, "process": time.process_time() - used}}), file=sys.stderr)
"""
BROKERS = {
    "standard output alone": ("", "false"),
    "carried to RabbitMQ": (os.environ.get("RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672/%2F"), "true"),
    "RabbitMQ is not there": ("amqp://guest:guest@127.0.0.1:1/%2F", "true"),
}


def measured(url: str, ship: str) -> tuple[float, float]:
    """Microseconds of a line: of the thread that writes it, and of the whole process."""
    environment = {
        **os.environ,
        "RABBITMQ_URL": url,
        "SHIP_LOGS": ship,
        "DOORSTEP_NAMESPACE": "benchmark_log_lines",
        "SUBSCRIBERS_SERVICE_KEY": KEYS["subscribers"],
    }
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True)
    found = json.loads(done.stderr.splitlines()[-1])
    return found["thread"] / LINES * 1e6, found["process"] / LINES * 1e6


if __name__ == "__main__":
    print(f"{'':<24} {'its own thread':>16} {'the process':>14}   microseconds of processor time a line")
    for name, (url, ship) in BROKERS.items():
        rounds = [measured(url, ship) for _ in range(ROUNDS)]
        own, whole = (statistics.median(times) for times in zip(*rounds, strict=True))
        print(f"{name:<24} {own:16.1f} {whole:14.1f}")
