"""What is kept of a run is taken up by a run of the same, and stays for as long as somebody may want it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from comity.cli import scan_journal, scan_kept
from comity.cli.scan_kept import Kept
from comity.cli.scan_task import Scanned, Task
from comity.findings.finding import Parameters, make_finding
from comity.findings.notes import Notes, Period
from comity.findings.pack import compile_pack

PACK = compile_pack([("r.yml", b"logsource: {}\ndetection: {a: {f: 1}, condition: a}\n")])
(RULE,) = PACK.rule_digests


@pytest.fixture
def tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Task]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(scan_kept, "STEP", 0)
    monkeypatch.setattr(scan_kept, "SECONDS", 0.0)
    monkeypatch.setattr(scan_journal, "SECONDS", 0.0)
    monkeypatch.setattr(scan_journal, "SHARE", 0)
    for name in "ab":
        (tmp_path / name).write_text("evil\n")
    return [Task(path=str(tmp_path / name), shown=name, parameters=Parameters()) for name in "ab"]


def result(task: Task, refused: str = "") -> Scanned:
    finding = make_finding(PACK.rule_digests, PACK.digest, "file:sha256:00", task.parameters, [(RULE, 1)])
    return Scanned(
        task=task,
        format="lines/1",
        rows=1,
        finding=finding,
        counts={RULE: 1},
        refused={RULE: refused} if refused else {},
    )


def begin(tasks: list[Task]) -> Kept:
    """A run that has written down the result of the first file."""
    kept = Kept(PACK, tasks)
    kept.give(0, result(tasks[0]))
    kept.tick()
    return kept


def journals(tasks: list[Task]) -> list[Path]:
    return sorted((Path(tasks[0].path).parent / "cache" / "comity" / "finds").glob("*"))


def test_what_was_kept_is_taken_up_and_goes_when_the_run_has_ended(tasks: list[Task]) -> None:
    assert begin(tasks).stop()
    again = Kept(PACK, tasks)
    assert again.load(0) == result(tasks[0])
    assert again.load(1) is None
    again.finish()
    assert journals(tasks) == []


def test_rules_that_are_valid_at_another_time_take_up_nothing(tasks: list[Task]) -> None:
    """The period of an indicator is no part of its rule, but what a result tells hangs on it."""
    begin(tasks).stop()
    for until in (5, 6):
        periods = ((RULE, Period(since=None, until=until, text="")),)
        other = Kept(replace(PACK, notes=Notes(periods=periods)), tasks)
        assert not other.files()
        other.give(0, result(tasks[0]))
        other.tick()
        other.stop()
    assert Kept(PACK, tasks).stop()
    assert len(journals(tasks)) == 3


def test_of_two_runs_at_once_the_one_that_ends_leaves_what_the_other_keeps(tasks: list[Task]) -> None:
    """It looked while the other was writing, so what the other has added since it has never seen."""
    first = begin(tasks)
    second = Kept(PACK, tasks)
    assert second.files()
    first.give(1, result(tasks[1]))
    first.tick()
    first.stop()
    second.finish()
    assert len(journals(tasks)) == 1
    third = Kept(PACK, tasks)
    assert set(third.files()) == {0, 1}
    third.finish()
    assert journals(tasks) == []


def test_a_run_that_has_only_begun_loses_nothing_to_one_that_ends(tasks: list[Task]) -> None:
    """Its file is there before it is locked."""
    begin(tasks).stop()
    (kept,) = journals(tasks)
    raw = kept.read_bytes()
    kept.write_bytes(b"")
    other = Kept(PACK, tasks)
    kept.write_bytes(raw)
    other.finish()
    assert journals(tasks) == [kept]
    assert Kept(PACK, tasks).stop()


def test_where_nothing_is_kept_nothing_is_named(tasks: list[Task], monkeypatch: pytest.MonkeyPatch) -> None:
    begin(tasks).stop()
    (kept,) = journals(tasks)
    kept.unlink()
    monkeypatch.setattr(Kept, "_named", None)
    assert not Kept(PACK, tasks).stop()


@pytest.mark.parametrize(
    ("refused", "lasts"),
    [
        ("the item is longer than 5 bytes", True),
        ("it takes more than 60 seconds of processor on this item", False),
        ("the engine ends with its process", False),
        ("given up: it ran out of time on 3 items before", False),
    ],
)
def test_a_verdict_that_hangs_on_the_machine_is_asked_for_anew(
    tasks: list[Task], refused: str, lasts: bool
) -> None:
    kept = Kept(PACK, tasks)
    kept.give(0, result(tasks[0], refused))
    kept.tick()
    assert kept.stop() == lasts


@pytest.mark.parametrize(
    "code", ["evtx.parser", "unpack.parser", "unpack.memory", "file.error", "file.fault"]
)
def test_a_member_that_no_process_survived_is_read_anew(tasks: list[Task], code: str) -> None:
    kept = Kept(PACK, tasks)
    broken = Scanned(task=tasks[0], error=(code, "a", "it died"))
    kept.give(0, replace(result(tasks[0]), members=(broken,)))
    kept.tick()
    assert not kept.stop()
