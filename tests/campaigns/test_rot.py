"""The short form of the campaign, and that it would see what it is there for."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from campaigns import rot
from comity import compose
from comity.cli.ledger import check_node


def test_a_hundred_flips_are_found_or_say_nothing(request: pytest.FixtureRequest) -> None:
    rounds = 1000 if request.config.getoption("--slow") else 100
    tally = rot.run_rounds(rounds, seed=7)
    assert tally.found.total() + tally.harmless.total() + tally.unchecked.total() == rounds
    assert tally.found.total() > rounds // 4
    assert tally.signed


def test_a_changed_word_that_nothing_finds_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the checks away, the campaign says so itself."""
    monkeypatch.setattr(rot, "_faults", lambda home: [])
    subject = rot.make_subject(tmp_path / "home")
    chance = random.Random(3)
    folders = [tmp_path / f"copy-{n}" for n in range(12)]
    believed = 0
    for folder in folders:
        where = rot.flip(subject, folder, chance)
        try:
            rot.look(subject, folder, where, rot.Tally())
        except rot.Believed:
            believed += 1
    assert believed


def test_every_fault_is_listed(tmp_path: Path) -> None:
    subject = rot.make_subject(tmp_path / "home")
    tiles = sorted((subject.folder / "public/tile/0").rglob("*"), key=lambda path: path.name)
    harmed = [path for path in tiles if path.is_file()][:3]
    for path in harmed:
        path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])
    (subject.folder / "public/notes.txt").write_text("Not ours.\n")
    blob = next(path for path in (subject.folder / "blobs").glob("??/*"))
    blob.write_bytes(blob.read_bytes()[:-1])
    home = compose.open_home(subject.folder)
    found = rot._faults(home)
    assert sum("ledger.tiles" in fault for fault in found) >= 3
    assert all(any(path.name in fault for fault in found) for path in (*harmed, blob))
    assert any("notes.txt" in fault and "file.stray" in fault for fault in found)
    check_node_of_other_parts(home)
    home.close()


def check_node_of_other_parts(home: compose.Home) -> None:
    """What is whole is not blamed for what is not."""
    with pytest.raises(Exception, match=r"ledger\.tiles|blob\."):
        check_node(home.node)
