"""Files made to exhaust whoever opens them: refused or sealed as one piece, and the sealer lives.

Every attack runs through ``comity seal`` in a process that may have 1 GiB of memory in all, as its children.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import random
import resource
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from comity.evidence.event_xml import EVENT_BYTES

zstd = pytest.importorskip("backports.zstd")

CAP = 1 << 30
NS = b'xmlns="http://schemas.microsoft.com/win/2004/08/events/event"'


def zipped(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


def zip_bomb() -> bytes:
    return zipped(("a.log", bytes(96 << 20)))


def nested_zip() -> bytes:
    raw = b"line\n"
    for n in range(8):
        raw = zipped((f"{n}.zip", raw))
    return raw


def zip_of_overlapping_members() -> bytes:
    """Many names in the directory for one body (the quine of zip bombs)."""
    data = bytearray(zipped(*((f"{n}.log", os.urandom(10)) for n in range(50))))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        places = [info.header_offset for info in archive.infolist()]
    at = data.index(b"PK\x01\x02")
    for _ in places:
        at = data.index(b"PK\x01\x02", at)
        data[at + 42 : at + 46] = places[0].to_bytes(4, "little")
        at += 46
    return bytes(data)


def zip_that_escapes() -> bytes:
    return zipped(("../../../../tmp/escaped.log", b"a\nb\n"), ("/etc/escaped", b"c\n"))


def zip_of_two_with_one_name() -> bytes:
    with pytest.warns(UserWarning, match="Duplicate"):
        return zipped(("a.log", b"a\n"), ("a.log", b"b\n"))


def gzip_bomb() -> bytes:
    return gzip.compress(bytes(96 << 20), mtime=0)


def gzip_of_gzip_bomb() -> bytes:
    return gzip.compress(gzip_bomb(), mtime=0)


def gzip_cut_short() -> bytes:
    return gzip.compress(os.urandom(5000), mtime=0)[:-900]


def bzip2_bomb() -> bytes:
    return bz2.compress(bytes(96 << 20))


def bzip2_cut_short() -> bytes:
    return bz2.compress(os.urandom(5000))[:-900]


def xz_bomb() -> bytes:
    return lzma.compress(bytes(96 << 20), preset=0)


def xz_of_a_huge_dictionary() -> bytes:
    """A stream of a few bytes that asks its reader for 1.5 GiB."""
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 1 << 20}]
    raw = bytearray(lzma.compress(os.urandom(5000), filters=filters))
    size = (raw[12] + 1) * 4
    at = raw.index(b"\x21\x01", 12) + 2
    raw[at] = 40
    raw[12 + size - 4 : 12 + size] = zlib.crc32(bytes(raw[12 : 12 + size - 4])).to_bytes(4, "little")
    return bytes(raw)


def zstd_ratio_bomb() -> bytes:
    return bytes(zstd.compress(bytes(96 << 20), 1))


def zstd_window_bomb() -> bytes:
    """A frame that asks its reader for a window of 2^41 bytes (RFC 8878 §3.1.1.1.2)."""
    return b"\x28\xb5\x2f\xfd" + bytes([0, 31 << 3]) + b"\x01\x00\x00"


def deep_xml() -> bytes:
    return b"<Events><Event " + NS + b">" + b"<a>" * 2_000_000


def billion_laughs() -> bytes:
    entities = b"".join(
        b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10 if n else b"lol") for n in range(12)
    )
    return b"<!DOCTYPE x [" + entities + b"]><Events><Event " + NS + b">&l11;</Event></Events>"


def endless_event() -> bytes:
    return b"<Events><Event " + NS + b"><Data>" + b"x" * (EVENT_BYTES + (1 << 20))


def broken_event_log() -> bytes:
    chance = random.Random(5)
    header = bytearray(4096)
    header[:8] = b"ElfFile\0"
    header[42:44] = (3).to_bytes(2, "little")
    chunks = b"".join(b"ElfChnk\0" + chance.randbytes(65528) for _ in range(3))
    return bytes(header) + chunks


BOMBS: dict[Callable[[], bytes], str] = {
    zip_bomb: "unpack.size",
    nested_zip: "",
    zip_of_overlapping_members: "unpack.form",
    zip_that_escapes: "",
    zip_of_two_with_one_name: "unpack.members",
    gzip_bomb: "unpack.size",
    gzip_of_gzip_bomb: "unpack.size",
    gzip_cut_short: "unpack.form",
    bzip2_bomb: "unpack.size",
    bzip2_cut_short: "unpack.form",
    xz_bomb: "unpack.size",
    xz_of_a_huge_dictionary: "unpack.memory",
    zstd_ratio_bomb: "unpack.size",
    zstd_window_bomb: "unpack.form",
    deep_xml: "xml.depth",
    billion_laughs: "xml.doctype",
    endless_event: "xml.event",
    broken_event_log: "",
}
"""Each with the code by which its inside is refused; "" where it is unpacked as far as it goes."""


def cap() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (CAP, CAP))


def seal(path: Path, folder: Path, *more: str) -> tuple[int, list[dict[str, object]], str]:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "comity.cli",
            "seal",
            str(path),
            "--out",
            str(folder / "x.seal"),
            "--json",
            *more,
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        preexec_fn=cap,
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


@pytest.mark.parametrize("make", BOMBS, ids=lambda make: str(make.__name__))
def test_a_bomb_is_sealed_whole_and_not_set_off(make: Callable[[], bytes], tmp_path: Path) -> None:
    path = tmp_path / "evidence"
    path.write_bytes(make())
    code, told, err = seal(path, tmp_path)
    items = [one for one in told if one["type"] == "item"]
    problems = [one["code"] for one in told if one["type"] == "problem"]
    assert items, err
    assert items[0]["format"] == "opaque/1"
    assert items[0]["bytes"] == path.stat().st_size
    assert problems == ([BOMBS[make]] if BOMBS[make] else [])
    assert code == (2 if problems else 0), err
    assert (tmp_path / "x.seal").is_file()
    assert not Path("/tmp/escaped.log").exists()
    left = {p.name for p in tmp_path.iterdir()} - {"evidence", "x.seal", "x.seal.private", "x.seal.derived"}
    assert not left


def test_a_member_that_was_packed_well_is_an_item_of_its_own(tmp_path: Path) -> None:
    inner = gzip.compress(b"one\ntwo\n", mtime=0)
    (tmp_path / "logs.zip").write_bytes(zipped(("web/a.log", b"a\nb\nc\n"), ("b.log.gz", inner)))
    code, told, err = seal(tmp_path / "logs.zip", tmp_path)
    assert code == 0, err
    items = [one for one in told if one["type"] == "item"]
    assert [(i["name"], i["format"], i["rows"]) for i in items] == [
        ("logs.zip", "opaque/1", 1),
        ("a.log", "lines/1", 3),
        ("b.log.gz", "opaque/1", 1),
        ("b.log", "lines/1", 2),
    ]
    refs = [f"rows:{i['size']}:{i['root']}" for i in items]
    assert [i.get("derived_from", "") for i in items] == ["", refs[0], refs[0], refs[2]]
    kept = sorted(p.read_bytes() for p in (tmp_path / "x.seal.derived").iterdir())
    assert kept == sorted([b"a\nb\nc\n", inner, b"one\ntwo\n"])


def test_an_endless_line_is_refused_with_a_word_and_sealed_whole_when_told(tmp_path: Path) -> None:
    path = tmp_path / "line.log"
    path.write_bytes(b"a\n" + b"x" * (40 << 20))
    code, _, err = seal(path, tmp_path)
    assert code == 2
    assert "row.long" in err
    assert not (tmp_path / "x.seal").exists()
    code, told, err = seal(path, tmp_path, "--format", "opaque")
    assert code == 0, err
    assert told[0]["rows"] == 1


@pytest.mark.parametrize(
    "length", [1 << 28, pytest.param(10 << 30, marks=pytest.mark.slow)], ids=["256 MiB", "10 GiB"]
)
def test_a_sparse_file_is_sealed_in_little_memory(length: int, tmp_path: Path) -> None:
    path = tmp_path / "sparse.bin"
    with path.open("wb") as file:
        file.truncate(length)
    code, told, err = seal(path, tmp_path)
    assert code == 0, err
    assert (told[0]["format"], told[0]["bytes"]) == ("opaque/1", length)
