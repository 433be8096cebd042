"""What proves that a party signed two histories, from the bytes alone (``spec/05-rules.md`` rule 27).

Two envelopes of one (iss, sub, seq) exclude each other: an author's chain has one record at each place. So
do two checkpoints of one ledger with one size and two roots. Two of different sizes do if there is a
consistency proof that *holds* between the larger and another root for the smaller size than was signed:
the larger tree then begins otherwise. A consistency proof that fails shows nothing; anyone can make one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from comity.case.party_keys import checkpoint_key
from comity.case.verified import verify_party
from comity.errors import Malformed, NotVerified
from comity.ledger import witness
from comity.ledger.witness import Split
from comity.records import envelopes, parties
from comity.records.bundles import Bundle, parse_bundle, render_bundle
from comity.records.kinds_of_conduct import Prove
from comity.records.parties import Party


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainFork:
    """Two envelopes that ``party`` signed for place ``seq`` under its alias ``sub``; ids in order."""

    party: str
    sub: str
    seq: int
    records: tuple[str, str]


def verify_chain_fork(first: bytes, second: bytes, party: Party, where: str = "fork") -> ChainFork:
    """The fork that these two envelopes prove; ``NotVerified`` (``equivocation.none``) if they do not."""
    a = envelopes.open_envelope(first, f"{where}.first")
    b = envelopes.open_envelope(second, f"{where}.second")
    parties.verify_author(party, a, f"{where}.first")
    parties.verify_author(party, b, f"{where}.second")
    if (a.sub, a.seq) != (b.sub, b.seq):
        raise NotVerified("equivocation.none", where, "two envelopes for two places of a chain")
    if a.id >= b.id:
        why = "one envelope, twice" if a.id == b.id else "the two are not in the order of their ids"
        raise NotVerified("equivocation.none", where, why)
    return ChainFork(party=party.id, sub=a.sub, seq=a.seq, records=(a.id, b.id))


def verify_equivocation(content: Prove, where: str = "equivocation") -> ChainFork | Split:
    """What the record proves, by its own bytes; ``NotVerified`` or ``Malformed`` where it proves nothing."""
    party = _party(content, where)
    if party.id != content.party:
        raise NotVerified("equivocation.party", f"{where}.card", "the card is another party's")
    first, second = bytes.fromhex(content.first), bytes.fromhex(content.second)
    if content.of == "chain":
        if content.root or content.proof:
            raise NotVerified("equivocation.form", where, "two envelopes need no root and no proof")
        return verify_chain_fork(first, second, party, where)
    if party.guest or content.home:
        raise NotVerified("equivocation.form", where, "a ledger's checkpoints need its own keys and no more")
    split = witness.prove_split(
        _text(first, f"{where}.first"),
        _text(second, f"{where}.second"),
        lambda size: checkpoint_key(party, size, where),
        root=bytes.fromhex(content.root),
        proof=[bytes.fromhex(node) for node in content.proof],
    )
    if split.notes != (_text(first, where), _text(second, where)):
        raise NotVerified("equivocation.form", where, "the two notes are not in their order")
    return split


def _party(content: Prove, where: str) -> Party:
    def read(blobs: Sequence[str], part: str) -> list[Bundle]:
        return [parse_bundle(bytes.fromhex(b), f"{where}.{part}[{n}]") for n, b in enumerate(blobs)]

    home = read(content.home, "home")
    ledger = verify_party(home[0], home[1:], None, f"{where}.home") if home else None
    (card,) = read([content.card], "card")
    return verify_party(card, read(content.keys, "keys"), ledger, where)


def _text(raw: bytes, where: str) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise Malformed("note.text", where, "not valid UTF-8") from None


def prove_chain(
    first: bytes, second: bytes, party: str, files: Sequence[Bundle], home: Sequence[Bundle] = ()
) -> Prove:
    """The content of a record that proves a fork: ``files`` are the party's card and key records, ``home``
    those of a guest's ledger. What does not prove it raises as ``verify_equivocation``."""
    a, b = sorted((first, second), key=envelopes.record_id)
    content = Prove(
        party=party,
        of="chain",
        card=render_bundle(files[0]).hex(),
        first=a.hex(),
        second=b.hex(),
        keys=tuple(render_bundle(k).hex() for k in files[1:]),
        home=tuple(render_bundle(k).hex() for k in home),
    )
    verify_equivocation(content)
    return content


def prove_ledger(split: Split, party: str, card: Bundle, keys: Sequence[Bundle] = ()) -> Prove:
    """The content of a record that proves a split view, with the key records that say which key signed
    each head; raises as ``verify_equivocation``."""
    content = Prove(
        party=party,
        of="ledger",
        card=render_bundle(card).hex(),
        first=split.notes[0].encode().hex(),
        second=split.notes[1].encode().hex(),
        keys=tuple(render_bundle(k).hex() for k in keys),
        root=split.root.hex(),
        proof=tuple(node.hex() for node in split.proof),
    )
    verify_equivocation(content)
    return content
