"""Deriving event logs in a process of its own: real logs, damaged logs, and a child that dies."""

from __future__ import annotations

import importlib.metadata
import io
import json
import random
import tempfile
import warnings
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.adapters import evtx_child, evtx_process
from comity.adapters.evtx_child import LogPart, write_lines
from comity.adapters.evtx_process import DerivedLines, check_parser, derive_evtx
from comity.errors import Malformed, Unavailable
from comity.evidence.evtx import Derivation, conclude, survey_log
from comity.evidence.evtx_lines import render_broken, render_record
from comity.evidence.parse import Unparsed, fields_of
from comity.evidence.rows import split_rows
from comity.evidence.seal import Declared, seal_stream
from comity.evidence.times import row_time


@pytest.fixture
def real(shared: Path) -> bytes:
    return (shared / "evtx" / "UACME_59_Sysmon.evtx").read_bytes()


def derive(
    raw: bytes, folder: Path, memory_bytes: int = 1 << 30, cpu_seconds: int = 60
) -> tuple[Derivation, list[bytes]]:
    path = folder / "log.evtx"
    path.write_bytes(raw)
    out = io.BytesIO()
    with path.open("rb") as source:
        done = derive_evtx(source, out, "log.evtx", memory_bytes=memory_bytes, cpu_seconds=cpu_seconds)
    return done, [row for batch in split_rows("evtx-jsonl/1", [out.getvalue()]) for row in batch]


@pytest.mark.shared
def test_a_real_log_gives_one_line_a_record(real: bytes, tmp_path: Path) -> None:
    done, lines = derive(real, tmp_path)
    assert (done.records, done.broken, done.parser) == (len(lines), 0, "evtx 0.14.0")
    assert derive(real, tmp_path) == (done, lines)
    for line in lines:
        fields = fields_of("evtx-jsonl/1", line, None)
        assert isinstance(fields, dict)
        assert fields["Provider_Name"] == "Microsoft-Windows-Sysmon"
        assert isinstance(fields["EventID"], int)
        assert row_time("evtx-jsonl/1", fields, None) is not None
    log = seal_stream([real], "log.evtx", "opaque/1", bytes(32), Declared())
    said = Declared(derived_from=str(log.ref), parser=done.parser, broken=done.broken)
    derived = [b"".join(line + b"\n" for line in lines)]
    item = seal_stream(derived, "log.jsonl", "evtx-jsonl/1", b"k" * 32, said, count_unparsed=True)
    assert (item.rows, item.unparsed) == (done.records, 0)


@pytest.mark.shared
def test_every_real_log_gives_all_the_records_it_announces(shared: Path) -> None:
    logs = records = 0
    for path in sorted((shared / "evtx").rglob("*.evtx")):
        out = io.BytesIO()
        with path.open("rb") as source:
            survey = survey_log(source)
        with io.FileIO(path) as log:
            done = write_lines(log, out)
        assert (conclude(survey, *done)[0], done.broken) == (b"", 0), path
        for batch in split_rows("evtx-jsonl/1", [out.getvalue()]):
            for line in batch:
                assert not isinstance(fields_of("evtx-jsonl/1", line, None), Unparsed), path
        logs, records = logs + 1, records + done.records
    assert (logs, records) == (277, 8255)


class Told(list[object]):
    """Stands for the parser: records, what it warns of, and what it stops with."""

    def __call__(self, *_: object, **__: object) -> Told:
        return self

    def records_json(self) -> Iterator[dict[str, object]]:
        for each in self:
            if isinstance(each, Exception):
                raise each
            if isinstance(each, str):
                warnings.warn(each, RuntimeWarning, stacklevel=1)
            else:
                yield {"event_record_id": each, "timestamp": "t UTC", "data": DATA.get(each, '{"Event":{}}')}


DATA: dict[object, str] = {5: '{"Event":\n}', 6: "[]", 7: '{"Event":"\ud800"}', 8: '{"Event":"ø"}'}
SAID = st.one_of(st.integers(1, 9), st.sampled_from(["a gap", "ø"]))


@given(st.lists(SAID, max_size=20), st.sampled_from([None, RuntimeError("end"), ValueError("end")]))
def test_what_the_parser_says_stands_where_it_said_it(told: list[object], end: Exception | None) -> None:
    import evtx

    expected: list[bytes] = []
    for each in told:
        if isinstance(each, str):
            expected.append(render_broken(each))
            continue
        try:
            expected.append(render_record(int(str(each)), "t UTC", DATA.get(each, '{"Event":{}}')))
        except Malformed as problem:
            expected.append(render_broken(f"{problem.where}: {problem.why}"))
    if end is not None:
        expected.append(render_broken("the parser stopped: end"))
    broken = [json.loads(line)["broken"] for line in expected if line.startswith(b'{"broken"')]
    for together in (1, 3, 256):
        out = io.BytesIO()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(evtx, "PyEvtxParser", Told([*told, end] if end else told))
            patch.setattr(evtx_child, "_TOGETHER", together)
            done = write_lines(io.FileIO(0, closefd=False), out)
        assert out.getvalue() == b"".join(line + b"\n" for line in expected)
        assert done == (len(expected) - len(broken), len(broken), broken)


def chunks_in(raw: bytes) -> tuple[int, bytes]:
    return survey_log(io.BytesIO(raw)).chunks, raw


@pytest.mark.shared
def test_the_parts_of_a_log_are_the_whole(shared: Path, tmp_path: Path) -> None:
    path = tmp_path / "large.evtx"
    path.write_bytes(max((each.read_bytes() for each in (shared / "evtx").rglob("*.evtx")), key=chunks_in))
    size = path.stat().st_size
    with path.open("rb") as source:
        lines = DerivedLines(source)
        whole = b"".join(lines)
        cuts = (4096, 4096 + 65_536, 4096 + 6 * 65_536, size)
        parts = [DerivedLines(source, span=span) for span in pairwise(cuts)]
        assert b"".join(block for part in parts for block in part) == whole
    told = [part.derivation for part in parts if part.derivation]
    assert lines.derivation is not None
    assert lines.derivation.records == sum(each.records for each in told)
    assert [each.broken for each in told] == [0, 0, 0]


@given(st.lists(st.tuples(st.integers(-9, 90_000), st.integers(0, 2), st.integers(0, 70_000)), max_size=9))
def test_a_part_is_read_like_a_file(reads: list[tuple[int, int, int]]) -> None:
    raw = random.Random(5).randbytes(90_000)
    begin, end = 20_000, 80_000
    as_file = io.BytesIO(raw[:4096] + raw[begin:end])
    with tempfile.TemporaryFile() as file:
        file.write(raw)
        file.flush()
        part = io.BufferedReader(LogPart(file.fileno(), begin, end))
        for offset, whence, count in reads:
            if whence == 0 and offset < 0:
                continue
            at = max(0, offset) if whence == 0 else offset
            if whence == 1 and as_file.tell() + at < 0:
                continue
            assert part.seek(at, whence) == as_file.seek(at, whence)
            assert part.read(count) == as_file.read(count)


@pytest.mark.shared
def test_a_cut_log_says_what_is_missing(real: bytes, tmp_path: Path) -> None:
    done, lines = derive(real[: len(real) - 70_000], tmp_path)
    assert "cut short" in done.problems[0]
    assert len(lines) == done.records + done.broken
    assert json.loads(lines[done.records]) == {"broken": done.problems[0]}


@pytest.mark.shared
def test_flipped_bits_lose_no_record_in_silence(real: bytes, tmp_path: Path) -> None:
    whole, _ = derive(real, tmp_path)
    chance = random.Random(7)
    for _ in range(4):
        damaged = bytearray(real)
        for _ in range(60):
            damaged[chance.randrange(4096, len(real))] ^= 1 << chance.randrange(8)
        done, lines = derive(bytes(damaged), tmp_path)
        assert len(lines) == done.records + done.broken
        assert done.records == whole.records or done.broken > 0
        broken = [n for n, line in enumerate(lines) if line.startswith(b'{"broken"')]
        assert len(broken) == done.broken
        assert isinstance(fields_of("evtx-jsonl/1", lines[broken[0]], None), Unparsed)


@pytest.mark.parametrize("raw", [b"", b"not a log", b"ElfFile\0", b"PK\x03\x04" + bytes(9000), bytes(70_000)])
def test_what_is_no_log_is_malformed(raw: bytes, tmp_path: Path) -> None:
    with pytest.raises(Malformed) as caught:
        derive(raw, tmp_path)
    assert caught.value.code == "evtx.header"
    assert caught.value.where.startswith("log.evtx")


def test_noise_behind_a_true_header_is_named(tmp_path: Path) -> None:
    head = (b"ElfFile\0" + pack("<3QI4H", 0, 0, 2, 128, 1, 3, 4096, 1)).ljust(4096, b"\0")
    noise = b"ElfChnk\0" + pack("<2Q", 1, 5) + random.Random(3).randbytes(65_512)
    done, lines = derive(head + noise, tmp_path)
    assert done.records == 0
    assert len(lines) == done.broken >= 1


@pytest.fixture
def _asked_anew() -> Iterator[None]:
    evtx_process._find_version.cache_clear()
    yield
    evtx_process._find_version.cache_clear()


@pytest.mark.usefixtures("_asked_anew")
def test_another_parser_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lambda _: "0.8.9")
    with pytest.raises(Unavailable, match=r"pinned to 0\.14\.0"):
        check_parser()


@pytest.mark.usefixtures("_asked_anew")
def test_without_the_parser_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: str) -> str:
        raise importlib.metadata.PackageNotFoundError

    monkeypatch.setattr(importlib.metadata, "version", missing)
    with pytest.raises(Unavailable, match=r"\.\[evtx\]"):
        check_parser()
