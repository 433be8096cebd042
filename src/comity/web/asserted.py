"""Assertions as a page shows them: three separate facts for each support, and everything said against it.

A claim, a denial and a counter-claim go through the same lines here.
"""

from __future__ import annotations

from dataclasses import dataclass

from comity.case.judging import assertions_of
from comity.case.reruns import ran_nothing, rows_apart
from comity.case.support import AssertionFacts, Contest, Endorsement, Rerun, Shown, SupportFacts
from comity.case.versions import Piece, compare_texts
from comity.dossier.render_reruns import check_lines
from comity.dossier.rerun_checks import RerunCheck
from comity.law.matrix import declared
from comity.law.naming import tell_element
from comity.records import kinds
from comity.records.kinds import Support, Target
from comity.records.kinds_of_procedure import Amend
from comity.web import words
from comity.web.phrases import count_of, joined, phrase
from comity.web.reading import Named, Reading, Ref, Who, write_rows
from comity.web.rule_titles import name_rules
from comity.web.spans import count_rows, spans_of, write_spans
from comity.web.words import Label, label


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a support points at: a finding, a sealed item or a citation, with the author's inference."""

    kind: str
    record: Ref | None
    text: str
    inference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownView:
    """One disclosure, in words: rows or the whole item, and to whom."""

    record: Ref
    what: str
    to: tuple[Who, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RerunView:
    """One re-run. ``said`` is verdict and scope in words; ``rows`` of how many rows and rules it
    speaks; ``detail`` says why it differs; ``adds`` why it counts for nothing, else "". ``check`` is how far
    it was computed again here, over which rows, and what of it does not hold."""

    record: Ref
    by: Who
    scope: str
    rows: str
    verdict: Label
    said: str
    cause: str
    detail: str
    adds: str
    check: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportView:
    """One support and its three facts."""

    number: int
    basis: Basis
    access: Label
    shown: tuple[ShownView, ...]
    rerun: Label
    reruns: tuple[RerunView, ...]
    origin: str
    contests: tuple[ContestView, ...]
    could_add: tuple[Label, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContestView:
    """A position against an assertion, or one support of it (``support`` from 1, 0 for the whole)."""

    record: Ref
    by: Who
    position: Label
    support: int
    text: str
    brings: tuple[Basis, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EndorsementView:
    """One endorsement, with the basis its author declares."""

    record: Ref
    by: Who
    basis: Label
    origins: tuple[str, ...]
    undeclared: bool
    reservation: str
    adds: str
    named: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssertionView:
    """One assertion with everything the records say about it."""

    place: Named
    record: Ref
    by: Who
    stance: Label
    against: Named | None
    level: Label
    text: str
    about: tuple[Who, ...]
    at: str
    standard: str
    law: tuple[str, ...]
    bears_on: tuple[str, ...]
    marks: tuple[Label, ...]
    withdrawal: Ref | None
    withdrawal_reason: str
    supports: tuple[SupportView, ...]
    contests: tuple[ContestView, ...]
    accepted_by: tuple[Who, ...]
    endorsements: tuple[EndorsementView, ...]
    endorsed: str
    origins: tuple[str, ...]
    traced: str
    answered_by: tuple[Named, ...]
    could_add: tuple[Label, ...]
    could_bear: bool
    amends: Named | None
    changed: tuple[Piece, ...]
    why_changed: str
    amended_by: tuple[Named, ...]


def view_assertions(reading: Reading) -> tuple[tuple[AssertionView, ...], ...]:
    """Assertions in groups: each with the denials and counter-claims against it, in the order stated."""
    views = {(f.target.record, f.target.n): _assertion(reading, f) for f in reading.facts}
    groups: dict[tuple[str, int], list[AssertionView]] = {}
    for place, view in views.items():
        root, against = place, view.against
        while against is not None and (against.record, against.n) in views:
            root = (against.record, against.n)
            against = views[root].against
        groups.setdefault(root, []).append(view)
    return tuple(tuple(group) for group in groups.values())


def _assertion(reading: Reading, facts: AssertionFacts) -> AssertionView:
    assertion, record = facts.assertion, reading.state.accepted[facts.target.record]
    against = assertion.against if isinstance(assertion.against, Target) else None
    withdrawal = reading.state.accepted.get(facts.withdrawn)
    reason = (
        withdrawal.content.reason if withdrawal and isinstance(withdrawal.content, kinds.Withdraw) else ""
    )
    return AssertionView(
        place=reading.assertion(facts.target),
        record=reading.ref(record.id),
        by=reading.who(facts.author),
        stance=label(words.STANCES, assertion.stance),
        against=reading.assertion(against) if against else None,
        level=label(words.LEVELS, assertion.level),
        text=assertion.text,
        about=tuple(reading.names.named(named) for named in assertion.about),
        at=record.frame.at,
        standard=declared(assertion),
        law=tuple(f"{x.provision}: {x.element}" for x in assertion.law),
        bears_on=tuple(tell_element(x) for x in assertion.law),
        marks=tuple(label(words.MARKS, mark) for mark in facts.marks),
        withdrawal=reading.ref(withdrawal.id) if withdrawal else None,
        withdrawal_reason=reason,
        supports=tuple(_support(reading, support) for support in facts.supports),
        contests=tuple(_contest(reading, c) for c in facts.contests if c.support is None),
        accepted_by=reading.whos(facts.accepted_by),
        endorsements=tuple(_endorsement(reading, e) for e in facts.endorsements),
        endorsed=_count_endorsements(facts.endorsements),
        origins=facts.origins,
        traced=write_origins(facts.origins, facts.undeclared),
        answered_by=tuple(reading.assertion(target) for target in facts.answered_by),
        could_add=tuple(label(words.COULD_ADD, code) for code in facts.could_add),
        could_bear="what-could-bear-on-it" in facts.could_add,
        amends=reading.assertion(facts.amends) if facts.amends else None,
        changed=_changed(reading, facts),
        why_changed=record.content.reason if isinstance(record.content, Amend) else "",
        amended_by=tuple(reading.assertion(target) for target in facts.amended_by),
    )


def _changed(reading: Reading, facts: AssertionFacts) -> tuple[Piece, ...]:
    """What a version says otherwise than the one it amends, word by word."""
    if facts.amends is None:
        return ()
    before = assertions_of(reading.state.accepted[facts.amends.record].content)[facts.amends.n]
    return compare_texts(before.text, facts.assertion.text)


def write_origins(origins: tuple[str, ...], undeclared: int) -> str:
    """``1 declared origin (mail gateway), 2 undeclared: unknown``."""
    if not origins and not undeclared:
        return phrase("no origin: nothing stands behind it here")
    said = count_of(len(origins), "declared origin")
    if origins:
        said = phrase("{} ({})", said, ", ".join(origins))
    return said + (
        phrase(", {} undeclared: unknown, never counted as another", undeclared)
        if undeclared
        else phrase(", 0 undeclared")
    )


def _count_endorsements(endorsements: tuple[Endorsement, ...]) -> str:
    if not endorsements:
        return ""
    origins = {o for e in endorsements if not e.counts for o in e.origins}
    undeclared = sum(1 for e in endorsements if not e.counts and e.undeclared)
    said = count_of(len(endorsements), "endorsement")
    return phrase("{}, {}, {} undeclared", said, count_of(len(origins), "declared origin"), undeclared)


def _basis(reading: Reading, support: Support) -> Basis:
    if support.kind == "citation":
        return Basis(kind=phrase("Citation"), record=None, text=support.cite, inference=support.inference)
    record = reading.state.accepted.get(support.record)
    content = record.content if record else None
    text = ""
    if isinstance(content, kinds.Report):
        rows = count_of(count_rows(spans_of(m.rows for m in content.matches)), "row")
        text = phrase("{}: {} of {}", name_rules(content), rows, reading.item_name(content.item))
    elif isinstance(content, kinds.Seal):
        text = reading.item_name(content.item)
    kind = phrase("Finding") if support.kind == "finding" else phrase("Sealed item")
    return Basis(kind=kind, record=reading.ref(support.record), text=text, inference=support.inference)


def _support(reading: Reading, facts: SupportFacts) -> SupportView:
    return SupportView(
        number=facts.number + 1,
        basis=_basis(reading, facts.support),
        access=label(words.ACCESS, facts.access),
        shown=tuple(_shown(reading, shown) for shown in facts.shown),
        rerun=label(words.RERUNS, facts.rerun),
        reruns=tuple(_rerun(reading, rerun) for rerun in facts.reruns),
        origin=facts.origin,
        contests=tuple(_contest(reading, contest) for contest in facts.contests),
        could_add=tuple(label(words.COULD_ADD, code) for code in facts.could_add),
    )


def _shown(reading: Reading, shown: Shown) -> ShownView:
    what = phrase("the whole item") if shown.level == "whole" else write_rows([shown.rows])
    if shown.level == "rows" and shown.named:
        count = sum(number for _, number in shown.rows)
        what = phrase("{} of the {} rows that it names: {}", f"{count:,}", f"{shown.named:,}", what)
    return ShownView(record=reading.ref(shown.record), what=what, to=reading.whos(shown.to))


def _rerun(reading: Reading, rerun: Rerun) -> RerunView:
    return view_rerun(reading, rerun.record, rerun.counts)


def view_rerun(reading: Reading, record: str, counts: str) -> RerunView:
    """A re-run record in words; ``counts`` as computed in ``case.support``."""
    accepted = reading.state.accepted[record]
    content = accepted.content
    assert isinstance(content, kinds.Replicate)
    cause = label(words.CAUSES, content.cause).words if content.cause else ""
    scope = phrase("over the whole item") if content.scope == "whole" else phrase("over the rows shown")
    if isinstance(content.item, kinds.Item):
        scope = phrase("over an item of its own")
    verdict = label(words.VERDICTS, content.verdict)
    check = reading.check_reruns(content.finding)[record]
    # What agreeing rows leave open is said wherever they are said to agree.
    open_still = phrase("{}; {}", verdict.words, words.NOT_CHECKED)
    return RerunView(
        record=reading.ref(record),
        by=reading.who(accepted.author),
        scope=scope,
        rows=_rows_run(_report_of(reading, content), content, accepted.frame.rules),
        verdict=verdict,
        said=open_still if content.verdict == "shown-rows-match" else phrase("{} {}", verdict.words, scope),
        cause=cause,
        detail=_difference(reading, content, accepted.frame.rules) if content.verdict == "different" else "",
        adds=label(words.ADDS_NOTHING, counts).words if counts else "",
        check=_view_check(check),
    )


def _view_check(check: RerunCheck) -> Label:
    said = joined(check_lines(check), "; ")
    if check.result == "stated":
        said = phrase("as its author states; {}", said)
    return Label(code=check.result, symbol=words.RERUN_SYMBOLS[check.result], words=said)


def _report_of(reading: Reading, content: kinds.Replicate) -> kinds.Report:
    report = reading.state.accepted[content.finding].content
    assert isinstance(report, kinds.Report)
    return report


def _whole_run(report: kinds.Report) -> str:
    named = count_of(count_rows(spans_of(match.rows for match in report.matches)), "row")
    return phrase("{}, {} named by the finding", count_of(len(report.rules), "rule"), named)


def _rows_run(report: kinds.Report, content: kinds.Replicate, rules: int) -> str:
    """Of which rows and rules a re-run speaks, as the records say."""
    if content.scope == "whole":
        return _whole_run(report)
    if not content.rows:
        return _no_rows(content, rules)
    rows = spans_of([content.rows])
    said = phrase("{}: {}", count_of(count_rows(rows), "row"), write_spans(rows))
    if content.left_out:
        left = count_of(len(content.left_out), "rule")
        said = phrase("{}; left out, as their verdict on a row needs the whole item: {}", said, left)
    return said


def _no_rows(content: kinds.Replicate, rules: int) -> str:
    if ran_nothing(content, rules):
        return phrase("no row was compared")
    return phrase("which rows it saw is not on record")


def _difference(reading: Reading, content: kinds.Replicate, rules: int) -> str:
    """What differs: parameters there and here, and how many rows only one of the two runs has, as the two
    records say it; what is disclosed since changes nothing of that."""
    report = _report_of(reading, content)
    said: list[str] = []
    for name in ("zone", "since", "until"):
        there, here = getattr(report.parameters, name), getattr(content.parameters, name)
        if there != here:
            said.append(
                phrase(
                    "{} {} in the finding, {} in the re-run",
                    words.WINDOW[name],
                    there or phrase("not given"),
                    here or phrase("not given"),
                )
            )
    said += [words.PARTS[part] for part in content.part.split(", ") if part in words.PARTS]
    if not said and content.part:
        said.append(content.part)
    apart = rows_apart(report, content)
    if apart is None:
        rows = _no_rows(content, rules)
    elif not apart.there and not apart.here:
        rows = phrase("the rows are the same")
    else:
        rows = phrase(
            "{} only in the finding, {} only in the re-run", count_of(apart.there, "row"), f"{apart.here:,}"
        )
    return phrase("{}: {}", joined(said, "; "), rows) if said else rows


def _contest(reading: Reading, contest: Contest) -> ContestView:
    return ContestView(
        record=reading.ref(contest.record),
        by=reading.who(contest.by),
        position=label(words.POSITIONS, contest.position),
        support=0 if contest.support is None else contest.support + 1,
        text=contest.text,
        brings=tuple(_basis(reading, support) for support in contest.evidence),
    )


def _endorsement(reading: Reading, endorsement: Endorsement) -> EndorsementView:
    return EndorsementView(
        record=reading.ref(endorsement.record),
        by=reading.who(endorsement.by),
        basis=label(words.BASES, endorsement.basis),
        origins=endorsement.origins,
        undeclared=endorsement.undeclared,
        named=endorsement.named,
        reservation=endorsement.reservation,
        adds=label(words.ADDS_NOTHING, endorsement.counts).words if endorsement.counts else "",
    )
