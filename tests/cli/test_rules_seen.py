"""Rule files are not read again only where they cannot have changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from comity.adapters.file_state import RESTED, STEP
from comity.cli import rule_cache, rules_seen, sources
from comity.cli.rule_cache import load_pack
from comity.cli.rules_seen import Seen

RULE = "title: r\nlogsource: {{product: test}}\ndetection: {{s: {{F: x{n}}}, condition: s}}\n"


class Clock:
    def __init__(self, start: float) -> None:
        self.now = start

    def time(self) -> float:
        return self.now


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(rule_cache, "WORTH", 2)
    folder = tmp_path / "rules"
    folder.mkdir()
    for n in range(4):
        (folder / f"{n}.yml").write_text(RULE.format(n=n))
    return folder


@pytest.fixture
def clock(place: Path, monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock((place / "0.yml").stat().st_ctime + 1)
    monkeypatch.setattr(rules_seen, "time", made)
    return made


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each time that the rules are read."""
    done: list[int] = []
    read = sources.read_sources

    def watch(paths: list[Path]) -> object:
        done.append(len(paths))
        return read(paths)

    monkeypatch.setattr(rule_cache, "read_sources", watch)
    return done


def load(place: Path) -> object:
    return load_pack(sorted(place.iterdir()))[0]


@pytest.mark.usefixtures("clock")
def test_files_just_written_are_read_again_until_time_has_passed(
    place: Path, clock: Clock, reads: list[int]
) -> None:
    first = load(place)
    assert load(place) == first
    assert len(reads) == 2  # another write may have come in the same instant of the file's clock
    clock.now += STEP
    assert load(place) == first
    assert len(reads) == 3
    assert load(place) == first
    assert len(reads) == 3


def test_files_that_rested_are_read_once(place: Path, clock: Clock, reads: list[int]) -> None:
    clock.now += RESTED
    assert load(place) == load(place) == load(place)
    assert len(reads) == 1


def test_a_change_that_hides_its_time_and_size_is_noticed(
    place: Path, clock: Clock, reads: list[int]
) -> None:
    clock.now += RESTED
    first = load(place)
    changed = place / "0.yml"
    before = changed.stat()
    changed.write_text(RULE.format(n=9))
    os.utime(changed, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert changed.stat().st_mtime_ns == before.st_mtime_ns
    assert changed.stat().st_size == before.st_size
    assert load(place) != first
    assert len(reads) == 2


def test_a_file_put_in_the_place_of_another_is_noticed(place: Path, clock: Clock, reads: list[int]) -> None:
    clock.now += RESTED
    first = load(place)
    other = place.parent / "other"
    other.write_text(RULE.format(n=9))
    other.replace(place / "0.yml")
    assert load(place) != first
    (place / "7.yml").write_text(RULE.format(n=7))
    load(place)
    (place / "7.yml").unlink()
    load(place)  # as they were before
    assert len(reads) == 3


def test_a_clock_set_back_makes_files_read(place: Path, clock: Clock, reads: list[int]) -> None:
    clock.now += RESTED
    first = load(place)
    clock.now -= 10 * RESTED
    os.utime(place / "0.yml")
    assert load(place) == first
    assert load(place) == first
    assert len(reads) == 3


def test_another_engine_other_placeholders_and_torn_notes_make_files_read(
    place: Path, clock: Clock, reads: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.now += RESTED
    load(place)
    (note,) = (place.parent / "cache" / "comity" / "packs").glob("*.seen")
    for torn in (b"", b"[]", b"{}", note.read_bytes()[:-9], b"[" * 9999):
        note.write_bytes(torn)
        load(place)
    assert len(reads) == 6
    load_pack(sorted(place.iterdir()), {"p": ("a",)})
    assert len(reads) == 7
    monkeypatch.setattr(rule_cache, "engine_version", lambda: "another")
    load(place)
    assert len(reads) == 8


def test_a_pack_that_is_gone_is_made_again(place: Path, clock: Clock, reads: list[int]) -> None:
    clock.now += RESTED
    first = load(place)
    for kept in (place.parent / "cache" / "comity" / "packs").glob("*.json"):
        kept.unlink()
    assert load(place) == first
    assert len(reads) == 2


def test_what_is_no_regular_file_has_no_state(place: Path, clock: Clock) -> None:
    clock.now += RESTED
    (place / "link.yml").symlink_to(place / "0.yml")
    files = sorted(place.iterdir())
    seen = Seen(place, "v", files, {})
    seen.keep("k")
    assert Seen(place, "v", files, {}).settled_key() is None
    assert list(place.glob("*.seen")) == []
    kept = Seen(place, "v", files[:2], {})
    kept.keep("k")
    assert Seen(place, "v", files[:2], {}).settled_key() == "k"


def test_few_notes_are_kept(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules_seen, "KEPT", 3)
    files = sorted(place.iterdir())
    for n in range(6):
        Seen(place, str(n), files, {}).keep("k")
    assert len(list(place.glob("*.seen"))) == 3
