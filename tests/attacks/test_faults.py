"""A disk that fails at any one operation of an act (INTEGRITY, attack 29)."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from campaigns.rot import Subject, claim, make_subject
from comity import compose
from comity.adapters.continuity_files import ContinuityFiles
from comity.cli.ledger import check_node
from comity.errors import Unavailable

CALLS = ("write", "pwrite", "fsync", "rename", "link", "open", "replace")


class Disk:
    """Counts the operations of the file layer, and fails the one it is told to."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self.fail = -1
        self.error = errno.ENOSPC
        self.short = False
        self.armed = False
        for name in CALLS:
            patch.setattr(os, name, self._through(name, getattr(os, name)))

    def _through(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            if not self.armed or (name == "open" and not args[1] & os.O_CREAT):
                return real(*args, **kwargs)
            self.count += 1
            if self.count - 1 == self.fail:
                if self.short and name in ("write", "pwrite"):
                    # A part is written, and the next try finds no room.
                    self.fail += 1
                    self.short = False
                    return real(args[0], bytes(args[1])[: len(args[1]) // 2], *args[2:])
                raise OSError(self.error, os.strerror(self.error))
            return real(*args, **kwargs)

        return call


def act(folder: Path, disk: Disk, case: str) -> bool:
    """One act with the disk armed: whether it was acknowledged."""
    home = compose.open_home(folder)
    codes = []
    try:
        disk.armed = True
        claim(home, case, "With a failing disk.")
    except Unavailable as error:
        codes.append(error.code)
    finally:
        disk.armed = False
        home.close()
    assert set(codes) <= {"disk.full", "disk.io"}
    return not codes


def fresh(subject: Subject, folder: Path) -> Path:
    shutil.copytree(subject.folder, folder)
    ContinuityFiles(folder / compose.CONTINUITY).begin(subject.mark)
    return folder


@pytest.mark.parametrize("fault", ["ENOSPC", "EIO", "short"])
def test_a_fault_at_every_operation_of_an_act(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    subject = make_subject(tmp_path / "home")
    disk = Disk(monkeypatch)
    assert act(fresh(subject, tmp_path / "counted"), disk, subject.case)
    total = disk.count
    assert total > 10
    for index in range(total):
        folder = fresh(subject, tmp_path / f"copy-{index}")
        disk.count, disk.fail = 0, index
        disk.error = errno.EIO if fault == "EIO" else errno.ENOSPC
        disk.short = fault == "short"
        acknowledged = act(folder, disk, subject.case)
        disk.fail = -1
        # There is room again: nothing that was acknowledged is gone, nothing half-written is believed.
        home = compose.open_home(folder)
        node = home.node
        size = node.journal.size()
        assert [leaf.id for leaf in node.journal.leaves(0, subject.mark.size)] == list(subject.leaves)
        assert size - subject.mark.size in ((1,) if acknowledged else (0, 1))
        check_node(node)
        claim(home, subject.case, "And on.")
        assert node.journal.size() == size + 1
        check_node(node)
        home.close()
        shutil.rmtree(folder)


def test_a_full_journal_says_so_and_goes_on(tmp_path: Path) -> None:
    """SQLite itself is out of room: the act is told as not done, and is not."""
    subject = make_subject(tmp_path / "home")
    folder = fresh(subject, tmp_path / "copy")
    home = compose.open_home(folder)
    journal: Any = home.node.journal
    pages = journal._file.read("PRAGMA page_count")[0][0]
    with journal._file.borrow() as connection:
        connection.execute(f"PRAGMA max_page_count = {pages}")

    sizes = []

    def fill() -> None:
        for n in range(60):
            sizes.append(journal.size())
            claim(home, subject.case, f"Filling up, {n}. " + "x" * 1500)

    with pytest.raises(Unavailable) as refused:
        fill()
    assert refused.value.code == "disk.full"
    assert journal.size() == sizes[-1]
    # Reading goes on; and the next connection, with room, signs.
    check_node(home.node)
    claim(home, subject.case, "With room again.")
    check_node(home.node)
    home.close()
