"""A search that something ends goes on where it was, inside a long file too, and says what one says that
nothing ended; and nothing stale is taken for what the files say now."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from comity.cli import scan_kept, scan_parts
from comity.cli.scan_task import Scanned
from comity.cli.scan_told import KeptCourse
from tests.cli.running import run

RULE = "title: hit\nlogsource: {}\ndetection: {s: {message: evil}, condition: s}\n"
WORDS = "title: words\nlogsource: {}\ndetection: {w: [evil, bad], condition: w}\n"

# Small parts, synced at once, of files that were written just now; it stops when so many results are there.
SCRIPT = """
import os, signal, sys, time
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the tests may have had it ignored
from comity.cli import scan_journal, scan_kept, scan_parts, scan_told
scan_kept.STEP = 0
scan_kept.SECONDS = scan_journal.SECONDS = 0.0
scan_journal.SHARE = 0
scan_parts.PART = scan_parts.ALONE = 4_000
stop, given = int(os.environ["STOP"]), []
real = scan_told.KeptCourse.give
def give(self, at, scanned, number=None):
    real(self, at, scanned, number)
    given.append((at, number))
    if len(given) == stop:
        print("reached", file=sys.stderr, flush=True)
        time.sleep(600)
scan_told.KeptCourse.give = give
from comity.cli.main import main
try:
    main(sys.argv[1:], prog_name="comity")
finally:
    print(f"gave {len(given)}", file=sys.stderr)
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a search ended, what it said, and how many results it worked out."""

    code: int
    out: str
    err: str
    gave: int = 0

    @property
    def told(self) -> list[dict[str, object]]:
        """What it found, as scripts read it."""
        return [json.loads(line) for line in self.out.splitlines()]


CODES = {signal.SIGKILL: -9, signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
WORDS_OF = ("find", "r.yml", "w.yml", "logs", "--json", "--workers")


def begin(place: Path, workers: int, stop: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, *WORDS_OF, str(workers)],
        cwd=place,
        env={**os.environ, "XDG_CACHE_HOME": str(place / "cache"), "STOP": str(stop)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def search_apart(place: Path, workers: int) -> Ended:
    """A search in a process of its own, to its end."""
    process = begin(place, workers, -1)
    out, err = process.communicate(timeout=120)
    gave = int(err.splitlines()[-1].removeprefix("gave "))
    return Ended(process.returncode, out, err, gave)


def search(place: Path, cache: str = "cache") -> Ended:
    """A search in this process, to its end."""
    given: list[int] = []
    real = KeptCourse.give

    def give(course: KeptCourse, at: int, scanned: Scanned, number: int | None = None) -> None:
        real(course, at, scanned, number)
        given.append(at)

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        patch.setattr(scan_kept, "STEP", 0)
        patch.setattr(scan_parts, "ALONE", 4_000)
        patch.setattr(KeptCourse, "give", give)
        done = run(*WORDS_OF, 1, env={"XDG_CACHE_HOME": str(place / cache)})
    return Ended(done.code, done.out, done.err, len(given))


def search_until(place: Path, workers: int, stop: int, how: signal.Signals) -> Ended:
    """End a search when so many results are there."""
    process = begin(place, workers, stop)
    assert process.stderr is not None
    heard: list[str] = []
    while (line := process.stderr.readline()) != "reached\n":
        if not line:
            process.communicate()
            pytest.fail("".join(heard))
        heard.append(line)
    process.send_signal(how)
    out, err = process.communicate(timeout=30)
    assert process.returncode == CODES[how], err
    return Ended(process.returncode, out, err)


def kept_in(place: Path) -> list[Path]:
    return sorted((place / "cache" / "comity" / "finds").glob("*"))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "r.yml").write_text(RULE)
    (tmp_path / "w.yml").write_text(WORDS)
    logs = tmp_path / "logs"
    logs.mkdir()
    rows = [{"message": "evil" if n % 7 == 0 else "fine", "number": n} for n in range(1300)]
    (logs / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows[:20]))
    (logs / "b.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (logs / "c.csv").write_text("number,message\n" + "".join(f"{r['number']},{r['message']}\n" for r in rows))
    return tmp_path


@pytest.mark.parametrize(
    ("how", "before", "after"),
    [
        (signal.SIGKILL, 1, 2),
        (signal.SIGKILL, 2, 1),
        (signal.SIGTERM, 2, 2),
        (signal.SIGHUP, 1, 1),
        (signal.SIGINT, 2, 1),
    ],
)
def test_however_it_ends_it_goes_on_inside_a_long_file(
    place: Path, how: signal.Signals, before: int, after: int
) -> None:
    whole = search(place, "other")
    assert whole.code == 0, whole.err
    stop = whole.gave * 6 // 10
    assert stop > 5
    ended = search_until(place, before, stop, how)
    assert how == signal.SIGKILL or "the same command goes on from there" in ended.err
    (kept,) = kept_in(place)
    assert kept.stat().st_mode & 0o777 == 0o600
    again = search_apart(place, after) if after > 1 else search(place)
    assert again.code == 0, again.err
    assert "going on with an interrupted run" in again.err
    assert again.gave == whole.gave - stop
    assert again.told == whole.told
    assert kept_in(place) == []


def test_it_may_be_ended_again_and_again(place: Path) -> None:
    whole = search(place, "other")
    for _ in range(3):
        search_until(place, 1, 4, signal.SIGKILL)
    assert len(kept_in(place)) == 3
    again = search(place)
    assert again.gave == whole.gave - 12
    assert again.told == whole.told
    assert kept_in(place) == []


def test_a_file_that_changed_meanwhile_is_named_and_read_anew(place: Path) -> None:
    search_until(place, 1, 9, signal.SIGKILL)
    log = place / "logs" / "b.jsonl"
    before = log.stat()
    # The same length and time of content.
    log.write_bytes(log.read_bytes().replace(b"evil", b"live"))
    os.utime(log, ns=(before.st_atime_ns, before.st_mtime_ns))
    whole = search(place, "other")
    again = search(place)
    assert "changed since that run, and read anew: logs/b.jsonl" in again.err
    assert again.told == whole.told


def test_a_file_put_in_its_place_is_no_part_of_it(place: Path) -> None:
    search_until(place, 1, 9, signal.SIGKILL)
    log = place / "logs" / "b.jsonl"
    other = place / "other.jsonl"
    other.write_bytes(log.read_bytes().replace(b"evil", b"live"))
    told = log.stat()
    os.utime(other, ns=(told.st_atime_ns, told.st_mtime_ns))
    other.replace(log)
    whole = search(place, "other")
    again = search(place)
    assert "changed since that run" in again.err
    assert again.told == whole.told


def test_other_rules_take_up_nothing(place: Path) -> None:
    search_until(place, 1, 9, signal.SIGKILL)
    (place / "r.yml").write_text(RULE.replace("evil", "fine"))
    whole = search(place, "other")
    again = search(place)
    assert "going on" not in again.err
    assert again.told == whole.told
    # What is kept is of the other rules, and stays for them.
    assert len(kept_in(place)) == 1


def test_a_file_that_is_new_costs_nothing_of_what_is_kept(place: Path) -> None:
    search_until(place, 1, 9, signal.SIGKILL)
    (place / "logs" / "0.log").write_text("evil\n")
    whole = search(place, "other")
    again = search(place)
    assert "going on with an interrupted run" in again.err
    assert again.gave == whole.gave - 9
    assert again.told == whole.told


def test_what_was_cut_short_by_a_loss_of_power_is_passed_over(place: Path) -> None:
    whole = search(place, "other")
    search_until(place, 1, 9, signal.SIGKILL)
    (kept,) = kept_in(place)
    raw = kept.read_bytes()
    for cut in (1, 40, 700):
        for left in kept_in(place):
            left.unlink()
        kept.write_bytes(raw[:-cut])
        again = search(place)
        assert 9 > whole.gave - again.gave > 3
        assert again.told == whole.told


HANGING = """
import sys
from comity.adapters import child_process
from comity.cli import scan_parts
scan_parts.PART = 65536
child_process._PREPARING = ("-c", "import sys, time; from comity.adapters import evtx_child, preparing_child;"
    "evtx_child.write_lines = lambda *_: time.sleep(600); preparing_child.main('evtx')")
from comity.cli.main import main
main(sys.argv[1:], prog_name="comity")
"""


def below(pid: int) -> set[int]:
    """A process and all that it has started."""
    with suppress(OSError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return {pid}.union(*(below(int(each)) for each in children))
    return {pid}


def alive(pid: int) -> bool:
    with suppress(OSError):
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    return False


@pytest.mark.shared
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("workers", [1, 2])
def test_nobody_waits_for_a_parser_that_gives_nothing(place: Path, shared: Path, workers: int) -> None:
    """Processes that read parts, the thread that digests them, and the parsers of all: none stays."""
    log = max((shared / "evtx").rglob("*.evtx"), key=lambda path: path.stat().st_size)
    (place / "logs" / "d.evtx").write_bytes(log.read_bytes())
    process = subprocess.Popen(
        [sys.executable, "-c", HANGING, *WORDS_OF, str(workers)],
        cwd=place,
        env={**os.environ, "XDG_CACHE_HOME": str(place / "cache")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    until = time.monotonic() + 60
    # Each worker, its preparing process and its parser; with two, the thread of the digests waits too.
    while len(below(process.pid)) < (3 if workers == 1 else 6):
        assert time.monotonic() < until
        time.sleep(0.05)
    started = below(process.pid)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=20)
    assert process.returncode == 130, told
    until = time.monotonic() + 20
    while any(map(alive, started)):
        assert time.monotonic() < until
        time.sleep(0.02)
