"""Logs in OpenTelemetry's protocol as JSON (OTLP 1.0, ``LogsData``), a JSON line for each record.

A collector writes what it got together as one object: resources, in each scopes, in each records. What a
record is of is said above it, and values stand in objects that name their type. So a line is one record: what
it says of itself under its own names, its attributes and those of its scope and resource under theirs, all
values plain. Where two are called alike, the record's stands, then the scope's; the others stand below
``attributes``, ``scope`` and ``resource``. ``Timestamp`` is when it happened, or else was observed.

What holds no records (traces, metrics, a torn line, an object of another form) is a line as it is. What is
nested deeper, or a longer number, than some Python reads is a text, so that a line is the same everywhere.
"""

from __future__ import annotations

import binascii
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from math import isfinite
from typing import Any, Final

from comity.evidence.json_values import read_objects

PARSER: Final = "comity-otlp"
VERSION: Final = "1"
DEPTH: Final = 100
"""Values nested deeper stay as they are written."""
NESTING: Final = 500
"""What stands in more brackets of JSON than these is a text: how much deeper a Python reads depends on which
it is, and on who calls."""
DIGITS: Final = 640
"""A whole number of more characters is a text: no Python can be set to read fewer digits."""

BEGINS: Final = re.compile(rb'\s*+(?:\xef\xbb\xbf)?\{\s*+"resource(Logs|Spans|Metrics|Profiles)"\s*+:\s*+\[')
"""How an object of the protocol begins: what it holds."""

_SCOPES: Final = ("scopeLogs", "instrumentationLibraryLogs")
_SCOPE: Final = ("scope", "instrumentationLibrary")
_RECORDS: Final = ("logRecords", "logs")
"""What scopes and their records are called, and before 2022 were."""
_ABOVE: Final = ("resource", "scope", "attributes", "schemaUrl")
_OURS: Final = frozenset(("resource", "scope", "Timestamp"))
"""Names of a row that no record of the protocol has."""
_TIMES: Final = ("timeUnixNano", "observedTimeUnixNano")
_NUMBER = re.compile(r"-?[0-9]{1,20}")
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[\]{}]')


def read_records(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The lines, without line breaks, of a file of such objects, in the memory of one of them.

    Raises as :func:`~comity.evidence.json_values.read_objects` does. Lines that came before stand.
    """
    for line in read_objects(chunks, "4"):
        told = False
        for row in _rows_of(line):
            told = True
            yield _render(row)
        if not told:
            yield line


class _OtherError(Exception):
    """An object that is of another form."""


def _rows_of(line: bytes) -> Iterator[Mapping[str, Any]]:
    """The records in an object, and what is of another form in it, or holds no record, below the names where
    it stands; none where it holds neither records nor another form."""
    if BEGINS.match(line) is None:
        return
    try:
        found = json.loads(
            _shallow(line), object_pairs_hook=_once, parse_float=_float, parse_int=_int, parse_constant=str
        )
        resources = _list(found.pop("resourceLogs"))
    except (_OtherError, ValueError, RecursionError, KeyError):
        return
    told, bare = False, []
    for resource in resources:
        here = False
        try:
            for row in _of_resource(resource):
                here = told = True
                yield row
        except _OtherError:
            here = told = True
            yield {"resourceLogs": [resource]}
        if not here:
            bare.append(resource)
    if bare:
        found = {"resourceLogs": bare, **found}
    if told and found:
        yield found


def _of_resource(resource: Any) -> Iterator[Mapping[str, Any]]:
    held = _object(resource)
    told = _take(held.get("resource", {}))
    above = {name: value for name, value in held.items() if name not in _SCOPES}
    for name, value in above.items():
        if name != "resource":
            _add(told, name, value)
    scopes = [each for name in _SCOPES for each in _list(held.get(name))]
    some, bare = False, []
    for scoped in scopes:
        here = False
        try:
            for row in _of_scope(scoped, told, above):
                here = some = True
                yield row
        except _OtherError:
            here = some = True
            yield {"resourceLogs": [{**above, "scopeLogs": [scoped]}]}
        if not here:
            bare.append(scoped)
    if some and bare:
        yield {"resourceLogs": [{**above, "scopeLogs": bare}]}


def _of_scope(
    scoped: Any, resource: Mapping[str, Any], above: Mapping[str, Any]
) -> Iterator[Mapping[str, Any]]:
    held = _object(scoped)
    here = {name: value for name, value in held.items() if name not in _RECORDS}
    about: dict[str, Any] = {}
    for name, value in here.items():
        for inner, each in _object(value).items() if name in _SCOPE else ((name, value),):
            _add(about, inner, each)
    scope = _attributes(about.pop("attributes", []))
    records = [each for name in _RECORDS for each in _list(held.get(name))]
    for record in records:
        try:
            yield _row(_object(record), scope, about, resource)
        except _OtherError:
            yield {"resourceLogs": [{**above, "scopeLogs": [{**here, "logRecords": [record]}]}]}


def _row(
    record: Mapping[str, Any], scope: Mapping[str, Any], about: Mapping[str, Any], resource: Mapping[str, Any]
) -> dict[str, Any]:
    if not _OURS.isdisjoint(record):
        raise _OtherError
    row: dict[str, Any] = {}
    for name, value in record.items():
        if name == "body":
            row["body"] = _plain(value, 0)
        elif name != "attributes":
            row[name] = value
    happened = next((row[name] for name in _TIMES if row.get(name) not in (None, 0, "0", "")), None)
    if happened is not None:
        row["Timestamp"] = happened
    taken = {*row, *_ABOVE}
    beside: dict[str, dict[str, Any]] = {"attributes": {}, "scope": dict(about), "resource": {}}
    for part, told in (
        ("attributes", _attributes(record.get("attributes", []))),
        ("scope", scope),
        ("resource", resource),
    ):
        for name, value in told.items():
            if name not in taken:
                row[name] = value
            else:
                beside[part][name] = value
        taken |= told.keys()
    row |= {part: held for part, held in beside.items() if held}
    return row


def _take(resource: Any) -> dict[str, Any]:
    held = dict(_object(resource))
    told = _attributes(held.pop("attributes", []))
    for name, value in held.items():
        _add(told, name, value)
    return told


def _add(told: dict[str, Any], name: str, value: Any) -> None:
    """Put a value beside what is called so already, as a list of both."""
    told[name] = [told[name], value] if name in told else value


def _attributes(listed: Any) -> dict[str, Any]:
    """A list of names and values as an object; a name that comes again has the list of all."""
    found: dict[str, list[Any]] = {}
    for each in _list(listed):
        pair = _known(each, ("key", "value"))
        name = pair.get("key", "")
        if not isinstance(name, str):
            raise _OtherError
        found.setdefault(name, []).append(_plain(pair.get("value"), 0))
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}


def _plain(value: Any, depth: int) -> Any:
    """A value without what says of which type it is."""
    if value is None or depth > DEPTH:
        return value
    held = _object(value)
    if not held:
        return None
    if len(held) != 1:
        raise _OtherError
    ((kind, inner),) = held.items()
    if kind == "intValue":
        return int(inner) if isinstance(inner, str) and _NUMBER.fullmatch(inner) else inner
    if kind == "bytesValue" and isinstance(inner, str):
        return _text_of(inner)
    if kind == "arrayValue":
        return [_plain(each, depth + 1) for each in _list(_object(inner).get("values", []))]
    if kind == "kvlistValue":
        return _pairs(_list(_object(inner).get("values", [])), depth + 1)
    if kind in ("stringValue", "boolValue", "doubleValue", "bytesValue"):
        return inner
    raise _OtherError


def _pairs(listed: list[Any], depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in listed:
        pair = _known(each, ("key", "value"))
        name = pair.get("key", "")
        if not isinstance(name, str) or name in found:
            raise _OtherError
        found[name] = _plain(pair.get("value"), depth)
    return found


def _text_of(packed: str) -> str:
    """The text of bytes, where they are one in UTF-8; else as they came, in base64."""
    try:
        return binascii.a2b_base64(packed.encode(), strict_mode=True).decode()
    except ValueError:
        return packed


def _known(value: Any, names: Iterable[str]) -> Mapping[str, Any]:
    """An object that has no other names than these."""
    held = _object(value)
    if not held.keys() <= set(names):
        raise _OtherError
    return held


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _OtherError
    return value


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise _OtherError
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _OtherError
    return found


def _float(token: str) -> float | str:
    number = float(token)
    return number if isfinite(number) else token


def _int(token: str) -> int | str:
    return int(token) if len(token) <= DIGITS else token


def _shallow(line: bytes) -> bytes:
    """An object with what stands in more than ``NESTING`` brackets as a text of it."""
    parts: list[bytes] = []
    deep = begins = at = 0
    for found in _TOKEN.finditer(line):
        token = found[0]
        if token in (b"{", b"["):
            deep += 1
            if deep == NESTING + 1:
                begins = found.start()
        elif token in (b"}", b"]"):
            if deep == NESTING + 1:
                parts += line[at:begins], json.dumps(line[begins : found.end()].decode()).encode()
                at = found.end()
            deep -= 1
    return b"".join((*parts, line[at:])) if parts else line


def _render(row: Mapping[str, Any]) -> bytes:
    # A half of a character stays as it was written in JSON.
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")
