"""Rules 35 to 37 (``spec/05-rules.md``): statements, who joins them, and their corrections."""

from __future__ import annotations

from collections.abc import Callable

from comity.case.judging import (
    Broken,
    Judging,
    require_parties,
    require_reach,
    require_supports,
    require_target,
)
from comity.case.state import Accepted
from comity.phrases import phrase
from comity.records.kinds_of_statements import Announce, Correct, Join


def _announce(j: Judging) -> None:
    """35. Sentences are tied to assertions that were made; a version follows one of the same hands."""
    content = j.content
    assert isinstance(content, Announce)
    for sentence in content.sentences:
        for target in sentence.assertions:
            require_target(j, 35, target)
    require_parties(j, 35, content.parties, phrase("asked to join"))
    if content.before:
        before = j.reference(content.before, 35, "statement.publish")
        assert isinstance(before.content, Announce)
        if j.author != before.author and j.author not in before.content.parties:
            raise Broken(35, "follows a statement of other parties")


def _statement(j: Judging, rule: int, record: str) -> tuple[Accepted, Announce]:
    found = j.reference(record, rule, "statement.publish")
    assert isinstance(found.content, Announce)
    return found, found.content


def _sentences(rule: int, numbers: list[int], statement: Announce) -> None:
    if numbers != sorted(set(numbers)) or any(n >= len(statement.sentences) for n in numbers):
        raise Broken(rule, "sentence numbers are not sorted, stand twice, or are not there")


def _join(j: Judging) -> None:
    """36. Who is asked to join a statement, or wrote it, says on what basis, to all whom it reached."""
    content = j.content
    assert isinstance(content, Join)
    record, statement = _statement(j, 36, content.statement)
    if j.author != record.author and j.author not in statement.parties:
        raise Broken(36, "joins a statement that it was not asked to join")
    _sentences(36, [r.n for r in content.reservations], statement)
    require_supports(j, 36, content.supports)
    if content.answer == "declines":
        if j.author == record.author or not content.text:
            raise Broken(36, "declines without a reason, or its own statement")
        if content.supports or content.reservations or content.basis != "undeclared":
            raise Broken(36, "declines, and states a basis or reservations as one that joins")
    own = [s for s in content.supports if s.record and j.references[s.record].author == j.author]
    if content.basis == "own-evidence" and not own:
        raise Broken(36, "declares own evidence, and rests on no record of its own")
    require_reach(j, 36, record, phrase("an answer to a joint statement"))


def _correct(j: Judging) -> None:
    """37. Only the author corrects a statement, by other words, and tells all whom it reached."""
    content = j.content
    assert isinstance(content, Correct)
    record, statement = _statement(j, 37, content.statement)
    if record.author != j.author:
        raise Broken(37, "corrects what another party said")
    _sentences(37, [c.n for c in content.corrections], statement)
    for correction in content.corrections:
        if correction.text == statement.sentences[correction.n].text:
            raise Broken(37, phrase("sentence {} stays as it was", correction.n + 1))
    require_reach(j, 37, record, phrase("a correction"))


STATEMENT_RULES: dict[str, Callable[[Judging], None]] = {
    "statement.publish": _announce,
    "statement.join": _join,
    "statement.correct": _correct,
}
