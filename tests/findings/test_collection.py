"""Collections of the first specification run as the rules that they are short for."""

from __future__ import annotations

from comity.findings.link import link
from comity.findings.match import Scanner
from comity.findings.pack import compile_pack
from comity.findings.rows import ItemInfo, Row, Value
from comity.findings.sigma import Rule

COLLECTION = b"""\
action: global
title: Relay started
detection: {words: {Image|endswith: '\\relay.exe'}, condition: words and kind}
---
logsource: {product: windows, service: sysmon}
detection: {kind: {EventID: 1}}
---
action: global
level: high
---
logsource: {product: windows, service: security}
detection: {kind: {EventID: 4688}}
---
action: repeat
detection: {kind: {EventID: 4689}}
---
action: reset
---
title: Another
logsource: {product: windows, service: system}
detection: {sel: {EventID: 104}, condition: sel}
"""
SYSMON = "Microsoft-Windows-Sysmon/Operational"


def found(sources: list[tuple[str, bytes]], *rows: dict[str, Value]) -> list[int]:
    pack = compile_pack(sources)
    assert not pack.unusable
    events = [Row(index=n, text="", fields=fields) for n, fields in enumerate(rows, 1)]
    return sorted(row for _, row in Scanner(pack).run(ItemInfo(ref="r", format="jsonl/1"), events).matches)


ROWS: list[dict[str, Value]] = [
    {"Channel": SYSMON, "EventID": 1, "Image": "C:\\relay.exe"},
    {"Channel": SYSMON, "EventID": 2, "Image": "C:\\relay.exe"},
    {"Channel": "Security", "EventID": 4688, "Image": "C:\\relay.exe"},
    {"Channel": "Security", "EventID": 4688, "Image": "C:\\other.exe"},
    {"Channel": "Security", "EventID": 4689, "Image": "C:\\relay.exe"},
    {"Channel": "Security", "EventID": 1, "Image": "C:\\relay.exe"},
    {"Channel": "System", "EventID": 104},
]


def test_global_repeat_and_reset_are_worked_in() -> None:
    assert found([("c.yml", COLLECTION)], *ROWS) == [1, 3, 5, 7]
    (rule,) = compile_pack([("c.yml", COLLECTION)]).rules
    assert isinstance(rule, Rule)
    assert (rule.title, len(rule.parts)) == ("Relay started", 4)


def test_what_is_put_behind_a_collection_is_not_part_of_it() -> None:
    still_open = COLLECTION[: COLLECTION.index(b"---\naction: reset")]
    narrowing = b"""\
title: Not the lab
logsource: {product: windows, service: sysmon}
filter: {rules: any, sel: {Computer: lab}, condition: not sel}
"""
    done = link([("c.yml", still_open), ("f.yml", narrowing)])
    assert done.used == ("f.yml",)
    rows = [{**row, "Computer": computer} for computer in ("lab", "x") for row in ROWS[:2]]
    assert found(list(done.sources), *rows) == [3]
