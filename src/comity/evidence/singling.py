"""Whether rows that are about to be shown single out a person or a source: how rare their values are.

In the manner of k-anonymity (Sweeney 2002), column by column: a value that fewer than k rows of the whole
item have points at few. A column in which nearly every row has a value of its own (a time, a counter) says
nothing by that; an address in it does. This warns, it does not clear: columns together can single out what
none does alone, and the reader may know more than the item holds.
"""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from comity.evidence.formats import FormatName
from comity.evidence.parse import fields_of, text_of
from comity.evidence.rows import Row

K: Final = 5
IN_TEXT: Final = "addresses in the text"
_LENGTH: Final = 500
_MOSTLY: Final = 0.9
_ENOUGH: Final = 10
_BOUND: Final = 100_000
_SETTLED: Final = 50_000
_VERBATIM: Final = frozenset({"csv/1", "w3c/1"})
"""Formats in which plain letters and digits of a value stand in the row as they are."""
_PLAIN = re.compile("[0-9A-Za-z.:_/@-]{3,}")
_ADDRESS = re.compile(
    r"[^\s<>\"',;=]+@[^\s<>\"',;=]+\.[A-Za-z]{2,}"
    r"|(?<![\w.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![\w.])"
    r"|(?<![\w:])(?:[0-9A-Fa-f]{1,4}:){2,}[0-9A-Fa-f:.]*[0-9A-Fa-f](?![\w:])"
)
_HARDWARE = re.compile("(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rare:
    """A column in which shown rows have a value that fewer than k rows of the item have. ``rows`` are those
    rows, ``fewest`` how many rows have the rarest of these values. ``own`` says that nearly every row of the
    item has a value of its own there; ``address`` that a rare value is, or holds, an address."""

    column: str
    rows: tuple[int, ...]
    fewest: int
    own: bool
    address: bool

    @property
    def warns(self) -> bool:
        """Whether this asks for a second look."""
        return self.address or not self.own


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What was found: ``k``, how many rows the item has, and the columns with rare values, the rarest
    first."""

    k: int
    rows: int
    columns: tuple[Rare, ...]

    @property
    def warnings(self) -> tuple[Rare, ...]:
        """The columns that ask for a second look."""
        return tuple(column for column in self.columns if column.warns)


def find_rare(format_name: FormatName, rows: Iterable[Row], shown: Mapping[int, Row], k: int = K) -> Looked:
    """Count in the whole item the values that the shown rows have. ``rows`` is read once; held are only
    counts of those values, and how many values each column has in all, up to a bound."""
    values = {index: _values(format_name, row) for index, row in shown.items()}
    wanted = {pair for found in values.values() for pair in found}
    counts: Counter[tuple[str, str]] = Counter()
    distinct: dict[str, set[int]] = {column: set() for column, _ in wanted}
    present: Counter[str] = Counter()
    total = 0
    needles: tuple[bytes, ...] | None = None
    for row in rows:
        total += 1
        if needles is None and total % _SETTLED == 0:
            needles = _needles(format_name, wanted, counts, present, k)
        if needles is not None and b'"' not in row.raw and not any(n in row.raw for n in needles):
            continue
        for column, value in _values(format_name, row):
            if column in distinct:
                present[column] += 1
                if len(distinct[column]) < _BOUND:
                    distinct[column].add(hash(value))
            if (column, value) in wanted:
                counts[column, value] += 1
    found = []
    for column in distinct:
        rare = {
            (index, value): counts[column, value]
            for index, pairs in values.items()
            for name, value in pairs
            if name == column and counts[column, value] < k
        }
        if rare:
            seen = min(present[column], _BOUND)
            found.append(
                Rare(
                    column=column,
                    rows=tuple(sorted({index for index, _ in rare})),
                    fewest=min(rare.values()),
                    own=column != IN_TEXT and seen >= _ENOUGH and len(distinct[column]) >= _MOSTLY * seen,
                    address=any(_addresses(value) for _, value in rare),
                )
            )
    found.sort(key=lambda c: (not c.warns, c.fewest, c.column))
    return Looked(k=k, rows=total, columns=tuple(found))


def _needles(
    format_name: FormatName,
    wanted: Iterable[tuple[str, str]],
    counts: Mapping[tuple[str, str], int],
    present: Mapping[str, int],
    k: int,
) -> tuple[bytes, ...] | None:
    """Bytes of which a row has one if it can change what is found from here on; None where that cannot be
    told from its bytes. A value that k rows have is settled, and a column counted up to the bound too."""
    if format_name not in _VERBATIM:
        return None
    found = set()
    for column, value in wanted:
        if counts.get((column, value), 0) >= k:
            continue
        plain = value[:_LENGTH]
        # A cell of a table stands in its row whole, where nothing in it had to be doubled.
        runs = [plain] if format_name == "csv/1" and '"' not in plain else _PLAIN.findall(plain)
        if not runs or "\\x" in value or present.get(column, 0) < _BOUND:
            return None
        found.add(max(runs, key=len).encode())
    return tuple(found)


def _values(format_name: FormatName, row: Row) -> set[tuple[str, str]]:
    """The (column, value) pairs of a row; of a text without columns, the addresses in it."""
    fields = fields_of(format_name, row.raw, row.context)
    if isinstance(fields, dict) and fields.keys() != {"message"}:
        return {
            (column, _short(str(value)))
            for column, held in fields.items()
            for value in (held if isinstance(held, Sequence) and not isinstance(held, str) else (held,))
            if value not in (None, "")
        }
    return {(IN_TEXT, _short(found)) for found in _addresses(text_of(row.raw))}


def _addresses(text: str) -> list[str]:
    """Mail, network and hardware addresses in a text; a time of day is none."""
    return [
        found
        for found in _ADDRESS.findall(text)
        if "@" in found or _HARDWARE.fullmatch(found) or _is_ip(found)
    ]


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _short(text: str) -> str:
    return text if len(text) <= _LENGTH else f"{text[:_LENGTH]}…{len(text)}"
