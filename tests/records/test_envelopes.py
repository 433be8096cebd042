"""Envelopes and bundles: one spelling, and every single flipped bit is refused."""

from __future__ import annotations

import cbor2
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from comity.case.verified import verify_record
from comity.errors import ComityError, Malformed, NotVerified
from comity.records import envelopes
from comity.records.bundles import Bundle, make_opening, open_record, parse_bundle, read_bundle, render_bundle
from tests.world import full_case

STORY = full_case("envelopes")
RECORD = STORY.records["response"]
BUNDLE = STORY.world.bundles[RECORD.value.id]
PARTY = STORY.respondent.party


def test_an_envelope_is_read_as_it_was_made() -> None:
    envelope = envelopes.open_envelope(BUNDLE.envelope)
    assert envelope == RECORD.value.envelope
    assert envelope.iss == PARTY.id
    assert envelope.sub == envelopes.alias(STORY.case.key, PARTY.id)
    envelopes.verify_envelope(envelope, PARTY.newest.key)


def test_every_flipped_bit_of_an_envelope_is_refused() -> None:
    raw = BUNDLE.envelope
    for bit in range(len(raw) * 8):
        changed = bytearray(raw)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(ComityError):
            envelopes.verify_envelope(envelopes.open_envelope(bytes(changed)), PARTY.newest.key)


@pytest.mark.slow
def test_every_flipped_bit_of_a_bundle_is_refused() -> None:
    raw = render_bundle(BUNDLE)
    for bit in range(len(raw) * 8):
        changed = bytearray(raw)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(ComityError):
            verify_record(parse_bundle(bytes(changed)), PARTY, PARTY)


def test_a_flipped_bit_of_each_byte_of_a_bundle_is_refused() -> None:
    raw = render_bundle(BUNDLE)
    # Bits of the envelope are flipped above; here those of the opening and the receipt.
    start = raw.index(BUNDLE.envelope) + len(BUNDLE.envelope)
    for at in range(start, len(raw)):
        changed = bytearray(raw)
        changed[at] ^= 1 << at % 8
        with pytest.raises(ComityError):
            verify_record(parse_bundle(bytes(changed)), PARTY, PARTY)


@given(st.binary(max_size=80))
def test_no_bytes_raise_anything_else(raw: bytes) -> None:
    for read in (envelopes.open_envelope, parse_bundle):
        with pytest.raises(Malformed):
            read(raw)


@settings(max_examples=100)
@given(st.integers(0, 3000), st.binary(min_size=1, max_size=4))
def test_inserted_bytes_are_refused(at: int, more: bytes) -> None:
    raw = render_bundle(BUNDLE)
    changed = raw[:at] + more + raw[at:]
    with pytest.raises(ComityError):
        verify_record(parse_bundle(changed), PARTY, PARTY)


def test_deep_and_self_referring_cbor_is_refused() -> None:
    for raw in (b"\x81" * 60_000, b"\xd8\x1c\x81\xd8\x1d\x00", b"\x9f" * 5_000, b"\xbf" * 5_000):
        with pytest.raises(Malformed):
            envelopes.open_envelope(raw)
        with pytest.raises(Malformed):
            parse_bundle(raw)


def test_an_envelope_under_another_key_is_refused() -> None:
    with pytest.raises(NotVerified) as error:
        envelopes.verify_envelope(RECORD.value.envelope, STORY.claimant.party.newest.key)
    assert error.value.code == "signature.invalid"


@pytest.mark.parametrize("depth", ["bare", "frame", "whole"])
def test_a_bundle_reads_back_at_every_depth(depth: str) -> None:
    opening = BUNDLE.opening
    assert opening is not None
    shown = {"bare": None, "frame": opening.without_content(), "whole": opening}[depth]
    bundle = Bundle(envelope=BUNDLE.envelope, opening=shown, receipt=BUNDLE.receipt)
    assert parse_bundle(render_bundle(bundle)) == bundle
    record = read_bundle(bundle)
    assert (record.frame is not None) == (depth != "bare")
    assert (record.content is not None) == (depth == "whole")


def test_an_envelope_tells_nothing_that_stands_in_the_body() -> None:
    """Two bodies under fresh salts share no commitment, and no word of a body is in its envelope."""
    opening = BUNDLE.opening
    assert opening is not None
    assert RECORD.value.frame is not None
    assert RECORD.value.content is not None
    one = make_opening(RECORD.value.frame, RECORD.value.content, b"a" * 32, b"b" * 32)
    assert one.cc != opening.cc
    for word in (b"response", b"shared", STORY.case.id.encode(), bytes.fromhex(STORY.case.id)):
        assert word not in BUNDLE.envelope


def test_salts_have_32_bytes() -> None:
    assert RECORD.value.frame is not None
    assert RECORD.value.content is not None
    with pytest.raises(ValueError, match="32 bytes"):
        make_opening(RECORD.value.frame, RECORD.value.content, bytes(16), bytes(32))


def test_a_body_opens_only_its_own_envelope() -> None:
    with pytest.raises(NotVerified) as error:
        open_record(STORY.records["claim"].value.envelope, BUNDLE.opening)
    assert error.value.code == "record.commitment"


def test_the_alias_needs_the_case_key() -> None:
    names = {envelopes.alias(bytes([n]) * 32, PARTY.id) for n in range(20)}
    assert len(names) == 20


def test_cbor_that_is_not_deterministic_is_refused() -> None:
    tag = cbor2.loads(BUNDLE.envelope)
    # The same four parts, with the payload in an open-length string.
    protected, _, payload, signature = tag.value
    loose = b"\xd2\x84" + cbor2.dumps(protected) + b"\xa0\x5f" + cbor2.dumps(payload) + b"\xff"
    with pytest.raises(Malformed) as error:
        envelopes.open_envelope(loose + cbor2.dumps(signature))
    assert error.value.code == "cbor.canonical"


SEQS = st.one_of(
    st.sampled_from([0, 1, 23, 24, 255, 256, 65_535, 65_536, 2**32 - 1, 2**32, 2**53 - 1]),
    st.integers(0, 2**53 - 1),
)
HASHES = st.binary(min_size=32, max_size=32)


@given(seq=SEQS, prev=HASHES, payload=HASHES, at=st.integers(0, 500), byte=st.integers(0, 255))
@settings(max_examples=300)
def test_a_chain_met_before_is_read_as_any_other(
    seq: int, prev: bytes, payload: bytes, at: int, byte: int
) -> None:
    seed, iss, sub, keys = bytes(range(32)), "a1" * 32, "b2" * 32, "c3" * 32
    before = prev.hex() if seq else "0" * 64
    if seq and not any(prev):
        return
    made = envelopes.seal_envelope(
        seed, iss=iss, sub=sub, seq=seq, prev=before, keys=keys, payload=payload
    ).raw
    assert envelopes._open_begun(made) == envelopes._open_any(made, "here")
    changed = bytearray(made)
    changed[at % len(made)] = byte
    for other in (bytes(changed), made[: at % len(made)], made + changed[:1], made[:at] + made[at + 1 :]):
        begun = envelopes._open_begun(other)
        if begun is None:
            continue
        assert begun == envelopes._open_any(other, "here")


@given(number=st.binary(max_size=9))
@example(number=b"?\0\0\1")
@example(number=b"")
def test_a_number_in_a_chain_met_before_has_one_spelling(number: bytes) -> None:
    made = envelopes.seal_envelope(
        bytes(range(32)),
        iss="a1" * 32,
        sub="b2" * 32,
        seq=7,
        prev="d4" * 32,
        keys="c3" * 32,
        payload=bytes(32),
    )
    begin = made.protected[:-69]
    protected = begin + number + made.protected[-68:]
    raw = made.raw[:3] + len(protected).to_bytes(2, "big") + protected + made.raw[5 + len(made.protected) :]
    begun = envelopes._open_begun(raw)
    try:
        whole = envelopes._open_any(raw, "here")
    except ComityError:
        whole = None
    assert begun == whole
