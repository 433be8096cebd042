"""Witnesses that are down, answer nonsense, or lie: the rest goes on, and nothing bad is kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from comity.case.time import intervals, reasons
from comity.case.verified import attested_note
from comity.dossier.verify import verify
from comity.errors import Refused, Unavailable
from comity.exchange import acts, publishing
from comity.exchange.node import Node
from comity.ledger import note
from comity.ledger.witness import parse_add_checkpoint
from comity.records import bodies, kinds
from tests.case.test_time import witnessed
from tests.exchange.network import World
from tests.rulebook import published
from tests.world import fold_case

Lie = Callable[[Node, Node, str], bytes]
"""From the lying witness, an honest one, and the request, to what the liar answers."""


def _cosigned(by: Node, request: str, at: int, name: str = "") -> str:
    vkey = note.Vkey.parse(by.party.card.witness)
    return note.cosign(parse_add_checkpoint(request).note, name or vkey.name, by.signer.seed("witness"), at)


def _in_anothers_name(liar: Node, honest: Node, request: str) -> bytes:
    vkey = note.Vkey.parse(honest.party.card.witness)
    forged = note.SignatureLine(name=vkey.name, key_hash=vkey.key_hash, signature=bytes(8) + bytes(64))
    return (_cosigned(liar, request, liar.effects.now()) + str(forged)).encode()


def _crowd(liar: Node, _: Node, request: str) -> bytes:
    own = _cosigned(liar, request, liar.effects.now())
    return (own + "".join(_cosigned(liar, request, 5, f"crowd/{n}") for n in range(63))).encode()


def _raising(error: Exception) -> Lie:
    def answer(*_: object) -> bytes:
        raise error

    return answer


def _conflict(where: str) -> Lie:
    return _raising(Refused("peer.conflict", where, "the witness has cosigned another size"))


LIES: dict[str, Lie] = {
    "forges another's line": _in_anothers_name,
    "brings a crowd": _crowd,
    "a time without a spelling": lambda n, _, r: _cosigned(n, r, bodies.INSTANT_LIMIT).encode(),
    "the last time of all": lambda n, _, r: _cosigned(n, r, note.TIME_LIMIT - 1).encode(),
    "the first time of all": lambda n, _, r: _cosigned(n, r, 0).encode(),
    "another name": lambda n, _, r: _cosigned(n, r, 1, "someone/else").encode(),
    "another checkpoint": lambda n, _, r: _cosigned(n, r.replace("\n\n", "\n\nx", 1), 1).encode(),
    "nothing": lambda *_: b"",
    "a page": lambda *_: b"<html>busy</html>",
    "no text": lambda *_: b"\xff\xfe",
    "no newline": lambda n, _, r: _cosigned(n, r, 1).encode().rstrip(),
    "down": _raising(Unavailable("peer.unreachable", "witness", "cannot be reached")),
    "declines": _raising(Refused("peer.refused", "witness", "no")),
    "remembers more than there is": _conflict("99999999"),
    "remembers a superscript": _conflict("\u00b2"),
    "remembers too many digits": _conflict("9" * 5_000),
    "remembers less than nothing": _conflict("-1"),
    "remembers the same for ever": _conflict("1"),
}


def _world(tmp_path: Path, lie: Lie) -> tuple[World, str]:
    """A case of one author with two honest witnesses and one that lies; any two are a quorum."""
    world = World(tmp_path, ["alder", "birch", "elm", "oak"])
    a, liar, *honest = world.nodes
    post = world.network.post

    def posted(base: str, path: str, body: bytes, limit: int = 1 << 30) -> bytes:
        if base == "http://birch.example" and path == "/add-checkpoint":
            return lie(liar, honest[0], body.decode())
        return post(base, path, body, limit)

    world.network.post = posted  # type: ignore[method-assign]
    named = tuple(kinds.Witness(vkey=n.party.card.witness, party=n.party.id) for n in (liar, *honest))
    return world, acts.open_case(a, "2026-10-05", kinds.Policy(quorum=2, witnesses=named))


@pytest.mark.parametrize("lie", LIES)
def test_one_lying_witness_of_three(tmp_path: Path, lie: str) -> None:
    world, case = _world(tmp_path, LIES[lie])
    a, now = world.nodes[0], world.clocks[0].time
    acts.state_claim(a, case, "Said", [kinds.Assertion(text="Something.", level="tactical")])
    world.settle()
    state = a.state(case)
    for found in intervals(state).values():
        assert found.not_after is not None
        assert now <= found.not_after <= world.clocks[0].time
    # All that was kept is by witnesses that the case names, and holds; a dossier of it verifies and is read.
    for fact in state.attestations.values():
        _, lines = note.open_note(attested_note(fact.value.raw))
        assert len(lines) <= 1 + 3
    _, raw = publishing.publish(a, case)
    assert verify(raw).failures == ()


@pytest.mark.parametrize("time", [bodies.INSTANT_LIMIT, 2**62, note.TIME_LIMIT - 1])
def test_a_time_without_a_spelling_bounds_nothing(time: int) -> None:
    """An attestation may come from anyone, with such times in it: they are as if they were not there."""
    s, watching = witnessed(quorum=1, names=("W1", "W2"))
    record = s.say(s.b, published())
    proof = s.b.attest(s.case, watching, at=time)
    citing = s.a.say(published(), case=s.case, references=[proof])
    s.facts.append(citing)
    state = fold_case(s.case, [*s.facts, proof])
    for each in (record, citing):
        assert (intervals(state)[each.value.id].not_after, intervals(state)[each.value.id].not_before) == (
            None,
            None,
        )
    # Beside an honest time it changes nothing, on either side.
    mixed = s.b.attest(s.case, {watching[0]: time, watching[1]: bodies.INSTANT_LIMIT - 1})
    state = fold_case(s.case, [*s.facts, mixed])
    assert intervals(state)[record.value.id].not_after == bodies.INSTANT_LIMIT - 1
    why = reasons(state)[record.value.id].not_after
    assert why is not None
    assert len(why.attesters) == 1
    assert bodies.time_text(why.instant) == "9999-12-31T23:59:59Z"
