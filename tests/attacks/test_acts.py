"""An act leaves one record, and what is closed leaves no trace that another content would not leave too."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from comity.errors import ComityError
from comity.exchange import acts, acts_of_procedure, publishing
from comity.records import kinds
from comity.records.kinds import Assertion, Named, Target
from tests.attacks.test_exchange import open_case
from tests.exchange.network import World


def test_attack_27_each_act_is_one_record_and_a_refused_one_is_none(tmp_path: Path) -> None:
    world = World(tmp_path, ["alder", "birch"])
    a, b = world.nodes
    case = open_case(world, b)
    about = (Named(name=b.party.card.name, party=b.party.id),)
    stated = [Assertion(text=f"Statement {n}.", level="tactical", about=about) for n in range(2)]

    def once(act: Callable[[], object]) -> None:
        before = a.journal.size()
        act()
        assert a.journal.size() == before + 1

    def never(act: Callable[[], object]) -> None:
        before = a.journal.version()
        with pytest.raises(ComityError):
            act()
        assert a.journal.version() == before

    once(lambda: acts.state_claim(a, case, "Title", stated, to=[b.party.id]))
    (claim,) = (r.id for r in a.state(case).of("claim.state"))
    once(lambda: acts.give_notice(a, case, claim, [0], about[0], "You are named."))
    asked = kinds.Request(to=b.party.id, type="evidence", text="Show it.", due=acts.time_in(a, 3600))
    once(lambda: acts.request(a, case, asked))
    (request,) = (r.id for r in a.state(case).of("request.make"))
    once(lambda: acts_of_procedure.withdraw_request(a, case, request, "no longer needed"))
    anew = Assertion(text="Said anew.", level="tactical", about=about)
    once(lambda: acts_of_procedure.amend(a, case, claim, [(0, anew)], "clearer"))
    once(lambda: acts.withdraw(a, case, claim, [1], "a mistake"))
    never(lambda: acts.withdraw(a, case, claim, [7], "there is none"))
    never(lambda: acts.withdraw(a, case, "00" * 32, [0], "there is none"))
    never(lambda: acts.endorse(a, case, kinds.Endorse(target=Target(record="00" * 32, n=0), basis="trust")))


def test_attack_32_what_is_not_for_the_public_changes_nothing_that_the_public_reads(tmp_path: Path) -> None:
    """Two worlds differ in words that two parties keep between them: of the dossier and the public ledger,
    only envelopes, hashes and signatures differ, and no length does."""

    def told(folder: Path, secret: str) -> tuple[dict[str, int], int]:
        world = World(folder, ["alder", "birch"])
        a, b = world.nodes
        case = open_case(world, b)
        closed = [Assertion(text=secret, level="tactical", about=())]
        acts.state_claim(b, case, secret, closed, to=[a.party.id])
        world.settle()
        _, dossier = publishing.publish(a, case)
        public = {n: d for n, d in a.public.files.items() if not n.startswith("dossiers/")}  # type: ignore[attr-defined]
        assert secret.encode() not in b"".join(public.values())
        assert secret.encode() not in dossier
        return {name: len(data) for name, data in public.items()}, len(dossier)

    short = told(tmp_path / "short", "It was Rowan.")
    assert (
        told(tmp_path / "long", "It was not Rowan, nor anybody else whom we have heard of so far.") == short
    )
