"""To whom this node hands the bytes of a package, and on the strength of whose record.

A record names its package by digest, and all who read the record read the digest. So a record that names
another's package, addressed to others or to everybody, must move no node that holds the bytes to hand them
over.
"""

from __future__ import annotations

from collections.abc import Iterable

from comity.case.custody import newest_seen_of
from comity.case.state import Accepted, State
from comity.exchange.erasing import kept_to_itself
from comity.exchange.node import Node
from comity.exchange.packages import carriers, is_for, package_of


def may_pass(node: Node, state: State, record: Accepted, member: str) -> bool:
    """Whether this node hands the package of a record to a member (``public``: to everyone).

    Of its own records, to those whom they name. Of another author's, only where all who named these bytes
    before would too, in every case here, and they are nothing that this node keeps to itself. Which of two
    that had not seen each other was first nobody can tell: then it is not handed over by this node, and its
    author does that.
    """
    if not is_for(state, record, member):
        return False
    if record.author == node.party.id:
        return True
    digest = package_of(record.content)
    if digest in kept_to_itself(node):
        return False
    own = min(r.seq for r in carriers(state, digest) if r.author == record.author)
    for case in node.cases():
        there = node.state(case)
        for other in carriers(there, digest):
            if other.author == record.author or is_for(there, other, member):
                continue
            if case != state.case or newest_seen_of(state, other, record.author) < own:
                return False
    return True


def packages_for(node: Node, state: State, records: Iterable[str], member: str) -> list[tuple[str, bytes]]:
    """The packages of these records that go to a member, as far as they are held here."""
    found: dict[str, bytes] = {}
    for name in records:
        record = state.accepted.get(name)
        digest = package_of(record.content) if record else ""
        if record and digest and node.blobs.has(digest) and may_pass(node, state, record, member):
            found[digest] = node.blobs.get(digest)
    return list(found.items())
