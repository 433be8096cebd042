"""Events of Windows as collectors and agents write them. Names are those of Fluent Bit's ``in_winevtlog`` and
``in_winlog``, fluentd's ``in_windows_eventlog2``, OpenTelemetry's ``windowseventlogreceiver``, osquery's
tables, the payload of GELF 1.1, Graylog's search, Datadog's archives and Log Parser's ``EVT`` input.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from comity.findings.exports import Exports
from tests.findings.test_export_inner import finds, rule

DATA = {
    "SubjectUserSid": "S-1-5-18",
    "SubjectUserName": "alda",
    "SubjectDomainName": "LAB",
    "SubjectLogonId": "0x3e7",
    "NewProcessId": "0x1f4",
    "NewProcessName": "C:\\Tools\\relay.exe",
    "TokenElevationType": "%%1936",
    "ProcessId": "0x7f4",
    "CommandLine": "relay.exe --to lab",
}
LIST = list(DATA.values())
MESSAGE = (
    "A new process has been created.\r\n\r\nCreator Subject:\r\n\tAccount Name:\t\talda\r\n\r\n"
    "Process Information:\r\n\tNew Process ID:\t\t0x1f4\r\n\tNew Process Name:\tC:\\Tools\\relay.exe\r\n"
    "\tProcess Command Line:\trelay.exe --to lab\r\n"
)
AUDIT = "Microsoft-Windows-Security-Auditing"
HEAD = {"ProviderName": AUDIT, "EventID": 4688, "Channel": "Security", "Computer": "lab", "UserID": ""}
OLD = {"channel": "security", "event_id": "4688", "source_name": AUDIT, "record_number": "7"}
WORN = " ".join(MESSAGE.split())
FORMS: dict[str, dict[str, Any]] = {
    "Fluent Bit, a list": {**HEAD, "Message": "A new process.", "StringInserts": LIST},
    "Fluent Bit, a message": {**HEAD, "ThreadID": 8, "Message": MESSAGE},
    "fluentd, its first input": {**OLD, "description": MESSAGE, "string_inserts": LIST},
    "fluentd, a message": {**OLD, "description": MESSAGE},
    "fluentd, its second input": {**HEAD, "Description": MESSAGE, "EventData": LIST},
    "fluentd, taken apart": {
        **HEAD,
        "DescriptionTitle": "A new process has been created.",
        "creator_subject": {"account_name": "alda"},
        "process_information": {
            "new_process_name": "C:\\Tools\\relay.exe",
            "process_command_line": "relay.exe --to lab",
        },
    },
    "Log Parser": {
        "EventLog": "C:\\kept\\Security.evtx",
        "EventID": "4688",
        "SourceName": AUDIT,
        "Strings": "|".join(LIST),
        "Message": WORN,
    },
    "Log Parser, a value with a bar": {
        "EventLog": "Security",
        "EventID": "4688",
        "SourceName": AUDIT,
        "Strings": "|".join([*LIST, "x"]),
        "Message": WORN,
    },
    "parameters as XML": {
        "Source": AUDIT,
        "EventLog": "Security",
        "EventID": 4688,
        "ParameterXml": "".join(f"<Param>{value}</Param>" for value in LIST),
    },
    "OpenTelemetry": {
        "channel": "Security",
        "event_id": {"id": 4688, "qualifiers": 0},
        "provider": {"name": AUDIT, "guid": "{1}"},
        "event_data": DATA,
    },
    "OpenTelemetry, a list in the body": {
        "body": {
            "channel": "Security",
            "event_id": {"id": 4688, "qualifiers": 0},
            "provider": {"name": AUDIT, "guid": "{1}"},
            "event_data": {"data": [{name: value} for name, value in DATA.items()]},
        }
    },
    "osquery": {
        "name": "windows_events",
        "hostIdentifier": "lab",
        "columns": {
            "data": json.dumps({"EventData": DATA}),
            "datetime": "2026-03-04T05:06:07Z",
            "eventid": "4688",
            "provider_guid": "{1}",
            "provider_name": AUDIT,
            "source": "Security",
        },
    },
    "GELF": {
        "version": "1.1",
        "host": "lab",
        "short_message": "A new process",
        "_EventID": 4688,
        "_Channel": "Security",
        **{f"_{name}": value for name, value in DATA.items()},
    },
    "Graylog": {
        "message": {"source": "lab", "EventID": 4688, "Channel": "Security", **DATA},
        "index": "graylog_0",
    },
    "Datadog": {
        "Event": {
            "System": {
                "Provider": {"Name": AUDIT},
                "EventID": {"value": 4688, "Qualifiers": 0},
                "Channel": "Security",
            },
            "EventData": {"Data": DATA},
        },
        "level": "Info",
    },
    "Datadog, kept": {
        "_id": "A",
        "service": "windows",
        "attributes": {
            "Event": {
                "System": {"EventID": "4688", "Channel": "Security", "Provider": {"Name": AUDIT}},
                "EventData": {"Data": DATA},
            }
        },
    },
}


@pytest.mark.parametrize("name", FORMS)
def test_a_started_process_is_found_in_the_forms_of_agents(name: str) -> None:
    asked = {
        "Image|endswith": "\\relay.exe",
        "CommandLine": "relay.exe --to lab",
        "User": "alda",
    }
    row = FORMS[name]
    assert finds(rule("{product: windows, category: process_creation}", **asked), row) == [1]
    assert finds(rule("{product: windows, service: sysmon}", **asked), row) == []
    assert finds(rule("{product: linux}", CommandLine="relay.exe --to lab"), row) == []


def test_what_a_file_says_of_itself_is_no_message() -> None:
    row: dict[str, Any] = {**HEAD, "Description": "a relay", "NewProcessName": "C:\\relay.exe"}
    assert dict(Exports(()).read(row)) == row
    message: dict[str, Any] = {**HEAD, "Message": MESSAGE, "NewProcessName": "C:\\other.exe"}
    assert dict(Exports(()).read(message)) == message


def test_scripts_that_a_collector_put_into_one_line() -> None:
    script = "Creating Scriptblock text (1 of 1):  Invoke-Lab ScriptBlock ID: no   ScriptBlock ID: e7  Path: "
    row = {**HEAD, "EventID": 4104, "Channel": "Microsoft-Windows-PowerShell/Operational", "Message": script}
    asked = rule("{product: windows, category: ps_script}", ScriptBlockText="Invoke-Lab ScriptBlock ID: no")
    assert finds(asked, row) == [1]
    table = {
        "hostIdentifier": "lab",
        "columns": {"script_text": "Invoke-Lab", "script_block_id": "1", "a": 1},
    }
    asked = rule("{product: windows, category: ps_script}", ScriptBlockText="Invoke-Lab")
    assert finds(asked, table) == [1]
    module = 'CommandInvocation(Out-Lab): "Out-Lab"  Context:  Severity = Informational  Host Name = lab'
    row |= {"EventID": 4103, "Message": module}
    asked = rule(
        "{product: windows, category: ps_module}",
        **{"Payload|endswith": '"Out-Lab"', "ContextInfo|contains": "Host Name = lab"},
    )
    assert finds(asked, row) == [1]
