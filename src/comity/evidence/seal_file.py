"""The two files of a seal: the public one, and the private one that can open it.

``X.seal`` may be shown to anyone: sizes, roots, how each item was cut, declared fields, and names only
where the holder chose to give them. It has no digest of any file. The private file holds each item's
key, metadata row, subtree roots and path; who has it can open every row. Both are canonical JSON.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeVar

import msgspec

from comity.errors import Malformed
from comity.evidence.formats import FormatName
from comity.evidence.seal import (
    Declared,
    ItemRef,
    SealedItem,
    check_declared,
    check_label,
    parse_metadata,
)
from comity.ledger.rowtree import (
    HASH_BYTES,
    KEY_BYTES,
    SUBTREE,
    RowTree,
    fold_subtrees,
)
from comity.records.canonical import parse, render

SEAL_KIND: Final = "comity/1/seal"
PRIVATE_KIND: Final = "comity/1/seal-private"


class SealEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One item as ``X.seal`` shows it; fields as in :class:`~comity.evidence.seal.SealedItem`."""

    size: int
    root: str
    format: FormatName
    bytes: int
    terminated: bool = False
    headers: tuple[int, ...] = ()
    header_count: int = 0
    name: str = ""
    zone: str = ""
    collected_from: str = ""
    origin: str = ""
    derived_from: str = ""
    parser: str = ""
    broken: int = 0

    @property
    def ref(self) -> ItemRef:
        """Size and root."""
        return ItemRef(size=self.size, root=bytes.fromhex(self.root))

    @property
    def declared(self) -> Declared:
        """What the holder says of the item."""
        return Declared(
            zone=self.zone,
            collected_from=self.collected_from,
            origin=self.origin,
            derived_from=self.derived_from,
            parser=self.parser,
            broken=self.broken,
        )


class PrivateEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """What opens one item: ``key`` and ``subtrees`` in hex, ``metadata`` as the text of leaf 0,
    ``path`` where its file was (``path_hex`` where that is not text)."""

    size: int
    root: str
    key: str
    metadata: str
    subtrees: str
    path: str = ""
    path_hex: str = ""

    @property
    def ref(self) -> ItemRef:
        """Size and root."""
        return ItemRef(size=self.size, root=bytes.fromhex(self.root))

    @property
    def tree(self) -> RowTree:
        """What proving rows needs."""
        return RowTree(
            size=self.size,
            root=bytes.fromhex(self.root),
            subtree_roots=bytes.fromhex(self.subtrees),
        )

    @property
    def file_path(self) -> str:
        """The path, as Python's file functions take it."""
        if self.path_hex:
            return bytes.fromhex(self.path_hex).decode("utf-8", "surrogateescape")
        return self.path


class _Seal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    kind: str
    items: tuple[SealEntry, ...]


class _Private(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    kind: str
    items: tuple[PrivateEntry, ...]


def describe_item(item: SealedItem, *, show_name: bool = False) -> SealEntry:
    """The public entry of an item; its file name only if asked for."""
    declared = item.declared
    return SealEntry(
        size=item.size,
        root=item.item,
        format=item.format,
        bytes=item.shown_bytes,
        terminated=item.terminated,
        headers=item.headers,
        header_count=item.header_count,
        name=item.name if show_name else "",
        zone=declared.zone,
        collected_from=declared.collected_from,
        origin=declared.origin,
        derived_from=declared.derived_from,
        parser=declared.parser,
        broken=declared.broken,
    )


def describe_private(item: SealedItem, key: bytes, path: str) -> PrivateEntry:
    """The private entry of an item, with where its file is."""
    raw = path.encode("utf-8", "surrogateescape")
    plain = path.isprintable() and raw == path.encode("utf-8", "replace")
    return PrivateEntry(
        size=item.size,
        root=item.item,
        key=key.hex(),
        metadata=item.metadata.decode(),
        subtrees=item.subtree_roots.hex(),
        path=path if plain else "",
        path_hex="" if plain else raw.hex(),
    )


def render_seal(entries: Iterable[SealEntry]) -> bytes:
    """The bytes of ``X.seal``: items by root, so that the order of paths shows nothing."""
    items = tuple(sorted(entries, key=lambda entry: (entry.root, entry.size)))
    return render(msgspec.to_builtins(_Seal(kind=SEAL_KIND, items=items)))


def parse_seal(raw: bytes, where: str = "") -> tuple[SealEntry, ...]:
    """Read ``X.seal``; ``Malformed`` (``seal.form``, ``json.*``, ``item.*``) for any other bytes."""
    seal = _read(raw, _Seal, SEAL_KIND, where)
    for n, entry in enumerate(seal.items):
        at = f"{where}/items[{n}]"
        _check_root(entry.size, entry.root, at)
        check_declared(entry.declared, at)
        check_label(entry.name, at)
        if entry.bytes < 0 or entry.header_count < 0 or any(h < 1 for h in entry.headers):
            raise Malformed("seal.form", at, "a count is below zero")
    if render_seal(seal.items) != raw:
        raise Malformed("seal.form", where, "items are not in order, or a member says nothing")
    return seal.items


def render_private(entries: Iterable[PrivateEntry]) -> bytes:
    """The bytes of the private file, items by root."""
    items = tuple(sorted(entries, key=lambda entry: (entry.root, entry.size)))
    return render(msgspec.to_builtins(_Private(kind=PRIVATE_KIND, items=items)))


def parse_private(raw: bytes, where: str = "") -> tuple[PrivateEntry, ...]:
    """Read the private file; ``Malformed`` (``seal.form``, ``json.*``, ``item.*``) for other bytes.

    Errors never quote the file's contents.
    """
    private = _read(raw, _Private, PRIVATE_KIND, where)
    for n, entry in enumerate(private.items):
        at = f"{where}/items[{n}]"
        _check_root(entry.size, entry.root, at)
        _check_hex(entry.key, KEY_BYTES, at)
        _check_hex(entry.subtrees, -(-entry.size // SUBTREE) * HASH_BYTES, at)
        _check_hex(entry.path_hex, len(entry.path_hex) // 2, at)
        parse_metadata(entry.metadata.encode(), at)
        if fold_subtrees(bytes.fromhex(entry.subtrees)).hex() != entry.root:
            raise Malformed("seal.form", at, "its subtree roots do not give its root")
    if render_private(private.items) != raw:
        raise Malformed("seal.form", where, "items are not in order, or a member says nothing")
    return private.items


_File = TypeVar("_File", _Seal, _Private)


def _read(raw: bytes, model: type[_File], kind: str, where: str) -> _File:
    value = parse(raw, where)
    if not isinstance(value, dict) or value.get("kind") != kind:
        raise Malformed("seal.form", where, f"this is not a file of kind {kind}")
    try:
        return msgspec.convert(value, model)
    except msgspec.ValidationError as problem:
        raise Malformed("seal.form", where, str(problem)) from None


def _check_root(size: int, root: str, where: str) -> None:
    if size < 1:
        raise Malformed("seal.form", where, "a tree has at least one leaf")
    _check_hex(root, HASH_BYTES, where)


def _check_hex(text: str, length: int, where: str) -> None:
    if len(text) != 2 * length or not set(text) <= set("0123456789abcdef"):
        raise Malformed("seal.form", where, f"{length} bytes in lower-case hex are wanted")
