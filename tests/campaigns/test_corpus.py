"""The differential campaign over files of logs: it agrees, goes on where it stopped, and notices a change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from campaigns import corpus, main
from comity.findings import reference

RULE = """\
title: Relay
logsource: {product: windows, category: process_creation}
detection: {sel: {Image|endswith: relay.exe, commandline|contains: to}, condition: sel}
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / "logs").mkdir()
    (tmp_path / "rules" / "relay.yml").write_text(RULE)
    head = {"Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 1}
    rows = [{**head, "Image": f"C:\\{name}.exe", "CommandLine": "to"} for name in ("relay", "other") * 20]
    (tmp_path / "logs" / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    system = {"Channel": head["Channel"], "EventID": 1, "Provider": {"#attributes": {"Name": "p"}}}
    event = {"System": system, "EventData": {"Image": "relay.exe", "CommandLine": "to"}}
    line = {"record": 1, "written": "", "Event": event}
    (tmp_path / "logs" / "b.jsonl").write_text(json.dumps(line) + "\n")
    return tmp_path


def test_it_is_listed() -> None:
    assert "corpus" in main.list_campaigns()


def test_files_are_judged_once_and_a_later_run_goes_on(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = place / "state"
    words = [str(place / "rules"), str(place / "logs"), "--every", "10", "--forms", "--state", str(state)]
    assert corpus.run(words) == 0
    first = capsys.readouterr().out
    assert "41 rows, 7 looked at; 7 pairs of a rule and a row, 2 true, 0 disagreements" in first
    lines = state.read_text()
    assert [json.loads(line)["forms"] for line in lines.splitlines()] == [
        {},
        dict.fromkeys(corpus.FORMS, 1),
    ]
    assert corpus.run(words) == 0
    assert state.read_text() == lines
    assert "7 looked at" in capsys.readouterr().out


def test_a_change_of_one_side_is_noticed(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reference, "_fits", lambda *_, **__: True)
    assert corpus.run([str(place / "rules"), str(place / "logs")]) == 1
    assert "FAILURE" in capsys.readouterr().out


@pytest.mark.shared
def test_a_sample_of_real_logs(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A few logs of real attacks; all of them by ``dev campaign corpus``."""
    logs = sorted((shared / "evtx").rglob("*.evtx"), key=lambda path: path.stat().st_size)[::60]
    words = [
        str(shared / "sigma" / "rules" / "windows" / "builtin"),
        *map(str, logs),
        "--every",
        "1000",
        "--forms",
    ]
    assert corpus.run(words) == 0
    assert " 0 disagreements" in capsys.readouterr().out
