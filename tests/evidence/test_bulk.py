"""Rows and fields by the batch are those of reading row by row."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from comity.evidence import bulk
from comity.evidence.bulk import Batch, batch_rows, fields_of_batch, read_batches
from comity.evidence.formats import FormatName
from comity.evidence.joined import JoinedLines
from comity.evidence.parse import Unparsed, fields_of
from comity.evidence.rows import read_rows
from comity.json_width import VALUES

names = st.sampled_from(["a", "b", "a.b", "Event", 'q"', "e\\", "é", "x:", ""])
scalars = st.one_of(
    st.text('ab"\\:{}[ ,é\n\x7f', max_size=6),
    st.integers(-5, 5),
    st.integers(-(2**70), 2**70),
    st.sampled_from([2**63, 2**63 - 1, -(2**63), 2**64]),
    st.floats(allow_nan=False),
    st.booleans(),
    st.none(),
)
values: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=3)),
    max_leaves=6,
)
spaces = st.sampled_from(["", "", "", " ", "\t", " \r"])


@st.composite
def written(draw: st.DrawFn, value: Any) -> str:
    """JSON of ``value`` as somebody might write it: spaces anywhere, and keys twice."""
    if isinstance(value, dict):
        pairs = list(value.items())
        twice: bool = draw(st.booleans())
        if pairs and twice:
            pairs.append((pairs[0][0], draw(scalars)))
        inside = [
            f"{draw(spaces)}{json.dumps(key, ensure_ascii=draw(st.booleans()))}{draw(spaces)}:"
            f"{draw(spaces)}{draw(written(item))}"
            for key, item in pairs
        ]
        return "{" + ",".join(inside) + draw(spaces) + "}"
    if isinstance(value, list):
        return "[" + ",".join(draw(written(item)) for item in value) + "]"
    return json.dumps(value, ensure_ascii=draw(st.booleans()))


objects = st.dictionaries(names, values, max_size=4).flatmap(written)
lines = st.one_of(
    objects.map(str.encode),
    objects.map(lambda text: b"\xef\xbb\xbf" + text.encode()),
    st.binary(max_size=8).filter(lambda raw: b"\n" not in raw),
    st.sampled_from(
        [
            b'{"a":1,"a" :2}',
            b'{"a":"\\":","a":2}',
            b'{"e\\\\":1,"e\\\\":2}',
            b'{"a":-0}',
            b'{"a":-0.0,"b":1E400}',
            b'{"a":18446744073709551616}',
            b'{"a":123456789012345678901234567890}',
            b'{"a":"\\ud800"}',
            b'{"a":NaN}',
            b"[1]",
            b"7",
            b'{"a":{"b":1},"a.b":2}',
            b'{"a":' + b"[" * 100 + b"]" * 100 + b"}",
            b'{"a":' * 70 + b"1" + b"}" * 70,
            b'{"record":1,"written":"x","Event":{"System":{"EventID":4,"EventID":5}}}',
            b'{"Event":{"System":{"Provider":{"#attributes":{"Name":"P"}}},"EventData":{"Data":{"#text":["a","b"]}}}}',
            b'{"broken":"why"}',
        ]
    ),
)
formats: st.SearchStrategy[FormatName] = st.sampled_from(
    ["jsonl/1", "evtx-jsonl/1", "lines/1", "csv/1", "w3c/1"]
)
texts = st.lists(
    st.one_of(
        lines,
        st.sampled_from([b"#Fields: a b c", b"#x", b"a,b,c", b"1 2 3", b'"x",y,"z"', b"", b" ", b"-  -"]),
    ),
    max_size=8,
)


@given(formats, texts, st.booleans(), st.integers(1, 40), st.sampled_from([0, 9, 1 << 16]))
@example("jsonl/1", [b'{"a":1}', b'{"a":1,"a" :2}'], True, 7, 0)
def test_batches_read_as_rows_do(
    form: FormatName, rows: list[bytes], ended: bool, size: int, together: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk, "JOINED", together)
        compare_with_rows(form, rows, ended, size)


def compare_with_rows(form: FormatName, rows: list[bytes], ended: bool, size: int) -> None:
    raw = b"\n".join(rows) + (b"\n" if ended else b"")
    chunks = [raw[at : at + size] for at in range(0, len(raw), size)]
    expected = [
        (row.index, row.raw, repr(fields_of(form, row.raw, row.context))) for row in read_rows(form, chunks)
    ]
    for batches in (list(read_batches(form, chunks)), list(batch_rows(read_rows(form, chunks)))):
        told = [
            (index, line, repr(fields))
            for batch in batches
            for index, line, fields in zip(
                batch.indexes, batch.raws, fields_of_batch(form, batch), strict=True
            )
        ]
        assert told == expected


@pytest.mark.parametrize("together", [0, 1 << 16])
def test_a_batch_is_bounded(together: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "BATCH_ROWS", 3)
    monkeypatch.setattr(bulk, "JOINED", together)
    raw = b"".join(b"%d\n" % n for n in range(10))
    batches = list(read_batches("lines/1", [raw]))
    assert max(len(batch.raws) for batch in batches) == 3
    assert [index for batch in batches for index in batch.indexes] == list(range(1, 11))


def test_without_the_fast_reader_the_fields_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [b'{"a":1,"b":[1,{"c":"x"}]}', b'{"a":1,"a":2}', b"{", b""]
    (batch,) = read_batches("jsonl/1", [b"\n".join(rows)])
    fast = fields_of_batch("jsonl/1", batch)
    monkeypatch.setattr(bulk, "fast_loads", lambda: None)
    assert fields_of_batch("jsonl/1", batch) == fast


@given(
    st.lists(
        st.sampled_from(
            [b"", b" ", b"\t", b"\x1c", b"\r", b"a", b"x y", b"\xc2\xa0", b"\xc2\xa0\r", b"\xc3\xa9", b"\xff"]
        ),
        max_size=4,
    )
)
def test_lines_that_are_not_blank_are_those_with_fields(raws: list[bytes]) -> None:
    told = [at for at, raw in enumerate(raws) if fields_of("lines/1", raw, None) is not None]
    assert list(bulk.find_told(raws)) == told
    assert [at for at, raw in enumerate(raws) if not bulk.is_blank(raw)] == told


@given(
    st.lists(
        st.sampled_from(
            [
                *(
                    b"",
                    b" ",
                    b"\t",
                    b"\x1c",
                    b"a",
                    b" x y",
                    b"\xc2\xa0",
                    b"\xe2\x80\xa8",
                    b"\xc3\xa9",
                    b"\xff",
                ),
                *(b'{"a":1}', b"{", b"#Fields: a b c", b"#", b"x{"),
            ]
        ),
        min_size=1,
        max_size=4,
    )
)
def test_what_is_told_of_lines_together_is_so_of_each(raws: list[bytes]) -> None:
    if bulk.is_even(JoinedLines(b"\n".join(raws))):
        assert list(bulk.find_told(raws)) == list(range(len(raws)))
        assert not bulk.count_alike(raws)
    else:
        assert any(bulk.is_blank(raw) or not raw.strip() or raw[:1] in (b"{", b"#") for raw in raws)


def test_every_space_of_utf8_makes_a_line_blank_together_with_others_too() -> None:
    spaces = [chr(n) for n in range(0x3001) if chr(n).isspace() and chr(n) != "\n"]
    assert len(spaces) > 20
    for space in spaces:
        assert not bulk.is_even(JoinedLines(b"a\n%b\nb" % space.encode()))
        assert not bulk.is_even(JoinedLines(space.encode()))


def test_a_wide_row_is_told_and_the_others_of_its_batch_are_read() -> None:
    wide = b'{"a":[' + b"1," * VALUES + b"1]}"
    raws = [b'{"a":"x"}', wide, b'{"a":{"b":1}}', b"", b"{"]
    batch = Batch(indexes=range(1, 6), raws=raws, context=None)
    assert fields_of_batch("jsonl/1", batch) == [fields_of("jsonl/1", raw, None) for raw in raws]
    assert fields_of("jsonl/1", wide, None) == Unparsed(f"more than {VALUES} values")


def test_rows_of_megabytes_are_not_read_together() -> None:
    row = b'{"a":"' + b"x" * (5 << 20) + b'"}\n'
    batches = list(read_batches("jsonl/1", [row, row, b"{}\n{}\n", row]))
    assert [list(batch.indexes) for batch in batches] == [[1], [2, 3, 4], [5]]
