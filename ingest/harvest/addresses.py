"""Which addresses a harvest asks: by scheme, host and port of a URL, and by the network address that its host has.

A host's name is resolved once, by the connection itself; every address that it has is checked, and the connection goes
to the one that was checked: a name server that answers differently the second time is not asked a second time. TLS and
the header Host go by the name in the URL all the same.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from ssl import SSLContext
from typing import Any

from httpcore2 import SOCKET_OPTION, ConnectError, NetworkBackend, NetworkStream, ReadTimeout, SyncBackend, WriteTimeout
from httpx2 import URL, InvalidURL

from holdings.errors import AddressRefusedError
from holdings.harvests import MAX_IDENTIFIER

Network = IPv4Network | IPv6Network
# The addresses of a host as text, such as `socket.getaddrinfo` gives them.
Resolver = Callable[[str, int], Sequence[str]]

_PORTS = {"http": 80, "https": 443}
# What is routed on the public internet; everything else of IPv6 has a purpose of its own.
_GLOBAL_IPV6 = ip_network("2000::/3")
# Addresses of IPv6 that stand for one of IPv4, which may be a private one: 6to4 and Teredo. Mapped addresses and NAT64
# are outside 2000::/3.
_STAND_FOR_IPV4 = (ip_network("2002::/16"), ip_network("2001::/32"))


def system_resolver(host: str, port: int) -> list[str]:
    """Return the addresses of a host, as the system knows them."""
    return list(dict.fromkeys(str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Say whether an address is one of the public internet, and stands for no other."""
    if isinstance(address, IPv6Address) and (
        address not in _GLOBAL_IPV6 or any(address in network for network in _STAND_FOR_IPV4)
    ):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def parse_url(text: str, base: URL | None = None) -> URL:
    """Return a URL of http or https in its normal form, without fragment. Raises AddressRefusedError."""
    try:
        url = base.join(text.strip()) if base is not None else URL(text.strip())
        url = url.copy_with(fragment=None)
    except (InvalidURL, UnicodeError, ValueError, TypeError) as error:
        raise AddressRefusedError(f"{text[:200]!r} is no address: {error}") from error
    if url.scheme not in _PORTS:
        raise AddressRefusedError(f"{text[:200]!r} is no address of http or https")
    if url.userinfo:
        raise AddressRefusedError(f"The address at {url.host} holds a user name or a password")
    if not url.raw_host or len(str(url)) > MAX_IDENTIFIER:
        raise AddressRefusedError(f"{text[:200]!r} has no host, or is longer than {MAX_IDENTIFIER} characters")
    return url


def port_of(url: URL) -> int:
    return url.port or _PORTS[url.scheme]


def host_of(url: URL) -> str:
    """Return the host of a URL as hosts are compared: in ASCII, without a dot at the end."""
    return url.raw_host.decode("ascii").casefold().rstrip(".")


class Boundary:
    """The hosts and networks that one harvest may ask: the source's own host, and what the settings name."""

    def __init__(self, source: URL, hosts: Iterable[str] = (), networks: Iterable[Network] = ()) -> None:
        self._networks = tuple(networks)
        self._hosts: dict[str, set[int]] = {}
        for url in (source, *(parse_url(f"https://{host}") for host in hosts)):
            self._hosts.setdefault(host_of(url), {80, 443}).add(port_of(url))

    def checked(self, text: str, base: URL | None = None) -> URL:
        """Return a URL that may be asked, as far as its words tell. Raises AddressRefusedError."""
        url = parse_url(text, base)
        ports = self._hosts.get(host_of(url))
        if ports is None:
            raise AddressRefusedError(f"{host_of(url)} is another host than the source's")
        if port_of(url) not in ports:
            raise AddressRefusedError(f"Port {port_of(url)} of {host_of(url)} is not the source's")
        return url

    def allows(self, address: str) -> bool:
        """Say whether a network address may be connected to."""
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        return is_public(parsed) or any(parsed in network for network in self._networks)


class CheckedBackend(NetworkBackend):
    """Connects to addresses that were checked, and to nothing else. What it reads and writes ends at `deadline`."""

    def __init__(self, boundary: Boundary, resolver: Resolver = system_resolver) -> None:
        self._boundary, self._resolver = boundary, resolver
        self._backend = SyncBackend()
        self.deadline = float("inf")

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> NetworkStream:
        """Connect to a host. Raises AddressRefusedError when any of its addresses may not be asked."""
        try:
            addresses = list(self._resolver(host, port))
        except (OSError, UnicodeError) as error:
            raise ConnectError(f"{host} cannot be found: {error}") from error
        if not addresses:
            raise ConnectError(f"{host} has no address")
        refused = [address for address in addresses if not self._boundary.allows(address)]
        if refused:
            raise AddressRefusedError(f"{host} is at {refused[0]}, which is not on the public internet")
        trouble: Exception | None = None
        for address in addresses:
            try:
                stream = self._backend.connect_tcp(address, port, timeout, local_address, socket_options)
            except Exception as error:  # noqa: BLE001  (the next address may answer; the last error is raised)
                trouble = error
            else:
                return _TimedStream(stream, self)
        assert trouble is not None
        raise trouble

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[SOCKET_OPTION] | None = None
    ) -> NetworkStream:
        raise AddressRefusedError("A harvest connects to no socket of this machine")

    def remaining(self, timeout: float | None) -> float:
        left = self.deadline - time.monotonic()
        return min(left, timeout) if timeout is not None else left


class _TimedStream(NetworkStream):
    """A connection whose every wait ends at its backend's deadline: a server that drips bytes holds nobody up."""

    def __init__(self, stream: NetworkStream, backend: CheckedBackend) -> None:
        self._stream, self._backend = stream, backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = self._backend.remaining(timeout)
        if left <= 0:
            raise ReadTimeout("the answer takes too long")
        return self._stream.read(max_bytes, left)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        left = self._backend.remaining(timeout)
        if left <= 0:
            raise WriteTimeout("the request takes too long")
        self._stream.write(buffer, left)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> NetworkStream:
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, timeout), self._backend)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
