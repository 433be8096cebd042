"""Actions as readers see them: who was asked to do what, who undertook it, and what is reported done.

To undertake an action admits nothing, and no answer is shown as none (``spec/07-facts.md`` §9).
"""

from __future__ import annotations

from dataclasses import dataclass

from comity.case.state import Accepted, State
from comity.records.kinds import Target
from comity.records.kinds_of_actions import Accept, Indicator, Propose, ReportAction


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """One party's part. ``answer`` is "" where none is recorded; ``status`` that of the newest report.

    ``reports`` are all reports, oldest first; one that keeps only what is adverse to its author counts
    where it says that something failed or was stopped.
    """

    party: str
    answer: str
    answered: str
    ground: str
    due: str
    status: str
    done: str
    reports: tuple[str, ...]
    shown: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionFacts:
    """One proposed action; ``parts`` has the parties asked, and the proposer where it reports itself."""

    record: str
    by: str
    type: str
    text: str
    risks: str
    due: str
    about: Target | None
    items: tuple[str, ...]
    indicators: tuple[Indicator, ...]
    parts: tuple[Doing, ...]


_AGAINST_ITS_AUTHOR = ("failed", "stopped")


def actions(state: State) -> tuple[ActionFacts, ...]:
    """Every action in the case, in causal order."""
    said: dict[tuple[str, str], list[Accepted]] = {}
    for record in (*state.of("action.accept"), *state.of("action.report")):
        if isinstance(record.content, Accept | ReportAction):
            said.setdefault((record.content.action, record.author), []).append(record)
    return tuple(_action(state, record, said) for record in state.of("action.propose"))


def _action(state: State, record: Accepted, said: dict[tuple[str, str], list[Accepted]]) -> ActionFacts:
    content = record.content
    assert isinstance(content, Propose)
    parties = [*content.to, *([record.author] if (record.id, record.author) in said else [])]
    return ActionFacts(
        record=record.id,
        by=record.author,
        type=content.type,
        text=content.text,
        risks=content.risks,
        due=content.due,
        about=content.about if isinstance(content.about, Target) else None,
        items=content.items,
        indicators=content.indicators,
        parts=tuple(_part(state, party, said.get((record.id, party), [])) for party in parties),
    )


def _part(state: State, party: str, said: list[Accepted]) -> Doing:
    answer: Accept | None = None
    report: ReportAction | None = None
    answered, reports = "", []
    for record in said:
        match record.content:
            case Accept() as content:
                # What a party of two histories undertook stands; that it declined does not help it.
                if content.answer != "declines" or not state.against_author(record):
                    answer, answered = content, record.id
            case ReportAction() as content:
                reports.append(record.id)
                if content.status in _AGAINST_ITS_AUTHOR or not state.against_author(record):
                    report = content
    return Doing(
        party=party,
        answer=answer.answer if answer else "",
        answered=answered,
        ground=answer.ground if answer else "",
        due=answer.due if answer else "",
        status=report.status if report else "",
        done=report.done if report else "",
        reports=tuple(reports),
        shown=bool(report and report.supports),
    )
