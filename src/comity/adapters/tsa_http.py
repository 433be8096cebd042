"""Timestamp authorities over HTTP (RFC 3161 §3.4), at the addresses in a node's settings."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from urllib.parse import urlsplit

from comity.adapters.http_peers import HttpPeers, join_address
from comity.errors import Malformed

LIMIT = 64 * 1024
"""The longest answer read, in bytes."""


class HttpStamps:
    """``exchange.ports.Stamps`` over HTTP. The addresses are the operator's own word, so they may be inside
    this network. ``Malformed`` (``peer.address``) for one that is not plain http or https."""

    def __init__(self, addresses: Sequence[str], *, timeout: float = 10.0) -> None:
        for address in addresses:
            join_address(*_split(address))
        self._addresses = tuple(addresses)
        self._timeout = timeout

    @property
    def addresses(self) -> Sequence[str]:
        return self._addresses

    def ask(self, address: str, request: bytes) -> bytes:
        with closing(
            HttpPeers(
                private=True,
                timeout=self._timeout,
                total=2 * self._timeout,
                content_type="application/timestamp-query",
            )
        ) as peers:
            return peers.post(*_split(address), request, LIMIT)


def _split(address: str) -> tuple[str, str]:
    """Base and path of an address; HTTP asks for at least ``/``."""
    try:
        parts = urlsplit(address)
    except ValueError:
        raise Malformed("peer.address", ascii(address)[:200], "not an address") from None
    if not parts.netloc:
        raise Malformed(
            "peer.address", ascii(address)[:200], "an address is scheme, host, port and path only"
        )
    path = address.partition("://")[2].removeprefix(parts.netloc)
    return address.removesuffix(path) if path else address, path or "/"
