"""One set of files, one byte string; and hostile containers cost little."""

from __future__ import annotations

import contextlib
import io
import tarfile
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.dossier import container
from comity.errors import Malformed

IDS = st.integers(0, 9).map(lambda n: f"{n}" * 64)
NAMES = st.one_of(
    st.sampled_from(["manifest.json", "facts.json", "publish/record", "publish/path", "publish/note"]),
    IDS.map(lambda i: f"records/{i}.record"),
    IDS.map(lambda i: f"parties/{i}.card"),
    st.tuples(IDS, st.integers(1, 10**15)).map(lambda t: f"proofs/{t[0]}.{t[1]}.consistency"),
)
FILES = st.dictionaries(NAMES, st.binary(max_size=1200), max_size=8)


@given(FILES)
def test_what_is_packed_is_unpacked(files: dict[str, bytes]) -> None:
    raw = container.pack(files)
    read = container.unpack(raw)
    assert dict(read) == files
    assert container.pack(read) == raw


@given(FILES, st.data())
def test_a_changed_byte_gives_other_files_or_none(files: dict[str, bytes], data: st.DataObject) -> None:
    raw = bytearray(container.pack(files))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        read = container.unpack(bytes(raw))
    except Malformed as error:
        code = error.code
    else:
        assert dict(read) != files
        assert container.pack(read) == raw
        return
    assert code.startswith("container.")


@given(st.binary(max_size=3000))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    with contextlib.suppress(Malformed):
        assert container.pack(container.unpack(raw)) == raw


def test_a_tar_program_reads_it() -> None:
    files = {"manifest.json": b"{}", "publish/note": b"x" * 513, "facts.json": b""}
    with tarfile.open(fileobj=io.BytesIO(container.pack(files)), mode="r:") as tar:
        for name, data in files.items():
            taken = tar.extractfile(name)
            assert taken is not None
            assert taken.read() == data
        assert {member.mode for member in tar} == {0o644}
        assert {member.mtime for member in tar} == {0}


@pytest.mark.parametrize(
    "name",
    [
        "../manifest.json",
        "/manifest.json",
        "manifest.json/",
        "./manifest.json",
        "records/../manifest.json",
        f"records/{'A' * 64}.record",
        f"records/{'0' * 63}.record",
        f"records/{'0' * 64}.record\n",
        f"parties/{'0' * 64}.rotate.0",
        f"proofs/{'0' * 64}.01.consistency",
        "publish/anything",
        "records",
        "",
        "manifest.json\0x",
        "MANIFEST.JSON",
    ],
)
def test_no_other_name_is_taken(name: str) -> None:
    assert not container.is_name(name)
    with pytest.raises(ValueError, match="no dossier has a file"):
        container.pack({name: b""})


def test_the_limits_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = container.pack({f"records/{n:064x}.record": b"" for n in range(5)})
    monkeypatch.setattr(container, "FILES_LIMIT", 4)
    with pytest.raises(Malformed) as count:
        container.unpack(raw)
    assert count.value.code == "container.count"
    monkeypatch.setattr(container, "TOTAL_LIMIT", 1000)
    with pytest.raises(Malformed) as size:
        container.unpack(raw)
    assert size.value.code == "container.size"
    with pytest.raises(ValueError, match="at most"):
        container.pack({"manifest.json": b"x" * 1000})
    monkeypatch.setattr(container, "FILE_LIMIT", 10)
    with pytest.raises(ValueError, match="longer"):
        container.pack({"manifest.json": b"x" * 11})


def test_reading_holds_the_bytes_once() -> None:
    files = {f"records/{n:064x}.record": bytes(1 << 20) for n in range(16)}
    raw = container.pack(files)
    del files
    tracemalloc.start()
    try:
        read = container.unpack(raw)
        for name in read:
            read.digest(name)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < len(raw) / 4
