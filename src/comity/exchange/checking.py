"""Everything that this node stores, recomputed from its bytes (``comity ledger check``).

A step goes through one kind of stored thing and yields, for each, None where it holds and else what is wrong
with it and where. It goes on after a fault: one rotten byte hides no other. What nothing refers to twice
cannot be checked: the queue's sealed bodies (their recipient refuses what was changed), how often and when a
message was tried, and what a note merely remembers to save a question.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from comity.case.party_keys import read_checkpoint
from comity.case.verified import attestation_id, verify_party, verify_read
from comity.errors import ComityError, NotVerified
from comity.evidence.disclose import WholeKey, check_whole
from comity.exchange import continuity
from comity.exchange.evidence import held_items, item_bytes
from comity.exchange.mirroring import HEAD, LEAVES, mirrored
from comity.exchange.node import CASE_KEY, PARTY, Node, open_card, parse_party_file
from comity.exchange.ports import Held
from comity.exchange.quotas import USED, check_counts
from comity.exchange.witnessing import MEMORY, WITNESSED, check_memory
from comity.ledger import tiles
from comity.ledger.merkle import leaf_hash
from comity.records import ed25519, envelopes, kinds, parties
from comity.records.bundles import open_record
from comity.records.parties import Party

Found = Iterator[ComityError | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One kind of stored thing: its name, about how many there are (0 if unknown), and the check."""

    name: str
    total: int
    run: Callable[[], Found]


def steps(node: Node) -> Iterator[Step]:
    """The steps, in an order in which an earlier one explains the faults of a later one."""
    size = node.journal.size()
    yield Step(name="keys (those of the card)", total=0, run=lambda: _keys(node))
    yield Step(name="leaves (id is the hash of the envelope)", total=size, run=lambda: _leaves(node))
    yield Step(name="parties (cards and key records)", total=0, run=lambda: _parties(node))
    yield Step(name="published checkpoint, entries and tiles", total=size, run=lambda: _public(node))
    for case in sorted({*node.cases(), *node.journal.cases()}):
        yield Step(
            name=f"case {case[:12]} (signatures, receipts, states)",
            total=0,
            run=lambda case=case: _case(node, case),  # type: ignore[misc]
        )
    yield Step(name="stored items (bytes, keys, roots)", total=0, run=lambda: _items(node))
    yield Step(name="what is known of other ledgers", total=0, run=lambda: _others(node))
    yield Step(name="heads of this ledger that others showed", total=0, run=lambda: _shown(node))


def _each(run: Callable[[], object]) -> Found:
    """One thing: None where it holds."""
    try:
        run()
    except ComityError as error:
        yield error
    else:
        yield None


def _keys(node: Node) -> Found:
    expected = {purpose: parties.keys_of(node.party, purpose)[-1][0] for purpose in kinds.PURPOSES}
    for purpose, key in expected.items():
        yield from _each(lambda purpose=purpose, key=key: _require_key(node, purpose, key))  # type: ignore[misc]
    yield from _each(lambda: _require_age(node, parties.recipient_of(node.party)))


def _require_key(node: Node, purpose: str, key: bytes) -> None:
    # Through the seed and back: the public half may be kept apart from it.
    if ed25519.public_of(node.signer.seed(purpose)) != key:
        raise NotVerified("key.other", f"keys/{purpose}", "not the key that this node's party names")


def _require_age(node: Node, recipient: str) -> None:
    if node.signer.age_recipient() != recipient:
        raise NotVerified("key.other", "keys/age", "not the key that this node's party names")


def _leaves(node: Node) -> Found:
    size = node.journal.size()
    at = 0
    for start in range(0, size, 1024):
        for leaf in node.journal.leaves(start, start + 1024):
            where = f"leaf {leaf.index}"
            if leaf.index != at:
                yield NotVerified("ledger.gap", f"leaf {at}", f"leaf {leaf.index} stands in its place")
            at = leaf.index + 1
            try:
                envelope = envelopes.open_envelope(leaf.envelope, where)
            except ComityError as error:
                yield error
                continue
            named = leaf.iss if envelope.iss == kinds.SELF else envelope.iss
            if envelope.id != leaf.id:
                yield NotVerified("ledger.leaf", where, "its envelope is not the one of its id")
            elif (envelope.sub, envelope.seq, named) != (leaf.sub, leaf.seq, leaf.iss):
                yield NotVerified("ledger.leaf", where, "stands under another name or number than it signs")
            else:
                yield None


def _parties(node: Node) -> Found:
    stored = node.journal.notes(PARTY)
    files = {}
    for name, raw in stored.items():
        try:
            file = parse_party_file(raw, name)
            files[name] = (bool(open_card(file.card).home), file)
        except ComityError as error:
            yield error
    known: dict[str, Party] = {}
    for name, (_, file) in sorted(files.items(), key=lambda f: (f[1][0], f[0])):
        try:
            party = verify_party(file.card, file.rotations, known.get(open_card(file.card).home), name)
            if PARTY + party.id != name:
                raise NotVerified("party.other", name, "is the card of another party")
            known[party.id] = party
        except ComityError as error:
            yield error
        else:
            yield None
    if node.id not in known:
        yield NotVerified("party.self", "self", "the card of this node's own party is not there")


def _public(node: Node) -> Found:
    def read(name: str) -> bytes:
        found = node.public.read(name)
        if found is None:
            raise NotVerified("ledger.public", name, "a published file is gone")
        return found

    try:
        head = read_checkpoint(read("checkpoint").decode("utf-8", "replace"), node.party)
        with node.lock:
            tree = node.tree()
            if head.size > tree.size:
                raise NotVerified(
                    "ledger.ahead", "checkpoint", f"signs {head.size} leaves, and {tree.size} are stored"
                )
            if tree.root(head.size) != head.root:
                raise NotVerified(
                    "ledger.root", "checkpoint", "signs another root than the stored leaves have"
                )
    except ComityError as error:
        yield error
        return
    yield None
    for name, expected in tiles.new_tiles(tree, 0, head.size):
        yield from _each(lambda name=name, expected=expected: _require_tile(read, name, expected))  # type: ignore[misc]
    for index in range(-(-head.size // tiles.WIDTH)):
        width = min(tiles.WIDTH, head.size - index * tiles.WIDTH)
        name = tiles.entries_path(index, width)
        stored = node.journal.leaves(index * tiles.WIDTH, index * tiles.WIDTH + width)
        try:
            for at, (entry, leaf) in enumerate(
                zip(tiles.decode_entries(read(name), name), stored, strict=True), index * tiles.WIDTH
            ):
                if leaf_hash(entry) == bytes.fromhex(leaf.id):
                    yield None
                else:
                    yield NotVerified("ledger.entries", f"{name}, leaf {at}", "is not the stored leaf")
        except ComityError as error:
            yield error
        except ValueError:
            yield NotVerified("ledger.entries", name, "holds another number of entries than are stored")


def _require_tile(read: Callable[[str], bytes], name: str, expected: bytes) -> None:
    found = read(name)
    if found != expected:
        at = next((n for n, (a, b) in enumerate(zip(found, expected, strict=False)) if a != b), len(found))
        raise NotVerified("ledger.tiles", f"{name}, byte {at}", "is not what the stored leaves give")


def newest_names(node: Node) -> set[str]:
    """Names of the published files that the newest head rests on, which ``steps`` goes through."""
    with node.lock:
        tree = node.tree()
        return {
            *(name for name, _ in tiles.new_tiles(tree, 0, tree.size)),
            *(name for name, _, _ in tiles.new_bundles(0, tree.size)),
        }


_TILE = re.compile(r"tile/(entries|[0-9]{1,2})/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


def check_published(node: Node, name: str) -> None:
    """Return only if a published tile or bundle, of the newest head or of an earlier one, says what the
    stored leaves give; ``NotVerified`` (``ledger.tiles``, ``ledger.entries``, ``file.stray``) otherwise."""
    found = _TILE.fullmatch(name)
    raw = node.public.read(name)
    if found is None or raw is None:
        raise NotVerified("file.stray", name, "not a file that this node publishes")
    index = int(found[2].replace("/", "").replace("x", ""))
    width = int(found[3] or tiles.WIDTH)
    start = index * tiles.WIDTH
    with node.lock:
        tree = node.tree()
    level = 0 if found[1] == "entries" else int(found[1])
    if width > tiles.WIDTH or level > 7 or (start + width) << 8 * level > tree.size:
        raise NotVerified("file.stray", name, "is of more leaves than are stored")
    if found[1] == "entries":
        entries = node.journal.envelopes(start, start + width)
        if raw != tiles.encode_entries(entries):
            raise NotVerified("ledger.entries", name, "is not what the stored leaves give")
        return
    hashes = (tree.node(8 * level, n) for n in range(start, start + width))
    _require_tile(lambda _: raw, name, b"".join(hashes))


def _case(node: Node, case: str) -> Found:
    key = node.journal.note(CASE_KEY + case)
    if key is None:
        yield NotVerified("case.key", case[:12], "records of a case whose key is not there")
    marked = {held.id for _, held in node.journal.news(case, 0)}
    held_here = set()
    for held in node.journal.held(case):
        held_here.add(held.id)
        yield from _each(lambda held=held: _held(node, held, key))  # type: ignore[misc]
    for record in sorted(held_here - marked):
        yield NotVerified("case.mark", record[:12], "is held, and its state would never be read")
    if key is None:
        return
    try:
        state = node.state(case)
    except ComityError as error:
        yield error
        return
    opened = state.opening.content if state.opening else None
    if isinstance(opened, kinds.Open) and opened.key_hash != envelopes.key_hash(key):
        yield NotVerified("case.key", case[:12], "not the key that the opening of this case names")
    witnesses = node.counted(state)
    for name, raw in node.journal.attestations(case):
        yield from _each(lambda name=name, raw=raw: _attestation(node, name, raw, witnesses))  # type: ignore[misc]


def _held(node: Node, held: Held, key: bytes | None) -> None:
    where = f"record {held.id[:12]}"
    record = open_record(envelopes.open_envelope(held.envelope, where), held.opening, where)
    envelope = record.envelope
    if (envelope.id, envelope.iss, envelope.sub, envelope.seq) != (held.id, held.iss, held.sub, held.seq):
        raise NotVerified("case.record", where, "stands under another name or number than it signs")
    if key is not None and envelope.sub != envelopes.alias(key, held.iss):
        raise NotVerified("case.alias", where, "does not carry its author's alias for this case")
    if record.frame is not None and record.frame.case != held.case:
        raise NotVerified("case.other", where, "names another case than it is kept under")
    fact = verify_read(record, held.receipt, node.author(held.iss), node.author(held.home), where)
    if held.home == node.id:
        leaf = node.journal.leaf_of(held.id)
        if leaf is None or leaf.index != fact.index:
            raise NotVerified("ledger.receipt", where, f"its receipt names leaf {fact.index}: not there")


def _attestation(node: Node, name: str, raw: bytes, witnesses: Mapping[str, str]) -> None:
    if attestation_id(raw) != name:
        raise NotVerified("attestation.id", name[:12], "the stored bytes are not those of this id")
    node.attestation(raw, witnesses)


def _items(node: Node) -> Found:
    try:
        held = held_items(node)
    except ComityError as error:
        yield error
        return
    for root, item in held.items():
        private = item.private
        whole = WholeKey(
            size=private.size,
            root=bytes.fromhex(root),
            key=bytes.fromhex(private.key),
            metadata=private.metadata.encode(),
        )
        yield from _each(
            lambda root=root, whole=whole, private=private: check_whole(  # type: ignore[misc]
                whole, item_bytes(node, root), private.ref, f"item {root[:12]}"
            )
        )
    for case in node.cases():
        try:
            shown = [r.content for r in node.state(case).of("evidence.disclose")]
        except ComityError:
            continue  # told where the case is checked
        for content in shown:
            if isinstance(content, kinds.Disclose) and node.blobs.has(content.package):
                yield from _each(lambda content=content: check_blob(node, content.package))  # type: ignore[misc]


def check_blob(node: Node, digest: str) -> None:
    """Read a stored blob to its end; raises where it is not what its name says."""
    seen = hashlib.sha256()
    for chunk in node.blobs.open_stream(digest):
        seen.update(chunk)
    if seen.hexdigest() != digest:
        raise NotVerified("blob.digest", digest, "the stored bytes are not those of this name")


def _others(node: Node) -> Found:
    for name in node.journal.notes(LEAVES):
        yield from _each(lambda name=name: _mirror(node, name.removeprefix(LEAVES)))  # type: ignore[misc]
    if node.journal.notes(USED):
        yield from _each(lambda: check_counts(node))
    for name, raw in node.journal.notes(MEMORY).items():
        text = node.journal.note(WITNESSED + name.removeprefix(MEMORY))
        if text is not None:
            key = name.removeprefix(MEMORY)
            yield from _each(lambda raw=raw, text=text, key=key: check_memory(raw, text, key))  # type: ignore[misc]


def _mirror(node: Node, home: str) -> None:
    copy, text = mirrored(node, home)
    head = read_checkpoint(text, node.author(home), HEAD + home)
    if (copy.size, copy.root()) != (head.size, head.root):
        raise NotVerified("ledger.tiles", LEAVES + home, "the copy is not what its signed head says")


def _shown(node: Node) -> Found:
    try:
        yield from [None] * continuity.check_proofs(node)
    except ComityError as error:
        yield error
