"""A case at a glance: one lane for each party, one mark for each record in docket order, drawn as SVG.

The picture adds nothing to the docket below it; what it shows at once is who acted, when in the order of
causes, and on whose records each act builds.
"""

from __future__ import annotations

from dataclasses import dataclass

from comity.web.docket import Entry
from comity.web.phrases import phrase
from comity.web.reading import Reading, Who

STEP, LANE, LEFT, TOP = 24, 46, 16, 20
"""Units of the drawing: between marks, between lanes, before the first mark, above the first lane."""

LEGEND = (
    ("○", phrase("the case itself")),
    ("■", phrase("evidence and findings")),
    ("□", phrase("re-runs")),
    ("●", phrase("assertions and responses")),
    ("×", phrase("withdrawals")),
    ("▲", phrase("notices, requests and what answers them")),
    ("◇", phrase("endorsements")),
    ("◆", phrase("publication")),
)

_MARKS = {
    "evidence": "■",
    "finding": "■",
    "finding.replicate": "□",
    "claim": "●",
    "claim.withdraw": "×",
    "response": "●",
    "notice": "▲",
    "record": "▲",
    "request": "▲",
    "request.withdraw": "×",
    "endorsement": "◇",
    "endorsement.withdraw": "×",
    "statement": "◆",
    "statement.join": "◇",
    "statement.correct": "●",
    "action": "▲",
    "initiative": "▲",
    "suggestion": "▲",
    "dossier": "◆",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A record: where it stands, its symbol, its docket number and kind."""

    x: int
    y: int
    symbol: str
    number: int
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A party's line and the height at which it runs."""

    who: Who
    y: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """All of it, in units of the drawing; ``links`` are (x, y of the later, x, y of the earlier)."""

    width: int
    height: int
    lanes: tuple[Lane, ...]
    marks: tuple[Mark, ...]
    links: tuple[tuple[int, int, int, int], ...]
    legend: tuple[tuple[str, str], ...]


def symbol_of(kind: str) -> str:
    """The mark that stands for records of a kind."""
    return _MARKS.get(kind) or _MARKS.get(kind.partition(".")[0], "○")


def draw_lanes(reading: Reading, entries: tuple[Entry, ...]) -> Picture:
    """The picture of these docket entries."""
    authors = sorted({e.by.id for e in entries}, key=reading.place)
    lanes = {party: TOP + LANE * n for n, party in enumerate(authors)}
    marks: dict[str, Mark] = {}
    links = []
    for column, entry in enumerate(entries):
        kind = entry.record.kind
        mark = Mark(
            x=LEFT + STEP * column,
            y=lanes[entry.by.id],
            symbol=symbol_of(kind),
            number=entry.record.number,
            kind=kind,
        )
        for reference in reading.state.accepted[entry.record.id].frame.references:
            below = marks.get(reference)
            # What a party builds on its own records is read along its lane.
            if below is not None and below.y != mark.y and below.kind != "case.open":
                links.append((mark.x, mark.y, below.x, below.y))
        marks[entry.record.id] = mark
    return Picture(
        width=2 * LEFT + STEP * max(len(entries) - 1, 0),
        height=TOP + LANE * len(authors),
        lanes=tuple(Lane(who=reading.who(party), y=y) for party, y in lanes.items()),
        marks=tuple(marks.values()),
        links=tuple(links),
        legend=tuple(entry for entry in LEGEND if any(entry[0] == m.symbol for m in marks.values())),
    )
