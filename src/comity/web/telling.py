"""The pieces of which a record is told, so that pages can lead from a party or a record to its own page."""

from __future__ import annotations

from dataclasses import dataclass

from comity.records import kinds
from comity.records.kinds import Target
from comity.web.phrases import phrase
from comity.web.reading import Named, Reading, Ref, Who


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of a sentence: text (``quoted`` where it is the author's), a party, a record, an assertion."""

    text: str = ""
    quoted: bool = False
    who: Who | None = None
    record: Ref | None = None
    assertion: Named | None = None


def say(text: str) -> Part:
    """Words of this page."""
    return Part(text=phrase(text))


def quoted(text: str) -> Part:
    """Words of a party."""
    return Part(text=text, quoted=True)


def quote(text: str) -> list[Part]:
    """Words of a party, where there are any."""
    return [quoted(text)] if text else []


def item(reading: Reading, of: kinds.Item) -> Part:
    """A sealed item by its given name, else by its root."""
    given = reading.given_name(of)
    return quoted(given) if given else Part(text=reading.item_name(of))


def who(reading: Reading, party: str) -> Part:
    """A party."""
    return Part(who=reading.who(party))


def whos(reading: Reading, parties: tuple[str, ...]) -> list[Part]:
    """Parties in the order of the page."""
    return [Part(who=w) for w in reading.whos(parties)]


def ref(reading: Reading, record: str) -> Part:
    """A record, with its place in the docket."""
    return Part(record=reading.ref(record))


def assertion(reading: Reading, target: Target) -> Part:
    """An assertion by its number on the page."""
    return Part(assertion=reading.assertion(target))


def assertions(reading: Reading, record: str, numbers: tuple[int, ...]) -> list[Part]:
    """Assertions of one record."""
    return [assertion(reading, Target(record=record, n=n)) for n in numbers]
