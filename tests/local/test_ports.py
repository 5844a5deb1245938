"""Choosing ports."""

import socket

from siprems_local import ports


def test_a_kept_port_stays_while_it_is_free() -> None:
    port = ports.choose()
    assert ports.choose(port) == port
    with socket.create_server((ports.LOOPBACK, port)):
        assert not ports.is_free(port)
        assert ports.choose(port) != port


def test_taken_ports_are_avoided() -> None:
    port = ports.choose()
    assert ports.choose(port, taken=frozenset({port})) != port


def test_next_free_skips_used_ports() -> None:
    with socket.create_server((ports.LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
        assert ports.next_free(port - 1) != port


def test_impossible_ports_are_not_free() -> None:
    assert not ports.is_free(70_000)
