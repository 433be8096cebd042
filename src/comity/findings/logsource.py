"""Which rules are asked of which rows, and under which names they find their fields.

**Windows events** are rows of ``evtx-jsonl/1`` and rows that carry both ``Channel`` and ``EventID``,
unless their item is declared to be of another product. A rule for Windows names a *service*, which
is a set of channels, or a *category*, which is a set of (channel, event ids); both are in
:mod:`comity.findings.taxonomy`, and a rule whose service or category is in neither is unusable rather
than never asked. Rules for other products are not asked of Windows events. Events of the channel of
Sysmon for Linux are Linux events, routed likewise.

**Zeek rows** are rows of ``zeek/1``, JSON rows that name their log (``_path`` with ``ts``, or ``@stream`` of
``@proc`` zeek) or have ``ts`` and the fields of one log (``ZEEK_MARKS``), and all rows of an item declared
so. They are asked the rules of that log, and of the generic categories that it is a log of.

**Rows of clouds** and of other services that write JSON say by their fields whose they are (``TOLD``), where
nothing was declared of their item.

**A row that names several logs** is of each: it is asked the rules of all of them, so that no name which is
added to a row takes rules away from it.

**Every other row** is routed by what was declared of its item: a rule is asked when product, category
and service agree wherever both declare one. What an item does not declare is a wildcard, save that rules
of Windows and of Zeek, whose rows say what they are, need an item declared as that.

Names are compared by ASCII folding. Two logs tell the same kind of event under other field names:
security event 4688 against Sysmon 1 (4657, 4689 and 5156 likewise), W3C header names and Zeek's names against
those of Sigma. The rule's name is then replaced by the log's. Some fields are derived from the row
(:mod:`comity.findings.deriving`). Rows that another tool has exported are read first
(:mod:`comity.findings.exports`).

A row without any field could not be read: of its fields nothing is known, not even that one is
missing. It is asked only the rules that look at no field.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product as pairs_of
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from comity.findings.derived import is_rounded
from comity.findings.export_flat import CHANNELS, channel_of_provider
from comity.findings.reasons import RuleError
from comity.findings.rows import ItemInfo, Value, fold
from comity.findings.taxonomy import (
    CATEGORIES,
    EVENT_NAMES,
    LINUX_CATEGORIES,
    LINUX_SYSMON,
    PRODUCTS,
    SERVICES,
    W3C_NAMES,
    ZEEK_CATEGORIES,
    ZEEK_ENDPOINTS,
    ZEEK_LOGS,
    ZEEK_NAMES,
    Renames,
)
from comity.findings.telling import (
    EVERY,
    PLACES,
    is_forwarded,
    keeps_text,
    own_fields,
    provider_of,
    read_event_number,
    single,
    told_products,
    zeek_logs,
)
from comity.records.canonical import Json

if TYPE_CHECKING:
    from comity.findings.yaml_source import Yaml

Platform: TypeAlias = Literal["", "windows", "linux", "zeek"]

_TOLD: Final = ("windows", "zeek")
"""Products whose rows say that they are theirs: no other row is asked their rules unless declared so."""
_NO_RENAMES: Final[Renames] = MappingProxyType({})
_CLEARED: Final = ("system", "104")
"""The channel and the number of the event which tells that a log was cleared: its data names that log
``Channel`` as well."""
_NAMES_OF_CLEARED: Final[Renames] = MappingProxyType({"Channel": "EventData_Channel"})
_EVENTS = {
    _CLEARED[1],
    *(event for places in CATEGORIES.values() for _, events in places for event in events),
}


def _zeek_renames(log: str, *, flat: bool) -> Renames:
    names = dict(ZEEK_NAMES.get(log, {}))
    if flat:
        ends = {name: name.replace(".", "_") for name in ZEEK_ENDPOINTS}
        names = {**{name: ends.get(theirs, theirs) for name, theirs in names.items()}, **ends}
    return MappingProxyType(names)


# One object each: plans are shared by the identity of their renames.
_ZEEK_RENAMES = {
    (log, flat): _zeek_renames(log, flat=flat) for log in ("", *ZEEK_LOGS) for flat in (False, True)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Logsource:
    """What a rule declares of its rows, folded; ``None`` where it does not."""

    product: str | None = None
    category: str | None = None
    service: str | None = None

    def to_json(self) -> Json:
        """The keys that are declared."""
        given = {"product": self.product, "category": self.category, "service": self.service}
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A kind of rows: all rows of one kind are asked the same rules.

    ``rounded`` if whole numbers stand in them as libraries for tables write columns with gaps (``4688.0``);
    ``numbered`` if the number of an event is written with its qualifiers or a mark of thousands.

    Channels, event ids and Zeek logs that no table names are one kind each (empty), so hostile rows
    cannot make more kinds than the tables have entries. ``flat`` is whether a Zeek row spells its
    endpoints ``id_orig_h`` for ``id.orig_h``.
    """

    platform: Platform
    readable: bool
    channel: str
    event: str
    format: str
    product: str | None
    category: str | None
    service: str | None
    flat: bool = False
    rounded: bool = False
    numbered: bool = False
    worded: bool = False
    """Of rows of which nothing tells what they are: whether they are text, or keep a line of it."""
    also: Source | None = None
    """What rows of the kind are besides, as they name several logs; of more than two (``NAMED``), all that
    rows tell, so that hostile rows cannot make a kind of each choice of them."""

    @property
    def untold(self) -> bool:
        """Whether neither the rows nor what was declared of their item tell what they are a log of."""
        return not (self.platform or self.product or self.category or self.service)


def read_logsource(section: Mapping[str, Yaml]) -> Logsource:
    """The logsource of a rule; ``RuleError`` for a Windows service or category that has no table."""
    values: dict[str, str | None] = {}
    for key in ("product", "category", "service"):
        value = section.get(key)
        if value is not None and not isinstance(value, str):
            raise RuleError(f"the logsource's {key} is not text")
        values[key] = fold(value) if value else None
    found = Logsource(**values)
    if found.product == "windows":
        if found.service and found.service not in SERVICES:
            raise RuleError(f"comity-find/1 knows no channel of the service {found.service!r}")
        if found.category and found.category not in CATEGORIES:
            raise RuleError(f"comity-find/1 knows no event of the category {found.category!r}")
    return found


def may_be_asked(rule: Logsource, source: Source, reads: bool) -> bool:
    """Whether a detection that :func:`names_for` lets be asked of rows can be; ``reads`` is whether it asks
    for any field. Of a row that could not be read nothing is known but its words. And words alone tell of no
    product where a row of fields does not say whose it is: ``copy`` in a trail is no router's command."""
    if reads:
        return source.readable
    return source.worded or not source.untold or not looks_for_words_of_one(rule, reads)


def must_be_told(rule: Logsource) -> bool:
    """Whether rows must say, or be declared, to be of the product of a rule before it is asked."""
    return rule.product in _TOLD


def looks_for_words_of_one(rule: Logsource, reads: bool) -> bool:
    """Whether a detection is asked of words alone, and is of one product or service."""
    return not reads and (rule.product is not None or rule.service is not None)


def other_names(name: str) -> set[str]:
    """The names that a log may have for a field of a rule."""
    products = (names for _, names in PRODUCTS.values())
    tables = (*EVENT_NAMES.values(), *products, _NAMES_OF_CLEARED, W3C_NAMES, *ZEEK_NAMES.values())
    return {table[name] for table in tables if name in table}


NAMED: Final = 2
"""So many logs that a row names are told apart."""


def source_of(item: ItemInfo, fields: Mapping[str, Value]) -> Source:
    """The kind of a row of ``item``, by the names that it has itself."""
    also: Source | None = None
    for kind in reversed(dict.fromkeys(_kinds_of(item, own_fields(fields)))):
        also = replace(kind, also=also)
    assert also is not None
    return also


def _kinds_of(item: ItemInfo, fields: Mapping[str, Value]) -> Sequence[Source]:
    """Every kind that a row is of, one at least."""
    declared = {key: fold(value) for key, value in item.logsource.items()}
    product, service = declared.get("product"), declared.get("service")
    plain = Source(
        platform="",
        readable=bool(fields),
        channel="",
        event="",
        format=item.format,
        product=product,
        category=declared.get("category"),
        service=service,
    )
    kinds = [kind for place in _places_of(fields) if (kind := _event_kind(plain, fields, *place)) is not None]
    logs = zeek_logs(fields) if product in (None, "zeek") else ()
    zeek: list[str | None] = [log if log in ZEEK_LOGS else "" for log in map(fold, logs)]
    told = () if declared else told_products(fields)
    if len(told) + len(kinds) + len(zeek) > NAMED:
        told = EVERY if told else ()
        zeek = list(ZEEK_LOGS) if len(zeek) > NAMED else zeek
    if not kinds and not zeek and (product == "zeek" or (item.format == "zeek/1" and not product)):
        zeek = [service if service is None or service in ZEEK_LOGS else ""]
    flat = "id_orig_h" in fields and "id.orig_h" not in fields
    kinds += (replace(plain, platform="zeek", service=log, flat=flat) for log in zeek)
    kinds += (replace(plain, product=p, service=s, category=c) for p, s, c in told)
    if kinds:
        return kinds
    # What could not be read is text; of a row of fields these tell.
    return [replace(plain, worded=plain.untold and (not fields or keeps_text(fields)))]


def _places_of(fields: Mapping[str, Value]) -> Iterable[tuple[Value, Value]]:
    """The channels and the numbers of events that a row names."""
    channel, event = single(fields.get("Channel")), fields.get("EventID")
    if not isinstance(channel, list) and not (isinstance(event, list) and len(event) > 1):
        return ((channel, event),)
    channels = channel[:PLACES] if isinstance(channel, list) else (channel,)
    return pairs_of(channels, event[:PLACES] if isinstance(event, list) else (event,))


def _event_kind(plain: Source, fields: Mapping[str, Value], channel: Value, event: Value) -> Source | None:
    """The kind of an event of a channel; None where that names none of Windows or of Sysmon for Linux."""
    told = isinstance(channel, str) and event is not None
    if isinstance(channel, str) and is_forwarded(channel):
        channel = channel_of_provider(provider_of(fields), str(event)) or ""
    # A log's file has its channel's name, with the stroke written so.
    folded = fold(channel).replace("%4", "/") if isinstance(channel, str) else ""
    platform: Platform = ""
    if plain.product in (None, "linux") and told and folded == LINUX_SYSMON:
        platform = "linux"
    elif plain.product in (None, "windows") and (plain.format == "evtx-jsonl/1" or told):
        platform = "windows"
    if not platform:
        return None
    alone = single(event)
    written = str(alone) if isinstance(alone, str | int | float) else ""
    number = read_event_number(written)
    rounded = is_rounded(number)
    numbered = number != written
    number = number[:-2] if rounded else number
    return replace(
        plain,
        platform=platform,
        channel=folded if folded in CHANNELS else "",
        event=number if number in _EVENTS else "",
        rounded=rounded,
        numbered=numbered,
    )


def names_for(rule: Logsource, source: Source) -> Sequence[Renames]:
    """The renames under which ``rule`` is asked of rows of ``source``: those of each kind that it is asked
    of, each once; none if it is not."""
    if source.also is None:
        return _every_name_for(rule, source)
    found: list[Renames] = []
    kind: Source | None = source
    while kind is not None:
        found += (names for names in _every_name_for(rule, kind) if names not in found)
        kind = kind.also
    return found


def _every_name_for(rule: Logsource, source: Source) -> Sequence[Renames]:
    """Those of one kind. A log that was cleared is told by an event of another, and rules mean either by
    ``Channel``: they are asked under both."""
    names = _names_for(rule, source)
    if names is None:
        return ()
    if (source.channel, source.event) == _CLEARED and source.platform == "windows":
        return names, _NAMES_OF_CLEARED
    return (names,)


def _names_for(rule: Logsource, source: Source) -> Renames | None:
    match source.platform:
        case "windows":
            return _names_on_windows(rule, source)
        case "linux":
            return _names_on_linux(rule, source)
        case "zeek":
            return _names_on_zeek(rule, source)
    if rule.product in _TOLD and source.product != rule.product:
        return None
    if _disagree((rule.product, source.product), (rule.category, source.category)):
        return None
    if _disagree((rule.service, source.service)):
        return None
    return W3C_NAMES if source.format == "w3c/1" else _NO_RENAMES


def _disagree(*pairs: tuple[str | None, str | None]) -> bool:
    """Whether what a rule says is none of what its rows are, in one of the pairs."""
    return any(a is not None and b is not None and a != b and a not in b.split("|") for a, b in pairs)


def _names_on_windows(rule: Logsource, source: Source) -> Renames | None:
    if rule.product is not None and rule.product in PRODUCTS:
        channel, names = PRODUCTS[rule.product]
        return names if source.channel == channel else None
    if rule.product not in (None, "windows"):
        return None
    if rule.service is not None and source.channel not in SERVICES.get(rule.service, ()):
        return None
    if rule.category is None:
        return _NO_RENAMES
    for channel, events in CATEGORIES.get(rule.category, ()):
        if channel == source.channel and source.event in events:
            return EVENT_NAMES.get((rule.category, channel), _NO_RENAMES)
    return None


def _names_on_linux(rule: Logsource, source: Source) -> Renames | None:
    if rule.product not in (None, "linux") or rule.service not in (None, "sysmon"):
        return None
    if rule.category is not None and source.event not in LINUX_CATEGORIES.get(rule.category, ()):
        return None
    return _NO_RENAMES


def _names_on_zeek(rule: Logsource, source: Source) -> Renames | None:
    if rule.product not in (None, "zeek") or _disagree((rule.service, source.service)):
        return None
    if rule.category is not None:
        told = source.category == rule.category
        if not told and rule.category not in ZEEK_CATEGORIES.get(source.service or "", ()):
            return None
    return _ZEEK_RENAMES[source.service or "", source.flat]
