"""Rows that may hold a value are named from their bytes: never one too few, however it is written."""

from __future__ import annotations

import json
from collections.abc import Sequence
from unittest import mock

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from comity.evidence import bulk, sifting
from comity.evidence.bulk import Batch, read_batches
from comity.evidence.formats import FormatName
from comity.evidence.parse import fields_of, text_of
from comity.evidence.sifting import IN_TEXT, LENGTH, Sieve, rows_at, shorten

WORDS = st.one_of(
    st.sampled_from(
        ["", "a", "A", "desk", "53", "5", "0", "-", "(empty)", "true", "True", "x'y", '"', '""', 'a"b', '"a"',
         "a b", "\\x41bc", "\\u0041", "\u00e6ther", "STRASSE", "stra\u00dfe", "\u212a", "k", "a\tb", "1.5",
         "\ud7ff", "http://x/y?a=b&c", "10.0.0.1", "ops@relay.example", "\U0001f600", "x" * (LENGTH + 3), " "]
    ),
    st.text(max_size=4),
)  # fmt: skip
SCALARS = st.one_of(
    WORDS,
    st.integers(-5, 70),
    st.integers(-(2**64), 2**64),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([1.5, 0.0, -0.0, 1e22, 1e-7, 0.1, 1767225600.123456, True, False, None]),
)
OBJECTS = st.dictionaries(
    st.sampled_from(["a", "b", "a.b", "", "\u00e6", 'q"']),
    st.one_of(SCALARS, st.lists(SCALARS, max_size=3), st.dictionaries(st.sampled_from(["b", ""]), SCALARS)),
    max_size=4,
)


def written(found: object, how: int) -> bytes:
    """The same JSON as different writers write it."""
    text = json.dumps(found, ensure_ascii=how % 2 == 0, separators=None if how % 3 else (",", ":"))
    if how % 5 == 0:
        text = text.replace("/", "\\/").replace("<", "\\u003c").replace("5", "\\u0035" if how % 2 else "5")
    return text.encode("utf-8", "surrogatepass")


def pairs(format_name: FormatName, raw: bytes, context: bytes | None) -> set[tuple[str, str]]:
    fields = fields_of(format_name, raw, context)
    if not isinstance(fields, dict):
        return set()
    return {
        (name, str(value))
        for name, held in fields.items()
        for value in (held if isinstance(held, Sequence) and not isinstance(held, str) else [held])
        if value is not None
    }


def check(format_name: FormatName, raw: bytes, data: st.DataObject) -> None:
    """A value drawn from what is there is found where it stands, in every way that there is to look."""
    many, dense = data.draw(st.sampled_from([(400, 1), (400, 10**9), (0, 1), (400, 16)]))
    with (
        mock.patch.object(bulk, "BATCH_ROWS", 5),
        mock.patch.object(sifting, "_MANY", many),
        mock.patch.object(sifting, "_DENSE", dense),
    ):
        batches = list(read_batches(format_name, [raw]))
        found = [[pairs(format_name, row, batch.context) for row in batch.raws] for batch in batches]
        every = sorted({pair for of_batch in found for of_row in of_batch for pair in of_row})
        if not every:
            return
        wanted = set(data.draw(st.lists(st.sampled_from(every), min_size=1, max_size=3)))
        told: dict[str, list[str]] = {}
        folded: dict[str, list[str]] = {}
        for name, value in wanted:
            told.setdefault(name, []).append(shorten(value))
            folded.setdefault(name, []).append(value.casefold())
        meant = {(name, value) for name, values in folded.items() for value in values}
        exact, either = Sieve(format_name, told), Sieve(format_name, folded, folded=True)
        for batch, of_batch in zip(batches, found, strict=True):
            places, loose = set(exact.find(batch)), set(either.find(batch))
            for at, of_row in enumerate(of_batch):
                if of_row & wanted:
                    assert at in places, (batch.raws[at], wanted)
                if {(name, value.casefold()) for name, value in of_row} & meant:
                    assert at in loose, (batch.raws[at], meant)


@given(st.lists(st.tuples(OBJECTS, st.integers(0, 29)), min_size=1, max_size=12), st.data())
def test_in_json_lines(objects: list[tuple[object, int]], data: st.DataObject) -> None:
    check("jsonl/1", b"\n".join(written(each, how) for each, how in objects), data)


@given(st.lists(st.tuples(OBJECTS, st.integers(0, 29)), min_size=1, max_size=8), st.data())
def test_in_events(objects: list[tuple[dict[str, object], int]], data: st.DataObject) -> None:
    lines = [
        written({"Event": {"System": {"EventID": how, "Channel": {"#text": "C"}}, "EventData": each}}, how)
        for each, how in objects
    ]
    check("evtx-jsonl/1", b"\n".join(lines), data)


def quoted(cell: str, how: int) -> str:
    if how % 3 == 0 or any(c in cell for c in ',;"\n\r'):
        return '"' + cell.replace('"', '""') + '"' + ("tail" if how == 7 else "")
    return cell


TABLE = st.lists(
    st.lists(st.tuples(WORDS, st.integers(0, 9)), min_size=2, max_size=3), min_size=1, max_size=12
)


@given(TABLE, st.sampled_from(["a,b", "a,b,c", "a,a", "\ufeffa;b;c"]), st.booleans(), st.data())
def test_in_tables(table: list[list[tuple[str, int]]], head: str, crlf: bool, data: st.DataObject) -> None:
    cut = ";" if ";" in head else ","
    end = "\r\n" if crlf else "\n"
    text = end.join([head, *(cut.join(quoted(cell, how) for cell, how in row) for row in table)])
    check("csv/1", text.encode("utf-8", "surrogatepass"), data)


VIEWED = st.lists(
    st.lists(st.tuples(WORDS, st.integers(0, 9)), min_size=5, max_size=6), min_size=1, max_size=8
)


@given(VIEWED, st.data())
def test_in_tables_of_events_with_and_without_a_message(
    table: list[list[tuple[str, int]]], data: st.DataObject
) -> None:
    rows = (",".join(quoted(cell, how) for cell, how in row) for row in table)
    check("csv/1", "\n".join(["a,b,c,Event ID,e", *rows]).encode("utf-8", "surrogatepass"), data)


@given(TABLE, st.sampled_from([" ", "\t"]), st.data())
def test_in_extended_logs(table: list[list[tuple[str, int]]], cut: str, data: st.DataObject) -> None:
    lines = [f"#Fields: a{cut}b{cut}c", *(cut.join(quoted(c, how) for c, how in row) for row in table)]
    lines.insert(len(lines) // 2, f"#Fields: b{cut}a")
    check("w3c/1", "\n".join(lines).encode("utf-8", "surrogatepass"), data)


@given(TABLE, st.data())
def test_in_zeek_logs(table: list[list[tuple[str, int]]], data: st.DataObject) -> None:
    lines = ["#separator \\x09", "#fields\ta\tb\tc", *("\t".join(c for c, _ in row) for row in table)]
    check("zeek/1", "\n".join(lines).encode("utf-8", "surrogatepass"), data)


@given(st.lists(st.binary(max_size=12), min_size=1, max_size=20), st.booleans())
@example([b"from 10.0.0.1", b"\xff10.0.0.1"], True)
def test_in_text(lines: list[bytes], folded: bool) -> None:
    for batch in read_batches("lines/1", [b"\n".join(lines)]):
        for at, raw in enumerate(batch.raws):
            for text in {text_of(raw), *text_of(raw).split()} - {""}:
                sieve = Sieve("lines/1", {IN_TEXT: [text.casefold() if folded else text]}, folded=folded)
                assert at in sieve.find(batch)


@pytest.mark.parametrize("number", ["1.5", "0.1", "1767225600.123456", "-2.0", "100000.0", "1e22", "5e-324"])
def test_a_number_is_found_however_it_is_written(number: str) -> None:
    value = float(number)
    forms = {number, f"{value:.25f}", f"{value:.40f}", f"{value:e}0", repr(value)}
    forms = {form for form in forms if form[-2:] != "e0" and float(form) == value}
    raws = [b'{"t":%s}' % form.encode() for form in sorted(forms)]
    sieve = Sieve("jsonl/1", {"t": [str(value)]})
    assert list(sieve.find(Batch(indexes=range(1, 1 + len(raws)), raws=raws, context=None))) == list(
        range(len(raws))
    )


def test_of_a_large_table_few_rows_are_named() -> None:
    raw = b"a,b\n" + b"".join(b"%d,%d\n" % (n, n % 7) for n in range(5000))
    sieve = Sieve("csv/1", {"a": ["4321"]})
    _, batch = read_batches("csv/1", [raw])
    assert list(sieve.find(batch)) == [4321]


def test_a_place_lies_in_its_row() -> None:
    assert rows_at([b"ab", b"", b"c"], [0, 2, 3, 4]) == {0, 1, 2}
