"""What follows from the kinds of rules 2 about procedure, for ``facts.json`` (``spec/12-dossier.md`` §4).

Each member stands only where there is something to say, so that a dossier without such records is what it was
before there were any. Ids, enumerations and numbers; the words of the parties stay in their records.
"""

from __future__ import annotations

from collections.abc import Iterable

from comity.case.actions import ActionFacts, actions
from comity.case.clocks import Clock
from comity.case.closings import Closing, closings
from comity.case.consultations import ConsultationFacts, SuggestionFacts, consultations
from comity.case.state import State
from comity.case.statements import StatementFacts, statements
from comity.case.support import AssertionFacts
from comity.records import bodies
from comity.records.canonical import Json
from comity.records.kinds import Support, Target


def procedure_facts(state: State, *, words_count: bool = False) -> dict[str, Json]:
    """The members ``closings``, ``statements``, ``actions`` and ``consultations``: those there are.
    ``words_count`` as of ``support.assertions``."""
    made: dict[str, list[Json]] = {
        "closings": [_closing(c) for c in closings(state)],
        "statements": [_statement(s) for s in statements(state, words_count=words_count)],
        "actions": [_action(a) for a in actions(state)],
        "consultations": [_consultation(c) for c in consultations(state)],
    }
    return {name: list(found) for name, found in made.items() if found}


def version_facts(facts: AssertionFacts) -> dict[str, Json]:
    """What an assertion amends and what amends it."""
    made: dict[str, Json] = {}
    if facts.amends is not None:
        made["amends"] = _target(facts.amends)
    if facts.amended_by:
        made["amended_by"] = _targets(facts.amended_by)
    return made


def extension_facts(clock: Clock) -> dict[str, Json]:
    """More time that was proposed for a request, and how it was taken back."""
    made: dict[str, Json] = {}
    if clock.extensions:
        made["asked_due"] = bodies.time_text(clock.asked_due)
        made["extensions"] = [
            {
                "record": e.record,
                "by": e.by,
                "due": bodies.time_text(e.due),
                "answer": e.answer,
                "answered": e.answered,
                "reason_given": bool(e.reply if e.answer == "refused" else e.reason),
            }
            for e in clock.extensions
        ]
    if clock.withdrawn:
        made["withdrawn"] = clock.withdrawn
    return made


def _target(target: Target) -> Json:
    return {"record": target.record, "n": target.n}


def _targets(targets: Iterable[Target]) -> list[Json]:
    return [_target(t) for t in targets]


def _records(supports: Iterable[Support]) -> list[Json]:
    return [s.record for s in supports if s.record]


def _closing(closing: Closing) -> Json:
    return {
        "record": closing.record,
        "by": closing.by,
        "outcome": closing.outcome,
        "moved": closing.moved,
        "earlier": list(closing.earlier),
        "own_after": closing.own_after,
        "others_after": closing.others_after,
    }


def _statement(facts: StatementFacts) -> Json:
    return {
        "record": facts.record,
        "by": facts.by,
        "status": facts.status,
        "language": facts.language,
        "before": facts.before,
        "later": list(facts.later),
        "sentences": [
            {
                "n": s.n,
                "assertions": _targets(s.assertions),
                "newest": _targets(s.newest),
                "withdrawn": _targets(s.withdrawn),
                "origins": list(s.origins),
                "undeclared": s.undeclared,
                "corrections": [{"record": c.record, "taken_back": not c.text} for c in s.corrections],
            }
            for s in facts.sentences
        ],
        "asked": list(facts.asked),
        "joined": [
            {
                "record": j.record,
                "by": j.by,
                "answer": j.answer,
                "basis": j.basis,
                "rests_on": _records(j.supports),
                "origins": list(j.origins),
                "reservations": [r.n for r in j.reservations],
                "counts": j.counts,
                "earlier": list(j.earlier),
            }
            for j in facts.joined
        ],
        "silent": list(facts.silent),
    }


def _action(facts: ActionFacts) -> Json:
    made: dict[str, Json] = {
        "record": facts.record,
        "by": facts.by,
        "type": facts.type,
        "due": facts.due,
        "items": list(facts.items),
        "indicators": len(facts.indicators),
        "parts": [
            {
                "party": p.party,
                "answer": p.answer,
                "answered": p.answered,
                "due": p.due,
                "status": p.status,
                "done": p.done,
                "reports": list(p.reports),
                "shown": p.shown,
            }
            for p in facts.parts
        ],
    }
    if facts.about is not None:
        made["about"] = _target(facts.about)
    return made


def _consultation(facts: ConsultationFacts) -> Json:
    return {
        "record": facts.record,
        "by": facts.by,
        "versions": [
            {
                "record": v.record,
                "before": v.before,
                "language": v.language,
                "changes": {c.id: c.change for c in v.changes},
                "translations": [
                    {"record": record, "by": by, "language": language}
                    for record, by, language in v.translations
                ],
            }
            for v in facts.versions
        ],
        "asked": list(facts.asked),
        "silent": list(facts.silent),
        "suggestions": [_suggestion(s) for s in facts.suggestions],
    }


def _suggestion(facts: SuggestionFacts) -> Json:
    return {
        "record": facts.record,
        "by": facts.by,
        "initiative": facts.initiative,
        "clause": facts.clause,
        "adds": facts.adds,
        "rests_on": _records(facts.supports),
        "positions": [
            {
                "record": p.record,
                "by": p.by,
                "position": p.position,
                "reasons": bool(p.reasons),
                "rests_on": _records(p.supports),
                "forked": p.forked,
                "earlier": list(p.earlier),
            }
            for p in facts.positions
        ],
        "dispositions": [
            {"record": d.record, "outcome": d.outcome, "version": d.version} for d in facts.dispositions
        ],
    }
