"""Many signatures at once: the verdict of each is that of one alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.errors import NotVerified
from comity.records import ed25519, ed25519_native
from tests.test_vectors import VECTORS, load

SIGNATURES = load(VECTORS / "accepted" / "signature.json") + load(VECTORS / "refused" / "signature.json")
SEEDS = [bytes([n]) * 32 for n in range(3)]
LOOPS = [None, ed25519_native.load_loop()]


def alone(signed: ed25519_native.Signed) -> str | None:
    try:
        ed25519.verify(*signed)
    except NotVerified as error:
        return error.code
    return None


def together(many: list[ed25519_native.Signed]) -> list[str | None]:
    return [error.code if error else None for error in ed25519.verify_each(many)]


@pytest.fixture(params=LOOPS, ids=["one by one", "compiled"])
def loop(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ed25519, "loaded_loop", lambda: request.param)


def test_the_loop_is_there() -> None:
    assert ed25519_native.load_loop() is not None
    assert ed25519_native.loaded_loop() is ed25519_native.load_loop()


def test_every_vector_alone_and_together(loop: None) -> None:
    many = [
        (bytes.fromhex(v["key"]), bytes.fromhex(v["signature"]), bytes.fromhex(v["message"]))
        for v in SIGNATURES
    ]
    assert together(many) == [alone(one) for one in many]
    assert together([]) == []


@given(
    st.lists(
        st.tuples(
            st.sampled_from(SEEDS),
            st.sampled_from(SEEDS),
            st.binary(max_size=300),
            st.integers(0, 700),
        ),
        max_size=40,
    )
)
@settings(max_examples=40)
def test_a_flipped_bit_is_found_where_it_is(parts: list[tuple[bytes, bytes, bytes, int]]) -> None:
    many = []
    for seed, other, message, bit in parts:
        signature = bytearray(ed25519.sign(seed, message))
        if bit < 512:
            signature[bit // 8] ^= 1 << bit % 8
        many.append((ed25519.public_of(other), bytes(signature), message))
    assert together(many) == [alone(one) for one in many]


def test_lengths_are_the_callers() -> None:
    loop = ed25519_native.load_loop()
    assert loop is not None
    assert loop([]) == b""
    for wrong in ((b"k" * 31, b"s" * 64, b""), (b"k" * 32, b"s" * 63, b"")):
        with pytest.raises(ValueError, match="32 bytes"):
            loop([wrong])
