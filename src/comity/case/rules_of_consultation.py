"""Rules 41 to 44 (``spec/05-rules.md``): initiatives in clauses, suggestions, positions, dispositions."""

from __future__ import annotations

from collections.abc import Callable

from comity.case.judging import Broken, Judging, require_parties, require_reach, require_supports
from comity.case.state import Accepted
from comity.phrases import phrase
from comity.records.kinds_of_consultation import Dispose, Suggest, Table, TakePosition


def _table(j: Judging) -> None:
    """41. Clause ids stay for the life of an initiative; a translation has the clauses of its original."""
    content = j.content
    assert isinstance(content, Table)
    ids = [clause.id for clause in content.clauses]
    if len(set(ids)) != len(ids):
        raise Broken(41, "two clauses have one id")
    if list(content.retired) != sorted(set(content.retired)) or set(content.retired) & set(ids):
        raise Broken(41, "retired ids are not sorted, stand twice, or still name a clause")
    require_parties(j, 41, content.parties, phrase("asked for their views"))
    if content.translates:
        _translation(j, content, ids)
        return
    earlier: set[str] = set()
    if content.before:
        record, before = _initiative(j, 41, content.before)
        if record.author != j.author or before.language != content.language:
            raise Broken(41, "follows a version of another author, or in another language")
        earlier = {clause.id for clause in before.clauses} | set(before.retired)
    if set(content.retired) != earlier - set(ids):
        raise Broken(41, "retired ids are not those of the clauses that it leaves out")


def _translation(j: Judging, content: Table, ids: list[str]) -> None:
    record, original = _initiative(j, 41, content.translates)
    if original.language == content.language or [clause.id for clause in original.clauses] != ids:
        raise Broken(41, "a translation has the same clauses, in order, in another language")
    if content.before or content.retired or content.parties or content.due:
        raise Broken(41, "a translation follows no version and asks nobody: the authentic text does")
    require_reach(j, 41, record, phrase("a translation"))


def _initiative(j: Judging, rule: int, record: str) -> tuple[Accepted, Table]:
    found = j.reference(record, rule, "initiative.table")
    assert isinstance(found.content, Table)
    if found.content.translates:
        raise Broken(rule, phrase("{}… is a translation, not the authentic text", record[:12]))
    return found, found.content


def _suggest(j: Judging) -> None:
    """42. A suggestion replaces words that stand once in a clause of the authentic text, or adds a clause."""
    content = j.content
    assert isinstance(content, Suggest)
    record, initiative = _initiative(j, 42, content.initiative)
    text = next((clause.text for clause in initiative.clauses if clause.id == content.clause), None)
    if text is None:
        raise Broken(42, phrase("clause {} is not there", content.clause))
    if content.adds:
        used = {clause.id for clause in initiative.clauses} | set(initiative.retired)
        if content.old or not content.new or content.adds in used:
            raise Broken(42, "a new clause has a text, replaces none, and takes an id that was never used")
    elif not content.old or count_places(text, content.old) != 1 or content.old == content.new:
        raise Broken(42, "what it replaces does not stand exactly once in the clause, or stays the same")
    require_supports(j, 42, content.supports)
    require_reach(j, 42, record, phrase("a suggestion"))


def count_places(text: str, wanted: str) -> int:
    """In how many places a text holds another one; two is as many as anyone needs to know."""
    first = text.find(wanted)
    return 0 if first < 0 else 1 + (text.find(wanted, first + 1) >= 0)


def _suggestion(j: Judging, rule: int, record: str) -> tuple[Accepted, Suggest]:
    found = j.reference(record, rule, "suggestion.make")
    assert isinstance(found.content, Suggest)
    return found, found.content


def _position(j: Judging) -> None:
    """43. A position is on another party's suggestion, and reaches all whom that reached."""
    content = j.content
    assert isinstance(content, TakePosition)
    record, _ = _suggestion(j, 43, content.suggestion)
    if record.author == j.author:
        raise Broken(43, "takes a position on its own suggestion")
    require_supports(j, 43, content.supports)
    require_reach(j, 43, record, phrase("a position"))


def _dispose(j: Judging) -> None:
    """44. Whoever tabled the text disposes of a suggestion; a version that adopts it has its words."""
    content = j.content
    assert isinstance(content, Dispose)
    record, suggestion = _suggestion(j, 44, content.suggestion)
    tabled = j.references.get(suggestion.initiative)
    if tabled is None or tabled.author != j.author:
        raise Broken(44, "is not by whoever tabled the text, or does not reference that text")
    if content.version:
        version, text = _initiative(j, 44, content.version)
        taken_up = content.outcome in ("adopted", "adopted-in-part")
        if version.author != j.author or version.id == tabled.id or not taken_up:
            raise Broken(44, "names no later version of its own that takes the suggestion up")
        place = suggestion.adds or suggestion.clause
        clause = next((c.text for c in text.clauses if c.id == place), "")
        if content.outcome == "adopted" and suggestion.new not in clause:
            raise Broken(44, "says adopted, and the version that it names has other words")
    require_reach(j, 44, record, phrase("a disposition"))


CONSULTATION_RULES: dict[str, Callable[[Judging], None]] = {
    "initiative.table": _table,
    "suggestion.make": _suggest,
    "suggestion.position": _position,
    "suggestion.dispose": _dispose,
}
