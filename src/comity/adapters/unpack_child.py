"""The child of :mod:`comity.adapters.unpack_process`: the file comes in by standard input, members leave by
standard output.

``python -m comity.adapters.unpack_child KIND MEMORY_BYTES CPU_SECONDS BEGIN END PARENT``, or a fork; it ends
when the process PARENT does. Output is frames: ``N`` and a member's name, ``D`` and bytes of it, ``E`` at its
end, each with its length in four bytes (big endian).
The last line of standard error is JSON when something was wrong. Exit 0: done; 2: no such file, or damaged.
"""

from __future__ import annotations

import codecs
import gzip
import io
import json
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any, BinaryIO, Final

from comity.adapters.limited_child import limit_process
from comity.errors import Malformed
from comity.evidence.event_text import read_events as read_texts
from comity.evidence.event_xml import read_events
from comity.evidence.formats import HEAD_BYTES
from comity.evidence.json_values import read_objects
from comity.evidence.line_ends import MARKS, order_of, read_returns
from comity.evidence.object_xml import read_shell_objects
from comity.evidence.otlp import read_records
from comity.evidence.tables import read_spaced, read_table

CHUNK: Final = 1 << 18
MEMBERS: Final = 10_000
_LINE: Final = 4096
"""The longest first line (``#TYPE …``) that a table may have before its headings, in bytes."""

LIBRARIES: Final[Mapping[str, str]] = {"zstd": "backports.zstd", "bzip2": "bz2", "xz": "lzma"}
"""What a kind needs that not every Python has."""
Write = Callable[[bytes, bytes], None]


def unpack(kind: str, source: BinaryIO, write: Write) -> None:
    """The work, without the limits: give every member of ``source`` to ``write`` as frames."""
    try:
        if kind == "zip":
            _zip(source, write)
        elif kind == "gzip":
            _one(gzip.GzipFile(fileobj=source), write)
        elif kind == "zstd":
            _zstd(source, write)
        elif kind == "bzip2":
            _bzip2(source, write)
        elif kind == "xz":
            _xz(source, write)
        elif kind == "tar":
            _tar(source, write)
        elif kind == "utf-16":
            _utf16(source, write)
        elif kind == "typed-csv":
            source.readline(_LINE)
            _one(source, write)
        elif kind in _WRITTEN_ANEW:
            write(b"N", b"")
            for data in _WRITTEN_ANEW[kind](iter(lambda: source.read(CHUNK), b"")):
                write(b"D", data)
            write(b"E", b"")
        else:
            write(b"N", b"")
            for line in _READERS[kind](iter(lambda: source.read(CHUNK), b"")):
                write(b"D", line + b"\n")
            write(b"E", b"")
    except (
        OSError,
        EOFError,
        zlib.error,
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        ValueError,
    ) as e:
        raise Malformed("unpack.form", kind, str(e)[:300] or type(e).__name__) from None


_READERS: Final[Mapping[str, Callable[[Iterable[bytes]], Iterable[bytes]]]] = {
    "json": read_objects,
    "event-xml": read_events,
    "event-text": read_texts,
    "object-xml": read_shell_objects,
    "otlp": read_records,
}


_WRITTEN_ANEW: Final[Mapping[str, Callable[[Iterable[bytes]], Iterable[bytes]]]] = {
    "table": read_table,
    "spaced-table": read_spaced,
    "returns": read_returns,
}


def _copy(reader: Any, write: Write) -> None:
    while data := reader.read(CHUNK):
        write(b"D", data)


def _one(reader: Any, write: Write) -> None:
    write(b"N", b"")
    _copy(reader, write)
    write(b"E", b"")


def _zstd(source: BinaryIO, write: Write) -> None:
    from backports import zstd

    # A larger window than 2^27 bytes is a demand on the reader's memory that no log needs.
    options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: 27}
    try:
        with zstd.ZstdFile(source, options=options) as reader:
            _one(reader, write)
    except zstd.ZstdError as error:
        raise Malformed("unpack.form", "zstd", str(error)[:300]) from None


def _bzip2(source: BinaryIO, write: Write) -> None:
    import bz2

    with bz2.BZ2File(source) as reader:
        _one(reader, write)


def _xz(source: BinaryIO, write: Write) -> None:
    import lzma

    try:
        with lzma.LZMAFile(source, format=lzma.FORMAT_XZ) as reader:
            _one(reader, write)
    except lzma.LZMAError as error:
        raise Malformed("unpack.form", "xz", str(error)[:300]) from None


def _utf16(source: BinaryIO, write: Write) -> None:
    """The text in UTF-8; what is no character of UTF-16 is refused, as nobody could tell the rows."""
    data = source.read(CHUNK)
    order = "utf-16" if data[:2] in MARKS else order_of(data[:HEAD_BYTES])
    if order is None:
        raise Malformed(
            "unpack.form", "utf-16", "it has no mark, and nothing tells in which order its bytes are"
        )
    decoder = codecs.getincrementaldecoder(order)()
    write(b"N", b"")
    while data:
        write(b"D", decoder.decode(data).encode())
        data = source.read(CHUNK)
    write(b"D", decoder.decode(b"", final=True).encode())
    write(b"E", b"")


def _tar(source: BinaryIO, write: Write) -> None:
    names: set[str] = set()
    try:
        with tarfile.open(fileobj=source, mode="r|", errorlevel=2) as archive:
            for member in archive:
                if len(names) >= MEMBERS:
                    raise Malformed("unpack.members", "tar", f"it has more than {MEMBERS} members")
                if not member.isfile():
                    continue
                if member.name in names:
                    raise Malformed(
                        "unpack.members", "tar", "two members have one name, so readers disagree on it"
                    )
                names.add(member.name)
                write(b"N", member.name.encode("utf-8", "backslashreplace")[:1000])
                _copy(archive.extractfile(member), write)
                write(b"E", b"")
    except tarfile.TarError as error:
        raise Malformed("unpack.form", "tar", str(error)[:300]) from None


def _zip(source: BinaryIO, write: Write) -> None:
    with zipfile.ZipFile(source) as archive:
        members = archive.infolist()
        names = [member.filename for member in members]
        if len(members) > MEMBERS:
            raise Malformed("unpack.members", "zip", f"it has more than {MEMBERS} members")
        if len(set(names)) != len(names):
            raise Malformed("unpack.members", "zip", "two members have one name, so readers disagree on it")
        for member in members:
            if member.is_dir():
                continue
            if member.flag_bits & 1:
                raise Malformed("unpack.members", "zip", f"{member.filename[:200]!r} is encrypted")
            write(b"N", member.filename.encode("utf-8", "backslashreplace")[:1000])
            with archive.open(member) as reader:
                _copy(reader, write)
            write(b"E", b"")


def prepare(kind: str) -> None:
    """Import what this kind needs, while files may still be opened."""
    if kind in LIBRARIES:
        import_module(LIBRARIES[kind])
    if kind == "utf-16":
        for name in (kind, "utf-16-le", "utf-16-be"):
            codecs.lookup(name)


def main(arguments: Sequence[str]) -> int:
    """The whole of a child: its limits, its work, what was wrong, and its exit code."""
    prepare(arguments[0])
    limit_process(int(arguments[1]), int(arguments[2]))
    source = io.BufferedReader(io.FileIO(0, closefd=False))
    out = io.BufferedWriter(io.FileIO(1, "w", closefd=False), CHUNK)

    def write(tag: bytes, data: bytes) -> None:
        out.write(tag + len(data).to_bytes(4, "big") + data)

    try:
        unpack(arguments[0], source, write)
        out.flush()
    except Malformed as problem:
        told = {"code": problem.code, "where": problem.where, "why": problem.why}
    except MemoryError:
        told = {
            "code": "unpack.memory",
            "where": arguments[0],
            "why": "it asks for more memory than it may have",
        }
    else:
        return 0
    sys.stderr.write(json.dumps(told) + "\n")
    return 2


if __name__ == "__main__":
    from comity.adapters.process_control import follow_parent

    follow_parent(int(sys.argv.pop()))
    sys.exit(main(sys.argv[1:]))
