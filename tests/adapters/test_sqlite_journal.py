"""What the SQLite journal adds to the contract: it survives kills, and guards its file against SQL."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.adapters import sqlite_file
from comity.adapters.sqlite_journal import SqliteJournal
from comity.adapters.sqlite_schema import APPLICATION, IMMUTABLE
from comity.errors import ComityError, Unavailable
from comity.exchange.ports import Conflict, Held, Journal, Leaf, Message, Write
from comity.records.bundles import Opening
from comity.records.kinds import SELF

SECRET = b"a content that must not survive " * 8
WHOLE = Opening(salt_f=b"f" * 32, frame=b"{}", cc=b"c" * 32, salt_c=b"s" * 32, content=SECRET)


def leaf(index: int, iss: str = "a") -> Leaf:
    return Leaf(index=index, id=f"{iss}{index}", iss=iss, sub="s", seq=index, envelope=b"envelope")


def held(name: str = "r") -> Held:
    return Held(
        id=name,
        case="c",
        iss="a",
        sub="s",
        seq=0,
        home="h",
        envelope=b"envelope",
        receipt=b"r",
        opening=WHOLE,
    )


FULL = Write(
    expected=0,
    leaves=[leaf(0), leaf(1)],
    held=[held()],
    attestations=[("c", "t", b"t")],
    outbox=[Message(to="x", path="/", body=b"b")],
    notes={"n": b"n"},
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "folder" / "journal.db"


@pytest.fixture
def journal(path: Path) -> Iterator[SqliteJournal]:
    made = SqliteJournal(path)
    yield made
    made.close()


def test_everything_is_there_after_reopening(path: Path) -> None:
    one = SqliteJournal(path)
    one.write(FULL)
    one.erase("later")
    version = one.version()
    one.close()
    two = SqliteJournal(path)
    assert two.leaves(0, 9) == list(FULL.leaves)
    assert list(two.held("c")) == [held()]
    assert two.attestations("c") == [("t", b"t")]
    assert [message.body for message in two.pending()] == [b"b"]
    assert two.note("n") == b"n"
    assert two.version() == version
    two.close()


def test_every_commit_is_synced(journal: SqliteJournal) -> None:
    with journal._file.borrow() as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_the_log_is_synced_before_each_acknowledgement(path: Path, tmp_path: Path) -> None:
    # A kill cannot show a missing sync, because the kernel keeps what was written: the calls can.
    trace = tmp_path / "trace"
    strace = ["strace", "-f", "-y", "-e", "trace=write,pwrite64,fsync,fdatasync", "-o", str(trace)]
    done = subprocess.run(
        [*strace, sys.executable, "-c", WORKER, str(path), "a", "5"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode and "ptrace" in done.stderr:
        pytest.skip("this machine does not allow tracing")
    assert done.returncode == 0, done.stderr
    unsynced, acknowledged = 0, 0
    for line in trace.read_text("utf-8", "replace").splitlines():
        if "-wal>" in line:
            unsynced = unsynced + 1 if "pwrite64(" in line else 0
        elif "write(1<" in line and "ready" not in line:
            acknowledged += 1
            assert not unsynced, "acknowledged before the log was synced"
    assert acknowledged >= 5


def test_the_file_is_for_its_owner_only(journal: SqliteJournal, path: Path) -> None:
    journal.write(FULL)
    for file in path.parent.iterdir():
        assert file.stat().st_mode & 0o077 == 0, file


TAMPERING = [
    *(f"DELETE FROM {table}" for table in sorted(IMMUTABLE | {"opening"})),
    *(f"UPDATE {table} SET rowid = rowid + 10" for table in sorted(IMMUTABLE)),
    "UPDATE leaf SET envelope = x'00' WHERE idx = 0",
    "UPDATE leaf SET idx = 7 WHERE idx = 1",
    "UPDATE held SET envelope = x'00'",
    "UPDATE held SET home = 'elsewhere'",
    "UPDATE receipt SET bytes = x'00'",
    "UPDATE attestation SET bytes = x'00'",
    "UPDATE opening SET frame = x'00'",
    "UPDATE opening SET content = x'00'",
    "UPDATE opening SET content = NULL, salt_c = NULL",
    "UPDATE version SET number = 0",
    "INSERT OR REPLACE INTO leaf VALUES (0, 'z', 'z', 'z', 9, x'00')",
    "INSERT OR REPLACE INTO leaf VALUES (2, 'a0', 'z', 'z', 9, x'00')",
    "INSERT OR REPLACE INTO leaf VALUES (2, 'z', 'a', 's', 1, x'00')",
    "INSERT OR IGNORE INTO leaf VALUES (1, 'z', 'z', 'z', 9, x'00')",
    "INSERT INTO leaf VALUES (5, 'z', 'z', 'z', 9, x'00')",
    "INSERT OR REPLACE INTO held VALUES (1, 'r', 'c', 'a', 's', 0, 'h', x'00')",
    "INSERT OR REPLACE INTO held VALUES (1, 'z', 'c', 'a', 's', 0, 'h', x'00')",
    "REPLACE INTO receipt VALUES ('r', x'00')",
    "REPLACE INTO opening VALUES ('r', x'00', x'00', x'00', NULL, NULL)",
    "REPLACE INTO attestation VALUES (9, 'c', 't', x'00')",
    "INSERT INTO leaf VALUES (0, 'z', 'z', 'z', 9, x'00') ON CONFLICT DO UPDATE SET envelope = x'00'",
]


@pytest.mark.parametrize("statement", TAMPERING)
def test_facts_are_never_changed_by_any_sql(journal: SqliteJournal, path: Path, statement: str) -> None:
    journal.write(FULL)
    journal.erase("gone")
    with journal._file.borrow() as own, pytest.raises(sqlite3.DatabaseError):
        own.execute(statement)
    stranger = sqlite3.connect(path)
    try:
        with pytest.raises(sqlite3.DatabaseError):
            stranger.execute(statement)
    finally:
        stranger.close()
    assert journal.leaves(0, 9) == list(FULL.leaves)
    assert list(journal.held("c")) == [held()]


DISARMING = [
    "DROP TRIGGER leaf_unchanged",
    "DROP TABLE leaf",
    "DROP INDEX leaf_chain",
    "ALTER TABLE leaf RENAME TO old",
    "PRAGMA writable_schema = ON",
    "PRAGMA synchronous = OFF",
    "PRAGMA journal_mode = OFF",
    "ATTACH ':memory:' AS other",
]


@pytest.mark.parametrize("statement", DISARMING)
def test_our_connection_cannot_take_the_guards_away(journal: SqliteJournal, statement: str) -> None:
    with journal._file.borrow() as own, pytest.raises(sqlite3.DatabaseError, match="not authorized"):
        own.execute(statement)


def test_the_schema_knows_the_name_of_cards() -> None:
    assert SELF == "self"


def test_erased_bytes_are_nowhere_in_the_files(journal: SqliteJournal, path: Path) -> None:
    journal.write(FULL)
    assert any(SECRET in file.read_bytes() for file in path.parent.iterdir())
    journal.erase("r")
    assert not [file.name for file in path.parent.iterdir() if SECRET in file.read_bytes()]


def test_erasure_says_when_a_reader_keeps_an_old_copy(
    journal: SqliteJournal, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "WAIT", 0.05)
    journal.write(FULL)
    journal._file._idle.clear()
    reader = sqlite3.connect(path, isolation_level=None)
    try:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM leaf").fetchall()
        with pytest.raises(Unavailable) as caught:
            journal.erase("r")
        assert caught.value.code == "journal.locked"
    finally:
        reader.close()
    journal.erase("r")
    assert not [file.name for file in path.parent.iterdir() if SECRET in file.read_bytes()]


def test_a_full_disk_writes_nothing_and_recovers(journal: SqliteJournal) -> None:
    journal.write(FULL)
    with journal._file.borrow() as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    big = Write(expected=2, leaves=[leaf(2)], notes={"small": b"1", "big": bytes(100_000)})
    with pytest.raises(Unavailable) as caught:
        journal.write(big)
    assert caught.value.code == "disk.full"
    assert (journal.size(), journal.notes("")) == (2, {"n": b"n"})
    journal.write(big)
    assert journal.size() == 3


def test_a_file_size_limit_in_the_middle_of_a_write_loses_nothing(path: Path) -> None:
    # The kernel refuses the write itself here, at whatever byte the limit falls on.
    script = """
import resource, signal, sys
from comity.adapters.sqlite_journal import SqliteJournal
from comity.errors import Unavailable
from comity.exchange.ports import Leaf, Write
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
journal = SqliteJournal(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
n = journal.size()
try:
    while True:
        leaf = Leaf(index=n, id=str(n), iss="a", sub="s", seq=n, envelope=bytes(3000))
        journal.write(Write(expected=n, leaves=[leaf]))
        n += 1
except Unavailable as error:
    assert error.code in ("disk.io", "disk.full"), error.code
    assert journal.size() == n, (journal.size(), n)
    print(n)
"""
    acknowledged = 0
    for limit in (150_000, 200_001, 262_144):
        done = subprocess.run(
            [sys.executable, "-c", script, str(path), str(limit)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        acknowledged = int(done.stdout)
        assert acknowledged > 0
        again = SqliteJournal(path)
        assert [one.index for one in again.leaves(0, 10_000)] == list(range(acknowledged))
        again.close()


def test_a_lock_that_is_not_given_back_is_told(
    journal: SqliteJournal, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "WAIT", 0.05)
    journal._file._idle.clear()
    other = sqlite3.connect(path, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable) as caught:
            journal.write(FULL)
        assert caught.value.code == "journal.locked"
        assert journal.size() == 0
    finally:
        other.close()
    journal.write(FULL)


def expect_unopened(path: Path, code: str) -> None:
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(Unavailable) as caught:
        SqliteJournal(path)
    assert caught.value.code == code
    assert str(path) in str(caught.value)
    assert not path.is_file() or path.read_bytes() == before


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"this is a letter, not a database, and a long one\n" * 100)
    expect_unopened(tmp_path / "x", "journal.foreign")


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "x")
    other.execute("CREATE TABLE t (a)")
    other.commit()
    other.close()
    expect_unopened(tmp_path / "x", "journal.foreign")


def test_a_newer_form_is_left_alone(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / "x")
    other.execute(f"PRAGMA application_id = {APPLICATION}")
    other.execute("PRAGMA user_version = 99")
    other.execute("CREATE TABLE t (a)")
    other.commit()
    other.close()
    expect_unopened(tmp_path / "x", "journal.version")


def test_a_folder_in_the_place_of_the_file_is_told(tmp_path: Path) -> None:
    expect_unopened(tmp_path, "file.folder")


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"")
    with pytest.raises(Unavailable) as caught:
        SqliteJournal(tmp_path / "x" / "journal.db")
    assert caught.value.code == "file.folder"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_told(tmp_path: Path) -> None:
    (tmp_path / "x").touch(0o000)
    expect_unopened(tmp_path / "x", "file.permission")


def test_a_permission_refused_by_the_system_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise OSError(errno.EACCES, "no")

    monkeypatch.setattr(os, "open", refuse)
    expect_unopened(tmp_path / "x", "file.permission")


def test_damage_is_told_and_not_taken_for_an_answer(path: Path) -> None:
    journal = SqliteJournal(path)
    journal.write(Write(expected=0, leaves=[leaf(n) for n in range(3000)]))
    journal.close()
    raw = bytearray(path.read_bytes())
    for start in range(4096 * 2, len(raw) - 4096, 4096):
        raw[start : start + 64] = b"\xff" * 64
    path.write_bytes(raw)
    with pytest.raises(Unavailable) as caught:
        SqliteJournal(path).leaves(0, 3000)
    assert caught.value.code == "journal.damaged"


def test_a_closed_journal_says_so(path: Path) -> None:
    journal = SqliteJournal(path)
    journal.close()
    journal.close()
    with pytest.raises(Unavailable) as caught:
        journal.size()
    assert caught.value.code == "journal.closed"


WORKER = """
import sys
from comity.adapters.sqlite_journal import SqliteJournal
from comity.exchange.ports import Conflict, Leaf, Write
path, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
journal = SqliteJournal(path)
last = journal.last_of(name, "s")
seq = 0 if last is None else last.seq + 1
print("ready", flush=True)
while seq < count:
    size = journal.size()
    leaf = Leaf(index=size, id=f"{name}{seq}", iss=name, sub="s", seq=seq, envelope=bytes(200))
    try:
        journal.write(Write(expected=size, leaves=[leaf], notes={name: str(seq).encode()}))
    except Conflict:
        continue
    print(seq, flush=True)
    seq += 1
journal.close()
"""


def start_worker(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(path), name, str(count)], stdout=subprocess.PIPE, text=True
    )


def test_processes_leave_no_gap_and_no_duplicate(path: Path) -> None:
    # Both make the file, too: neither finds it.
    workers = [start_worker(path, name, 60) for name in "ab"]
    for worker in workers:
        worker.communicate()
        assert worker.returncode == 0
    journal = SqliteJournal(path)
    leaves = journal.leaves(0, 1000)
    assert [one.index for one in leaves] == list(range(120))
    for name in "ab":
        assert [one.seq for one in leaves if one.iss == name] == list(range(60))
    journal.close()


def test_a_reader_in_another_process_sees_the_version_grow(journal: SqliteJournal, path: Path) -> None:
    before = journal.version()
    worker = start_worker(path, "a", 3)
    worker.communicate()
    assert journal.version() == before + 3
    assert journal.size() == 3


def test_killed_at_any_moment_no_acknowledged_record_is_lost(path: Path) -> None:
    acknowledged = -1
    for round_ in range(20):
        worker = start_worker(path, "a", 10**9)
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
        # Let it get a different way each time, so that the kill falls in different places.
        for _ in range(1 + round_ % 5):
            acknowledged = int(worker.stdout.readline())
        time.sleep(round_ / 7000)
        os.kill(worker.pid, signal.SIGKILL)
        rest = worker.stdout.read().split("\n")
        worker.wait()
        worker.stdout.close()
        # A last line may be cut off by the kill; whole lines are acknowledgements.
        acknowledged = max([acknowledged, *map(int, rest[:-1])])
        journal = SqliteJournal(path)
        leaves = journal.leaves(0, 10**9)
        assert [one.index for one in leaves] == list(range(len(leaves)))
        assert [one.seq for one in leaves] == list(range(len(leaves)))
        # At most the act that was under way may be there beyond what was acknowledged, and then whole.
        assert acknowledged < len(leaves) <= acknowledged + 2
        assert journal.note("a") == str(len(leaves) - 1).encode()
        journal.close()


def test_a_forked_child_opens_its_own_connections(journal: SqliteJournal) -> None:
    journal.write(FULL)
    child = os.fork()
    if child == 0:
        try:
            journal.write(Write(expected=2, leaves=[leaf(2)]))
            os._exit(0)
        except BaseException:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    journal.write(Write(expected=3, leaves=[leaf(3)]))
    assert journal.size() == 4


def test_an_error_in_the_middle_rolls_back(journal: SqliteJournal, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(journal, "_attest", fail)
    with pytest.raises(ComityError):
        journal.write(FULL)
    monkeypatch.undo()
    assert (journal.size(), journal.cases(), journal.notes("")) == (0, [], {})
    journal.write(FULL)


def test_it_is_a_journal(journal: SqliteJournal) -> None:
    promised: Journal = journal
    with pytest.raises(Conflict):
        promised.write(Write(expected=9))
