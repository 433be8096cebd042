"""Windows events as PowerShell lists their properties (``Get-WinEvent | Format-List``).

An event is a line ``Name : value`` for each property, the colons one below another; what goes on over
further lines stands below the value. Each event begins with the property that the first begins with.

A console breaks values that are longer than its width, between words where it can: such a break is none of
the value. It is told by the width, which is that of the longest line of the head: where the next word would
have had room, the value itself has a break there, and so where a name and a colon begin the next line, or it
is blank.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from comity.evidence.formats import HEAD_BYTES

_FIRST = re.compile(rb"([A-Z][A-Za-z]{1,40}) *:(?= |\r?$)", re.MULTILINE)
_NUMBERS: Final = frozenset((b"Id", b"EventID", b"EventId", b"InstanceId"))
_PLACES: Final = frozenset((b"ProviderName", b"LogName", b"Source", b"ContainerLog"))
_NAME = re.compile(r"[A-Z][A-Za-z]{0,40} *")
_LABEL = re.compile(r"[A-Z][A-Za-z0-9 ()/_-]{0,60}:(?:[ \t]|$)")
NARROWEST: Final = 40
"""No console is narrower, in characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """How events are listed: ``mark`` begins each, colons stand in ``column``, and a console of ``width``
    characters broke values."""

    mark: bytes
    column: int
    width: int


def find_listing(head: bytes) -> Listing | None:
    """How the events are listed that a text begins with; None where none are. There are three properties at
    least, the number of an event among them and whose it is."""
    head = head[:HEAD_BYTES].removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    first = _FIRST.match(head)
    if first is None:
        return None
    column = first.end() - 1
    event = head[: _next_of(head, first[0])]
    names = {found[1] for found in _FIRST.finditer(event) if found.end() - found.start() == column + 1}
    if len(names) < 3 or _NUMBERS.isdisjoint(names) or _PLACES.isdisjoint(names):
        return None
    lines = head.decode("utf-8", "backslashreplace").splitlines()
    return Listing(mark=first[0], column=column, width=max(map(len, lines)))


def _next_of(head: bytes, mark: bytes) -> int:
    at = head.find(b"\n" + mark)
    return at if at >= 0 else len(head)


def read_listed(text: str, listing: Listing) -> dict[str, str]:
    """The properties of one event under their names. A line that names one again is of the value before it,
    as PowerShell lists each once."""
    column, fields = listing.column, dict[str, str]()
    width = listing.width - column - 2 if listing.width >= NARROWEST else len(text)
    name, lines = "", list[str]()
    for line in text.split("\n"):
        called = line[:column].rstrip()
        named = line[column : column + 2] in (":", ": ") and _NAME.fullmatch(line[:column])
        if not named or called == name or called in fields:
            lines.append(line[column + 2 :] if not line[: column + 2].strip() else line)
            continue
        if name:
            fields[name] = _join(lines, width)
        name, lines = called, [line[column + 2 :]]
    if name:
        fields[name] = _join(lines, width)
    return fields


def _join(lines: list[str], width: int) -> str:
    """The lines of a value without the breaks that a console put into it."""
    told: list[str] = []
    long = 0
    for line in (each.rstrip(" ") for each in lines):
        word = line.partition(" ")[0]
        broken = told and word and long + 1 + len(word) > width
        if not broken or line[:1] == " " or _LABEL.match(line):
            told.append(line)
        else:
            # A word that is wider than the console breaks where a line is full.
            cut = long >= width and len(told[-1].rpartition(" ")[2]) + len(word) > width
            told[-1] += line if cut else f" {line}"
        long = len(line)
    return "\n".join(told).rstrip()
