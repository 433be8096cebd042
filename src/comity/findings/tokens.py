"""Which rows of a batch can hold an indicator at all, told from the bytes of all rows together.

What indicators are and where each type begins and ends is said in :mod:`comity.findings.indicators`; only
that decides. Here rows are ruled out in which nothing of the kind can stand: an indicator is a token of its
type, or (a text) holds a word, whole, that can be looked for. So the bytes of a batch are cut into tokens
once, and a row is looked at by itself only where a token is wanted.

A row's values count as its text does. In JSON a value stands in the row's bytes, escapes aside, so the bytes
are looked at a second time with the escapes undone where that can make other tokens; ``\\u`` lets the row
through. In CSV a closed quote may be followed by more of the cell, so rows with quotes show their cells.
"""

from __future__ import annotations

import ipaddress
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final

from comity.findings.atoms import Atom
from comity.findings.rows import Value
from comity.findings.screen import UNICODE_ESCAPE, compile_expression, compile_words, find_rows, values_of
from comity.findings.tokens_native import (
    ADDRESS,
    BELOW,
    DIGEST,
    LOCATION,
    MAILBOX,
    NAME,
    PHRASE,
    load_kernels,
)

if TYPE_CHECKING:
    from comity.findings.sweep import Rows

WORTH: Final = 96 << 20
"""After how many bytes the compiled pass is sooner done, with what compiling it costs."""

_WORD = rb"0-9A-Za-z_\x80-\xff"
_RUNS: Final = {
    # These two find what such tokens look like, and need not say where a token ends.
    ADDRESS: re.compile(rb"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"),
    DIGEST: re.compile(rb"[0-9a-f]{32,64}"),
    NAME: re.compile(rb"[%b.\-]+" % _WORD),
    MAILBOX: re.compile(rb"[%b.%%+\-@]+" % _WORD),
    PHRASE: re.compile(rb"[%b]+" % _WORD),
}
_LOCATION: Final = re.compile(rb"://[0-9A-Za-z\-._~:/?#\[\]@!$&'()*+,;=%\x80-\xff]*")
_LOCATION_WHOLE: Final = re.compile(rb"[0-9A-Za-z\-._~:/?#\[\]@!$&'()*+,;=%\x80-\xff]+")
_ESCAPE: Final = compile_expression(r"(?:^|[^\\])(?:\\\\)*\\[bfnrt/]")
_UNICODE: Final = compile_expression(UNICODE_ESCAPE)
_SIX: Final = compile_expression(r"::|(?:[0-9a-f]{1,4}:){6}")
_NUMBER: Final = re.compile(r"[0-9.e+\-]+", re.ASCII)
_STRIPPED: Final = {NAME: b".-", MAILBOX: b"."}


class Tokens:
    """What a list of indicators (type, value) looks for."""

    def __init__(self, entries: Iterable[tuple[str, str]]) -> None:
        self._wanted: defaultdict[int, set[bytes]] = defaultdict(set)
        self._networks: set[tuple[int, int]] = set()
        self._six = False
        self._numeric = False
        self._seen = 0
        self._table: Any = None
        hard: list[Atom] = []
        schemes: set[int] = set()
        for kind, value in entries:
            raw = value.encode()
            match kind:
                case "ip":
                    self._six = True
                    if ":" not in value:
                        self._wanted[ADDRESS].add(raw)
                case "net":
                    self._six = True
                    network = ipaddress.ip_network(value)
                    if network.version == 4:
                        bits = 32 - network.prefixlen
                        self._networks.add((bits, int(network.network_address) >> bits))
                case "hash":
                    self._wanted[DIGEST].add(raw)
                case "email":
                    self._wanted[MAILBOX].add(raw)
                case "domain" | "below":
                    self._wanted[NAME if kind == "domain" else BELOW].add(raw)
                    self._numeric = self._numeric or _NUMBER.fullmatch(value) is not None
                case "url" if _LOCATION_WHOLE.fullmatch(raw):
                    self._wanted[LOCATION].add(raw)
                    schemes.add(raw.index(b"://"))
                case _:
                    self._numeric = self._numeric or _NUMBER.fullmatch(value) is not None
                    words = [] if kind == "url" else _RUNS[PHRASE].findall(raw)
                    if words:
                        self._wanted[PHRASE].add(max(words, key=len))
                    else:
                        hard.append(Atom(None, "contains", value))
        longest = max(map(len, self._wanted[LOCATION]), default=0)
        self._schemes = [longest, *sorted(schemes)] if schemes else []
        self._hard = compile_words(hard) if hard else None
        self._blind = bool(hard) and self._hard is None
        self._shifts = sorted({bits for bits, _ in self._networks})

    def may_hold(self, rows: Rows) -> Iterable[int]:
        """The places of rows that may hold an indicator, sorted; all others hold none."""
        raws = rows.raws
        if raws is None or self._blind:
            return range(len(rows.indexes))
        joined = b"\n".join(raws)
        self._seen += len(joined)
        found = set(self._find(joined, raws))
        if self._hard is not None:
            found |= find_rows(self._hard, raws)
        if rows.written == "json":
            if b"\\" in joined:
                if b"\\u" in joined:
                    found |= find_rows(_UNICODE, raws)
                if _ESCAPE.search(joined) is not None:
                    undone = [_unescape(raw) for raw in raws]
                    found.update(self._find(b"\n".join(undone), undone))
            if self._numeric:
                found.update(at for at, fields in enumerate(rows.fields) if _has_float(fields))
        elif rows.written == "cells" and b'"' in joined:
            shown = [
                "\0".join(text for text in values_of(rows.fields[at]) if text is not None).encode()
                if b'"' in raw
                else b""
                for at, raw in enumerate(raws)
            ]
            found.update(self._find(b"\n".join(shown), shown))
        return sorted(found)

    def _find(self, joined: bytes, raws: Sequence[bytes]) -> Iterable[int]:
        """Places of rows in which a token is wanted; a row may hold line feeds itself."""
        kernels = load_kernels() if self._seen > WORTH else None
        if kernels is None:
            places = self._find_slowly(joined)
        else:
            if self._table is None:
                tokens = [(kind, raw) for kind, raws in self._wanted.items() for raw in raws]
                self._table = kernels.make_table(tokens, sorted(self._networks))
            places = kernels.find(
                joined,
                self._table,
                {kind for kind, raws in self._wanted.items() if raws}
                | ({ADDRESS} if self._networks else set()),
                networks=self._shifts,
                schemes=self._schemes,
                six=self._six,
            )
        if not places:
            return ()
        ends = list(accumulate(len(raw) + 1 for raw in raws))
        return {bisect_right(ends, place) for place in places}

    def _find_slowly(self, joined: bytes) -> list[int]:
        folded = joined.lower()
        found: list[int] = []
        for kind in (DIGEST, PHRASE, MAILBOX):
            if wanted := self._wanted[kind]:
                found += self._places(kind, folded, wanted)
        if self._wanted[ADDRESS] or self._shifts:
            found += self._places(ADDRESS, folded, self._wanted[ADDRESS])
        if self._wanted[NAME] or self._wanted[BELOW]:
            found += self._places(NAME, folded, self._wanted[NAME])
        if self._six:
            found += [each.start() for each in _SIX.finditer(joined)]
        if wanted := self._wanted[LOCATION]:
            longest, *lengths = self._schemes
            for each in _LOCATION.finditer(folded):
                # Another location may begin inside: each is looked at from its own scheme on.
                at = each.start()
                while at >= 0:
                    for length in lengths:
                        start = at - length
                        if (
                            start >= 0
                            and each.end() - start <= longest
                            and folded[start : each.end()] in wanted
                        ):
                            found.append(start)
                    at = folded.find(b"://", at + 1, each.end())
        return found

    def _places(self, kind: int, folded: bytes, wanted: set[bytes]) -> Iterable[int]:
        runs = _RUNS[kind]
        stripped = _STRIPPED.get(kind)
        for run in set(runs.findall(folded)):
            token = run.strip(stripped) if stripped else run
            if token in wanted or (
                (kind == ADDRESS and self._in_network(token)) or (kind == NAME and self._is_below(token))
            ):
                for each in re.finditer(re.escape(run), folded):
                    yield each.start()

    def _in_network(self, token: bytes) -> bool:
        parts = token.split(b".")
        if not self._shifts or len(parts) != 4 or not all(part.isdigit() and len(part) < 4 for part in parts):
            return False
        number = 0
        for part in parts:
            number = number * 256 + int(part)
        return any((bits, number >> bits) in self._networks for bits in self._shifts)

    def _is_below(self, name: bytes) -> bool:
        below = self._wanted[BELOW]
        if not below or len(name) > 255:
            return False
        parent = name.partition(b".")[2]
        while parent:
            if parent in below:
                return True
            parent = parent.partition(b".")[2]
        return False


def _has_float(fields: Mapping[str, Value]) -> bool:
    kinds = set(map(type, fields.values()))
    return float in kinds or bool(kinds - {str, int, bool, type(None)})


def _unescape(joined: bytes) -> bytes:
    """JSON with its short escapes undone; what is no part of a token becomes a zero byte."""
    text = joined.replace(b"\\\\", b"\0")
    for letter in b"bfnrt":
        text = text.replace(b"\\%c" % letter, b"\0")
    return text.replace(b"\\/", b"/").replace(b'\\"', b'"')
