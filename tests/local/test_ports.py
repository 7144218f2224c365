"""Ports that are picked belong to whom they were picked for."""

from docker.local.ports import FIRST, OUTGOING, free, pick_free


def test_no_port_is_picked_twice() -> None:
    picked = [port for _ in range(20) for port in pick_free(40)]

    assert len(set(picked)) == len(picked)


def test_no_port_that_is_picked_is_one_of_outgoing_connections() -> None:
    first = int(OUTGOING.read_text().split()[0])

    assert all(FIRST <= port < max(first, FIRST + 10_000) for port in pick_free(100))


def test_a_port_that_is_picked_can_be_listened_on() -> None:
    assert all(free(port) for port in pick_free(20))
