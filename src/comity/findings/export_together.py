"""Rows that can be read in several ways, as their names are those of the logs of more than one product.

Which way is right nobody can tell from the row: a collector may have added names to it, or somebody who wants
it to be asked no rule. So such a row is read in each of them, and is of every log that one of them makes it:
it has the fields of all, and of a field that they tell differently every value; but what an event of Windows
says itself stays alone beside what makes the row of no other kind, so that no added value meets what a rule
leaves out. It is asked once more with every value of every reading: else one more product's names took away
what two others say together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Final

from comity.findings.export_flat import Reading, Row
from comity.findings.export_texts import MORE, WHY_PARTLY, Held, Made, copy_made, length_of, readings_in
from comity.findings.rows import Value, fold, spell
from comity.findings.taxonomy import CATEGORIES, SENSOR
from comity.findings.telling import TELLING

_PLACE: Final = ("Channel", "EventID")


@dataclass(frozen=True, slots=True)
class Unless:
    """A reading that is made where others do not tell the same: ``category`` says what of a row it tells,
    and ``places`` which of the row's fields under which names."""

    reading: Reading
    category: Callable[[Row], str]
    places: Mapping[str, str]

    def __call__(self, row: Row) -> Row:
        return self.reading(row)

    def is_told(self, row: Row, made: Row) -> bool:
        """Whether an event as which the row was read tells all of it."""
        channel = made.get("Channel")
        if not isinstance(channel, str) or channel == SENSOR:
            return False
        if not _tells_no_more(self.category(row), {(fold(channel), str(made.get("EventID")))}):
            return False
        pairs = ((made.get(name), row[place]) for name, place in self.places.items() if name != "Computer")
        # An agent's number is a text in the event, and its machine has a longer name there.
        return all(ours == theirs or str(ours) == str(theirs) for ours, theirs in pairs)


@dataclass(frozen=True, slots=True)
class Apart:
    """A reading that is asked by itself alone, and adds nothing to what a row is read as otherwise."""

    reading: Reading

    def __call__(self, row: Row) -> Row:
        read = self.reading(row)
        if read is row:
            return row
        made = copy_made(row)
        made.apart = readings_in(read)
        return made


LEAST: Final = 512
WIDE: Final = 4
_SHARE: Final = 4
ONE: Final = 16
"""The readings of a row that are asked by themselves have together so many times its fields at most, or one
for so many of its characters, or so many at least; each counts as so many fields more than it has."""


def room_of(row: Row) -> int:
    """How many fields the readings of a row have together, at most."""
    return max(LEAST, WIDE * (ONE + len(row)), length_of(row) // _SHARE)


def _size_of(row: Row) -> int:
    return ONE + len(row)


def keep_within(row: Row, made: Made) -> Sequence[Row]:
    """The readings of a row that are asked, in their order, as long as there is room; where some are not,
    that is noted."""
    kept: list[Row] = []
    used, room = 0, LEAST
    why: set[str] = set()
    for each in made.apart:
        if id(each) in WHY_PARTLY:
            why.add(WHY_PARTLY[id(each)])
            continue
        used += _size_of(each)
        if used > room and used > (room := room_of(row)):
            why.add(WHY_PARTLY[id(MORE)])
            continue
        kept.append(each)
    made.partly = "; ".join(sorted(why))
    return kept


def read_together(readings: Sequence[Reading], own: Reading | None, row: Row) -> Row:
    """A row as each of ``readings`` reads it, and before them as ``own`` does, if what it says it is stands
    in its own names. A reading that gives the row back says nothing of it."""
    made = [] if own is None else [own(row)]
    apart: list[Row] = []
    used, room = sum(map(_size_of, made)), LEAST
    for reading in readings:
        if used > room and used > (room := room_of(row)):
            apart.append(MORE)
            break
        if isinstance(reading, Apart):
            apart += (more := readings_in(reading(row))[1:])
            used += sum(map(_size_of, more))
            continue
        if isinstance(reading, Unless) and any(reading.is_told(row, each) for each in made):
            continue
        read = reading(row)
        if read is not row:
            made.append(read)
            used += _size_of(read)
    if len(made) < 2:
        alone = made[0] if made else row
        if not apart:
            return alone
        fields = copy_made(alone)
        fields.apart = [*fields.apart, *apart]
        return fields
    places = _places_of(made)
    fields = Made(_join(made, places))
    held = [each.inside for each in made if isinstance(each, Made) and each.inside]
    # What is made as it is asked for stays so.
    fields.inside = Held(partial(chain.from_iterable, held)) if len(held) > 1 else held[0] if held else ()
    fields.apart = [part for each in made for part in readings_in(_placed(each, places, fields))] + apart
    kinds = [_own(each) for each in made]
    if any(kind is not each for kind, each in zip(kinds, made, strict=True)):
        fields.own = _join(kinds, places)
    if (whole := _with_every_value(fields, made, places)) is not None:
        fields.apart = [*fields.apart, whole]
    return fields


def _with_every_value(fields: Made, made: Sequence[Row], places: Sequence[tuple[Value, Value]]) -> Row | None:
    """A row that was put together, with all that its readings say under each name, in whatever letters or
    marks they have it; None where that is nothing more. Events of ``places`` may have other names than
    sensors for what two of these tell together: then it is of the sensors' kinds, too."""
    spelled: dict[str, list[str]] = {}
    for name in fields:
        if name not in TELLING:
            spelled.setdefault(spell(name) or name, []).append(name)
    more: dict[str, Value] = {}
    for names in spelled.values():
        value = _all_of([row[name] for row in made for name in names if name in row])
        more |= {name: value for name in names if not _holds(fields[name], value)}
    here = _sensors_in(made, places) if len(made) > 2 and places else []
    if not more and not here:
        return None
    told = zip(_PLACE, zip(*(*places, *here), strict=True), strict=True) if here else ()
    placed = {name: _all_of(values) for name, values in told}
    whole = Made({**fields, **more, **placed})
    whole.own = None if fields.own is None else {**fields.own, **placed}
    return whole


def _sensors_in(made: Sequence[Row], places: Sequence[tuple[Value, Value]]) -> Sequence[tuple[Value, Value]]:
    """The kinds that two sensors or more tell of what events tell, too, if not one of files or keys."""
    kinds = [row["EventID"] for row in made if row.get("Channel") == SENSOR]
    events = {(fold(channel), str(event)) for channel, event in places if isinstance(channel, str)}
    return [
        (SENSOR, kind)
        for kind in dict.fromkeys(each for each in kinds if isinstance(each, str))
        if len(kinds) > 1
        and (SENSOR, kind) not in places
        and not _EXACTLY.get(kind, _NONE).isdisjoint(events)
    ]


def _holds(value: Value, other: Value) -> bool:
    """Whether a value has all elements that another has."""
    return value is other or _keys_of(other) <= _keys_of(value)


def _placed(row: Row, places: Sequence[tuple[Value, Value]], fields: Row) -> Row:
    """A reading as it is asked by itself: where a sensor has few words for what an event tells, it is of that
    event."""
    category = row.get("EventID")
    if not places or row.get("Channel") != SENSOR or (SENSOR, category) in places:
        return row
    if isinstance(category, str) and not _EXACTLY.get(category, _NONE).isdisjoint(
        (fold(channel), str(event)) for channel, event in places if isinstance(channel, str)
    ):
        return row
    placed = copy_made(row)
    placed.update((name, fields[name]) for name in _PLACE)
    return placed


def _own(row: Row) -> Row:
    return row.own if isinstance(row, Made) and row.own is not None else row


def _places_of(made: Sequence[Row]) -> Sequence[tuple[Value, Value]]:
    """The channels and events that a row is read as, without what a sensor tells of the same."""
    told = [(row["Channel"], row["EventID"]) for row in made if "Channel" in row and "EventID" in row]
    events = {
        (fold(channel), str(event))
        for channel, event in told
        if isinstance(channel, str) and channel != SENSOR and event is not None
    }
    return [place for place in told if place[0] != SENSOR or not _tells_no_more(place[1], events)]


def _tells_no_more(category: Value, events: set[tuple[str, str]]) -> bool:
    """Whether a sensor's kind of an event says nothing that the events do not: it is none, or theirs, or one
    of files or keys, which a sensor has few words for (a value that is deleted is a change to it)."""
    if not category:
        return bool(events)
    return isinstance(category, str) and not events.isdisjoint(_TOLD_BY.get(category, ()))


_NONE: Final[frozenset[tuple[str, str]]] = frozenset()


def _events_of(categories: Iterable[str]) -> frozenset[tuple[str, str]]:
    return frozenset(
        (channel, str(event))
        for category in categories
        for channel, numbers in CATEGORIES[category]
        if channel != SENSOR
        for event in numbers
    )


def _near(category: str) -> Iterable[str]:
    """The categories that a sensor may call by this one."""
    for words in (("registry_",), ("file_", "pipe_", "create_stream_")):
        if category.startswith(words):
            return [each for each in CATEGORIES if each.startswith(words)]
    return (category,)


_TOLD_BY: Final = {category: _events_of(_near(category)) for category in CATEGORIES}
"""The events that tell themselves what a sensor tells by a category, by channel and number."""
_EXACTLY: Final = {category: _events_of((category,)) for category in CATEGORIES}
"""Those of them that are of the category itself."""


def _join(made: Sequence[Row], places: Sequence[tuple[Value, Value]]) -> dict[str, Value]:
    first = made[0]
    place = first.get("Channel"), first.get("EventID")
    event = None not in place and place[0] != SENSOR
    fields: dict[str, Value] = {}
    more: dict[str, list[Value]] = {}
    for row in made:
        told = row.get("Channel"), row.get("EventID")
        said = first.keys() if event and (told == place or told not in places) else ()
        for name, value in row.items():
            if name not in fields:
                fields[name] = value
            elif name not in said and fields[name] != value:
                more.setdefault(name, []).append(value)
    for name, values in more.items():
        fields[name] = _all_of((fields[name], *values))
    if places and "Channel" in fields:
        for at, name in enumerate(_PLACE):
            fields[name] = _all_of([place[at] for place in places])
    return fields


def _all_of(values: Sequence[Value]) -> Value:
    """Each value once, in order; the value itself where there is one alone."""
    found: dict[tuple[type, object], Value] = {}
    for value in values:
        for each in _listed(value):
            found.setdefault((each.__class__, each), each)
    listed = list(found.values())
    return listed if len(listed) != 1 else listed[0]


def _keys_of(value: Value) -> set[tuple[type, object]]:
    return {(each.__class__, each) for each in _listed(value)}


def _listed(value: Value) -> Sequence[Value]:
    return value if isinstance(value, list) else (value,)
