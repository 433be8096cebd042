"""Records of the Linux audit log as programs write them: lines of the kernel and of the journal, LAUREL 0.6,
go-audit, Wazuh's decoder, Auditbeat and the ``auditd`` module of Filebeat (fields as in their references).
"""

from __future__ import annotations

from typing import Any

import pytest

from comity.findings.taxonomy_audit import AUDIT_CALLS, AUDIT_NUMBERS, AUDIT_RECORDS
from tests.findings.test_export_inner import finds, rule
from tests.findings.test_export_web import in_lines

CALL = 'arch=c000003e syscall=59 success=yes euid=33 comm="relay" exe="/usr/bin/relay" key="k"'
ARGUMENTS = 'argc=2 a0="relay" a1="--to"'
AUDITD = "{product: linux, service: auditd}"
CALLS = rule(AUDITD, type="SYSCALL", SYSCALL="execve", euid=33)
STARTS = rule(AUDITD, type="EXECVE", a0="relay", a1="--to")
STOPS = rule(AUDITD, type="SERVICE_STOP", unit="guard")
STARTED = rule("{product: linux, category: process_creation}", **{"Image|endswith": "/relay"})
MACOS = rule("{product: macos, category: process_creation}", **{"Image|endswith": "/relay"})


@pytest.mark.parametrize(
    "head",
    [
        "type={name} msg=audit(1.2:3): ",
        "Mar  4 05:06:07 lab kernel: [ 1.2] audit: type={number} audit(1.2:3): ",
        "Mar  4 05:06:07 lab audit[2]: {name} ",
        "[    1.2] audit: type={number} audit(1.2:3): ",
    ],
)
def test_lines_of_the_audit(head: str) -> None:
    numbers = {name: number for number, name in AUDIT_NUMBERS.items()}
    stop = "pid=1 uid=0 msg='unit=guard comm=\"systemd\" res=success'"
    lines = [
        head.format(name=name, number=numbers[name]) + pairs
        for name, pairs in (("SYSCALL", CALL), ("EXECVE", ARGUMENTS), ("SERVICE_STOP", stop))
    ]
    for n, source in enumerate((CALLS, STARTS, STOPS), 1):
        assert in_lines(source, *lines) == [n]
    assert in_lines(rule("{product: macos}", comm="relay"), *lines) == []


ROWS: dict[str, dict[str, Any]] = {
    "LAUREL": {
        "ID": "1.2:3",
        "SYSCALL": {"arch": "0xc000003e", "syscall": 59, "euid": 33, "exe": "/usr/bin/relay"},
        "EXECVE": {"argc": 2, "ARGV": ["relay", "--to"]},
    },
    "go-audit": {
        "sequence": 3,
        "messages": [{"type": 1300, "data": CALL}, {"type": 1309, "data": ARGUMENTS}],
    },
    "Wazuh": {
        "full_log": f"type=SYSCALL msg=audit(1.2:3): {CALL} type=EXECVE msg=audit(1.2:3): {ARGUMENTS}",
        "data": {"audit": {"type": "SYSCALL", "command": "relay", "execve": {"a0": "relay"}}},
    },
    "Auditbeat": {
        "event": {"category": ["process"], "action": "executed", "module": "auditd"},
        "process": {"args": ["relay", "--to"], "executable": "/usr/bin/relay"},
        "auditd": {"message_type": "syscall", "data": {"syscall": "execve", "a0": "55d"}},
        "user": {"effective": {"id": "33"}},
    },
}


@pytest.mark.parametrize("name", ROWS)
def test_rows_of_the_audit(name: str) -> None:
    assert finds(CALLS, ROWS[name]) == [1]
    assert finds(STARTS, ROWS[name]) == [1]
    assert finds(MACOS, ROWS[name]) == []


def test_what_elastic_keeps_of_a_start_is_one_of_a_process_too() -> None:
    assert finds(STARTED, ROWS["Auditbeat"], ROWS["LAUREL"]) == [1]


def test_records_of_services() -> None:
    assert finds(STOPS, {"ID": "2", "SERVICE_STOP": {"unit": "guard"}}) == [1]
    record = {"record_type": "SERVICE_STOP", "unit": "guard"}
    assert finds(STOPS, {"event": {"module": "auditd"}, "auditd": {"log": record}}) == [1]
    journal = {"_BOOT_ID": "b", "_AUDIT_TYPE_NAME": "SERVICE_STOP"}
    assert finds(STOPS, {**journal, "MESSAGE": "SERVICE_STOP pid=1 msg='unit=guard res=success'"}) == [1]
    # A variable of that name is no record.
    assert finds(rule(AUDITD, PATH="/bin"), {"PATH": "/bin", "CWD": "/", "text": "x"}) == [1]
    assert finds(STOPS, {"SERVICE_STOP": "x", "unit": "guard"}) == []


def test_messages_of_the_journal_are_read_as_lines() -> None:
    line = '192.0.2.9 - - [04/Mar/2026:05:06:07 +0000] "GET /x?f=../lab HTTP/1.1" 200 5 "-" "x"'
    asked = rule("{category: webserver}", **{"cs-uri-query|contains": "../lab"})
    assert finds(asked, {"_BOOT_ID": "b", "SYSLOG_IDENTIFIER": "nginx", "MESSAGE": line}) == [1]
    event = (
        "<Event><System><Provider Name='Linux-Sysmon'/><EventID>1</EventID><Channel>Linux-Sysmon/Operational"
    )
    event += "</Channel></System><EventData><Data Name='Image'>/usr/bin/relay</Data></EventData></Event>"
    assert finds(STARTED, {"_BOOT_ID": "b", "MESSAGE": event}) == [1]


def test_the_tables_name_each_number_once() -> None:
    assert len(AUDIT_RECORDS) == len(AUDIT_NUMBERS)
    assert AUDIT_NUMBERS["1138"] == "SOFTWARE_UPDATE"
    assert AUDIT_NUMBERS["1320"] == "EOE"
    assert AUDIT_NUMBERS["1327"] == "PROCTITLE"
    assert AUDIT_NUMBERS["1339"] == "DM_EVENT"
    for machine in {machine for machine, _ in AUDIT_CALLS}:
        names = [name for (each, _), name in AUDIT_CALLS.items() if each == machine]
        assert len(names) == len(set(names))
