"""The short form of the campaign, and that it would see what it is there for."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from campaigns import kill
from comity import compose
from comity.errors import NotVerified

ROOT = Path(__file__).resolve().parents[2]


def test_forty_kills_lose_nothing() -> None:
    # Apart, because a process with threads, as this one is under xdist, is not to be forked.
    done = subprocess.run(
        [sys.executable, "-m", "campaigns.main", "kill", "--rounds", "40"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = re.match(r"40 kills, .*; ([\d,]+) records acknowledged, ([\d,]+) leaves, 0 lost", done.stdout)
    assert found is not None, done.stdout
    # Several a kill: something is there to be lost.
    assert int(found[1].replace(",", "")) >= 120


def test_what_was_told_and_is_not_there_is_found(tmp_path: Path) -> None:
    kill.make_home(tmp_path / "home")
    home = compose.open_home(tmp_path / "home")
    (leaf,) = home.node.journal.leaves(2, 3)
    good = kill.Told(record=leaf.id, index=2, receipt=b"")
    assert kill.check(home, [good]) == home.node.journal.size()
    for bad in (
        kill.Told(record="ab" * 32, index=2, receipt=b""),
        kill.Told(record=leaf.id, index=3, receipt=b""),
    ):
        with pytest.raises(kill.Lost):
            kill.check(home, [good, bad])
    home.close()


def test_a_wrong_root_is_found(tmp_path: Path) -> None:
    kill.make_home(tmp_path / "home")
    tile = next((tmp_path / "home" / "public" / "tile" / "0" / "000.p").iterdir())
    home = compose.open_home(tmp_path / "home")
    for one in tile.parent.iterdir():
        raw = one.read_bytes()
        one.write_bytes(bytes([raw[0] ^ 1]) + raw[1:])
    with pytest.raises(NotVerified):
        kill.check(home, [])
    home.close()
