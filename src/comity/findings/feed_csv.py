"""Feeds as tables with a header: MISP's export, those of abuse.ch, any that names indicators and their types.

The header is the first row, or the last comment before it (``# id,dateadded,url,…``).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from comity.findings.feed_types import Gathered
from comity.findings.reasons import RuleError

HEAD: Final = 200
"""So many lines at the beginning may be comments."""
WIDE: Final = 131_072
_SHORT: Final = "without the columns that the header names"
_MARKS: Final = re.compile(r"[^0-9a-z]+")
_VALUES: Final = ("indicator", "iocvalue", "ioc", "indicatorvalue", "observable", "value")
_TYPES: Final = ("indicatortype", "ioctype", "type", "attributetype", "observabletype")
_TYPED: Final = {
    **dict.fromkeys(("url", "iocurl", "malwareurl"), "url"),
    **dict.fromkeys(("dstip", "ip", "ipaddress", "ipv4", "ipv6", "srcip", "c2ip"), "ip"),
    **dict.fromkeys(("domain", "hostname", "fqdn", "domainname"), "domain"),
    **dict.fromkeys(("sha256hash", "sha256", "md5hash", "md5", "sha1hash", "sha1"), "hash"),
    **dict.fromkeys(("email", "emailaddress"), "email"),
}
_TOLD: Final = frozenset(
    (
        *("firstseen", "firstseenutc", "lastseen", "lastseenutc", "lastonline", "dateadded", "listingdate"),
        *("listingreason", "urlstatus", "threat", "threattype", "tags", "reporter", "c2status", "malware"),
        *(
            "malwareprintable",
            "confidencelevel",
            "confidence",
            "urlhauslink",
            "iocid",
            "signature",
            "dstport",
        ),
        *("description", "reference", "category", "comment"),
    )
)
"""Columns that feeds have beside, so that a table of other things with a column ``url`` is none."""


@dataclass(frozen=True, slots=True)
class Header:
    """Where a table holds what: ``value`` and ``type`` by their columns (-1: no such pair), else ``typed``
    columns; ``to_ids`` where MISP says so. ``line`` is the last line of the header, ``columns`` are how many
    it names."""

    line: int
    columns: int
    value: int
    type: int
    typed: tuple[tuple[int, str], ...]
    to_ids: int


def find_header(head: bytes) -> Header | None:
    """The header of a feed that begins so; None for any other text."""
    if b"\0" in head:
        return None
    text = head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    found = None
    for number, line in enumerate(islice(text.split("\n"), HEAD), 1):
        told = line.strip()
        if not told:
            continue
        read = _read_header(told.lstrip("# "), number)
        if not told.startswith("#"):
            if read is None and found is not None and len(_cells(told)) != found.columns:
                return None  # words of a comment, over lines of another form
            return read or found
        found = read or found
    return None


def _cells(line: str) -> list[str]:
    try:
        return next(csv.reader([line], skipinitialspace=True), [])
    except csv.Error:
        return []


def _read_header(line: str, number: int) -> Header | None:
    if "," not in line or len(line) > WIDE:
        return None
    names = [_MARKS.sub("", name.lower()) for name in _cells(line)]
    if len(names) < 2:
        return None
    value = next((names.index(name) for name in _VALUES if name in names), -1)
    kind = next((names.index(name) for name in _TYPES if name in names), -1)
    to_ids = names.index("toids") if "toids" in names else -1
    typed = tuple((at, _TYPED[name]) for at, name in enumerate(names) if name in _TYPED)
    if (
        value >= 0
        and kind >= 0
        and (names[value] != "value" or "uuid" in names or to_ids >= 0 or len(names) == 2)
    ):
        return Header(number, len(names), value, kind, (), to_ids)
    if typed and _TOLD & set(names):
        return Header(number, len(names), -1, -1, typed, -1)
    return None


def gather_csv(raw: bytes, header: Header) -> Gathered:
    """What the rows under a header hold. ``RuleError`` for text that is not UTF-8, and for rows that no
    reader of tables takes apart: a quote that nothing closes would take the rows behind it for its text."""
    found = Gathered("CSV")
    table = csv.reader(_lines(raw, header.line), skipinitialspace=True, strict=True)
    begins = header.line + 1
    try:
        for row in table:
            place = f"line {begins}"
            begins = header.line + table.line_num + 1
            if not row or row[0].lstrip().startswith("#"):
                continue
            _take_row(found, header, row, place)
    except csv.Error as error:
        raise RuleError(f"the row that begins in line {begins}: {error}") from None
    return found


def _take_row(found: Gathered, header: Header, row: Sequence[str], place: str) -> None:
    if header.value < 0:
        if all(at >= len(row) for at, _ in header.typed):
            found.put_aside("rows", _SHORT, ",".join(row), place)
        for at, kind in header.typed:
            if at < len(row):
                found.take(kind, row[at], place)
        return
    if max(header.value, header.type) >= len(row):
        found.put_aside("rows", _SHORT, ",".join(row), place)
        return
    if 0 <= header.to_ids < len(row) and row[header.to_ids].strip().lower() in ("0", "false", "no"):
        found.withdraw("its maker does not mean it for detection (to_ids)", row[header.value], place)
        return
    found.take(row[header.type], row[header.value], place)


def _lines(raw: bytes, passed: int) -> Iterator[str]:
    """The lines behind the header, one after another: the text is not there twice."""
    begin = 0
    number = 0
    while begin < len(raw):
        end = raw.find(b"\n", begin) + 1 or len(raw)
        number += 1
        if number > passed:
            if end - begin > WIDE:
                raise RuleError(f"line {number}: longer than {WIDE} bytes")
            try:
                yield raw[begin:end].decode()
            except UnicodeDecodeError:
                raise RuleError(f"line {number}: not UTF-8") from None
        begin = end
