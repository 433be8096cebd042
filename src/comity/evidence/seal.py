"""Sealing an item in one pass: its row tree, its whole-file digest, and the metadata row.

What is public about an item is its size and root, how it was cut, and what its holder declares. The
file's digest is *not*: a digest without a salt lets anyone who guesses the file confirm it, so it
stands in the metadata row, under the salt of leaf 0, beside the file's name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import repeat
from typing import Final, Protocol

from comity.errors import Malformed
from comity.evidence.formats import FORMATS, FormatName
from comity.evidence.hashing import OtherFileError, Partial, RowHasher
from comity.ledger.rowtree import RowSealer, RowTree
from comity.records.canonical import Json, parse, render

PADDING: Final = b"comity/1/padding"
"""What a row of padding says: it is behind the last row of the file, under a salt of its own."""
METADATA_KIND: Final = "comity/1/item"
LABEL_LIMIT: Final = 1000
"""Longest name or label, in characters."""
KEEP_BYTES: Final = 64 << 20
"""How far a file is, is kept after so many bytes at the soonest, and some 32 times at most."""

_ZONE = re.compile(r"[+-](0[0-9]|1[0-4]):[0-5][0-9]")
_REF = re.compile(r"rows:([1-9][0-9]{0,18}):([0-9a-f]{64})")


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRef:
    """An item: the size (leaves, with leaf 0) and root of its row tree. They always travel together."""

    size: int
    root: bytes

    def __str__(self) -> str:
        return f"rows:{self.size}:{self.root.hex()}"


def parse_ref(text: str, where: str = "") -> ItemRef:
    """``rows:<size>:<root in hex>``; ``Malformed`` (``item.ref``) for anything else."""
    match = _REF.fullmatch(text)
    if match is None or int(match[1]) >= 2**53:
        raise Malformed("item.ref", where, f"{text[:100]!r} is not rows:<size>:<root in hex>")
    return ItemRef(size=int(match[1]), root=bytes.fromhex(match[2]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What the holder says of an item, unproven. Empty: not said.

    ``zone`` is the offset ("+HH:MM") of times in it that carry none; ``collected_from`` and ``origin``
    are labels of where it was taken and of the source it goes back to (two items of one origin are
    one source). ``derived_from`` is the :class:`ItemRef` text of the item that a parser (``parser``)
    derived this one from, with ``broken`` the number of records that the parser could not read.
    """

    zone: str = ""
    collected_from: str = ""
    origin: str = ""
    derived_from: str = ""
    parser: str = ""
    broken: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedItem:
    """A sealed item. ``bytes`` and ``rows`` count the file; ``sha256`` (hex) is secret, see above.

    ``padding`` is how many rows of it stand behind the file's, a secret too. ``terminated``: the file ends in
    a line break. ``headers``: numbers of the first header rows.
    ``unparsed``: how many rows gave no fields though their format says they should (None: not looked).
    """

    size: int
    root: bytes
    subtree_roots: bytes
    metadata: bytes
    name: str
    format: FormatName
    bytes: int
    sha256: str
    rows: int
    terminated: bool
    headers: tuple[int, ...]
    header_count: int
    declared: Declared
    padding: int = 0
    unparsed: int | None = None

    @property
    def shown_bytes(self) -> int:
        """The length that is told with the seal: that of the file, padded likewise where its rows are."""
        return pad_number(self.bytes) if self.padding else self.bytes

    @property
    def item(self) -> str:
        """The root in hex."""
        return self.root.hex()

    @property
    def ref(self) -> ItemRef:
        """Size and root."""
        return ItemRef(size=self.size, root=self.root)

    @property
    def tree(self) -> RowTree:
        """What proving rows needs."""
        return RowTree(size=self.size, root=self.root, subtree_roots=self.subtree_roots)


def pad_number(number: int) -> int:
    """The next number of which only a few leading bits vary (Padmé: Nikitin et al., PoPETs 2019): at most an
    eighth above, and what it gives away of a number below 2^n is about log n bits instead of n."""
    if number < 2:
        return number
    high = number.bit_length() - 1
    low = high - high.bit_length()
    return number if low <= 0 else -(-number >> low) << low


def check_declared(declared: Declared, where: str = "") -> None:
    """``Malformed`` (``item.zone``, ``item.label``, ``item.ref``) where a declaration has no meaning."""
    if declared.zone and not _ZONE.fullmatch(declared.zone):
        raise Malformed("item.zone", where, f"{declared.zone[:20]!r} is not an offset like +02:00")
    for label in (declared.collected_from, declared.origin, declared.parser):
        check_label(label, where)
    if declared.derived_from:
        parse_ref(declared.derived_from, where)
    if not 0 <= declared.broken < 2**53:
        raise Malformed("item.label", where, "a count is out of range")


def check_label(label: str, where: str = "") -> None:
    """``Malformed`` (``item.label``) for a label that is too long or is not text."""
    if len(label) > LABEL_LIMIT or any(0xD800 <= ord(c) < 0xE000 or c < " " for c in label):
        raise Malformed("item.label", where, f"a label has at most {LABEL_LIMIT} characters, none of control")


def escape_name(name: str) -> str:
    """A file name as text: control characters and undecodable bytes as their escapes."""
    text = name.encode("utf-8", "backslashreplace").decode()
    return "".join(c if c >= " " and c != "\x7f" else f"\\x{ord(c):02x}" for c in text)


class Digest(Protocol):
    """What takes a file's bytes for its digest: ``hashlib.sha256()``, or one that hashes elsewhere."""

    def update(self, data: bytes, /) -> None:
        """Take more bytes, in order."""

    def copy(self) -> Digest:
        """Another one that took the same bytes."""

    def hexdigest(self) -> str:
        """SHA-256 of all of them."""


def seal_stream(
    chunks: Iterable[bytes],
    name: str,
    format_name: FormatName,
    key: bytes,
    declared: Declared,
    *,
    progress: Callable[[int], None] | None = None,
    count_unparsed: bool = False,
    expected: int = 0,
    digest: Digest | None = None,
    pad: bool = False,
    keep: Callable[[Partial], None] | None = None,
    resume: Partial | None = None,
) -> SealedItem:
    """Seal one file, read once, in memory that does not grow with it.

    ``key`` is 32 random bytes, new for each item: whoever has it can test guesses of every row.
    ``progress`` is told the bytes read so far. ``count_unparsed`` also reads every row's fields (slow).
    ``expected`` is how many bytes there will be, where that is known: it chooses the way and changes
    nothing else. ``digest`` takes the file's bytes for its digest. ``pad`` adds rows of padding, so that the
    size tells only :func:`pad_number` of it. ``keep`` is told now and then how far this is; with one of
    those and the same key, ``resume`` goes on there: the file is read from the beginning and its digest
    compared, and only the rows behind are cut and hashed. Raises ``Malformed`` with ``row.long``
    (see :mod:`comity.evidence.rows`) and as :func:`check_declared`, ``OtherFileError`` where the file is
    another than before. The name is kept as :func:`escape_name` gives it.
    """
    sealer, facts, unparsed = hash_stream(
        chunks,
        name,
        format_name,
        key,
        declared,
        progress,
        count_unparsed,
        expected=expected,
        digest=digest,
        keep=keep,
        resume=resume,
    )
    if pad:
        add_padding(sealer, facts)
    metadata = render(facts)
    tree = sealer.finish(metadata)
    return sealed_item(
        tree.size, tree.root, tree.subtree_roots, metadata, unparsed if count_unparsed else None
    )


def sealed_item(
    size: int, root: bytes, subtree_roots: bytes, metadata: bytes, unparsed: int | None = None
) -> SealedItem:
    """The item of a tree and its metadata row, which says all else; ``Malformed`` as ``parse_metadata``."""
    told = parse_metadata(metadata, root.hex())
    return SealedItem(
        size=size,
        root=root,
        subtree_roots=subtree_roots,
        metadata=metadata,
        name=told.name,
        format=told.format,
        bytes=told.bytes,
        sha256=told.sha256,
        rows=told.rows,
        terminated=told.terminated,
        headers=told.headers,
        header_count=told.header_count,
        declared=told.declared,
        padding=told.padding,
        unparsed=unparsed,
    )


def add_padding(sealer: RowSealer, facts: dict[str, Json]) -> None:
    """Bring the tree's size to :func:`pad_number` of itself, and say so in the metadata row's members."""
    if padding := pad_number(sealer.rows + 1) - sealer.rows - 1:
        facts["padding"] = padding
        sealer.add_many(repeat(PADDING, padding))


def hash_stream(
    chunks: Iterable[bytes],
    name: str,
    format_name: FormatName,
    key: bytes,
    declared: Declared,
    progress: Callable[[int], None] | None = None,
    count_unparsed: bool = False,
    *,
    expected: int = 0,
    digest: Digest | None = None,
    keep: Callable[[Partial], None] | None = None,
    resume: Partial | None = None,
) -> tuple[RowSealer, dict[str, Json], int]:
    """The work of :func:`seal_stream` up to the last row: the tree so far, the members of the metadata
    row that belongs to it, and the count of unparsed rows."""
    check_declared(declared, name)
    name = escape_name(name)
    check_label(name, name[:80])
    digest = digest or sha256()
    hasher = RowHasher(key, format_name, name, expected=expected, count_unparsed=count_unparsed, begun=resume)
    length = 0
    before = kept = resume.read if resume else 0
    held: list[bytes] = []
    for chunk in _split_at(chunks, before) if before else chunks:
        digest.update(chunk)
        length += len(chunk)
        if progress:
            progress(length)
        if length > before:
            hasher.feed(chunk)
        elif resume:
            # Hashed into rows before, but for the end of what was read then.
            held.append(chunk[max(0, resume.offset - length + len(chunk)) :])
            if length == before:
                if digest.copy().hexdigest() != resume.sha256:
                    raise OtherFileError(name)
                hasher.feed(b"".join(held))
        if keep and length - kept >= max(KEEP_BYTES, expected // 32):
            kept = length
            if partial := hasher.so_far(length, digest.copy().hexdigest()):
                keep(partial)
    if length < before:
        raise OtherFileError(name)
    hasher.close()
    sealer = hasher.sealer
    facts: dict[str, Json] = {
        "kind": METADATA_KIND,
        "name": name,
        "format": format_name,
        "bytes": length,
        "sha256": digest.hexdigest(),
        "rows": sealer.rows,
        "terminated": hasher.terminated,
        **render_declared(declared),
    }
    if hasher.header_count:
        facts |= {"headers": list(hasher.headers), "header_count": hasher.header_count}
    return sealer, facts, hasher.unparsed


def _split_at(chunks: Iterable[bytes], place: int) -> Iterator[bytes]:
    """The same bytes, with one chunk ending at a place."""
    done = 0
    for chunk in chunks:
        if done < place < done + len(chunk):
            yield chunk[: place - done]
            yield chunk[place - done :]
        else:
            yield chunk
        done += len(chunk)


def render_declared(declared: Declared) -> dict[str, Json]:
    """The declarations that were made, as members of an object."""
    said: dict[str, Json] = {
        "zone": declared.zone,
        "collected_from": declared.collected_from,
        "origin": declared.origin,
        "derived_from": declared.derived_from,
        "parser": declared.parser,
        "broken": declared.broken,
    }
    return {name: value for name, value in said.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """The metadata row (leaf 0), read."""

    name: str
    format: FormatName
    bytes: int
    sha256: str
    rows: int
    terminated: bool
    headers: tuple[int, ...]
    header_count: int
    declared: Declared
    padding: int = 0

    @property
    def shown_bytes(self) -> int:
        """As of the :class:`SealedItem`."""
        return pad_number(self.bytes) if self.padding else self.bytes


def parse_metadata(raw: bytes, where: str = "leaf 0") -> Metadata:
    """Read leaf 0; ``Malformed`` (``item.metadata``, or as ``canonical.parse``) in any other form."""
    facts = parse(raw, where)
    try:
        if not isinstance(facts, dict) or facts.pop("kind") != METADATA_KIND:
            raise ValueError(f"its kind is not {METADATA_KIND}")
        declared = Declared(
            zone=_text(facts, "zone"),
            collected_from=_text(facts, "collected_from"),
            origin=_text(facts, "origin"),
            derived_from=_text(facts, "derived_from"),
            parser=_text(facts, "parser"),
            broken=_count(facts, "broken", 0),
        )
        headers = facts.pop("headers", [])
        name, format_name = facts.pop("name"), facts.pop("format")
        sha, terminated = facts.pop("sha256"), facts.pop("terminated")
        if not isinstance(name, str) or not isinstance(terminated, bool):
            raise ValueError("a member has the wrong type")
        if format_name not in FORMATS:
            raise ValueError("its format has no known name")
        if not isinstance(sha, str) or not re.fullmatch("[0-9a-f]{64}", sha):
            raise ValueError("its sha256 is not one")
        if not isinstance(headers, list) or not all(type(n) is int for n in headers):
            raise ValueError("its headers are not row numbers")
        metadata = Metadata(
            name=name,
            format=format_name,
            bytes=_count(facts, "bytes"),
            sha256=sha,
            rows=_count(facts, "rows"),
            terminated=terminated,
            headers=tuple(headers),
            header_count=_count(facts, "header_count", 0),
            declared=declared,
            padding=_count(facts, "padding", 0),
        )
        if facts:
            raise ValueError(f"it has unknown members: {', '.join(facts)[:100]}")
    except KeyError as missing:
        raise Malformed("item.metadata", where, f"{missing} is missing") from None
    except ValueError as problem:
        raise Malformed("item.metadata", where, str(problem)) from None
    check_declared(metadata.declared, where)
    return metadata


def _text(facts: dict[str, Json], name: str) -> str:
    value = facts.pop(name, "")
    if not isinstance(value, str):
        raise ValueError(f"{name} is not text")
    return value


def _count(facts: dict[str, Json], name: str, default: int | None = None) -> int:
    value = facts.pop(name) if default is None else facts.pop(name, default)
    if type(value) is not int or value < 0:
        raise ValueError(f"{name} is not a count")
    return value
