"""Events of Windows as collectors and agents write them. Names are those of Fluent Bit's ``in_winevtlog`` and
``in_winlog``, fluentd's ``in_windows_eventlog2``, OpenTelemetry's ``windowseventlogreceiver``, osquery's
tables, the payload of GELF 1.1, Graylog's search, Datadog's archives and Log Parser's ``EVT`` input.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from comity.findings.exports import Exports
from comity.findings.rows import fold
from comity.findings.taxonomy_titles import event_of_title
from tests.findings.test_export_inner import finds, rule
from tests.findings.test_export_web import in_lines

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
    "Hayabusa": {
        "Timestamp": "2026-03-04 05:06:07.123 +00:00",
        "RuleTitle": "Proc Exec",
        "Computer": "lab",
        "Channel": "Sec",
        "EventID": 4688,
        "AllFieldInfo": DATA,
    },
    "Hayabusa, a table": {
        "RuleTitle": "Proc Exec",
        "Channel": "Sec",
        "EventID": "4688",
        "AllFieldInfo": " \u00a6 ".join(f"{name}: {value}" for name, value in DATA.items()),
    },
    "an event as a reader of event logs gives it": {
        "event_record_id": 7,
        "timestamp": "x",
        "data": json.dumps(
            {"Event": {"System": {"EventID": 4688, "Channel": "Security"}, "EventData": DATA}}
        ),
    },
    "the same without a text": {
        "event_record_id": 7,
        "timestamp": "x",
        "data": {"Event": {"System": {"EventID": 4688, "Channel": "Security"}, "EventData": DATA}},
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


WHOLE = "A new process has been created.  Creator Subject:  Account Name:  alda  Process Information:  "
WHOLE += "New Process ID:  0x1f4  New Process Name: C:\\Tools\\relay.exe  Creator Process ID: 0x7f4  "
WHOLE += "Process Command Line: relay.exe --to lab"
HEADED = "<13>Mar  4 05:06:07 lab "
STARTED = rule(
    "{product: windows, category: process_creation}",
    **{"Image|endswith": "\\relay.exe", "CommandLine": "relay.exe --to lab"},
)


@pytest.mark.parametrize(
    "line",
    [
        # NXLog's to_syslog_ietf, with structured data by RFC 5424, section 6.3, and to_syslog_bsd.
        (
            f'<14>1 2026-03-04T05:06:07.089Z lab {AUDIT} 4 - [NXLOG@14506 Keywords="-9" EventID="4688" '
            'Channel="Security" NewProcessName="C:\\\\Tools\\\\relay.exe" CommandLine="relay.exe --to lab" '
            'More="a \\"b\\" \\]"] A new process has been created.'
        ),
        f"<14>Mar  4 05:06:07 lab {AUDIT}[4]: {WHOLE}",
        # Evtsys, EventReporter, Snare with blanks, and pairs of a search in one line.
        f"{HEADED}{AUDIT}: 4688: {WHOLE}",
        f'{HEADED}EvntSLog: [AUS] Wed Mar  4 05:06:07 2026: lab/Security (4688) - "{WHOLE}"',
        f"{HEADED}MSWinEventLog 1 Security 77 Wed Mar 04 05:06:07 2026 4688 {AUDIT} alda User Success Audit "
        f"lab Process Creation  {WHOLE} 77".replace(" --to lab 77", " --to lab  Token Elevation Type: x 77"),
        (
            f"03/04/2026 05:06:07 AM LogName=Security SourceName={AUDIT} EventCode=4688 "
            'NewProcessName="C:\\Tools\\relay.exe" CommandLine="relay.exe --to lab"'
        ),
    ],
)
def test_an_event_in_one_line(line: str) -> None:
    assert in_lines(STARTED, line, line.replace("4688", "4689").replace("process has", "door has")) == [1]
    assert in_lines(rule("{product: linux}", CommandLine="relay.exe --to lab"), line) == []


def test_first_words_tell_an_event_only_where_they_are_of_one() -> None:
    sysmon, audit = "microsoft-windows-sysmon", fold(AUDIT)
    assert event_of_title(sysmon, "File Delete logged: RuleName: -") == "26"
    assert event_of_title(sysmon, "File Delete archived: RuleName: -") == "23"
    assert event_of_title(audit, "A handle to an object was requested.") == ""
    assert event_of_title(audit, "A service was installed") == ""
    assert event_of_title("lab", "Process Create") == ""


def test_structured_data_that_is_short_is_read_too() -> None:
    line = '<14>1 2026-03-04T05:06:07.089Z lab Service_Control_Manager 4 - [NXLOG@14506 EventID="7045" '
    line += 'Channel="System" ServiceName="RELAY"] A service was installed in the system.'
    asked = rule(
        "{product: windows, service: system}", ServiceName="RELAY", Provider_Name="Service Control Manager"
    )
    assert in_lines(asked, line) == [1]
