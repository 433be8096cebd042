"""Tiles: paths, widths and bundles as tlog-tiles states them; what is rebuilt is what was written."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import Malformed, NotVerified, Refused, Unavailable
from comity.ledger.merkle import Tree, leaf_hash
from comity.ledger.tiles import (
    decode_entries,
    encode_entries,
    entries_path,
    new_bundles,
    new_tiles,
    partial_folders,
    rebuild,
    tile_path,
)

BIG = Tree(leaf_hash(n.to_bytes(4, "big")) for n in range(66_100))


def _reader(files: dict[str, bytes]) -> Callable[[str], bytes]:
    def read(path: str) -> bytes:
        if path not in files:
            raise Unavailable("file.absent", path, "no such tile")
        return files[path]

    return read


def test_paths() -> None:
    assert tile_path(0, 0) == "tile/0/000"
    assert tile_path(0, 1234067) == "tile/0/x001/x234/067"
    assert tile_path(0, 1234, 12) == "tile/0/x001/234.p/12"
    assert tile_path(63, 999, 255) == "tile/63/999.p/255"
    assert entries_path(1000) == "tile/entries/x001/000"
    for level, index, width in ((64, 0, 1), (-1, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)):
        with pytest.raises(ValueError, match="tile"):
            tile_path(level, index, width)


def test_the_tiles_of_the_specification_s_example() -> None:
    # tlog-tiles, Partial Tiles: 70,000 leaves; 256 leaves.
    tree = Tree([leaf_hash(b"")] * 70_000)
    files = dict(new_tiles(tree, 0, 70_000))
    assert sum(p.startswith("tile/0/") and ".p/" not in p for p in files) == 273
    partial = {p: len(raw) // 32 for p, raw in files.items() if ".p/" in p}
    assert partial == {"tile/0/273.p/112": 112, "tile/1/001.p/17": 17, "tile/2/000.p/1": 1}
    assert set(dict(new_tiles(tree, 0, 256))) == {"tile/0/000", "tile/1/000.p/1"}


@given(st.lists(st.integers(0, 66_100), min_size=1, max_size=4))
def test_growth_by_steps_rebuilds_the_tree(sizes: list[int]) -> None:
    files: dict[str, bytes] = {}
    old = 0
    for size in sorted(size % 1_500 if n else size for n, size in enumerate(sizes)):
        files.update(new_tiles(BIG, old, size))
        old = size
        if size < 1_500:
            assert rebuild(_reader(files), size).root() == BIG.root(size)
    assert rebuild(_reader(files), old).root() == BIG.root(old)


def test_only_changed_tiles_are_written_again() -> None:
    assert list(new_tiles(BIG, 300, 300)) == []
    assert [p for p, _ in new_tiles(BIG, 256, 257)] == ["tile/0/001.p/1"]
    assert [p for p, _ in new_tiles(BIG, 300, 512)] == ["tile/0/001", "tile/1/000.p/2"]
    assert list(new_bundles(300, 513)) == [
        ("tile/entries/001", 256, 512),
        ("tile/entries/002.p/1", 512, 513),
    ]
    assert list(new_bundles(7, 7)) == []
    for sizes in ((5, 4), (-1, 4), (0, 70_000)):
        with pytest.raises(ValueError, match="sizes"):
            list(new_tiles(BIG, *sizes))
    with pytest.raises(ValueError, match="sizes"):
        list(new_bundles(2, 1))


def test_a_dropped_partial_tile_is_read_from_the_full_one() -> None:
    files = dict(new_tiles(BIG, 0, 1_000)) | dict(new_tiles(BIG, 1_000, 1_024))
    del files["tile/0/003.p/232"]
    assert rebuild(_reader(files), 1_000).root() == BIG.root(1_000)
    del files["tile/0/003"]
    with pytest.raises(Unavailable):
        rebuild(_reader(files), 1_000)
    with pytest.raises(Unavailable):
        rebuild(_reader(files), 1_024)


def test_every_flipped_tile_shows() -> None:
    size = 700
    files = dict(new_tiles(BIG, 0, size))
    for path, raw in files.items():
        for at in range(0, len(raw), 97):
            altered = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
            read = _reader(files | {path: altered})
            if path == "tile/0/002.p/188":
                # The tail of level 0 has no tile above it; the checkpoint's root catches that.
                assert rebuild(read, size).root() != BIG.root(size)
            else:
                with pytest.raises(NotVerified, match=r"^peer/tile/1/.*tile\.hash"):
                    rebuild(read, size, "peer")


def test_a_tile_of_another_length_is_malformed() -> None:
    files = dict(new_tiles(BIG, 0, 300))
    for path in files:
        for altered in (files[path][:-1], files[path] + b"\0" * 32, b""):
            with pytest.raises(Malformed, match=r"tile\.length"):
                rebuild(_reader(files | {path: altered}), 300)


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_bundles_keep_their_entries(entries: list[bytes]) -> None:
    assert decode_entries(encode_entries(entries)) == entries


@given(st.binary(max_size=600))
def test_a_bundle_has_one_reading(raw: bytes) -> None:
    try:
        entries = decode_entries(raw)
    except Malformed:
        return
    assert encode_entries(entries) == raw


def test_bundle_limits() -> None:
    largest = b"x" * 65_535
    assert decode_entries(encode_entries([largest])) == [largest]
    with pytest.raises(Refused, match=r"entry 1: .*ledger\.entry"):
        encode_entries([b"", largest + b"x"])
    for count in (0, 257):
        with pytest.raises(ValueError, match="256"):
            encode_entries([b""] * count)
    for raw in (b"", b"\0", b"\0\2a", b"\0\0" * 257):
        with pytest.raises(Malformed, match=r"tile\.bundle"):
            decode_entries(raw)


def test_folders_of_partial_tiles_are_those_that_growth_has_filled() -> None:
    def folders(old: int, new: int) -> list[str]:
        return [folder for folder, _ in partial_folders(old, new)]

    assert folders(0, 255) == []
    assert folders(3, 256) == ["tile/0/000.p", "tile/entries/000.p"]
    assert folders(256, 511) == []
    assert folders(511, 512) == ["tile/0/001.p", "tile/entries/001.p"]
    whole = folders(0, 65_536)
    assert len(whole) == 2 * 256 + 1
    assert whole[-1] == "tile/1/000.p"
    assert whole == folders(0, 30_000) + folders(30_000, 65_536)
    with pytest.raises(ValueError, match="sizes"):
        folders(2, 1)
