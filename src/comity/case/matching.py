"""What a case says of private matching: lists, who asked how much against them, and who reached the quota.

Computed from records alone, so every reader sees the same. Which indicators were asked, and which matched, no
record says.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from comity.case.state import Accepted, State
from comity.records import kinds


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question against a list, and what came of it. ``answer`` is "" while there is none."""

    record: str
    by: str
    count: int
    outcome: Literal["open", "answered", "refused"]
    answer: str = ""
    ground: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What one party asked against a list, over all its versions, beside what it may ask. ``over`` says that
    some question went beyond the quota of the version that it asked: a later version with a lower one makes
    nobody ask beyond it."""

    by: str
    asked: int
    answered: int
    refused: int
    quota: int
    over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """One version of a list, with the questions that were asked against it."""

    record: str
    author: str
    content: kinds.Offer
    next: str
    asks: tuple[Asked, ...]
    uses: tuple[Use, ...]


def offers(state: State) -> tuple[Offered, ...]:
    """Every version of every list of the case, causes first."""
    found = []
    asks = _asks(state)
    after: dict[str, str] = {}
    for record, content in _offers(state):
        if content.replaces:
            after.setdefault(content.replaces, record.id)
    for record, content in _offers(state):
        found.append(
            Offered(
                record=record.id,
                author=record.author,
                content=content,
                next=after.get(record.id, ""),
                asks=tuple(asks.get(record.id, ())),
                uses=tuple(use_of(state, record.id, party) for party in content.to),
            )
        )
    return tuple(found)


def answer_of(state: State, ask: str) -> tuple[Accepted, kinds.Matched] | None:
    """The first answer to a question, or None."""
    for record in state.of("match.answer"):
        if isinstance(record.content, kinds.Matched) and record.content.ask == ask:
            return record, record.content
    return None


def newest_of(state: State, author: str, name: str) -> Accepted | None:
    """The newest version of a party's list of this name."""
    own = [(c.version, r) for r, c in _offers(state) if r.author == author and c.list == name]
    return max(own, key=lambda each: (each[0], each[1].seq))[1] if own else None


def use_of(state: State, offer: str, party: str) -> Use:
    """What a party asked and was answered, over the versions of the list that this offer is one of."""
    content = state.accepted[offer].content
    assert isinstance(content, kinds.Offer)
    family = _family(state, offer)
    counts = {"open": 0, "answered": 0, "refused": 0}
    for name, asks in _asks(state).items():
        if name in family:
            for ask in asks:
                if ask.by == party:
                    counts[ask.outcome] += ask.count
    asked = sum(counts.values())
    return Use(
        by=party,
        asked=asked,
        answered=counts["answered"],
        refused=counts["refused"],
        quota=content.quota,
        over=_went_beyond(state, family, party),
    )


def _went_beyond(state: State, family: Collection[str], party: str) -> bool:
    """Whether a question of a party against these versions asked for more, with those before it, than the
    quota of its version."""
    asked = 0
    for record in sorted(state.of("match.ask"), key=lambda r: r.seq):
        content = record.content
        if record.author == party and isinstance(content, kinds.Ask) and content.offer in family:
            asked += content.count
            offer = state.accepted[content.offer].content
            if isinstance(offer, kinds.Offer) and asked > offer.quota:
                return True
    return False


def _offers(state: State) -> Iterator[tuple[Accepted, kinds.Offer]]:
    for record in state.of("match.offer"):
        if isinstance(record.content, kinds.Offer):
            yield record, record.content


def _family(state: State, offer: str) -> set[str]:
    """Every version of the list of one offer: a branch of it (a fork of its author) counts too."""
    before = {r.id: c.replaces for r, c in _offers(state)}

    def first(record: str) -> str:
        while before.get(record):
            record = before[record]
        return record

    root = first(offer)
    return {record for record in before if first(record) == root}


def _asks(state: State) -> dict[str, list[Asked]]:
    answers: dict[str, tuple[str, kinds.Matched]] = {}
    for record in state.of("match.answer"):
        if isinstance(record.content, kinds.Matched):
            answers.setdefault(record.content.ask, (record.id, record.content))
    found: dict[str, list[Asked]] = {}
    for record in state.of("match.ask"):
        if isinstance(record.content, kinds.Ask):
            answer = answers.get(record.id)
            found.setdefault(record.content.offer, []).append(
                Asked(
                    record=record.id,
                    by=record.author,
                    count=record.content.count,
                    outcome=answer[1].outcome if answer else "open",
                    answer=answer[0] if answer else "",
                    ground=answer[1].ground if answer else "",
                    text=answer[1].text if answer else "",
                )
            )
    return found
