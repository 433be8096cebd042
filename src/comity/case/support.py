"""What stands behind each assertion, claimed, denied or counter-claimed (``spec/07-facts.md`` §1–3).

For each support three separate facts, never one rung: who can see it, who ran it again, what it traces
to. Nothing here adds them up to a score, and a re-run of a finding never becomes a property of
the assertion that rests on it. The same functions serve a claim and its denial.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from comity.case.circles import circular_endorsements, withdrawn_endorsements
from comity.case.judging import assertions_of
from comity.case.state import Accepted, State
from comity.case.versions import Versions, versions_of
from comity.records import kinds
from comity.records.kinds import Assertion, Support, Target
from comity.records.spans import common_rows, count_rows, ranges_in, spans_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One disclosure of the evidence below a support: by which record, to whom, rows or whole.

    Below a finding, ``rows`` are those of the shown rows that the finding names; ``named`` is how many it
    names in all. Other rows of the same item show nothing of this support.
    """

    record: str
    level: str
    to: tuple[str, ...]
    rows: kinds.Ranges
    named: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerun:
    """One re-run of a finding. ``counts`` is empty where it adds to what is known, else says why not:
    ``author`` (by the finding's own author), ``origin`` (by a party that holds evidence of the same declared
    origin), ``forked`` (its author signed two histories), ``other-item`` (over an item of its
    author's own, which is not what the finding speaks of); and where a reader recounts (:func:`recount`),
    ``not-held`` (run here, it does not hold)."""

    record: str
    by: str
    scope: str
    verdict: str
    cause: str
    part: str
    counts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """Another party's position against an assertion or one support of it; with what it brings."""

    record: str
    by: str
    position: str
    support: int | None
    reasons: bool
    evidence: tuple[Support, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportFacts:
    """The three facts of one support. ``origin`` is "" where none is declared: unknown, never independent."""

    number: int
    support: Support
    access: str  # stated | sealed | disclosed
    shown: tuple[Shown, ...]
    rerun: str  # not-applicable | not-tried | shown-rows-match | same | different | mixed | not-possible
    reruns: tuple[Rerun, ...]
    origin: str
    contests: tuple[Contest, ...]
    could_add: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Endorsement:
    """One endorsement with the basis that its author declares, and the origins it traces to.

    ``origins`` are those that seals declare; ``named`` are names that it gives in words alone, which are
    shown and count for nothing: whoever lends its trust could name as many as it likes.
    """

    record: str
    by: str
    basis: str
    origins: tuple[str, ...]
    undeclared: bool
    reservation: str
    counts: str  # "" or forked | repeated (the same party has endorsed before) | withdrawn | circular
    withdrawn: str = ""
    named: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AssertionFacts:
    """Everything the records say about one assertion. ``origins`` counts declared origins, not voices."""

    target: Target
    author: str
    assertion: Assertion
    supports: tuple[SupportFacts, ...]
    contests: tuple[Contest, ...]
    accepted_by: tuple[str, ...]
    endorsements: tuple[Endorsement, ...]
    answered_by: tuple[Target, ...]
    origins: tuple[str, ...]
    undeclared: int
    withdrawn: str
    marks: tuple[str, ...]
    could_add: tuple[str, ...]
    amends: Target | None = None
    amended_by: tuple[Target, ...] = ()


_AGAINST = ("disputes", "disputes-in-part", "needs-evidence", "cannot-confirm")


def assertions(state: State, *, words_count: bool = False) -> tuple[AssertionFacts, ...]:
    """The facts of every assertion in the case, in causal order of the records that state them.

    ``words_count``: as facts before version 3 have them, where a name in words alone counted as an origin;
    for dossiers that were published so, and for no reader.
    """
    reader = _Reader(state, words_count)
    return tuple(
        reader.facts(record, n) for record in state.ordered for n in range(len(assertions_of(record.content)))
    )


def recount(facts: AssertionFacts, false: Collection[str]) -> AssertionFacts:
    """The facts as a reader presents them who ran again what these re-runs state (record ids), and found that
    it does not hold: they add nothing. What follows from the records alone is in ``facts``."""
    return replace(facts, supports=tuple(_recounted(support, false) for support in facts.supports))


def _recounted(facts: SupportFacts, false: Collection[str]) -> SupportFacts:
    reruns = tuple(
        replace(run, counts="not-held") if run.record in false and not run.counts else run
        for run in facts.reruns
    )
    rerun = _rerun(facts.support, reruns)
    could = _support_could_add(facts.access, rerun, facts.origin)
    return replace(facts, reruns=reruns, rerun=rerun, could_add=could)


def origin_of(state: State, record: str) -> str:
    """The origin declared for what a seal or a finding is about; "" where none is, or for another kind."""
    return trace_origins(state)(record)


def trace_origins(state: State) -> Callable[[str], str]:
    """``origin_of`` for many records of one state."""
    reader = _Reader(state)

    def trace(record: str) -> str:
        kind: Literal["finding", "item"] = "item"
        place = reader.seal_of(Support(kind=kind, inference="asked", record=record))
        return reader.declared.get(place, "") if place else ""

    return trace


class _Reader:
    def __init__(self, state: State, words_count: bool = False) -> None:
        self.state = state
        self.words_count = words_count

    @cached_property
    def shown(self) -> Mapping[tuple[str, kinds.Item], list[Shown]]:
        """(Party, item) → how that party disclosed it; nobody discloses what another party sealed."""
        found: dict[tuple[str, kinds.Item], list[Shown]] = {}
        for record in self.state.of("evidence.disclose"):
            content = record.content
            if isinstance(content, kinds.Disclose):
                shown = Shown(record=record.id, level=content.level, to=content.to, rows=content.rows)
                found.setdefault((record.author, content.item), []).append(shown)
        return found

    @cached_property
    def declared(self) -> Mapping[tuple[str, kinds.Item], str]:
        """(Party, item) → the origin which that party declares for it, were it also by derivation.

        A party speaks for the seals that it made itself: sealing another's item again, under another
        origin, changes nothing for the first.
        """
        declared: dict[tuple[str, kinds.Item], str] = {}
        for record in self.state.of("evidence.seal"):
            if isinstance(record.content, kinds.Seal):
                place = (record.author, record.content.item)
                declared[place] = declared.get(place) or record.content.origin
        for record in self.state.of("evidence.derive"):
            if isinstance(record.content, kinds.Derive):
                origin = declared.get((record.author, record.content.source))
                if origin:
                    declared[record.author, record.content.result] = origin
        return declared

    def seal_of(self, support: Support) -> tuple[str, kinds.Item] | None:
        """Who sealed the item below a support, and the item; None where it rests on no seal."""
        record = self.state.accepted.get(support.record)
        if record is None or not isinstance(record.content, kinds.Report | kinds.Seal):
            return None
        if isinstance(record.content, kinds.Seal):
            return record.author, record.content.item
        seals = [self.state.accepted.get(r) for r in record.frame.references]
        sealers = {
            s.author
            for s in seals
            if s is not None and isinstance(s.content, kinds.Seal) and s.content.item == record.content.item
        }
        # A finding over its author's own seal traces to that; else to the one seal it names, in id order.
        return min(sealers, key=lambda a: (a != record.author, a)), record.content.item

    @cached_property
    def holders(self) -> Mapping[str, set[str]]:
        """Declared origin → the parties that sealed evidence of it."""
        found: dict[str, set[str]] = {}
        for record in self.state.of("evidence.seal"):
            if isinstance(record.content, kinds.Seal):
                origin = self.declared[record.author, record.content.item]
                if origin:
                    found.setdefault(origin, set()).add(record.author)
        return found

    @cached_property
    def reruns(self) -> Mapping[str, list[Accepted]]:
        found: dict[str, list[Accepted]] = {}
        for record in self.state.of("finding.replicate"):
            if isinstance(record.content, kinds.Replicate):
                found.setdefault(record.content.finding, []).append(record)
        return found

    @cached_property
    def withdrawals(self) -> Mapping[tuple[str, int], str]:
        found: dict[tuple[str, int], str] = {}
        for record in self.state.of("claim.withdraw"):
            if isinstance(record.content, kinds.Withdraw):
                for n in record.content.assertions:
                    found.setdefault((record.content.target, n), record.id)
        return found

    @cached_property
    def versions(self) -> Versions:
        return versions_of(self.state)

    @cached_property
    def taken_back(self) -> Mapping[str, str]:
        return withdrawn_endorsements(self.state)

    @cached_property
    def circular(self) -> frozenset[str]:
        return circular_endorsements(self.state, self.taken_back)

    @cached_property
    def positions(self) -> Mapping[tuple[str, int], list[tuple[Accepted, kinds.Position]]]:
        found: dict[tuple[str, int], list[tuple[Accepted, kinds.Position]]] = {}
        for record in self.state.of("response.make"):
            if isinstance(record.content, kinds.Response):
                for position in record.content.positions:
                    found.setdefault((record.content.target, position.n), []).append((record, position))
        return found

    @cached_property
    def against(self) -> Mapping[tuple[str, int], list[Target]]:
        found: dict[tuple[str, int], list[Target]] = {}
        for record in self.state.ordered:
            for n, assertion in enumerate(assertions_of(record.content)):
                if isinstance(assertion.against, Target):
                    place = (assertion.against.record, assertion.against.n)
                    found.setdefault(place, []).append(Target(record=record.id, n=n))
        return found

    @cached_property
    def endorsed(self) -> Mapping[tuple[str, int], list[Accepted]]:
        found: dict[tuple[str, int], list[Accepted]] = {}
        for record in self.state.of("endorsement.make"):
            if isinstance(record.content, kinds.Endorse):
                place = (record.content.target.record, record.content.target.n)
                found.setdefault(place, []).append(record)
        return found

    def facts(self, record: Accepted, n: int) -> AssertionFacts:
        assertion = assertions_of(record.content)[n]
        place = (record.id, n)
        contests, accepted_by = self._contests(place)
        supports = tuple(
            self._support(number, support, [c for c in contests if c.support == number])
            for number, support in enumerate(assertion.supports)
        )
        endorsements = self._endorsements(place, supports)
        origins = {s.origin for s in supports if s.origin}
        undeclared = sum(1 for s in supports if not s.origin)
        for endorsement in endorsements:
            if not endorsement.counts:
                origins.update(endorsement.origins)
                undeclared += endorsement.undeclared
        withdrawn = self.withdrawals.get(place, "")
        amended_by = self.versions.later.get(place, ())
        return AssertionFacts(
            target=Target(record=record.id, n=n),
            author=record.author,
            assertion=assertion,
            supports=supports,
            contests=tuple(contests),
            accepted_by=accepted_by,
            endorsements=endorsements,
            answered_by=tuple(self.against.get(place, ())),
            origins=tuple(sorted(origins)),
            undeclared=undeclared,
            withdrawn=withdrawn,
            marks=self._marks(record, bool(withdrawn), bool(amended_by), bool(contests)),
            could_add=_could_add(assertion, supports),
            amends=self.versions.earlier.get(place),
            amended_by=amended_by,
        )

    def _marks(self, record: Accepted, withdrawn: bool, amended: bool, contested: bool) -> tuple[str, ...]:
        marks = [
            ("withdrawn", withdrawn),
            ("amended", amended),
            ("contested", contested),
            ("forked", self.state.forks.get(record.author, record.seq + 1) <= record.seq),
            ("key-suspect", self.state.records[record.id].key_suspect),
        ]
        return tuple(name for name, holds in marks if holds)

    def _contests(self, place: tuple[str, int]) -> tuple[list[Contest], tuple[str, ...]]:
        contests, accepted = [], []
        for record, position in self.positions.get(place, ()):
            adverse_only = self.state.against_author(record)
            if position.position in _AGAINST and not adverse_only:
                contests.append(
                    Contest(
                        record=record.id,
                        by=record.author,
                        position=position.position,
                        support=position.support if isinstance(position.support, int) else None,
                        reasons=bool(position.reasons),
                        evidence=position.supports,
                        text=position.reasons,
                    )
                )
            elif position.position == "accepts" and record.author not in accepted:
                accepted.append(record.author)
        return contests, tuple(accepted)

    def _support(self, number: int, support: Support, contests: list[Contest]) -> SupportFacts:
        sealed = self.seal_of(support)
        shown = tuple(self._shown(support, sealed)) if sealed else ()
        origin = self.declared[sealed] if sealed else ""
        reruns = self._reruns(support, origin)
        access = "stated" if sealed is None else "disclosed" if shown else "sealed"
        rerun = _rerun(support, reruns)
        return SupportFacts(
            number=number,
            support=support,
            access=access,
            shown=shown,
            rerun=rerun,
            reruns=reruns,
            origin=origin,
            contests=tuple(contests),
            could_add=_support_could_add(access, rerun, origin),
        )

    def _shown(self, support: Support, sealed: tuple[str, kinds.Item]) -> Iterator[Shown]:
        content = self.state.accepted[support.record].content
        disclosures = self.shown.get(sealed, [])
        if not isinstance(content, kinds.Report):
            yield from disclosures
            return
        named = spans_of(match.rows for match in content.matches)
        for shown in disclosures:
            if shown.level == "whole":
                yield replace(shown, named=count_rows(named))
                continue
            rows = common_rows(spans_of([shown.rows]), named)
            if rows:
                yield replace(shown, rows=ranges_in(rows), named=count_rows(named))

    def _reruns(self, support: Support, origin: str) -> tuple[Rerun, ...]:
        if support.kind != "finding":
            return ()
        finding = self.state.accepted[support.record]
        found = []
        for record in self.reruns.get(support.record, ()):
            content = record.content
            assert isinstance(content, kinds.Replicate)
            counts = ""
            if record.author == finding.author:
                counts = "author"
            elif origin and record.author in self.holders.get(origin, ()):
                counts = "origin"
            elif self.state.against_author(record):
                counts = "forked"
            elif isinstance(content.item, kinds.Item):
                counts = "other-item"
            found.append(
                Rerun(
                    record=record.id,
                    by=record.author,
                    scope=content.scope,
                    verdict=content.verdict,
                    cause=content.cause,
                    part=content.part,
                    counts=counts,
                )
            )
        return tuple(found)

    def _endorsements(
        self, place: tuple[str, int], supports: tuple[SupportFacts, ...]
    ) -> tuple[Endorsement, ...]:
        found: list[Endorsement] = []
        reviewed = {s.origin for s in supports if s.origin}
        # One item is one source, whoever sealed it again and whatever origin was declared then.
        known = {sealed[1]: s.origin for s in supports if (sealed := self.seal_of(s.support)) is not None}
        for record in self.endorsed.get(place, ()):
            content = record.content
            assert isinstance(content, kinds.Endorse)
            origins = set()
            for support in content.supports:
                sealed = self.seal_of(support)
                if sealed is not None:
                    origins.add(known.setdefault(sealed[1], self.declared[sealed]))
            undeclared = "" in origins or content.basis in ("trust", "undeclared") or not origins
            origins.discard("")
            if content.basis == "reviewed":
                # Looking at another's evidence is not another source of it.
                origins.update(reviewed)
                undeclared = not origins
            # An origin declared in words alone adds a name to ask about, and no source that is sealed.
            if self.words_count:
                origins.update(content.origins)
                undeclared = undeclared and not content.origins
            counts = ""
            withdrawn = self.taken_back.get(record.id, "")
            if withdrawn:
                counts = "withdrawn"
            elif self.state.against_author(record):
                counts = "forked"
            elif record.id in self.circular:
                counts = "circular"
            elif any(e.by == record.author and e.counts not in ("withdrawn", "circular") for e in found):
                counts = "repeated"
            found.append(
                Endorsement(
                    record=record.id,
                    by=record.author,
                    basis=content.basis,
                    origins=tuple(sorted(origins)),
                    undeclared=undeclared,
                    reservation=content.reservation,
                    counts=counts,
                    withdrawn=withdrawn,
                    named=content.origins,
                )
            )
        return tuple(found)


def _rerun(support: Support, reruns: tuple[Rerun, ...]) -> str:
    """What the counted re-runs say together; a difference is never hidden behind an agreement."""
    if support.kind != "finding":
        return "not-applicable"
    verdicts = {r.verdict for r in reruns if not r.counts}
    if not verdicts:
        return "not-tried"
    if "different" in verdicts:
        return "mixed" if verdicts & {"same", "shown-rows-match"} else "different"
    for verdict in ("same", "shown-rows-match"):
        if verdict in verdicts:
            return verdict
    return "not-possible"


def _support_could_add(access: str, rerun: str, origin: str) -> tuple[str, ...]:
    could = []
    if access == "stated":
        could.append("seal-what-is-cited")
    if access == "sealed":
        could.append("disclose-rows-or-whole")
    if rerun == "not-tried":
        could.append("re-run-by-another-party")
    if rerun == "shown-rows-match":
        could.append("re-run-over-the-whole-item")
    if access != "stated" and not origin:
        could.append("declare-the-origin")
    return tuple(could)


def _could_add(assertion: Assertion, supports: tuple[SupportFacts, ...]) -> tuple[str, ...]:
    could = []
    if not assertion.supports:
        could.append("what-could-bear-on-it" if assertion.stance == "denies" else "state-a-support")
    if len({s.origin for s in supports if s.origin}) < 2:
        could.append("evidence-of-another-origin")
    return tuple(could)
