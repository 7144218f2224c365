"""Whether a port is free, said in words that help."""

import random
import socket
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path

FIRST = 10_240
OUTGOING = Path("/proc/sys/net/ipv4/ip_local_port_range")
_PICKED: set[int] = set()


class PortInUse(Exception):
    """Somebody else listens where one of our processes must."""


def refuse_taken(ports: Mapping[str, int], names: Iterable[str]) -> None:
    """
    Check that all these ports are free.

    :raises PortInUse: naming every port that is not, and the variable that changes it.
    """
    taken = [
        f"port {ports[name]} is in use: stop what uses it, or set {name}" for name in names if not free(ports[name])
    ]
    if taken:
        raise PortInUse("\n".join(taken))


def free(port: int) -> bool:
    """Whether we could listen on this port of the loopback address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def pick_free(count: int) -> list[int]:
    """
    Ports that are free now, all different, and none that this process has picked before.

    None of them is one that the system gives to outgoing connections: those come and go by themselves, and one of them could
    take a port between here and whoever is to listen there.
    """
    candidates = random.sample(range(FIRST, _first_outgoing()), 50 * count)
    found = list(islice((port for port in candidates if port not in _PICKED and free(port)), count))
    if len(found) < count:
        raise PortInUse(f"fewer than {count} free ports from {FIRST} on")
    # Whom they were picked for may not listen there yet.
    _PICKED.update(found)
    return found


def _first_outgoing() -> int:
    try:
        return max(int(OUTGOING.read_text().split()[0]), FIRST + 10_000)
    except (OSError, ValueError):
        return 32_768
