"""Cosigning others' heads, and having one's own cosigned (C2SP tlog-witness; ``spec/06-time.md``).

A party's witness remembers the newest head of each ledger it knows, and cosigns only what extends it.
The memory is durable before a cosignature leaves. What comes back becomes an attestation: a checkpoint,
its cosignatures, and the inclusion paths of the case's records.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from comity.case.party_keys import checkpoint_keys, noted_key, read_checkpoint, witness_keys
from comity.case.time import count_attesting
from comity.case.verified import attestation_id, render_attestation
from comity.errors import ComityError, Malformed, NotVerified, Refused
from comity.exchange import continuity, delivery, mirroring, neutral, stamping
from comity.exchange.authoring import checkpoint
from comity.exchange.node import Node
from comity.exchange.ports import Message, Peers, Write
from comity.ledger import note, witness
from comity.records import bodies, cbor
from comity.records.kinds import Witness
from comity.records.parties import Party, suspect_keys

MEMORY = "witness/"
WITNESSED = "witnessed/"
"""Where the signed head is kept that was cosigned last, for the ledger itself to ask for."""

ADD_CHECKPOINT = "/add-checkpoint"


def cosign(node: Node, body: str) -> str:
    """The cosignature line for a C2SP add-checkpoint request.

    Raises ``witness.Conflict`` (409), ``witness.Unprocessable`` (422), ``Refused`` with
    ``witness.unknown-log`` (404), ``NotVerified`` (403), ``Malformed`` (400).
    """
    request = witness.parse_add_checkpoint(body)
    origin = request.note.split("\n", 1)[0]
    key, earlier = _key_of(node, request.note, origin)
    continuity.settle(node)
    with node.lock:
        # A witness that was put back to an old copy has forgotten what it cosigned since.
        continuity.require_current(node)
        # Remembered by name and key: another's card with the same name is another ledger. What was cosigned
        # under a key that this ledger has replaced since binds its new key too.
        place = MEMORY + str(key)
        places = [place, *(MEMORY + str(k) for k in earlier), MEMORY + origin]
        stored = next((raw for at in places if (raw := node.journal.note(at))), None)
        state = _remembered(stored) if stored else None
        shown = node.journal.note(WITNESSED + str(key))
        if stored and shown:
            # Nothing is cosigned after a memory that its own ledger's signature does not bear out.
            check_memory(stored, shown, str(key))
        try:
            following = witness.advance(state, request, key)
        except witness.Conflict as conflict:
            if conflict.code == "witness.split":
                _keep_split(node, key, request.note)
            raise
        if not shown or following != state:
            # Durable first: a witness that forgets can be made to sign two histories. Nothing is written for
            # the head cosigned last, which anyone may send again.
            own = neutral.own_line_alone(request.note, key).encode()
            node.journal.write(Write(notes={place: _remember(following), WITNESSED + str(key): own}))
    vkey = note.Vkey.parse(witness_keys(node.party)[-1])
    line = note.cosign(request.note, vkey.name, node.seed("witness"), node.effects.now())
    note.verify_cosignature(note.merge_signatures(request.note, line), vkey)
    return line


def _key_of(node: Node, text: str, origin: str) -> tuple[note.Vkey, list[note.Vkey]]:
    """The key that signed a checkpoint, of all that known parties give for a ledger of this name at its size;
    and the keys that this ledger had before it, newest first."""
    named = node.ledgers_named(origin)
    if not named:
        raise Refused("witness.unknown-log", origin, "no party with this ledger is known here")
    for party in named:
        with contextlib.suppress(NotVerified):
            read_checkpoint(text, party)
            return _with_earlier(node, noted_key(text, party), party)
    return _with_earlier(node, noted_key(text, named[0]), named[0])


def _with_earlier(node: Node, key: note.Vkey, party: Party) -> tuple[note.Vkey, list[note.Vkey]]:
    keys = checkpoint_keys(party)
    return key, [k for k in reversed(keys[: keys.index(key)]) if not _disowned(node, party, k)]


def _disowned(node: Node, party: Party, key: note.Vkey) -> bool:
    """Whether what was cosigned last under a ledger's earlier key is its thief's: the party revoked the key
    from a leaf on that the remembered tree holds. The next key begins anew then, and is not held to it."""
    since = suspect_keys(party).get(("checkpoint", key.key))
    stored = node.journal.note(MEMORY + str(key))
    return since is not None and stored is not None and _remembered(stored).size > since


def _keep_split(node: Node, key: note.Vkey, other: str) -> None:
    """Keep what proves that the holder of ``key`` signed another head than the one cosigned here."""
    known = node.journal.note(WITNESSED + str(key))
    homes = [p.id for p in node.ledgers_named(key.name) if key in checkpoint_keys(p)]
    if known is not None and homes:
        split = witness.prove_split(known.decode(), neutral.own_line_alone(other, key), key)
        mirroring.keep_split(node, homes[0], split)


def _remember(state: witness.WitnessState) -> bytes:
    return cbor.encode([state.origin, state.size, state.root])


def _remembered(raw: bytes) -> witness.WitnessState:
    match cbor.decode(raw, "journal", code="witness.memory"):
        case [str() as origin, int() as size, bytes() as root]:
            return witness.WitnessState(origin=origin, size=size, root=root)
    raise Malformed("witness.memory", "journal", "the witness's memory is damaged")


def check_memory(raw: bytes, text: bytes, key: str) -> None:
    """Return only if what is remembered of a ledger is the head that its key signed; ``NotVerified``
    (``witness.memory``) otherwise: one of the two was changed where it is stored."""
    state = _remembered(raw)
    head = note.verify_checkpoint(text.decode("utf-8", "replace"), note.Vkey.parse(key), MEMORY + key)
    if (state.origin, state.size, state.root) != (head.origin, head.size, head.root):
        raise NotVerified("witness.memory", MEMORY + key, "not the head that was cosigned last")


def attest(node: Node, case: str, peers: Peers) -> bool:
    """Have this ledger's head cosigned by the case's witnesses, and stamped by its authorities, and keep it
    as an attestation; whether one was made. Covers the case's records registered here that no attestation
    meets the policy for yet.

    A witness or authority that is down or declines is passed over; the next turn asks again.
    """
    state = node.state(case)
    me = node.party.id
    if state.policy is None:
        return False
    counted = node.counted(state)
    witnesses = [
        (key, base)
        for w in state.policy.witnesses
        if w.party != me and (base := _address_of(node, w)) and (key := _newest_key(node, w, counted))
    ]
    # Only what can meet the policy is worth sending round.
    stamping_most = stamping.can_stamp(node, state.policy)
    if len(witnesses) + stamping_most < state.policy.quorum:
        return False
    covered = {
        record
        for fact in state.attestations.values()
        if fact.value.home == me and count_attesting(state.policy, fact.value) >= state.policy.quorum
        for record in fact.value.records
    }
    waiting = sorted(
        (fact.index, record)
        for record, fact in state.records.items()
        if fact.home == me and record not in covered
    )
    if not waiting:
        return False
    continuity.require_current(node)
    with node.lock:
        text = checkpoint(node)
        tree = node.tree()
        head = read_checkpoint(text, node.party)
        leaves = [
            (record, index, tree.inclusion(index, head.size))
            for index, record in waiting
            if index < head.size
        ]
    lines = []
    for vkey, base in witnesses:
        line = _ask(node, peers, vkey, base, text, head)
        if line:
            lines.append(line)
    if len(lines) + stamping_most < state.policy.quorum:
        return False
    tokens = stamping.stamp_head(node, case, state.policy, text)
    if len(lines) + len(tokens) < state.policy.quorum:
        return False
    raw = render_attestation(note.merge_signatures(text, lines), leaves, tokens)
    # Checked like anyone's before it is stored and sent.
    node.attestation(raw, counted)
    # Stored and addressed at once: who is invited in between would get it neither with the history nor now.
    with node.lock:
        node.journal.write(
            Write(attestations=[(case, attestation_id(raw), raw)], outbox=_messages(node, case, raw))
        )
    return True


def _address_of(node: Node, named: Witness) -> str:
    """Where a witness takes checkpoints: by its card, or, for one that is no party, by the case's policy."""
    return delivery.address_of(node, named.party) if named.party else named.url


def _newest_key(node: Node, named: Witness, counted: Mapping[str, str]) -> str:
    """The key under which a witness of the policy cosigns now; "" where none of its keys counts."""
    party = node.parties().get(named.party)
    keys = witness_keys(party) if party else ()
    held = [key for key in keys if counted.get(key) == named.vkey]
    return held[-1] if held else named.vkey if counted.get(named.vkey) == named.vkey else ""


def _reachable(node: Node, party: str) -> bool:
    return bool(delivery.address_of(node, party))


def _messages(node: Node, case: str, raw: bytes) -> list[Message]:
    me = node.party.id
    return [
        delivery.seal_parcel(node, member, delivery.Parcel(case=case, attestations=[raw]))
        for member in node.state(case).members
        if member != me and _reachable(node, member)
    ]


def _ask(node: Node, peers: Peers, witness_key: str, base: str, text: str, head: note.Checkpoint) -> str:
    """One witness's cosignature line, or "" where it is down, declines, or answers with something else."""
    vkey = note.Vkey.parse(witness_key)
    place = f"cosigned/{witness_key}"
    old = min(int(node.journal.note(place) or b"0"), head.size)
    for _ in range(2):
        with node.lock:
            proof = node.tree().consistency(old, head.size)
        body = witness.format_add_checkpoint(old, proof, text).encode()
        try:
            line = _line_of(vkey, peers.post(base, ADD_CHECKPOINT, body).decode())
            if note.verify_cosignature(note.merge_signatures(text, line), vkey) >= bodies.INSTANT_LIMIT:
                return ""
        except Refused as refused:
            # The witness names the size that it remembers; ask once more from there.
            if refused.code != "peer.conflict":
                return ""
            # It may say that it cosigned more than is here. That proves nothing; what it holds may.
            try:
                old = note.parse_decimal(refused.where, base, head.size + 1)
            except Malformed:
                node.doubted = True
                return ""
        except (ComityError, UnicodeDecodeError):
            return ""
        else:
            node.journal.write(Write(notes={place: str(head.size).encode()}))
            return line
    return ""


def _line_of(vkey: note.Vkey, answer: str) -> str:
    """The one line by this key. What a witness adds in another's name is not carried on: it would take the
    place of the other's own, and everyone would refuse the whole."""
    lines = note.parse_signatures(answer, "cosignature")
    return "".join(str(line) for line in lines if (line.name, line.key_hash) == (vkey.name, vkey.key_hash))
