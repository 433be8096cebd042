"""The page of a docket: all entries of a case, or those that hold some words, of one party or one family."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from comity.case.state import Accepted
from comity.errors import Malformed
from comity.web.cases import Head, view_head
from comity.web.docket import Entry, tell, view_entries
from comity.web.lanes import LEGEND, Picture, draw_lanes, symbol_of
from comity.web.reading import Reading, Ref, Who
from comity.web.telling import Part

PAGE = 50
"""Entries on one page."""
HITS = 50
"""Records that a search over all cases shows."""
PASSAGE = 160
"""Characters that are shown around a word."""

READ = 2_000
"""Texts of one record that are looked through: an assessment or a seal may have a million."""

_DIGEST = re.compile(r"[0-9a-f]{16,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DocketView:
    """One page of a docket. ``query``, ``by`` and ``family`` say what was asked for; ``found`` entries answer
    it, of ``size`` in all, and this page begins with the ``first`` of them. ``quorum`` of ``witnesses`` prove
    an instant, 0 where the time policy is not held here."""

    head: Head
    query: str
    by: str
    family: str
    authors: tuple[Who, ...]
    families: tuple[tuple[str, str], ...]
    entries: tuple[Entry, ...]
    lanes: Picture
    first: int
    found: int
    size: int
    earlier: int
    later: int
    quorum: int
    witnesses: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A record that holds the words looked for, and what it does. ``passage`` is where the first of them
    stands in what its author says, "" where only the names of parties and items hold it."""

    case: str
    case_title: str
    record: Ref
    by: Who
    told: tuple[Part, ...]
    passage: str


def view_docket_page(
    reading: Reading, first: int = 1, query: str = "", by: str = "", family: str = ""
) -> DocketView:
    """Entries from the ``first`` on (1 or more) of those that hold every word of ``query``, letter case
    ignored, by the party ``by``, of the kinds with the symbol ``family``; each "" asks nothing. ``Malformed``
    (``page.family``) for a symbol that no picture of a case uses."""
    if family and family not in dict(LEGEND):
        raise Malformed("page.family", "family", "this is none of the symbols of a docket")
    words = _words_of(query)
    found = [
        record
        for record in reading.state.ordered
        if (not by or record.author == by)
        and (not family or symbol_of(record.frame.kind) == family)
        and holds(reading, record, words)
    ]
    first = max(min(first, len(found)), 1)
    entries = view_entries(reading, found[first - 1 : first - 1 + PAGE])
    policy = reading.state.policy
    used = {symbol_of(record.frame.kind) for record in reading.state.ordered}
    return DocketView(
        head=view_head(reading),
        query=query,
        by=by,
        family=family,
        authors=reading.whos(record.author for record in reading.state.ordered),
        families=tuple(each for each in LEGEND if each[0] in used),
        entries=entries,
        lanes=draw_lanes(reading, entries),
        first=first,
        found=len(found),
        size=len(reading.state.ordered),
        earlier=max(first - PAGE, 1) if first > 1 else 0,
        later=first + PAGE if first + PAGE <= len(found) else 0,
        quorum=policy.quorum if policy else 0,
        witnesses=len(policy.witnesses) + len(policy.authorities) if policy else 0,
    )


def search_cases(readings: Iterator[Reading], query: str) -> tuple[Hit, ...]:
    """Records of any of these cases that hold every word of ``query``, the first ``HITS`` of them."""
    words = _words_of(query)
    found: list[Hit] = []
    for reading in readings:
        for record in reading.state.ordered:
            if len(found) == HITS:
                return tuple(found)
            if holds(reading, record, words):
                hit = Hit(
                    case=reading.case,
                    case_title=reading.title,
                    record=reading.ref(record.id),
                    by=reading.who(record.author),
                    told=tuple(tell(reading, record)),
                    passage=_passage(reading, record, words),
                )
                found.append(hit)
    return tuple(found)


def _words_of(query: str) -> tuple[str, ...]:
    return tuple(query.casefold().split())


def holds(reading: Reading, record: Accepted, words: Collection[str]) -> bool:
    """Whether what a record says (its first ``READ`` texts), or what a docket tells of it, holds every one of
    some words in small letters."""
    if not words:
        return True
    text = "\n".join(_texts_of(reading, record)).casefold()
    return all(word in text for word in words)


def _passage(reading: Reading, record: Accepted, words: Sequence[str]) -> str:
    if not words:
        return ""
    word = words[0]
    for text in _said(reading, record):
        # Folding lengthens some letters, so the place is near the word and not always at it.
        place = text.casefold().find(word)
        if place >= 0 and " " in text:
            begin = max(place - PASSAGE // 2, 0)
            cut = " ".join(text[begin : begin + PASSAGE].split())
            return f"{'…' if begin else ''}{cut}{'…' if begin + PASSAGE < len(text) else ''}"
    return ""


def _texts_of(reading: Reading, record: Accepted) -> Iterator[str]:
    yield reading.who(record.author).name
    yield record.frame.kind
    yield record.id
    for part in tell(reading, record):
        yield part.text
        if part.who:
            yield part.who.name
    yield from _said(reading, record)


def _said(reading: Reading, record: Accepted) -> Iterator[str]:
    if record.id not in reading.erased:
        # In digests short words would stand by chance.
        first = itertools.islice(_strings(record.content), READ)
        yield from (text for text in first if not _DIGEST.fullmatch(text))


def _strings(value: object) -> Iterator[str]:
    """Every text within, one after another: who takes the first few never walks the rest."""
    match value:
        case str():
            yield value
        case msgspec.Struct():
            for name in value.__struct_fields__:
                yield from _strings(getattr(value, name))
        case dict():
            for each in value.values():
                yield from _strings(each)
        case list() | tuple():
            for each in value:
                yield from _strings(each)
