"""Rows join to the file again, whatever the bytes and however they are read."""

from __future__ import annotations

import csv
import io
import tracemalloc
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.errors import Malformed
from comity.evidence import bulk as bulk_module
from comity.evidence import rows as rows_module
from comity.evidence.bulk import read_batches
from comity.evidence.formats import FORMATS, FormatName, choose_delimiter
from comity.evidence.rows import (
    ROW_LIMIT,
    Passed,
    all_plain,
    ends_quoted,
    find_headers,
    join_rows,
    make_splitter,
    read_rows,
    split_lines,
    split_rows,
)

LOGGY = st.lists(
    st.sampled_from(
        [b"a", b"\n", b"\r\n", b'"', b'""', b",", b";", b"\t", b"#Fields: x", b"\0", b"\xff", b" "]
    ),
    max_size=40,
).map(b"".join)
FILES = st.one_of(st.binary(max_size=200), LOGGY)


def cut(raw: bytes, sizes: list[int]) -> Iterator[bytes]:
    at = 0
    for size in sizes:
        yield raw[at : at + size]
        at += size
    yield raw[at:]


def rows_in(format_name: FormatName, chunks: Iterator[bytes]) -> tuple[list[bytes], bool]:
    splitter = make_splitter(format_name)
    rows = [row for chunk in chunks for row in splitter.feed(chunk)]
    return rows + splitter.close(), splitter.terminated


@given(st.sampled_from(FORMATS), FILES)
def test_rows_join_to_the_file(format_name: FormatName, raw: bytes) -> None:
    rows, terminated = rows_in(format_name, iter([raw]))
    assert join_rows(rows, terminated) == raw


@given(st.sampled_from(FORMATS), FILES, st.lists(st.integers(0, 9), max_size=30))
def test_chunks_do_not_matter(format_name: FormatName, raw: bytes, sizes: list[int]) -> None:
    assert rows_in(format_name, cut(raw, sizes)) == rows_in(format_name, iter([raw]))


FIELDS = st.lists(
    st.sampled_from(
        [b'"a"', b'"', b'""', b'"""', b",", b"\n", b"\r", b"b", b'"a""b"', b'"x\ny"', b"\xef\xbb\xbf", b"\t"]
    ),
    max_size=60,
).map(b"".join)


@given(FIELDS, st.sampled_from([b",", b"\t"]))
def test_what_is_called_plain_is(text: bytes, delimiter: bytes) -> None:
    """No line of it needs a look: each ends outside quotes, by the definition."""
    if all_plain(text, delimiter):
        assert not any(ends_quoted(line, delimiter, False) for line in text.split(b"\n"))


@pytest.mark.parametrize(
    "text",
    [
        *(b"", b"a,b\nc", b'"a",b\n"c","d"', b'a,"b"\r\n"c",""\n', b'a,"b ""c"" d",e', b'"a""","b"', b'a""b'),
        b'"1","2"\n' * 300,
    ],
)
def test_the_usual_table_is_plain(text: bytes) -> None:
    assert all_plain(text, b",")


@pytest.mark.parametrize("at_once", [1, 2, 256])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=FIELDS)
def test_many_lines_at_once_are_cut_as_each_alone(
    raw: bytes, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows_module, "_LINES", at_once)
    raw = b"a,b\n" + raw
    wanted: list[bytes] = []
    inside = False
    for line in raw.removesuffix(b"\n").split(b"\n"):
        if inside:
            wanted[-1] += b"\n" + line
        else:
            wanted.append(line)
        inside = ends_quoted(line, b",", inside)
    assert rows_in("csv/1", iter([raw]))[0] == wanted


@given(
    st.lists(st.lists(st.text("ab,\"\n\r;' ", max_size=6), min_size=2, max_size=4), min_size=1, max_size=6)
)
def test_csv_that_is_written_by_the_book_is_cut_by_record(table: list[list[str]]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(table)
    rows, terminated = rows_in("csv/1", iter([b"a,b\n" + out.getvalue().encode()]))
    assert terminated
    assert len(rows) == 1 + len(table)
    again = [next(csv.reader(io.StringIO(row.decode(), newline=""))) for row in rows[1:]]
    assert again == table


@pytest.mark.parametrize(
    ("raw", "rows"),
    [
        (b'a,b\n1,"x\ny"\n2,z\n', [b"a,b", b'1,"x\ny"', b"2,z"]),
        (b'a,b\n1,5" screen\n2,z\n', [b"a,b", b'1,5" screen', b"2,z"]),
        (b'a,b\n1,"x""\n""y"\n', [b"a,b", b'1,"x""\n""y"']),
        (b'a,b\n1,"x" tail "\n2,z\n', [b"a,b", b'1,"x" tail "', b"2,z"]),
        (b'a;b\n1;",\n,"\n', [b"a;b", b'1;",\n,"']),
        (b'\xef\xbb\xbf"a\n",b\n1,2', [b'\xef\xbb\xbf"a\n",b', b"1,2"]),
        (b'a,b\n1,"open\n2,z\n', [b"a,b", b'1,"open\n2,z']),
        (b'a,b\r\n1,"x"\r\n', [b"a,b\r", b'1,"x"\r']),
    ],
)
def test_quotes(raw: bytes, rows: list[bytes]) -> None:
    assert rows_in("csv/1", iter([raw]))[0] == rows


@pytest.mark.parametrize(
    ("raw", "rows", "terminated"),
    [
        (b"", [], False),
        (b"\n", [b""], True),
        (b"a", [b"a"], False),
        (b"a\r\n\r\nb\0", [b"a\r", b"\r", b"b\0"], False),
    ],
)
def test_line_ends(raw: bytes, rows: list[bytes], terminated: bool) -> None:
    assert rows_in("lines/1", iter([raw])) == (rows, terminated)


def test_opaque_is_one_row_even_when_empty() -> None:
    assert rows_in("opaque/1", iter([])) == ([b""], False)
    assert rows_in("opaque/1", iter([b"a\n", b"b"])) == ([b"a\nb"], False)


def test_each_row_knows_the_row_that_names_its_columns() -> None:
    raw = b"#Version: 1\n#Fields: a b\n1 2\n#Fields: c\n3\n"
    got = [(row.index, row.header, row.context) for row in read_rows("w3c/1", [raw])]
    first, second = b"#Fields: a b", b"#Fields: c"
    assert got == [(1, 0, None), (2, 0, None), (3, 2, first), (4, 0, None), (5, 4, second)]
    got = [(row.index, row.header, row.context) for row in read_rows("csv/1", [b"a,b\n1,2\n"])]
    assert got == [(1, 0, None), (2, 1, b"a,b")]
    assert [row.header for row in read_rows("jsonl/1", [b"{}\n{}\n"])] == [0, 0]


def test_headers_among_disclosed_rows() -> None:
    rows = {2: b"#Fields: a", 7: b"1", 9: b"#Fields: b", 12: b"2"}
    assert find_headers("w3c/1", rows) == {2: 0, 7: 2, 9: 0, 12: 9}
    assert find_headers("csv/1", {1: b"a,b", 5: b"1,2"}) == {1: 0, 5: 1}
    assert find_headers("csv/1", {5: b"1,2"}) == {5: 0}


def endless(byte: bytes) -> Iterator[bytes]:
    while True:
        yield byte * (1 << 20)


@pytest.mark.parametrize("format_name", ["lines/1", "w3c/1", "jsonl/1", "csv/1"])
def test_an_endless_line_ends_with_an_error(format_name: FormatName) -> None:
    with pytest.raises(Malformed) as caught:
        list(split_rows(format_name, endless(b"x"), "spool.log"))
    assert (caught.value.code, caught.value.where) == ("row.long", "spool.log")
    assert "line 1 " in caught.value.why


def test_a_quote_that_never_closes_ends_with_an_error() -> None:
    def file() -> Iterator[bytes]:
        yield b'a,b\n1,"open\n'
        yield from endless(b"x\n")

    with pytest.raises(Malformed) as caught:
        list(split_rows("csv/1", file(), "q.csv"))
    assert caught.value.code == "row.long"
    assert "row 2" in caught.value.why


def pass_over(format_name: FormatName, raw: bytes, limit: int) -> tuple[list[bytes], list[int], bool]:
    """Rows, those passed over as empty ones, their numbers, and whether nothing was read behind the last."""
    lines = raw.removesuffix(b"\n").split(b"\n") if raw else []
    if format_name != "csv/1":
        kept = [line if len(line) <= limit else b"" for line in lines]
        return kept, [n for n, line in enumerate(lines, 1) if len(line) > limit], False
    rows: list[bytes] = []
    passed: list[int] = []
    held: list[bytes] = []
    first = b"" if not lines or len(lines[0]) > limit else lines[0]
    delimiter = choose_delimiter(first)
    for line in lines:
        held.append(line)
        plain = len(held) == 1 and b'"' not in line
        if len(line) > limit and plain:
            passed.append(len(rows) + 1)
            held = [b""]
        elif len(line) > limit or (len(held) > 1 and len(b"\n".join(held)) > limit):
            return rows, [*passed, len(rows) + 1], True
        if not ends_quoted(line if held != [b""] else b"", delimiter, len(held) > 1):
            rows.append(b"\n".join(held))
            held = []
    return rows + ([b"\n".join(held)] if held else []), passed, False


@given(
    LOGGY,
    st.lists(st.integers(1, 9)),
    st.sampled_from(["lines/1", "jsonl/1", "csv/1"]),
    st.integers(3, 9),
    st.sampled_from([0, 5, 1 << 16]),
)
def test_rows_that_are_too_long_are_passed_over_however_they_come(
    raw: bytes, sizes: list[int], format_name: FormatName, limit: int, together: int
) -> None:
    passed = Passed()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows_module, "ROW_LIMIT", limit)
        patch.setattr(bulk_module, "JOINED", together)
        cut_up = list(cut(raw, sizes))
        rows = [row for some in split_rows(format_name, cut_up, "x", passed) for row in some]
        again = Passed()
        numbered = list(read_rows(format_name, cut_up, "x", again))
        batched = [
            (index, row)
            for batch in read_batches(format_name, cut_up, "x", Passed())
            for index, row in zip(batch.indexes, batch.raws, strict=True)
        ]
    assert (rows, passed.rows, passed.ended) == pass_over(format_name, raw, limit)
    assert again == passed
    assert [(row.index, row.raw) for row in numbered] == batched
    assert batched == [(n, row) for n, row in enumerate(rows, 1) if n not in passed.rows]


@given(LOGGY, st.lists(st.integers(0, 9)), st.integers(3, 20))
def test_lines_that_are_not_cut_yet_are_the_rows(raw: bytes, sizes: list[int], limit: int) -> None:
    chunks = list(cut(raw, sizes))

    def told_of(split: Iterator[Sequence[bytes]]) -> tuple[list[bytes], str]:
        try:
            return [row for some in split for row in some], ""
        except Malformed as error:
            return [], str(error)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows_module, "ROW_LIMIT", limit)
        assert told_of(split_lines(chunks, "x")) == told_of(split_rows("lines/1", chunks, "x"))
        one, other = Passed(), Passed()
        assert told_of(split_lines(chunks, "x", one)) == told_of(split_rows("lines/1", chunks, "x", other))
        assert one == other


def test_a_line_without_end_takes_no_room() -> None:
    passed = Passed()
    tracemalloc.start()
    chunks = (b"a\n" if n == 0 else b"x" * (1 << 20) for n in range(120))
    rows = [row for some in split_rows("lines/1", chunks, "x", passed) for row in some]
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (rows, passed.rows) == ([b"a", b""], [2])
    assert most < 3 * ROW_LIMIT


def test_the_limit_is_the_same_however_the_row_comes() -> None:
    longest = b"x" * ROW_LIMIT
    assert rows_in("lines/1", iter([b"a\n" + longest + b"\nb"]))[0][1] == longest
    for chunks in ([b"a\n" + longest + b"x\nb"], [b"a\n" + longest, b"x\nb"]):
        with pytest.raises(Malformed, match="line 2 "):
            rows_in("lines/1", iter(chunks))


def test_memory_does_not_grow_with_the_file() -> None:
    def file() -> Iterator[bytes]:
        for _ in range(400):
            yield b"a line of a log that goes on\n" * 2000

    tracemalloc.start()
    try:
        count = sum(len(batch) for batch in split_rows("csv/1", file()))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 800_000
    assert peak < 4_000_000
