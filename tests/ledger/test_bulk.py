"""Both ways of hashing in bulk give what the definition gives, byte for byte."""

from __future__ import annotations

import builtins
import os
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.ledger import bulk, native
from comity.ledger.merkle import leaf_hash, root_of
from comity.ledger.native import Kernels, load_kernels
from comity.ledger.native_code import CONSTANTS
from comity.ledger.rowtree import RowSealer

HASHLIB, *COMPILED = [None, *native.ways_to_hash()]


@pytest.fixture(params=[HASHLIB, *COMPILED], ids=lambda way: way.way if way else "hashlib")
def kernels(request: pytest.FixtureRequest) -> Kernels | None:
    found: Kernels | None = request.param
    return found


def test_this_machine_compiles_for_what_it_has() -> None:
    """The SHA instructions first, where the processor has them; each way was asked for known answers."""
    pytest.importorskip("llvmlite")
    from llvmlite import binding

    ways = [kernels.way for kernels in COMPILED]
    assert ("SHA instructions" in ways) == bool(binding.get_host_cpu_features().get("sha"))
    assert ways[:1] == [kernels.way for kernels in [load_kernels()] if kernels]


def test_the_constants_are_those_of_the_standard() -> None:
    """FIPS 180-4 §4.2.2: the first and the last of them, as printed there."""
    assert CONSTANTS[:2] == (0x428A2F98, 0x71374491)
    assert CONSTANTS[-1] == 0xC67178F2
    assert len(CONSTANTS) == 64


def test_roots_of_every_size(kernels: Kernels | None) -> None:
    hashes = [leaf_hash(bytes([n % 256, n // 256])) for n in range(600)]
    for size in [*range(140), 255, 256, 257, 511, 512, 513, 600]:
        assert bulk.root_of_joined(b"".join(hashes[:size]), kernels) == root_of(hashes[:size])


def test_a_root_of_more_than_one_part(kernels: Kernels | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "_PART", 64)
    hashes = [leaf_hash(n.to_bytes(2, "big")) for n in range(64 * 5 + 7)]
    for size in (64, 65, 127, 128, 129, 64 * 5, 64 * 5 + 7):
        assert bulk.root_of_joined(b"".join(hashes[:size]), kernels) == root_of(hashes[:size])


@settings(deadline=None)
@given(rows=st.lists(st.binary(max_size=200)), salted=st.booleans())
def test_leaves_of_any_rows(rows: list[bytes], salted: bool) -> None:
    starts = list(accumulate(map(len, rows), initial=0))
    salts = os.urandom(16 * len(rows)) if salted else b""
    wanted = b"".join(
        sha256(b"\0" + salts[16 * n : 16 * n + 16] + row).digest() for n, row in enumerate(rows)
    )
    for kernels in (None, *COMPILED):
        assert bulk.hash_leaves(b"".join(rows), starts, salts, kernels) == wanted


def test_rows_of_every_length(kernels: Kernels | None) -> None:
    """Every place at which the padding can begin, with and without a salt."""
    rows = [bytes([n % 256]) * n for n in range(260)] + [b"x" * 100_000]
    starts = list(accumulate(map(len, rows), initial=0))
    for salts in (b"", bytes(range(16)) * len(rows)):
        wanted = [sha256(b"\0" + salts[:16] + row).digest() for row in rows]
        assert bulk.hash_leaves(b"".join(rows), starts, salts, kernels) == b"".join(wanted)


@pytest.mark.parametrize(
    ("starts", "salts"),
    [([], b""), ([-1, 2], b""), ([0, 5], b""), ([0, 3, 2], b""), ([0, 1], b"x"), ([0, 1], bytes(32))],
)
def test_no_place_outside_the_data_is_read(kernels: Kernels | None, starts: list[int], salts: bytes) -> None:
    with pytest.raises(ValueError):
        bulk.hash_leaves(b"abcd", starts, salts, kernels)


def test_half_a_hash_is_refused(kernels: Kernels | None) -> None:
    with pytest.raises(ValueError):
        bulk.root_of_joined(bytes(33), kernels)


def test_sealing_is_the_same_by_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [b"row %d " % n * (n % 7) for n in range(3000)]
    trees = []
    for worth in (bulk.WORTH, 300):
        monkeypatch.setattr(bulk, "WORTH", worth)
        sealer = RowSealer(bytes(range(32)))
        for at in range(0, len(rows), 700):
            sealer.add_many(rows[at : at + 700])
        sealer.add(b"one more")
        trees.append(sealer.finish(b"{}"))
    assert trees[0] == trees[1]


@pytest.mark.parametrize("missing", ["llvmlite", "instructions and libcrypto", "function", "right answer"])
def test_absence_is_said_and_nothing_breaks(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    if missing == "llvmlite":
        imports = builtins.__import__

        def without(name: str, *rest: object) -> object:
            if name == "llvmlite":
                raise ImportError(name)
            return imports(name, *rest)  # type: ignore[arg-type]

        monkeypatch.setattr(builtins, "__import__", without)
    elif missing == "right answer":
        monkeypatch.setattr(native, "_agrees", lambda _: False)
    else:
        pytest.importorskip("llvmlite")
        monkeypatch.setattr("llvmlite.binding.get_host_cpu_features", dict)
        absent = {"function": "libc.so.6"}.get(missing, "libcrypto-that-is-not-there.so")
        monkeypatch.setattr(native, "LIBRARIES", (absent,))
    monkeypatch.setattr(bulk, "WORTH", 1)
    monkeypatch.setattr(bulk, "load_kernels", load_kernels.__wrapped__)
    assert load_kernels.__wrapped__() is None
    hashes = [leaf_hash(bytes([n])) for n in range(9)]
    assert bulk.root_of_joined(b"".join(hashes)) == root_of(hashes)


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537, 131_073, 200_000])
def test_parts_in_threads_give_the_same_root(size: int) -> None:
    kernels = load_kernels()
    if kernels is None:
        pytest.skip("llvmlite is not here, or neither SHA instructions nor libcrypto")
    joined = b"".join(sha256(n.to_bytes(4, "big")).digest() for n in range(size))
    with ThreadPoolExecutor(3) as pool:
        threaded = bulk.root_of_joined(joined, kernels, pool.map)
    assert threaded == bulk.root_of_joined(joined, kernels) == bulk.root_by_hashlib(joined)
