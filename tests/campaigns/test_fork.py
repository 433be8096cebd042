"""The fork campaign in short form; and it finds what it should where a witness does not do its work."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns import fork
from comity.ledger import witness
from comity.ledger.note import Vkey
from comity.ledger.witness import AddCheckpoint, WitnessState


def test_every_fork_is_refused_or_exposed_and_no_alarm_is_false() -> None:
    tally = fork.hunt(30, 1)
    assert tally.forks == tally.proven == 30
    assert tally.refused + tally.slipped == 30
    assert tally.slipped, "some witness is put back at the right moment"
    assert tally.honest == 15


def test_witnesses_that_check_nothing_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = witness.advance

    def careless(
        state: WitnessState | None, request: AddCheckpoint, log_vkey: Vkey, where: str = ""
    ) -> WitnessState:
        return real(None, replace(request, old_size=0, proof=()), log_vkey, where)

    monkeypatch.setattr(witness, "advance", careless)
    with pytest.raises(fork.Broken, match="two histories"):
        fork.hunt(30, 1)
