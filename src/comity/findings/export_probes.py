"""What probes of a kernel tell, whose rows hold the arguments of a call in a list, under Sysmon's names.

Tracee has a list of names beside a list of values, Tetragon the arguments of a function of the kernel. The
audit of macOS comes as Jamf's reporter writes it, a record of which has the words of a command; Jamf Protect
has the processes that an alert is about; Santa writes lines of pairs. A reading that finds no such call gives
the row back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Final, TypeAlias

from comity.findings.export_flat import Names, Reading, Row
from comity.findings.rows import Value, fold

Tell: TypeAlias = Callable[[Row, str, str, Mapping[str, Value]], Row]
"""Makes a row of its fields, its machine, its category and what is added to it."""


def find_probe_readings(names: Names, tell: Tell) -> Iterator[Reading]:
    """How rows of probes with these fields are read. ``tell`` makes the rows."""
    here = set(names)
    if {"eventName", "processName", "args.name"} <= here:
        yield partial(_read_tracee, tell)
    if {"process_kprobe.function_name", "process_kprobe.process.binary"} <= here:
        yield partial(_read_function, tell)
    if {"header.event_name", "path"} <= here and not here.isdisjoint(_WORDS):
        yield partial(_read_audit, tell)
    if {"input.eventType", "input.related.processes.path"} <= here:
        yield partial(_read_alert, tell)


def _listed(value: Value) -> Sequence[Value]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _joined(words: Sequence[Value]) -> str | None:
    return " ".join(str(word) for word in words if isinstance(word, str | int)) or None


def _first(value: Value) -> Value:
    return next(iter(_listed(value)), None)


# Tracee

_STARTS: Final = frozenset(("sched_process_exec", "execve", "execveat"))
_CALLS: Mapping[str, str] = MappingProxyType(
    {
        "security_file_open": "file_event",
        "security_inode_mknod": "file_event",
        "magic_write": "file_event",
        "file_modification": "file_event",
        "security_inode_unlink": "file_delete",
        "security_socket_connect": "network_connection",
        "connect": "network_connection",
        "net_packet_dns_request": "dns_query",
        "net_packet_dns": "dns_query",
    }
)
"""Events of Tracee, and the category of each."""
_SETTING = re.compile(r"[A-Z_][A-Z0-9_]{0,63}=")
_SEVERAL: Final = ("argv", "envp", "env")
"""Arguments that hold several values."""


def _read_tracee(tell: Tell, row: Row) -> Row:
    event = row["eventName"]
    found = _arguments(row)
    if event in _STARTS:
        path = _first(found.get("pathname", found.get("cmdpath"))) or row.get("executable.path")
        added: dict[str, Value] = {
            "Image": path,
            "CommandLine": _joined(found.get("argv", ())),
            "ProcessId": row.get("processId"),
            "ParentProcessId": row.get("parentProcessId"),
        }
        return tell(row, "linux", "process_creation", added)
    category = _CALLS.get(event, "") if isinstance(event, str) else ""
    added = {"Image": row.get("executable.path"), "ProcessId": row.get("processId")}
    if category.startswith("file_"):
        flags = _first(found.get("flags"))
        if event == "security_file_open" and not (isinstance(flags, str) and _WRITES.search(flags)):
            return row
        added["TargetFilename"] = _first(found.get("pathname", found.get("file_path")))
    elif category == "network_connection":
        address = row.get("args.value.sin_addr", row.get("args.value.sin6_addr"))
        if address is None:
            return row
        port = row.get("args.value.sin_port", row.get("args.value.sin6_port"))
        added |= {"DestinationIp": address, "DestinationPort": port, "Initiated": "true"}
    elif category == "dns_query":
        added["QueryName"] = row.get("args.value.query", row.get("args.value.questions.name"))
    else:
        return row
    return tell(row, "linux", category, added)


_WRITES = re.compile(r"O_(?:WRONLY|RDWR|CREAT)")


def _arguments(row: Row) -> dict[str, Sequence[Value]]:
    """The values of each argument. Of those that hold several the last takes what is left; of a start's words
    and settings, settings are told by their form."""
    names, values = _listed(row["args.name"]), _listed(row.get("args.value"))
    many = [at for at, name in enumerate(names) if name in _SEVERAL]
    found: dict[str, Sequence[Value]] = {}
    if not many:
        pairs = zip(names, values, strict=False) if len(names) == len(values) else ()
        return {str(name): [value] for name, value in pairs} or _texts(names, values)
    first, last = many[0], many[-1]
    after = len(names) - last - 1
    middle = list(values[first : len(values) - after])
    found |= {str(name): [value] for name, value in zip(names[:first], values[:first], strict=False)}
    begun = len(middle)
    while len(many) > 1 and begun and _SETTING.match(str(middle[begun - 1])):
        begun -= 1
    found[str(names[first])] = middle[:begun]
    return found


def _texts(names: Sequence[Value], values: Sequence[Value]) -> dict[str, Sequence[Value]]:
    """Where an argument is an object, its place among the others is not told: those ahead of it are."""
    return {str(name): [value] for name, value in zip(names, values, strict=False)}


# Tetragon

_FUNCTIONS: Mapping[str, str] = MappingProxyType(
    {
        "tcp_connect": "network_connection",
        "security_socket_connect": "network_connection",
        "fd_install": "file_event",
        "security_file_permission": "file_event",
        "security_path_truncate": "file_event",
        "security_path_unlink": "file_delete",
    }
)
"""Functions of the kernel by which Tetragon tells of something, and the category of it."""
_MAY_WRITE: Final = ("2", 2)


def _read_function(tell: Tell, row: Row) -> Row:
    called = row["process_kprobe.function_name"]
    category = _FUNCTIONS.get(called, "") if isinstance(called, str) else ""
    words = [row["process_kprobe.process.binary"], row.get("process_kprobe.process.arguments")]
    added: dict[str, Value] = {
        "Image": words[0],
        "CommandLine": _joined([word for word in words if word]),
        "ProcessId": row.get("process_kprobe.process.pid"),
        "ParentImage": row.get("process_kprobe.parent.binary"),
    }
    start = "process_kprobe.args."
    if category == "network_connection":
        place = next((each for each in ("sock_arg", "sockaddr_arg") if f"{start}{each}.daddr" in row), None)
        if place is None:
            return row
        added |= {
            "SourceIp": row.get(f"{start}{place}.saddr"),
            "SourcePort": row.get(f"{start}{place}.sport"),
            "DestinationIp": row[f"{start}{place}.daddr"],
            "DestinationPort": row.get(f"{start}{place}.dport"),
            "Initiated": "true",
        }
    elif category.startswith("file_"):
        if called == "security_file_permission" and row.get(f"{start}int_arg") not in _MAY_WRITE:
            return row
        added["TargetFilename"] = row.get(f"{start}file_arg.path", row.get(f"{start}path_arg.path"))
    else:
        return row
    return tell(row, "linux", category, added)


# macOS

_WORDS: Final = ("exec_args.args", "exec_args.args_compiled", "exec_args.args.0")


def _read_audit(tell: Tell, row: Row) -> Row:
    """A record of the audit of macOS that starts a program."""
    event = row["header.event_name"]
    if not isinstance(event, str) or fold(event) not in ("aue_execve", "aue_posix_spawn", "aue_mac_execve"):
        return row
    words = [*_listed(row.get("exec_args.args"))]
    words = words or [row[name] for name in row if name.startswith("exec_args.args.")]
    compiled = row.get("exec_args.args_compiled")
    if not words and isinstance(compiled, str):
        words = [*compiled.split(",")]
    added: dict[str, Value] = {
        "Image": _first(row["path"]),
        "CommandLine": _joined(words),
        "ProcessId": row.get("subject.process_id"),
        "ParentImage": row.get("subject.responsible_process_name"),
        "User": row.get("subject.effective_user_name"),
    }
    return tell(row, "macos", "process_creation", added)


def _read_alert(tell: Tell, row: Row) -> Row:
    """An alert of Jamf Protect about a process: the first of those that it tells of, whose words end where
    those of the next begin."""
    kind = row["input.eventType"]
    if not isinstance(kind, str) or fold(kind) != "gpprocessevent":
        return row
    paths = _listed(row["input.related.processes.path"])
    words = list(_listed(row.get("input.related.processes.args")))
    begins = [path for path in paths[1:] if isinstance(path, str)]
    ends = {*begins, *(path.rpartition("/")[2] for path in begins)}
    end = next((at for at, word in enumerate(words) if at and word in ends), len(words))
    added: dict[str, Value] = {
        "Image": _first(paths),
        "CommandLine": _joined(words[:end] if len(paths) > 1 else words),
        "ParentImage": paths[1] if len(paths) > 1 else None,
        "ProcessId": _first(row.get("input.related.processes.pid")),
    }
    return tell(row, "macos", "process_creation", added)


_SANTA = re.compile(r"\[[^\]]{8,40}\] [A-Z] santad: (?=action=)")
_DONE: Mapping[str, str] = MappingProxyType(
    {
        "exec": "process_creation",
        "write": "file_event",
        "create": "file_event",
        "link": "file_event",
        "rename": "file_event",
        "delete": "file_delete",
    }
)
_PAIRS: Final = 64


def read_santa(line: str) -> tuple[str, dict[str, Value]] | None:
    """The category of what a line of Santa tells, and that under Sysmon's names; None for other lines."""
    head = _SANTA.match(line)
    if head is None:
        return None
    pairs: dict[str, str] = {}
    for part in line[head.end() :].rstrip("\r\n").split("|", _PAIRS):
        name, told, value = part.partition("=")
        if told:
            pairs.setdefault(name, value.replace("<pipe>", "|"))
    category = _DONE.get(fold(pairs.get("action", "")), "")
    if category == "process_creation":
        # Words of a program that is looked at behind a wrapper stand in a field of their own.
        return category, {"Image": pairs.get("path"), "CommandLine": pairs.get("args", pairs.get("path"))}
    if category:
        path = pairs.get("newpath", pairs.get("path"))
        return category, {"TargetFilename": path, "Image": pairs.get("processpath", pairs.get("process"))}
    return None
