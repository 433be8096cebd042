"""Other nodes over HTTP, at the addresses in their cards.

An address is another party's word, so it is treated as hostile: only http and https, no redirects, no
compression, no cookies, no proxy from the environment, and every connection goes to an address that
was checked after the name was resolved, so a name cannot turn into a machine of this network.
"""

from __future__ import annotations

import ipaddress
import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import httpcore

from comity.errors import ComityError, Malformed, Refused, Unavailable

TIMEOUT = 10.0
"""The longest wait to connect, and for each part of an answer, in seconds."""

TOTAL = 60.0
"""The longest wait for a whole answer, in seconds."""

_AT_ONCE = 16

LIMIT = 64 * 1024 * 1024
"""The longest answer read if the caller names no limit, in bytes."""

_PATH = re.compile(r"/(?!/)[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*")
_SIZE = re.compile(rb"(0|[1-9][0-9]{0,18})\n?")
_CODE = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]


class HttpPeers:
    """``exchange.ports.Peers`` over HTTP/1.1.

    ``private`` allows loopback and private addresses, for nodes of one machine or one network; link-local
    (where clouds keep their secrets), multicast and unspecified addresses are always refused.
    """

    def __init__(
        self,
        *,
        private: bool = False,
        timeout: float = TIMEOUT,
        total: float = TOTAL,
        content_type: str = "application/octet-stream",
    ) -> None:
        self._content_type = content_type.encode("ascii")
        self._times = {"connect": timeout, "read": timeout, "write": timeout, "pool": timeout}
        self._total = total
        self._network = _CheckedNetwork(private)
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl.create_default_context(),
            max_connections=32,
            max_keepalive_connections=8,
            keepalive_expiry=5.0,
            network_backend=self._network,
        )

    def get(self, base: str, path: str, limit: int = LIMIT) -> bytes:
        return self._ask("GET", base, path, None, limit)

    def post(self, base: str, path: str, body: bytes, limit: int = LIMIT) -> bytes:
        return self._ask("POST", base, path, body, limit)

    def get_each(self, wanted: Sequence[tuple[str, str]], limit: int) -> list[bytes | ComityError]:
        if not wanted:
            return []
        with ThreadPoolExecutor(min(len(wanted), _AT_ONCE)) as pool:
            return list(pool.map(lambda each: self._get_or_error(each[0], each[1], limit), wanted))

    def _get_or_error(self, base: str, path: str, limit: int) -> bytes | ComityError:
        try:
            return self.get(base, path, limit)
        except ComityError as error:
            return error

    def close(self) -> None:
        self._pool.close()

    def _ask(self, method: str, base: str, path: str, body: bytes | None, limit: int) -> bytes:
        url = join_address(base, path)
        headers = [(b"accept-encoding", b"identity"), (b"user-agent", b"comity")]
        # httpcore takes the Host header from the caller.
        headers.append((b"host", urlsplit(url).netloc.encode("ascii")))
        if body is not None:
            headers.append((b"content-type", self._content_type))
            headers.append((b"content-length", str(len(body)).encode("ascii")))
        until = self._network.until = time.monotonic() + self._total
        try:
            with self._pool.stream(
                method, url, headers=headers, content=body, extensions={"timeout": self._times}
            ) as answer:
                success = 200 <= answer.status < 300
                read = _read(answer, url, until, limit if success else min(limit, 65_536))
                if success:
                    return read
                raise _declined(url, answer.status, read)
        except httpcore.TimeoutException:
            raise Unavailable("peer.timeout", url, "no answer in time") from None
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise Unavailable("peer.unreachable", url, f"cannot be reached: {error}"[:300]) from None
        except ssl.SSLError as error:
            raise Unavailable("peer.tls", url, f"no secure connection: {error.reason}") from None


def join_address(base: str, path: str) -> str:
    """The URL of ``path`` (from ``/``, a query allowed) at ``base``; ``Malformed`` for what is not plain."""
    try:
        parts = urlsplit(base)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise Malformed("peer.address", ascii(base)[:200], "not an address") from None
    if parts.scheme not in ("http", "https"):
        raise Malformed("peer.address", ascii(base)[:200], "only http and https addresses are used")
    if not base.isascii() or not base.isprintable() or " " in base or "\\" in base:
        raise Malformed("peer.address", ascii(base)[:200], "an address is plain ASCII")
    if not host or "@" in parts.netloc or parts.query or parts.fragment:
        raise Malformed("peer.address", ascii(base)[:200], "an address is scheme, host, port and path only")
    steps = path.partition("?")[0].split("/")
    if not _PATH.fullmatch(path) or ".." in steps or "." in steps:
        raise Malformed("peer.path", ascii(path)[:200], "not a plain path")
    return base.rstrip("/") + path


def _read(answer: httpcore.Response, url: str, until: float, limit: int) -> bytes:
    for name, value in answer.headers:
        if name.lower() == b"content-encoding" and value.lower() != b"identity":
            raise Malformed("peer.encoding", url, "a compressed answer, which was not asked for")
    parts = []
    length = 0
    for part in answer.iter_stream():
        length += len(part)
        if length > limit:
            raise Malformed("peer.size", url, f"an answer of more than {limit} bytes")
        if time.monotonic() > until:
            raise Unavailable("peer.timeout", url, "the answer comes too slowly")
        parts.append(part)
    return b"".join(parts)


def _declined(url: str, status: int, body: bytes) -> Refused | Unavailable:
    if 300 <= status < 400:
        return Refused("peer.redirect", url, f"answers with a redirect ({status}), which is never followed")
    if status == 409 and (size := _SIZE.fullmatch(body)):
        # C2SP tlog-witness, add-checkpoint: the body is the size that the witness has cosigned.
        return Refused("peer.conflict", size[1].decode("ascii"), "the witness has cosigned another size")
    code, why = _words(body)
    why = why or f"answers with HTTP status {status}"
    if status >= 500 or status in (408, 425, 429):
        return Unavailable("peer.failed", url, why)
    return Refused(code or "peer.refused", url, why)


def _words(body: bytes) -> tuple[str, str]:
    """The peer's own code and sentence, if it gave them in JSON: another's words, so cut and cleaned."""
    try:
        told: Any = json.loads(body)
    except (ValueError, RecursionError):
        return "", ""
    if not isinstance(told, dict):
        return "", ""
    code = told.get("code")
    why = told.get("why") or told.get("detail") or told.get("title")
    return (
        code if isinstance(code, str) and _CODE.fullmatch(code) else "",
        "".join(c for c in why if c.isprintable())[:500] if isinstance(why, str) else "",
    )


class _Deadline(threading.local):
    """When what this thread asks has to be answered: each part in its time is not enough, since a peer may
    send its headers, or what comes before them, a byte at a time for ever."""

    until = float("inf")

    def left(self, timeout: float | None) -> float:
        """How long one step may take still; ``TimeoutError`` where nothing is left."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left if timeout is None else min(left, timeout)


class _TimedStream(httpcore.NetworkStream):
    """A connection whose every step ends with the deadline of whoever uses it then."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        try:
            return self._inner.read(max_bytes, self._deadline.left(timeout))
        except TimeoutError:
            raise httpcore.ReadTimeout from None

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        try:
            self._inner.write(buffer, self._deadline.left(timeout))
        except TimeoutError:
            raise httpcore.WriteTimeout from None

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            timeout = self._deadline.left(timeout)
        except TimeoutError:
            raise httpcore.ConnectTimeout from None
        return _TimedStream(self._inner.start_tls(ssl_context, server_hostname, timeout), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _CheckedNetwork(httpcore.NetworkBackend):
    """Resolves a name, checks every address it has, and connects to just those."""

    def __init__(self, private: bool) -> None:
        self._private = private
        self._inner = httpcore.SyncBackend()
        self._deadline = _Deadline()

    @property
    def until(self) -> float:
        """When what this thread asks has to be answered (``time.monotonic``)."""
        return self._deadline.until

    @until.setter
    def until(self, instant: float) -> None:
        self._deadline.until = instant

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[_SocketOption] | None = None,
    ) -> httpcore.NetworkStream:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise httpcore.ConnectError(f"no address is known for {host}") from None
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        for address in addresses:
            _require_allowed(address, host, self._private)
        last: Exception = httpcore.ConnectError(f"no address is known for {host}")
        for address in addresses:
            try:
                left = self._deadline.left(timeout)
                inner = self._inner.connect_tcp(address, port, left, local_address, socket_options)
                return _TimedStream(inner, self._deadline)
            except TimeoutError:
                raise httpcore.ConnectTimeout from None
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
        raise last


def _require_allowed(text: str, host: str, private: bool) -> None:
    address = _embedded(ipaddress.ip_address(text.partition("%")[0]))
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        raise Refused("peer.address", host, f"{address} is not the address of a peer")
    if not private and not address.is_global:
        raise Refused(
            "peer.private", host, f"{address} is an address inside this network, which is not allowed"
        )


def _embedded(address: _Address) -> _Address:
    """The IPv4 address that an IPv6 one stands for, where it does."""
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        return address.ipv4_mapped or address.sixtofour or address
    return address
