"""What one file by itself could not tell is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import ok, run

BRUTE = (
    "title: a failed logon\nname: failed\nlogsource: {}\ndetection: {s: {kind: failed}, condition: s}\n---\n"
    "title: many failed logons\ncorrelation:\n  type: event_count\n  rules: [failed]\n"
    "  group-by: [user]\n  timespan: 5m\n  condition: {gte: 4}\n"
)


@pytest.fixture
def logs(tmp_path: Path) -> list[Path]:
    places = []
    for n in (1, 2):
        rows = [
            {"time": f"2024-01-01T23:5{8 + n // 2}:0{second}Z", "kind": "failed", "user": "maria"}
            for second in range(2)
        ]
        places.append(tmp_path / f"app.{n}.jsonl")
        places[-1].write_text("".join(json.dumps(row) + "\n" for row in rows))
    return places


def test_a_correlation_says_that_it_counts_within_each_file(tmp_path: Path, logs: list[Path]) -> None:
    rule = tmp_path / "brute.yml"
    rule.write_text(BRUTE)
    text = run("find", rule, *logs).out
    assert "0 findings" in text
    assert (
        "by file: 1 rule (many failed logons) put rows of one file together, and never those of two" in text
    )
    (told,) = run("find", rule, *logs, "--json").of("by-file")
    assert (told["source"], told["files"]) == (str(rule), 2)
    both = tmp_path / "app.jsonl"
    both.write_bytes(b"".join(log.read_bytes() for log in logs))
    alone = ok("find", rule, both).out
    assert "rows 1-4" in alone
    assert "by file:" not in alone


def test_a_file_that_tells_of_no_object_is_said_not_to_be_asked(tmp_path: Path) -> None:
    (tmp_path / "ip.stix").write_text("[ipv4-addr:value = '203.0.113.9']\n")
    (tmp_path / "auth.log").write_text("Jan  1 00:00:00 h sshd[1]: Failed password from 203.0.113.9\n")
    (tmp_path / "app.jsonl").write_text('{"src_ip": "203.0.113.9"}\n')
    found = run("find", tmp_path / "ip.stix", tmp_path / "auth.log", tmp_path / "app.jsonl", "--json")
    assert {Path(each["path"]).name: each["blind"] for each in found.of("file")} == {
        "auth.log": 1,
        "app.jsonl": 0,
    }
    text = ok("find", tmp_path / "ip.stix", tmp_path / "auth.log", tmp_path / "app.jsonl").out
    assert "auth.log: no row tells of an object of STIX by its fields: 1 pattern was not asked of it" in text


def test_a_rule_for_messages_is_said_to_find_nothing_in_a_log_of_events(tmp_path: Path) -> None:
    """The message that Windows shows of an event stands in no log: such a rule cannot fire on one."""
    where = "title: {0}\nlogsource: {{product: windows}}\ndetection: {1}\n"
    rules = {
        "told": "{s: {EventID: 1, 'Message|contains': lab}, condition: s}",
        "any": "{s: [{'message|contains': a}, {'Message|re': b}], condition: s}",
        "either": "{s: [{'Message|contains': a}, {Image: b}], condition: s}",
        "without": "{s: {EventID: 9}, f: {'Message|contains': a}, condition: s and not f}",
    }
    for name, detection in rules.items():
        (tmp_path / f"{name}.yml").write_text(where.format(name, detection))
    event = {"Channel": "System", "EventID": 1, "Provider_Name": "x", "EventRecordID": 1, "TimeCreated": "x"}
    (tmp_path / "a.jsonl").write_text(json.dumps({**event, "Message": "a lab"}) + "\n")
    log = tmp_path / "Log.xml"
    log.write_text(
        "<Events><Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>"
        "<Provider Name='x'/><EventID>1</EventID><Channel>System</Channel></System>"
        "<EventData><Data Name='Image'>c</Data></EventData></Event></Events>\n"
    )
    paths = [tmp_path / f"{name}.yml" for name in rules]
    done = run("find", *paths, log, "--json")
    assert {Path(each["source"]).stem: each["files"] for each in done.of("no-message")} == {
        "told": 1,
        "any": 1,
    }
    assert "no message: told asks for the text (Message) that Windows makes" in run("find", *paths, log).out
    # A row that has the message is asked it.
    rows = run("find", *paths, tmp_path / "a.jsonl", "--json")
    assert {each["title"] for each in rows.of("finding")} == {"told", "any", "either"}
    assert not rows.of("no-message")
