"""Sensors that are told by tables (:mod:`comity.findings.taxonomy_hosts`), under Sysmon's names.

A row that tells of a process that was started has that process as ``Image``, and the one that started it as
``ParentImage``; of all else, the one that did it is ``Image``. Whose machine it is says the row, or its path.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, TypeAlias

from comity.findings.derived_events import short_key
from comity.findings.export_flat import Names, Reading, Row
from comity.findings.rows import Value, fold
from comity.findings.taxonomy_hosts import SENSORS, Sensor

Tell: TypeAlias = Callable[[Row, str, str, Mapping[str, Value]], Row]
"""Makes a row of its fields, its machine, its category and what is added to it."""

_MACHINES: Final = (
    ("win", "windows"),
    ("lin", "linux"),
    ("mac", "macos"),
    ("osx", "macos"),
    ("darwin", "macos"),
)
_SYSTEM = re.compile(r"(?:agent_os_)?([a-z]+)")


def find_host_readings(names: Names, tell: Tell) -> tuple[Reading, ...]:
    """How rows of sensors with these fields are read, none where these are none of one of the
    tables. ``tell`` makes the rows."""
    here = set(names)
    found: list[Sensor] = []
    for sensor in (each for each in SENSORS if here.issuperset(each.marks)):
        # A table that leaves the system open is for rows that none of the maker's others tells.
        if sensor.machine or all(other.marks[0] != sensor.marks[0] for other in found):
            found.append(sensor)
    return tuple(partial(_read, sensor, tell) for sensor in found)


def _read(sensor: Sensor, tell: Tell, row: Row) -> Row:
    said = row.get(sensor.kind) if sensor.kind else None
    category = sensor.kinds.get(fold(str(said)), "") if sensor.kind else "process_creation"
    if sensor.kind == "class_uid" and not category:
        return row
    acting = _named(row, sensor.acting)
    if category == "process_creation":
        added = _named(row, sensor.started)
        added |= {f"Parent{name}": value for name, value in acting.items()}
    else:
        added = acting | _named(row, sensor.things)
        if not sensor.things.keys() & added.keys() and category == "network_connection":
            category = ""
    if "process_exec.process.binary" in sensor.marks:
        for start in ("", "Parent"):
            words = (added.get(f"{start}{name}") for name in ("Image", "CommandLine"))
            added[f"{start}CommandLine"] = " ".join(word for word in words if isinstance(word, str) and word)
    if "TargetObject" in added:
        value = added.pop("ValueName", None)
        whole = added["TargetObject"]
        joined = isinstance(value, str) and value and isinstance(whole, str)
        added["TargetObject"] = short_key(f"{whole}\\{value}" if joined else whole)
        added["EventType"] = _DONE.get(category)
    return tell(row, _machine_of(sensor, row, added), category, added)


_DONE: Final = {"registry_set": "SetValue", "registry_add": "CreateKey", "registry_delete": "DeleteKey"}


def _named(row: Row, names: Mapping[str, tuple[str, ...]]) -> dict[str, Value]:
    found = ((wanted, next((own for own in places if own in row), None)) for wanted, places in names.items())
    return {wanted: row[own] for wanted, own in found if own is not None}


def _machine_of(sensor: Sensor, row: Row, added: Mapping[str, Value]) -> str:
    path = added.get("Image")
    if sensor.machine.startswith("="):
        drive = isinstance(path, str) and path[1:3] == ":\\"
        return "windows" if drive else sensor.machine[1:]
    told = row.get(sensor.machine) if sensor.machine else None
    word = _SYSTEM.match(fold(told)) if isinstance(told, str) else None
    for begin, machine in _MACHINES if word is not None else ():
        if word is not None and word[1].startswith(begin):
            return machine
    return "unix" if isinstance(path, str) and path.startswith("/") else "windows"
