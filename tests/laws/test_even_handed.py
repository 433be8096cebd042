"""Even-handedness: exchange the names of two sides, and every computed fact is exchanged, nothing else."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.case.actions import actions
from comity.case.awaiting import awaited
from comity.case.clocks import clocks, notices
from comity.case.closings import closings
from comity.case.consultations import consultations
from comity.case.state import State
from comity.case.statements import statements
from comity.case.support import assertions
from comity.case.time import intervals
from tests.generated import generate_case
from tests.world import DAY, Actor, Said, full_case


def rename(value: object, names: Mapping[str, str]) -> object:
    """The value with every id and name replaced; sorted lists of ids are sorted by their new names."""
    if isinstance(value, str):
        for old, new in names.items():
            value = value.replace(old, new)
        return value
    if isinstance(value, msgspec.Struct):
        return rename(msgspec.to_builtins(value), names)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: rename(getattr(value, f.name), names) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {rename(k, names): rename(v, names) for k, v in value.items()}
    if isinstance(value, set | frozenset):
        return sorted(str(rename(v, names)) for v in value)
    if isinstance(value, list | tuple):
        renamed = [rename(v, names) for v in value]
        return sorted(renamed, key=str) if all(isinstance(v, str) for v in value) else renamed
    return value


def everything(state: State, now: int, roles: Mapping[str, Actor], records: list[Said]) -> object:
    """All that a reader is shown of a case, in names of roles."""
    names = {actor.id: f"<{role}>" for role, actor in roles.items()}
    # Names are exchanged at once, by way of marks that no text holds.
    names |= {actor.name: f"<{role}>" for role, actor in roles.items()}
    names |= {record.value.id: f"<record {n}>" for n, record in enumerate(records)}
    names |= {a: f"<attestation {n}>" for n, a in enumerate(state.attestations)}
    return {
        "assertions": _by_text(rename(assertions(state), names)),
        "clocks": _by_text([rename(clocks(state, now + shift), names) for shift in (-9 * DAY, 0, 9 * DAY)]),
        "notices": _by_text(rename(notices(state, {}), names)),
        **{
            name: _by_text(rename(found, names))
            for name, found in (
                ("closings", closings(state)),
                ("statements", statements(state)),
                ("actions", actions(state)),
                ("consultations", consultations(state)),
                ("awaited", [awaited(state, clocks(state, now + shift)) for shift in (-9 * DAY, 0, 9 * DAY)]),
            )
        },
        "intervals": rename(
            # Which of two equal proofs is named depends on their ids.
            {r: [i.not_before, i.not_after] for r, i in intervals(state).items()},
            names,
        ),
        "audiences": rename(state.audiences, names),
        "refused": rename({r: x.rule for r, x in state.refused.items()}, names),
        "waiting": rename(list(state.waiting), names),
        "forks": rename(state.forks, names),
    }


def _by_text(value: object) -> object:
    """Lists in the order of their text: records that are equally deep stand in the order of their ids."""
    if isinstance(value, list):
        return sorted((_by_text(v) for v in value), key=str)
    if isinstance(value, dict):
        return {k: _by_text(v) for k, v in value.items()}
    return value


@pytest.mark.parametrize("seed", range(3))
def test_the_whole_story_has_a_mirror(seed: int) -> None:
    shown = []
    for claimant, respondent in (("Alder", "Birch"), ("Birch", "Alder")):
        story = full_case(seed, claimant=claimant, respondent=respondent)
        roles = {"claimant": story.claimant, "respondent": story.respondent}
        shown.append(everything(story.state, story.world.now, roles, list(story.records.values())))
    assert shown[0] == shown[1]


@settings(max_examples=15)
@given(st.integers(0, 10_000))
def test_generated_cases_have_a_mirror(seed: int) -> None:
    shown = []
    for swap in (False, True):
        made = generate_case(f"mirror {seed}", size=30, parties=4, swap=swap)
        roles = {f"party {n}": actor for n, actor in enumerate(made.members)}
        shown.append(everything(made.state, made.world.now, roles, made.records))
    assert shown[0] == shown[1]
