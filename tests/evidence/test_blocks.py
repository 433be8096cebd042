"""Rows cut in blocks are the rows of the splitters, whatever the chunks; so are seals."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from comity.errors import Malformed
from comity.evidence import blocks, hashing, rows
from comity.evidence.blocks import BlockCutter
from comity.evidence.cut_native import RowFinder, load_finder
from comity.evidence.formats import FORMATS, FormatName
from comity.evidence.rows import split_rows
from comity.evidence.seal import Declared, SealedItem, seal_stream
from comity.ledger.bulk import WORTH
from comity.ledger.native import load_kernels

TEXT = [name for name in FORMATS if name != "opaque/1"]
PIECES = st.lists(
    st.sampled_from(
        [b"\n", b'"', b'""', b",", b"a", b"\r\n", b'"a\nb"', b"#Fields: a", b"\xef\xbb\xbf", b'x"', b"\t"]
    ),
    max_size=40,
)
KEY = bytes(range(32))


def finder() -> RowFinder:
    found = load_finder()
    if found is None:
        pytest.skip("llvmlite is not here")
    return found


def cut(name: FormatName, chunks: list[bytes]) -> tuple[list[bytes], bool]:
    cutter = BlockCutter(name, finder(), "log")
    found: list[bytes] = []
    for block in [*map(cutter.feed, chunks), cutter.close()]:
        if block is not None:
            found += [block.data[a:b] for a, b in zip(block.starts, block.ends, strict=True)]
    return found, cutter.terminated


@pytest.fixture(params=[1, 3, 64])
def small(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK", request.param)


@pytest.mark.usefixtures("small")
class TestRows:
    # The patch stands for the whole of the test, and each example starts anew.
    @pytest.mark.parametrize("name", TEXT)
    @settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(pieces=PIECES, every=st.integers(1, 9))
    @example(pieces=[b'a"b,"c', b"\n", b'd"', b"\n"], every=3)
    @example(pieces=[b'"a', b"\n", b"\n"], every=1)
    def test_they_are_those_of_the_splitters(self, name: FormatName, pieces: list[bytes], every: int) -> None:
        data = b"".join(pieces)
        chunks = [data[at : at + every] for at in range(0, len(data), every)]
        wanted = [row for batch in split_rows(name, [data]) for row in batch]
        assert cut(name, chunks) == (wanted, data.endswith(b"\n"))


@pytest.mark.parametrize("name", TEXT)
@settings(deadline=None)
@given(pieces=PIECES, many=st.integers(1, 400))
def test_seals_are_the_same_by_both_ways(name: FormatName, pieces: list[bytes], many: int) -> None:
    if load_kernels() is None:
        pytest.skip("llvmlite is not here")
    data = b"".join(pieces) * many
    assert seal(name, data, len(data) + 2**21) == seal(name, data, 0)


def seal(name: FormatName, data: bytes, expected: int) -> SealedItem:
    chunks = [data[at : at + 700] for at in range(0, len(data), 700)]
    return seal_stream(chunks, "log", name, KEY, Declared(), expected=expected)


def test_a_large_file_is_expected_to_be_worth_compiling(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def note(count: int) -> None:
        asked.append(count)

    monkeypatch.setattr(hashing, "kernels_for", note)
    for expected in (0, 1000 * 256, hashing.FAST_BYTES):
        seal("lines/1", b"a\nb\n", expected)
    assert asked == [0, 1000, WORTH]


@pytest.mark.parametrize("name", ["lines/1", "csv/1"])
@pytest.mark.parametrize("data", [b"x" * 21, b"ab\n" + b"y" * 21 + b"\n", b'"\n' + b"a\n" * 12])
def test_an_endless_row_is_refused_at_the_limit(
    name: FormatName, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "ROW_LIMIT", 20)
    monkeypatch.setattr(rows, "ROW_LIMIT", 20)
    monkeypatch.setattr(blocks, "BLOCK", 4)
    for way in (lambda: list(split_rows(name, [data])), lambda: cut(name, [bytes([one]) for one in data])):
        if name == "csv/1" or len(max(data.split(b"\n"))) > 20:
            with pytest.raises(Malformed, match="row"):
                way()
        else:
            assert way()


def test_an_endless_line_is_joined_a_few_times_only() -> None:
    def chunks() -> Iterator[bytes]:
        while True:
            yield bytes(4096)

    cutter = BlockCutter("lines/1", finder(), "log")
    given_bytes = 0

    def feed_all() -> None:
        nonlocal given_bytes
        for chunk in chunks():
            cutter.feed(chunk)
            given_bytes += len(chunk)

    with pytest.raises(Malformed):
        feed_all()
    assert given_bytes <= 2 * rows.ROW_LIMIT + blocks.BLOCK
