"""The one gate into a case: bytes become ``Verified`` facts here and nowhere else (``spec/04``, ``spec/06``).

The steps for a record, numbered as in ``spec/04-parties.md`` §4:
  1. the envelope is a well-formed signed statement;
  2. the opening, if any, matches the commitment;
  3. the envelope names a key of its author's own chain, and that key signed it;
  4. a receipt by the author's home ledger proves the envelope's leaf index there.
For an attestation: the ledger signed the checkpoint; each named leaf is proven in it; each counted
cosignature holds, and each timestamp token with its chain.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from comity.case.party_keys import noted_key
from comity.errors import Malformed, NotVerified
from comity.ledger import merkle, note, stamps
from comity.ledger.receipt import open_receipt, peek_receipt
from comity.ledger.stamps import Stamp
from comity.records import cbor, parties
from comity.records.bundles import Bundle, Record, read_bundle
from comity.records.kinds import Card
from comity.records.parties import Party

T = TypeVar("T", covariant=True)

TOKEN_COUNT = 16
"""The most timestamp tokens in an attestation."""

_GATE = object()


class Verified(Generic[T]):
    """A value that passed this module's checks; it cannot be built elsewhere.

    ``index`` is the leaf index in ledger ``home`` (a party id); ``stale`` marks a signature made under a
    key that its author had already replaced, ``suspect`` one that a revocation calls suspect.
    """

    __slots__ = ("home", "index", "stale", "suspect", "value")

    def __init__(
        self, value: T, home: str, index: int, stale: bool, suspect: bool = False, *, gate: object
    ) -> None:
        if gate is not _GATE:
            raise TypeError("Verified values come from verify_record and verify_attestation only")
        self.value = value
        self.home = home
        self.index = index
        self.stale = stale
        self.suspect = suspect

    @property
    def key_suspect(self) -> bool:
        """Whether only what is adverse to the signer counts: its key was replaced before, or is revoked."""
        return self.stale or self.suspect

    def __eq__(self, other: object) -> bool:
        """Two facts are equal where they say the same of the same bytes, whenever each was checked."""
        if not isinstance(other, Verified):
            return NotImplemented
        mine = (self.value, self.home, self.index, self.stale, self.suspect)
        return mine == (other.value, other.home, other.index, other.stale, other.suspect)

    def __hash__(self) -> int:
        return hash((self.home, self.index))

    def __repr__(self) -> str:
        return f"Verified({getattr(self.value, 'id', '?')[:12]} @ {self.home[:8]}:{self.index})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """A checkpoint of ledger ``home`` with the cosignatures on it, and the leaves it is shown to contain.

    ``leaves`` are (record id, index, inclusion path); ``seen_by`` maps a witness vkey to the instant of
    its cosignature (seconds since 1970 UTC), for the witnesses asked about; ``stamps`` are what the
    timestamp tokens prove, whomever a policy names.
    """

    id: str
    raw: bytes
    home: str
    size: int
    root: bytes
    records: tuple[str, ...]
    seen_by: Mapping[str, int]
    stamps: tuple[Stamp, ...] = ()


def verify_record(bundle: Bundle, party: Party, home: Party, where: str = "record") -> Verified[Record]:
    """The verified record of a bundle by ``party``, whose envelopes ``home`` registers."""
    record = read_bundle(bundle, where)
    return verify_read(record, bundle.receipt, party, home, where)


def verify_read(
    record: Record, receipt: bytes, party: Party, home: Party, where: str = "record"
) -> Verified[Record]:
    """As ``verify_record``, for a record already read from its bytes."""
    parties.verify_author(party, record.envelope, where)
    if home.id != party.home or not home.card.receipt:
        raise NotVerified("record.home", where, "the receipt is not by its author's home ledger")
    index, size = _leaf(record, receipt, home, where)
    stale = parties.stale_at(party, record.envelope, index)
    suspect = parties.suspect_at(party, record.envelope, index) or parties.suspect_tree(home, size)
    return Verified(record, home.id, index, stale, suspect, gate=_GATE)


def join_records(one: Verified[Record], two: Verified[Record]) -> Verified[Record]:
    """What two verified copies of one record say together, in whichever order they came.

    The fuller opening; the first of its places in the ledger, should a ledger hold it twice; and stale
    or suspect if either copy was checked against a chain of keys that shows it so.
    """
    if one.value.id != two.value.id:
        raise ValueError("two records do not join")
    value = max((one.value, two.value), key=lambda r: (r.frame is not None, r.content is not None))
    first = min((one, two), key=lambda fact: (fact.home, fact.index))
    same_place = (one.home, one.index) == (two.home, two.index)
    stale = one.stale or two.stale if same_place else first.stale
    suspect = one.suspect or two.suspect if same_place else first.suspect
    return Verified(value, first.home, first.index, stale, suspect, gate=_GATE)


def join_attestations(one: Verified[Attestation], two: Verified[Attestation]) -> Verified[Attestation]:
    """What two readings of the same attestation bytes say together: every cosignature that either counted."""
    if one.value.id != two.value.id:
        raise ValueError("two attestations do not join")
    # Two cards can name one checkpoint key; whose card was looked at first must not matter.
    first = min((one, two), key=lambda fact: fact.home)
    seen_by = dict(sorted({**one.value.seen_by, **two.value.seen_by}.items()))
    return Verified(replace(first.value, seen_by=seen_by), first.home, first.index, False, gate=_GATE)


def verify_party(
    card: Bundle, rotations: Iterable[Bundle], home: Party | None = None, where: str = "party"
) -> Party:
    """The party of a card and the key records that follow it, in order; ``home`` only for a guest.

    The card of a node is leaf 0 of its own ledger and needs no receipt (no receipt exists at size 1); a
    guest's is proven by its home ledger, given as ``home``.
    """
    record = read_bundle(card, f"{where}.card")
    founded = parties.found_party(record, 0, f"{where}.card")
    ledger = None
    if founded.guest:
        if home is None or home.id != founded.home:
            raise NotVerified("record.home", f"{where}.card", "the guest's home ledger is not known here")
        ledger = home
        index, _ = _leaf(record, card.receipt, home, f"{where}.card")
        founded = parties.found_party(record, index, f"{where}.card")
    else:
        _check_node(founded.card, f"{where}.card")
    for n, rotation in enumerate(rotations):
        at = f"{where}.rotate[{n}]"
        following = read_bundle(rotation, at)
        if ledger is not None:
            index, _ = _leaf(following, rotation.receipt, ledger, at)
            founded = parties.follow_party(founded, following, index, at)
            continue
        # The tree that first holds a record is signed under what that record takes up. So the chain is
        # followed first, and the receipt is then checked with the key that it leads to.
        index, _, _ = peek_receipt(rotation.receipt, f"{at}.receipt")
        founded = parties.follow_party(founded, following, index, at)
        _leaf(following, rotation.receipt, founded, at)
    return founded


def _check_node(card: Card, where: str) -> None:
    log = note.Vkey.parse(card.checkpoint, f"{where}.checkpoint")
    witness = note.Vkey.parse(card.witness, f"{where}.witness")
    if log.kind != note.ED25519 or witness.kind != note.COSIGNATURE:
        raise NotVerified("party.card", where, "a checkpoint or witness key is of the other's kind")
    purposes = {log.key.hex(), witness.key.hex(), card.receipt, card.statement}
    if len(purposes) != 4:
        raise NotVerified("party.card", where, "one key stands for two purposes")


def _leaf(record: Record, receipt: bytes, home: Party, where: str) -> tuple[int, int]:
    """Index and tree size of a receipt, under the key whose range holds that size."""
    at = f"{where}.receipt"
    _, size, _ = peek_receipt(receipt, at)
    facts = open_receipt(receipt, bytes.fromhex(record.id), parties.key_at(home, "receipt", size, at), at)
    return facts.index, facts.size


def render_attestation(
    text: str,
    leaves: Iterable[tuple[str, int, list[bytes]]],
    tokens: Iterable[tuple[bytes, list[bytes]]] = (),
) -> bytes:
    """Deterministic CBOR ``[1, note, leaves]``, or with timestamp tokens ``[2, note, tokens, leaves]``.

    Leaves are ``[record id, index, [path]]`` by index, tokens ``[token, [certificate, …]]`` by their bytes.
    """
    rows: list[cbor.Writable] = [
        [bytes.fromhex(r), i, path] for r, i, path in sorted(leaves, key=lambda leaf: leaf[1])
    ]
    stamped: list[cbor.Writable] = [[token, chain] for token, chain in sorted(tokens)]
    return cbor.encode([2, text, stamped, rows] if stamped else [1, text, rows])


def stamped_imprint(text: str, vkey: note.Vkey, where: str = "note") -> bytes:
    """What a timestamp token over a checkpoint is over: SHA-256 of the note with the ledger's line alone.

    So the cosignatures that come to it meanwhile change nothing.
    """
    body, lines = note.open_note(text, where)
    own = "".join(str(line) for line in lines if (line.name, line.key_hash) == (vkey.name, vkey.key_hash))
    return hashlib.sha256(f"{body}\n{own}".encode()).digest()


def attestation_id(raw: bytes) -> str:
    """Content address of an attestation, in hex."""
    return hashlib.sha256(b"comity/1/attestation\0" + raw).hexdigest()


def attested_note(raw: bytes, where: str = "attestation") -> str:
    """The note inside an attestation; nothing of it is checked but the form of the whole."""
    return _parts(raw, where)[0]


def attested_chains(raw: bytes, where: str = "attestation") -> list[bytes]:
    """The certificates beside the tokens of an attestation, unchecked."""
    return [certificate for _, chain in _tokens(_parts(raw, where)[1], where) for certificate in chain]


def _parts(raw: bytes, where: str) -> tuple[str, list[cbor.Value], list[cbor.Value]]:
    match cbor.decode(raw, where, other="attestation.form"):
        case [1, str() as text, [*rows]]:
            return text, [], rows
        case [2, str() as text, [*tokens], [*rows]] if 1 <= len(tokens) <= TOKEN_COUNT:
            return text, tokens, rows
    raise Malformed("attestation.form", where, "not an attestation")


def _tokens(rows: list[cbor.Value], where: str) -> list[tuple[bytes, list[bytes]]]:
    found: list[tuple[bytes, list[bytes]]] = []
    for n, row in enumerate(rows):
        match row:
            case [bytes() as token, [*chain]] if cbor.all_bytes(chain) and (
                not found or found[-1] < (token, chain)
            ):
                found.append((token, chain))
            case _:
                raise Malformed("attestation.form", f"{where}.tokens[{n}]", "not [token, chain] in order")
    return found


def verify_attestation(
    raw: bytes, home: Party, witnesses: Iterable[str] | Mapping[str, str], where: str = "attestation"
) -> Verified[Attestation]:
    """The verified attestation of these bytes about ``home``'s ledger.

    ``witnesses`` are vkey texts, or a mapping of vkeys to the vkey of the policy for which each stands
    (``party_keys.counted_keys``): ``seen_by`` names the latter, with the earliest instant.
    Cosignatures by others are left unread; one that is there by a named
    witness but does not hold is an attack, and the whole is ``NotVerified``. So is a timestamp token that
    does not hold (``attestation.token``), whoever made it.
    """
    text, tokens, rows = _parts(raw, where)
    ledger = noted_key(text, home, f"{where}.note")
    checkpoint = note.verify_checkpoint(text, ledger, f"{where}.note")
    records: list[str] = []
    last = -1
    for n, row in enumerate(rows):
        match row:
            case [bytes() as record, int() as index, [*path]] if (
                len(record) == 32 and index > last and cbor.all_bytes(path)
            ):
                last = index
                records.append(record.hex())
            case _:
                raise Malformed(
                    "attestation.form", f"{where}.leaves[{n}]", "not [record, index, path] in order"
                )
        merkle.verify_inclusion(record, index, checkpoint.size, path, checkpoint.root, f"{where}.leaves[{n}]")
    _, lines = note.open_note(text, f"{where}.note")
    present = {(line.name, line.key_hash) for line in lines}
    stands_for = witnesses if isinstance(witnesses, Mapping) else {w: w for w in witnesses}
    seen_by: dict[str, int] = {}
    for witness, named in sorted(stands_for.items()):
        vkey = note.Vkey.parse(witness)
        if (vkey.name, vkey.key_hash) in present:
            instant = note.verify_cosignature(text, vkey, f"{where}.cosignature")
            seen_by[named] = min(instant, seen_by.get(named, instant))
    stamped = [
        stamps.verify_stamp(token, chain, stamped_imprint(text, ledger), f"{where}.tokens[{n}]")
        for n, (token, chain) in enumerate(_tokens(tokens, where))
    ]
    attestation = Attestation(
        id=attestation_id(raw),
        raw=raw,
        home=home.id,
        size=checkpoint.size,
        root=checkpoint.root,
        records=tuple(records),
        seen_by=seen_by,
        stamps=tuple(stamped),
    )
    return Verified(attestation, home.id, checkpoint.size, False, gate=_GATE)
