"""The verifier keys of a party's ledger and witness, each with its range (``spec/04-parties.md`` §6).

A ledger keeps its name for life; its keys change. The key that signs a tree is the newest that a record in
that tree took up, so a size alone says which key to verify with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from comity.errors import NotVerified
from comity.ledger import note
from comity.records import parties
from comity.records.parties import Party


def checkpoint_key(party: Party, size: int, where: str = "checkpoint") -> note.Vkey:
    """The verifier key of checkpoints of ``party``'s ledger at ``size``; ``NotVerified`` for a guest."""
    if not party.card.checkpoint:
        raise NotVerified("key.range", where, "this party keeps no ledger")
    name = note.Vkey.parse(party.card.checkpoint, where).name
    return note.vkey_of(name, parties.key_at(party, "checkpoint", size, where))


def checkpoint_keys(party: Party) -> tuple[note.Vkey, ...]:
    """Every key that ever signed checkpoints of ``party``'s ledger, oldest first; none of a guest."""
    if not party.card.checkpoint:
        return ()
    name = note.Vkey.parse(party.card.checkpoint).name
    return tuple(note.vkey_of(name, key) for key, _ in parties.keys_of(party, "checkpoint"))


def read_checkpoint(text: str, party: Party, where: str = "checkpoint") -> note.Checkpoint:
    """The checkpoint of ``party``'s ledger in a signed note, under the key whose range holds its size."""
    body, _ = note.open_note(text, where)
    size = note.Checkpoint.parse(body, where).size
    return note.verify_checkpoint(text, checkpoint_key(party, size, where), where)


def noted_key(text: str, party: Party, where: str = "checkpoint") -> note.Vkey:
    """The key that has to have signed the checkpoint in a note of ``party``'s ledger; checks no signature."""
    body, _ = note.open_note(text, where)
    return checkpoint_key(party, note.Checkpoint.parse(body, where).size, where)


def witness_keys(party: Party) -> tuple[str, ...]:
    """Every key under which ``party`` ever cosigned, as vkey texts, oldest first; none of a guest."""
    if not party.card.witness:
        return ()
    name = note.Vkey.parse(party.card.witness).name
    keys = parties.keys_of(party, "witness")
    return tuple(str(note.vkey_of(name, key, note.COSIGNATURE)) for key, _ in keys)


def suspect_witnesses(party: Party) -> frozenset[str]:
    """The witness keys of ``party`` that were revoked. A cosignature states its own instant and stands in
    another's ledger, so no position tells a thief's from the owner's: none of that key proves an instant."""
    suspect = {key for (purpose, key) in parties.suspect_keys(party) if purpose == "witness"}
    return frozenset(v for v in witness_keys(party) if note.Vkey.parse(v).key in suspect)


def counted_keys(named: Iterable[tuple[str, str]], known: Mapping[str, Party]) -> Mapping[str, str]:
    """The witness keys whose cosignatures count under a time policy: vkey → the vkey that the policy names.

    ``named`` are (vkey, party id or ""). Where the named party is known and the key is its own, each key that
    it took up afterwards stands for the one named; what it revoked counts for nothing.
    """
    found: dict[str, str] = {}
    for vkey, of in named:
        party = known.get(of)
        keys = witness_keys(party) if party else ()
        if party is None or vkey not in keys:
            found[vkey] = vkey
            continue
        revoked = suspect_witnesses(party)
        for later in keys[keys.index(vkey) :]:
            if later not in revoked:
                found.setdefault(later, vkey)
    return found
