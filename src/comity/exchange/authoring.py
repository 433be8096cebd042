"""How a party signs one more record: the only way into a ledger (``spec/08-ledger.md`` §1).

The order matters, and is that of the promise "a retry never forks":
  1. the body is made, its place in the chain found, and the node's own fold asked whether it is admissible;
  2. salts and signed envelope are durable in the journal, with the messages that carry them, in one write;
  3. then the mark moves; only then are tiles written, after them the checkpoint, and only then is anything
     sent.
A crash after 2 is finished by ``publish_head`` at the next start; a crash before 2 leaves nothing. So does an
error: before 2 it is told, after 2 the record stands, and only its publication is put off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from comity.case.fold import fold
from comity.case.party_keys import checkpoint_key, read_checkpoint
from comity.case.state import State
from comity.case.verified import Verified, verify_read
from comity.errors import ComityError, NotVerified, Refused, Unavailable
from comity.exchange import continuity, delivery
from comity.exchange.node import Node, PartialBundle
from comity.exchange.noticing import require_told_first
from comity.exchange.ports import Conflict, Held, Leaf, Write
from comity.ledger import merkle, note, tiles
from comity.ledger.receipt import issue_receipt
from comity.phrases import phrase
from comity.records import bodies, ed25519, envelopes, kinds
from comity.records.bundles import Record, commitment, make_opening, open_record
from comity.records.envelopes import Envelope
from comity.records.kinds import Content, Frame
from comity.records.parties import Party

RETRIES = 8

_STEP = tiles.WIDTH**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A record that is about to be signed: what it says, to whom, about what."""

    content: Content
    audience: Sequence[str]
    references: Sequence[str] = ()
    # None: what the node marks with, and TLP:CLEAR where everybody may read it.
    marking: kinds.Marking | None = None
    # Package bytes that go to the audience with the record, by digest (disclosures).
    packages: Sequence[str] = ()
    # Part of a publication that states why a party it names was not told before.
    reasoned: bool = False


def author(
    node: Node,
    case: str,
    draft: Draft,
    notes: Mapping[str, bytes] | None = None,
    *,
    require: Callable[[State], None] | None = None,
) -> Verified[Record]:
    """Sign, store and queue one record in a case; ``Refused`` if the rules of the case forbid it, or if it
    would name a party in public that was not told (``publish.no-notice``, ``exchange/noticing.py``).

    ``notes`` are stored in the same write. ``require`` raises where the record is not to be written after
    all: it is told the very state that the record is written upon, even where another process wrote
    meanwhile. Nothing is written where an error is raised. Where the record is
    durable and only the public files cannot be written now, that is no error of this act:
    ``Node.unpublished`` says so, and it is made good later.
    """
    continuity.settle(node)
    with node.lock:
        for _ in range(RETRIES):
            try:
                return _author(node, case, draft, notes or {}, require)
            except Conflict:
                continue  # another process wrote in between; everything is computed anew
        raise Refused("journal.busy", case, "another process keeps writing; try again")


def _author(
    node: Node,
    case: str,
    draft: Draft,
    notes: Mapping[str, bytes],
    require: Callable[[State], None] | None,
) -> Verified[Record]:
    party = node.party
    key = notes.get(f"case-key/{case}") or node.case_key(case)
    # The size first: what is written meanwhile makes the write below conflict, and all is computed anew.
    expected = node.journal.size()
    state = node.state(case)
    if require:
        require(state)
    sub = envelopes.alias(key, party.id)
    last = node.journal.last_of(party.id, sub)
    frame = Frame(
        kind=draft.content.kind,
        author=party.id,
        case=case,
        at=bodies.time_text(node.effects.now()),
        marking=mark(node, draft.content.kind, draft.audience, draft.marking),
        audience=_audience(draft.audience),
        rules=kinds.rules_needed(draft.content),
        seen=delivery.newest_seen(state, party.id),
        references=tuple(sorted({*draft.references, *_pinning(state, draft.content)})),
    )
    opening = make_opening(frame, draft.content, node.effects.random(32), node.effects.random(32))
    envelope = envelopes.seal_envelope(
        node.seed("statement"),
        iss=party.id,
        sub=sub,
        seq=last.seq + 1 if last else 0,
        prev=last.id if last else kinds.NO_CASE,
        keys=party.newest.record,
        payload=commitment(opening),
    )
    index, receipt = issue_next(node, envelope)
    if index != expected:
        raise Conflict("journal.moved", "journal", f"the ledger has {index} leaves, not {expected}")
    verified = verify_read(open_record(envelope, opening), receipt, party, party)
    after = fold([verified], state)
    if envelope.id in after.refused:
        refusal = after.refused[envelope.id]
        raise Refused(f"rule.{refusal.rule}", draft.content.kind, refusal.why)
    if envelope.id in after.waiting:
        missing = ", ".join(n[:12] for n in after.waiting[envelope.id].needs)
        raise Refused("record.waiting", draft.content.kind, f"builds on what is not held here: {missing}")
    opened = draft.content.to if isinstance(draft.content, kinds.Grant) else draft.audience
    if kinds.PUBLIC in opened and not draft.reasoned:
        require_told_first(state, after, party.id, node.parties())
    held = Held(
        id=envelope.id,
        case=case,
        iss=party.id,
        sub=sub,
        seq=envelope.seq,
        home=party.id,
        envelope=envelope.raw,
        receipt=receipt,
        opening=opening,
    )
    node.journal.write(
        Write(
            expected=index,
            leaves=[leaf_of(envelope, index)],
            held=[held],
            notes=dict(notes),
            outbox=delivery.messages_for(node, after, [held], packages=draft.packages),
        )
    )
    publish_soon(node)
    return verified


def _pinning(state: State, content: Content) -> set[str]:
    """The opening that lets a case hold what came with later rules (rule 7)."""
    needed = kinds.rules_needed(content)
    if needed == 1 or state.opening is None or isinstance(content, kinds.Open):
        return set()
    if state.opening.frame.rules < needed:
        pinned = f"this case was opened under rules {state.opening.frame.rules}"
        raise Refused("case.rules", content.kind, f"needs rules {needed}, and {pinned} for its whole life")
    return {state.opening.id}


def mark(
    node: Node, kind: str, audience: Iterable[str], wanted: kinds.Marking | None = None
) -> kinds.Marking:
    """The marking (TLP 2.0) of a record to ``audience``: the one ``wanted``, else the node's; ``Refused``
    (``record.marking``) where that is for fewer than everybody, and everybody is addressed."""
    wanted = wanted or node.marking
    if kinds.PUBLIC not in audience:
        return wanted or "TLP:AMBER"
    if wanted not in (None, "TLP:CLEAR"):
        raise Refused(
            "record.marking",
            kind,
            phrase(
                "marked {}, and addressed to everybody: mark it TLP:CLEAR, or say who may read it", wanted
            ),
        )
    return "TLP:CLEAR"


def _audience(members: Iterable[str]) -> tuple[str, ...]:
    wanted = set(members)
    return (kinds.PUBLIC,) if kinds.PUBLIC in wanted else tuple(sorted(wanted))


def leaf_of(envelope: Envelope, index: int, iss: str = "") -> Leaf:
    """The leaf that registers an envelope at an index (a card is registered under its own party id)."""
    return Leaf(
        index=index,
        id=envelope.id,
        iss=iss or envelope.iss,
        sub=envelope.sub,
        seq=envelope.seq,
        envelope=envelope.raw,
    )


def issue_next(node: Node, envelope: Envelope, seed: bytes | None = None) -> tuple[int, bytes]:
    """The index the envelope will have, and the receipt it will then deserve (at the size it makes).

    ``seed`` is the receipt key that the envelope itself takes up, if it does.
    """
    tree = node.tree()
    index, leaf = tree.size, bytes.fromhex(envelope.id)
    path = next_path(tree)
    root = merkle.root_from_inclusion(leaf, index, index + 1, path)
    current = node.seed("receipt")  # which also asks whether this node may sign at all
    seed = seed or current
    kid = ed25519.thumbprint(ed25519.public_of(seed))
    return index, issue_receipt(seed, kid, index + 1, index, path, root)


def next_path(tree: merkle.Tree) -> list[bytes]:
    """The inclusion path that the next leaf will have at the size it makes: the full subtrees to its left."""
    path: list[bytes] = []
    start = 0
    for level in reversed(range(tree.size.bit_length())):
        if tree.size >> level & 1:
            path.append(tree.node(level, start >> level))
            start += 1 << level
    return path[::-1]


def publish_head(node: Node, *, mend: bool = True) -> None:
    """Write what the public may fetch, up to the journal: entries and tiles first, the checkpoint last.

    Idempotent: after a crash it writes what is missing. A checkpoint never names a leaf that is not
    durable in the journal, and the mark moves between the two. While signing is held (``continuity``), what
    is published stays as it is. A published checkpoint that is damaged proves nothing: everything is written
    anew then, or, without ``mend``, left for the next act and for ``comity ledger check`` to name.
    """
    with node.lock:
        tree = node.tree()
        if not tree.size:
            return
        node.unpublished = None
        current = node.public.read("checkpoint")
        done = 0
        signed = node.head is not None and node.head[0] == current
        if current and not signed and _damaged(current, node.party, tree.size):
            if not mend:
                return
        elif current:
            text = current.decode("utf-8", "replace")
            if signed and node.head is not None:
                before = node.head[1]
            else:
                before = read_checkpoint(text, node.party, "public/checkpoint")
            done = before.size
            if done > tree.size or tree.root(done) != before.root:
                # This ledger signed more than the journal holds, or something else: nothing follows it here.
                continuity.take_checkpoint(node, text)
                return
        if done == tree.size or continuity.standing(node).held:
            return
        seed = node.seed("checkpoint")
        continuity.remember(node)
        while done < tree.size:
            # In steps, so that publishing a large ledger anew needs little memory.
            step = min(tree.size, (done // _STEP + 1) * _STEP)
            files = list(_new_files(node, tree, done, step))
            if step < tree.size:
                node.public.write_all(files)
            else:
                head = _sign_head(node, tree, seed)
                node.public.write_all(files, ("checkpoint", head[0]))
                node.head = head
            done = step


def _sign_head(node: Node, tree: merkle.Tree, seed: bytes) -> tuple[bytes, note.Checkpoint]:
    vkey = checkpoint_key(node.party, tree.size)
    if node.signer.public("checkpoint") != vkey.key:
        raise Refused("key.other", "checkpoint", "not the checkpoint key that this node's party names")
    head = note.Checkpoint(origin=vkey.name, size=tree.size, root=tree.root())
    text = note.sign_checkpoint(head, seed)
    # A key file that changed under the node makes no checkpoint that others would have to refuse.
    note.verify_checkpoint(text, vkey)
    return text.encode(), head


def publish_soon(node: Node, *, mend: bool = True) -> Unavailable | None:
    """As ``publish_head``, after what is durable already: files that cannot be written now are written by
    whoever publishes next (an act, the worker, an opening of this node). The error, kept in
    ``Node.unpublished`` too, or None.

    The mark has moved in any case, so that what was signed may leave; ``Unavailable`` where it cannot.
    """
    with node.lock:
        try:
            publish_head(node, mend=mend)
        except Unavailable as error:
            if not continuity.standing(node).held:
                continuity.remember(node)
            node.unpublished = error
        return node.unpublished


def _damaged(raw: bytes, party: Party, size: int) -> bool:
    """Whether these bytes are no checkpoint, or one of this ledger that its keys did not sign.

    Another ledger's is not damaged, and neither is one of more leaves than ``size``, which may be signed with
    a key that this journal does not know yet: neither is ever written over.
    """
    text = raw.decode("utf-8", "replace")
    try:
        head = note.Checkpoint.parse(note.open_note(text)[0])
    except ComityError:
        return True
    if head.origin != note.Vkey.parse(party.card.checkpoint).name or head.size > size:
        return False
    try:
        read_checkpoint(text, party)
    except ComityError:
        return True
    return False


def _begun_bundle(node: Node, tree: merkle.Tree, start: int, done: int) -> tuple[int, bytes]:
    """How far this process published the bundle that begins with leaf ``start``, and its entries so far.

    They were read back then; what follows them is all that is new. ``start`` and nothing where another
    process published, or something has to be mended.
    """
    kept = node.bundle
    if kept is None or (kept.start, kept.stop) != (start, done) or kept.root != tree.root(done):
        return start, b""
    return done, kept.entries


def _new_files(node: Node, tree: merkle.Tree, done: int, size: int) -> Iterator[tuple[str, bytes]]:
    for name, start, end in tiles.new_bundles(done, size):
        begun, behind = _begun_bundle(node, tree, start, done)
        entries = node.journal.envelopes(begun, end)
        # Read back: what a tile and a checkpoint will stand for is what is stored.
        if [merkle.leaf_hash(entry) for entry in entries] != tree.nodes(0, begun, end):
            raise NotVerified("journal.leaf", name, "the stored envelopes are not those that were registered")
        bundle = behind + tiles.encode_entries(entries)
        node.bundle = PartialBundle(start=start, stop=end, root=tree.root(end), entries=bundle)
        yield name, bundle
    yield from tiles.new_tiles(tree, done, size)


def checkpoint(node: Node) -> str:
    """This ledger's newest signed checkpoint."""
    publish_head(node)
    raw = node.public.read("checkpoint")
    if raw is None:
        raise Refused("node.empty", "", "this node has no ledger yet")
    return raw.decode()
