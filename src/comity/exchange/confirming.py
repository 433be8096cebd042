"""Whose key it is: what this party's own officers learned by another way, kept with this node alone.

A card proves that one key signs; that it is the office's is learned by calling back a number known before,
from a key that the office published, or from a directory. Until then a sender reads "not authenticated". A
confirmation is one party's own finding: it is no record, goes to nobody, and changes no fact of a case.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import msgspec

from comity.errors import Refused
from comity.exchange.node import Node
from comity.exchange.ports import Write
from comity.records import bodies
from comity.records.parties import Party, keys_of

Way = Literal["call-back", "published-key", "directory"]
_NOTE = "confirmed/"


class Confirmation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a party's key was confirmed to be its own, when (by this node's clock), and what was noted."""

    way: Way
    at: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    """What this node knows of whose key it is. ``same_key`` are parties whose card names the same statement
    key (a guest that took up a node): what is confirmed of one is so of the other."""

    confirmed: Confirmation | None
    same_key: tuple[str, ...]


def confirm(node: Node, party: str, way: Way, note: str = "") -> Confirmation:
    """Keep that a known party's key was confirmed; a second time replaces the first. ``Refused``
    (``party.self``) for this node's own party."""
    if party == node.party.id:
        raise Refused("party.self", party[:12], "one's own key is not confirmed by oneself")
    node.author(party)
    made = Confirmation(way=way, at=bodies.time_text(node.effects.now()), note=note)
    node.journal.write(Write(notes={_NOTE + party: msgspec.json.encode(made)}))
    return made


def unconfirm(node: Node, party: str) -> None:
    """Take a confirmation back."""
    node.journal.write(Write(notes={_NOTE + party: b""}))


def authentication(node: Node, party: str) -> Authentication:
    """What is known of one party."""
    known = node.parties()
    same = _same_key(known[party], known.values()) if party in known else ()
    own = _read(node, party)
    found = own or next((c for c in (_read(node, other) for other in same) if c is not None), None)
    return Authentication(confirmed=found, same_key=same)


def _same_key(party: Party, others: Iterable[Party]) -> tuple[str, ...]:
    mine = {key for key, _ in keys_of(party, "statement")}
    found = [
        other.id
        for other in others
        if other.id != party.id and mine & {key for key, _ in keys_of(other, "statement")}
    ]
    return tuple(sorted(found))


def _read(node: Node, party: str) -> Confirmation | None:
    raw = node.journal.note(_NOTE + party)
    return msgspec.json.decode(raw, type=Confirmation) if raw else None
