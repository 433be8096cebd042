"""Indicators of a feed, gathered under the types that a list has (:mod:`comity.findings.indicators`).

A feed says of each value what it is. A value whose type a list has goes into the list; one that is not of
the form that its type says, one of a type without a boundary (a file's name, a key of the registry, a rule),
and one that its maker does not mean for detection, are counted by the reason, with the first of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, TypeVar

from comity.findings.indicators import LINE, classify
from comity.findings.lines import sort_lines

_Key = TypeVar("_Key", str, tuple[str, str])
NAMED: Final = 40
"""So many types without a place in a list are named one by one."""
_SHOWN: Final = 60
_RUN: Final = 1 << 16
_MARKS: Final = re.compile(r"[^0-9a-z|]+")

_ADDRESS: Final = frozenset({"ip", "net"})
_HOST: Final = frozenset({"domain", "below", "ip", "net"})
_HASH: Final = frozenset({"hash"})
_LONG: Final = frozenset({"hash", "digest"})
_TYPES: Final = (
    ("", _ADDRESS, "ip ipsrc ipdst ipv4 ipv6 ipv4addr ipv6addr ipaddress ipaddr address cidr dstip srcip"),
    ("", _HOST, "domain hostname host fqdn dns domainname nameserver"),
    ("", _HASH, "hash md5 sha1 sha256 md5hash sha1hash sha256hash filehashmd5 filehashsha1 filehashsha256"),
    ("", _HASH, "md5sum sha1sum sha256sum x509fingerprintmd5 x509fingerprintsha1 x509fingerprintsha256"),
    ("", _HASH, "imphash filehashimphash pehash filehashpehash authentihash ja3fingerprintmd5 hasshmd5"),
    ("", _LONG, "sha224 sha384 sha512 sha512256 filehashsha512 sha512hash"),
    ("", frozenset({"email"}), "email emailsrc emaildst emailreplyto emailaddress emailaddr envelopefrom"),
    ("", frozenset({"email"}), "bodyfrom from"),
    ("", frozenset({"url", "part"}), "url uri link"),
    ("port", _ADDRESS, "ipsrc|port ipdst|port ipport"),
    ("port", _HOST, "hostname|port domain|port domainport"),
    ("both", _HOST, "domain|ip"),
    ("last", _HASH, "filename|md5 filename|sha1 filename|sha256 malwaresample filename|imphash"),
    ("last", _LONG, "filename|sha224 filename|sha384 filename|sha512"),
)
_KINDS: Final = {name: (cut, kinds) for cut, kinds, names in _TYPES for name in names.split()}
"""Types by their letters and digits: how a value is cut, and what it may be then."""
_DIGEST: Final = re.compile(r"[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128}", re.I)
_PORT: Final = re.compile(r"\[([^|\s\]]+)\][|:][0-9]{1,5}|([^|\s]+)\|[0-9]{1,5}|([^|\s:]+):[0-9]{1,5}")
_HOSTS_PORT: Final = re.compile(r":[0-9]{1,5}\Z")
_EITHER: Final = re.compile(r"[^|\s\[]*:[^|\s\[]*:[0-9]{1,5}")
"""Of such an address the end may be a port, or not."""


@dataclass(slots=True)
class _Aside:
    count: int
    first: str


@dataclass(slots=True)
class Gathered:
    """The values of a feed; ``aside`` by what they are and why they are not asked; ``withdrawn`` by why their
    maker does not mean them; ``more``: the server says that it has more than it gave here."""

    form: str
    aside: dict[tuple[str, str], _Aside] = field(default_factory=dict)
    withdrawn: dict[str, _Aside] = field(default_factory=dict)
    more: bool = False
    _some: set[str] = field(default_factory=set)
    _runs: list[bytes] = field(default_factory=list)
    """Values before these, sorted by so many: millions of them are never as many objects at once."""

    def take(self, kind: str, value: str, place: str) -> None:
        """One value that the feed says is of ``kind``; ``place`` says where it stands."""
        value = value.strip(" \t\r\n")
        if not value or value.lower() in ("n/a", "none", "null", "-"):
            return
        known = _kind_of(kind)
        if known is None:
            self.put_aside(kind, "a list of indicators has no boundary for it", value, place)
            return
        cut, kinds = known
        if "part" in kinds and "://" not in value:
            # A list writes the dots of what it takes for a location.
            value = value.replace("[.]", ".").replace("(.)", ".")
        for part in _parts(cut, value):
            if _is_of(part, kinds):
                self._some.add(part)
                if len(self._some) >= _RUN:
                    self._end_run()
            else:
                self.put_aside(kind, "it is not of the form of its type", value, place)

    def put_aside(self, kind: str, why: str, value: str, place: str) -> None:
        """A value that no line of a list can be, and why."""
        key = kind[:_SHOWN] or "no type", why
        if key not in self.aside and len(self.aside) >= NAMED:
            key = "other types", why
        _count(self.aside, key, f"{place}: {value[:_SHOWN]!r}")

    def withdraw(self, why: str, value: str, place: str) -> None:
        """A value that its maker does not mean to be looked for."""
        _count(self.withdrawn, why, f"{place}: {value[:_SHOWN]!r}")

    @property
    def holds_any(self) -> bool:
        """Whether a list has anything to hold."""
        return bool(self._some or self._runs)

    def text(self) -> bytes:
        """The list: each value once, sorted, one a line. It is given once."""
        self._end_run()
        return sort_lines(self._runs)

    def _end_run(self) -> None:
        self._runs.append("".join(f"{value}\n" for value in sorted(self._some)).encode())
        self._some.clear()


@lru_cache(maxsize=256)
def _kind_of(kind: str) -> tuple[str, frozenset[str]] | None:
    return _KINDS.get(_MARKS.sub("", kind.lower()))


def _count(into: dict[_Key, _Aside], key: _Key, first: str) -> None:
    if (known := into.get(key)) is None:
        into[key] = _Aside(1, first)
    else:
        known.count += 1


def _parts(cut: str, value: str) -> list[str]:
    if cut == "both":
        return [part.strip() for part in value.split("|")]
    if cut == "last":
        return [value.rpartition("|")[2].strip()]
    if cut == "port":
        if _EITHER.fullmatch(value):
            return [""]
        found = _PORT.fullmatch(value)
        return [found[1] or found[2] or found[3] if found else value]
    return [value]


def _is_of(value: str, kinds: frozenset[str]) -> bool:
    """Whether a line of a list that says so would be taken for one of these kinds."""
    if not value or len(value) > LINE or value.startswith("#") or not value.isprintable() or " " in value:
        return False
    kind = classify(value)[0]
    if kind == "text":
        # Longer digests and addresses without a scheme stand between letters and digits of others.
        return ("digest" in kinds and _DIGEST.fullmatch(value) is not None) or (
            "part" in kinds and _begins_with_host(value)
        )
    if "part" in kinds:
        return kind in ("url", "domain", "ip")
    return kind in kinds


def _begins_with_host(value: str) -> bool:
    """Whether a location without a scheme names a host and goes on behind it: a path alone, or one more word
    before it, may stand on any."""
    host = _HOSTS_PORT.sub("", value.partition("/")[0])
    return "/" in value and bool(host) and classify(host)[0] in ("domain", "ip")
