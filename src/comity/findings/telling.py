"""What a row says that it is a log of: by its channel and the number of its event, by names of a product, by
a line of text that it keeps.

All of it follows from the names that a row has itself (:func:`own_fields`), and from the values of a few
(``TELLING``). :mod:`comity.findings.logsource` says which rules are asked of it for that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Final, TypeAlias

from comity.findings.export_flat import FORWARDED
from comity.findings.export_texts import Made
from comity.findings.rows import Value, are_few, fold, spell
from comity.findings.taxonomy_exports import (
    TOLD,
    TOLD_BY_CARRIER,
    TOLD_BY_FORM,
    TOLD_BY_REQUEST,
    TOLD_BY_SYSTEM,
    ZEEK_MARKS,
    Told,
)

PLACES: Final = 4
"""So many channels and numbers of events are read of a row that was read in several ways."""


def mark_of(fields: Mapping[str, Value]) -> tuple[object, ...]:
    """All that :func:`source_of` reads of a row, cheap to compare: rows of one item with equal marks
    are of one kind."""
    fields = own_fields(fields)
    channel, event = fields.get("Channel"), fields.get("EventID")
    logs = zeek_logs(fields)
    told = told_products(fields)
    # Longer texts than these name no channel or event of a table, so the rest does not matter.
    return (
        bool(fields),
        channel.__class__,
        event.__class__,
        _mark_of_value(channel, 256),
        _mark_of_value(event, 64),
        tuple(log[:64] for log in logs),
        told,
        "id_orig_h" in fields,
        not (told or logs) and keeps_text(fields),
        provider_of(fields) if _names_forwarded(channel) else None,
    )


def names_tell(names: tuple[str, ...]) -> tuple[object, ...]:
    """All of a row's mark (:func:`mark_of`) that follows from the names of its fields."""
    told = _told_kept(names)
    logs = _zeek_kept(names) if "ts" in names else ()
    return bool(names), told, logs, "id_orig_h" in names, _text_kept(names)


def _mark_of_value(value: Value, length: int) -> object:
    if isinstance(value, list):
        return tuple((each.__class__, str(each)[:length]) for each in value[:PLACES])
    return str(value)[:length]


def _names_forwarded(channel: Value) -> bool:
    listed = channel[:PLACES] if isinstance(channel, list) else (channel,)
    return any(isinstance(each, str) and is_forwarded(each) for each in listed)


def is_forwarded(channel: str) -> bool:
    """Whether a channel is the one in which a collector keeps events of others: then the provider tells."""
    return len(channel) == len(FORWARDED) and fold(channel) == FORWARDED


_PROVIDERS: Final = ("Provider_Name", "SourceName", "ProviderName", "Provider", "Source", "source")
TELLING: Final = frozenset(("Channel", "EventID", "_path", "ts", "@stream", "@proc", *_PROVIDERS))
"""Fields whose values tell of what kind a row is."""


def single(value: Value) -> Value:
    """A value, also where it stands alone in a list, as searches give fields."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


_THOUSANDS = re.compile(r"[1-9][0-9]?,[0-9]{3}", re.ASCII)
_QUALIFIED = re.compile(r"[1-9][0-9]{5,9}", re.ASCII)


def read_event_number(text: str) -> str:
    """The number of an event, from which its qualifiers (the upper of 32 bits) and a mark of thousands are
    taken; any other text as it is."""
    if _THOUSANDS.fullmatch(text):
        return text.replace(",", "")
    if _QUALIFIED.fullmatch(text) and 0x10000 <= int(text) <= 0xFFFFFFFF:
        return str(int(text) & 0xFFFF)
    return text


def provider_of(fields: Mapping[str, Value]) -> str | None:
    names = (fields[name] for name in _PROVIDERS if name in fields)
    return next((name[:256] for name in names if isinstance(name, str)), None)


TEXTS: Final = frozenset(
    (
        *("message", "msg", "rawmessage", "raw", "rawlog", "rawdata", "rawevent", "rawtext", "eventoriginal"),
        *("log", "logmessage", "logline", "line", "text", "syslogmessage", "textpayload", "utf8payload"),
        *("payload", "body", "desc", "extra", "content"),
    )
)
"""What fields are called in which collectors keep a line of text, spelled."""


def keeps_text(fields: Mapping[str, Value]) -> bool:
    """Whether a row is a line of text, or keeps one in a field. A field that is an object counts by its own
    name, so that a name that was added because a rule asks for all of it decides nothing."""
    names = tuple(fields)
    return _text_kept(names) if are_few(names) else _text_by(names)


def _text_by(names: tuple[str, ...]) -> bool:
    return any(spell(name.partition(".")[0]) in TEXTS or spell(name) in TEXTS for name in names)


_text_kept = lru_cache(maxsize=1024)(_text_by)


def own_fields(fields: Mapping[str, Value]) -> Mapping[str, Value]:
    """A row without names that were added because rules ask for them."""
    own = fields.own if isinstance(fields, Made) else None
    return fields if own is None else own


def zeek_logs(fields: Mapping[str, Value]) -> tuple[str, ...]:
    """The Zeek logs that a row says it is of, and those whose fields it has."""
    found: list[str] = []
    stream = fields.get("@stream")
    if isinstance(stream, str) and fields.get("@proc") == "zeek":
        found.append(stream)
    if "ts" in fields:
        path = fields.get("_path")
        if isinstance(path, str):
            found.insert(0, path)
        names = tuple(fields)
        found += _zeek_kept(names) if are_few(names) else _zeek_by(names)
    return tuple(dict.fromkeys(found)) if len(found) > 1 else tuple(found)


def _zeek_by(names: tuple[str, ...]) -> tuple[str, ...]:
    here = set(names)
    return tuple(log for log, marks in ZEEK_MARKS.items() if any(here.issuperset(each) for each in marks))


_zeek_kept = lru_cache(maxsize=1024)(_zeek_by)


Product: TypeAlias = tuple[str | None, str | None, str | None]
"""Product, service and category of a log."""


def told_products(fields: Mapping[str, Value]) -> tuple[Product, ...]:
    """The products whose a row says by its fields that it is; it follows from names alone."""
    names = tuple(fields)
    return _told_kept(names) if are_few(names) else _told_by(names)


_TOLD_FOLDED: Final = tuple(
    (told[:3], tuple(frozenset(map(fold, marks)) for marks in told[3])) for told in TOLD
)


def _told_by_names(names: Iterable[str]) -> list[Product]:
    """The products whose own names these are, in any letters: a warehouse folds them."""
    here = set(map(fold, names))
    return [each for each, sets in _TOLD_FOLDED if any(map(here.issuperset, sets))]


def _told_by(names: tuple[str, ...]) -> tuple[Product, ...]:
    here = set(names)

    def told(table: Sequence[Told]) -> list[Product]:
        return [each[:3] for each in table if any(here.issuperset(marks) for marks in each[3])]

    found: list[Product] = []
    for table in TOLD_BY_FORM:
        found += told(table)[:1]
    if ("linux", "auditd", "process_creation") not in found:
        found += told(TOLD_BY_SYSTEM)
    if "@proxy" not in here:
        found += told((TOLD_BY_REQUEST,))
    return (*_told_by_names(names), *(found or told((TOLD_BY_CARRIER,))))


_told_kept = lru_cache(maxsize=1024)(_told_by)
EVERY: Final[tuple[Product, ...]] = tuple(
    each[:3] for each in (*TOLD, *chain(*TOLD_BY_FORM), *TOLD_BY_SYSTEM, TOLD_BY_REQUEST)
)


def tells_its_log(names: tuple[str, ...], carried: bool = True) -> bool:
    """Whether rows with these fields say by names of their product whose they are; those of a journal, which
    carries what others say, count where ``carried``."""
    here = set(names)
    told = (TOLD_BY_REQUEST, *((TOLD_BY_CARRIER,) if carried else ()))
    own = (each for *_, marks in told for each in marks)
    if _told_by_names(names) or any(map(here.issuperset, own)) or {"@stream", "@proc"} <= here:
        return True
    return "ts" in here and ("_path" in here or bool(_zeek_by(names)))


def says_its_kind(fields: Mapping[str, Value]) -> bool:
    """Whether a row says by its fields what it is a log of."""
    return "Channel" in fields or bool(zeek_logs(fields)) or bool(told_products(fields))
