"""What blobs in files add to the contract: nothing is readable, and nothing can be changed unseen."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from comity.adapters.blob_box import CHUNK
from comity.adapters.file_blobs import FileBlobs
from comity.errors import NotVerified, Unavailable

KEY = bytes(range(32))
DATA = b"a row of a mail log that names people\n" * 20_000
DIGEST = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def blobs(tmp_path: Path) -> FileBlobs:
    made = FileBlobs(tmp_path, KEY)
    made.put(DATA)
    return made


def stored(folder: Path, digest: str = DIGEST) -> Path:
    return folder / digest[:2] / digest


def test_nothing_is_readable_on_disk(blobs: FileBlobs, tmp_path: Path) -> None:
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files == [stored(tmp_path)]
    assert b"names people" not in files[0].read_bytes()
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600


def test_two_nodes_store_the_same_bytes_differently(blobs: FileBlobs, tmp_path: Path) -> None:
    other = FileBlobs(tmp_path / "other", KEY)
    other.put(DATA)
    assert stored(tmp_path).read_bytes() != stored(tmp_path / "other").read_bytes()


def test_another_key_opens_nothing(blobs: FileBlobs, tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        FileBlobs(tmp_path, bytes(32)).get(DIGEST)
    assert caught.value.code == "blob.key"


@pytest.mark.parametrize("place", [0, 13, 14, 29, 30, 61, 62, 1000, CHUNK + 70, CHUNK + 90, -1, -17])
def test_every_changed_byte_is_seen(blobs: FileBlobs, tmp_path: Path, place: int) -> None:
    raw = bytearray(stored(tmp_path).read_bytes())
    raw[place] ^= 1
    stored(tmp_path).write_bytes(raw)
    with pytest.raises((NotVerified, Unavailable)) as caught:
        blobs.get(DIGEST)
    assert caught.value.code in ("blob.damaged", "blob.key")
    assert DIGEST in caught.value.where


HEAD, SEALED = 62, CHUNK + 16
MOVES: dict[str, Callable[[bytes], bytes]] = {
    "cut inside a chunk": lambda raw: raw[:-5],
    "last chunk cut off": lambda raw: raw[: HEAD + 2 * SEALED],
    "only the head": lambda raw: raw[:HEAD],
    "empty": lambda raw: b"",
    "chunks swapped": lambda raw: (
        raw[:HEAD] + raw[HEAD + SEALED :][:SEALED] + raw[HEAD:][:SEALED] + raw[HEAD + 2 * SEALED :]
    ),
    "first chunk dropped": lambda raw: raw[:HEAD] + raw[HEAD + SEALED :],
    "a byte behind": lambda raw: raw + b"x",
    "a chunk repeated": lambda raw: raw + raw[HEAD + 2 * SEALED :],
}


@pytest.mark.parametrize("move", sorted(MOVES))
def test_chunks_cannot_be_moved_or_cut_off(blobs: FileBlobs, tmp_path: Path, move: str) -> None:
    assert len(DATA) > 2 * CHUNK
    stored(tmp_path).write_bytes(MOVES[move](stored(tmp_path).read_bytes()))
    with pytest.raises(NotVerified) as caught:
        blobs.get(DIGEST)
    assert caught.value.code == "blob.damaged"


def test_a_blob_under_another_blobs_name_is_seen(blobs: FileBlobs, tmp_path: Path) -> None:
    other = blobs.put(b"another")
    stored(tmp_path, other).write_bytes(stored(tmp_path).read_bytes())
    with pytest.raises(NotVerified) as caught:
        blobs.get(other)
    assert caught.value.code == "blob.digest"


def test_a_blob_that_is_there_is_not_written_again(blobs: FileBlobs, tmp_path: Path) -> None:
    before = stored(tmp_path).read_bytes()
    blobs.put(DATA)
    blobs.put_stream([DATA])
    assert stored(tmp_path).read_bytes() == before
    assert not list((tmp_path / "coming").iterdir())


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blobs = FileBlobs(tmp_path, KEY)
    real = os.write
    room = [CHUNK]

    def write(file: int, data: bytes) -> int:
        room[0] -= len(data)
        if room[0] < 0:
            raise OSError(28, "No space left on device")
        return real(file, data)

    monkeypatch.setattr(os, "write", write)
    with pytest.raises(Unavailable) as caught:
        blobs.put(DATA)
    assert caught.value.code == "disk.full"
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_stream_is_never_whole_in_memory(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path, KEY)
    digest = blobs.put_stream(bytes(100_000) for _ in range(100))
    sizes = [len(part) for part in blobs.open_stream(digest)]
    assert sum(sizes) == 10_000_000
    assert max(sizes) == CHUNK


def test_what_a_killed_process_left_is_swept(tmp_path: Path) -> None:
    FileBlobs(tmp_path, KEY)
    (tmp_path / "coming" / ".blob.0.tmp").touch()
    os.utime(tmp_path / "coming" / ".blob.0.tmp", (0, 0))
    FileBlobs(tmp_path, KEY)
    assert not list((tmp_path / "coming").iterdir())


def test_a_key_has_32_bytes(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="32"):
        FileBlobs(tmp_path, b"short")
