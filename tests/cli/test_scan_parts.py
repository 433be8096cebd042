"""One large file read by several processes says what one process says, wherever it is cut."""

from __future__ import annotations

import io
import json
import os
import selectors
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from comity.adapters import file_state
from comity.cli import scan, scan_copies, scan_parts
from comity.cli.scan import Scanned, Task, order_tasks, scan_files
from comity.cli.scan_copies import Copy
from comity.cli.scan_course import Course
from comity.cli.scan_frames import read_frame, write_frame
from comity.cli.scan_parts import cut_task
from comity.cli.scan_task import Span
from comity.evidence.evtx import survey_log
from comity.findings.finding import Parameters
from comity.findings.pack import Pack, compile_pack
from tests.findings.test_export_bounds import EVERY

RULES = (
    ("seen.ioc", b"203.0.113.9\n"),
    ("src.yml", b"title: a\nlogsource: {}\ndetection: {s: {src: 203.0.113.9}, condition: s}\n"),
    ("ip.yml", b"title: b\nlogsource: {}\ndetection: {s: {c-ip: 203.0.113.9}, condition: s}\n"),
    ("dns.yml", b"title: c\nlogsource: {category: dns}\ndetection: {s: {query: a.example}, condition: s}\n"),
    ("words.yml", b"title: d\nlogsource: {}\ndetection: {w: [203.0.113.9], condition: w}\n"),
)
ADDRESSES = ["192.0.2.1", "203.0.113.9", "198.51.100.7", "x" * 90, "192.0.2.2"] * 60


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    lines = {
        "a.jsonl": [json.dumps({"src": each, "time": "2026-01-01T00:00:00Z"}) for each in ADDRESSES]
        + ["{torn"],
        "b.log": [f"from {each}\r" for each in ADDRESSES] + ["last without end"],
        # The columns change twice, and a comment stands between.
        "c.log": ["\ufeff#Software: x", "#Fields: c-ip time"]
        + [f"{each} 1" for each in ADDRESSES[:99]]
        + ["#Fields: time c-ip", "#Date: x"]
        + [f"1 {each}" for each in ADDRESSES[99:]]
        + ["#Fields: time other"]
        + ["1 203.0.113.9"] * 40,
        "d.log": [
            "#separator \\x09",
            "#path\tdns",
            "#fields\tts\ttrans_id\trejected\tquery",
            "#types\tt\tc\tb\ts",
        ]
        + [f"1.5\t1\tF\t{'a' if n % 7 else 'b'}.example" for n in range(300)],
    }
    lines["e.csv"] = ["time;src;c-ip", *(f"2026;{each};{each}\r" for each in ADDRESSES), "", "1;2"]
    lines["f.csv"] = ["\ufefftime,src", *(f"2026,{each}" for each in ADDRESSES)]
    for name, rows in lines.items():
        (tmp_path / name).write_text("\n".join(rows) + ("" if name == "b.log" else "\n"), newline="")
    return [tmp_path / name for name in lines]


class Watching(Course):
    def __init__(self) -> None:
        self.read: dict[int, int] = {}
        self.given: list[tuple[int, int | None]] = []

    def reach(self, at: int, read: int) -> None:
        self.read[at] = read

    def give(self, at: int, scanned: Scanned, number: int | None = None) -> None:
        assert scanned.error is None
        self.given.append((at, number))


def run(files: list[Path], pack: Pack, workers: int, **more: object) -> list[Scanned]:
    tasks = [Task(path=str(path), shown=path.name, parameters=Parameters(), **more) for path in files]  # type: ignore[arg-type]
    return list(scan_files(tasks, pack, workers))


@pytest.mark.parametrize("part", [700, 2_501])
def test_parts_say_what_the_whole_says(files: list[Path], part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = compile_pack(RULES)
    alone = run(files, pack, 1, why=2)
    assert all(each.finding is not None and each.finding.rows for each in alone)
    monkeypatch.setattr(scan_parts, "PART", part)
    cut = [len(cut_task(each.task, pack)) for each in alone]
    assert min(cut) > 1
    tasks = [each.task for each in alone]
    for workers in (1, 2):
        course = Watching()
        assert list(scan_files(tasks, pack, workers, course)) == alone
        assert [course.read[at] for at in range(len(files))] == [file.stat().st_size for file in files]
        assert sorted(course.given) == [(at, n) for at, parts in enumerate(cut) for n in range(parts)]


def test_parts_are_whole_rows_and_all_of_the_file(files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    pack = compile_pack(RULES)
    for part in (2, 3, 50, 997, 2_500):
        monkeypatch.setattr(scan_parts, "PART", part)
        for path in files:
            raw = path.read_bytes()
            task = Task(path=str(path), shown="", parameters=Parameters())
            spans = [each.span for each in cut_task(task, pack) if each.span is not None]
            assert [span.begin for span in spans] == [0, *(span.end for span in spans[:-1])]
            assert spans[-1].end == len(raw)
            for span in spans[1:]:
                assert raw[span.begin - 1 : span.begin] == b"\n"
                head = raw[: span.begin].removeprefix(b"\xef\xbb\xbf").splitlines()
                heads = [line for line in head if line.startswith((b"#Fields:", b"#fields\t"))]
                wanted = heads[-1] if heads and path.name in ("c.log", "d.log") else None
                if path.suffix == ".csv":
                    wanted = raw.split(b"\n")[0]
                assert span.header == wanted


def test_what_needs_all_rows_or_cannot_be_cut_is_one_part(
    files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan_parts, "PART", 100)
    burst = (
        b"correlation: {type: event_count, rules: [r], timespan: 1h, condition: {gte: 2}}\n---\n"
        b"name: r\nlogsource: {}\ndetection: {s: {src: a}, condition: s}\n"
    )
    task = Task(path=str(files[0]), shown="", parameters=Parameters())
    assert cut_task(task, compile_pack([("b.yml", burst)])) == [task]
    table = tmp_path / "t.csv"
    table.write_text('a,b\n"x\ny",1\n' * 99)
    pack = compile_pack(RULES)
    for path in (table, tmp_path / "none"):
        other = replace(task, path=str(path))
        assert cut_task(other, pack) == [other]


def chunks_in(raw: bytes) -> tuple[int, bytes]:
    return survey_log(io.BytesIO(raw)).chunks, raw


def largest_log(shared: Path, folder: Path, damage: str = "") -> Path:
    raw = bytearray(max((path.read_bytes() for path in (shared / "evtx").rglob("*.evtx")), key=chunks_in))
    chunk = 4096 + 3 * 65_536
    if damage == "a chunk is gone":
        raw[chunk : chunk + 65_536] = bytes(65_536)
    elif damage == "a record is torn":
        raw[chunk + 512 : chunk + 516] = b"torn"
    elif damage == "it is cut short":
        del raw[-999:]
    path = folder / "large.evtx"
    path.write_bytes(raw)
    return path


EVENTS = (("any.yml", b"title: any\nlogsource: {}\ndetection: {s: {EventID|gte: 1}, condition: s}\n"),)


@pytest.mark.shared
@pytest.mark.parametrize("chunks", [1, 5])
def test_parts_of_an_event_log_say_what_the_whole_says(
    shared: Path, tmp_path: Path, chunks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = largest_log(shared, tmp_path)
    pack = compile_pack(EVENTS)
    alone = run([path], pack, 1)
    assert alone[0].finding is not None
    assert len(alone[0].finding.rows) == alone[0].rows
    monkeypatch.setattr(scan_parts, "PART", chunks * 65_536)
    parts = cut_task(alone[0].task, pack)
    assert len(parts) == -(-chunks_in(path.read_bytes())[0] // chunks)
    for rested in (3600, 0):
        monkeypatch.setattr(file_state, "RESTED", rested)
        assert run([path], pack, 2) == alone
    # The lines that are shown with reasons are those of the whole.
    assert cut_task(replace(alone[0].task, why=1), pack) == [replace(alone[0].task, why=1)]


@pytest.mark.shared
@pytest.mark.parametrize("damage", ["a chunk is gone", "a record is torn", "it is cut short"])
def test_what_an_event_log_lost_is_told_of_the_whole(
    shared: Path, tmp_path: Path, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = largest_log(shared, tmp_path, damage)
    pack = compile_pack(EVENTS)
    alone = run([path], pack, 1)
    assert alone[0].broken > 0
    monkeypatch.setattr(scan_parts, "PART", 65_536)
    assert run([path], pack, 2) == alone
    assert (len(cut_task(alone[0].task, pack)) > 1) == (damage == "a record is torn")


@pytest.mark.shared
def test_an_event_log_that_changes_while_it_is_read_gives_no_finding(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = largest_log(shared, tmp_path)
    monkeypatch.setattr(scan_parts, "PART", 2 * 65_536)
    told = scan_parts.Told(whole="0" * 64, parts=("0" * 64,))
    monkeypatch.setattr(scan_parts.Digests, "_read", lambda *_: told)
    (found,) = run([path], compile_pack(EVENTS), 2)
    assert found.error is not None
    assert found.error[0] == "file.changed"


@pytest.mark.shared
@pytest.mark.parametrize("how", ["as it goes", "no fork", "no room", "half", "changed"])
def test_the_lines_of_a_log_are_derived_once_where_that_can_be(
    shared: Path, tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = largest_log(shared, tmp_path)
    pack = compile_pack(EVENTS)
    (alone,) = run([path], pack, 1)
    monkeypatch.setattr(scan_parts, "PART", 3 * 65_536)
    derived: list[object] = []
    chunks_of = scan_parts.chunks_of

    def count(*told: Any, **more: Any) -> Any:
        derived.append(told)
        if how == "changed":
            os.utime(path)
        return chunks_of(*told, **more)

    # Only what this process derives is counted.
    monkeypatch.setattr(scan_parts, "chunks_of", count)
    monkeypatch.setattr(scan, "can_fork", lambda: how != "no fork")  # whatever threads tests run beside
    if how == "no room":
        monkeypatch.setattr(scan_copies, "MOST", 1000)
    elif how in ("half", "changed"):
        monkeypatch.setattr(scan, "COPIES", 1)
    (found,) = run([path], pack, 2)
    parts = len(cut_task(alone.task, pack))
    assert len(derived) == {"as it goes": 0, "half": parts - 1, "changed": parts - 1}.get(how, parts)
    if how == "changed":
        assert found.error is not None
        assert found.error[0] == "file.changed"
    else:
        assert found == alone


def test_a_row_too_long_costs_itself_alone_in_parts_too(
    files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = "\n".join(ADDRESSES) + "\n"
    files[1].write_text(lines + "y" * (17 << 20) + "\n" + lines)
    pack = compile_pack(RULES)
    (alone,) = run(files[1:2], pack, 1)
    monkeypatch.setattr(scan_parts, "PART", 9_000_000)
    (apart,) = run(files[1:2], pack, 2)
    assert apart == alone
    assert alone.error is None
    assert alone.rows == 2 * len(ADDRESSES) + 1
    assert alone.unparsed == {"longer than 16777216 bytes, so nothing was asked of it": 1}
    assert alone.finding is not None
    behind = [row - len(ADDRESSES) - 1 for _, row in alone.finding.rows if row > len(ADDRESSES)]
    assert behind == [row for _, row in alone.finding.rows if row <= len(ADDRESSES)] != []


def test_rows_that_are_not_asked_whole_are_the_same_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "made.jsonl"
    lines = [json.dumps({"a": "b"})] * 40 + [json.dumps(EVERY)] + [json.dumps({"a": "b"})] * 40
    path.write_text("\n".join(lines * 3) + "\n")
    pack = compile_pack(RULES)
    (alone,) = run([path], pack, 1)
    assert alone.partly is not None
    assert list(alone.partly.values()) == [(41, 122, 203)]
    monkeypatch.setattr(scan_parts, "PART", 9_000)
    assert len(cut_task(alone.task, pack)) > 1
    for workers in (1, 2):
        assert run([path], pack, workers) == [alone]


def test_a_file_that_changes_while_it_is_read_gives_no_finding(
    files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan_parts, "PART", 2_000)
    told = scan_parts.Told(whole="0" * 64, parts=("0" * 64,))
    monkeypatch.setattr(scan_parts.Digests, "_read", lambda *_: told)
    (found,) = run(files[:1], compile_pack(RULES), 2)
    assert found.error is not None
    assert found.error[0] == "file.changed"


@pytest.mark.parametrize("rested", [True, False])
def test_a_file_changed_behind_its_digest_gives_no_finding(
    files: list[Path], monkeypatch: pytest.MonkeyPatch, *, rested: bool
) -> None:
    """The same size and time of content, other bytes: its other time tells, or the digests of the parts."""
    monkeypatch.setattr(scan_parts, "PART", 2_000)
    monkeypatch.setattr(file_state, "RESTED", 0 if rested else 3600)
    path = files[0]
    pack = compile_pack(RULES)
    (fine,) = run([path], pack, 2)
    assert fine.error is None
    read = scan_parts.Digests._read
    states = []

    def read_then_change(self: scan_parts.Digests, *told: object) -> scan_parts.Told:
        done = read(self, *told)  # type: ignore[arg-type]
        states.append(done.state is not None)
        before = path.stat()
        path.write_bytes(path.read_bytes().replace(b"192.0.2.1", b"192.0.2.3"))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        return done

    monkeypatch.setattr(scan_parts.Digests, "_read", read_then_change)
    # The parts are read before the change or after it: with digests, only the latter can be told.
    monkeypatch.setattr(scan_parts.Digests, "of", read_at_once)
    (found,) = run([path], pack, 2)
    assert states == [rested]
    assert found.error is not None
    assert found.error[0] == "file.changed"


def read_at_once(
    digests: scan_parts.Digests, path: Path, spans: list[Span], copies: list[Copy | None]
) -> Future[scan_parts.Told]:
    done: Future[scan_parts.Told] = Future()
    done.set_result(digests._read(path, spans, copies))
    return done


def test_nobody_stands_still_for_a_digest(files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """While it is computed, results are taken and files handed out; their order stays."""
    monkeypatch.setattr(scan_parts, "PART", 2_000)
    monkeypatch.setattr(scan_parts, "LEAST", 1_000)
    pack, course, asked = compile_pack(RULES), Watching(), []
    of = scan_parts.Digests.of

    class Slow(Future[scan_parts.Told]):
        """Done when every part of every file is."""

        def __init__(self, real: Future[scan_parts.Told]) -> None:
            super().__init__()
            self.real = real

        def done(self) -> bool:
            return len(course.given) == total

        def result(self, timeout: float | None = None) -> scan_parts.Told:
            asked.append(self.done())
            return self.real.result(timeout)

    def slowly(self: scan_parts.Digests, *told: Any) -> Future[scan_parts.Told]:
        return Slow(of(self, *told))

    tasks = [Task(path=str(path), shown=path.name, parameters=Parameters()) for path in files]
    total = sum(len(cut_task(task, pack, 2)) for task in tasks)
    monkeypatch.setattr(scan_parts.Digests, "of", slowly)
    found = list(scan_files(tasks, pack, 2, course))
    assert [each.task for each in found] == tasks
    assert len(asked) > 1
    assert all(asked)


def test_the_largest_are_handed_out_first(tmp_path: Path) -> None:
    sizes = {"a": 10, "b": 900, "c": 20, "d": 3000, "e": 30}
    for name, size in sizes.items():
        (tmp_path / name).write_bytes(bytes(size))
    tasks = [Task(path=str(tmp_path / name), shown="", parameters=Parameters()) for name in (*sizes, "none")]
    assert order_tasks(tasks, 2) == [3, 1, 0, 2, 4, 5]
    parts = [replace(tasks[3], span=Span(begin=n, end=n + 1000)) for n in (0, 1000, 2000)]
    assert order_tasks([tasks[0], *parts], 2) == [1, 2, 3, 0]
    assert order_tasks([], 2) == []


def test_messages_that_come_together_are_all_heard() -> None:
    """A result right behind a word of progress is not left in a buffer, where no selector sees it."""
    source, sink = os.pipe()
    with os.fdopen(source, "rb", buffering=0) as reading, os.fdopen(sink, "wb", buffering=0) as writing:
        for frame in (b"a", b"", b"c" * 5000):
            write_frame(writing, frame)
        heard = []
        with selectors.DefaultSelector() as selector:
            selector.register(reading, selectors.EVENT_READ)
            while selector.select(0):
                heard.append(read_frame(reading))
        writing.write(b"torn")
        writing.close()
        assert read_frame(reading) is None
    assert heard == [b"a", b"", b"c" * 5000]


class Writing(Watching):
    """Writes to a file after it was cut and before any part of it is read."""

    def __init__(self, write: Callable[[], object]) -> None:
        super().__init__()
        self.write = write

    def cut(self, at: int, parts: Sequence[Task]) -> None:
        self.write()

    def give(self, at: int, scanned: Scanned, number: int | None = None) -> None:
        self.given.append((at, number))


def written_to(path: Path, write: Callable[[], object], workers: int) -> Scanned:
    task = Task(path=str(path), shown=path.name, parameters=Parameters())
    (found,) = scan_files([task], compile_pack(RULES), workers, Writing(write))
    return found


@pytest.mark.parametrize("rested", [True, False])
@pytest.mark.parametrize("workers", [1, 2])
def test_a_file_put_in_the_place_of_one_that_is_read_is_told(
    files: list[Path], workers: int, monkeypatch: pytest.MonkeyPatch, *, rested: bool
) -> None:
    monkeypatch.setattr(scan_parts, "PART", 2_000)
    monkeypatch.setattr(file_state, "RESTED", 0 if rested else 3600)
    path, other = files[0], files[0].with_name("other")
    other.write_bytes(path.read_bytes().replace(b"192.0.2.1", b"192.0.2.3"))
    found = written_to(path, lambda: other.replace(path), workers)
    assert found.finding is None
    assert found.error is not None
    assert found.error[0] == "file.changed"


@pytest.mark.parametrize("name", ["c.log", "e.csv"])
def test_a_header_row_that_was_written_over_is_told(
    files: list[Path], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan_parts, "PART", 2_000)
    path = files[0].with_name(name)
    raw = path.read_bytes()
    written = raw.replace(b"time c-ip", b"c-ip time").replace(b"time;src;c-ip", b"time;c-ip;src")
    assert written != raw
    found = written_to(path, lambda: path.write_bytes(written), 1)
    assert found.error is not None
    assert found.error[0] == "file.changed"


def test_a_log_that_grows_meanwhile_is_read_as_far_as_it_was(
    files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan_parts, "PART", 2_000)
    (before,) = run([files[2]], compile_pack(RULES), 1)

    def grow() -> None:
        with files[2].open("a") as file:
            file.write("1 203.0.113.9\n")

    assert written_to(files[2], grow, 1) == before
