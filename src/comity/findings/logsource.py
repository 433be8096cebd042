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

**Every other row** is routed by what was declared of its item: a rule is asked when product, category
and service agree wherever both declare one. What an item does not declare is a wildcard, save that rules
of Windows and of Zeek, whose rows say what they are, need an item declared as that.

Names are compared by ASCII folding. Two logs tell the same kind of event under other field names:
security event 4688 against Sysmon 1 (4657, 4689 and 5156 likewise), W3C header names and Zeek's names against
those of Sigma. The rule's name is then replaced by the log's. Some fields are derived from the row
(:func:`add_derived`). Rows that another tool has exported are read first (:mod:`comity.findings.exports`).

A row without any field could not be read: of its fields nothing is known, not even that one is
missing. It is asked only the rules that look at no field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from comity.findings.derived import derive_audit, derive_numbers, derive_uris, derive_web, is_rounded
from comity.findings.derived_events import DERIVED, derive_event
from comity.findings.export_flat import CHANNELS, FORWARDED, channel_of_provider
from comity.findings.export_texts import Made
from comity.findings.reasons import RuleError
from comity.findings.rows import ItemInfo, Value, fold, spell
from comity.findings.taxonomy import (
    CATEGORIES,
    EVENT_NAMES,
    LINUX_CATEGORIES,
    LINUX_SYSMON,
    PRODUCTS,
    SECURITY,
    SERVICES,
    W3C_NAMES,
    ZEEK_CATEGORIES,
    ZEEK_ENDPOINTS,
    ZEEK_LOGS,
    ZEEK_NAMES,
    Renames,
)
from comity.findings.taxonomy_exports import TOLD, ZEEK_MARKS
from comity.records.canonical import Json

if TYPE_CHECKING:
    from comity.findings.yaml_source import Yaml

Platform: TypeAlias = Literal["", "windows", "linux", "zeek"]

_TOLD: Final = ("windows", "zeek")
"""Products whose rows say that they are theirs: no other row is asked their rules unless declared so."""
_NO_RENAMES: Final[Renames] = MappingProxyType({})
_EVENTS = {event for places in CATEGORIES.values() for _, events in places for event in events}
_WEB_CATEGORIES = ("webserver", "proxy")
_WEB_SERVICES = ("apache", "nginx")


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


def mark_of(fields: Mapping[str, Value]) -> tuple[object, ...]:
    """All that :func:`source_of` reads of a row, cheap to compare: rows of one item with equal marks
    are of one kind."""
    fields = _own(fields)
    channel, event = fields.get("Channel"), fields.get("EventID")
    log = zeek_log(fields)
    told = told_product(fields) if log is None and (channel is None or event is None) else None
    # Longer texts than these name no channel or event of a table, so the rest does not matter.
    return (
        bool(fields),
        channel.__class__,
        event.__class__,
        str(channel)[:256],
        str(event)[:64],
        log if log is None else log[:64],
        told,
        "id_orig_h" in fields,
        told is None and log is None and _keeps_text(fields),
        _provider(fields) if isinstance(channel, str) and is_forwarded(channel) else None,
    )


def is_forwarded(channel: str) -> bool:
    """Whether a channel is the one in which a collector keeps events of others: then the provider tells."""
    return len(channel) == len(FORWARDED) and fold(channel) == FORWARDED


_PROVIDERS: Final = ("Provider_Name", "SourceName", "ProviderName", "Provider", "Source", "source")


def _single(value: Value) -> Value:
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


def _provider(fields: Mapping[str, Value]) -> str | None:
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


def _keeps_text(fields: Mapping[str, Value]) -> bool:
    """Whether a row is a line of text, or keeps one in a field. A field that is an object counts by its own
    name, so that a name that was added because a rule asks for all of it decides nothing."""
    return any(spell(name.partition(".")[0]) in TEXTS or spell(name) in TEXTS for name in fields)


def _own(fields: Mapping[str, Value]) -> Mapping[str, Value]:
    """A row without names that were added because rules ask for them."""
    own = fields.own if isinstance(fields, Made) else None
    return fields if own is None else own


def zeek_log(fields: Mapping[str, Value]) -> str | None:
    """The Zeek log that a row says it is of, or that only the fields of one log fit; ``None`` otherwise."""
    path = fields.get("_path")
    if isinstance(path, str) and "ts" in fields:
        return path
    stream = fields.get("@stream")
    if isinstance(stream, str) and fields.get("@proc") == "zeek":
        return stream
    if "ts" not in fields:
        return None
    for log, marks in ZEEK_MARKS.items():
        for names in marks:
            if all(name in fields for name in names):
                return log
    return None


def told_product(fields: Mapping[str, Value]) -> tuple[str | None, str | None, str | None] | None:
    """Product, service and category of a row whose fields say whose it is; it follows from names alone."""
    for product, service, category, marks in TOLD:
        for names in marks:
            if all(name in fields for name in names):
                return product, service, category
    return None


def says_its_kind(fields: Mapping[str, Value]) -> bool:
    """Whether a row says by its fields what it is a log of."""
    return "Channel" in fields or zeek_log(fields) is not None or told_product(fields) is not None


def other_names(name: str) -> set[str]:
    """The names that a log may have for a field of a rule."""
    products = (names for _, names in PRODUCTS.values())
    tables = (*EVENT_NAMES.values(), *products, W3C_NAMES, *ZEEK_NAMES.values())
    return {table[name] for table in tables if name in table}


def source_of(item: ItemInfo, fields: Mapping[str, Value]) -> Source:
    """The kind of a row of ``item``, by the names that it has itself."""
    fields = _own(fields)
    declared = {key: fold(value) for key, value in item.logsource.items()}
    product, service = declared.get("product"), declared.get("service")
    channel, event = fields.get("Channel"), fields.get("EventID")
    channel = _single(channel)
    told = isinstance(channel, str) and event is not None
    if isinstance(channel, str) and is_forwarded(channel):
        channel = channel_of_provider(_provider(fields), str(event)) or ""
    # A log's file has its channel's name, with the stroke written so.
    folded = fold(channel).replace("%4", "/") if isinstance(channel, str) else ""
    platform: Platform = ""
    log: str | None = None
    if product in (None, "linux") and told and folded == LINUX_SYSMON:
        platform = "linux"
    elif product in (None, "windows") and (item.format == "evtx-jsonl/1" or told):
        platform = "windows"
    elif product in (None, "zeek"):
        log = zeek_log(fields)
        if log is not None or product == "zeek" or item.format == "zeek/1":
            platform = "zeek"
            service = service if log is None else fold(log)
            service = service if service is None or service in ZEEK_LOGS else ""
    told_of: tuple[str | None, str | None, str | None] | None = None
    if not platform and not declared:
        told_of = told_product(fields)
        product, service, category = told_of or (None, None, None)
    else:
        category = declared.get("category")
    events = platform in ("windows", "linux")
    single = _single(event)
    written = str(single) if events and isinstance(single, str | int | float) else ""
    number = read_event_number(written)
    numbered = number != written
    rounded = events and is_rounded(number)
    number = number[:-2] if rounded else number
    untold = not (platform or product or category or service)
    return Source(
        platform=platform,
        readable=bool(fields),
        channel=folded if events and folded in CHANNELS else "",
        event=number if number in _EVENTS else "",
        format=item.format,
        product=product,
        category=category,
        service=service,
        flat=platform == "zeek" and "id_orig_h" in fields and "id.orig_h" not in fields,
        rounded=rounded,
        numbered=numbered,
        # What could not be read is text; of a row of fields these tell.
        worded=untold and (not fields or _keeps_text(fields)),
    )


def names_for(rule: Logsource, source: Source) -> Renames | None:
    """The renames under which ``rule`` is asked of rows of ``source``; ``None`` if it is not."""
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


Derivation: TypeAlias = Callable[[Mapping[str, Value]], Mapping[str, Value]]


def derivation_of(source: Source) -> Derivation | None:
    """What adds to rows of a kind the fields that rules expect and the rows spread over several, or hold in
    one text; None where nothing does. What a row has is never replaced."""
    derive = _derivation_of(source)
    if source.numbered:
        return partial(_derive_number, derive)
    if not source.rounded:
        return derive
    return derive_numbers if derive is None else partial(_derive_both, derive)


def _derive_number(derive: Derivation | None, fields: Mapping[str, Value]) -> Mapping[str, Value]:
    event = _single(fields.get("EventID"))
    told = {**fields, "EventID": [event, read_event_number(str(event))]}
    return told if derive is None else derive(told)


def _derive_both(derive: Derivation, fields: Mapping[str, Value]) -> Mapping[str, Value]:
    numbers = derive_numbers(fields)
    if numbers is fields:
        return derive(fields)
    # Derived from whole numbers as such; what is only taken over still counts as it is as well.
    plain = {
        name: value[-1]
        for name, value in numbers.items()
        if isinstance(value, list) and value is not fields[name]
    }
    both = derive(numbers)
    return {
        name: each if isinstance(each := both.get(name), list) and value in each else value
        for name, value in derive({**fields, **plain}).items()
    }


def _derivation_of(source: Source) -> Derivation | None:
    if source.event in DERIVED and source.channel == SECURITY:
        return partial(derive_event, source.event)
    if source.format == "w3c/1":
        return derive_uris
    if source.format == "lines/1":
        if source.category in _WEB_CATEGORIES or source.service in _WEB_SERVICES:
            return derive_web
        if source.service == "auditd":
            return derive_audit
    return None


def add_derived(source: Source, fields: Mapping[str, Value]) -> Mapping[str, Value]:
    """``fields`` with those of :func:`derivation_of`."""
    derive = derivation_of(source)
    return fields if derive is None else derive(fields)
