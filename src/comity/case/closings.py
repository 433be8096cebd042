"""Who considers the case closed, and what came after that (``spec/07-facts.md`` §7). It blocks nothing."""

from __future__ import annotations

from dataclasses import dataclass

from comity.case.clocks import Past
from comity.case.state import State
from comity.records.kinds_of_procedure import Close


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """A party's newest word on whether the case is closed. ``own_after`` and ``others_after`` count accepted
    records that have it in their past; ``earlier`` are its closings before, oldest first."""

    record: str
    by: str
    outcome: str
    text: str
    moved: str
    earlier: tuple[str, ...]
    own_after: int
    others_after: int


def closings(state: State) -> tuple[Closing, ...]:
    """For each party that closed the case, or took it up again, its newest record about that."""
    found: dict[str, list[str]] = {}
    for record in state.of("case.close"):
        found.setdefault(record.author, []).append(record.id)
    past = Past(state) if found else None
    made = []
    for by, records in found.items():
        newest = state.accepted[records[-1]]
        content = newest.content
        assert isinstance(content, Close)
        assert past is not None
        after = [r for r in state.accepted.values() if r.id != newest.id and past.has(r.id, newest.id)]
        made.append(
            Closing(
                record=newest.id,
                by=by,
                outcome=content.outcome,
                text=content.text,
                moved=content.moved,
                earlier=tuple(records[:-1]),
                own_after=sum(r.author == by for r in after),
                others_after=sum(r.author != by for r in after),
            )
        )
    return tuple(made)
