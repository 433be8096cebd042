"""Whether the keys in a folder are those that a party signs with now, and what it means if not."""

from __future__ import annotations

from comity.adapters.key_files import PURPOSES, KeyFiles
from comity.errors import Refused
from comity.records import ed25519, parties
from comity.records.kinds import Purpose
from comity.records.parties import Party


def match_keys(keys: KeyFiles, party: Party) -> bool:
    """Take up what the party's key records say was taken up; whether the keys are ahead of those records.

    Keys that are ahead belong to a journal that was put back to an old copy. ``Refused`` (``key.other``)
    where they are behind, or another's.
    """
    for coming, seed in keys.coming().items():
        if parties.keys_of(party, coming)[-1][0] == ed25519.public_of(seed):
            keys.adopt({coming: seed})
    age = keys.recipient_coming
    if age and any(link.age == age for link in party.keys):
        keys.adopt_recipient(age)
    ahead = [_is_ahead(keys, party, purpose) for purpose in PURPOSES]
    if parties.recipient_of(party) not in keys.recipients():
        why = "the age key that messages are sealed to now is not here; put back the newest backup"
        raise Refused("key.other", keys.where, why)
    return any(ahead)


def _is_ahead(keys: KeyFiles, party: Party, purpose: Purpose) -> bool:
    held = parties.keys_of(party, purpose)
    found = keys.public(purpose)
    if held[-1][0] == found:
        return False
    if held[-1][0] in keys.publics(purpose):
        return True
    if any(key == found for key, _ in held):
        why = (
            f"these keys are older than the journal: leaf {held[-1][1]} of this ledger took up another "
            f"{purpose} key, which is not here. Put back the newest backup of this folder"
        )
    else:
        why = (
            f"the {purpose} key here never was one of this node's party, {party.card.name} "
            f"({party.id[:16]}): these are the keys of another. Put back its own"
        )
    raise Refused("key.other", keys.where, why)
