"""Tokens of authorities in a case between nodes: honest, lying and absent ones, up to the dossier."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cbor2
import pytest

from comity.case.time import intervals, stamped_by
from comity.case.verified import stamped_imprint
from comity.dossier.verify import verify
from comity.errors import Malformed, Unavailable
from comity.exchange import acts, publishing, stamping
from comity.exchange.authoring import checkpoint
from comity.exchange.ports import Stamps
from comity.ledger import der, note
from comity.ledger.stamps import certificate_id
from comity.records import kinds
from tests.authority import TestAuthority, authority
from tests.exchange.network import World
from tests.openssl_authority import openssl_authority

AT = 1_930_000_000
CLOCK, DIAL = authority("Invented Clock"), authority("Invented Dial")

Answer = Callable[[bytes], bytes]


@dataclass(kw_only=True)
class Asked:
    """``ports.Stamps`` in this process: what each address answers, and how often one was asked."""

    answers: dict[str, Answer]
    count: int = 0
    requests: list[bytes] = field(default_factory=list)

    @property
    def addresses(self) -> Sequence[str]:
        return tuple(self.answers)

    def ask(self, address: str, request: bytes) -> bytes:
        self.count += 1
        return self.answers[address](request)


def request_of(raw: bytes) -> tuple[bytes, int]:
    """The imprint and the nonce of a TimeStampReq."""
    parts = der.read_parts(der.read_element(raw, der.SEQUENCE, ""), "")
    return der.read_parts(parts[1], "")[1].body, der.read_integer(parts[2], "")


def answering(by: TestAuthority, imprint: bytes = b"", nonce: int = 0, flip: int = 0) -> Answer:
    """An authority that answers, or that lies where another imprint, nonce or bit is given."""

    def answer(raw: bytes) -> bytes:
        asked, said = request_of(raw)
        token = bytearray(by.stamp(imprint or asked, AT, nonce=nonce or said))
        token[-1] ^= flip
        return der.write_sequence([der.write_sequence([der.write_integer(0)]), bytes(token)])

    return answer


def down(_: bytes) -> bytes:
    raise Unavailable("peer.unreachable", "tsa", "cannot be reached")


def world_with(
    tmp_path: Path, quorum: int, *named: TestAuthority, witness: bool = False
) -> tuple[World, str]:
    """Two nodes in a case whose policy names authorities, and the second node as a witness where asked."""
    world = World(tmp_path, ["alder", "birch"])
    a, b = world.nodes
    for each in named:
        for node in world.nodes:
            for certificate in each.chain:
                stamping.keep_certificate(node, certificate)
    policy = kinds.Policy(
        quorum=quorum,
        witnesses=(kinds.Witness(vkey=b.party.card.witness, party=b.party.id),) if witness else (),
        authorities=tuple(kinds.Authority(certificate=n.anchor, name=n.name) for n in named),
    )
    case = acts.open_case(a, "2026-10-05", policy)
    return world, case


def give(world: World, n: int, stamps: Stamps) -> None:
    world.nodes[n].stamps = stamps


def test_an_authority_alone_proves_a_time_that_every_member_sees(tmp_path: Path) -> None:
    world, case = world_with(tmp_path, 1, CLOCK)
    a, b = world.nodes
    give(world, 0, Asked(answers={"http://clock.example": answering(CLOCK)}))
    acts.invite(a, case, b.party.id)
    world.settle()
    for node in world.nodes:
        state = node.state(case)
        assert state.opening is not None
        assert intervals(state)[state.opening.id].not_after == AT + 1
    # What cites it is not before it.
    said = acts.state_claim(b, case, "Later", [kinds.Assertion(text="Something.", level="tactical")])
    assert intervals(b.state(case))[said.value.id].not_before == AT - 1
    # The second node has no settings and no witness, and its records stay unproven.
    assert b.stamps is None


@pytest.mark.parametrize(
    "lie",
    [
        answering(DIAL),
        answering(CLOCK, imprint=hashlib.sha256(b"another").digest()),
        answering(CLOCK, nonce=5),
        answering(CLOCK, flip=1),
        down,
        lambda _: b"",
        lambda _: b"<html>busy</html>",
        lambda _: der.write_sequence([der.write_sequence([der.write_integer(2)])]),
    ],
    ids=["other", "imprint", "nonce", "flipped", "down", "empty", "page", "declines"],
)
def test_an_authority_that_lies_or_is_down_is_passed_over(tmp_path: Path, lie: Answer) -> None:
    world, case = world_with(tmp_path, 1, CLOCK, witness=True)
    a, b = world.nodes
    asked = Asked(answers={"http://clock.example": lie})
    give(world, 0, asked)
    acts.invite(a, case, b.party.id)
    world.settle()
    assert asked.count
    state = b.state(case)
    assert state.opening is not None
    # The witness proves the time; nothing of the liar's is kept.
    assert intervals(state)[state.opening.id].not_after is not None
    assert not any(f.value.stamps for f in state.attestations.values())


def test_both_are_needed_where_the_policy_asks_for_both(tmp_path: Path) -> None:
    world, case = world_with(tmp_path, 2, CLOCK, witness=True)
    a, b = world.nodes
    acts.invite(a, case, b.party.id)
    world.settle()
    assert not a.state(case).attestations
    broken = Asked(answers={"http://clock.example": down})
    give(world, 0, broken)
    world.settle()
    assert not a.state(case).attestations
    give(world, 0, Asked(answers={"http://clock.example": answering(CLOCK)}))
    world.settle()
    (fact,) = a.state(case).attestations.values()
    policy = a.state(case).policy
    assert policy is not None
    assert len(fact.value.seen_by) == len(stamped_by(policy, fact.value.stamps)) == 1


def test_an_authority_is_left_in_peace_after_it_failed(tmp_path: Path) -> None:
    world, case = world_with(tmp_path, 1, CLOCK)
    (a, _), asked = world.nodes, Asked(answers={"http://clock.example": down})
    give(world, 0, asked)
    policy = a.state(case).policy
    assert policy is not None
    for _ in range(5):
        assert stamping.stamp_head(a, case, policy, checkpoint(a)) == []
    assert asked.count == 1
    world.pass_time(stamping.PAUSE)
    stamping.stamp_head(a, case, policy, checkpoint(a))
    assert asked.count == 2


def test_a_certificate_that_is_none_is_not_kept(tmp_path: Path) -> None:
    (a,) = World(tmp_path, ["alder"]).nodes
    with pytest.raises(Malformed, match=r"attestation\.token"):
        stamping.keep_certificate(a, b"no certificate")


def test_a_member_finds_the_anchor_in_what_it_holds(tmp_path: Path) -> None:
    """Only the opener was given the certificates; the other takes the path from the first attestation."""
    world = World(tmp_path, ["alder", "birch"])
    a, b = world.nodes
    for certificate in CLOCK.chain:
        stamping.keep_certificate(a, certificate)
    named = kinds.Authority(certificate=CLOCK.anchor, name=CLOCK.name)
    case = acts.open_case(a, "2026-10-05", kinds.Policy(quorum=1, witnesses=(), authorities=(named,)))
    for n in range(2):
        give(world, n, Asked(answers={"http://clock.example": answering(CLOCK)}))
    acts.invite(a, case, b.party.id)
    world.settle()
    said = acts.state_claim(b, case, "Ours", [kinds.Assertion(text="Something.", level="tactical")])
    world.settle()
    assert intervals(a.state(case))[said.value.id].not_after == AT + 1


def test_a_dossier_carries_what_openssl_stamped_and_openssl_confirms(tmp_path: Path) -> None:
    made = openssl_authority(tmp_path / "tsa")
    world = World(tmp_path, ["alder", "birch"])
    a, b = world.nodes
    anchor = stamping.keep_certificate(a, made.root)
    assert anchor == certificate_id(made.root)
    named = kinds.Authority(certificate=anchor, name="Invented Time")
    case = acts.open_case(a, "2026-10-05", kinds.Policy(quorum=1, witnesses=(), authorities=(named,)))
    give(world, 0, Asked(answers={"http://tsa.example": made.answer}))
    acts.invite(a, case, b.party.id)
    acts.state_claim(a, case, "Said", [kinds.Assertion(text="Something.", level="tactical")])
    world.settle()
    (fact,) = a.state(case).attestations.values()
    _, text, tokens, _ = cbor2.loads(fact.value.raw)
    ((token, chain),) = tokens
    imprint = stamped_imprint(text, note.Vkey.parse(a.party.card.checkpoint))
    assert made.verify(token, imprint, chain)
    _, raw = publishing.publish(a, case)
    verdict = verify(raw)
    assert not verdict.failures
    assert verdict.contents is not None
    assert fact.value.stamps in [f.value.stamps for f in verdict.contents.state.attestations.values()]
    assert not any("attestation of independent witnesses" in line for line in verdict.not_shown)
