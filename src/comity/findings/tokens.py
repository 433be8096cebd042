"""Which rows of a batch can hold an indicator at all, told from the bytes of all rows together.

What indicators are and where each type begins and ends is said in :mod:`comity.findings.indicators`; only
that decides. Here rows are ruled out in which nothing of the kind can stand: an indicator is a token of its
type, or (a text) holds a word, whole, that can be looked for. So the bytes of a batch are cut into tokens
once, and a row is looked at by itself only where a token may be wanted and it is not yet sure that it is.

A row's values count as its text does. In JSON a value stands in the row's bytes, escapes aside, so the bytes
are looked at a second time with the escapes undone where that can make other tokens; ``\\u`` lets the row
through. In CSV a closed quote may be followed by more of the cell, so rows with quotes show their cells.
"""

from __future__ import annotations

import ipaddress
import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property, partial
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from comity.findings.atoms import Atom
from comity.findings.lines import lines_of
from comity.findings.rows import Value
from comity.findings.screen import (
    UNICODE_ESCAPE,
    compile_bytes,
    compile_expression,
    compile_words,
    find_rows,
    values_of,
)

if TYPE_CHECKING:
    from comity.findings.indicators import IndicatorList
    from comity.findings.sweep import Rows
    from comity.findings.tokens_table import Table

WORTH: Final = 4 << 20
"""After how many bytes the compiled pass is sooner done, with what loading it costs."""
FEW: Final = 2 << 20
"""After how many bytes whole arrays are, or from the first on where the list is long."""

ADDRESS, DIGEST, NAME, MAILBOX, BELOW, PHRASE, LOCATION = range(7)
_NAMES: Final = {DIGEST: "hash", NAME: "domain", MAILBOX: "email", BELOW: "below"}

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
LOCATION_WHOLE: Final = re.compile(rb"[0-9A-Za-z\-._~:/?#\[\]@!$&'()*+,;=%\x80-\xff]+")
_ESCAPE: Final = compile_expression(r"(?:^|[^\\])(?:\\\\)*\\[bfnrt/]")
_UNICODE: Final = compile_expression(UNICODE_ESCAPE)
_SIX: Final = compile_expression(r"::|(?:[0-9a-f]{1,4}:){6}")
_NUMBERS: Final = compile_bytes(rb"(?m)^[0-9.e+\-]+$")
_NO_LOCATION: Final = compile_bytes(LOCATION_WHOLE.pattern.replace(b"[", b"[^\n", 1))
_STRIPPED: Final = {NAME: b".-", MAILBOX: b"."}


class Tokens:
    """What a list of indicators looks for."""

    def __init__(self, source: IndicatorList) -> None:
        self._source = source
        self._raw = dict(source.values)
        self._seen = 0
        self._long = source.table is not None
        self._any_address = "ip" in self._raw or "net" in self._raw
        self._six = self._any_address
        texts = [raw for kind in ("text", "domain", "below") for raw in (self._raw.get(kind),) if raw]
        self._numeric = any(_NUMBERS.search(raw) is not None for raw in texts)
        # Texts that no word of theirs finds. Of a million locations it is told at once that none is one.
        odd = _NO_LOCATION.search(self._raw.get("url", b"")) is not None
        hard = (
            {url for url in self._lines("url") if not LOCATION_WHOLE.fullmatch(url)} if odd else set[bytes]()
        )
        hard.update(text for text in self._lines("text") if not _RUNS[PHRASE].search(text))
        atoms = [Atom(None, "contains", each.decode()) for each in sorted(hard)]
        self._hard = compile_words(atoms) if atoms else None
        self._blind = bool(atoms) and self._hard is None

    def expect(self, size: int) -> None:
        """So many bytes are to come: what is worth loading for them is loaded at once."""
        self._seen = max(self._seen, size)

    def _lines(self, kind: str) -> Iterator[bytes]:
        return lines_of(self._raw.get(kind, b""))

    @cached_property
    def _locations(self) -> list[bytes]:
        return [url for url in self._lines("url") if LOCATION_WHOLE.fullmatch(url)]

    @cached_property
    def _texts(self) -> list[bytes]:
        return [text for text in self._lines("text") if _RUNS[PHRASE].search(text)]

    def _split(self, kind: str) -> list[bytes]:
        return self._raw.get(kind, b"").split(b"\n")[:-1]

    @cached_property
    def _wanted(self) -> Mapping[int, set[bytes]]:
        """The tokens to look for, by kind."""
        found = {kind: set(self._split(name)) for kind, name in _NAMES.items()}
        found[LOCATION] = set(self._locations)
        found[PHRASE] = {max(_RUNS[PHRASE].findall(text), key=len) for text in self._texts}
        found[ADDRESS] = {each for each in self._split("ip") if b":" not in each}
        return found

    @cached_property
    def _networks(self) -> set[tuple[int, int]]:
        networks = [ipaddress.ip_network(each.decode()) for each in self._split("net")]
        bits = [(32 - each.prefixlen, int(each.network_address)) for each in networks if each.version == 4]
        return {(shift, number >> shift) for shift, number in bits}

    @cached_property
    def _shifts(self) -> list[int]:
        return sorted({bits for bits, _ in self._networks})

    @cached_property
    def _schemes(self) -> list[int]:
        lengths = {each.index(b"://") for each in self._locations}
        return [max(map(len, self._locations)), *sorted(lengths)] if lengths else []

    def sort_out(self, rows: Rows) -> tuple[set[int], Iterable[int]]:
        """The places of rows that do hold an indicator, and of others that may; all others hold none."""
        raws = rows.raws
        if raws is None or self._blind:
            return set(), range(len(rows.indexes))
        joined = rows.joined if rows.joined is not None else b"\n".join(raws)
        self._seen += len(joined)
        # What stands in the bytes of a row stands in its text; texts may be written with escapes.
        cut = None if rows.joined is not None else raws
        sure, found = self._find(joined, cut, len(rows.indexes), exact=rows.written == "lines")
        if self._hard is not None:
            found |= find_rows(self._hard, raws)
        if rows.written == "json":
            if b"\\" in joined:
                if b"\\u" in joined:
                    found |= find_rows(_UNICODE, raws)
                if _ESCAPE.search(joined) is not None:
                    undone = [_unescape(raw) for raw in raws]
                    found = found.union(*self._find(b"\n".join(undone), undone, len(undone), exact=False))
            if self._numeric:
                found.update(at for at, fields in enumerate(rows.fields) if _has_float(fields))
        elif rows.written == "cells" and b'"' in joined:
            shown = [
                "\0".join(text for text in values_of(rows.fields[at]) if text is not None).encode()
                if b'"' in raw
                else b""
                for at, raw in enumerate(raws)
            ]
            found = found.union(*self._find(b"\n".join(shown), shown, len(shown), exact=False))
        return sure, sorted(found - sure)

    def _find(
        self, joined: bytes, raws: Sequence[bytes] | None, count: int, *, exact: bool
    ) -> tuple[set[int], set[int]]:
        """Places of rows in which a token is, and in which one may be, of so many rows. These may hold line
        feeds themselves if they are given as ``raws``."""
        scan = load_scan() if self._seen > WORTH else None
        if scan is None:
            find = load_arrays() if self._seen > FEW or self._long else None
            if find is None:
                return set(), _rows_at(self._find_slowly(joined), joined, raws)
            return set(), _rows_at(find(joined, self._table, self._table.kinds()), joined, raws)
        from comity.findings.tokens_native import TEXTS, find_places

        table = self._table
        kinds = table.kinds()
        others: set[int] = set()
        if TEXTS in kinds and not exact:
            kinds.remove(TEXTS)
            others = _rows_at(self._find_words(joined), joined, raws)
        return _rows_at(find_places(scan, joined, table, kinds, count).tolist(), joined, raws), others

    @cached_property
    def _table(self) -> Table:
        from comity.findings.tokens_cache import table_of

        return table_of(self._source)

    def _find_slowly(self, joined: bytes) -> list[int]:
        folded = joined.lower()
        found = self._find_words(joined)
        for kind in (DIGEST, MAILBOX):
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

    def _find_words(self, joined: bytes) -> list[int]:
        wanted = self._wanted[PHRASE]
        return list(self._places(PHRASE, joined.lower(), wanted)) if wanted else []

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


def _rows_at(places: Sequence[int], joined: bytes, raws: Sequence[bytes] | None) -> set[int]:
    """The rows in which some places of the joined bytes are; without ``raws`` each is a line."""
    if not places:
        return set()
    if raws is None:
        ordered = sorted(places)
        counts = map(partial(joined.count, b"\n"), [0, *ordered], ordered)
        return set(accumulate(counts))
    lengths = list(accumulate(map(len, raws)))
    # Behind each row stands a line feed.
    return {bisect_right(range(len(raws)), place, key=lambda row: lengths[row] + row + 1) for place in places}


@cache
def load_scan() -> Callable[..., int] | None:
    """The compiled pass, or None where what it needs is not installed."""
    try:
        from comity.findings import tokens_native
    except ImportError:
        return None
    return tokens_native.load_scan()


@cache
def load_arrays() -> Callable[[bytes, Table, Collection[int]], list[int]] | None:
    """The pass by whole arrays, or None where numpy is not installed."""
    try:
        from comity.findings.tokens_vector import find_candidates
    except ImportError:
        return None
    return find_candidates


def _has_float(fields: Mapping[str, Value]) -> bool:
    kinds = set(map(type, fields.values()))
    return float in kinds or bool(kinds - {str, int, bool, type(None)})


def _unescape(joined: bytes) -> bytes:
    """JSON with its short escapes undone; what is no part of a token becomes a zero byte."""
    text = joined.replace(b"\\\\", b"\0")
    for letter in b"bfnrt":
        text = text.replace(b"\\%c" % letter, b"\0")
    return text.replace(b"\\/", b"/").replace(b'\\"', b'"')
