"""The container of a dossier: a tar with one spelling (``spec/12-dossier.md`` §1).

Plain POSIX ustar (IEEE 1003.1, *pax*, ustar interchange format), uncompressed: sorted names, mode
0644, every other field zero, no folders, links or extensions. So one set of files has one byte string,
``pack(unpack(x)) == x``, and any tar program can list and extract it. Reading never touches a disk.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Final

from comity.errors import Malformed

BLOCK: Final = 512
FILES_LIMIT: Final = 200_000
"""The most files in a dossier."""
FILE_LIMIT: Final = 64 * 1024 * 1024
"""The longest file, in bytes."""
TOTAL_LIMIT: Final = 1024 * 1024 * 1024
"""The longest dossier, in bytes."""

_ID = "[0-9a-f]{64}"
_NUMBER = "[1-9][0-9]{0,15}"
SHAPES: Final = (
    r"manifest\.json",
    r"facts\.json",
    rf"parties/{_ID}\.card",
    rf"parties/{_ID}\.rotate\.{_NUMBER}",
    rf"records/{_ID}\.record",
    rf"checkpoints/{_ID}\.note",
    rf"proofs/{_ID}\.path",
    rf"proofs/{_ID}\.{_NUMBER}\.consistency",
    rf"attestations/{_ID}\.attestation",
    rf"disclosures/{_ID}\.rows",
    r"publish/(?:record|path|note)",
)
"""The only names that a file can have, as regular expressions for the whole name."""

_NAME: Final = re.compile("|".join(f"(?:{shape})" for shape in SHAPES))
_END: Final = bytes(2 * BLOCK)
_SIZE: Final = re.compile(rb"[0-7]{11}\0")


def is_name(name: str) -> bool:
    """Whether a dossier can hold a file of this name."""
    return _NAME.fullmatch(name) is not None


def pack(files: Mapping[str, bytes]) -> bytes:
    """The container of these files; ``ValueError`` for a name or size that no dossier has."""
    parts: list[bytes] = []
    for name in sorted(files):
        data = files[name]
        if not is_name(name):
            raise ValueError(f"no dossier has a file {name!r}")
        if len(data) > FILE_LIMIT:
            raise ValueError(f"{name} is longer than {FILE_LIMIT} bytes")
        parts += (_header(name, len(data)), data, bytes(-len(data) % BLOCK))
    if len(files) > FILES_LIMIT or sum(map(len, parts)) + len(_END) > TOTAL_LIMIT:
        raise ValueError(f"a dossier has at most {FILES_LIMIT} files and {TOTAL_LIMIT} bytes")
    return b"".join((*parts, _END))


def _header(name: str, size: int) -> bytes:
    blank = b" " * 8
    fields = (
        name.encode("ascii").ljust(100, b"\0"),
        b"0000644\0" + b"0000000\0" * 2,
        b"%011o\0" % size,
        b"00000000000\0",
        blank,
        b"0" + bytes(100),
        b"ustar\x0000",
        bytes(64),
        b"0000000\0" * 2,
    )
    head = b"".join(fields).ljust(BLOCK, b"\0")
    return head[:148] + b"%06o\0 " % sum(head) + head[156:]


class Archive(Mapping[str, bytes]):
    """The files of a container, cut out when asked for; holds the container once."""

    def __init__(self, raw: bytes, places: Mapping[str, tuple[int, int]]) -> None:
        self._raw = raw
        self._places = places

    def __getitem__(self, name: str) -> bytes:
        start, size = self._places[name]
        return self._raw[start : start + size]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def digest(self, name: str) -> str:
        """SHA-256 of a file, in hex, without copying it."""
        start, size = self._places[name]
        return hashlib.sha256(memoryview(self._raw)[start : start + size]).hexdigest()


def unpack(raw: bytes, where: str = "dossier") -> Archive:
    """The files of a container, or ``Malformed``.

    ``container.size``, ``container.count``, ``container.truncated``, ``container.type`` (a folder, link or
    extension), ``container.name`` (a name that no dossier has, so also ``../`` and absolute ones),
    ``container.duplicate``, ``container.order``, ``container.header`` (a field that is not what it must be,
    the checksum included), ``container.padding``, ``container.trailing``.
    """
    if len(raw) > TOTAL_LIMIT:
        raise Malformed("container.size", where, f"a dossier has at most {TOTAL_LIMIT} bytes")
    places: dict[str, tuple[int, int]] = {}
    at, last = 0, ""
    while True:
        head = raw[at : at + BLOCK]
        place = f"{where}, byte {at}"
        if len(head) < BLOCK:
            short = "" if at else "too short for a dossier: "
            raise Malformed("container.truncated", place, f"{short}it ends before its closing zero blocks")
        if head == _END[:BLOCK]:
            break
        name, size = _read_header(head, place)
        if name == last:
            raise Malformed("container.duplicate", place, f"a second file {name}")
        if name < last:
            code, why = "container.order", f"{name} comes after {last}; names are sorted"
            if name in places:
                code, why = "container.duplicate", f"a second file {name}"
            raise Malformed(code, place, why)
        if size > FILE_LIMIT:
            raise Malformed("container.size", place, f"{name} is longer than {FILE_LIMIT} bytes")
        start = at + BLOCK
        end = start + size
        at = end + -size % BLOCK
        if at > len(raw):
            raise Malformed("container.truncated", place, f"{name} is cut short")
        if any(raw[end:at]):
            raise Malformed("container.padding", f"{where}, byte {end}", f"bytes hide behind {name}")
        places[name] = (start, size)
        last = name
        if len(places) > FILES_LIMIT:
            raise Malformed("container.count", where, f"a dossier has at most {FILES_LIMIT} files")
    if len(raw) < at + 2 * BLOCK:
        raise Malformed("container.truncated", place, "it ends before its closing zero blocks")
    if len(raw) > at + 2 * BLOCK or any(raw[at:]):
        raise Malformed("container.trailing", f"{where}, byte {at}", "bytes follow the end of the container")
    return Archive(raw, places)


def _read_header(head: bytes, place: str) -> tuple[str, int]:
    if head[257:265] != b"ustar\x0000":
        raise Malformed("container.header", place, "no file of a dossier begins here (no ustar header)")
    if head[156:157] != b"0":
        raise Malformed("container.type", place, "not a plain file (a folder, a link or an extension)")
    try:
        name = head[:100].rstrip(b"\0").decode("ascii")
    except UnicodeDecodeError:
        raise Malformed("container.name", place, "a name that is not ASCII") from None
    if not is_name(name):
        raise Malformed("container.name", place, f"no dossier has a file {name!r}")
    if not _SIZE.fullmatch(head[124:136]):
        raise Malformed("container.header", place, f"{name}: the size is not eleven octal digits")
    size = int(head[124:135], 8)
    if head != _header(name, size):
        raise Malformed(
            "container.header", place, f"{name}: a field is not what it must be, or the checksum is wrong"
        )
    return name, size
