"""Which rows of a batch may hold some values: told from their bytes, so that only those need be read.

Every row in which :func:`~comity.evidence.parse.fields_of` finds one of the values in its column is named,
and as few others as can be had cheaply. Tables are cut into columns all at once; in JSON lines, and in text,
the values are searched for in the forms in which they can be written there.
"""

from __future__ import annotations

import csv
import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from itertools import accumulate, islice
from math import inf, nextafter
from typing import Any, Final

import re2

from comity.evidence.bulk import Batch, fields_of_batch
from comity.evidence.formats import FormatName
from comity.evidence.parse import is_viewed, name_columns, text_of
from comity.evidence.rows import all_plain

IN_TEXT: Final = "addresses in the text"
"""The name of the column that is no column: what stands anywhere in a row's text."""
LENGTH: Final = 500
"""A longer value is compared by so many characters and its length."""

_MANY: Final = 400
"""With more values than this, rows are cut or read: one expression for so many costs more."""
_DENSE: Final = 16
"""Where one row of so many may hold a value by its bytes, the columns are looked at."""
_PIECE: Final = re.compile(r"\\x[0-9a-f]{2}")
_NUMBER: Final = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
# Characters that JSON writers escape though they need not (for HTML, or always), and those that they must.
_UNSURE: Final = frozenset("<>&'\"\\+=/`")
# An escape of a character that is searched for as itself.
_ESCAPED: Final = r"\\u00(?:2[013-589acdeACDE]|3[0-9abfABF]|4.|5[0-9abdefABDEF]|6[1-9a-fA-F]|7[0-9a-eA-E])"
_SHORT: Final = {'"': '"', "\\": "\\", "/": "/", "\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t"}


def shorten(text: str) -> str:
    """A value as it is compared: itself, or its beginning and length."""
    return text if len(text) <= LENGTH else f"{text[:LENGTH]}…{len(text)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """The values wanted of one column: as bytes, those that only a reading of the bytes can tell, and all as
    they read."""

    plain: frozenset[bytes]
    texts: frozenset[str]
    read: frozenset[str]


class Sieve:
    """Names the rows that may hold values. ``wanted`` are the values, shortened, of each column; ``folded``
    says that they are casefolded instead, and that letters of either case are meant."""

    def __init__(
        self, format_name: FormatName, wanted: Mapping[str, Collection[str]], *, folded: bool = False
    ) -> None:
        self._format = format_name
        self._folded = folded
        self._everything = False
        columns = {name: values for name, values in wanted.items() if values}
        text = list(columns.pop(IN_TEXT, ()))
        if format_name == "lines/1":
            text += columns.pop("message", ())
        self._text = self._compile_text(text)
        self._columns: dict[str, _Column] = {}
        self._read: Mapping[str, frozenset[str]] = {}
        self._json: list[Any] = []
        self._tables: dict[str, Any] = {}
        if format_name in ("jsonl/1", "evtx-jsonl/1"):
            self._read = {name: frozenset(values) for name, values in columns.items()}
            self._json = [scan for told in self._tell_json(columns) if (scan := _compile(told, folded))]
        elif format_name != "lines/1":
            self._columns = {name: self._column(values) for name, values in columns.items()}

    def find(self, batch: Batch) -> Sequence[int]:
        """The places in the batch of the rows that may, ascending."""
        if self._everything:
            return range(len(batch.raws))
        found: set[int] = set()
        if self._text is not None:
            joined = b"\n".join(batch.raws)
            found |= rows_at(batch.raws, (match.start() for match in self._text.finditer(joined)))
        if self._columns:
            found |= self._find_in_columns(batch)
        if self._read:
            found |= self._find_in_objects(batch)
        return sorted(found)

    # Text

    def _compile_text(self, values: Collection[str]) -> Any:
        if not values:
            return None
        forms = set()
        for value in values:
            # A byte that is no text reads as four characters, which stand nowhere.
            piece = max(_PIECE.split(value[:LENGTH]), key=len)
            if not piece or len(values) > 10 * _MANY:
                self._everything = True
                return None
            forms.add(re2.escape(piece.encode("utf-8", "backslashreplace")).decode("latin-1"))
        scan = _compile(sorted(forms), self._folded)
        self._everything = scan is None
        return scan

    # JSON lines

    def _find_in_objects(self, batch: Batch) -> set[int]:
        joined = b"\n".join(batch.raws)
        while self._json:
            found = _search(self._json[0], joined, batch.raws)
            if found is not None:
                return found
            del self._json[0]
        return self._find_by_reading(batch)

    def _tell_json(self, columns: Mapping[str, Collection[str]]) -> Iterator[list[str]]:
        """Expressions for rows of JSON, one after another if the one before names too many."""
        many = sum(map(len, columns.values())) > 10 * _MANY
        if many or any("\\ud" in each for name, values in columns.items() for each in (name, *values)):
            return
        forms = {
            name: {f for value in values for f in self._forms(value)} for name, values in columns.items()
        }
        always = [] if self._folded else [_ESCAPED]
        everywhere = "|".join(sorted({form for told in forms.values() for form in told}))
        named = []
        for name, told in forms.items():
            # An object inside another gives its name and a dot.
            ends = [name[at:] for at in (0, *(m.end() for m in re.finditer(r"\.", name)))]
            keys = "|".join(_spell(end) for end in ends)
            named.append(f'"(?:{keys})"[ \t\r]*:[ \t\r]*(?:{"|".join(sorted(told))})')
        # Any value in any place; then, a value in its place or in a list. The names of an event are made of
        # several, so there is no telling its places.
        yield [*always, f"[\\[,:][ \t\r]*(?:{everywhere})"]
        if self._format == "jsonl/1" and sum(map(len, columns.values())) <= _MANY // 4:
            yield [*always, *named, f"[\\[,][ \t\r]*(?:{everywhere})"]

    def _find_by_reading(self, batch: Batch) -> set[int]:
        found = set()
        for at, fields in enumerate(fields_of_batch(self._format, batch)):
            if not isinstance(fields, dict):
                continue
            for name, values in self._read.items():
                held = fields.get(name)
                if isinstance(held, str) or not isinstance(held, Sequence):
                    held = (held,)
                texts = map(str, held)
                if not values.isdisjoint(map(str.casefold if self._folded else shorten, texts)):
                    found.add(at)
                    break
        return found

    def _forms(self, value: str) -> Iterator[str]:
        """How a value can be written as JSON: as a string, and as what else reads so."""
        if len(value) > LENGTH:
            yield '"' + _spell(value[:LENGTH])
        else:
            yield f'"{_spell(value)}"'
        if value.lower() in ("true", "false"):
            yield value.lower()
        if not _NUMBER.fullmatch(value):
            return
        if value == "0":
            yield "-?0"
        else:
            yield re2.escape(value)
        if not value.lstrip("-").isdigit():
            yield from _decimals(float(value))

    # Tables

    def _column(self, values: Collection[str]) -> _Column:
        plain, texts = set(), set()
        for value in values:
            if "\\x" in value or len(value) > LENGTH or (self._folded and not value.isascii()):
                texts.add(value)
            else:
                plain.add(value.encode("utf-8", "backslashreplace"))
                if not value and self._format == "zeek/1":
                    plain.add(b"(empty)")
        read = texts | {value.decode("utf-8", "backslashreplace") for value in plain}
        return _Column(plain=frozenset(plain), texts=frozenset(texts), read=frozenset(read))

    def _find_in_columns(self, batch: Batch) -> set[int]:
        layout = name_columns(self._format, batch.context)
        if layout is None:
            return set()
        names, delimiter = layout
        if len(set(names)) != len(names):
            return set(range(len(batch.raws)))
        places = {at: self._columns[name] for at, name in enumerate(names) if name in self._columns}
        if not places:
            return set()
        raws: Sequence[bytes] = batch.raws
        joined = b"\n".join(raws)
        if self._format == "w3c/1" and delimiter == " " and b"\t" in joined:
            return set(range(len(raws)))  # some have tabs where their names have blanks
        if (near := self._search_table(joined, raws, delimiter)) is not None:
            return near
        if self._format == "csv/1" and is_viewed(names[:5]):
            return set(range(len(raws)))  # some have a message, and others none
        if b"\r" in joined:
            raws = [raw.removesuffix(b"\r") for raw in raws]
        if self._format == "w3c/1" and delimiter == " ":
            raws = [raw.rstrip(b" ") for raw in raws]
        cut = delimiter.encode()
        if self._format == "zeek/1" or b'"' not in joined:
            cells = [raw.split(cut) for raw in raws]
            return self._compare(range(len(raws)), cells, len(names), places, joined.isascii())
        quoted = [at for at, raw in enumerate(raws) if b'"' in raw]
        bare = [at for at, raw in enumerate(raws) if b'"' not in raw]
        cells = [raws[at].split(cut) for at in bare]
        found = self._compare(bare, cells, len(names), places, joined.isascii())
        if self._format == "w3c/1":
            return found | set(quoted)
        read = _read_quoted([text_of(raws[at]) for at in quoted], delimiter)
        if read is None:
            return found | set(quoted)
        return found | self._compare_texts(quoted, read, len(names), places)

    def _search_table(self, joined: bytes, raws: Sequence[bytes], delimiter: str) -> set[int] | None:
        """The rows with a value in a cell of any column; None where that cannot be told, or is no help."""
        if delimiter not in self._tables:
            self._tables[delimiter] = self._compile_table(delimiter)
        scan = self._tables[delimiter]
        if scan is None or (self._folded and not joined.isascii()):
            return None
        if self._format == "csv/1" and not all_plain(joined, delimiter.encode()):
            return None
        found = _search(scan, joined, raws)
        if found is None:
            self._tables[delimiter] = None
        return found

    def _compile_table(self, delimiter: str) -> Any:
        values = {value for column in self._columns.values() for value in column.plain}
        texts = any(column.texts for column in self._columns.values())
        if texts or len(values) > _MANY or b"" in values or any(b"\n" in value for value in values):
            return None
        # In quotes, a quote is doubled.
        forms = {re2.escape(each).decode("latin-1") for v in values for each in (v, v.replace(b'"', b'""'))}
        d = re2.escape(delimiter)
        told = f'(?m:^|[{d}"])(?:{"|".join(sorted(forms))})(?m:[{d}"\r]|$)'
        return _compile([f"(?i:{told})" if self._folded else told], False)

    def _compare(
        self,
        at: Sequence[int],
        cells: list[list[bytes]],
        width: int,
        places: Mapping[int, _Column],
        ascii_only: bool,
    ) -> set[int]:
        """The rows, of those with as many cells as columns, that have a wanted value in its place."""
        found: set[int] = set()
        if set(map(len, cells)) != {width}:
            at = [n for n, row in zip(at, cells, strict=True) if len(row) == width]
            cells = [row for row in cells if len(row) == width]
        for place, column in places.items():
            values: Iterable[bytes] = [row[place] for row in cells]
            if column.texts or (self._folded and not ascii_only):
                found |= self._among(at, map(text_of, values), column)
                continue
            if self._folded:
                values = [value.lower() for value in values]
            if not column.plain.isdisjoint(values):
                found.update(n for n, value in zip(at, values, strict=True) if value in column.plain)
        return found

    def _compare_texts(
        self, at: Sequence[int], cells: list[list[str]], width: int, places: Mapping[int, _Column]
    ) -> set[int]:
        if set(map(len, cells)) != {width}:
            at = [n for n, row in zip(at, cells, strict=True) if len(row) == width]
            cells = [row for row in cells if len(row) == width]
        found: set[int] = set()
        for place, column in places.items():
            found |= self._among(at, [row[place] for row in cells], column)
        return found

    def _among(self, at: Sequence[int], texts: Iterable[str], column: _Column) -> set[int]:
        if self._folded:
            texts = map(str.casefold, texts)
        elif any(len(value) > LENGTH for value in column.texts):
            texts = map(shorten, texts)
        return {n for n, text in zip(at, texts, strict=True) if text in column.read}


def _compile(forms: Sequence[str], folded: bool) -> Any:
    """What finds any of these expressions in bytes; None if they are too much for one."""
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.never_capture = True
    options.max_mem = 1 << 26
    options.log_errors = False
    if folded:
        # Letters beyond ASCII may fold to some within.
        forms = ["(?i:" + "|".join(forms) + ")", "[\x80-\xff]", r"\\u"]
    try:
        return re2.compile("|".join(forms).encode("latin-1"), options)
    except re2.error:
        return None


def _search(scan: Any, joined: bytes, raws: Sequence[bytes]) -> set[int] | None:
    """The rows with a match; None where that is no help, because so many have one."""
    most = len(raws) // _DENSE + 16
    places = [match.start() for match in islice(scan.finditer(joined), most + 1)]
    return rows_at(raws, places) if len(places) <= most else None


def rows_at(raws: Sequence[bytes], places: Iterable[int]) -> set[int]:
    """The rows in which places of ``b"\\n".join(raws)`` lie."""
    ends: list[int] = []
    found = set()
    for place in places:
        if not ends:
            ends = list(accumulate(len(raw) + 1 for raw in raws))
        found.add(min(bisect_right(ends, place), len(raws) - 1))
    return found


def _read_quoted(texts: list[str], delimiter: str) -> list[list[str]] | None:
    """The cells of records with quotes in them, None where a quicker reading cannot tell them."""
    try:
        read = list(csv.reader(texts, delimiter=delimiter))
    except csv.Error:
        return None
    return read if len(read) == len(texts) else None


def _spell(text: str) -> str:
    """An expression for a text inside a JSON string, but for escapes that :data:`_ESCAPED` finds."""
    return "".join(_spell_one(char) for char in text)


def _spell_one(char: str) -> str:
    if " " <= char <= "~" and char not in _UNSURE:
        return char if char.isalnum() or char == " " else "\\" + char
    units = char.encode("utf-16-be", "surrogatepass").hex()
    escape = "".join(f"\\\\u(?i:{units[at : at + 4]})" for at in range(0, len(units), 4))
    forms = [escape]
    if short := _SHORT.get(char):
        forms.append(r"\\" + re2.escape(short))
    if char not in '"\\':
        forms.append(re2.escape(char.encode("utf-8", "backslashreplace")).decode("latin-1"))
    return f"(?:{'|'.join(forms)})"


def _decimals(number: float) -> Iterator[str]:
    """How the decimals begin that read as this number, and any number with an exponent.

    A decimal reads as the nearest double, so it lies within half the way to the next ones; on either side
    of the number all of these begin alike.
    """
    yield r"-?[0-9]+(?:\.[0-9]+)?[eE]"
    sign = "-" if str(number).startswith("-") else ""
    size = abs(number)
    with localcontext() as context:
        context.prec = 1200
        exact = Decimal(size)
        low = (exact + Decimal(nextafter(size, 0.0))) / 2 if size else Decimal(0)
        above = nextafter(size, inf)
        high = (exact + Decimal(above)) / 2 if above != inf else exact
        bit = Decimal(1).scaleb(-1100)
        sides = [(exact, high)] if not size else [(low, exact - bit), (exact, high)]
        for one, other in sides:
            a, b = f"{one:f}", f"{other:f}"
            a, b = (f"{each}." if "." not in each else each for each in (a, b))
            same = 0
            # Behind the end of a decimal stand noughts.
            for x, y in zip(a.ljust(len(b), "0"), b.ljust(len(a), "0"), strict=True):
                if x != y:
                    break
                same += 1
            # 1.5 and 1.50 are the same: noughts at the end need not be written, nor the point before them.
            prefix = a.ljust(len(b), "0")[:same][:24].rstrip("0") if "." in a[:same] else a[:same]
            yield sign + re2.escape(prefix.rstrip("."))
