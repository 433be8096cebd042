"""Which rules are asked of which rows."""

from __future__ import annotations

import pytest

from comity.findings.deriving import add_derived
from comity.findings.logsource import Logsource, names_for, source_of
from comity.findings.match import run
from comity.findings.pack import compile_pack
from comity.findings.rows import ItemInfo, Row, Value, fold
from comity.findings.taxonomy import CATEGORIES, SERVICES

SYSMON = "Microsoft-Windows-Sysmon/Operational"


def asked(rule: dict[str, str], fields: dict[str, Value], format_: str = "jsonl/1", **declared: str) -> bool:
    item = ItemInfo(ref="r", format=format_, logsource=declared)
    return bool(names_for(Logsource(**rule), source_of(item, fields)))


@pytest.mark.parametrize(
    ("category", "channel", "event", "yes"),
    [
        ("process_creation", SYSMON, 1, True),
        ("process_creation", SYSMON.upper(), "1", True),
        ("process_creation", SYSMON, 5, False),
        ("process_creation", "Security", 4688, True),
        ("process_creation", "Security", 4624, False),
        ("process_creation", "System", 1, False),
        ("network_connection", SYSMON, 3, True),
        ("registry_event", SYSMON, 13, True),
        ("registry_set", SYSMON, 12, False),
        ("ps_script", "PowerShellCore/Operational", 4104, True),
        ("ps_script", "Windows PowerShell", 4104, False),
        ("file_delete", SYSMON, 26, True),
        ("file_access", "Microsoft-Windows-Kernel-File/Analytic", 12, True),
        ("file_access", "Microsoft-Windows-Kernel-File/Analytic", 27, False),
        ("file_rename", "Microsoft-Windows-Kernel-File/Analytic", 27, True),
        ("file_rename", SYSMON, 11, False),
    ],
)
def test_windows_categories(category: str, channel: str, event: int | str, yes: bool) -> None:
    fields: dict[str, Value] = {"Channel": channel, "EventID": event}
    assert asked({"product": "windows", "category": category}, fields) is yes
    assert asked({"category": category}, fields) is yes


def test_windows_services() -> None:
    fields: dict[str, Value] = {"Channel": "Security", "EventID": 4624}
    assert asked({"product": "windows", "service": "security"}, fields)
    assert not asked({"product": "windows", "service": "system"}, fields)
    assert not asked({"product": "windows", "service": "security", "category": "ps_script"}, fields)
    assert asked({"product": "windows"}, fields)


def test_rules_for_others_are_not_asked_of_windows_events() -> None:
    fields: dict[str, Value] = {"Channel": SYSMON, "EventID": 1}
    for rule in ({"product": "linux", "category": "process_creation"}, {"category": "webserver"}):
        assert not asked(rule, fields)
        assert not asked(rule, {}, "evtx-jsonl/1")
    # An item declared to be something else is that, whatever its rows hold.
    assert asked({"product": "linux"}, fields, product="Linux")
    assert not asked({"product": "windows"}, fields, product="linux")


def test_what_an_item_does_not_declare_is_a_wildcard_save_where_rows_say_it() -> None:
    rule = {"product": "other", "service": "dns"}
    assert asked(rule, {})
    assert asked(rule, {}, product="Other")
    zeek = {"product": "zeek", "service": "dns"}
    assert not asked(zeek, {})
    assert not asked(zeek, {}, service="dns")
    assert asked(zeek, {}, product="Zeek")
    assert asked(rule, {}, service="DNS")
    assert not asked(rule, {}, service="http")
    assert asked(rule, {}, category="anything")
    windows = {"product": "windows", "category": "process_creation"}
    assert not asked(windows, {})
    assert not asked(windows, {"Channel": SYSMON})
    assert asked(windows, {}, product="windows", category="process_creation")
    assert not asked(windows, {}, product="windows", category="dns_query")


def test_tables_are_folded_and_agree() -> None:
    for name, group in SERVICES.items():
        assert all(fold(channel) == channel for channel in group), name
    for places in CATEGORIES.values():
        assert all(fold(channel) == channel for channel, _ in places)


def test_hostile_channels_make_no_new_kinds() -> None:
    item = ItemInfo(ref="r", format="jsonl/1")
    kinds = {source_of(item, {"Channel": f"c{n}", "EventID": 70_000 + n}) for n in range(1000)}
    assert len(kinds) == 1


RULE = b"""\
logsource: {product: windows, category: process_creation}
detection:
    sel: {Image|endswith: '\\x.exe', ParentImage: p, User|fieldref: ParentProcessId}
    condition: sel
"""


def test_names_of_4688() -> None:
    pack = compile_pack([("r.yml", RULE)])
    fields: dict[str, Value] = {
        "Channel": "Security",
        "EventID": 4688,
        "NewProcessName": "C:\\x.exe",
        "ParentProcessName": "P",
        "SubjectUserName": "77",
        "ProcessId": 77,
    }
    item = ItemInfo(ref="r", format="evtx-jsonl/1")
    assert len(run(pack, item, [Row(index=1, text="", fields=fields)]).matches) == 1
    sysmon = {**fields, "Channel": SYSMON, "EventID": 1}
    assert run(pack, item, [Row(index=1, text="", fields=sysmon)]).matches == ()


WEB = b"""\
logsource: {category: webserver}
detection:
    sel: {cs-user-agent|contains: scan, c-uri|endswith: '/a?b=1'}
    condition: sel
"""


@pytest.mark.parametrize(("query", "hits"), [("b=1", 1), ("-", 0), (None, 0), ("b=2", 0)])
def test_names_of_w3c(query: str | None, hits: int) -> None:
    pack = compile_pack([("r.yml", WEB)])
    fields: dict[str, Value] = {
        "cs-uri-stem": "/x/a",
        "cs-uri-query": query,
        "cs(User-Agent)": "Scanner",
    }
    item = ItemInfo(ref="r", format="w3c/1")
    assert len(run(pack, item, [Row(index=1, text="", fields=fields)]).matches) == hits


def test_derived_names_do_not_hide_what_a_row_has() -> None:
    source = source_of(ItemInfo(ref="r", format="w3c/1"), {})
    assert add_derived(source, {"c-uri": "own", "cs-uri-stem": "/s"})["c-uri"] == "own"
    assert add_derived(source, {"cs-uri-stem": "/s", "cs-uri-query": "-"})["cs-uri"] == "/s"


def zeek(log: str, **fields: Value) -> dict[str, Value]:
    return {"_path": log, "ts": 1.5, **fields}


@pytest.mark.parametrize(
    ("rule", "row", "yes"),
    [
        ({"product": "zeek", "service": "dns"}, zeek("dns"), True),
        ({"product": "zeek", "service": "dns"}, zeek("DNS"), True),
        ({"product": "zeek", "service": "dns"}, {"@stream": "dns", "@proc": "zeek"}, True),
        ({"product": "zeek", "service": "dns"}, zeek("http"), False),
        ({"product": "zeek", "service": "dns"}, zeek("of_another_making"), False),
        ({"product": "zeek"}, zeek("of_another_making"), True),
        ({"category": "dns"}, zeek("dns"), True),
        ({"category": "dns"}, zeek("conn"), False),
        ({"category": "proxy"}, zeek("http"), True),
        ({"category": "firewall"}, zeek("conn"), True),
        ({"product": "aws", "service": "cloudtrail"}, zeek("dns"), False),
        ({"product": "aws", "service": "cloudtrail"}, {"_path": "dns"}, True),
        ({"product": "aws", "service": "cloudtrail"}, {"@stream": "dns"}, True),
        ({"product": "windows", "service": "dns-server"}, zeek("dns"), False),
    ],
)
def test_zeek(rule: dict[str, str], row: dict[str, Value], yes: bool) -> None:
    assert asked(rule, row) is yes


def test_zeek_declared_without_a_name_in_its_rows() -> None:
    rule = {"product": "zeek", "service": "dns"}
    assert asked(rule, {"query": "x"}, product="zeek", service="dns")
    assert asked({"category": "dns"}, {"query": "x"}, product="zeek", service="dns")
    assert not asked(rule, {"query": "x"}, product="zeek", service="http")
    # What a row says of itself is nearer than what was declared of its item.
    assert not asked(rule, zeek("http"), product="zeek", service="dns")
    assert asked(rule, zeek("http"), product="other", service="dns") is False


def matched(rule: str, fields: dict[str, Value], format_: str = "jsonl/1", **declared: str) -> bool:
    pack = compile_pack([("r.yml", rule.encode())])
    assert not pack.unusable
    item = ItemInfo(ref="r", format=format_, logsource=declared)
    return bool(run(pack, item, [Row(index=1, text="", fields=fields)]).matches)


def test_names_of_zeek() -> None:
    rule = """\
logsource: {category: dns}
detection: {s: {record_type: A, answer|cidr: 10.0.0.0/8}, condition: s}
"""
    assert matched(rule, zeek("dns", qtype_name="A", answers=["1.1.1.1", "10.0.0.4"]))
    assert not matched(rule, zeek("dns", record_type="A", answer="10.0.0.4"))
    port = "logsource: {product: zeek, service: conn}\ndetection: {s: {id.resp_p: 53}, condition: s}\n"
    assert matched(port, zeek("conn", **{"id.resp_p": 53}))
    assert matched(port, zeek("conn", id_orig_h="10.0.0.1", id_resp_p=53))
    generic = "logsource: {category: firewall}\ndetection: {s: {dst_port: 53}, condition: s}\n"
    assert matched(generic, zeek("conn", id_orig_h="10.0.0.1", id_resp_p=53))
    assert matched(generic, zeek("conn", **{"id.resp_p": 53}))


def test_sysmon_for_linux_is_linux() -> None:
    fields: dict[str, Value] = {"Channel": "Linux-Sysmon/Operational", "EventID": 1, "Image": "/bin/sh"}
    for form in ("jsonl/1", "evtx-jsonl/1"):
        assert asked({"product": "linux", "category": "process_creation"}, fields, form)
        assert asked({"category": "process_creation"}, fields, form)
        assert not asked({"product": "linux", "category": "file_event"}, fields, form)
        assert not asked({"product": "windows", "category": "process_creation"}, fields, form)
        assert not asked({"product": "linux", "service": "auditd"}, fields, form)


COMBINED = (
    '10.0.0.9 - maria [10/Oct/2026:13:55:36 +0000] "GET /a/b.php?x=1 HTTP/1.1" 404 12 '
    '"https://news.example/" "Scanner \\"9\\""'
)


@pytest.mark.parametrize(
    ("entry", "hit"),
    [
        ("cs-method: GET", True),
        ("c-uri: /a/b.php?x=1", True),
        ("cs-uri-query|contains: x=1", True),
        ("c-uri-extension: php", True),
        ("sc-status: 404", True),
        ("cs-user-agent|startswith: scanner", True),
        ("c-useragent|contains: '9'", True),
        ("cs-referer|contains: news", True),
        ("c-ip|cidr: 10.0.0.0/24", True),
        ("cs-username: maria", True),
        ("message|contains: HTTP/1.1", True),
        ("cs-method: POST", False),
    ],
)
def test_lines_of_a_web_log(entry: str, hit: bool) -> None:
    rule = f"logsource: {{category: webserver}}\ndetection:\n  s: {{{entry}}}\n  condition: s\n"
    line: dict[str, Value] = {"message": COMBINED}
    assert matched(rule, line, "lines/1", category="webserver") is hit
    assert matched(rule, line, "lines/1", service="apache") is hit
    # What fits the form is such a line, whether or not somebody declared it.
    assert matched(rule, line, "lines/1") is hit


@pytest.mark.parametrize("line", ["", "torn", '1 - - [x] "', "a" * 100_000, '"' * 70_000, "[" * 70_000])
def test_a_line_of_no_known_form_gives_nothing(line: str) -> None:
    source = source_of(ItemInfo(ref="r", format="lines/1", logsource={"category": "webserver"}), {"m": 1})
    assert add_derived(source, {"message": line}) == {"message": line}


def test_lines_of_the_audit_log() -> None:
    rule = """\
logsource: {product: linux, service: auditd}
detection: {s: {type: EXECVE, a0: curl, a1|startswith: http}, condition: s}
"""
    line = 'type=EXECVE msg=audit(1700000000.123:7): argc=2 a0="curl" a1="http://x.example/ y"'
    assert matched(rule, {"message": line}, "lines/1", product="linux", service="auditd")
    assert not matched(rule, {"message": line}, "lines/1", product="linux", service="syslog")
    nested = "type=USER_CMD msg=audit(1:2): pid=1 msg='op=x cmd=\"id\" res=success' pid=2"
    source = source_of(ItemInfo(ref="r", format="lines/1", logsource={"service": "auditd"}), {"m": 1})
    found = add_derived(source, {"message": nested})
    assert (found["cmd"], found["op"], found["res"], found["pid"]) == ("id", "x", "success", ["1", "2"])


def test_a_header_column_of_its_own_is_found() -> None:
    rule = "logsource: {category: proxy}\ndetection: {s: {cs-host|endswith: .example}, condition: s}\n"
    assert matched(rule, {"cs-host": "a.example"}, "w3c/1")
    assert matched(rule, {"cs(Host)": "a.example"}, "w3c/1")
    assert not matched(rule, {"cs(Host)": "a.test", "cs-host": "a.example"}, "w3c/1")


def test_what_is_derived_from_numbers_that_a_table_made_fractions() -> None:
    connection: dict[str, Value] = {"Channel": "Security", "EventID": 5156.0, "Direction": "%%14593"}
    connection |= {"Application": "a", "Protocol": 6.0}
    item = ItemInfo(ref="r", format="jsonl/1")
    found = add_derived(source_of(item, connection), connection)
    assert found["Protocol (name)"] == "tcp"
    assert found["Protocol"] == [6.0, "6"]
    value: dict[str, Value] = {"Channel": "Security", "EventID": "4657.0", "ObjectName": "k"}
    value |= {"OperationType": "%%1905", "NewValueType": "%%1876", "NewValue": 1.0}
    found = add_derived(source_of(item, value), value)
    assert found["Details"] == "DWORD (0x00000001)"
    assert found["NewValue"] == [1.0, "1"]
    value |= {"NewValueType": "%%1873", "NewValue": "1.0"}
    assert add_derived(source_of(item, value), value)["Details"] == ["1.0", "1"]


CLEARED = """\
logsource: {product: windows, service: system}
detection: {s: {EventID: 104, Channel: Lab/Log}, condition: s}
"""
OTHERS = """\
logsource: {product: windows, service: system}
detection: {s: {EventID: 104}, f: {Channel: [System, Lab/Log]}, condition: s and not f}
"""


def test_the_log_that_was_cleared_is_a_channel_too() -> None:
    row: dict[str, Value] = {"Channel": "System", "EventID": 104, "EventData_Channel": "Lab/Log"}
    assert matched(CLEARED, row)
    assert matched(CLEARED.replace("Lab/Log", "System"), row)
    assert not matched(CLEARED.replace("Lab/Log", "Other"), row)
    assert not matched(OTHERS, row)
    assert matched(OTHERS, row | {"EventData_Channel": "Other"})
    # Of every other event it is data of some name.
    assert not matched(CLEARED.replace("104", "105"), row | {"EventID": 105})
    assert not matched(CLEARED, row | {"Channel": "Security"})
