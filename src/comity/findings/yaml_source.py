"""YAML read as data only, within limits, and with every plain scalar taken as it is written.

Rules are read from parser events, not through a constructor: depth, size and what aliases stand for are
bounded before anything is built, a repeated key is an error, and only ``null``, ``~``, nothing, ``true``,
``false`` and plain decimal integers become anything but text. ``0x10``, ``010``, ``1.50``, ``on`` and
dates stay the text their author wrote, because that is what they are compared with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import yaml

from comity.findings.reasons import RuleError

Yaml: TypeAlias = "str | int | bool | Sequence[Yaml] | Mapping[str, Yaml] | None"

SIZE = 1 << 20
DEPTH = 32
DIGITS = 18
ALIASED = 10_000
"""How many values the aliases of a document may stand for together."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(rf"-?(?:0|[1-9][0-9]{{0,{DIGITS - 1}}})", re.ASCII)
_PLAIN: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}


def read_documents(raw: bytes) -> list[Yaml]:
    """The documents of a YAML source; ``RuleError`` with the reason for anything out of bounds."""
    if len(raw) > SIZE:
        raise RuleError(f"{len(raw)} bytes, more than the {SIZE} that a rule may have")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RuleError(f"not UTF-8 at byte {error.start}") from None
    documents: list[Yaml] = []
    events: Iterator[Any] = yaml.parse(text, Loader=_LOADER)
    try:
        documents.extend(
            _Reader(events).node(next(events), 0)
            for event in events
            if isinstance(event, yaml.DocumentStartEvent)
        )
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f"line {mark.line + 1}: " if mark else ""
        raise RuleError(f"{line}not YAML: {error.problem or error.context}") from None
    except yaml.YAMLError as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise RuleError(f"not YAML: {reason}") from None
    return documents


def _line(event: Any) -> str:
    return f"line {event.start_mark.line + 1}" if event.start_mark else "somewhere"


class _Reader:
    """One document. What an anchor names is built once and shared; how much that would be written out is
    counted, since a few aliases of aliases could stand for more than fits anywhere."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._anchors: dict[str, tuple[Yaml, int, int]] = {}
        self._aliased = 0

    def node(self, event: Any, depth: int) -> Yaml:
        return self._measured(event, depth)[0]

    def _measured(self, event: Any, depth: int) -> tuple[Yaml, int, int]:
        """A value, how many values are in it, and how deep."""
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, depth)
        if isinstance(event, yaml.ScalarEvent):
            found: tuple[Yaml, int, int] = _scalar(event), 1, 0
        else:
            found = self._collection(event, depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = found
        return found

    def _alias(self, event: Any, depth: int) -> tuple[Yaml, int, int]:
        if event.anchor not in self._anchors:
            raise RuleError(f"{_line(event)}: the alias *{event.anchor} names nothing before it")
        value, size, height = self._anchors[event.anchor]
        self._aliased += size
        if self._aliased > ALIASED:
            raise RuleError(f"{_line(event)}: its aliases stand for more than {ALIASED} values")
        if depth + height > DEPTH:
            raise RuleError(f"{_line(event)}: nested deeper than {DEPTH}")
        return value, size, height

    def _collection(self, event: Any, depth: int) -> tuple[Yaml, int, int]:
        if depth >= DEPTH:
            raise RuleError(f"{_line(event)}: nested deeper than {DEPTH}")
        if event.tag not in (None, "!", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"):
            raise RuleError(f"{_line(event)}: the tag {event.tag} is not accepted in rules")
        total, deepest = 1, 0
        items: list[Yaml] = []
        mapping: dict[str, Yaml] = {}
        listed = isinstance(event, yaml.SequenceStartEvent)
        while not isinstance(inner := next(self._events), yaml.SequenceEndEvent | yaml.MappingEndEvent):
            if listed:
                value, size, height = self._measured(inner, depth + 1)
                items.append(value)
            else:
                if not isinstance(inner, yaml.ScalarEvent):
                    raise RuleError(f"{_line(inner)}: a key is not a single value")
                key: str = inner.value
                if key in mapping:
                    raise RuleError(f"{_line(inner)}: the key {key!r} is repeated")
                if key == "<<" and not inner.style:
                    raise RuleError(f"{_line(inner)}: merge keys (<<) are not accepted in rules")
                value, size, height = self._measured(next(self._events), depth + 1)
                mapping[key] = value
            total += size
            deepest = max(deepest, height)
        return items if listed else mapping, total, deepest + 1


def _scalar(event: Any) -> Yaml:
    text: str = event.value
    if event.tag not in (None, "!", "tag:yaml.org,2002:str"):
        raise RuleError(f"{_line(event)}: the tag {event.tag} is not accepted in rules")
    if event.tag is not None or event.style:
        return text
    return read_plain(text)


def read_plain(text: str) -> str | int | bool | None:
    """What a scalar without quotes is."""
    if text in _PLAIN:
        return _PLAIN[text]
    if _INTEGER.fullmatch(text) and text != "-0":
        return int(text)
    return text
