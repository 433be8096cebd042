"""Packages: what travels beside a record, to those whom the record names and to nobody else.

A disclosure whose terms are to be accepted first sends its package only to who has accepted them.
"""

from __future__ import annotations

from collections.abc import Iterator

from comity.case.state import Accepted, State
from comity.records import kinds

CARRIERS = ("evidence.disclose", "match.offer", "match.ask", "match.answer")


def package_of(content: kinds.Content) -> str:
    """The digest of the package that a record commits to; "" for none."""
    if isinstance(content, kinds.Disclose | kinds.Offer | kinds.Ask | kinds.Matched):
        return content.package
    return ""


def readers_of(state: State, record: Accepted) -> tuple[str, ...]:
    """To whom the package of a record goes (``public``: to everyone)."""
    match record.content:
        case kinds.Disclose(to=to) | kinds.Offer(to=to):
            return to
        case kinds.Ask(offer=before) | kinds.Matched(ask=before):
            asked = state.accepted.get(before)
            return (asked.author,) if asked else ()
        case _:
            return ()


def is_for(state: State, record: Accepted, member: str) -> bool:
    """Whether the package of this record goes to this member, as things stand."""
    readers = readers_of(state, record)
    return kinds.PUBLIC in readers or (member in readers and not awaits(state, record, member))


def awaits(state: State, record: Accepted, member: str) -> bool:
    """Whether this member has yet to accept the terms on which the record discloses."""
    content = record.content
    if not isinstance(content, kinds.Disclose) or not isinstance(content.terms, kinds.Terms):
        return False
    return content.terms.accept and not any(
        isinstance(r.content, kinds.Accept)
        and r.author == member
        and r.content.disclosure == record.id
        and r.content.decision == "accepted"
        for r in state.of("disclosure.accept")
    )


def carriers(state: State, digest: str) -> Iterator[Accepted]:
    """The accepted records that commit to a package."""
    for kind in CARRIERS:
        for record in state.of(kind):
            if digest and package_of(record.content) == digest:
                yield record
