"""What is added to rows of a kind: fields that rules expect and the rows spread over several, or hold in one
text. What a row has is never replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeAlias

from comity.findings.derived import derive_audit, derive_numbers, derive_uris, derive_web
from comity.findings.derived_events import DERIVED, derive_event
from comity.findings.logsource import Source
from comity.findings.rows import Value
from comity.findings.taxonomy import SECURITY
from comity.findings.telling import PLACES, read_event_number

_WEB_CATEGORIES = ("webserver", "proxy")
_WEB_SERVICES = ("apache", "nginx")

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
