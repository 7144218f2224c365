"""Whether a port is free, said in words that help."""

import socket
from collections.abc import Iterable, Mapping


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
    """Ports that are free now, all different."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()
