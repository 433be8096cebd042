"""Feeds in JSON: events and attributes of MISP, pulses of OTX; each as far as its values and their types.

Only what is asked for is built: everything else in a document is passed over as it is read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

import msgspec

from comity.findings.feed_types import Gathered
from comity.findings.reasons import RuleError

# A text without an end is one token too: else each quote in it would be tried as its beginning.
_TOKEN: Final = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"(\s*:)?|\\?\Z)|[{}\[\]]', re.DOTALL)
_DEPTH: Final = 6
OBJECTS: Final = 1_000_000
"""A feed with more objects would fill the memory, however few bytes each has."""
_MISP: Final = frozenset({b'"Attribute"', b'"Object"', b'"ShadowAttribute"', b'"Orgc"', b'"threat_level_id"'})


# Of anything else nothing is built.
_Plain: TypeAlias = str | int | float | bool | None


class _Attribute(msgspec.Struct):
    type: _Plain = ""
    value: _Plain = ""
    to_ids: _Plain = None
    deleted: _Plain = False


class _Object(msgspec.Struct):
    Attribute: list[_Attribute] | None = None
    deleted: _Plain = False


class _Event(msgspec.Struct):
    Attribute: list[_Attribute] | None = None
    Object: list[_Object] | None = None


class _Answer(msgspec.Struct):
    """What a server answers: an event, or attributes by themselves."""

    Event: _Event | None = None
    Attribute: list[_Attribute] | None = None
    Object: list[_Object] | None = None


class _Wrapped(_Answer):
    response: list[_Answer] | _Answer | None = None


class _Indicator(msgspec.Struct):
    indicator: _Plain = ""
    type: _Plain = ""
    is_active: _Plain = None


class _Pulse(msgspec.Struct):
    indicators: list[_Indicator] | None = None


class _Pulses(_Pulse):
    results: list[_Pulse] | None = None
    next: _Plain = None


def is_json_lines(head: bytes) -> bool:
    """Whether a text that begins so is a row for each line, whatever the rows tell of."""
    first, _, rest = head.removeprefix(b"\xef\xbb\xbf").lstrip().partition(b"\n")
    if not rest.lstrip().startswith(b"{"):
        return False
    try:
        return isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def form_of_json(head: bytes) -> str:
    """``MISP`` or ``OTX`` where a document that begins so is such a feed; "" for any other."""
    if is_json_lines(head):
        return ""
    keys: list[set[bytes]] = [set() for _ in range(_DEPTH)]
    depth = 0
    opened = []
    for token in _TOKEN.finditer(head):
        told = token[0]
        if told in (b"{", b"["):
            opened.append(told)
            depth += told == b"{"
        elif told in (b"}", b"]"):
            if opened and opened.pop() == b"{":
                depth -= 1
        elif token[1] and 0 < depth <= _DEPTH:
            keys[depth - 1].add(told.removesuffix(token[1]))
    top, second = keys[0], keys[1]
    if (b'"Event"' in top and second & _MISP) or (
        b'"response"' in top and second & {b'"Event"', b'"Attribute"'}
    ):
        return "MISP"
    if {b'"type"', b'"value"'} <= top and top & {b'"to_ids"', b'"event_id"'}:
        return "MISP"  # attributes by themselves
    if b'"indicators"' in top and b'"indicator"' in second and b'"type"' in second:
        return "OTX"
    if b'"results"' in top and b'"indicators"' in second and b'"indicator"' in keys[2]:
        return "OTX"
    return ""


def gather_json(raw: bytes, form: str) -> Gathered:
    """What a feed of this form holds. ``RuleError`` where it is not of the form that it begins as."""
    found = Gathered(form)
    body = raw.removeprefix(b"\xef\xbb\xbf")
    if (number := body.count(b"{")) > OBJECTS:
        raise RuleError(f"{number:,} objects, more than the {OBJECTS:,} that a feed of {form} may have")
    try:
        if form == "OTX":
            _gather_pulses(found, body)
        else:
            _gather_misp(found, body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise RuleError(f"it begins as a feed of {form} and is none: {str(error)[:200]}") from None
    return found


def _gather_misp(found: Gathered, body: bytes) -> None:
    answers: Iterable[_Answer]
    if body.lstrip().startswith(b"["):
        # An attribute by itself may quote its event: what names a type is an attribute.
        attributes = msgspec.json.decode(body, type=list[_Attribute])
        if any(one.type for one in attributes):
            answers = [_Answer(Attribute=attributes)]
        else:
            answers = msgspec.json.decode(body, type=list[_Answer])
    else:
        top = msgspec.json.decode(body, type=_Wrapped)
        inner = top.response
        answers = [top, *(inner if isinstance(inner, list) else [inner] if inner else [])]
    for number, attribute in enumerate(_attributes(answers), 1):
        place = f"attribute {number}"
        kind, value = str(attribute.type), attribute.value
        if not isinstance(value, str):
            value = "" if value is None else str(value)
        if attribute.deleted in (True, 1, "1", "true"):
            found.withdraw("deleted by its maker", value, place)
        elif attribute.to_ids in (False, 0, "0", "false"):
            found.withdraw("its maker does not mean it for detection (to_ids)", value, place)
        else:
            found.take(kind, value, place)


def _attributes(answers: Iterable[_Answer]) -> Iterator[_Attribute]:
    for answer in answers:
        for holder in (answer, answer.Event):
            if holder is None:
                continue
            yield from holder.Attribute or ()
            for each in holder.Object or ():
                for attribute in each.Attribute or ():
                    attribute.deleted = attribute.deleted or each.deleted
                    yield attribute


def _gather_pulses(found: Gathered, body: bytes) -> None:
    pulses: list[_Pulse]
    if body.lstrip().startswith(b"["):
        pulses = msgspec.json.decode(body, type=list[_Pulse])
    else:
        top = msgspec.json.decode(body, type=_Pulses)
        pulses = [top, *(top.results or ())]
        found.more = bool(top.next)
    number = 0
    for pulse in pulses:
        for each in pulse.indicators or ():
            number += 1
            value, place = str(each.indicator), f"indicator {number}"
            if each.is_active in (False, 0, "0"):
                found.withdraw("its maker says that it is active no longer", value, place)
            else:
                found.take(str(each.type), value, place)
