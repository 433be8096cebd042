"""Statements as readers see them: each sentence with its corrections and what it is tied to, and who joined.

Corrections stay beside what was first said, and are counted nowhere (``spec/07-facts.md`` §8).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from comity.case.clocks import Past
from comity.case.origins import origins_behind
from comity.case.state import Accepted, State
from comity.case.versions import newest_of, versions_of
from comity.records.kinds import Support, Target
from comity.records.kinds_of_statements import Announce, Correct, Join, Reservation, Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """One correction of a sentence: by which record, why, and the words ("" takes the sentence back)."""

    record: str
    reason: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceFacts:
    """A sentence as first said, as corrected, and what it is tied to.

    ``newest`` are the newest versions of its assertions where these were amended, and ``withdrawn`` those of
    its assertions that were taken back. ``origins`` are the declared ones behind its assertions.
    """

    n: int
    text: str
    corrections: tuple[Corrected, ...]
    assertions: tuple[Target, ...]
    newest: tuple[Target, ...]
    withdrawn: tuple[Target, ...]
    origins: tuple[str, ...]
    undeclared: int

    @property
    def tied(self) -> bool:
        return bool(self.assertions)

    @property
    def now(self) -> str:
        """The words that stand now; "" where it was taken back."""
        return self.corrections[-1].text if self.corrections else self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """A party's newest answer to one version: joined or declined, on what basis, with which reservations.

    ``counts`` is "" or ``forked``; ``earlier`` are the answers that this one replaces. ``unheard`` are the
    sentences with a correction that it did not know: it joined other words than those that stand now."""

    record: str
    by: str
    answer: str
    basis: str
    supports: tuple[Support, ...]
    origins: tuple[str, ...]
    reservations: tuple[Reservation, ...]
    text: str
    counts: str
    earlier: tuple[str, ...]
    unheard: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementFacts:
    """One version of a statement; ``silent`` were asked to join it and have not answered."""

    record: str
    by: str
    title: str
    status: str
    language: str
    before: str
    later: tuple[str, ...]
    sentences: tuple[SentenceFacts, ...]
    asked: tuple[str, ...]
    joined: tuple[Joined, ...]
    silent: tuple[str, ...]


def statements(state: State, *, words_count: bool = False) -> tuple[StatementFacts, ...]:
    """Every version of every statement, in causal order; ``words_count`` as of ``support.assertions``."""
    records = state.of("statement.publish")
    if not records:
        return ()
    corrections: dict[tuple[str, int], list[Corrected]] = {}
    for record in state.of("statement.correct"):
        if isinstance(record.content, Correct):
            for correction in record.content.corrections:
                made = Corrected(record=record.id, reason=record.content.reason, text=correction.text)
                corrections.setdefault((record.content.statement, correction.n), []).append(made)
    answers: dict[str, list[Accepted]] = {}
    for record in state.of("statement.join"):
        if isinstance(record.content, Join):
            answers.setdefault(record.content.statement, []).append(record)
    later: dict[str, list[str]] = {}
    for record in records:
        if isinstance(record.content, Announce) and record.content.before:
            later.setdefault(record.content.before, []).append(record.id)
    tied = _Tied(state, words_count)
    return tuple(_statement(state, r, tied, corrections, answers.get(r.id, []), later) for r in records)


class _Tied:
    """What stands behind the assertions that sentences name."""

    def __init__(self, state: State, words_count: bool) -> None:
        self.versions = versions_of(state)
        self.behind = origins_behind(state, words_count=words_count)

    def facts(self, n: int, sentence: Sentence, corrections: list[Corrected]) -> SentenceFacts:
        newest = {t for a in sentence.assertions for t in newest_of(self.versions, a)}
        behind = [self.behind[a.record, a.n] for a in sentence.assertions]
        return SentenceFacts(
            n=n,
            text=sentence.text,
            corrections=tuple(corrections),
            assertions=sentence.assertions,
            newest=tuple(sorted(newest - set(sentence.assertions), key=lambda t: (t.record, t.n))),
            withdrawn=tuple(a for a, b in zip(sentence.assertions, behind, strict=True) if b.withdrawn),
            origins=tuple(sorted({o for b in behind for o in b.origins})),
            undeclared=sum(b.undeclared for b in behind),
        )


def _statement(
    state: State,
    record: Accepted,
    tied: _Tied,
    corrections: Mapping[tuple[str, int], list[Corrected]],
    answers: list[Accepted],
    later: Mapping[str, list[str]],
) -> StatementFacts:
    content = record.content
    assert isinstance(content, Announce)
    joined = _joined(state, tied, corrections, answers)
    answered = {j.by for j in joined}
    return StatementFacts(
        record=record.id,
        by=record.author,
        title=content.title,
        status=content.status,
        language=content.language,
        before=content.before,
        later=tuple(later.get(record.id, ())),
        sentences=tuple(
            tied.facts(n, sentence, corrections.get((record.id, n), []))
            for n, sentence in enumerate(content.sentences)
        ),
        asked=content.parties,
        joined=joined,
        silent=tuple(p for p in content.parties if p not in answered),
    )


def _joined(
    state: State,
    tied: _Tied,
    corrections: Mapping[tuple[str, int], list[Corrected]],
    answers: list[Accepted],
) -> tuple[Joined, ...]:
    past = Past(state) if answers and corrections else None
    newest: dict[str, list[Accepted]] = {}
    for answer in answers:
        newest.setdefault(answer.author, []).append(answer)
    made = []
    for by, said in newest.items():
        answer = said[-1]
        content = answer.content
        assert isinstance(content, Join)
        adverse = state.against_author(answer)
        made.append(
            Joined(
                record=answer.id,
                by=by,
                answer=content.answer,
                basis=content.basis,
                supports=content.supports,
                origins=tied.behind.origins_of(content.supports),
                reservations=content.reservations,
                text=content.text,
                counts="forked" if adverse and content.answer == "joins" else "",
                earlier=tuple(a.id for a in said[:-1]),
                unheard=tuple(
                    sorted(
                        n
                        for (statement, n), found in corrections.items()
                        if past is not None
                        and statement == content.statement
                        and state.accepted[statement].author != by  # whose corrections they are
                        and not all(past.has(answer.id, one.record) for one in found)
                    )
                ),
            )
        )
    return tuple(made)
