"""Records of the Linux audit log in the forms of programs that collect them.

LAUREL and others nest the pairs of a record under its name, go-audit keeps them as texts, the journal beside
the record's name, Wazuh and Elastic's modules under names of their own. Read so, a row has the pairs of each
record under their own keys and the records as ``type``; those of one event together are of each of its types.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final

from comity.findings.derived import derive_audit, derive_call
from comity.findings.export_flat import Names, Pairs, Reading, Row
from comity.findings.export_texts import Made, put_all
from comity.findings.rows import Value
from comity.findings.taxonomy_audit import AUDIT_NUMBERS, AUDIT_RECORDS

_ARGUMENTS: Final = 256
"""How many arguments of a process are read."""
_ELASTIC: Final = ("auditd.data.", "auditd.log.")
_PLACES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "exe": ("process.executable",),
        "comm": ("process.name",),
        "name": ("auditd.paths.name", "file.path"),
        "cwd": ("process.working_directory",),
        "pid": ("process.pid",),
        "ppid": ("process.parent.pid", "process.ppid"),
        "uid": ("user.id",),
        "euid": ("user.effective.id",),
        "auid": ("user.audit.id",),
        "gid": ("user.group.id",),
        "proctitle": ("process.title",),
        "nametype": ("auditd.paths.nametype",),
        "key": ("tags",),
    }
)
"""Keys of the audit, and where Elastic's modules keep their values; the first that is there counts."""
_UNIX: Final = "@unix process_creation"
_LINUX: Final = "@linux process_creation"
_WAZUH: Final = "data.audit."
_OF_WAZUH: Mapping[str, str] = MappingProxyType({"command": "comm", "file.name": "name"})


def find_audit_readings(names: Names, sensor: Callable[[Names], Reading | None]) -> Iterator[Reading]:
    """How rows of records with these fields are read; none where these are no records. A row of Elastic's may
    tell of a process as a sensor does, too: ``sensor`` finds how those are read."""
    here = set(names)
    if {"messages.type", "messages.data"} <= here:
        yield _read_messages
    if {"_AUDIT_TYPE_NAME", "MESSAGE"} <= here:
        yield _read_journal
    if f"{_WAZUH}type" in here:
        yield partial(_read_records, _wazuh_pairs(names), (), None)
    if tells_records(names):
        yield partial(_read_records, _elastic_pairs(names), (), sensor(names))
    records = [name.partition(".") for name in names if name.partition(".")[0] in AUDIT_RECORDS]
    if any(rest for _, _, rest in records) and (len(records) > 1 or "ID" in here):
        pairs = tuple((_plain(name), name) for name in names)
        yield partial(_read_records, pairs, tuple(dict.fromkeys(head for head, _, _ in records)), None)


def tells_records(names: Names) -> bool:
    """Whether rows with these fields are records in the form of Elastic's modules."""
    return "auditd.message_type" in names or any(name.startswith(_ELASTIC) for name in names)


def _plain(name: str) -> str:
    head, _, rest = name.partition(".")
    return rest.rpartition(".")[2] if head in AUDIT_RECORDS and rest else name


def _elastic_pairs(names: Names) -> Pairs:
    found: list[tuple[str, str]] = []
    here = set(names)
    for name in names:
        start = next((each for each in _ELASTIC if name.startswith(each)), "")
        rest = name.removeprefix(start)
        found.append(("type" if start and rest == "record_type" else rest, name))
    told = {wanted for wanted, _ in found}
    for wanted, places in _PLACES.items():
        place = next((place for place in places if place in here), None)
        if place is not None and wanted not in told:
            found.append((wanted, place))
    kind = next((name for name in ("auditd.message_type", "event.action") if name in here), None)
    if "type" not in told and kind is not None:
        found.append(("type", kind))
    return tuple(found)


def _wazuh_pairs(names: Names) -> Pairs:
    return tuple((_of_wazuh(name.removeprefix(_WAZUH)) if _WAZUH in name else name, name) for name in names)


def _of_wazuh(name: str) -> str:
    return _OF_WAZUH.get(name, name.removeprefix("execve."))


def _read_records(pairs: Pairs, records: Names, sensor: Reading | None, row: Row) -> Row:
    fields: dict[str, Value] = Made() if sensor is None else Made(sensor(row))
    if fields.pop(_UNIX, None) is not None:
        fields[_LINUX] = True  # No other system has this log.
    kept = frozenset(fields)
    put_all(fields, ((name, row[own]) for name, own in pairs if own != name or name not in kept))
    argv = fields.get("argv", fields.get("ARGV", row.get("process.args")))
    if isinstance(argv, list):
        words = ((f"a{at}", argument) for at, argument in enumerate(argv[:_ARGUMENTS]))
        put_all(fields, [(name, word) for name, word in words if word not in _listed(fields.get(name))])
    kinds = list(records) if records else _listed(fields.get("type"))
    if "process.args" in row:
        kinds.append("EXECVE")
    if "auditd.paths.name" in row:
        kinds.append("PATH")
    if kinds and (not records or "type" not in fields):
        fields["type"] = kinds if len(kinds) > 1 else kinds[0]
    fields["@audit"] = "records"
    return Made(derive_call(fields))


def _listed(value: Value) -> list[Value]:
    return list(value) if isinstance(value, list) else [] if value is None else [value]


def _read_messages(row: Row) -> Row:
    """An event of go-audit: the number of each record, and its text."""
    numbers, texts = _listed(row["messages.type"]), _listed(row["messages.data"])
    if len(numbers) != len(texts):
        return row
    return _read_text(row, zip(numbers, texts, strict=True))


def _read_journal(row: Row) -> Row:
    """A record that the journal took from the kernel: its name may stand before its pairs as well."""
    name, text = row["_AUDIT_TYPE_NAME"], row["MESSAGE"]
    return _read_text(row, ((name, text.removeprefix(f"{name} ") if isinstance(text, str) else text),))


def _read_text(row: Row, records: Iterable[tuple[Value, Value]]) -> Row:
    line = " ".join(f"type={_name_of(kind)} {text}" for kind, text in records if isinstance(text, str))
    told = derive_audit({"message": line})
    return Made({**told, **row, "@audit": "line"})


def _name_of(kind: Value) -> Value:
    return AUDIT_NUMBERS.get(str(kind), kind)


def read_named_record(row: Row, rest: str) -> Row | None:
    """A record that stands in a line of syslog by its name and its pairs; None where that names none."""
    name, _, pairs = rest.partition(" ")
    if name not in AUDIT_RECORDS or "=" not in pairs:
        return None
    return _read_text(row, ((name, pairs),))
