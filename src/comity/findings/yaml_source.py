"""YAML read as data only, within limits, and with every plain scalar taken as it is written.

Rules are read from parser events, not through a constructor: depth, size and aliases are bounded
before anything is built, a repeated key is an error, and only ``null``, ``~``, nothing, ``true``,
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
            _node(next(events), events, 0) for event in events if isinstance(event, yaml.DocumentStartEvent)
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


def _node(event: Any, events: Iterator[Any], depth: int) -> Yaml:
    if isinstance(event, yaml.AliasEvent):
        raise RuleError(f"{_line(event)}: YAML aliases are not accepted in rules")
    if isinstance(event, yaml.ScalarEvent):
        return _scalar(event)
    if depth >= DEPTH:
        raise RuleError(f"{_line(event)}: nested deeper than {DEPTH}")
    if event.tag not in (None, "!", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"):
        raise RuleError(f"{_line(event)}: the tag {event.tag} is not accepted in rules")
    if isinstance(event, yaml.SequenceStartEvent):
        items: list[Yaml] = []
        while not isinstance(inner := next(events), yaml.SequenceEndEvent):
            items.append(_node(inner, events, depth + 1))
        return items
    mapping: dict[str, Yaml] = {}
    while not isinstance(inner := next(events), yaml.MappingEndEvent):
        if not isinstance(inner, yaml.ScalarEvent):
            raise RuleError(f"{_line(inner)}: a key is not a single value")
        key: str = inner.value
        if key in mapping:
            raise RuleError(f"{_line(inner)}: the key {key!r} is repeated")
        mapping[key] = _node(next(events), events, depth + 1)
    return mapping


def _scalar(event: Any) -> Yaml:
    text: str = event.value
    if event.tag not in (None, "!", "tag:yaml.org,2002:str"):
        raise RuleError(f"{_line(event)}: the tag {event.tag} is not accepted in rules")
    if event.tag is not None or event.style:
        return text
    if text in _PLAIN:
        return _PLAIN[text]
    if _INTEGER.fullmatch(text) and text != "-0":
        return int(text)
    return text
