"""Asking others what this ledger has signed, and taking back what an old copy of it lacks (``spec/08`` §9).

Two answers stand behind this, which every node gives: ``/x/heads/ID``, the signed heads of a party's ledger
that are held here, for everyone; and ``/x/copies/ID``, what is held of its records, sealed to that party.
Nothing in either is believed: heads are signed by the ledger itself, entries are hashed up to a proven
root, records pass the gate that every message passes.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from comity.case.party_keys import checkpoint_keys
from comity.errors import ComityError, Malformed, NotVerified, Refused, Unavailable
from comity.exchange import continuity, delivery
from comity.exchange.authoring import leaf_of, publish_head
from comity.exchange.continuity import Head, Standing
from comity.exchange.delivery import Parcel, address_of
from comity.exchange.mirroring import FORK, HEAD, LEAVES, read_fork
from comity.exchange.node import Node, PartyFile, open_card, parse_party_file
from comity.exchange.ports import Leaf, Peers, Write
from comity.exchange.witnessing import WITNESSED
from comity.ledger import tiles
from comity.ledger.merkle import HASH_SIZE, Tree, leaf_hash
from comity.records import cbor, envelopes, kinds, parties
from comity.records.bundles import Bundle

HEADS, COPIES = "/x/heads/", "/x/copies/"
HEADS_LIMIT = 256 * 1024
AT_ONCE = 16
"""How many parties are asked at once."""
ASKING_TIME = 120
"""Seconds after which nobody more is asked: parties that are silent must not keep a node from going on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """What asking brought: the standing after it, how many of those whose answer counts were asked and
    answered, and what went wrong."""

    standing: Standing
    asked: int
    answered: int
    failures: tuple[tuple[str, ComityError], ...] = ()

    @property
    def enough(self) -> bool:
        """Whether more than half of them answered."""
        return 2 * self.answered > self.asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What came back: leaves appended, records new here, leaves whose content nobody gave (by index)."""

    standing: Standing
    appended: int
    records: int
    closed: tuple[int, ...]
    failures: tuple[tuple[str, ComityError], ...] = ()


# Answering others


def answer_heads(node: Node, party: str) -> bytes:
    """Everything held here that shows how long a party's ledger was: deterministic CBOR
    ``[1, instance, [checkpoint, …], [[record id, receipt], …]]``. ``instance`` is "" but for the party
    itself. Takes no lock, so that two nodes can ask each other at once.
    """
    heads: list[str] = []
    instance = ""
    if party == node.id:
        instance = node.continuity.read().instance if node.continuity else ""
        raw = node.public.read("checkpoint")
        heads += [raw.decode("utf-8", "replace")] if raw else []
    else:
        known = node.known_party(party) or node.parties().get(party)
        witnessed = [WITNESSED + str(key) for key in reversed(checkpoint_keys(known))] if known else []
        for name in (HEAD + party, *witnessed):
            raw = node.journal.note(name)
            heads += [raw.decode("utf-8", "replace")] if raw else []
        fork = node.journal.note(FORK + party)
        heads += read_fork(fork, party)[0] if fork else ()
    newest = node.newest.of(node.journal, party)
    return cbor.encode([1, instance, heads, [[bytes.fromhex(i), r] for i, r in ([newest] if newest else [])]])


def answer_copies(node: Node, party: str) -> bytes:
    """What is held here of a party's ledger and cases, sealed to that party: the leaf hashes copied of its
    ledger, and for each case that it is a member of, the key and what it may read there."""
    recipient = parties.recipient_of(node.author(party))
    if not recipient:
        raise Refused("party.guest", party[:12], "nothing can be sealed to this party")
    cases: list[cbor.Value] = []
    with node.lock:
        for case in node.cases():
            state = node.state(case)
            if party in state.members:
                parcel = Parcel(case=case, parties=[node.party_file(party).render()])
                delivery.add_history(node, state, parcel, party)
                parcel.parties = sorted(set(parcel.parties))
                cases.append([node.case_key(case), parcel.render()])
        leaves = node.journal.note(LEAVES + party) or b""
        head = (node.journal.note(HEAD + party) or b"").decode("utf-8", "replace")
        file = node.party_file(party).render()
    return node.boxes.seal_to([recipient], cbor.encode([1, leaves, head, file, cases]))


# Asking


def inquire(node: Node, peers: Peers) -> Inquiry:
    """Ask everyone known here for the heads of this node's ledger, and take in what they prove.

    Where it could not be told whether the journal is whole, and more than half of those that count answered
    without showing that it is not, signing goes on. Those are the parties that share a case with this node
    or witness one of its cases; where there are none, all that it knows. Silence of all is no obstacle
    after a mere restart.
    """
    failures: list[tuple[str, ComityError]] = []

    def take(party: str, answer: bytes | ComityError) -> None:
        if isinstance(answer, ComityError):
            raise answer
        for text, leaf, receipt in _read_heads(answer, party[:12])[1]:
            if text:
                continuity.take_checkpoint(node, text, party[:12])
            else:
                continuity.take_receipt(node, leaf, receipt, party[:12])

    raw = node.public.read("checkpoint")
    if raw:
        _gather(
            failures, "checkpoint", lambda: continuity.take_checkpoint(node, raw.decode("utf-8", "replace"))
        )
    node.twin = _find_twin(node, peers)
    partners, others = _holders(node)
    # Anyone can have cards of parties of its own carried here, silent ones or obliging ones: while there are
    # partners, only their answers count. What anybody proves counts in any case.
    counted = dict(partners or others)
    answered = 0
    until = node.effects.now() + ASKING_TIME
    everyone = [*partners, *others]
    for start in range(0, len(everyone), AT_ONCE):
        group = everyone[start : start + AT_ONCE]
        if node.effects.now() > until:
            late = "not asked: others took too long"
            failures += [(party, Unavailable("heads.late", base, late)) for party, base in group]
            continue
        answers = peers.get_each([(base, HEADS + node.id) for _, base in group], HEADS_LIMIT)
        for (party, _), answer in zip(group, answers, strict=True):
            took = _gather(failures, party, lambda party=party, answer=answer: take(party, answer))  # type: ignore[misc]
            answered += took and party in counted
    found = continuity.standing(node)
    done = Inquiry(standing=found, asked=len(counted), answered=answered, failures=tuple(failures))
    if (found.state == "unsure" and done.enough) or (found.state == "restarted" and answered):
        continuity.go_on(node)
        done = replace(done, standing=continuity.standing(node))
    return done


def _gather(failures: list[tuple[str, ComityError]], name: str, run: Callable[[], object]) -> bool:
    try:
        run()
    except ComityError as error:
        failures.append((name, error))
        return False
    return True


def _holders(node: Node) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Parties with a node of their own, and where it listens: those that share a case with this node, or
    witness one, and all others."""
    known = ((party.id, address_of(node, party.id)) for party in node.parties().values())
    found = sorted((party, base) for party, base in known if base and party != node.id)
    sharing: set[str] = set()
    for case in node.cases():
        # A case that cannot be read here names nobody, and stops no question to others.
        with contextlib.suppress(ComityError):
            state = node.state(case)
            sharing |= set(state.members)
            sharing |= {w.party for w in state.policy.witnesses} if state.policy else set()
    return [one for one in found if one[0] in sharing], [one for one in found if one[0] not in sharing]


def _find_twin(node: Node, peers: Peers) -> bool:
    """Whether another copy of this node answers at this node's own address."""
    base = address_of(node, node.id)
    if not base or node.continuity is None:
        return False
    own = {"", node.continuity.read().instance}
    if own == {""}:
        return False
    try:
        instance, heads = _read_heads(peers.get(base, HEADS + node.id, HEADS_LIMIT), "own address")
        for text, _, _ in heads:
            if text:
                continuity.take_checkpoint(node, text, "own address")
    except ComityError:
        # Nobody there, or another program: either way no copy of this node.
        return False
    # Between the question and the answer whoever serves here may have taken another word.
    return instance not in own | {node.continuity.read().instance}


def watch_twin(node: Node, peers: Peers) -> None:
    """Take another word for this copy, and see whether it is this copy that answers at the node's address.

    Whoever serves does so every minute: of two copies of one running machine that which others do not
    reach stops signing, and the other goes on.
    """
    if node.continuity is not None:
        # On a full disk the word stays as it was; nothing is signed there anyway.
        with contextlib.suppress(Unavailable):
            node.continuity.beat()
        node.twin = _find_twin(node, peers)


def _read_heads(raw: bytes, where: str) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    match cbor.decode(raw, where, other="heads.form"):
        case [1, str() as instance, [*heads], [*receipts]] if len(heads) <= 8 and len(receipts) <= 8:
            pass
        case _:
            raise Malformed("heads.form", where, "not an answer about heads")
    found: list[tuple[str, bytes, bytes]] = []
    for head in heads:
        if not isinstance(head, str):
            raise Malformed("heads.form", where, "a head is text")
        found.append((head, b"", b""))
    for each in receipts:
        match each:
            case [bytes() as leaf, bytes() as receipt] if len(leaf) == HASH_SIZE:
                found.append(("", leaf, receipt))
            case _:
                raise Malformed("heads.form", where, "a receipt stands with its record's id")
    return instance, found


# Taking back


@dataclass(slots=True)
class _Found:
    """What others and the public files have of this ledger: leaf hashes by place, envelopes by hash, and
    the parcels of cases."""

    hashes: dict[int, bytes]
    entries: dict[bytes, bytes]
    registered: dict[bytes, str]
    files: list[PartyFile]
    parcels: list[tuple[str, bytes, Parcel]]


def recover(node: Node, peers: Peers, *, alone: bool = False) -> Recovered:
    """Bring the journal up to the longest history that this ledger is shown to have signed, and take back
    the records of its cases from their other members.

    Everything is hashed up to the proven root before a leaf is appended; exactly the missing ones are, in
    their places. ``Unavailable`` (``recover.missing``) where nobody has one of them: then nothing is
    appended. ``Refused`` (``journal.forked``, ``journal.twin``) where fetching does not help, and
    ``journal.unsure`` where too few answered; ``alone`` is an officer's word that nobody else need be
    asked, which no proof to the contrary yields to.
    """
    inquiry = inquire(node, peers)
    failures = list(inquiry.failures)
    if inquiry.standing.state in ("forked", "twin"):
        continuity.go_on(node)
    found = _Found(hashes={}, entries={}, registered={}, files=[], parcels=[])
    until = node.effects.now() + ASKING_TIME
    for party, base in itertools.chain(*_holders(node)):
        if node.effects.now() > until:
            failures.append((party, Unavailable("heads.late", base, "not asked: others took too long")))
            continue

        def fetch(party: str = party, base: str = base) -> None:
            sealed = peers.get(base, COPIES + node.id, delivery.MESSAGE_LIMIT)
            _read_copies(node, node.signer.open_sealed(sealed), party, found)

        _gather(failures, party, fetch)
    appended: list[Leaf] = []
    with node.lock:
        tree = node.tree()
        _gather(failures, "public", lambda: _read_public(node, tree.size, found))
        head = continuity.known_head(node)
        if head is not None and head.size > tree.size:
            appended = _missing(tree, head, found)
            node.journal.write(Write(expected=tree.size, leaves=appended))
    for file in found.files:
        _gather(failures, "keys", lambda file=file: delivery.learn_party(node, file))  # type: ignore[misc]
    records = 0
    for party, key, parcel in found.parcels:

        def take(key: bytes = key, parcel: Parcel = parcel) -> None:
            nonlocal records
            records += len(delivery.take_parcel(node, parcel, key))

        _gather(failures, party, take)
    standing = continuity.standing(node)
    if standing.state == "unsure" and not (alone or inquiry.enough):
        others = f"{inquiry.answered} of the {inquiry.asked} others to be asked answered"
        why = (
            f"{standing.why}; {others if inquiry.asked else 'this node knows nobody to ask'}, and more than "
            "half have to. Run this again when they can be reached; or, if you know that this node signed "
            "nothing since and that no other copy of it runs: comity ledger recover --alone"
        )
        raise Refused("journal.unsure", "journal", why)
    continuity.go_on(node)
    publish_head(node)
    return Recovered(
        standing=continuity.standing(node),
        appended=len(appended),
        records=records,
        closed=tuple(_closed(node, appended)),
        failures=tuple(failures),
    )


def _closed(node: Node, appended: Iterable[Leaf]) -> Iterator[int]:
    """Appended leaves of which no opening came back: they stay committed, and what they said is lost."""
    for leaf in appended:
        held = node.journal.held_record(leaf.id)
        if leaf.sub != kinds.NO_CASE and (held is None or held.opening is None):
            yield leaf.index


def _read_copies(node: Node, raw: bytes, party: str, found: _Found) -> None:
    where = f"{party[:12]}/copies"
    match cbor.decode(raw, where, other="copies.form"):
        case [1, bytes() as leaves, str() as head, bytes() as file, [*cases]] if not len(leaves) % HASH_SIZE:
            pass
        case _:
            raise Malformed("copies.form", where, "not an answer about copies")
    own = parse_party_file(file, where)
    found.files.append(own)
    for bundle in (own.card, *own.rotations):
        found.entries[leaf_hash(bundle.envelope)] = bundle.envelope
    for each in cases:
        match each:
            case [bytes() as key, bytes() as sealed] if len(key) == 32:
                parcel = delivery.parse_parcel(sealed, where)
            case _:
                raise Malformed("copies.form", where, "a case stands with its key of 32 bytes")
        found.parcels.append((party, key, parcel))
        _add_parcel(node, parcel, found)
    if leaves:
        signed = continuity.take_checkpoint(node, head, where)
        copy = Tree(leaves[at : at + HASH_SIZE] for at in range(0, len(leaves), HASH_SIZE))
        if (copy.size, copy.root()) != (signed.size, signed.root):
            raise NotVerified("recover.root", where, "its copy of this ledger is not what the ledger signed")
        found.hashes.update((n, copy.node(0, n)) for n in range(copy.size))


def _add_parcel(node: Node, parcel: Parcel, found: _Found) -> None:
    for raw in parcel.parties:
        file = parse_party_file(raw, "copies.party")
        card = open_card(file.card)
        _add_entry(node, file.card, card.home == node.id, found)
        for rotation in file.rotations:
            _add_entry(node, rotation, False, found)
        opening = file.card.opening
        if card.home == node.id and opening is not None and opening.content is not None:
            # A home registers the card of its guest under the guest's name.
            found.registered[leaf_hash(file.card.envelope)] = parties.party_id(opening.frame, opening.content)
    known = node.parties()
    for bundle in parcel.bundles:
        author = known.get(envelopes.open_envelope(bundle.envelope, "copies").iss)
        _add_entry(node, bundle, author is None or author.home == node.id, found)


def _add_entry(node: Node, bundle: Bundle, registered_here: bool, found: _Found) -> None:
    leaf = leaf_hash(bundle.envelope)
    found.entries[leaf] = bundle.envelope
    if registered_here and bundle.receipt:
        # Only what this ledger signed says where an entry stands in it.
        with contextlib.suppress(ComityError):
            found.hashes[continuity.own_receipt(node, leaf, bundle.receipt).index] = leaf


def _read_public(node: Node, size: int, found: _Found) -> None:
    """Add what this ledger's own static files have beyond ``size`` leaves, where these are still there."""
    text = node.public.read("checkpoint")
    if text is None:
        return
    signed = continuity.take_checkpoint(node, text.decode("utf-8", "replace"))
    if signed.size <= size:
        return

    def read(name: str) -> bytes:
        raw = node.public.read(name)
        if raw is None:
            raise Unavailable("file.missing", name, "not published here")
        return raw

    copy = tiles.rebuild(read, signed.size, "public")
    if copy.root() != signed.root:
        raise NotVerified("recover.root", "public", "the published tiles are not what the ledger signed")
    found.hashes.update((n, copy.node(0, n)) for n in range(copy.size))
    for index in range(size // tiles.WIDTH, -(-signed.size // tiles.WIDTH)):
        width = min(tiles.WIDTH, signed.size - index * tiles.WIDTH)
        name = tiles.entries_path(index, width)
        for entry in tiles.decode_entries(read(name), name):
            found.entries[leaf_hash(entry)] = entry


def _missing(tree: Tree, head: Head, found: _Found) -> list[Leaf]:
    """The leaves from the end of the journal to a proven head; nothing else has that root."""
    wanted = range(tree.size, head.size)
    lost = [n for n in wanted if found.entries.get(found.hashes.get(n, b"")) is None]
    if lost:
        shown = ", ".join(str(n) for n in lost[:8])
        raise Unavailable(
            "recover.missing",
            f"leaf {shown}{' …' if len(lost) > 8 else ''}",
            f"{len(lost)} of {len(wanted)} missing entries are held by nobody who answered; signing stays "
            "held: ask again when others can be reached, or put back the public folder",
        )
    hashes = [found.hashes[n] for n in wanted]
    whole = Tree([*(tree.node(0, n) for n in range(tree.size)), *hashes])
    if whole.root() != head.root:
        raise NotVerified("recover.root", "journal", "the entries found do not give the root that was signed")
    return [
        leaf_of(envelopes.open_envelope(found.entries[leaf], f"leaf {n}"), n, found.registered.get(leaf, ""))
        for n, leaf in zip(wanted, hashes, strict=True)
    ]
