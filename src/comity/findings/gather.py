"""Rows set aside while an item is read, for rules whose verdict needs more than one row."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final

from comity.findings.rows import Row, Value, elements, fold
from comity.findings.taxonomy import Renames
from comity.findings.windows import Events, Text

EVENTS: Final = 1_000_000
"""The most rows that one rule may set aside in one item."""
CHARACTERS: Final = 64_000_000
"""The most characters, in distinct texts, that it may set aside with them."""
LENGTH: Final = 1024
"""A longer text is set aside as its SHA-256: it is compared, and never shown."""


class Gathering:
    """What one rule has set aside of one item: rows by the part of the rule that they match.

    ``undated`` counts rows without a readable time, which take part in nothing. ``refused`` is why the
    rule gives no verdict on this item, where it gives none: what it set aside grew too large.
    """

    def __init__(self, names: Sequence[tuple[str, ...]]) -> None:
        self.events = [Events(part) for part in names]
        self._undated: set[int] = set()
        self.refused = ""
        self._texts: dict[tuple[Text | None, ...], tuple[Text | None, ...]] = {}
        self._count = 0
        self._characters = 0

    def take(
        self, part: int, row: Row, fields: Mapping[str, Value], renames: Renames, quoted: bool = False
    ) -> None:
        """Set a row aside, with what it holds in the fields that the rule reads of this part; ``quoted``: a
        value in quotes counts there as it is and without them, and is the one without them here."""
        if self.refused:
            return
        if row.time is None:
            # One row may come several times, as each of its readings is asked.
            self._undated.add(row.index)
            return
        self._count += 1
        if self._count > EVENTS:
            self.refuse(f"more than {EVENTS} rows match what it correlates")
            return
        events = self.events[part]
        told = (fields.get(renames.get(name, name)) for name in events.names)
        values = tuple(_text_of(_plain(value) if quoted else value) for value in told)
        known = self._texts.get(values)
        if known is None:
            known = self._texts[values] = values
            self._characters += 100 + sum(50 + len(text) for text in values if text is not None)
            if self._characters > CHARACTERS:
                self.refuse(f"what it correlates holds more than {CHARACTERS} characters of distinct values")
                return
        events.times.append(row.time)
        events.rows.append(row.index)
        events.values.append(known)

    @property
    def undated(self) -> int:
        """How many rows without a readable time it matched."""
        return len(self._undated)

    def refuse(self, why: str) -> None:
        """Give up on this item, and let go of what was set aside."""
        self.refused = why
        self.events = [Events(events.names) for events in self.events]
        self._texts.clear()


def _plain(value: Value) -> Value:
    """A value without the quotes in which it stands as well."""
    twice = isinstance(value, list) and len(value) == 2 and value[0] == f'"{value[1]}"'
    return value[1] if twice and isinstance(value, list) else value


def _text_of(value: Value) -> Text | None:
    """The folded text of a field, or of a list its texts; ``None`` where it is missing, null or empty."""
    texts = [_short(fold(text)) for text in elements(value) if text is not None]
    if len(texts) > 1:
        joined = tuple(texts)
        if sum(map(len, joined)) <= LENGTH:
            return joined
        return _short("\0".join(f"{len(text)}:{text}" for text in joined))
    return texts[0] if texts else None


def _short(text: str) -> str:
    if len(text) <= LENGTH:
        return text
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"
