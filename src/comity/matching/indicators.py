"""Indicators in the one form in which both sides put them into the function, and where they are found.

An input is ``comity/1/indicator\\0 ‖ type ‖ 0x00 ‖ value``. Two parties match only what they spell alike, so
there is one spelling:

========  ==========================================================================================
ip        IPv4, or IPv6 in the form of RFC 5952; an IPv4 address mapped into IPv6 is itself. No zone.
domain    lower case, no final dot, each label as an A-label (RFC 5890); at most 253 characters.
hash      32, 40, 64 or 128 hexadecimal digits, lower case.
email     lower case; what follows the ``@`` as a domain.
========  ==========================================================================================

``[.]``, ``(.)`` and ``hxxp`` read as in indicator lists. Networks, wildcards, URLs and free text have many
spellings or stand for many values, and are not matched.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

from comity.errors import Malformed
from comity.findings.indicators import classify

Type: TypeAlias = Literal["ip", "domain", "hash", "email"]
TYPES: Final[tuple[Type, ...]] = get_args(Type)
FILE_LIMIT: Final = 64 << 20
"""The largest file of indicators that is read, in bytes."""

_DOMAIN: Final = b"comity/1/indicator\0"
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_HASH = re.compile(r"[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128}")
# IDNA 2003 and 2008 read these four otherwise, so a name with one has no one form.
_DEVIATING = frozenset("ßς\u200c\u200d")
_RUN = re.compile(r"[0-9A-Za-z_.:%+@\-\x80-\U0010ffff]+")
_HEX = re.compile(
    r"(?<![0-9A-Za-z_])(?:[0-9A-Fa-f]{32}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64}|[0-9A-Fa-f]{128})(?![0-9A-Za-z_])"
)

_LOCAL = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.168.0.0/16", "224.0.0.0/4", "::/127", "fc00::/7", "fe80::/10", "ff00::/8",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Indicator:
    """One indicator in its one form."""

    type: Type
    value: str

    @property
    def data(self) -> bytes:
        """What goes into the function."""
        return _DOMAIN + self.type.encode() + b"\0" + self.value.encode()

    def __str__(self) -> str:
        return f"{self.type} {self.value}"


def canonical(text: str, where: str = "") -> Indicator:
    """The indicator that a text spells; ``Malformed`` (``match.indicator``) where it has no one form."""
    plain = text.strip().rstrip(".")
    kind, value = classify(plain)
    if _HASH.fullmatch(value):
        return Indicator(type="hash", value=value)
    if kind == "ip":
        if "%" in value:
            raise _formless(where, "an address with a zone means another host on each machine")
        return Indicator(type="ip", value=value)
    if kind == "domain":
        return Indicator(type="domain", value=_name(value, where))
    if kind == "email":
        local, _, host = value.rpartition("@")
        if not local.isascii():
            raise _formless(where, "the part before the @ is not ASCII")
        return Indicator(type="email", value=f"{local}@{_name(host, where)}")
    why = {
        "net": "a network stands for many addresses",
        "below": "a wildcard stands for many names",
        "url": "a URL has many spellings",
    }.get(kind, "no address, domain, hash or e-mail address")
    raise _formless(where, why)


def _formless(where: str, why: str) -> Malformed:
    return Malformed("match.indicator", where, why)


def _name(text: str, where: str) -> str:
    """A domain name as A-labels, lower case."""
    if _DEVIATING & set(text):
        raise _formless(where, "two standards read this name otherwise; write it as xn--…")
    try:
        plain = text if text.isascii() else text.encode("idna").decode("ascii")
    except UnicodeError:
        raise _formless(where, "a name that has no A-label form") from None
    labels = plain.lower().split(".")
    if len(plain) > 253 or len(labels) < 2 or labels[-1].isdigit():
        raise _formless(where, "not a domain name with at least two labels")
    if not all(_LABEL.fullmatch(label) for label in labels):
        raise _formless(where, "a label of the name is empty, too long or has other characters")
    return ".".join(labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """Indicators as they were found, each once and sorted; ``skipped`` is (where, why) of what has no one
    form."""

    indicators: tuple[Indicator, ...]
    skipped: tuple[tuple[str, str], ...]

    def counts(self) -> dict[str, int]:
        """How many of each type."""
        return {t: found for t in TYPES if (found := sum(i.type == t for i in self.indicators))}


def read_list(raw: bytes, name: str, types: Sequence[Type] = TYPES) -> Gathered:
    """One indicator a line; blank lines and lines that begin with ``#`` are skipped. A line that has no one
    form is named and left out. Raises ``Malformed`` (``match.list``) for what is not UTF-8, or too large."""
    if len(raw) > FILE_LIMIT:
        raise Malformed("match.list", name, f"a list has at most {FILE_LIMIT} bytes")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed("match.list", name, f"not UTF-8 at byte {error.start}") from None
    found: set[Indicator] = set()
    skipped: list[tuple[str, str]] = []
    for number, line in enumerate(text.split("\n"), 1):
        value = line.strip()
        if not value or value.startswith("#"):
            continue
        try:
            indicator = canonical(value[:1000])
        except Malformed as error:
            skipped.append((f"{name}:{number}", error.why))
            continue
        if is_local(indicator):
            skipped.append((f"{name}:{number}", "an address that means another host in each network"))
        elif indicator.type in types:
            found.add(indicator)
    return Gathered(indicators=tuple(sorted(found)), skipped=tuple(skipped))


def find_in(text: str, types: Iterable[Type]) -> Iterator[Indicator]:
    """Every indicator that stands in a text as a whole token. A file name can look like a domain: whoever
    takes domains from logs names the field."""
    wanted = set(types)
    if "hash" in wanted:
        for token in _HEX.findall(text):
            yield Indicator(type="hash", value=token.lower())
    if not wanted - {"hash"}:
        return
    for run in _RUN.findall(text):
        token = run.strip(".:-+%")
        if not ("." in token or token.count(":") > 1) or len(token) > 320:
            continue
        for part in (token, token.partition(":")[0]) if token.count(":") == 1 else (token,):
            try:
                found = canonical(part)
            except Malformed:
                continue
            if found.type in wanted and found.type != "hash":
                yield found


def find_in_fields(
    fields: Mapping[str, object], types: Iterable[Type], names: Sequence[str]
) -> Iterator[Indicator]:
    """As :func:`find_in`, over the named fields of a row; a field that is missing gives nothing."""
    for name in names:
        value = fields.get(name)
        for one in value if isinstance(value, list | tuple) else (value,):
            if isinstance(one, str):
                yield from find_in(one, types)


def is_local(indicator: Indicator) -> bool:
    """Whether this is an address that means another host in each network (RFC 1918, 4193, 6598, link-local,
    loopback), so that a match of it would say nothing."""
    if indicator.type != "ip":
        return False
    address = ipaddress.ip_address(indicator.value)
    return any(address in network for network in _LOCAL if network.version == address.version)
