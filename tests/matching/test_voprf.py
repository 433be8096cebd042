"""The function of RFC 9497: its vectors, another implementation, and what a false answer meets."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from voprf import ristretto as oracle

from comity.errors import ComityError, Malformed, NotVerified, Unavailable
from comity.matching import voprf
from tests.world import derive
from vectors.matching import PUBLIC, RFC_9497

ACCEPTED = Path(__file__).resolve().parents[2] / "vectors" / "accepted" / "voprf.json"


def chance(*of: object) -> bytes:
    return derive(*of) + derive(*of, 2)


def test_the_vectors_give_what_the_rfc_prints() -> None:
    written = {v["name"]: v["gives"] for v in json.loads(ACCEPTED.read_text("utf-8"))["vectors"]}
    for name, printed in RFC_9497.items():
        assert written[name]["key"] == PUBLIC
        for part in ("blinded", "evaluated", "proof", "outputs"):
            assert written[name][part] == printed[part], (name, part)


def test_another_implementation_answers_us() -> None:
    """Our questions, its answers and proof: ``voprf`` is Meta's, through another language."""
    server = oracle.Evaluator.from_seed(b"\x07" * 32, b"info")
    inputs = [b"one", b"two", b"three"]
    blinds = [voprf.make_scalar(chance("oracle", n)) for n in range(3)]
    asked = list(map(voprf.blind, inputs, blinds))
    raw = server.evaluate_batch([oracle.BlindedInput.deserialize(b) for b in asked]).serialize()
    proof, told = raw[:64], [raw[at : at + 32] for at in range(64, len(raw), 32)]
    voprf.verify_evaluation(server.public_key.serialize(), asked, told, proof)
    outputs = voprf.finalize(inputs, blinds, told)
    assert outputs == [server.evaluate_known_input(one) for one in inputs]
    key = voprf.derive_key(b"\x07" * 32, b"info")
    assert outputs == [voprf.evaluate(key, one) for one in inputs]


def test_we_answer_another_implementation() -> None:
    key = voprf.derive_key(b"\x09" * 32, b"info")
    clients, blinded = zip(*(oracle.Client.blind(one) for one in (b"one", b"two")), strict=True)
    told, proof = voprf.evaluate_blinded(key, [b.serialize() for b in blinded], chance("we answer"))
    output = oracle.VerifiableBatchOutput.deserialize(proof + b"".join(told))
    public = oracle.PublicKey.deserialize(voprf.public_of(key))
    found = oracle.Client.finalize_batch(clients, output, public)
    assert found == [voprf.evaluate(key, one) for one in (b"one", b"two")]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.binary(max_size=40), min_size=1, max_size=4), st.binary(min_size=32, max_size=32))
def test_what_is_unblinded_is_what_the_key_holder_computes(inputs: list[bytes], seed: bytes) -> None:
    key = voprf.derive_key(seed)
    blinds = [voprf.make_scalar(chance(seed, n)) for n in range(len(inputs))]
    asked = list(map(voprf.blind, inputs, blinds))
    told, proof = voprf.evaluate_blinded(key, asked, chance(seed, "proof"))
    voprf.verify_evaluation(voprf.public_of(key), asked, told, proof)
    assert voprf.finalize(inputs, blinds, told) == [voprf.evaluate(key, one) for one in inputs]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 4 * 256 - 1 + 64 * 8))
def test_any_changed_bit_of_an_answer_is_refused(bit: int) -> None:
    key = voprf.derive_key(bytes(32))
    asked = [voprf.blind(name, voprf.make_scalar(chance(name))) for name in (b"a", b"b")]
    told, proof = voprf.evaluate_blinded(key, asked, chance("proof"))
    raw = bytearray(b"".join(asked) + b"".join(told) + proof)
    raw[bit // 8] ^= 1 << bit % 8
    parts = [bytes(raw[at : at + 32]) for at in range(0, 128, 32)]
    with pytest.raises(ComityError):
        voprf.verify_evaluation(voprf.public_of(key), parts[:2], parts[2:], bytes(raw[128:]))


def test_one_answer_under_another_key_spoils_the_proof() -> None:
    """A server that marks one question by a key of its own would learn who asked it by the result."""
    key, other = voprf.derive_key(bytes(32)), voprf.derive_key(b"\1" * 32)
    asked = [voprf.blind(bytes([n]), voprf.make_scalar(chance("mark", n))) for n in range(5)]
    told, proof = voprf.evaluate_blinded(key, asked, chance("proof"))
    (marked,), _ = voprf.evaluate_blinded(other, asked[3:4], chance("other"))
    with pytest.raises(NotVerified, match="committed key"):
        voprf.verify_evaluation(voprf.public_of(key), asked, [*told[:3], marked, told[4]], proof)


def test_a_question_that_is_no_element_is_named() -> None:
    key = voprf.derive_key(bytes(32))
    fine = voprf.blind(b"a", voprf.make_scalar(chance("fine")))
    for bad in (bytes(32), b"\1" + bytes(31), fine[:-1], b"\xff" * 32):
        with pytest.raises(Malformed, match=r"ask\[1\]") as error:
            voprf.evaluate_blinded(key, [fine, bad], chance("p"), "ask")
        assert error.value.code == "match.element"


@pytest.mark.parametrize("way", ["voprf", "libsodium alone"])
def test_a_whole_list_is_computed_as_each_of_it(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if way == "libsodium alone":
        monkeypatch.setitem(sys.modules, "voprf", None)
    key = voprf.derive_key(b"\5" * 32, b"info")
    inputs = [b"%d" % n for n in range(4)]
    assert voprf.evaluate_all(b"\5" * 32, b"info", inputs) == [voprf.evaluate(key, one) for one in inputs]
    assert voprf.evaluate_all(b"\5" * 32, b"info", []) == []


def test_a_list_that_the_libraries_compute_otherwise_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voprf, "evaluate", lambda *_: bytes(64))
    with pytest.raises(Unavailable, match="do not agree"):
        voprf.evaluate_all(bytes(32), b"info", [b"one"])


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 9), st.binary(min_size=8, max_size=8))
def test_inverting_together_is_inverting_each(count: int, seed: bytes) -> None:
    scalars = [voprf.make_scalar(chance(seed, n)) for n in range(count)]
    order = voprf._GROUP_ORDER
    for scalar, inverse in zip(scalars, voprf._invert_all(scalars), strict=True):
        assert int.from_bytes(scalar, "little") * int.from_bytes(inverse, "little") % order == 1


def test_mistakes_of_a_caller_are_no_data() -> None:
    key = voprf.derive_key(bytes(32))
    for wrong in (
        lambda: voprf.make_scalar(bytes(63)),
        lambda: voprf.make_scalar(bytes(64)),
        lambda: voprf.derive_key(bytes(31)),
        lambda: voprf.evaluate_blinded(key, [], chance("p")),
        lambda: voprf.evaluate_blinded(key, [bytes(32)], bytes(3)),
        lambda: voprf.blind(bytes(65_536), key),
    ):
        with pytest.raises(ValueError):
            wrong()
