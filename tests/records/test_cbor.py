"""Deterministic CBOR: one spelling, only what the records are made of, and nothing that makes work."""

from __future__ import annotations

from typing import Any

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.errors import Malformed
from comity.records import cbor

INTEGERS = st.one_of(
    st.integers(-(2**64), 2**64 - 1),
    st.builds(
        lambda power, near, sign: sign * (1 << power) + near,
        st.sampled_from([0, 3, 4, 5, 8, 16, 32, 63]),
        st.integers(-2, 2),
        st.sampled_from([1, -1]),
    ),
    st.integers(20, 28),
)
LEAVES = st.one_of(INTEGERS, st.binary(max_size=300), st.text(max_size=80), st.none())


def nest(depth: int) -> st.SearchStrategy[Any]:
    """Values of at most this many arrays and maps in each other."""
    if not depth:
        return LEAVES
    inner = nest(depth - 1)
    return st.one_of(LEAVES, st.lists(inner, max_size=4), st.dictionaries(INTEGERS, inner, max_size=4))


VALUES = nest(4)


def lay_out(value: Any) -> bytes:
    """What RFC 8949 §4.2.1 says, with every single item encoded by another implementation."""
    if isinstance(value, dict):
        pairs = sorted((cbor2.dumps(key), lay_out(item)) for key, item in value.items())
        head = bytearray(cbor2.dumps([0] * len(value))[: -len(value) or None])
        head[0] |= 0x20
        return bytes(head) + b"".join(key + item for key, item in pairs)
    if isinstance(value, list):
        head = bytearray(cbor2.dumps([0] * len(value))[: -len(value) or None])
        return bytes(head) + b"".join(map(lay_out, value))
    return cbor2.dumps(value)


def code_of(raw: bytes, **options: Any) -> str:
    with pytest.raises(Malformed) as caught:
        cbor.decode(raw, "here", **options)
    assert caught.value.where == "here"
    return caught.value.code


@given(VALUES)
def test_what_is_written_is_read_back(value: Any) -> None:
    assert cbor.decode(cbor.encode(value)) == value


@given(VALUES)
def test_another_implementation_agrees(value: Any) -> None:
    raw = cbor.encode(value)
    assert raw == lay_out(value)
    assert cbor2.loads(raw) == value


@settings(max_examples=400)
@given(st.one_of(st.binary(max_size=40), VALUES.map(cbor2.dumps), VALUES.map(cbor.encode)), st.data())
def test_what_is_read_has_that_one_spelling(raw: bytes, data: st.DataObject) -> None:
    """Any bytes, and altered ones above all: refused, or the spelling of what they say."""
    if raw and data.draw(st.booleans()):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw = raw[:at] + data.draw(st.binary(max_size=2)) + raw[at + 1 :]
    try:
        value = cbor.decode(raw)
    except Malformed:
        return
    assert cbor.encode(value) == raw
    assert cbor2.loads(raw) == value


@given(VALUES)
def test_the_loose_forms_of_another_implementation_are_seen(value: Any) -> None:
    """Its maps keep the order they were made in: read where that is the one order, and nowhere else."""
    loose = cbor2.dumps(value)
    if loose == cbor.encode(value):
        assert cbor.decode(loose) == value
    else:
        assert code_of(loose) == "cbor.canonical"


def test_keys_stand_in_the_order_of_their_bytes_not_of_their_lengths() -> None:
    """RFC 8949 §4.2.1 puts 24 (two bytes) before −1 (one byte); RFC 7049 §3.9 did the reverse."""
    assert cbor.encode({-1: 0, 24: 0}) == bytes.fromhex("a2 1818 00 20 00")
    assert code_of(bytes.fromhex("a2 20 00 1818 00")) == "cbor.canonical"


@pytest.mark.parametrize(
    ("raw", "value"),
    # RFC 8949, Appendix A.
    [
        ("00", 0),
        ("17", 23),
        ("1818", 24),
        ("1903e8", 1000),
        ("1a000f4240", 1_000_000),
        ("1b000000e8d4a51000", 1_000_000_000_000),
        ("1bffffffffffffffff", 2**64 - 1),
        ("3bffffffffffffffff", -(2**64)),
        ("20", -1),
        ("3863", -100),
        ("f6", None),
        ("4401020304", b"\1\2\3\4"),
        ("6449455446", "IETF"),
        ("62c3bc", "ü"),
        ("64f0908591", "\U00010151"),
        ("8301820203820405", [1, [2, 3], [4, 5]]),
        ("a201020304", {1: 2, 3: 4}),
    ],
)
def test_published_examples(raw: str, value: Any) -> None:
    assert cbor.decode(bytes.fromhex(raw)) == value
    assert cbor.encode(value) == bytes.fromhex(raw)


@pytest.mark.parametrize(
    "raw",
    [
        "1800",  # 0 in two bytes
        "1817",
        "1900ff",
        "1a0000ffff",
        "1b00000000ffffffff",
        "3817",
        "580100",  # a length in two bytes
        "780161",
        "980100",
        "b8010000",
        "5f4100ff",  # open lengths
        "7f6161ff",
        "9fff",
        "bfff",
        "a202000100",  # keys out of order
        "a201000100",  # a key twice
        "a220000100",
        "0000",  # bytes behind
        "80f6",
    ],
)
def test_a_second_spelling_is_refused(raw: str) -> None:
    assert code_of(bytes.fromhex(raw)) == "cbor.canonical"
    assert code_of(bytes.fromhex(raw), other="x.other") == "cbor.canonical"
    assert code_of(bytes.fromhex(raw), code="x.all") == "x.all"


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "18",  # cut short
        "1900",
        "41",
        "5b7fffffffffffffff",
        "5bffffffffffffffff",
        "61",
        "81",
        "9b7fffffffffffffff",
        "a100",
        "bb7fffffffffffffff",
        "f9",
        "f900",
        "fb00000000000000",
        "1c",  # reserved
        "1f",
        "3f",
        "5c",
        "9e",
        "df",
        "f800",
        "f81f",
        "f8",
        "fc",
        "ff",
        "61ff",  # not UTF-8
        "62c080",
        "63eda080",
    ],
)
def test_what_is_no_cbor_is_refused(raw: str) -> None:
    assert code_of(bytes.fromhex(raw)) == "cbor.form"
    assert code_of(bytes.fromhex(raw), other="x.other") == "cbor.form"
    assert code_of(bytes.fromhex(raw), code="x.all", other="x.other") == "x.all"


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        True,
        False,
        cbor2.undefined,
        cbor2.CBORSimpleValue(99),
        cbor2.CBORTag(18, []),
        cbor2.CBORTag(35, "(a+)+$"),
        cbor2.CBORTag(4, [2**60, 1]),
        cbor2.CBORTag(2, b"\1" * 9),
        cbor2.CBORTag(28, [cbor2.CBORTag(29, 0)]),
        {"a": 1},
        {b"a": 1},
        {True: 1},
        {1.0: 1},
        {None: 1},
    ],
)
def test_what_has_no_place_is_refused(value: Any) -> None:
    for raw in (cbor2.dumps(value), cbor2.dumps([0, value])):
        assert code_of(raw) == "cbor.form"
        assert code_of(raw, other="x.other") == "x.other"
        assert code_of(raw, code="x.all", other="x.other") == "x.all"


def test_attack_a_tag_that_asks_for_a_number_of_a_billion_digits() -> None:
    """A bigfloat or decimal of a huge exponent, in a dozen bytes: common readers compute it."""
    for raw in ("c5821b7fffffffffffffff01", "c4821a3b9aca0001", "c482c2581f" + "ff" * 31 + "01"):
        assert code_of(bytes.fromhex(raw)) == "cbor.form"


def test_attack_depth() -> None:
    deepest = b"\x81" * (cbor.DEPTH_LIMIT - 1) + b"\x80"
    assert cbor.encode(cbor.decode(deepest)) == deepest
    for raw in (b"\x81" + deepest, b"\x81" * 100_000, b"\xa1\x00" * 100_000, b"\xd2" * 100_000):
        assert code_of(raw) == "cbor.form"
    assert code_of(b"\xd2" * 100_000, tag=18) == "cbor.form"


def test_attack_many_items() -> None:
    """Little bytes for many objects: what all arrays and maps claim together is bounded."""
    assert cbor.decode(cbor.encode([[], []]), items=2) == [[], []]
    assert code_of(cbor.encode([[], []]), items=1) == "cbor.form"
    assert code_of(cbor.encode([[0], [0]]), items=3) == "cbor.form"
    assert code_of(cbor.encode({1: 2, 3: 4}), items=3) == "cbor.form"
    many = b"\x9a" + (cbor.ITEM_LIMIT + 1).to_bytes(4, "big") + b"\x80" * (cbor.ITEM_LIMIT + 1)
    assert code_of(many) == "cbor.form"


def test_a_tag_stands_where_it_is_named_and_nowhere_else() -> None:
    raw = cbor.encode([1], tag=cbor.SIGN1)
    assert raw == cbor2.dumps(cbor2.CBORTag(18, [1]))
    assert cbor.decode(raw, tag=18) == [1]
    assert code_of(raw, other="x.other") == "x.other"
    for wrong in (raw[1:], b"\xd1" + raw[1:], cbor2.dumps(cbor2.CBORTag(98, [1])), b"\xd2" + raw):
        assert code_of(wrong, tag=18, other="x.other") == "x.other"
    assert code_of(b"\xd8\x12" + raw[1:], tag=18, other="x.other") == "cbor.canonical"
    for cut in (b"", b"\xd2", b"\xd8", b"\xdc"):
        assert code_of(cut, tag=18, other="x.other") == "cbor.form"


def test_the_byte_at_fault_is_named() -> None:
    with pytest.raises(Malformed, match=r"byte 4\)"):
        cbor.decode(bytes.fromhex("8301820218178100"))


@pytest.mark.parametrize("value", [True, 1.0, {"a": 1}, {True: 1}, [1, [False]], {1, 2}, bytearray(b"a")])
def test_only_what_can_be_read_is_written(value: Any) -> None:
    with pytest.raises(TypeError):
        cbor.encode(value)


@pytest.mark.parametrize("value", [2**64, -(2**64) - 1, "\ud800"])
def test_values_without_an_encoding_are_not_written(value: Any) -> None:
    with pytest.raises(ValueError, match=r"64 bits|surrogates"):
        cbor.encode(value)
