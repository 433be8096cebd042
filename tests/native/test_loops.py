"""Loops mean the same to the machine and to the interpreter."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.native.loops import (
    ALL,
    below,
    compile_loop,
    equal32,
    equal64,
    leading,
    load8,
    lowest,
    ones,
    range64,
    text32,
    told_of,
    word64,
    write_loops,
)

np = pytest.importorskip("numpy")
pytest.importorskip("llvmlite")

HALF = 2**63 - 1
THREE = 3


def mix(a: int, b: int) -> int:
    return ((a * b) ^ (a >> 3) ^ (b << 5)) & ALL


def steps(data: Bytes, size: int, out: Places, a: int, b: int) -> int:  # type: ignore[name-defined] # noqa: F821
    """All that the language has."""
    total = 0
    n = 0
    while True:
        if n == size:
            break
        if (data[n] == 7 and n != 2) or n > 90:
            n += 1
            continue
        total = (total + data[n] * THREE) & ALL
        out[n] = total
        n += 1
    if below(a, b):
        total = total ^ mix(a, b)
    elif a == b:
        return -n
    else:
        total = total | (1 << 40)
    told = a != b and n >= 0
    return (total + told + (~n & 15)) & 0x7FFF_FFFF_FFFF_FFFF


def bits(data: Bytes, other: Bytes, at: int, byte: int, out: Places, small: Ints) -> int:  # type: ignore[name-defined] # noqa: F821
    out[0] = equal64(data, at, byte) & 0x7FFF_FFFF_FFFF_FFFF
    out[1] = word64(data, at) & 0x7FFF_FFFF_FFFF_FFFF
    out[2] = load8(data, at) & 0x7FFF_FFFF_FFFF_FFFF
    out[3] = lowest(word64(data, at) | (1 << 50))
    out[4] = leading(word64(data, at) | (1 << 50))
    out[5] = equal32(data, at, other, byte & 15)
    out[6] = text32(data, at)
    out[7] = range64(data, at, byte >> 1, 26) & 0x7FFF_FFFF_FFFF_FFFF
    out[8] = ones(word64(data, at))
    small[0] = byte - 200
    small[1] = small[0] + small[2]
    return 7


numbers = st.one_of(st.integers(0, HALF), st.integers(0, 9))


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=100), numbers, numbers)
def test_all_of_the_language(raw: bytes, a: int, b: int) -> None:
    out = np.zeros(len(raw) + 1, np.int64)
    wanted = [0] * (len(raw) + 1)
    expected = steps(list(raw), len(raw), wanted, a, b)
    assert compiled(steps)(raw, len(raw), out.ctypes.data, a, b) == expected
    assert out.tolist() == wanted


mixed = st.lists(st.sampled_from(range(256)) | st.sampled_from(b'"\\\x1f az'), min_size=80, max_size=80)


@settings(max_examples=80, deadline=None)
@given(mixed.map(bytes), mixed.map(bytes), st.integers(0, 16), st.integers(0, 255))
def test_what_is_given(raw: bytes, other: bytes, at: int, byte: int) -> None:
    other = other[:40] + raw[:40]
    out, wanted = np.zeros(9, np.int64), [0] * 9
    small, wanted_small = np.array([0, 0, -5], np.int32), [0, 0, -5]
    told = compiled(bits)(raw, other, at, byte, out.ctypes.data, small.ctypes.data)
    assert told == bits(list(raw), list(other), at, byte, wanted, wanted_small)
    assert out.tolist() == wanted
    assert small.tolist() == wanted_small


KNOWN: dict[object, Callable[..., int]] = {}


def compiled(function: Callable[..., int]) -> Callable[..., int]:
    return KNOWN.setdefault(function, compile_loop(function)) if function not in KNOWN else KNOWN[function]


def powers(a: int) -> int:
    return a**2


def texts(a: int) -> int:
    b = "x"
    return len(b)


def many(a: int) -> int:
    a = b = 1
    return a + b


def unset(a: int) -> int:
    return a + nowhere  # type: ignore[name-defined, no-any-return] # noqa: F821


def chained(a: int) -> int:
    return 0 < a < 5


def wide(a: int) -> int:
    return a + 0x1_0000_0000_0000_0000


@pytest.mark.parametrize("function", [powers, texts, many, unset, chained, wide])
def test_anything_else_is_refused(function: Callable[..., int]) -> None:
    with pytest.raises(ValueError, match=r"not of the language|neither set nor|more than 64|can be compiled"):
        write_loops(function)


def test_what_decides_the_code_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    told = told_of(steps)
    assert told == told_of(steps) != told_of(mix)
    assert "def mix(" in told
    assert "def compile_loop(" in told
    assert "def compile_functions(" in told
    monkeypatch.setitem(steps.__globals__, "THREE", 4)
    assert told_of(steps) != told
