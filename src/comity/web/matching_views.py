"""The page of private matching: lists, who asked how much of them, and what this party's questions found."""

from __future__ import annotations

from dataclasses import dataclass

from comity.case.matching import offers
from comity.exchange import matching
from comity.web.cases import Head, view_head
from comity.web.forms_of_matching import ASKER_LEARNS, CASE_LEARNS, NO_MORE, OFFERER_LEARNS, TYPES, USES
from comity.web.phrases import joined, phrase
from comity.web.reading import Reading, Ref, Who
from comity.web.words import MATCHED, Label, label


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchView:
    """An indicator that both sides wrote down, and where its token stands in the list."""

    type: str
    value: str
    place: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AskView:
    """A question. ``own``: this party asked it; ``read``: what it found was read here, and ``found`` is that;
    ``answers``: this party can answer it now."""

    record: Ref
    by: Who
    count: int
    outcome: Label
    why: str
    answer: Ref | None
    own: bool
    answers: bool
    read: bool
    found: tuple[MatchView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UseView:
    """How much of its quota a party asked, over all versions of the list."""

    by: Who
    asked: int
    answered: int
    refused: int
    quota: int
    over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferView:
    """One version of a list. ``asks_here``: this party may ask against it."""

    record: Ref
    by: Who
    name: str
    version: int
    next: Ref | None
    count: int
    types: str
    use: str
    purpose: str
    asks_here: bool
    uses: tuple[UseView, ...]
    asks: tuple[AskView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchingView:
    """Everything on the page."""

    head: Head
    offers: tuple[OfferView, ...]
    learns: tuple[str, ...]


def view_matching(reading: Reading) -> MatchingView:
    """Every list of a case, as this node holds it."""
    node, own = reading.node, reading.node.party.id
    results = {each.ask: each for each in matching.results(node)}
    found = []
    for offer in offers(reading.state):
        content = offer.content
        asks = []
        for ask in offer.asks:
            result = results.get(ask.record) if ask.by == own else None
            asks.append(
                AskView(
                    record=reading.ref(ask.record),
                    by=reading.who(ask.by),
                    count=ask.count,
                    outcome=label(MATCHED, ask.outcome),
                    why=ask.text,
                    answer=reading.ref(ask.answer) if ask.answer else None,
                    own=ask.by == own,
                    answers=offer.author == own and ask.outcome == "open",
                    read=result is not None,
                    found=tuple(
                        MatchView(type=TYPES[one.type], value=one.value, place=at)
                        for one, at in (result.matches if result else ())
                    ),
                )
            )
        found.append(
            OfferView(
                record=reading.ref(offer.record),
                by=reading.who(offer.author),
                name=content.list,
                version=content.version,
                next=reading.ref(offer.next) if offer.next else None,
                count=content.count,
                types=joined(TYPES[t] for t in content.types),
                use=USES[content.use],
                purpose=content.purpose,
                asks_here=own in content.to and not offer.next,
                uses=tuple(
                    UseView(
                        by=reading.who(use.by),
                        asked=use.asked,
                        answered=use.answered,
                        refused=use.refused,
                        quota=use.quota,
                        over=use.over,
                    )
                    for use in offer.uses
                ),
                asks=tuple(asks),
            )
        )
    learns = (
        phrase(ASKER_LEARNS),
        phrase(OFFERER_LEARNS),
        phrase(CASE_LEARNS),
        phrase("{} Ask for the rows behind it.", phrase(NO_MORE)),
    )
    return MatchingView(head=view_head(reading), offers=tuple(found), learns=learns)
