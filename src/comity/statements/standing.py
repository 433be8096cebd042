"""What stands behind the assertions of a case, as the rules of wording ask for it.

A posterior is lent to the wording of an assertion only where it is certainly about the same thing: the
sentence speaks of the cluster that is named, by its label, and of nobody else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from typing import Final, TypeAlias

from comity.case.state import State
from comity.case.support import AssertionFacts, assertions, recount
from comity.records.kinds import Target
from comity.records.kinds_of_weighing import Assess
from comity.statements.ties import Behind, Lent, Standing
from comity.weighing.checked import check_figures
from comity.weighing.effort import SHOWN, effort_of
from comity.weighing.state_said import word_of_a_state

Reproduced: TypeAlias = Callable[[str, Assess], bool | None]
"""Whether the figures of the assessment with that record id come out of its inputs here; None where they
were not computed."""

FOUND: Final[dict[str, bool | None]] = {"reproduced": True, "different": False, "not computed": None}
"""What computing an assessment again says of it (``weighing.checked``)."""

_COUNTRY: Final = re.compile(
    r"\b(?:republics?|kingdoms?|federations?|emirates?|nations?|countr(?:y|ies)|republikk\w*|kongerike\w*|"
    r"føderasjon\w*|nasjon\w*|land(?:et|ets)?)\b|共和国|共和國|王国|王國|联邦|聯邦|国家|國家",
    re.IGNORECASE,
)
"""Words for a state that stand before a name which no list has."""
_NEGATED: Final = re.compile(
    r"\b(?:not|no|never|nor|neither|none|nobody|without|cannot|\w+n['’]t|ikke|ikkje|aldri|ingen|verken|"
    r"hverken|uten|utan)\b|没|不|未|非|无|無|否",
    re.IGNORECASE,
)

_RUNS_ON: Final = re.compile(r"[\u2e80-\u9fff]")
_LETTER: Final = r"[^\W\u2e80-\u9fff]"


def gather_standings(
    state: State,
    record: str = "",
    *,
    parties: Iterable[str],
    reproduced: Reproduced | None = None,
    false: Collection[str] = (),
) -> Behind:
    """Every assertion of a case with what stands behind it. ``record`` is the claim that a bare ``[#N]``
    means, ``parties`` the names of those whose case it is.

    An assertion is lent the leader's posterior of the newest assessment about it by its own author, where
    that names a cluster, the sentence claims something of this cluster alone (:func:`lends`), and the figures
    are ``reproduced``; else none. How many were not computed is told in ``uncomputed``. Re-runs that are
    ``false`` (record ids: run here, they do not hold) agree and differ with nothing; how many of these would
    have counted is told in ``false_reruns``.
    """
    newest: dict[tuple[str, str, int], tuple[str, Assess]] = {}
    for accepted in state.of("assessment.make"):
        content = accepted.content
        if isinstance(content, Assess) and isinstance(content.about, Target):
            newest[accepted.author, content.about.record, content.about.n] = accepted.id, content
    named = tuple(parties)
    computes = reproduced or _within(SHOWN)
    stands, uncomputed, uncounted = [], set(), set()
    for told in assertions(state):
        facts = recount(told, false)
        uncounted |= {r.record for s in facts.supports for r in s.reruns if r.counts == "not-held"}
        about = newest.get((facts.author, facts.target.record, facts.target.n))
        lent = None
        if about is not None and _claims_of_a_cluster(facts) and lends(about[1], facts.assertion.text, named):
            found = computes(*about)
            lent = _lent(about[1]) if found else None
            uncomputed.update([about[0]] if found is None else [])
        stands.append(_standing(facts, lent))
    return Behind(
        standings=tuple(stands),
        whole=True,
        record=record,
        uncomputed=len(uncomputed),
        false_reruns=len(uncounted),
    )


def lends(content: Assess, sentence: str, parties: Iterable[str] = ()) -> bool:
    """Whether a sentence is one of which an assessment's posterior may be spoken: it has the label of the
    cluster that is named as whole words, no other's label, no negation, and no word of a state or a party."""
    if content.result.answer != "named":
        return False
    plain = _plain(sentence)
    if not _has(plain, content.result.leader):
        return False
    if any(_has(plain, one.id) for one in content.hypotheses if one.id != content.result.leader):
        return False
    if word_of_a_state(sentence) or _COUNTRY.search(plain) or _NEGATED.search(plain):
        return False
    return not any(_has(plain, word) for name in parties for word in re.findall(r"\w{4,}", _plain(name)))


def _claims_of_a_cluster(facts: AssertionFacts) -> bool:
    """Whether the author itself says nothing that makes it another thing: a denial, a party that it is about,
    a person, a state, a breach of law."""
    asserted = facts.assertion
    other = ("person", "state-link", "breach")
    return asserted.stance != "denies" and not asserted.about and asserted.proposition not in other


def newest_claim(state: State, party: str) -> str:
    """The newest claim of a party that is held, by its place in the case; "" where there is none."""
    own = [record.id for record in state.of("claim.state") if record.author == party]
    return own[-1] if own else ""


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _has(plain: str, words: str) -> bool:
    """Whether words stand whole in a text; Chinese runs on without blanks: there any place will do."""
    wanted = _plain(words)
    if not wanted:
        return False
    before = "" if _RUNS_ON.match(wanted[0]) else rf"(?<!{_LETTER}|-)"
    after = "" if _RUNS_ON.match(wanted[-1]) else rf"(?!{_LETTER}|-)"
    return re.search(f"{before}{re.escape(wanted)}{after}", plain) is not None


def _within(left: int) -> Reproduced:
    """Computes again as long as all together stay within so much work."""

    def reproduced(_: str, content: Assess) -> bool | None:
        nonlocal left
        takes = effort_of(content)
        if takes > left:
            return None
        left -= takes
        return FOUND[check_figures(content, takes).result]

    return reproduced


def _lent(content: Assess) -> Lent | None:
    leader = content.result.leader
    stands = next((one for one in content.result.standings if one.hypothesis == leader), None)
    return None if stands is None else Lent(cluster=leader, low=stands.low, high=stands.high)


def _standing(facts: AssertionFacts, lent: Lent | None) -> Standing:
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
        lent=lent,
        later=tuple(f"{later.record[:12]}#{later.n + 1}" for later in facts.amended_by),
    )
