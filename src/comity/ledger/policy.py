"""Quorum policies as text (C2SP tlog-policy): known logs, known witnesses, and which cosignatures are enough.

Reading is as strict as the specification: octets, not characters; names are opaque; what is named is
defined on a line before; a name is a member once. Nothing here says what a policy is used for.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from comity.errors import Malformed
from comity.ledger.note import COSIGNATURE, ED25519, Vkey

POLICY_LIMIT = 64 * 1024
"""The longest policy read, in bytes."""

LINE_COUNT = 1024
"""The most logs, witnesses and groups together (tlog-policy asks for at least 32 of each)."""

NONE = "none"

_NUMBER = re.compile("[1-9][0-9]{0,8}")
_SPACE = re.compile("[ \t]+")
_OTHER = re.compile(rb"[^\t\n\x20-\x7e\x80-\xff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyLog:
    """A log that is accepted, and where it can be reached ("" where that is not said)."""

    vkey: Vkey
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyWitness:
    """A witness under its name in this policy, and its submission prefix ("" where that is not said)."""

    name: str
    vkey: Vkey
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyGroup:
    """A group: it has witnessed a checkpoint when ``k`` of its members have."""

    name: str
    k: int
    members: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class TextPolicy:
    """A policy as it was read; ``quorum`` is the name of a witness or group, or ``none``."""

    logs: tuple[PolicyLog, ...] = ()
    witnesses: tuple[PolicyWitness, ...] = ()
    groups: tuple[PolicyGroup, ...] = ()
    quorum: str = NONE

    @cached_property
    def _groups(self) -> Mapping[str, PolicyGroup]:
        return {group.name: group for group in self.groups}

    @cached_property
    def _keys(self) -> Mapping[str, bytes]:
        return {witness.name: witness.vkey.key for witness in self.witnesses}

    def met(self, cosigned: Collection[bytes]) -> bool:
        """Whether cosignatures by these keys (32 raw bytes each) are enough."""
        if self.quorum == NONE:
            return True
        # A group names only what stands before it, so in their order every member is decided already.
        decided = {name: key in cosigned for name, key in self._keys.items()}
        for group in self.groups:
            decided[group.name] = sum(decided[member] for member in group.members) >= group.k
        return decided[self.quorum]

    def render(self) -> bytes:
        """The policy in one spelling: logs, witnesses, groups in their order, then the quorum."""
        return "".join(f"{line}\n" for line in self._lines()).encode("utf-8", "surrogateescape")

    def _lines(self) -> Iterator[str]:
        for log in self.logs:
            yield f"log {log.vkey} {log.url}".rstrip()
        for witness in self.witnesses:
            yield f"witness {witness.name} {witness.vkey} {witness.url}".rstrip()
        for group in self.groups:
            n = len(group.members)
            k = "all" if group.k == n else "any" if group.k == 1 else str(group.k)
            yield f"group {group.name} {k} {' '.join(group.members)}"
        yield f"quorum {self.quorum}"


def parse_policy(raw: bytes, where: str = "policy") -> TextPolicy:
    """The policy in these bytes; ``Malformed`` says in which line and why.

    Codes: ``policy.text`` (octets, lines, size), ``policy.line`` (words), ``policy.name``,
    ``policy.duplicate``, ``policy.kind`` (a key of the other's kind), ``policy.threshold``,
    ``policy.quorum``; and those of ``Vkey.parse``.
    """
    if len(raw) > POLICY_LIMIT:
        raise Malformed("policy.text", where, f"more than {POLICY_LIMIT} bytes")
    odd = _OTHER.search(raw)
    if odd is not None:
        at = raw.count(b"\n", 0, odd.start()) + 1
        raise Malformed("policy.text", f"{where}:{at}", "a control character other than tab and newline")
    # Names are octets: what is not UTF-8 is kept as it is, and written back so.
    *lines, last = raw.decode("utf-8", "surrogateescape").split("\n")
    if last:
        raise Malformed("policy.text", f"{where}:{len(lines) + 1}", "the last line does not end")
    reading = _Reading()
    for number, line in enumerate(lines, 1):
        words = [word for word in _SPACE.split(line) if word]
        if words and not words[0].startswith("#"):
            reading.take(words, f"{where}:{number}")
    if reading.quorum is None:
        raise Malformed("policy.quorum", where, "no line says the quorum")
    return TextPolicy(
        logs=tuple(reading.logs),
        witnesses=tuple(reading.witnesses),
        groups=tuple(reading.groups),
        quorum=reading.quorum,
    )


class _Reading:
    """What the lines so far have said."""

    def __init__(self) -> None:
        self.logs: list[PolicyLog] = []
        self.witnesses: list[PolicyWitness] = []
        self.groups: list[PolicyGroup] = []
        self.quorum: str | None = None
        self._names: set[str] = set()
        self._members: set[str] = set()

    def take(self, words: list[str], where: str) -> None:
        match words:
            case ["log", key, *url] if len(url) <= 1:
                vkey = self._key(key, ED25519, [log.vkey for log in self.logs], where)
                self.logs.append(PolicyLog(vkey=vkey, url="".join(url)))
            case ["witness", name, key, *url] if len(url) <= 1:
                self._define(name, where)
                vkey = self._key(key, COSIGNATURE, [w.vkey for w in self.witnesses], where)
                self.witnesses.append(PolicyWitness(name=name, vkey=vkey, url="".join(url)))
            case ["group", name, threshold, first, *rest]:
                self._group(name, threshold, [first, *rest], where)
            case ["quorum", name]:
                if self.quorum is not None:
                    raise Malformed("policy.quorum", where, "a second line says the quorum")
                if name != NONE:
                    self._known(name, where)
                self.quorum = name
            case _:
                raise Malformed("policy.line", where, f"not a line of a policy: it begins {_shown(words[0])}")
        if len(self.logs) + len(self._names) > LINE_COUNT:
            raise Malformed("policy.text", where, f"more than {LINE_COUNT} logs, witnesses and groups")

    def _group(self, name: str, threshold: str, members: list[str], where: str) -> None:
        for member in members:
            if member == NONE:
                raise Malformed("policy.name", where, "none is no member of a group")
            self._known(member, where)
            if member in self._members:
                raise Malformed("policy.duplicate", where, f"{_shown(member)} is a member already")
            self._members.add(member)
        self._define(name, where)
        if threshold not in ("all", "any") and not _NUMBER.fullmatch(threshold):
            raise Malformed("policy.threshold", where, "a threshold is all, any, or a number from 1")
        k = len(members) if threshold == "all" else 1 if threshold == "any" else int(threshold)
        if k > len(members):
            raise Malformed("policy.threshold", where, f"asks for {k} of {len(members)} members")
        self.groups.append(PolicyGroup(name=name, k=k, members=tuple(members)))

    def _define(self, name: str, where: str) -> None:
        if name == NONE:
            raise Malformed("policy.name", where, "none is a word of the format, and names nothing")
        if name in self._names:
            raise Malformed("policy.duplicate", where, f"{_shown(name)} is defined already")
        self._names.add(name)

    def _known(self, name: str, where: str) -> None:
        if name not in self._names:
            raise Malformed("policy.name", where, f"{_shown(name)} is not defined on a line before")

    def _key(self, text: str, kind: int, known: list[Vkey], where: str) -> Vkey:
        vkey = Vkey.parse(text, where)
        if vkey.kind != kind:
            what = "a log" if kind == ED25519 else "a witness"
            raise Malformed("policy.kind", where, f"{what} signs with a key of another kind")
        if any(vkey.key == other.key for other in known):
            raise Malformed("policy.duplicate", where, "this key stands on a line before")
        return vkey


def _shown(word: str) -> str:
    return ascii(word[:64])
