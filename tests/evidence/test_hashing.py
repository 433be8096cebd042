"""A seal that goes on from what was kept is the seal that nothing interrupted, to the bit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.adapters.side_digest import SideDigest
from comity.evidence import hashing
from comity.evidence import seal as seal_module
from comity.evidence.formats import FORMATS, FormatName
from comity.evidence.hashing import OtherFileError, Partial
from comity.evidence.seal import Declared, SealedItem, seal_stream
from comity.ledger.native import load_kernels
from comity.ledger.rowtree import RowsSoFar

KEY = bytes(range(32))
TEXT = [name for name in FORMATS if name != "opaque/1"]
FILES = st.lists(
    st.sampled_from(
        [b"a", b"bc\n", b"\n", b"\r\n", b',"x\ny"\n', b'"', b"#Fields: a b\n", b"#fields\ta\n", b";"]
    ),
    min_size=1,
    max_size=700,
).map(b"".join)


class Interrupted(Exception):
    """Ctrl-C, as it were."""


def parts(data: bytes, every: int, until: int | None = None) -> Iterator[bytes]:
    for at in range(0, len(data), every):
        if until is not None and at >= until:
            raise Interrupted
        yield data[at : at + every]


@pytest.fixture(params=["plain", "compiled"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(seal_module, "KEEP_BYTES", 1)
    kernels = load_kernels() if request.param == "compiled" else None
    if request.param == "compiled" and kernels is None:
        pytest.skip("llvmlite is not here")
    monkeypatch.setattr(hashing, "kernels_for", lambda _: kernels)
    monkeypatch.setattr("comity.evidence.blocks.BLOCK", 50)
    return str(request.param)


def seal(name: FormatName, chunks: Iterator[bytes], **how: object) -> SealedItem:
    return seal_stream(chunks, "log", name, KEY, Declared(zone="+01:00"), **how)  # type: ignore[arg-type]


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("name", TEXT)
@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=FILES, every=st.integers(1, 90), again=st.integers(1, 90), stop=st.floats(0, 1), pad=st.booleans()
)
def test_a_seal_goes_on_from_any_place(
    name: FormatName, data: bytes, every: int, again: int, stop: float, pad: bool
) -> None:
    whole = seal(name, parts(data, 64), pad=pad)
    kept: list[Partial] = []
    with suppress(Interrupted):
        seal(name, parts(data, every, int(stop * len(data))), keep=kept.append)
    for begun in kept[-3:]:
        assert begun.offset <= begun.read <= len(data)
        assert seal(name, parts(data, again), resume=begun, pad=pad) == whole


def test_it_is_kept_between_rows_and_with_the_digest_on_another_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(seal_module, "KEEP_BYTES", 1000)
    data = b"".join(b"row %d\n" % n for n in range(5000))
    kept: list[Partial] = []
    digest = SideDigest()
    whole = seal("lines/1", parts(data, 700), keep=kept.append, digest=digest)
    assert len(kept) > 10
    assert all(data[one.offset - 1 : one.offset] == b"\n" for one in kept)
    other = SideDigest()
    assert seal("lines/1", parts(data, 333), resume=kept[7], digest=other) == whole


def test_the_rows_before_are_not_hashed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seal_module, "KEEP_BYTES", 1)
    data = b"".join(b"row %d\n" % n for n in range(900))
    kept: list[Partial] = []
    seal("lines/1", parts(data, 500), keep=kept.append)
    hashed: list[int] = []
    real = hashing.RowHasher.feed

    def feed(hasher: hashing.RowHasher, chunk: bytes) -> None:
        hashed.append(len(chunk))
        real(hasher, chunk)

    monkeypatch.setattr(hashing.RowHasher, "feed", feed)
    begun = kept[-2]
    seal("lines/1", parts(data, 500), resume=begun)
    assert sum(hashed) == len(data) - begun.offset < 2000


@pytest.mark.parametrize("change", ["one byte", "shorter", "gone"])
def test_another_file_does_not_go_on(monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    monkeypatch.setattr(seal_module, "KEEP_BYTES", 1)
    data = b"".join(b"row %d\n" % n for n in range(900))
    kept: list[Partial] = []
    seal("lines/1", parts(data, 500), keep=kept.append)
    other = {"one byte": b"R" + data[1:], "shorter": data[: kept[-1].read - 1], "gone": b""}[change]
    with pytest.raises(OtherFileError):
        seal("lines/1", parts(other, 500), resume=kept[-1])


def test_nothing_is_kept_of_an_opaque_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seal_module, "KEEP_BYTES", 1)
    kept: list[Partial] = []
    seal("opaque/1", parts(b"x" * 900, 100), keep=kept.append)
    assert not kept


@pytest.mark.parametrize(
    ("count", "first", "roots"), [(301, 255, 0), (300, 254, 0), (301, 0, 1), (44, 255, 0)]
)
def test_hashes_of_another_number_of_rows_are_no_rows_so_far(count: int, first: int, roots: int) -> None:
    with pytest.raises(ValueError, match="so many rows"):
        RowsSoFar(count=count, first=bytes(32 * first), rest=bytes(45 * 32), roots=bytes(32 * roots))
