"""A case in which one author weighs, again and again."""

from __future__ import annotations

from typing import Any

import msgspec

from comity.case.state import State
from comity.case.verified import Attestation, Verified
from comity.records import kinds
from comity.records.kinds import Assess
from tests import world as w
from tests.weighing.written import item, weighed, written
from tests.world import Actor, Said, World


def strong(heron: float = 0.9, otter: float = 0.05, **fields: Any) -> Assess:
    """Four items that speak for one cluster, enough for a name."""
    told = {"Heron": heron, "Otter": otter, "unknown": 0.05}
    items = [item(f"item {n}", likelihoods=told, origin=f"desk {n}", text=f"kind {n * 7}") for n in range(4)]
    return weighed(written(*items, **fields))


def forged(content: Assess) -> Assess:
    """The same with a name that its inputs do not give: the leader at 99 %, the others sharing the rest."""
    stands = content.result.standings
    rest = 10_000 // (len(stands) - 1)
    made = tuple(
        msgspec.structs.replace(
            one, posterior=(share := 990_000 if one.hypothesis == "Heron" else rest), low=share, high=share
        )
        for one in stands
    )
    result = msgspec.structs.replace(content.result, answer="named", leader="Heron", standings=made)
    return msgspec.structs.replace(content, result=result)


class Told:
    """One case of two parties; what is signed is in the state at once."""

    def __init__(self, seed: object = "told") -> None:
        self.world = World(seed)
        self.a, self.b = self.world.party("Alder Office"), self.world.party("Birch Office")
        self.case = self.world.open_case(self.a)
        self.world.invite(self.case, self.a, self.b)

    def say(
        self, content: kinds.Content, *references: Said | Verified[Attestation], by: Actor | None = None
    ) -> Said:
        """One more record, open to both."""
        self.world.now += 60
        return (by or self.a).say(content, case=self.case, references=references)

    @property
    def state(self) -> State:
        return w.fold_case(self.case, self.world.all_again())
