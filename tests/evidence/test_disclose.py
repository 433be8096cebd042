"""Showing rows: every changed bit refused, the key never shown, the rest never opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import ComityError, Malformed, NotVerified
from comity.evidence.disclose import (
    Disclosure,
    check_disclosure,
    check_whole,
    disclose_rows,
    disclose_whole,
    gaps_between,
    open_disclosure,
    parse_disclosure,
    parse_whole,
    render_disclosure,
    render_whole,
)
from comity.evidence.formats import FormatName
from comity.evidence.seal import Declared, ItemRef, SealedItem, seal_stream
from comity.ledger.rowtree import RowSealer, salts

KEY = bytes(range(7, 39))
RAW = b"when,who\n" + b"".join(b"%d,user %d\n" % (n, n % 7) for n in range(1, 700))
W3C = b"#Fields: a b\n1 2\n3 4\n#Fields: c d\n5 6\n7 8\n"


def seal(raw: bytes, format_name: FormatName = "csv/1") -> SealedItem:
    return seal_stream([raw], "a.csv", format_name, KEY, Declared(zone="+01:00"))


def disclose(
    raw: bytes, numbers: Sequence[int], format_name: FormatName = "csv/1", metadata: bool = False
) -> tuple[Disclosure, ItemRef]:
    item = seal(raw, format_name)
    shown = disclose_rows(item.tree, KEY, item.metadata, format_name, [raw], numbers, with_metadata=metadata)
    return shown, item.ref


def code_of(raw: bytes, item: ItemRef) -> str:
    with pytest.raises(ComityError) as caught:
        open_disclosure(raw, "package", item=item)
    assert caught.value.where.startswith("package")
    return caught.value.code


@given(st.sets(st.integers(1, 700), min_size=1, max_size=8), st.booleans())
def test_shown_rows_are_proven_with_their_header(numbers: set[int], metadata: bool) -> None:
    shown, item = disclose(RAW, sorted(numbers), metadata=metadata)
    found = open_disclosure(render_disclosure(shown), item=item)
    lines = RAW.split(b"\n")
    assert found.rows == {n: lines[n - 1] for n in numbers | {1}}
    assert found.contexts("csv/1") == {n: None if n == 1 else b"when,who" for n in found.rows}
    assert (found.metadata == seal(RAW).metadata) is metadata
    assert (found.metadata is None) is not metadata


def test_each_block_brings_its_own_header() -> None:
    shown, item = disclose(W3C, [3, 6], "w3c/1")
    found = check_disclosure(shown, item)
    assert sorted(found.rows) == [1, 3, 4, 6]
    assert found.contexts("w3c/1")[3] == b"#Fields: a b"
    assert found.contexts("w3c/1")[6] == b"#Fields: c d"


@pytest.mark.parametrize("metadata", [False, True])
def test_every_single_bit_counts(metadata: bool) -> None:
    shown, item = disclose(W3C, [5], "w3c/1", metadata)
    raw = render_disclosure(shown)
    for at in range(len(raw)):
        for bit in range(8):
            changed = raw[:at] + bytes([raw[at] ^ (1 << bit)]) + raw[at + 1 :]
            assert code_of(changed, item) in (
                "disclosure.form", "row.item", "row.proof", "row.order", "row.range",
            )  # fmt: skip


@given(st.data())
def test_cut_and_lengthened_packages_are_malformed(data: st.DataObject) -> None:
    shown, item = disclose(W3C, [5], "w3c/1")
    raw = render_disclosure(shown)
    cut = data.draw(st.integers(0, len(raw) - 1))
    assert code_of(raw[:cut], item) == "disclosure.form"
    assert code_of(raw + data.draw(st.binary(min_size=1, max_size=9)), item) == "disclosure.form"


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(raw: bytes) -> None:
    assert code_of(raw, seal(W3C, "w3c/1").ref) == "disclosure.form"


def test_the_size_counts_as_much_as_the_root() -> None:
    shown, item = disclose(W3C, [1], "w3c/1")
    lied = replace(shown, size=item.size + 1)
    assert code_of(render_disclosure(lied), item) == "row.item"


def test_rows_of_another_item_are_refused_by_name() -> None:
    shown, _ = disclose(RAW, [5])
    assert code_of(render_disclosure(shown), seal(RAW + b"800,user\n").ref) == "row.item"


def test_leaf_zero_alone_is_no_row() -> None:
    shown, item = disclose(RAW, [1], metadata=True)
    assert shown.entries[0].index == 0
    only = disclose_metadata_only(item)
    with pytest.raises(NotVerified) as caught:
        check_disclosure(only, item)
    assert caught.value.code == "row.range"


def disclose_metadata_only(item: ItemRef) -> Disclosure:
    from comity.evidence.disclose import Entry
    from comity.ledger.rowtree import leaf_hashes, prove_rows

    sealed = seal(RAW)
    rows = [sealed.metadata, *RAW.split(b"\n")[:-1]]
    proof = prove_rows(sealed.tree, [0], lambda s: leaf_hashes(KEY, s * 256, rows[s * 256 : s * 256 + 256]))
    entry = Entry(index=0, salt=salts(KEY, 0, 1), row=sealed.metadata)
    return Disclosure(size=item.size, root=item.root, entries=(entry,), proof=tuple(proof))


def test_the_key_and_the_other_salts_stay_closed() -> None:
    shown, _ = disclose(RAW, [5, 300])
    raw = render_disclosure(shown)
    assert KEY not in raw
    hidden = [salts(KEY, n, 1) for n in range(701) if n not in (1, 5, 300)]
    assert not any(salt in raw for salt in hidden)
    assert seal(RAW).sha256.encode() not in raw
    assert bytes.fromhex(seal(RAW).sha256) not in raw


def test_a_file_changed_since_the_seal_gives_no_disclosure() -> None:
    item = seal(RAW)
    for changed, code in (
        (RAW.replace(b"\n20,", b"\n21,"), "row.subtree"),
        (RAW[:100], "row.range"),
    ):
        with pytest.raises(NotVerified) as caught:
            disclose_rows(item.tree, KEY, item.metadata, "csv/1", [changed], [21])
        assert caught.value.code == code
    other = bytes(32)
    with pytest.raises(NotVerified):
        disclose_rows(item.tree, other, item.metadata, "csv/1", [RAW], [21])


def test_misuse_is_a_callers_mistake() -> None:
    item = seal(RAW)
    for numbers in ([], [0], [701]):
        with pytest.raises(ValueError, match="1 to 700"):
            disclose_rows(item.tree, KEY, item.metadata, "csv/1", [RAW], numbers)
    with pytest.raises(TypeError):
        disclose_rows(item.tree, KEY, item.metadata, "csv/1", iter([RAW]), [1])


def test_an_opaque_item_is_one_row() -> None:
    shown, item = disclose(b"ElfFile\0anything", [1], "opaque/1")
    assert check_disclosure(shown, item).rows == {1: b"ElfFile\0anything"}


def test_gaps() -> None:
    assert gaps_between([1, 2, 5, 9]) == [(3, 4), (6, 8)]


# Whole


def test_a_whole_item_is_recomputed() -> None:
    for raw, format_name in ((RAW, "csv/1"), (W3C, "w3c/1"), (b"\0\n", "opaque/1"), (b"", "lines/1")):
        item = seal(raw, format_name)  # type: ignore[arg-type]
        whole = parse_whole(render_whole(disclose_whole(item.tree, KEY, item.metadata)))
        told = check_whole(whole, [raw[:9], raw[9:]], item.ref)
        assert (told.sha256, told.declared.zone) == (item.sha256, "+01:00")


def test_a_whole_item_that_differs_is_refused() -> None:
    item = seal(RAW)
    whole = disclose_whole(item.tree, KEY, item.metadata)

    def code(raw: bytes, **change: object) -> str:
        with pytest.raises(ComityError) as caught:
            check_whole(replace(whole, **change), [raw], item.ref, "file")  # type: ignore[arg-type]
        assert caught.value.where.startswith("file")
        return caught.value.code

    assert code(RAW.replace(b"user 3", b"user 4", 1)) == "item.root"
    assert code(RAW + b"x") == "item.root"
    assert code(RAW, key=bytes(32)) == "item.root"
    assert code(RAW, size=item.size + 1) == "item.ref"
    assert code(RAW, metadata=item.metadata.replace(b"+01:00", b"+02:00")) == "item.root"
    assert code(RAW, metadata=b"{}") == "item.metadata"


def test_an_item_sealed_under_an_untrue_metadata_row_is_caught() -> None:
    honest = seal(RAW)
    # A last line break more or less gives the same rows: only the metadata row tells them apart.
    lie = honest.metadata.replace(b'"terminated":true', b'"terminated":false')
    sealer = RowSealer(KEY)
    sealer.add_many(RAW.split(b"\n")[:-1])
    tree = sealer.finish(lie)
    with pytest.raises(NotVerified) as caught:
        check_whole(disclose_whole(tree, KEY, lie), [RAW], ItemRef(size=tree.size, root=tree.root))
    assert caught.value.code == "item.metadata"
    assert "terminated" in caught.value.why


def test_every_bit_of_a_whole_package_counts() -> None:
    item = seal(W3C, "w3c/1")
    raw = render_whole(disclose_whole(item.tree, KEY, item.metadata))
    for at in range(len(raw)):
        for bit in range(8):
            changed = raw[:at] + bytes([raw[at] ^ (1 << bit)]) + raw[at + 1 :]
            with pytest.raises(ComityError):
                check_whole(parse_whole(changed), [W3C], item.ref)


# The encoding


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xf6",
        b"\x9f\xff",
        b"\x85\x6dcomity/1/rows\x18\x05",
        b"\x5b\x7f" + b"\xff" * 7,
        b"\x9b\x7f" + b"\xff" * 7,
        b"\x9a\xff\xff\xff\xff",
        b"\xc5\x82\x1b\x7f\xff\xff\xff\xff\xff\xff\xff\x01",
        b"\x81" * 5000,
        b"\x61\xff",
        b"\xfb" + bytes(8),
        cbor2.dumps(cbor2.CBORTag(35, "(a+)+$")),
        cbor2.dumps(["comity/1/rows", 2.0, bytes(32), [], []]),
        cbor2.dumps(["comity/1/rows", True, bytes(32), [], []]),
        cbor2.dumps(["comity/1/rows", 2, bytes(31), [], []]),
        cbor2.dumps(["comity/1/rows", 2, bytes(32), [[1, bytes(16)]], []]),
        cbor2.dumps(["comity/1/rows", 2, bytes(32), [[1, bytes(15), b""]], []]),
        cbor2.dumps(["comity/1/rows", 2, bytes(32), [["1", bytes(16), b""]], []]),
        cbor2.dumps(["comity/1/rows", 2, bytes(32), [1], []]),
        cbor2.dumps(["comity/1/rows", 2, bytes(32), {}, []]),
        cbor2.dumps(["comity/1/rows", 2, bytes(32), [], [b"short"]]),
        cbor2.dumps(["comity/1/rows", 2**63, bytes(32), [], []]),
        cbor2.dumps(["comity/1/rows", -2, bytes(32), [], []]),
        cbor2.dumps(["comity/1/rows", 2, bytes(32), [[-1, bytes(16), b""]], []]),
        cbor2.dumps(["comity/1/rows", 2, None, [], []]),
        cbor2.dumps(["comity/1/rows", 2, bytes(32), []]),
        cbor2.dumps(["comity/1/whole", 2, bytes(32), [], []]),
    ],
)
def test_hostile_encodings_are_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        parse_disclosure(raw, "package")
    assert caught.value.code == "disclosure.form"
    assert caught.value.where.startswith("package")
    with pytest.raises(Malformed):
        parse_whole(raw)
