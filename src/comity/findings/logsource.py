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
(:func:`add_derived`). Rows that another tool has exported are read first (:mod:`comity.findings.exports`).

A row without any field could not be read: of its fields nothing is known, not even that one is
missing. It is asked only the rules that look at no field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import chain
from itertools import product as pairs_of
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from comity.findings.derived import derive_audit, derive_numbers, derive_uris, derive_web, is_rounded
from comity.findings.derived_events import DERIVED, derive_event
from comity.findings.export_flat import CHANNELS, FORWARDED, channel_of_provider
from comity.findings.export_texts import Made
from comity.findings.reasons import RuleError
from comity.findings.rows import ItemInfo, Value, are_few, fold, spell
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
from comity.findings.taxonomy_exports import (
    TOLD,
    TOLD_BY_CARRIER,
    TOLD_BY_FORM,
    TOLD_BY_REQUEST,
    TOLD_BY_SYSTEM,
    ZEEK_MARKS,
    Told,
)
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


def mark_of(fields: Mapping[str, Value]) -> tuple[object, ...]:
    """All that :func:`source_of` reads of a row, cheap to compare: rows of one item with equal marks
    are of one kind."""
    fields = _own(fields)
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
        not (told or logs) and _keeps_text(fields),
        _provider(fields) if _names_forwarded(channel) else None,
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
    names = tuple(fields)
    return _text_kept(names) if are_few(names) else _text_by(names)


def _text_by(names: tuple[str, ...]) -> bool:
    return any(spell(name.partition(".")[0]) in TEXTS or spell(name) in TEXTS for name in names)


_text_kept = lru_cache(maxsize=1024)(_text_by)


def _own(fields: Mapping[str, Value]) -> Mapping[str, Value]:
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
    return (*told(TOLD), *(found or told((TOLD_BY_CARRIER,))))


_told_kept = lru_cache(maxsize=1024)(_told_by)
_EVERY: Final[tuple[Product, ...]] = tuple(
    each[:3] for each in (*TOLD, *chain(*TOLD_BY_FORM), *TOLD_BY_SYSTEM, TOLD_BY_REQUEST)
)


def tells_its_log(names: tuple[str, ...], carried: bool = True) -> bool:
    """Whether rows with these fields say by names of their product whose they are; those of a journal, which
    carries what others say, count where ``carried``."""
    here = set(names)
    told = (*TOLD, TOLD_BY_REQUEST, *((TOLD_BY_CARRIER,) if carried else ()))
    own = (each for *_, marks in told for each in marks)
    if any(map(here.issuperset, own)) or {"@stream", "@proc"} <= here:
        return True
    return "ts" in here and ("_path" in here or bool(_zeek_by(names)))


def says_its_kind(fields: Mapping[str, Value]) -> bool:
    """Whether a row says by its fields what it is a log of."""
    return "Channel" in fields or bool(zeek_logs(fields)) or bool(told_products(fields))


def other_names(name: str) -> set[str]:
    """The names that a log may have for a field of a rule."""
    products = (names for _, names in PRODUCTS.values())
    tables = (*EVENT_NAMES.values(), *products, W3C_NAMES, *ZEEK_NAMES.values())
    return {table[name] for table in tables if name in table}


NAMED: Final = 2
"""So many logs that a row names are told apart."""
PLACES: Final = 4
"""So many channels and numbers of events are read of a row that was read in several ways."""


def source_of(item: ItemInfo, fields: Mapping[str, Value]) -> Source:
    """The kind of a row of ``item``, by the names that it has itself."""
    also: Source | None = None
    for kind in reversed(dict.fromkeys(_kinds_of(item, _own(fields)))):
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
        told = _EVERY if told else ()
        zeek = list(ZEEK_LOGS) if len(zeek) > NAMED else zeek
    if not kinds and not zeek and (product == "zeek" or (item.format == "zeek/1" and not product)):
        zeek = [service if service is None or service in ZEEK_LOGS else ""]
    flat = "id_orig_h" in fields and "id.orig_h" not in fields
    kinds += (replace(plain, platform="zeek", service=log, flat=flat) for log in zeek)
    kinds += (replace(plain, product=p, service=s, category=c) for p, s, c in told)
    if kinds:
        return kinds
    # What could not be read is text; of a row of fields these tell.
    return [replace(plain, worded=plain.untold and (not fields or _keeps_text(fields)))]


def _places_of(fields: Mapping[str, Value]) -> Iterable[tuple[Value, Value]]:
    """The channels and the numbers of events that a row names."""
    channel, event = _single(fields.get("Channel")), fields.get("EventID")
    if not isinstance(channel, list) and not (isinstance(event, list) and len(event) > 1):
        return ((channel, event),)
    channels = channel[:PLACES] if isinstance(channel, list) else (channel,)
    return pairs_of(channels, event[:PLACES] if isinstance(event, list) else (event,))


def _event_kind(plain: Source, fields: Mapping[str, Value], channel: Value, event: Value) -> Source | None:
    """The kind of an event of a channel; None where that names none of Windows or of Sysmon for Linux."""
    told = isinstance(channel, str) and event is not None
    if isinstance(channel, str) and is_forwarded(channel):
        channel = channel_of_provider(_provider(fields), str(event)) or ""
    # A log's file has its channel's name, with the stroke written so.
    folded = fold(channel).replace("%4", "/") if isinstance(channel, str) else ""
    platform: Platform = ""
    if plain.product in (None, "linux") and told and folded == LINUX_SYSMON:
        platform = "linux"
    elif plain.product in (None, "windows") and (plain.format == "evtx-jsonl/1" or told):
        platform = "windows"
    if not platform:
        return None
    single = _single(event)
    written = str(single) if isinstance(single, str | int | float) else ""
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
        names = _names_for(rule, source)
        return () if names is None else (names,)
    found: list[Renames] = []
    kind: Source | None = source
    while kind is not None:
        names = _names_for(rule, kind)
        if names is not None and names not in found:
            found.append(names)
        kind = kind.also
    return found


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


Derivation: TypeAlias = Callable[[Mapping[str, Value]], Mapping[str, Value]]


def derivation_of(source: Source, alone: bool = False) -> Derivation | None:
    """What adds to rows of a kind the fields that rules expect and the rows spread over several, or hold in
    one text; None where nothing does. What a row has is never replaced. ``alone``: of this kind, and not
    of what its rows are besides."""
    if source.also is not None and not alone:
        each = tuple(each for kind in _chain(source) if (each := derivation_of(kind, True)) is not None)
        return partial(_derive_each, each) if each else None
    derive = _derivation_of(source)
    if source.numbered:
        return partial(_derive_number, derive)
    if not source.rounded:
        return derive
    return derive_numbers if derive is None else partial(_derive_both, derive)


def _chain(source: Source) -> Iterator[Source]:
    kind: Source | None = source
    while kind is not None:
        yield kind
        kind = kind.also


def _derive_each(derivations: Sequence[Derivation], fields: Mapping[str, Value]) -> Mapping[str, Value]:
    for derive in dict.fromkeys(derivations):
        fields = derive(fields)
    return fields


def _derive_number(derive: Derivation | None, fields: Mapping[str, Value]) -> Mapping[str, Value]:
    events = fields.get("EventID")
    events = events if isinstance(events, list) else [events]
    numbers = (read_event_number(str(event)) for event in events[:PLACES])
    told = {**fields, "EventID": [*events, *(number for number in numbers if number not in events)]}
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
