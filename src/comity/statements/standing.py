"""What stands behind the assertions of a case, as the rules of wording ask for it."""

from __future__ import annotations

from comity.case.state import State
from comity.case.support import AssertionFacts, assertions
from comity.records.kinds import Target
from comity.records.kinds_of_weighing import Assess
from comity.statements.ties import Behind, Standing


def gather_standings(state: State, record: str = "") -> Behind:
    """Every assertion of a case with what stands behind it. ``record`` is the claim that a bare ``[#N]``
    means. An assertion's probability is that of the newest assessment about it by its own author, where
    that names a hypothesis; a weighing that separates nothing lends none."""
    weighed: dict[tuple[str, str, int], tuple[int, int]] = {}
    for accepted in state.of("assessment.make"):
        content = accepted.content
        if (
            isinstance(content, Assess)
            and isinstance(content.about, Target)
            and content.result.answer == "named"
        ):
            leading = [s for s in content.result.standings if s.hypothesis == content.result.leader]
            if leading:
                place = (accepted.author, content.about.record, content.about.n)
                weighed[place] = (leading[0].low, leading[0].high)
    stands = tuple(_standing(facts, weighed) for facts in assertions(state))
    return Behind(standings=stands, whole=True, record=record)


def newest_claim(state: State, party: str) -> str:
    """The newest claim of a party that is held, by its place in the case; "" where there is none."""
    own = [record.id for record in state.of("claim.state") if record.author == party]
    return own[-1] if own else ""


def _standing(facts: AssertionFacts, weighed: dict[tuple[str, str, int], tuple[int, int]]) -> Standing:
    counted = [run for support in facts.supports for run in support.reruns if not run.counts]
    return Standing(
        record=facts.target.record,
        n=facts.target.n + 1,
        text=facts.assertion.text,
        stance=facts.assertion.stance,
        level=facts.assertion.level,
        supports=len(facts.supports),
        agreed=sum(run.verdict == "same" for run in counted),
        differing=sum(run.verdict == "different" for run in counted),
        contests=len(facts.contests),
        withdrawn=bool(facts.withdrawn),
        probability=weighed.get((facts.author, facts.target.record, facts.target.n)),
    )
