"""A row with the names of several logs is of each: no name that is added takes rules away from it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import chain, combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.evidence.parse import Value, fields_of
from comity.findings.export_texts import Made
from comity.findings.exports import Exports
from comity.findings.logsource import Logsource, names_for, source_of
from comity.findings.rows import ItemInfo
from comity.findings.taxonomy import CATEGORIES, SERVICES
from comity.findings.taxonomy_exports import EVERY_TOLD, TOLD, TOLD_BY_REQUEST, ZEEK_MARKS
from comity.findings.taxonomy_hosts import SENSORS
from tests.findings import test_export_agents as agents
from tests.findings import test_export_audit as audit
from tests.findings import test_export_hosts as hosts
from tests.findings.test_export_inner import TRAIL, TRAILS, finds, rule

ITEM = ItemInfo(ref="r", format="jsonl/1")
SYSMON = "Microsoft-Windows-Sysmon/Operational"
STARTED = {"Channel": SYSMON, "EventID": 1, "Image": "C:\\lab\\drop.exe", "CommandLine": "drop --to lab"}
XML = "<Event><System><Provider Name='x'/><EventID>1</EventID><Channel>System</Channel></System></Event>"


def _told() -> list[Logsource]:
    asked = [Logsource(product="windows", category=name) for name in CATEGORIES]
    asked += [Logsource(product="windows", service=name) for name in SERVICES]
    asked += [Logsource(product="zeek", service=name) for name in ZEEK_MARKS]
    asked += [Logsource(category=name) for name in ("webserver", "proxy", "dns", "firewall")]
    for product, service, category, _ in EVERY_TOLD:
        asked += [
            Logsource(product=each, service=(service or "").split("|")[0] or None, category=kind or None)
            for each in (product or "").split("|")
            for kind in (category or "").split("|")
            if not each.startswith("@")
        ]
    return list(dict.fromkeys(asked))


ASKED = _told()


def flat(row: Mapping[str, Any]) -> dict[str, Value]:
    fields = fields_of("jsonl/1", json.dumps(row).encode(), b"")
    assert isinstance(fields, dict)
    return dict(fields)


def asked_of(fields: Mapping[str, Value]) -> set[Logsource]:
    source = source_of(ITEM, Exports(("CommandLine", "Image")).read(fields))
    return {each for each in ASKED if names_for(each, source)}


NAMED: dict[str, dict[str, Any]] = {
    **{
        f"{product} {marks}": dict.fromkeys(marks, "v")
        for product, _, _, sets in (*TOLD, TOLD_BY_REQUEST)
        for marks in sets
        if not marks[0].startswith("@")
    },
    **{f"zeek {log}": {"ts": 1, **dict.fromkeys(sets[0], "v")} for log, sets in ZEEK_MARKS.items()},
    "zeek by its path": {"ts": 1, "_path": "dns", "query": "lab"},
    "zeek by its stream": {"@stream": "dns", "@proc": "zeek", "query": "lab"},
    "windows": {"Channel": "Security", "EventID": 4688, "NewProcessName": "C:\\lab\\drop.exe"},
    "sysmon": STARTED,
}
"""Rows that name their log by names of their product."""
READ: dict[str, dict[str, Any]] = {
    **{f"started, {name}": row for name, row in hosts.STARTS.items()},
    **{f"unix, {name}": row for name, (_, row) in hosts.UNIX.items()},
    **{name: row for name, row in audit.ROWS.items() if name in ("LAUREL", "go-audit", "Wazuh")},
    **{name: row for name, row in agents.FORMS.items() if name in ("OpenTelemetry", "GELF", "Graylog")},
}
"""Rows that are told by a reading alone."""
MARKS: tuple[dict[str, Any], ...] = (
    *(dict.fromkeys(marks, "x") for *_, sets in EVERY_TOLD for marks in sets),
    *({"ts": 2, **dict.fromkeys(marks, "x")} for sets in ZEEK_MARKS.values() for marks in sets),
    *(dict.fromkeys(sensor.marks, "x") for sensor in SENSORS),
    *NAMED.values(),
    *READ.values(),
    {"query_name": "x", "query_type": "A"},
    {"QH": "x", "QT": "A", "IP": "192.0.2.1"},
    {"script_text": "x", "script_block_id": "1"},
    {"DeviceVendor": "x", "DeviceProduct": "x", "DeviceEventClassID": "1"},
    {"_Channel": "System", "short_message": "x", "_EventID": 1, "_a": 1},
    {"Channel_s": "System", "TenantId": "x", "EventID_d": 1},
    {"event_simpleName": "ProcessRollup2", "ImageFileName": "x"},
    {"ActionType": "ProcessCreated", "InitiatingProcessFileName": "x"},
    {"event": {"category": "process", "type": "start"}, "process": {"executable": "/x"}},
    {"request_method": "GET", "request_uri": "/x", "status": "200"},
    {"message": '192.0.2.1 - - [04/Mar/2026:05:06:07 +0000] "GET /x HTTP/1.1" 200 1 "-" "-"'},
    {"message": 'type=EXECVE msg=audit(1.2:3): argc=1 a0="x"'},
    {"message": "<1>Mar  4 05:06:07 lab sshd[1]: x"},
    {"message": json.dumps({"action": "x", "actor": "y", "_document_id": "z"})},
    {"message": XML},
    {"winlog": {"channel": "System", "event_id": 1, "event_data": {"Image": "x"}}},
    {"data": {"win": {"system": {"channel": "System", "eventID": "1"}}}},
    {"System": {"Channel": "System", "EventID": 1}},
    {"_source": {"a": 1, "b": 2, "c": 3}},
    {"detail-type": "x", "detail": {"a": 1, "b": 2, "c": 3}},
    {"sourcetype": "x"},
    {"System_Channel": "System", "System_EventID": 1},
    {"winlog_channel": "System", "winlog_event_id": 1},
    {"Workload": "x", "Operation": "y", "RecordType": 1},
    {"okta": {"event_type": "x", "display_message": "y"}},
    {"messages": [{"type": 1300, "data": "x"}]},
    {"_AUDIT_TYPE_NAME": "SYSCALL", "MESSAGE": "x"},
    {"DescriptionTitle": "x", "a": {"b": "c"}},
    {"stream": {"job": "x"}, "values": [["1", "x"]]},
    {"columns": [{"name": "a"}], "rows": [["x"]]},
    {"recordId": "x", "data": "eA=="},
)
"""Names by which rows are told to be of some log, or to be read in some way."""


@given(st.sampled_from((*NAMED, *READ)), st.sampled_from(MARKS), st.booleans())
def test_no_name_takes_rules_away(name: str, marks: dict[str, Any], first: bool) -> None:
    row = flat(NAMED.get(name) or READ[name])
    added = {key: value for key, value in flat(marks).items() if key not in row}
    alone = asked_of(row)
    # What is told by nothing is asked of all.
    assert name in ("LAUREL", "go-audit", "Wazuh") or len(alone) < len(ASKED) - 10
    assert alone <= asked_of({**added, **row} if first else {**row, **added})


@pytest.mark.parametrize("marks", MARKS[-32:])
def test_an_event_of_windows_stays_one_with_its_own_values(marks: dict[str, Any]) -> None:
    asked = rule("{product: windows, category: process_creation}", **{"CommandLine|contains": "--to"})
    assert finds(asked, {**marks, **STARTED}) == [1]
    assert finds(asked, {**STARTED, **{name: marks[name] for name in marks if name not in STARTED}}) == [1]


def test_attack_a_trail_with_the_names_of_a_resolver_of_a_sensor_and_of_a_device() -> None:
    for marks in MARKS[-32:]:
        assert finds(TRAILS, {**marks, **TRAIL}) == [1]


def test_of_two_sensors_each_is_asked() -> None:
    falcon = {
        "event_simpleName": "DnsRequest",
        "event_platform": "Win",
        "DomainName": "drop.example",
        "ContextBaseFileName": "a.exe",
    }
    started = {
        "ActionType": "ProcessCreated",
        "InitiatingProcessFileName": "b.exe",
        "FolderPath": "C:\\lab\\drop.exe",
        "ProcessCommandLine": "drop --to lab",
    }
    asked = rule("{product: windows, category: dns_query}", QueryName="drop.example")
    begun = rule("{product: windows, category: process_creation}", CommandLine="drop --to lab")
    for row in ({**falcon, **started}, {**started, **falcon}):
        assert finds(asked, row) == [1]
        assert finds(begun, row) == [1]
    assert finds(begun, falcon) == []


WINLOG = {
    "winlog": {
        "channel": SYSMON,
        "event_id": 1,
        "computer_name": "lab",
        "event_data": {"Image": "C:\\lab\\drop.exe", "ProcessId": "7"},
    },
    "event": {"category": ["process"], "type": ["start"]},
    "process": {"executable": "C:\\lab\\drop.exe", "pid": 7},
    "host": {"os": {"type": "windows"}, "name": "lab.example"},
}


def test_an_event_and_a_sensor_that_tell_the_same_are_read_once() -> None:
    read = Exports(("Image",)).read(flat(WINLOG))
    assert (read["Channel"], read["EventID"], read["Image"]) == (SYSMON, 1, "C:\\lab\\drop.exe")
    assert (read["Computer"], read["ProcessId"]) == ("lab", "7")
    asked = rule("{product: windows, category: process_creation}", Image="C:\\lab\\drop.exe")
    other = {"channel": SYSMON, "event_id": 1, "event_data": {"Image": "C:\\lab\\other.exe"}}
    # Where they tell two things, each is asked by itself.
    assert finds(asked, WINLOG, {**WINLOG, "winlog": other}) == [1, 2]
    begun = {**WINLOG, "winlog": {**other, "channel": "System"}}
    assert finds(asked, begun) == [1]


@pytest.mark.parametrize(
    ("event", "added"),
    [
        (WINLOG, {"process": {"executable": "C:\\Program Files\\lab.exe", "pid": 7}}),
        (
            {"Channel": SYSMON, "EventID": 1, "Image": "C:\\lab\\drop.exe"},
            {"winlog": {"event_data": {"Image": "C:\\Program Files\\lab.exe"}}},
        ),
    ],
)
def test_attack_an_added_value_meets_no_filter_of_a_rule(event: Any, added: Any) -> None:
    source = (
        b"title: t\nlogsource: {product: windows, category: process_creation}\ndetection:\n"
        b" s: {Image|endswith: drop.exe}\n f: {'Image|startswith': 'C:\\Program Files'}\n"
        b" condition: s and not f\n"
    )
    assert finds(source, event, {**event, **added}) == [1, 2]


def test_a_field_that_two_readings_spell_differently_has_the_values_of_both() -> None:
    """What one reading spells as a rule does hid what another spells otherwise."""
    event = {
        "Event": {"System": {"EventID": 1, "Channel": SYSMON}, "EventData": {"OriginalFileName": "netsh.exe"}}
    }
    system = {"eventID": "1", "channel": SYSMON}
    agent = {"data": {"win": {"system": system, "eventdata": {"commandLine": "add helper"}}}}
    sensor = {
        "event_simpleName": "ProcessRollup2",
        "ImageFileName": "C:\\lab\\shell.exe",
        "CommandLine": "shell",
        "event_platform": "Win",
    }
    words = rule(
        "{product: windows, category: process_creation}",
        OriginalFileName="netsh.exe",
        **{"CommandLine|contains": "add helper"},
    )
    assert finds(words, {**event, **agent}, {**event, **agent, **sensor}, {**sensor, **agent, **event}) == [
        1,
        2,
        3,
    ]


def test_a_row_that_writes_a_mark_of_a_reading_is_not_read_so() -> None:
    words = rule("{category: dns}", query="lab")
    assert finds(words, {"@dns": "row", "query": "lab", "cs-method": "GET", "sc-status": 1}) == []
    pages = rule("{category: proxy}", **{"cs-method": "GET"})
    assert finds(pages, {"@proxy": "line", "cs-method": "GET", "sc-status": 1}) == [1]
    assert finds(rule("{product: x}", **{"a|contains": "b"}), {"@web": "b", "a": "b"}) == [1]


def test_hostile_rows_cannot_make_a_kind_of_each_choice_of_logs() -> None:
    sets = [marks for *_, each in TOLD for marks in each[:1]]
    kinds = {
        source_of(ITEM, dict.fromkeys(chain(*chosen), "v"))
        for size in range(1, 6)
        for chosen in combinations(sets, size)
    }
    assert len(kinds) <= len(sets) ** 2


def winlogbeat(event: int, category: str, done: str, **data: str) -> dict[str, Any]:
    """An event of Sysmon as Elastic's agent writes it, with what the agent's own schema says of it."""
    return {
        "winlog": {"channel": SYSMON, "event_id": event, "event_data": data},
        "event": {"category": [category], "type": [done], "code": str(event)},
        "process": {"executable": "C:\\lab\\drop.exe"},
        "host": {"os": {"type": "windows"}},
        "registry": {"path": data.get("TargetObject", ""), "data": {"strings": ["x"]}},
        "file": {"path": data.get("TargetFilename", "")},
    }


@pytest.mark.parametrize(
    ("row", "kind", "coarse"),
    [
        (winlogbeat(12, "registry", "change", TargetObject="HKLM\\Lab"), "registry_delete", "registry_set"),
        (winlogbeat(14, "registry", "change", TargetObject="HKLM\\Lab"), "registry_rename", "registry_set"),
        (winlogbeat(2, "file", "change", TargetFilename="C:\\lab\\x"), "file_change", "file_event"),
        (winlogbeat(15, "file", "access", TargetFilename="C:\\lab\\x"), "create_stream_hash", "file_event"),
        (winlogbeat(17, "file", "creation", PipeName="\\lab"), "pipe_created", "file_event"),
        (winlogbeat(10, "process", "access", TargetImage="C:\\lab\\x"), "process_access", "process_creation"),
    ],
)
def test_the_few_words_of_an_agents_schema_make_an_event_no_other(
    row: dict[str, Any], kind: str, coarse: str
) -> None:
    fields = Exports(("Image",)).read(flat(row))
    assert (fields["Channel"], fields["EventID"]) == (SYSMON, row["winlog"]["event_id"])
    assert finds(rule(f"{{product: windows, category: {kind}}}", Image="C:\\lab\\drop.exe"), row) == [1]
    assert finds(rule(f"{{product: windows, category: {coarse}}}", Image="C:\\lab\\drop.exe"), row) == []


def _lower(data: Mapping[str, str]) -> dict[str, str]:
    return {f"{name[0].lower()}{name[1:]}": value for name, value in data.items()}


def in_form(form: str, event: int, data: Mapping[str, str]) -> dict[str, Any]:
    """An event of Sysmon as a collector writes it, or a start of a process as a sensor does."""
    if form in hosts.STARTS:
        row = json.dumps(hosts.STARTS[form]).replace('"shell.exe"', json.dumps(data["ParentImage"]))
        told = {"Image": hosts.IMAGE, "CommandLine": hosts.COMMAND, "ParentImage": hosts.PARENT}
        for name, value in told.items():
            row = row.replace(json.dumps(value), json.dumps(data[name]))
        return flat(json.loads(row))
    audited = {"NewProcessName": data.get("Image"), "CommandLine": data.get("CommandLine")}
    system = {"channel": SYSMON, "eventID": str(event)}
    forms: dict[str, dict[str, Any]] = {
        "Winlogbeat": {"winlog": {"channel": SYSMON, "event_id": event, "event_data": data}},
        "Wazuh": {"data": {"win": {"system": system, "eventdata": _lower(data)}}},
        "nested": {"Event": {"System": {"Channel": SYSMON, "EventID": event}, "EventData": data}},
        "plain": {"Channel": SYSMON, "EventID": event, **data},
        "in small letters": {"channel": SYSMON, "event_id": event, **_lower(data)},
        "of the audit": {"winlog": {"channel": "Security", "event_id": 4688, "event_data": audited}},
    }
    return flat(forms[form])


TELL = ("Image", "CommandLine", "ParentImage", "User", "CurrentDirectory")
FORMS = ("Winlogbeat", "Wazuh", "nested", "plain", "in small letters")
EVENTS = {"process_creation": 1, "network_connection": 3, "image_load": 7, "process_access": 10}


@given(
    st.sampled_from(sorted(EVENTS)).flatmap(
        lambda kind: st.tuples(
            st.just(kind),
            st.permutations(
                [*FORMS, *(("of the audit", *hosts.STARTS) if kind == "process_creation" else ())]
            ),
        )
    ),
    st.permutations(TELL),
    st.booleans(),
    st.sampled_from(("first", "last", "between")),
)
def test_no_third_product_takes_away_what_two_say_together(
    told: tuple[str, list[str]], names: list[str], leaves_out: bool, place: str
) -> None:
    kind, forms = told
    values = [{name: f"C:\\lab\\{name}{n}.exe" for name in TELL} for n in range(3)]
    one, two, third = (in_form(form, EVENTS[kind], data) for form, data in zip(forms, values, strict=False))
    section: dict[str, Any] = {
        "s": {f"{names[0]}|endswith": f"{names[0]}0.exe", f"{names[1]}|endswith": f"{names[1]}1.exe"},
        "condition": "s and not f" if leaves_out else "s",
    }
    if leaves_out:
        section["f"] = {names[2]: "out"}
    source = (
        f"title: t\nlogsource: {{product: windows, category: {kind}}}\ndetection: {json.dumps(section)}\n"
    )
    both = {**two, **one}
    # What stands there stays: names are added, and no value is replaced.
    added = {name: value for name, value in third.items() if name not in both}
    here = list(both.items())
    parted = dict(here[: len(here) // 2]) | added | dict(here[len(here) // 2 :])
    three = {"first": {**added, **both}, "last": {**both, **added}, "between": parted}[place]
    assert finds(source.encode(), both, three) in ([], [2], [1, 2])


def test_attack_an_event_in_a_third_form_hides_what_two_say_together() -> None:
    data = [{name: f"C:\\lab\\{name}{n}.exe" for name in TELL} for n in range(3)]
    wazuh, sensor, event = (
        in_form(form, 1, each) for form, each in zip(("Wazuh", "OCSF", "Winlogbeat"), data, strict=True)
    )
    asked = {"CommandLine": data[0]["CommandLine"], "ParentImage": data[1]["ParentImage"]}
    source = rule("{product: windows, category: process_creation}", **asked)
    assert finds(source, wazuh, sensor, {**wazuh, **sensor}, {**event, **wazuh, **sensor}) == [3, 4]


def test_the_reading_of_every_value_is_not_made_where_all_say_the_same() -> None:
    read = Exports(("Image",)).read(flat(WINLOG))
    assert not getattr(read, "apart", ())
    data = dict.fromkeys(TELL, "C:\\lab\\drop.exe")
    told = Exports(("Image",)).read({**in_form("Winlogbeat", 1, data), **in_form("nested", 1, data)})
    assert isinstance(told, Made)
    assert not told.apart
