"""Logs in OpenTelemetry's protocol as JSON (OTLP 1.0, ``LogsData``), a JSON line for each record.

A collector writes what it got together as one object: resources, in each scopes, in each records. What a
record is of is said above it, and values stand in objects that name their type. So a line is one record: what
it says of itself under its own names, its attributes and those of its scope and resource under theirs, all
values plain. Where two are called alike, the record's stands, then the scope's; the others stand below
``attributes``, ``scope`` and ``resource``. ``Timestamp`` is when it happened, or else was observed.

What holds no records (traces, metrics, a torn line, an object of another form) is a line as it is.
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

BEGINS: Final = re.compile(rb'\s*+(?:\xef\xbb\xbf)?\{\s*+"resource(Logs|Spans|Metrics|Profiles)"\s*+:\s*+\[')
"""How an object of the protocol begins: what it holds."""

_SCOPES: Final = ("scopeLogs", "instrumentationLibraryLogs")
_SCOPE: Final = ("scope", "instrumentationLibrary")
_RECORDS: Final = ("logRecords", "logs")
"""What scopes and their records are called, and before 2022 were."""
_ABOVE: Final = ("resource", "scope", "attributes", "schemaUrl")
_TIMES: Final = ("timeUnixNano", "observedTimeUnixNano")
_NUMBER = re.compile(r"-?[0-9]{1,20}")


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
    """The records in an object, and what is of another form in it below the names where it stands; none where
    it holds neither."""
    if BEGINS.match(line) is None:
        return
    try:
        found = json.loads(line, object_pairs_hook=_once, parse_float=_float)
        resources = _list(found.pop("resourceLogs"))
    except (_OtherError, ValueError, RecursionError, KeyError):
        return
    for resource in resources:
        try:
            yield from _of_resource(resource)
        except _OtherError:
            yield {"resourceLogs": [resource]}
    if found and resources:
        yield found


def _of_resource(resource: Any) -> Iterator[Mapping[str, Any]]:
    held = _object(resource)
    told = _take(held.get("resource", {}))
    for name, value in held.items():
        if name not in ("resource", *_SCOPES):
            told.setdefault(name, value)
    scopes = [each for name in _SCOPES for each in _list(held.get(name))]
    for scoped in scopes:
        try:
            yield from _of_scope(scoped, told)
        except _OtherError:
            yield {"resourceLogs": [{"scopeLogs": [scoped]}]}


def _of_scope(scoped: Any, resource: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    held = _object(scoped)
    about: dict[str, Any] = {}
    for name, value in held.items():
        if name in _SCOPE:
            about |= _object(value)
        elif name not in _RECORDS:
            about.setdefault(name, value)
    scope = _attributes(about.pop("attributes", []))
    records = [each for name in _RECORDS for each in _list(held.get(name))]
    for record in records:
        try:
            yield _row(_object(record), scope, about, resource)
        except _OtherError:
            yield {"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]}


def _row(
    record: Mapping[str, Any], scope: Mapping[str, Any], about: Mapping[str, Any], resource: Mapping[str, Any]
) -> dict[str, Any]:
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
        told.setdefault(name, value)
    return told


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


def _render(row: Mapping[str, Any]) -> bytes:
    # A half of a character stays as it was written in JSON.
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")
