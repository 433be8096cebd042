"""Whom a node knows, as a page shows it: each party's fingerprint, where it is reached, whose key it is."""

from __future__ import annotations

from dataclasses import dataclass

from comity.exchange.acts import neutral_title
from comity.exchange.confirming import authentication
from comity.exchange.node import Node
from comity.records import parties
from comity.records.parties import Party, grouped
from comity.web.reading import Names, Who
from comity.web.words import WAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyLine:
    """One party: ``print`` is its id in groups, ``way`` how this node confirmed whose key it is ("" where it
    did not) at ``confirmed_at``; ``cases`` are those held here of which it is a member."""

    who: Who
    print: str
    address: str
    contacts: tuple[tuple[str, str], ...]
    home: Who | None
    keys: int
    suspect: bool
    way: str
    confirmed_at: str
    note: str
    same_key: tuple[Who, ...]
    cases: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartiesView:
    """This node's own party, and the others by name."""

    own: PartyLine
    others: tuple[PartyLine, ...]


def view_parties(node: Node) -> PartiesView:
    """Every party that this node knows."""
    names = Names(node)
    members: dict[str, list[tuple[str, str]]] = {}
    for case in reversed(node.cases()):
        state = node.state(case)
        # A guest is no member, and says something in the case all the same.
        for party in {*state.members, *(fact.value.envelope.iss for fact in state.records.values())}:
            members.setdefault(party, []).append((case, neutral_title(state)))
    known = node.parties().values()
    lines = [view_party(node, names, party, tuple(members.get(party.id, ()))) for party in known]
    own = next(line for line in lines if line.who.own)
    others = sorted((x for x in lines if not x.who.own), key=lambda x: (x.who.name, x.who.id))
    return PartiesView(own=own, others=tuple(others))


def view_party(node: Node, names: Names, party: Party, cases: tuple[tuple[str, str], ...] = ()) -> PartyLine:
    """One party, known here or about to be."""
    found = authentication(node, party.id)
    contacts = parties.contacts_of(party)
    own = party.id == node.party.id
    return PartyLine(
        who=Who(id=party.id, name=party.card.name, own=own, guest=party.guest),
        print=grouped(party.id),
        address="" if party.guest else next((c.address for c in contacts if c.kind == "node"), ""),
        contacts=tuple((c.kind, c.address) for c in contacts if c.kind != "node"),
        home=names.who(party.card.home) if party.guest else None,
        keys=len(parties.keys_of(party, "statement")),
        suspect=bool(parties.suspect_keys(party)),
        way=WAYS[found.confirmed.way] if found.confirmed else "",
        confirmed_at=found.confirmed.at if found.confirmed else "",
        note=found.confirmed.note if found.confirmed else "",
        same_key=tuple(names.who(other) for other in found.same_key),
        cases=cases,
    )
