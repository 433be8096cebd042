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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from comity.evidence.bulk import Batch, Fields, fields_of_batch
from comity.evidence.formats import FormatName
from comity.evidence.parse import fields_of, text_of
from comity.evidence.rows import Row
from comity.evidence.sifting import IN_TEXT, Sieve, shorten

K: Final = 5
_MOSTLY: Final = 0.9
_ENOUGH: Final = 10
_FIRST: Final = 16_384
"""Whether nearly every row has a value of its own is told from so many rows at the beginning."""
_WORTH: Final = 20

_ADDRESS = re.compile(
    r"[^\s<>\"',;=]+@[^\s<>\"',;=]+\.[A-Za-z]{2,}"
    r"|(?<![\w.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![\w.])"
    r"|(?<![\w:])(?:[0-9A-Fa-f]{1,4}:){2,}[0-9A-Fa-f:.]*[0-9A-Fa-f](?![\w:])"
)
_HARDWARE = re.compile("(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rare:
    """A column in which shown rows have a value that fewer than k rows of the item have. ``rows`` are those
    rows, ``fewest`` how many rows have the rarest of these values. ``own`` says that nearly every row, of the
    first 16,384, has a value of its own there; ``address`` that a rare value is, or holds, an address."""

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


def find_rare(
    format_name: FormatName, batches: Iterable[Batch], shown: Mapping[int, Row], k: int = K
) -> Looked:
    """Count in the whole item, given by the batch, the values that the shown rows have.

    Read are the rows at the beginning, which tell whether each has a value of its own, and those that may
    have one of the values of which fewer than ``k`` were met yet (see :mod:`comity.evidence.sifting`). Held
    are counts of those values only.
    """
    values = {index: _values(format_name, row.raw, row.context) for index, row in shown.items()}
    counts: dict[tuple[str, str], int] = {pair: 0 for found in values.values() for pair in found}
    sieve = _sieve(format_name, counts, k)
    distinct: dict[str, set[int]] = {column: set() for column, _ in counts}
    present: Counter[str] = Counter()
    total = settled = 0
    for number, batch in enumerate(batches, 1):
        places: Sequence[int] = range(len(batch.raws)) if total < _FIRST else sieve.find(batch)
        for place, pairs in zip(places, _values_at(format_name, batch, places), strict=True):
            for column, value in pairs:
                if total + place < _FIRST and column in distinct:
                    present[column] += 1
                    distinct[column].add(hash(value))
                met = counts.get((column, value))
                if met is not None:
                    counts[column, value] = met + 1
                    settled += met + 1 == k
        total += len(batch.raws)
        # Made anew now and then: looking for some values too many only costs a reading of their rows.
        if settled and (number & (number - 1) == 0 or _WORTH * settled > len(counts)):
            sieve, settled = _sieve(format_name, counts, k), 0
    rare: dict[str, dict[int, int]] = {}
    address: set[str] = set()
    for index, found in values.items():
        for column, value in found:
            met = counts[column, value]
            if met < k:
                fewest = rare.setdefault(column, {})
                fewest[index] = min(met, fewest.get(index, k))
                if column not in address and _addresses(value):
                    address.add(column)
    columns = [
        Rare(
            column=column,
            rows=tuple(sorted(rows)),
            fewest=min(rows.values()),
            own=column != IN_TEXT
            and present[column] >= _ENOUGH
            and len(distinct[column]) >= _MOSTLY * present[column],
            address=column in address,
        )
        for column, rows in rare.items()
    ]
    columns.sort(key=lambda c: (not c.warns, c.fewest, c.column))
    return Looked(k=k, rows=total, columns=tuple(columns))


def _sieve(format_name: FormatName, counts: Mapping[tuple[str, str], int], k: int) -> Sieve:
    """What names the rows that can still change what is found: a value that k rows have is settled."""
    wanted: dict[str, list[str]] = {}
    for (column, value), met in counts.items():
        if met < k:
            wanted.setdefault(column, []).append(value)
    return Sieve(format_name, wanted)


def _values_at(
    format_name: FormatName, batch: Batch, places: Sequence[int]
) -> Iterator[set[tuple[str, str]]]:
    """The (column, value) pairs of some rows of a batch."""
    if not places:
        return
    raws = batch.raws if len(places) == len(batch.raws) else [batch.raws[at] for at in places]
    part = Batch(indexes=[batch.indexes[at] for at in places], raws=raws, context=batch.context)
    for raw, fields in zip(raws, fields_of_batch(format_name, part), strict=True):
        yield _pairs(fields, raw)


def _values(format_name: FormatName, raw: bytes, context: bytes | None) -> set[tuple[str, str]]:
    return _pairs(fields_of(format_name, raw, context), raw)


def _pairs(fields: Fields, raw: bytes) -> set[tuple[str, str]]:
    """The (column, value) pairs of a row; of a text without columns, the addresses in it."""
    if isinstance(fields, dict) and fields.keys() != {"message"}:
        return {
            (column, shorten(value if type(value) is str else str(value)))
            for column, held in fields.items()
            for value in (held if type(held) is not str and isinstance(held, Sequence) else (held,))
            if value not in (None, "")
        }
    return {(IN_TEXT, shorten(found)) for found in _addresses(text_of(raw))}


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
