"""Who has had an item and who opened it here: the records of every case in order, and this node's own log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from comity.case.custody import Step, erasures_of, holds_of, parents_of, reaches_others, steps_of
from comity.errors import ComityError, Refused
from comity.evidence.provenance import render_provenance
from comity.exchange.erasing import is_held
from comity.exchange.node import Node
from comity.records import bodies, kinds
from comity.web import words
from comity.web.phrases import phrase
from comity.web.reading import Reading, Ref, Who
from comity.web.words import label


class Opening(Protocol):
    """One opening of an item on this node: when (seconds since 1970 UTC), by whom as the machine knows them,
    and what was opened."""

    @property
    def at(self) -> int: ...
    @property
    def who(self) -> str: ...
    @property
    def what(self) -> str: ...


OpeningLog = Callable[[str], tuple[int, Sequence[Opening]]]
"""How many openings of an item, by its root, the log of this node has, and the newest of them, newest first.
Raises ``NotVerified`` where the log was changed, ``Unavailable`` where it cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """One thing that befell the item: who, when by its own clock, what; ``answer`` is the other half of a
    handing over, ``half`` whether that is still missing."""

    record: Ref
    by: Who
    at: str
    what: str
    why: str
    to: Who | None
    answer: Ref | None
    answered: str
    half: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedView:
    """One line of this node's own log."""

    at: str
    who: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyView:
    """``erased`` tells what was declared erased, ``kept`` that this node's own hold keeps its copy all the
    same. ``opened`` counts the openings here, of which ``openings`` are the newest; ``log`` says why there
    are none to show."""

    steps: tuple[StepView, ...]
    holders: tuple[Who, ...]
    erased: tuple[tuple[Ref, Who, str], ...]
    kept: bool
    parents: tuple[tuple[str, str, Ref], ...]
    opened: int
    openings: tuple[OpenedView, ...]
    log: str


WHAT = {
    "rows": phrase("its rows were read"),
    "bytes": phrase("its bytes were read"),
    "package": phrase("a package was opened"),
}


def view_custody(readings: Sequence[Reading], item: kinds.Item, log: OpeningLog | None) -> CustodyView:
    """The custody of an item over every case that knows of it."""
    steps: list[StepView] = []
    erased, parents = [], []
    holders: dict[str, Who] = {}
    for reading in readings:
        steps += [_view_step(reading, step) for step in steps_of(reading.state, item)]
        for party in holds_of(reading.state, item):
            holders.setdefault(party, reading.who(party))
        for erasing in erasures_of(reading.state, item):
            if isinstance(erasing.content, kinds.Erase):
                whose = phrase("every copy") if erasing.content.copies == "all" else phrase("its own copies")
                if erasing.content.copies == "all" and not reaches_others(reading.state, erasing):
                    whose = phrase("every copy (others sealed it before, and keep theirs)")
                erased.append((reading.ref(erasing.id), reading.who(erasing.author), whose))
        for source, by in parents_of(reading.state, item):
            parents.append((source.root, reading.item_name(source), reading.ref(by.id)))
    opened, problem = 0, ""
    openings: tuple[OpenedView, ...] = ()
    if log is None:
        problem = phrase("This node keeps no log of openings that pages could show.")
    else:
        try:
            opened, found = log(item.root)
            openings = tuple(
                OpenedView(at=bodies.time_text(o.at), who=o.who, what=WHAT.get(o.what, o.what)) for o in found
            )
        except ComityError as error:
            problem = phrase(
                "The log of openings cannot be trusted or read: {} ({}).", error.why, error.where
            )
    return CustodyView(
        steps=tuple(steps),
        holders=tuple(holders.values()),
        erased=tuple(erased),
        kept=bool(erased) and bool(readings) and is_held(readings[0].node, item),
        parents=tuple(parents),
        opened=opened,
        openings=openings,
        log=problem,
    )


def render_item_provenance(node: Node, root: str, case: str = "") -> bytes:
    """The custody of an item as CASE/UCO provenance (JSON-LD), as one case tells it: the one named, else the
    first that holds a seal of it. ``Refused`` (``item.unknown``) where none does."""
    for one in node.cases():
        if case in ("", one):
            state = node.state(one)
            for seal in state.of("evidence.seal"):
                if isinstance(seal.content, kinds.Seal) and seal.content.item.root == root:
                    return render_provenance(state, seal.content.item, node.name_of)
    raise Refused("item.unknown", root[:12], "no case here holds a seal of this item")


def _view_step(reading: Reading, step: Step) -> StepView:
    content = step.record.content
    to, why, half = None, "", False
    if isinstance(content, kinds.Transfer):
        to, why, half = reading.who(content.to), content.purpose, step.answer is None
    elif isinstance(content, kinds.Hold | kinds.Erase):
        why = content.basis
    received = step.answer.content if step.answer else None
    answered = (
        phrase(
            "{}; {}",
            label(words.CONDITIONS, received.condition).words,
            label(words.CHECKED, received.checked).words,
        )
        if isinstance(received, kinds.Receive)
        else ""
    )
    return StepView(
        record=reading.ref(step.record.id),
        by=reading.who(step.record.author),
        at=step.record.frame.at,
        what=words.BEFELL.get(step.what, step.what),
        why=why,
        to=to,
        answer=reading.ref(step.answer.id) if step.answer else None,
        answered=answered,
        half=half,
    )
