"""Which rules are asked of which rows."""

from __future__ import annotations

import pytest

from comity.findings.logsource import (
    CATEGORIES,
    SERVICES,
    Logsource,
    add_derived,
    names_for,
    source_of,
)
from comity.findings.match import run
from comity.findings.pack import compile_pack
from comity.findings.rows import ItemInfo, Row, Value, fold

SYSMON = "Microsoft-Windows-Sysmon/Operational"


def asked(rule: dict[str, str], fields: dict[str, Value], format_: str = "jsonl/1", **declared: str) -> bool:
    item = ItemInfo(ref="r", format=format_, logsource=declared)
    return names_for(Logsource(**rule), source_of(item, fields)) is not None


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


def test_what_an_item_does_not_declare_is_a_wildcard_save_for_windows() -> None:
    rule = {"product": "zeek", "service": "dns"}
    assert asked(rule, {})
    assert asked(rule, {}, product="Zeek")
    assert asked(rule, {}, service="DNS")
    assert not asked(rule, {}, service="http")
    assert asked(rule, {}, category="anything")
    windows = {"product": "windows", "category": "process_creation"}
    assert not asked(windows, {})
    assert not asked(windows, {"Channel": SYSMON})
    assert asked(windows, {}, product="windows", category="process_creation")
    assert not asked(windows, {}, product="windows", category="dns_query")


def test_tables_are_folded_and_agree() -> None:
    channels = {channel for group in SERVICES.values() for channel in group}
    for name, group in SERVICES.items():
        assert all(fold(channel) == channel for channel in group), name
    for places in CATEGORIES.values():
        assert all(channel in channels for channel, _ in places)


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
