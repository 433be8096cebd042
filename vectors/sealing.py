"""Vectors of sealed files: how bytes become rows, an item handed over whole, and the file of a seal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import cbor2

from comity.evidence.disclose import disclose_whole, render_whole
from comity.evidence.seal import Declared, SealedItem, hash_stream, seal_stream
from comity.evidence.seal_file import SealEntry, describe_item, render_seal
from comity.records import canonical
from tests import world as w
from vectors.story import Made, vector

TABLE = b'when;who\n2031-02-03T10:00:00Z;"Alder\nOffice; north"\n2031-02-03T10:00:01Z;a "quoted" word'
TOLD = Declared(zone="+02:00", origin="mail gateway", collected_from="host-1")
FILES = (
    ("access.log", "lines/1", b"203.0.113.1 GET /\n203.0.113.2 GET /\n", Declared()),
    ("users.csv", "csv/1", TABLE, TOLD),
    ("web.log", "w3c/1", b"#Fields: a b\n1 2\n#Fields: c d\n3 4\n", Declared()),
    ("sample.bin", "opaque/1", b"\0\1\2", Declared()),
    ("none.log", "lines/1", b"", Declared()),
)


def _sealed(
    name: str, form: Any, raw: bytes, told: Declared, padded: bool = False
) -> tuple[bytes, SealedItem]:
    key = w.derive(f"key of {name}")
    return key, seal_stream([raw], name, form, key, told, pad=padded)


# -- bytes into rows ------------------------------------------------------------------------------


def _cut(name: str, form: str, raw: bytes) -> dict[str, Any]:
    return vector("splitter", name, format=form, bytes=raw.hex())


def splitter_accepted() -> Made:
    yield _cut("lines", "lines/1", b"one\ntwo\n")
    yield _cut("a last line that does not end", "lines/1", b"one\ntwo")
    yield _cut("an empty last line", "lines/1", b"one\n\n")
    yield _cut("a carriage return stays", "lines/1", b"one\r\ntwo\rthree\n")
    yield _cut("no bytes", "lines/1", b"")
    yield _cut("no bytes as a whole", "opaque/1", b"")
    yield _cut("a whole file", "opaque/1", b"one\ntwo\n")
    yield _cut("a line feed in quotes", "csv/1", TABLE)
    yield _cut("a quote that opens no field", "csv/1", b'a,b\n1,x"y\nz"\n')
    yield _cut("two quotes in quotes", "csv/1", b'a,b\n1,"x""\ny"\n2,z\n')
    yield _cut("a quote that is never closed", "csv/1", b'a,b\n1,"x\n2,y\n')
    yield _cut("delimiters in quotes of the first line", "csv/1", b'a;"b,c,d"\n1;"x\ny"\n')
    yield _cut("a quote that the first line does not close", "csv/1", b'a,"b;c;d\ne"\n1;"x\ny"\n')
    yield _cut("as many of two delimiters", "csv/1", b'a;b\tc\n"x\ty\n"\t1\n')
    yield _cut("no delimiter", "csv/1", b'a\n"x\ny"\n')
    yield _cut("JSON lines", "jsonl/1", b'{"a":1}\n{"a":\n')


def splitter_refused() -> Made:
    long = {"hex": "61", "repeat": 16 * 1024 * 1024 + 1}
    yield vector("splitter", "a line of more than 16 MiB", format="lines/1", bytes=long)
    opened = ["22", {"hex": "610a", "repeat": 8 * 1024 * 1024 + 1}]
    yield vector("splitter", "a record of more than 16 MiB", format="csv/1", bytes=opened)
    yield vector("splitter", "a format that nobody knows", format="lines/2", bytes="")


# -- whole items ----------------------------------------------------------------------------------


def _whole(name: str, file: bytes, sealed: SealedItem, whole: bytes, **changes: Any) -> dict[str, Any]:
    item = {"size": sealed.size, "root": sealed.root.hex()}
    return vector("whole", name, **{"item": item, "raw": whole.hex(), "bytes": file.hex()} | changes)


def _handed(key: bytes, sealed: SealedItem) -> bytes:
    return render_whole(disclose_whole(sealed.tree, key, sealed.metadata))


def whole_accepted() -> Made:
    for name, form, raw, told in FILES:
        key, sealed = _sealed(name, form, raw, told)
        yield _whole(f"{name} as {form}", raw, sealed, _handed(key, sealed))
    name, form, raw, told = FILES[1]
    key, sealed = _sealed(name, form, raw, told, padded=True)
    yield _whole("with rows of padding", raw, sealed, _handed(key, sealed))


def whole_refused() -> Made:
    name, form, raw, told = FILES[1]
    key, sealed = _sealed(name, form, raw, told)
    whole = _handed(key, sealed)
    kind, size, root, _, metadata = cbor2.loads(whole)

    def packed(*members: Any) -> str:
        return cbor2.dumps([kind, *members], canonical=True).hex()

    def told_as(**changes: Any) -> str:
        facts = canonical.parse(metadata)
        assert isinstance(facts, dict)
        return packed(
            size, root, key, canonical.render({k: v for k, v in (facts | changes).items() if v is not None})
        )

    yield _whole("cut short", raw, sealed, whole[:-1])
    yield _whole("the key of another item", raw, sealed, whole, item={"size": size, "root": "00" * 32})
    yield _whole("a changed byte of the file", raw[:-1] + b"x", sealed, whole)
    yield _whole("a row less", raw.rpartition(b"\n")[0], sealed, whole)
    yield _whole("another key", raw, sealed, whole, raw=packed(size, root, bytes(32), metadata))
    yield _whole("a key of 31 bytes", raw, sealed, whole, raw=packed(size, root, key[:31], metadata))
    yield _whole("another name in its metadata", raw, sealed, whole, raw=told_as(name="other.csv"))
    yield _whole("metadata without a digest", raw, sealed, whole, raw=told_as(sha256=None))
    yield _whole("a member that nobody knows", raw, sealed, whole, raw=told_as(note="x"))
    yield _whole("an offset that is none", raw, sealed, whole, raw=told_as(zone="+2"))
    yield _whole("a label of two lines", raw, sealed, whole, raw=told_as(origin="a\nb"))
    yield _whole(
        "an item that it was made from that is none", raw, sealed, whole, raw=told_as(derived_from="x")
    )
    false = _false(raw, key)
    yield _whole("sealed with metadata that is untrue", raw, false, _handed(key, false))


def _false(raw: bytes, key: bytes) -> SealedItem:
    """An item of these rows whose metadata row tells of a byte more than the file has."""
    sealer, facts, _ = hash_stream([raw], "users.csv", "csv/1", key, TOLD)
    metadata = canonical.render({**facts, "bytes": len(raw) + 1})
    tree = sealer.finish(metadata)
    honest = seal_stream([raw], "users.csv", "csv/1", key, TOLD)
    return replace(honest, root=tree.root, subtree_roots=tree.subtree_roots, metadata=metadata)


# -- the file of a seal ---------------------------------------------------------------------------


def _entries() -> tuple[SealEntry, ...]:
    return tuple(describe_item(_sealed(*file)[1], show_name=True) for file in FILES)


def seal_accepted() -> Made:
    yield vector("seal", "five items", raw=render_seal(_entries()).decode())
    yield vector("seal", "nothing", raw=render_seal(()).decode())


def seal_refused() -> Made:
    whole = canonical.parse(render_seal(_entries()))
    assert isinstance(whole, dict)
    items = whole["items"]
    assert isinstance(items, list)

    def said(name: str, made: Any) -> dict[str, Any]:
        return vector("seal", name, raw=canonical.render(made).decode())

    def first(**changes: Any) -> Any:
        assert isinstance(items[0], dict)
        return {**whole, "items": [{**items[0], **changes}, *items[1:]]}

    yield vector("seal", "with a space", raw=render_seal(_entries()).decode() + " ")
    yield said("of another kind", {**whole, "kind": "comity/1/seal-private"})
    yield said("in another order", {**whole, "items": items[::-1]})
    yield said("a member that nobody knows", first(note="x"))
    yield said("a member that says nothing", first(header_count=0))
    yield said("an item of no row", first(size=0))
    yield said("a root of 31 bytes", first(root="00" * 31))
    yield said("a length below zero", first(bytes=-1))
    yield said("a zone that is none", first(zone="UTC"))
    yield said("a name of two lines", first(name="a\nb"))
