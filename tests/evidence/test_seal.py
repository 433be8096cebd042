"""Sealing: one pass, nothing guessable in public, and the two files of a seal."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import Malformed, NotVerified
from comity.evidence import disclose
from comity.evidence.detecting import detect
from comity.evidence.formats import FORMATS, FormatName
from comity.evidence.rows import join_rows, split_rows
from comity.evidence.seal import (
    Declared,
    ItemRef,
    SealedItem,
    escape_name,
    pad_number,
    parse_metadata,
    parse_ref,
    seal_stream,
)
from comity.evidence.seal_file import (
    describe_item,
    describe_private,
    parse_private,
    parse_seal,
    render_private,
    render_seal,
)
from comity.ledger.rowtree import RowSealer

KEY = bytes(range(32))
RAW = b"#Software: x\r\n#Fields: date time c-ip\r\n2026-10-03 00:00:01 192.0.2.77\r\n"
SAID = Declared(zone="+02:00", collected_from="gateway", origin="gateway-1")


def seal(raw: bytes, format_name: FormatName = "w3c/1", declared: Declared = SAID) -> SealedItem:
    return seal_stream([raw], "u_ex.log", format_name, KEY, declared)


@given(st.sampled_from(FORMATS), st.binary(max_size=300), st.lists(st.integers(0, 50), max_size=8))
def test_the_seal_is_of_the_rows_and_the_bytes(format_name: FormatName, raw: bytes, sizes: list[int]) -> None:
    chunks, at = [], 0
    for size in sizes:
        chunks.append(raw[at : at + size])
        at += size
    told: list[int] = []
    item = seal_stream([*chunks, raw[at:]], "f", format_name, KEY, Declared(), progress=told.append)
    assert item == seal_stream([raw], "f", format_name, KEY, Declared())
    assert told[-1] == item.bytes == len(raw)
    assert item.sha256 == sha256(raw).hexdigest()
    rows = [row for batch in split_rows(format_name, [raw]) for row in batch]
    assert join_rows(rows, item.terminated) == raw
    sealer = RowSealer(KEY)
    sealer.add_many(rows)
    assert sealer.finish(item.metadata) == item.tree
    assert item.rows == len(rows) == item.size - 1


def test_the_metadata_row_reads_back() -> None:
    item = seal(RAW)
    told = parse_metadata(item.metadata)
    assert (told.name, told.format, told.bytes, told.sha256) == ("u_ex.log", "w3c/1", len(RAW), item.sha256)
    assert (told.rows, told.terminated, told.headers, told.header_count) == (3, True, (2,), 1)
    assert told.declared == SAID == item.declared


def test_the_root_binds_what_is_declared() -> None:
    said = (
        SAID,
        replace(SAID, zone="+00:00"),
        replace(SAID, origin="other"),
        replace(SAID, collected_from="other"),
    )
    roots = {seal(RAW, declared=declared).root for declared in said}
    roots |= {
        seal(RAW, "lines/1").root,
        seal(RAW[:-1]).root,
        seal_stream([RAW], "g", "w3c/1", KEY, SAID).root,
    }
    assert len(roots) == 7


def test_unparsed_rows_are_counted_when_asked() -> None:
    raw = b'{"a":1}\n\n{bad\n[1]\n'
    item = seal_stream([raw], "f", "jsonl/1", KEY, Declared(), count_unparsed=True)
    assert item.unparsed == 2
    assert seal(raw, "jsonl/1").unparsed is None
    item = seal_stream([RAW + b"one\n"], "f", "w3c/1", KEY, Declared(), count_unparsed=True)
    assert item.unparsed == 1


@pytest.mark.parametrize(
    ("declared", "code"),
    [
        (Declared(zone="02:00"), "item.zone"),
        (Declared(zone="+15:00"), "item.zone"),
        (Declared(origin="a\nb"), "item.label"),
        (Declared(origin="x" * 1001), "item.label"),
        (Declared(collected_from="\ud800"), "item.label"),
        (Declared(derived_from="file"), "item.ref"),
        (Declared(broken=-1), "item.label"),
    ],
)
def test_a_declaration_must_mean_something(declared: Declared, code: str) -> None:
    with pytest.raises(Malformed) as caught:
        seal(RAW, declared=declared)
    assert caught.value.code == code


def test_any_file_name_can_be_sealed() -> None:
    assert escape_name("a\nb\x7f\udcff") == "a\\x0ab\\x7f\\udcff"
    item = seal_stream([b"x"], "bad\udcffname\x1b[31m", "lines/1", KEY, Declared())
    assert item.name == "bad\\udcffname\\x1b[31m"
    assert escape_name(item.name) == item.name


def test_references() -> None:
    ref = seal(RAW).ref
    assert parse_ref(str(ref)) == ref
    for text in ("", "rows:0:" + "0" * 64, "rows:01:" + "0" * 64, f"rows:1:{'A' * 64}", f"{ref} "):
        with pytest.raises(Malformed):
            parse_ref(text)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "other"}, {"format": "csv/2"}, {"bytes": -1}, {"bytes": True}, {"rows": "3"},
        {"sha256": "00"}, {"terminated": 1}, {"headers": ["1"]}, {"name": 5}, {"more": 1},
        {"zone": "noon"}, {"zone": 2}, {"name": None},
    ],
)  # fmt: skip
def test_metadata_of_another_shape_is_malformed(change: dict[str, object]) -> None:
    facts = json.loads(seal(RAW).metadata) | change
    facts = {name: value for name, value in facts.items() if value is not None}
    raw = json.dumps(facts, sort_keys=True, separators=(",", ":")).encode()
    with pytest.raises(Malformed):
        parse_metadata(raw)


def test_memory_does_not_grow_with_the_file() -> None:
    block = b"2026-10-03 00:00:01 192.0.2.77 GET /a/path\n" * 2000

    def file() -> Iterator[bytes]:
        for _ in range(100):
            yield block

    tracemalloc.start()
    try:
        item = seal_stream(file(), "f", "lines/1", KEY, Declared())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert item.rows == 200_000
    assert peak < 4_000_000


# The files


def test_the_public_file_lets_nobody_test_a_guess() -> None:
    item = seal(RAW)
    public = render_seal([describe_item(item)])
    secrets = [item.sha256, KEY.hex(), "u_ex.log", "192.0.2.77", sha256(b"\0" + RAW).hexdigest()]
    assert not any(secret.encode() in public for secret in secrets)
    assert b"u_ex.log" in render_seal([describe_item(item, show_name=True)])


def test_both_files_read_back() -> None:
    items = [seal(RAW), seal(RAW, "opaque/1", Declared()), seal(b"a,b\n", "csv/1")]
    entries = [describe_item(item) for item in items]
    assert set(parse_seal(render_seal(entries))) == set(entries)
    assert parse_seal(render_seal(entries))[0].ref in {item.ref for item in items}
    assert {entry.declared for entry in entries} == {SAID, Declared()}
    secret = [describe_private(item, KEY, "/logs/ü") for item in items]
    assert set(parse_private(render_private(secret))) == set(secret)
    assert secret[0].tree == items[0].tree
    assert secret[0].file_path == "/logs/ü"


def test_paths_that_are_not_text_come_back_as_they_were() -> None:
    for path in ("/a\udcff", "/a\nb", "/a\u202eb"):
        entry = describe_private(seal(RAW), KEY, path)
        assert parse_private(render_private([entry]))[0].file_path == path


@given(st.data())
def test_no_changed_byte_of_a_private_file_passes_for_another_item(data: st.DataObject) -> None:
    raw = render_private([describe_private(seal(RAW), KEY, "/logs/a")])
    at = data.draw(st.integers(0, len(raw) - 1))
    changed = raw[:at] + bytes([raw[at] ^ (1 << data.draw(st.integers(0, 7)))]) + raw[at + 1 :]
    try:
        (entry,) = parse_private(changed, "p")
    except Malformed:
        return
    assert entry.tree == seal(RAW).tree or entry.size != seal(RAW).size


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "other"},
        {"items": {}},
        {"items": [{"size": 1}]},
        {"more": 1},
    ],
)
def test_files_of_another_shape_are_malformed(change: dict[str, object]) -> None:
    for parse_file, raw in (
        (parse_seal, render_seal([describe_item(seal(RAW))])),
        (parse_private, render_private([describe_private(seal(RAW), KEY, "/a")])),
    ):
        bad = json.dumps(json.loads(raw) | change, sort_keys=True, separators=(",", ":")).encode()
        with pytest.raises(Malformed) as caught:
            parse_file(bad, "x.seal")
        assert caught.value.where.startswith("x.seal")
        assert caught.value.code == "seal.form"


def test_a_member_that_says_nothing_is_a_second_spelling() -> None:
    file = json.loads(render_seal([describe_item(seal(RAW))]))
    file["items"][0]["parser"] = ""
    with pytest.raises(Malformed, match="says nothing"):
        parse_seal(json.dumps(file, sort_keys=True, separators=(",", ":")).encode())


def test_a_private_file_whose_subtrees_are_not_the_roots_is_malformed() -> None:
    file = json.loads(render_private([describe_private(seal(RAW), KEY, "/a")]))
    file["items"][0]["subtrees"] = "00" * 32
    with pytest.raises(Malformed, match="do not give its root"):
        parse_private(json.dumps(file, sort_keys=True, separators=(",", ":")).encode())


@pytest.mark.shared
def test_real_logs_seal(shared: Path) -> None:
    for path in sorted((shared / "zeek").glob("*.log")):
        raw = path.read_bytes()
        item = seal_stream([raw], path.name, detect(path.name, raw), KEY, Declared(), count_unparsed=True)
        assert (item.rows, item.unparsed) == (raw.count(b"\n"), 0)
        assert isinstance(item.ref, ItemRef)


@given(number=st.integers(0, 2**60))
def test_a_padded_number_is_little_more_and_says_little(number: int) -> None:
    padded = pad_number(number)
    assert number <= padded <= number + number // 8 + 1
    assert pad_number(padded) == padded
    assert len(bin(padded).rstrip("0")) - 2 <= max(3, padded.bit_length().bit_length() + 1)


@pytest.mark.parametrize("rows", [0, 1, 9, 254, 255, 256, 1000, 5000])
def test_padding_hides_the_count_and_every_proof_holds(rows: int) -> None:
    data = [b"".join(b"row %d\n" % n for n in range(1, rows + 1))]
    key = bytes(32)
    item = seal_stream(data, "log", "lines/1", key, Declared(), pad=True)
    assert item.size == pad_number(rows + 1)
    assert (item.rows, item.padding) == (rows, item.size - rows - 1)
    assert item.shown_bytes == (pad_number(item.bytes) if item.padding else item.bytes)
    whole = disclose.disclose_whole(item.tree, key, item.metadata)
    assert disclose.check_whole(whole, data, item.ref).padding == item.padding
    for wanted in {1, rows // 2, rows} - {0}:
        if wanted <= rows:
            shown = disclose.disclose_rows(item.tree, key, item.metadata, "lines/1", data, [wanted])
            opened = disclose.open_disclosure(disclose.render_disclosure(shown), item=item.ref)
            assert opened.rows == {wanted: b"row %d" % wanted}
    if item.padding:
        with pytest.raises(NotVerified):
            disclose.disclose_rows(item.tree, key, item.metadata, "lines/1", data, [rows + 1])
        plain = seal_stream(data, "log", "lines/1", key, Declared())
        with pytest.raises(NotVerified):
            disclose.check_whole(disclose.disclose_whole(item.tree, key, plain.metadata), data, item.ref)
