"""Rows as other tools export them, under the names that rules ask for.

The same event comes as an event log, as the nested JSON of a parser of event logs
(``Event.EventData.Image``), as winlogbeat's (``winlog.event_data.Image``), as Velociraptor's, Wazuh's or
EvtxECmd's, and as flat rows with ``LogName`` and ``EventCode``. What such a row is follows from the names of
its fields, where they leave it open from a text in one of them, and from nothing else. Read so, a row has the
fields of ``evtx-jsonl/1`` (:func:`comity.evidence.parse.event_fields`); what has no such name keeps its own.

A field that a rule asks for, and that the row has only in other letters (``commandLine``) or with other marks
between them (``New Value`` for ``NewValue``, ``cs_host`` for ``cs-host``), is found: exact names first, then
the first in the row's order with the same letters by ASCII folding, then the first with the same letters and
digits, then another name of the same thing (``SAME``). Of an object that rules ask for, all values count.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from comity.findings.derived_events import MORE, NAMES
from comity.findings.export_flat import Names, Pairs, Row
from comity.findings.export_forms import Reading as Reading
from comity.findings.export_forms import find_reading, take_as_it_is
from comity.findings.export_texts import Made as Made
from comity.findings.export_together import keep_within
from comity.findings.rows import Value, are_few, fold, spell
from comity.findings.taxonomy_exports import (
    EVERY_TOLD,
    HASHES,
    SAME,
    ZEEK_MARKS,
)
from comity.findings.telling import TELLING, mark_of, names_tell, says_its_kind

KNOWN: Final = 4096
"""How many sets of names are remembered; rows can have any number of them."""
ALIKE: Final = 256
"""Of how many sets of names together with others it is remembered whether rules see the same of both."""
HELD: Final = 1 << 24
"""How many characters they have together: a row has names as long as it is."""

_ROUTING: Final = frozenset(
    (
        *("Channel", "EventID", "_path", "ts", "@stream", "@proc", "id_orig_h", "id.orig_h"),
        *(name for sets in ZEEK_MARKS.values() for names in sets for name in names),
        *(name for _, _, _, sets in EVERY_TOLD for names in sets for name in names),
    )
)
"""The names that tell of what kind a row is (:func:`comity.findings.logsource.source_of`). A row that gets
one of them as another name of its own is told by its own alone: else the rules at hand would decide of it."""


class Exports:
    """Reads rows for rules that ask for the fields ``wanted``."""

    def __init__(self, wanted: Iterable[str]) -> None:
        self._wanted: dict[str, list[str]] = {}
        self._spelled: dict[str, list[str]] = {}
        for name in sorted(set(wanted)):
            self._wanted.setdefault(fold(name), []).append(name)
            if spelled := spell(name):
                self._spelled.setdefault(spelled, []).append(name)
        self.names = frozenset(name for names in self._wanted.values() for name in names)
        """The fields that rules ask for."""
        self._same = [(name, others) for name, others in SAME.items() if name in self.names]
        self._led: dict[str, _Led | None] = {}
        self._named = 0
        self._known: dict[Names, Reading | None] = {}
        self._alike: dict[tuple[Names, ...], tuple[Names, Names] | None] = {}
        self._held = 0

    def read(self, row: Row) -> Row:
        """One row, as rules see it; the row itself where nothing is to be done."""
        names = tuple(row)
        known = self._known
        reading = known[names] if names in known else self._remember(names, self._learn, names)
        return row if reading is None else reading(row)

    def reading_of(self, names: Names) -> tuple[Reading | None, Mapping[str, str]]:
        """How rows with these fields are read; or, where they only lack names that rules ask for, the row's
        own name for each of these, so that whoever looks at few fields need not copy the row."""
        known = self._known
        reading = known[names] if names in known else self._remember(names, self._learn, names)
        if isinstance(reading, partial) and reading.func is _add_aliases:
            return None, dict(reading.args[0])
        return reading, {}

    def parts_of(self, names: Names) -> tuple[Mapping[str, str], Sequence[tuple[str, Names]]] | None:
        """The same names, for rows that are otherwise what they say; and the fields that rules ask for and
        that a row has only in several others. None where rows are to be read. What is derived of rows
        (:func:`comity.findings.deriving.add_derived`) is not in it."""
        reading, aliases = self.reading_of(names)
        if isinstance(reading, partial) and reading.args[:1] == (take_as_it_is,):
            key = ("", *names)
            reading = self._known[key] if key in self._known else self._remember(key, self._alias, names)
        if reading is None:
            return aliases, ()
        if not isinstance(reading, partial) or reading.func not in (_add_aliases, _add_parts):
            return None
        pairs, *parts = reading.args
        told = tuple(*parts)
        if told and not _ROUTING.isdisjoint((*dict(pairs), *dict(told))):
            return None
        return dict(pairs), told

    def _remember(self, key: Names, learn: Callable[[Names], Reading | None], names: Names) -> Reading | None:
        length = sum(map(len, key)) + len(key)
        self._held += length
        if len(self._known) >= KNOWN or self._held > HELD:
            self._known.clear()
            self._held = length
        made = self._known[key] = learn(names)
        return made

    def _learn(self, names: Names) -> Reading | None:
        first = find_reading(names)
        if first is None:
            return self._alias(names)
        # What a reading gives depends on texts too, so its names are looked at row by row.
        return partial(self._then_alias, first)

    def _then_alias(self, reading: Reading, row: Row) -> Row:
        made = reading(row)
        told = self._called(made)
        if isinstance(made, Made) and made.apart:
            assert isinstance(told, Made)
            told.apart = self._parted(told, keep_within(row, made))
            told.partly = made.partly
        return told

    def _called(self, made: Row) -> Row:
        """A row that was read, with the names that rules ask for."""
        names = tuple(made)
        key = ("", *names)
        known = self._known
        alias = known[key] if key in known else self._remember(key, self._alias, names)
        return made if alias is None else alias(made)

    def _parted(self, told: Made, apart: Iterable[Row]) -> Sequence[Row]:
        """The readings of a row of which rules may see another thing than of all together. One that tells of
        no log is none where together they tell of one."""
        own = _own_of(told)
        names = tuple(told), tuple(own)
        silent: bool | None = None
        found: dict[object, Row] = {}
        for each in apart:
            called = self._called(each)
            if self.names and self._sees_the_same(names, told, own, called):
                continue
            if silent is None:
                silent = not says_its_kind(own)
            if not (silent or says_its_kind(_own_of(called))):
                continue
            found.setdefault(self._seen(called), called)
        return tuple(found.values())

    def _sees_the_same(self, names: tuple[Names, Names], told: Row, own: Row, called: Row) -> bool:
        """Whether rules see of one reading what they see of a row as it is read together, which has
        ``names``."""
        theirs = _own_of(called)
        key = (*names, tuple(called), tuple(theirs))
        if not all(map(are_few, key)):
            return self._seen(told) == self._seen(called)
        if key not in self._alike:
            if len(self._alike) >= ALIKE:
                self._alike.clear()
            wanted = self.names.intersection(told)
            same = wanted == self.names.intersection(called) and names_tell(names[1]) == names_tell(key[3])
            self._alike[key] = (tuple(wanted), tuple(TELLING & {*own, *theirs})) if same else None
        known = self._alike[key]
        if known is None:
            return False
        fields, telling = known
        return all(_reads_alike(told[name], called[name]) for name in fields) and all(
            _reads_alike(own.get(name), theirs.get(name)) for name in telling
        )

    def _seen(self, row: Row) -> object:
        """All that rules which ask for fields see of a row; equal and hashed as what they see is."""
        wanted = self.names
        seen = frozenset((name, _told_apart(value)) for name, value in row.items() if name in wanted)
        return mark_of(row), seen

    def _alias(self, names: Names) -> Reading | None:
        """Adds to a row, under the name that rules ask for, what it has in other letters or marks."""
        here = set(names)
        led = [(name, found) for name in names if (found := self._lead(name)) is not None]
        added: dict[str, str] = {}
        for name, found in led:
            for wanted in found.folded:
                if wanted not in here:
                    added.setdefault(wanted, name)
        marked: dict[str, str] = {}
        for name, found in led:
            for wanted in found.spelled:
                if wanted not in here and wanted not in added:
                    marked.setdefault(wanted, name)
        added.update(marked)
        for wanted, others in self._same:
            if wanted not in here and wanted not in added:
                other = next((other for other in others if other in here), None)
                if other is not None:
                    added[wanted] = other
        if "Data" in self.names and "Data" not in here and "data" in self._wanted:
            unnamed = tuple(name for name in names if _UNNAMED.fullmatch(name))
            if "Channel" in here and unnamed and fold(unnamed[0]) == "param1":
                return partial(_add_parts, tuple(added.items()), (("Data", unnamed),))
        read = _read_by_derivation([name for name, found in led if found.derives], here)
        added.update((wanted, name) for wanted, name in read.items() if wanted not in added)
        if "Hashes" in self.names and "Hashes" not in here and "Hashes" not in added:
            split = tuple(
                (label, next(name for name in others if name in here))
                for label, others in HASHES.items()
                if not here.isdisjoint(others)
            )
            if split:
                return partial(_add_hashes, tuple(added.items()), split)
        parts = self._parts(led, here | added.keys())
        if parts or read:
            return partial(_add_parts, tuple(added.items()), parts)
        return partial(_add_aliases, tuple(added.items())) if added else None

    def _lead(self, name: str) -> _Led | None:
        """What a name of a row may lead to; None where it leads to nothing. Readings of a row, and rows,
        share most of their names."""
        known = self._led
        if name in known:
            return known[name]
        folded = fold(name)
        above = [folded[:at] for at, char in enumerate(folded) if char == "." and at]
        found = _Led(
            folded=tuple(wanted for wanted in self._wanted.get(folded, ()) if wanted != name),
            spelled=tuple(wanted for wanted in self._spelled.get(spell(name), ()) if wanted != name),
            derives=folded in _READ,
            above=tuple(dict.fromkeys(each for each in above if each in self._wanted)),
        )
        self._named += len(name) + 100
        if self._named > HELD:
            known.clear()
            self._named = len(name)
        told = found if found.derives or found.folded or found.spelled or found.above else None
        known[name] = told
        return told

    def _parts(self, led: Iterable[tuple[str, _Led]], there: set[str]) -> tuple[tuple[str, Names], ...]:
        """For each field that rules ask for and that a row has only as an object, the names of its parts.
        Rows of event logs have no objects: what parts such a row has were added by an exporter."""
        if "Channel" in there:
            return ()
        below: dict[str, list[str]] = {}
        for name, found in led:
            for folded in found.above:
                below.setdefault(folded, []).append(name)
        return tuple(
            (wanted, tuple(below[folded]))
            for folded in sorted(below)
            for wanted in self._wanted[folded]
            if wanted not in there
        )


_READ: Final = frozenset(
    fold(name) for marks, more in zip(NAMES, MORE, strict=True) for name in (*marks, *more)
)
"""What fields are derived from, folded."""


def _read_by_derivation(names: Sequence[str], here: set[str]) -> dict[str, str]:
    """What fields are derived from (:mod:`comity.findings.derived_events`), and a row's names for it in other
    letters: whether they are derived must not hang on what the rules at hand ask for."""
    folded = {fold(name): name for name in reversed(names)}
    found: dict[str, str] = {}
    for marks, more in zip(NAMES, MORE, strict=True):
        if all(fold(name) in folded for name in marks):
            found |= {name: folded[fold(name)] for name in (*sorted(marks), *more) if fold(name) in folded}
    return {wanted: name for wanted, name in found.items() if wanted not in here}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Led:
    """What one name of a row may lead to: fields that rules ask for in other letters, and in other marks;
    ``derives`` if something is derived from it; objects of which it is a part, folded."""

    folded: Names
    spelled: Names
    derives: bool
    above: Names


_UNNAMED = re.compile(r"[Pp]aram[1-9][0-9]{0,2}", re.ASCII)
"""What exporters call data that has no name."""


def _add_aliases(pairs: Pairs, row: Row) -> Row:
    return _with(row, {wanted: row[name] for wanted, name in pairs})


def _add_hashes(pairs: Pairs, split: Pairs, row: Row) -> Row:
    told = ((label, row[name]) for label, name in split)
    joined = ",".join(f"{label}={text}" for label, text in told if isinstance(text, str) and text)
    added: dict[str, Value] = {wanted: row[name] for wanted, name in pairs}
    return _with(row, {**added, "Hashes": joined} if joined else added)


def _add_parts(pairs: Pairs, parts: Sequence[tuple[str, Names]], row: Row) -> Row:
    added: dict[str, Value] = {wanted: row[name] for wanted, name in pairs}
    for wanted, names in parts:
        values: list[Value] = []
        for name in names:
            value = row[name]
            values += value if isinstance(value, list) else [value]
        added[wanted] = values
    return _with(row, added)


def _reads_alike(one: Value, other: Value) -> bool:
    return one is other or _told_apart(one) == _told_apart(other)


def _told_apart(value: Value) -> object:
    """A value that equals only what reads the same (``1`` and ``True`` are equal)."""
    return tuple(map(_told_apart, value)) if isinstance(value, list) else (value.__class__, value)


def _own_of(row: Row) -> Row:
    return row.own if isinstance(row, Made) and row.own is not None else row


def _with(row: Row, added: Row) -> Row:
    if row.__class__ is not Made and _ROUTING.isdisjoint(added):
        return {**row, **added}
    made = Made({**row, **added})
    made.own = row
    if isinstance(row, Made):
        made.own, made.inside = row if row.own is None else row.own, row.inside
        made.apart, made.partly = row.apart, row.partly
    return made
