"""Nothing is acknowledged before it is on the disk, and nothing is published before what it rests on.

The order of every sync, rename and commit of an act is recorded, and what a power failure could take away
at each point is worked out from it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from comity import compose
from comity.adapters.sqlite_file import SqliteFile
from comity.adapters.sqlite_journal import SqliteJournal
from comity.exchange import acts
from comity.exchange.appending import Registered, read_entry, register_entries
from comity.exchange.node import Node
from comity.exchange.ports import Write
from comity.records import kinds
from tests import world as w
from tests.entries import Writer

Step = tuple[str, str]


class Recorder:
    """What was asked of the disk, in order: written, synced, renamed, folder, committed, acknowledged."""

    def __init__(self, patch: pytest.MonkeyPatch, home: Path) -> None:
        self.steps: list[Step] = []
        self.home = home
        names: dict[int, Path] = {}
        opened, synced, renamed, closed, wrote = os.open, os.fsync, Path.rename, os.close, os.write

        def open_(path: str | Path, flags: int, *more: int, **named: int) -> int:
            file = opened(path, flags, *more, **named)
            names[file] = Path(path)
            return file

        def write_(file: int, data: bytes) -> int:
            self.note("written", names.get(file, Path("?")))
            return wrote(file, data)

        def fsync_(file: int) -> None:
            synced(file)
            path = names.get(file, Path("?"))
            self.note("folder" if path.is_dir() else "synced", path)

        def rename_(path: Path, target: Path) -> Path:
            self.note("renamed", target, path)
            return renamed(path, target)

        def close_(file: int) -> None:
            names.pop(file, None)
            closed(file)

        patch.setattr(os, "open", open_)
        patch.setattr(os, "write", write_)
        patch.setattr(os, "fsync", fsync_)
        patch.setattr(os, "close", close_)
        patch.setattr(Path, "rename", rename_)
        write = SqliteJournal.write

        def commit(journal: SqliteJournal, what: Write) -> None:
            write(journal, what)
            self.steps.append(("committed", str(len(what.leaves))))

        patch.setattr(SqliteJournal, "write", commit)

    def note(self, what: str, path: Path, source: Path | None = None) -> None:
        def short(one: Path) -> str:
            return str(one.relative_to(self.home)) if one.is_relative_to(self.home) else str(one)

        self.steps.append((what, f"{short(source)} {short(path)}" if source else short(path)))

    def acknowledge(self) -> None:
        self.steps.append(("acknowledged", ""))


def check_order(steps: list[Step]) -> list[str]:
    """The public names in the order in which they came, after every promise about the order was checked."""
    synced: set[str] = set()
    unsettled: set[str] = set()  # renamed, and the folder is not synced yet
    committed = False
    published: list[str] = []
    for what, name in steps:
        match what:
            case "written":
                synced.discard(name)
            case "synced":
                synced.add(name)
            case "renamed":
                source, target = name.split(" ")
                assert source in synced, f"{target} takes its name before its bytes are synced"
                assert committed, f"{target} is published before the journal has it"
                if target == "public/checkpoint":
                    assert not unsettled, f"the checkpoint comes before {unsettled} is durable"
                unsettled.add(target)
                published.append(target)
            case "folder":
                unsettled = {one for one in unsettled if str(Path(one).parent) != name}
            case "committed":
                committed = True
            case "acknowledged":
                assert committed
                assert published[-1] == "public/checkpoint"
                assert not unsettled, f"acknowledged before {unsettled} is durable"
                committed = False
    return published


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    made = compose.create_node(tmp_path / "home", name="Alder")
    yield made
    made.journal.close()


def act(node: Node) -> Callable[[], None]:
    witness = kinds.Witness(vkey=node.party.card.witness, party=node.party.id)
    case = acts.open_case(node, "2031-03-01", kinds.Policy(quorum=1, witnesses=(witness,)))
    return lambda: [acts.say(node, case, w.claim(w.cite()))].clear()


def batch(node: Node) -> Callable[[], None]:
    chain = Writer(node, "rowan").chain()

    def register() -> None:
        entries = [read_entry(node, next(chain).raw) for _ in range(300)]
        assert all(isinstance(one, Registered) for one in register_entries(node, entries))

    return register


@pytest.mark.parametrize(("make", "most"), [(act, 7), (batch, 15)])
def test_what_is_acknowledged_was_synced_in_order(
    node: Node,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[Node], Callable[[], None]],
    most: int,
) -> None:
    run = make(node)
    run()  # folders that only a first time needs
    recorder = Recorder(monkeypatch, tmp_path / "home")
    for _ in range(3):
        before = len(recorder.steps)
        run()
        recorder.acknowledge()
        syncs = [s for s in recorder.steps[before:] if s[0] in ("synced", "folder", "committed")]
        assert len(syncs) <= most + 2, syncs  # two more where a new folder begins
    published = check_order(recorder.steps)
    assert published.count("public/checkpoint") == 3
    assert any(name.startswith("public/tile/entries/") for name in published)


@pytest.mark.parametrize(
    "steps",
    [
        [("committed", "1"), ("written", "t"), ("renamed", "t public/x")],
        [("synced", "t"), ("renamed", "t public/x"), ("committed", "1")],
        [("committed", "1"), ("synced", "t"), ("renamed", "t public/checkpoint"), ("acknowledged", "")],
        [
            ("committed", "1"),
            *(("synced", "t"), ("renamed", "t public/tile/0/000")),
            *(("synced", "u"), ("renamed", "u public/checkpoint")),
        ],
    ],
)
def test_the_check_sees_what_it_is_for(steps: list[Step]) -> None:
    with pytest.raises(AssertionError):
        check_order(steps)


def test_every_connection_of_the_journal_syncs_at_each_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A commit that returned is in a synced write-ahead log: SQLite's promise for WAL with FULL."""
    seen: list[sqlite3.Connection] = []
    connect = SqliteFile._connect

    def remember(journal: SqliteFile, create: bool = False) -> sqlite3.Connection:
        connection = connect(journal, create)
        seen.append(connection)
        return connection

    monkeypatch.setattr(SqliteFile, "_connect", remember)
    journal = SqliteJournal(tmp_path / "journal.sqlite")
    with journal._file.borrow(), journal._file.borrow(), journal._file.borrow():
        pass
    assert len(seen) == 3
    for connection in seen:
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        with pytest.raises(sqlite3.DatabaseError):
            connection.execute("PRAGMA synchronous = OFF")
    journal.close()
