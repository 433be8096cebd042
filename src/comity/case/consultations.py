"""Consultations as readers see them: versions by clauses, suggestions, positions, dispositions, silence.

Everything is listed and nothing added up (``spec/07-facts.md`` §10).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from comity.case.state import Accepted, State
from comity.case.versions import Piece, compare_texts
from comity.records.kinds import Support
from comity.records.kinds_of_consultation import Clause, Dispose, Suggest, Table, TakePosition


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseChange:
    """A clause against the version before: ``as-before``, ``changed``, ``added`` or ``retired``; its text."""

    id: str
    change: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionFacts:
    """A party's newest position on a suggestion; ``earlier`` are those it took before."""

    record: str
    by: str
    position: str
    reasons: str
    supports: tuple[Support, ...]
    forked: bool
    earlier: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposition:
    """What became of a suggestion, as whoever tabled the text says, with its reason."""

    record: str
    outcome: str
    reason: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionFacts:
    """One suggestion, the clause as it would read (``pieces``), and everything said of it.

    ``dispositions`` in causal order; none: no disposition is recorded."""

    record: str
    by: str
    initiative: str
    clause: str
    adds: str
    pieces: tuple[Piece, ...]
    reason: str
    supports: tuple[Support, ...]
    positions: tuple[PositionFacts, ...]
    dispositions: tuple[Disposition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionFacts:
    """One version of an initiative: its clauses against the version before, and its translations."""

    record: str
    before: str
    language: str
    clauses: tuple[Clause, ...]
    changes: tuple[ClauseChange, ...]
    translations: tuple[tuple[str, str, str], ...]  # (record, by, language)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultationFacts:
    """An initiative with all its versions, oldest first. ``silent`` were asked, and said nothing to it."""

    record: str
    by: str
    title: str
    versions: tuple[VersionFacts, ...]
    asked: tuple[str, ...]
    silent: tuple[str, ...]
    suggestions: tuple[SuggestionFacts, ...]


def consultations(state: State) -> tuple[ConsultationFacts, ...]:
    """Every initiative tabled in the case, in causal order of its first version."""
    tables = {r.id: r for r in state.of("initiative.table")}
    if not tables:
        return ()
    roots: dict[str, list[str]] = {}
    root_of: dict[str, str] = {}
    translations: dict[str, list[tuple[str, str, str]]] = {}
    for record in tables.values():  # causes first, so what it follows has its root
        content = _text(record)
        if content.translates:
            made = (record.id, record.author, content.language)
            translations.setdefault(content.translates, []).append(made)
            continue
        root = root_of[content.before] if content.before else record.id
        root_of[record.id] = root
        roots.setdefault(root, []).append(record.id)
    suggestions: dict[str, list[SuggestionFacts]] = {}
    for suggestion in _suggestions(state, tables):
        suggestions.setdefault(root_of[suggestion.initiative], []).append(suggestion)
    return tuple(
        _consultation(tables, root, versions, translations, suggestions.get(root, []))
        for root, versions in roots.items()
    )


def _text(record: Accepted) -> Table:
    assert isinstance(record.content, Table)
    return record.content


def _consultation(
    tables: Mapping[str, Accepted],
    root: str,
    versions: list[str],
    translations: Mapping[str, list[tuple[str, str, str]]],
    suggestions: list[SuggestionFacts],
) -> ConsultationFacts:
    asked = sorted({party for version in versions for party in _text(tables[version]).parties})
    heard = {s.by for s in suggestions} | {p.by for s in suggestions for p in s.positions}
    return ConsultationFacts(
        record=root,
        by=tables[root].author,
        title=_text(tables[versions[-1]]).title,
        versions=tuple(
            VersionFacts(
                record=version,
                before=_text(tables[version]).before,
                language=_text(tables[version]).language,
                clauses=_text(tables[version]).clauses,
                changes=compare_versions(tables, version),
                translations=tuple(translations.get(version, ())),
            )
            for version in versions
        ),
        asked=tuple(asked),
        silent=tuple(p for p in asked if p not in heard),
        suggestions=tuple(suggestions),
    )


def compare_versions(tables: Mapping[str, Accepted], version: str) -> tuple[ClauseChange, ...]:
    """The clauses of a version in order, then those it retires, each against the version before."""
    content = _text(tables[version])
    if not content.before:
        return ()
    before = {clause.id: clause.text for clause in _text(tables[content.before]).clauses}
    made = []
    for clause in content.clauses:
        old = before.pop(clause.id, None)
        change = "added" if old is None else "as-before" if old == clause.text else "changed"
        pieces = compare_texts(old or "", clause.text)
        made.append(ClauseChange(id=clause.id, change=change, pieces=pieces))
    gone = [ClauseChange(id=id_, change="retired", pieces=compare_texts(t, "")) for id_, t in before.items()]
    return (*made, *gone)


def _suggestions(state: State, tables: Mapping[str, Accepted]) -> Iterable[SuggestionFacts]:
    positions: dict[str, dict[str, list[Accepted]]] = {}
    for record in state.of("suggestion.position"):
        if isinstance(record.content, TakePosition):
            by = positions.setdefault(record.content.suggestion, {})
            by.setdefault(record.author, []).append(record)
    disposed: dict[str, list[Disposition]] = {}
    for record in state.of("suggestion.dispose"):
        content = record.content
        if isinstance(content, Dispose):
            if state.against_author(record) and content.outcome in ("declined", "deferred"):
                continue
            made = Disposition(
                record=record.id, outcome=content.outcome, reason=content.reason, version=content.version
            )
            disposed.setdefault(content.suggestion, []).append(made)
    for record in state.of("suggestion.make"):
        content = record.content
        if isinstance(content, Suggest):
            clauses = _text(tables[content.initiative]).clauses
            text = next(clause.text for clause in clauses if clause.id == content.clause)
            would = content.new if content.adds else text.replace(content.old, content.new, 1)
            yield SuggestionFacts(
                record=record.id,
                by=record.author,
                initiative=content.initiative,
                clause=content.clause,
                adds=content.adds,
                pieces=compare_texts("" if content.adds else text, would),
                reason=content.reason,
                supports=content.supports,
                positions=tuple(_position(state, said) for said in positions.get(record.id, {}).values()),
                dispositions=tuple(disposed.get(record.id, ())),
            )


def _position(state: State, said: list[Accepted]) -> PositionFacts:
    newest = said[-1]
    content = newest.content
    assert isinstance(content, TakePosition)
    return PositionFacts(
        record=newest.id,
        by=newest.author,
        position=content.position,
        reasons=content.reasons,
        supports=content.supports,
        forked=state.against_author(newest),
        earlier=tuple(r.id for r in said[:-1]),
    )
