"""No webhook leads into a private network by any spelling of an address."""

from __future__ import annotations

import ipaddress
import socket
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siprems_backend.services.notifications import addresses
from siprems_backend.services.notifications.problems import Undeliverable

PRIVATE = [
    "127.0.0.1",
    "127.255.255.254",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "192.0.0.8",
    "192.88.99.1",
    "3fff::1",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "240.0.0.1",
    "::1",
    "fc00::1",
    "fd12:3456::1",
    "fec0::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001:db8::1",
    "4000::1",
]
NEVER = [
    "0.0.0.0",
    "0.1.2.3",
    "255.255.255.255",
    "169.254.169.254",
    "169.254.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "168.63.129.16",
    "100.100.100.200",
    "192.0.0.192",
    "fd00:ec2::254",
    "224.0.0.1",
    "239.1.1.1",
    "ff02::1",
    "fe80::1",
    "fe80::1%eth0",
    "2606:4700::1%eth0",
    "::",
    "2002:7f00:1::",
    "2001::1",
    "",
    "localhost",
    "0x7f.1",
    "0177.0.0.1",
    "2130706433",
    "1.2.3.4 ",
    "١٢٧.0.0.1",
]
PUBLIC = ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "64:ff9b::101:101", "::ffff:1.1.1.1"]


@pytest.mark.parametrize("address", PRIVATE)
def test_private_networks_by_the_setting_only(address: str) -> None:
    assert not addresses.is_allowed(address, allow_private=False)
    assert addresses.is_allowed(address, allow_private=True)


@pytest.mark.parametrize("address", NEVER)
def test_never(address: str) -> None:
    assert not addresses.is_allowed(address, allow_private=False)
    assert not addresses.is_allowed(address, allow_private=True)


@pytest.mark.parametrize("address", PUBLIC)
def test_public(address: str) -> None:
    assert addresses.is_allowed(address, allow_private=False)


@given(st.ip_addresses())
def test_what_is_not_global_is_never_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    if addresses.is_allowed(str(address), allow_private=False):
        assert not address.is_private or address in addresses.NAT64 or getattr(address, "ipv4_mapped", None)
        assert addresses.is_allowed(str(address), allow_private=True)


def check(*answers: str, allow_private: bool = False) -> list[str]:
    return addresses.checked(
        "host.example", 443, allow_private=allow_private, seconds=5, resolve=lambda *_asked: answers
    )


def test_every_address_of_a_host_must_be_allowed() -> None:
    assert check("1.1.1.1", "2606:4700::1111", "1.1.1.1") == ["1.1.1.1", "2606:4700::1111"]
    for mixed in (("1.1.1.1", "127.0.0.1"), ("::1", "1.1.1.1"), ("169.254.169.254",)):
        with pytest.raises(Undeliverable, match="not public"):
            check(*mixed)
    assert check("127.0.0.1", allow_private=True) == ["127.0.0.1"]
    with pytest.raises(Undeliverable, match="not public"):
        check("127.0.0.1", "169.254.169.254", allow_private=True)


def test_refusals_do_not_tell_the_address() -> None:
    with pytest.raises(Undeliverable) as caught:
        check("10.1.2.3")
    assert "10.1.2.3" not in caught.value.reason


def test_hosts_without_an_address() -> None:
    with pytest.raises(Undeliverable, match="no address"):
        check()

    def unknown(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    with pytest.raises(Undeliverable, match="not known"):
        addresses.checked("x.invalid", 443, allow_private=False, seconds=5, resolve=unknown)


def test_a_resolver_that_does_not_answer_is_left_behind() -> None:
    asleep = threading.Event()

    def slow(_host: str, _port: int) -> list[str]:
        asleep.wait(60)
        return ["1.1.1.1"]

    with pytest.raises(Undeliverable, match="took too long"):
        addresses.checked("x.example", 443, allow_private=False, seconds=0.05, resolve=slow)
    asleep.set()


@pytest.mark.parametrize("spelling", ["127.1", "0177.0.0.1", "2130706433", "0x7f000001", "127.0.0.1"])
def test_spellings_that_the_system_takes_for_loopback(spelling: str) -> None:
    with pytest.raises(Undeliverable):
        addresses.checked(spelling, 443, allow_private=False, seconds=10)
