"""One assertion in a terminal: what is said, what stands behind it, and what others say of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from comity.cli.output import Out, count, ranges_text

if TYPE_CHECKING:
    from comity.case.state import State
    from comity.case.support import AssertionFacts, SupportFacts
    from comity.dossier.rerun_checks import RerunCheck
    from comity.exchange.node import Node
    from comity.records.kinds import Target

ACCESS = {"stated": "stated only", "sealed": "sealed, not disclosed", "disclosed": "disclosed"}
RERUN = {
    "not-applicable": "nothing to re-run",
    "not-tried": "not re-run by another party",
    "shown-rows-match": "shown rows match (completeness, counts, absence and correlations not checked)",
    "same": "re-run: same",
    "different": "re-run: different",
    "mixed": "re-runs disagree",
    "not-possible": "re-run not possible",
}
STANCE = {"claims": "claims", "denies": "denies", "counters": "counter-claims"}
COUNTS = {
    "author": "by its own author: adds nothing",
    "origin": "by a holder of the same origin: adds nothing",
    "forked": "its author signed two histories: not counted",
    "other-item": "over another item than the finding's: not counted",
    "not-held": "not counted",
}
CHECK = {
    "recomputed": "recomputed here",
    "in part": "recomputed here in part",
    "stated": "as it states",
    "false": "as it states, which does NOT hold",
}
"""How far what a re-run states was computed again here."""


class Rechecked:
    """The re-runs of a case held against what is here, as far as one listing may take."""

    def __init__(self, node: Node, state: State) -> None:
        from comity.dossier.rows_here import Effort
        from comity.exchange.rerun_checks import WAITED

        self._node, self._state, self._effort = node, state, Effort(WAITED)
        self._checked: dict[str, dict[str, RerunCheck]] = {}

    def check(self, finding: str, rerun: str) -> RerunCheck:
        """One re-run of a finding."""
        from comity.exchange.rerun_checks import check_here

        if finding not in self._checked:
            # To look again would take what is left from those that were not looked at.
            self._checked[finding] = check_here(self._node, self._state, finding, self._effort)
        return self._checked[finding][rerun]

    def recount(self, facts: AssertionFacts) -> AssertionFacts:
        """The facts without what re-runs state that do not hold here."""
        from comity.case.support import recount

        runs = [(s.support.record, run.record) for s in facts.supports for run in s.reruns]
        return recount(facts, {run for finding, run in runs if self.check(finding, run).faults})


def warn_of_versions(out: Out, state: State, targets: Iterable[Target]) -> None:
    """Say on standard error which of these assertions, about to be built on, their authors withdrew or say
    otherwise since. Nothing is stopped."""
    from comity.case.support import assertions

    wanted = {(target.record, target.n) for target in targets}
    for facts in assertions(state):
        if (facts.target.record, facts.target.n) not in wanted:
            continue
        if facts.withdrawn:
            out.warn(f"{_place(facts.target)} was withdrawn by its author")
        elif facts.amended_by:
            later = ", ".join(map(_place, facts.amended_by))
            out.warn(f"{_place(facts.target)} is said otherwise by its author since, in {later}")


def tell_assertion(out: Out, node: Node, facts: AssertionFacts, rechecked: Rechecked) -> None:
    """One assertion with the three facts of each support, who contests or endorses it, and on what."""
    from comity.law.matrix import declared
    from comity.law.naming import tell_element
    from comity.records.kinds import Target

    facts = rechecked.recount(facts)
    said = facts.assertion
    against = said.against
    other = _place(against) if isinstance(against, Target) else ""
    out.line()
    marks = f"  [{', '.join(facts.marks)}]" if facts.marks else ""
    out.line(
        f"{facts.target.record[:12]}#{facts.target.n + 1}  {node.name_of(facts.author)} "
        f"{STANCE[said.stance]}{f' against {other}' if other else ''} ({said.level}){marks}"
    )
    out.text(said.text, 4)
    for named in said.about:
        out.line(f"about {node.name_of(named.party) if named.party else named.name}", 4)
    if standard := declared(said):
        out.line(f"standard of proof, as its author says: {standard}", 4)
    for law in said.law:
        out.line(f"bears, as its author says, on {tell_element(law)}", 4)
    for support in facts.supports:
        _tell_support(out, node, support, rechecked)
    if not facts.supports:
        out.line("no support is given", 4)
    _tell_answers(out, node, facts)
    out.line(
        f"traces to {count(len(facts.origins), 'declared origin')}, {facts.undeclared} undeclared",
        4,
    )
    out.object("assertion", **_assertion_object(facts, other, rechecked))


def _place(target: Target) -> str:
    return f"{target.record[:12]}#{target.n + 1}"


def _tell_answers(out: Out, node: Node, facts: AssertionFacts) -> None:
    """Who contests, accepts or endorses an assertion."""
    from comity.dossier.render_text import UNCOUNTED

    for contest in facts.contests:
        where = "" if contest.support is None else f" of support {contest.support + 1}"
        reasons = "with reasons" if contest.reasons else "without reasons"
        evidence = "and evidence" if contest.evidence else "and no evidence"
        out.line(f"{node.name_of(contest.by)}{where}: {contest.position}, {reasons} {evidence}", 4)
        out.text(contest.text, 6)
    if facts.accepted_by:
        out.line(f"accepted by {', '.join(map(node.name_of, facts.accepted_by))}", 4)
    # ``counts`` is empty where nothing speaks against counting it.
    counted = [e for e in facts.endorsements if not e.counts]
    if counted:
        who = ", ".join(f"{node.name_of(e.by)} ({e.basis})" for e in counted)
        out.line(f"{count(len(counted), 'endorsement')}: {who}", 4)
    for endorsement in facts.endorsements:
        if endorsement.counts:
            why = UNCOUNTED[endorsement.counts]
            out.line(
                f"endorsed by {node.name_of(endorsement.by)} ({endorsement.basis}), not counted: {why}", 4
            )
        if endorsement.named:
            names = ", ".join(endorsement.named)
            out.line(f"{node.name_of(endorsement.by)} names in words, not counted: {names}", 4)


def _assertion_object(facts: AssertionFacts, against: str, rechecked: Rechecked) -> dict[str, object]:
    """An assertion and all that is computed of it, as members; ``against`` as its line names it."""
    said = facts.assertion
    return {
        "record": facts.target.record,
        "n": facts.target.n + 1,
        "author": facts.author,
        "stance": said.stance,
        "against": against,
        "level": said.level,
        "text": said.text,
        "standard": said.standard,
        "proposition": said.proposition,
        "law": [f"{x.provision}:{x.element}" for x in said.law],
        "about": [{"name": a.name, "party": a.party} for a in said.about],
        "marks": list(facts.marks),
        "withdrawn": facts.withdrawn,
        "origins": list(facts.origins),
        "undeclared": facts.undeclared,
        "supports": [_support_object(s, rechecked) for s in facts.supports],
        "contests": [
            {
                "by": c.by,
                "position": c.position,
                "support": c.support,
                "reasons": c.text,
                "evidence": bool(c.evidence),
            }
            for c in facts.contests
        ],
        "accepted_by": list(facts.accepted_by),
        "endorsements": [
            {
                "record": e.record,
                "by": e.by,
                "basis": e.basis,
                "origins": list(e.origins),
                "named": list(e.named),
                "counts": e.counts,
            }
            for e in facts.endorsements
        ],
        "could_add": list(facts.could_add),
    }


def _tell_support(out: Out, node: Node, facts: SupportFacts, rechecked: Rechecked) -> None:
    from comity.dossier.render_reruns import check_lines

    rests = f" {facts.support.record[:12]}" if facts.support.record else ""
    out.line(f"support {facts.number + 1}: {facts.support.kind}{rests}", 4)
    out.text(f"inference: {facts.support.inference}", 6)
    if facts.support.cite:
        out.text(f"cites: {facts.support.cite}", 6)
    shown = "; ".join(
        f"{'whole' if s.level == 'whole' else 'rows ' + ranges_text(s.rows)} to "
        f"{', '.join('the public' if p == 'public' else node.name_of(p) for p in s.to)}"
        for s in facts.shown
    )
    out.line(f"access:  {ACCESS[facts.access]}{f': {shown}' if shown else ''}", 6)
    out.line(f"re-run:  {RERUN[facts.rerun]}", 6)
    for rerun in facts.reruns:
        why = f", because of {rerun.cause}{f' ({rerun.part})' if rerun.part else ''}" if rerun.cause else ""
        note = f" – {COUNTS[rerun.counts]}" if rerun.counts else ""
        check = rechecked.check(facts.support.record, rerun.record)
        out.line(f"{node.name_of(rerun.by)}: {rerun.verdict}{why}, {CHECK[check.result]}{note}", 15)
        for line in check_lines(check):
            out.line(line, 17)
    out.line(f"origin:  {facts.origin or 'undeclared (unknown, never independent)'}", 6)


def _support_object(facts: SupportFacts, rechecked: Rechecked) -> dict[str, object]:
    from comity.dossier.facts import tell_reruns, tell_shown
    from comity.dossier.render_reruns import check_json

    told = zip(tell_reruns(facts), facts.reruns, strict=True)
    return {
        "n": facts.number + 1,
        "kind": facts.support.kind,
        "record": facts.support.record,
        "cite": facts.support.cite,
        "inference": facts.support.inference,
        "access": facts.access,
        "shown": tell_shown(facts),
        "rerun": facts.rerun,
        "reruns": [
            {**one, "check": check_json(rechecked.check(facts.support.record, run.record))}
            for one, run in told
            if isinstance(one, dict)
        ],
        "origin": facts.origin,
        "could_add": list(facts.could_add),
    }
