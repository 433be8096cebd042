"""Others fill a node only so far: each party, each guest, all together; what is refused loses nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from comity.errors import Malformed, Refused
from comity.exchange import acts, guests, quotas, working
from comity.exchange.checking import steps
from comity.exchange.node import Node
from comity.exchange.notices import forms
from comity.exchange.ports import Write
from comity.exchange.quotas import Limits, usage
from comity.records.kinds import Assertion, Named
from comity.web import faults
from tests.attacks.test_exchange import open_case as open_between
from tests.exchange.network import World
from tests.exchange.test_story import open_case


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, ["alder", "birch", "cedar"])


def claim(node: Node, case: str, size: int = 4000) -> str:
    said = [Assertion(text="x" * size, level="tactical")]
    return acts.state_claim(node, case, "t", said).value.id


def used(node: Node, kind: str, of: str = "") -> int:
    return next((u.used for u in usage(node) if (u.kind, u.of) == (kind, of)), 0)


def test_what_is_stored_is_counted_once_and_its_own_never(world: World) -> None:
    a, b, _ = world.nodes
    case = open_case(world)
    world.settle()
    before = used(b, "party", a.id)
    assert 0 < before == used(b, "parties")
    assert used(b, "party", b.id) == 0
    claim(a, case)
    world.settle()
    after = used(b, "party", a.id)
    assert after > before + 4000
    # The same message again, as a sender does whose answer was lost.
    for base, path, body in [m for m in world.network.log if m[1] == "/x/inbox"]:
        if base == "http://birch.example":
            world.network.post(base, path, body)
    assert used(b, "party", a.id) == after


def test_beyond_its_quota_a_party_waits_and_loses_nothing(world: World) -> None:
    a, b, _ = world.nodes
    case = open_case(world)
    world.settle()
    b.limits = replace(Limits(), party=used(b, "party", a.id) + 6000)
    first, second, third = (claim(a, case) for _ in range(3))
    for _ in range(4):
        world.pass_time(3600)
        failures = [f for n in world.nodes for f in working.tick(n, world.network).failures]
    codes = {error.code for _, error in failures}
    assert codes == {"quota.party"}
    held = b.state(case).records
    assert first in held
    assert not {second, third} & set(held)
    # Others are not affected, and neither is what the full party reads.
    mine = claim(b, case)
    b.limits = Limits()
    world.settle()
    assert {first, second, third, mine} <= set(b.state(case).accepted)
    assert a.state(case).digest() == b.state(case).digest()


def test_who_brings_a_node_into_cases_can_fill_it_only_so_far(world: World) -> None:
    a, b, _ = world.nodes
    b.limits = replace(Limits(), strangers=60_000)
    cases = []
    for _ in range(8):
        case = open_case(world)
        claim(a, case, 8000)
        cases.append(case)
    for _ in range(3):
        world.pass_time(3600)
        failures = [f for n in world.nodes for f in working.tick(n, world.network).failures]
    assert "quota.strangers" in {error.code for _, error in failures}
    there = [case for case in cases if case in b.cases()]
    assert 0 < len(there) < len(cases)
    assert used(b, "strangers") <= 60_000
    # Where this party has said something, its quota of strangers is free again.
    full = used(b, "strangers")
    claim(b, there[0], 10)
    claim(a, there[0], 10)
    working.tick(a, world.network)
    assert used(b, "strangers") < full


def test_all_parties_together(world: World) -> None:
    a, b, _ = world.nodes
    case = open_case(world)
    world.settle()
    b.limits = replace(Limits(), parties=used(b, "parties") + 100)
    claim(a, case)
    world.pass_time(3600)
    failures = working.tick(a, world.network).failures
    assert [error.code for _, error in failures] == ["quota.parties"] * 2


def test_a_guest_and_all_guests(world: World) -> None:
    a, b, _ = world.nodes
    case = open_between(world, b)
    named = Named(name="Rowan Office")
    said = acts.state_claim(a, case, "t", [Assertion(text="x", level="tactical", about=(named,))])
    notice = acts.give_notice(a, case, said.value.id, [0], named, "Please answer.")
    file = forms.write_text(forms.notice_data(a, case, notice.value.id), "en")

    def reply(seed: int, text: str, after: bytes = b"") -> bytes:
        return guests.answer_notice(
            file,
            name=f"Rowan {seed}",
            seed=bytes([seed]) * 32,
            effects=a.effects,
            acknowledge=text,
            after=after,
        )

    first = reply(1, "read")
    guests.take_reply(a, first)
    one = next(u for u in usage(a) if u.kind == "guest")
    assert one.used >= len(first) // 2
    a.limits = replace(Limits(), guest=one.used + 3000)
    second = reply(1, "y" * 10_000, first)
    size = a.journal.size()
    with pytest.raises(Refused, match=r"quota\.guest\b"):
        guests.take_reply(a, second)
    assert a.journal.size() == size
    a.limits = replace(Limits(), guests=one.used + 100)
    with pytest.raises(Refused, match=r"quota\.guests"):
        guests.take_reply(a, reply(2, "another guest"))
    assert a.journal.size() == size, "not even the card of a guest that is refused takes a leaf"
    a.limits = Limits()
    assert guests.take_reply(a, second)


def test_a_quota_is_answered_with_when_to_come_again() -> None:
    error = Refused("quota.party", "x", "too much")
    assert faults.status_of(error) == 429
    answer = faults.problem(429, error.code, error.where, error.why)
    assert answer.headers["retry-after"] == str(quotas.RETRY_AFTER)


@pytest.mark.parametrize("raw", [b"", b"-1", b"1e9", b"\xb2", b"9" * 19, b"-"])
def test_a_damaged_count_is_told_and_counts_for_nothing_else(world: World, raw: bytes) -> None:
    a = world.nodes[0]
    a.journal.write(Write(notes={f"{quotas.PARTY}{world.nodes[1].id}": raw}))
    with pytest.raises(Malformed, match=r"quota\.count"):
        usage(a)
    found = [str(f) for step in steps(a) for f in step.run() if f is not None]
    assert len(found) == 1
    assert "quota.count" in found[0]
