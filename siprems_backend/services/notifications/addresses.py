"""Which addresses a webhook may lead to.

A webhook makes this server call what a user names. Without limits that would be a way into the network the
server stands in, to services that trust whoever is inside (server-side request forgery).
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable, Sequence

from siprems_backend.services.notifications.problems import Undeliverable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# Takes a host and a port; gives the addresses as text.
Resolver = Callable[[str, int], Sequence[str]]

# Where clouds hand out credentials to whoever asks from inside; some of them look public.
METADATA = frozenset(
    ipaddress.ip_address(text)
    for text in ("168.63.129.16", "100.100.100.200", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254")
)
# IANA's registries of special-purpose addresses, November 2026. Python's own list grows from one patch
# release to the next.
NOT_PUBLIC_V4 = (
    "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 "
    "192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4"
)
NOT_PUBLIC_V6 = "2001::/23 2001:db8::/32 2002::/16 3fff::/20"
NOT_PUBLIC = tuple(map(ipaddress.ip_network, f"{NOT_PUBLIC_V4} {NOT_PUBLIC_V6}".split()))
# Of IPv6 only this part is given to the public at all (RFC 4291, 2.4).
PUBLIC_V6 = ipaddress.IPv6Network("2000::/3")
# Broadcast, and what tunnels to IPv4 addresses that are hidden in it (6to4, Teredo).
NEVER = tuple(map(ipaddress.ip_network, ("255.255.255.255/32", "0.0.0.0/8", "2002::/16", "2001::/32")))
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def is_allowed(text: str, *, allow_private: bool) -> bool:
    """Whether a webhook may lead there; some places are never allowed, private networks by the setting."""
    try:
        address = _plain(ipaddress.ip_address(text))
    except ValueError:
        return False
    if "%" in text or _is_never_allowed(address):
        return False
    if allow_private:
        return True
    if isinstance(address, ipaddress.IPv6Address) and address not in PUBLIC_V6:
        return False
    return not any(address in network for network in NOT_PUBLIC)


def _is_never_allowed(address: Address) -> bool:
    special = address.is_multicast or address.is_unspecified or address.is_link_local
    return special or address in METADATA or any(address in network for network in NEVER)


def _plain(address: Address) -> Address:
    """An IPv4 address that is written as an IPv6 one, as itself."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def checked(
    host: str, port: int, *, allow_private: bool, seconds: float, resolve: Resolver | None = None
) -> list[str]:
    """The addresses of a host, all of them allowed; whoever connects must use these and not ask again.

    A host with any address that is not allowed is refused: the mixture is how a name that is looked up twice
    gets past a check.

    Raises:
        Undeliverable: there are none, or not all are allowed.
    """
    found = list(dict.fromkeys(_within(seconds, resolve or look_up, host, port)))
    if not found:
        raise Undeliverable("The host has no address.")
    if not all(is_allowed(text, allow_private=allow_private) for text in found):
        raise Undeliverable("The host leads to an address that is not public; webhooks may not go there.")
    return found


def look_up(host: str, port: int) -> list[str]:
    """The addresses of a host by the system's resolver."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(answer[4][0]) for answer in answers]


def _within(seconds: float, resolve: Resolver, host: str, port: int) -> Sequence[str]:
    """The resolver's answer; it has no time limit of its own, so that a slow one is left behind."""
    answer: list[Sequence[str]] = []
    problems: list[Exception] = []

    def ask() -> None:
        try:
            answer.append(resolve(host, port))
        except (OSError, UnicodeError) as error:
            problems.append(error)

    thread = threading.Thread(target=ask, name="resolver", daemon=True)
    thread.start()
    thread.join(seconds)
    if problems:
        raise Undeliverable("The host's name is not known.")
    if not answer:
        raise Undeliverable("Looking up the host's name took too long.")
    return answer[0]
