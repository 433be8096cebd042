"""Vectors of what a ledger publishes and gives: checkpoints, cosignatures, entries, proofs, receipts."""

from __future__ import annotations

from typing import Any

import cbor2

from comity.ledger import note, receipt, tiles
from comity.ledger.merkle import EMPTY_ROOT, Tree, leaf_hash
from comity.records import ed25519
from tests import world as w
from vectors.story import Made, vector

SEED = w.derive("ledger vectors")
KEY = ed25519.public_of(SEED)
KID = ed25519.thumbprint(KEY)
LOG = note.vkey_of("ledger.example/alder", KEY)
WITNESS = note.vkey_of("witness.example/elm", KEY, note.COSIGNATURE)
TREE = Tree(leaf_hash(b"%d" % n) for n in range(13))
HEAD = note.Checkpoint(origin=LOG.name, size=13, root=TREE.root())
NOTE = note.sign_checkpoint(HEAD, SEED)
FOREIGN = "\u2014 elsewhere " + "A" * 40 + "\n"


def _note(name: str, text: str) -> dict[str, Any]:
    return vector("checkpoint", name, note=text, vkey=str(LOG))


def checkpoint_accepted() -> Made:
    yield _note("a checkpoint", NOTE)
    yield _note("with a signature by a key that nobody gave", NOTE + FOREIGN)
    yield _note("with that signature first", NOTE.replace("\n\n", "\n\n" + FOREIGN))
    yield _note(
        "of the empty tree",
        note.sign_checkpoint(note.Checkpoint(origin=LOG.name, size=0, root=EMPTY_ROOT), SEED),
    )


def checkpoint_refused() -> Made:
    last = NOTE.rstrip("\n")
    yield _note("nothing", "")
    yield _note("without a signature", HEAD.body())
    yield _note("signed by another alone", HEAD.body() + "\n" + FOREIGN)
    yield _note("with line ends of two characters", NOTE.replace("\n", "\r\n"))
    yield _note("without its last line end", last)
    yield _note("with a line end more", NOTE + "\n")
    yield _note("with a hyphen for the dash", NOTE.replace("\u2014", "-"))
    yield _note("with a leading zero in the size", NOTE.replace("\n13\n", "\n013\n"))
    yield _note("with another size", NOTE.replace("\n13\n", "\n14\n"))
    yield _note("with a size of 2^63", NOTE.replace("\n13\n", f"\n{2**63}\n"))
    yield _note("with a root of 31 bytes", NOTE.replace(HEAD.body().split("\n")[2], "A" * 40 + "AA=="))
    yield _note("with stray bits in its base64", _stray(NOTE))
    yield _note("without padding", NOTE.replace("=\n", "\n", 1))
    yield _note("with its signature twice", NOTE + NOTE.split("\n\n")[1])
    yield _note("with another key id", NOTE.replace(NOTE.split()[-1], "BBBB" + NOTE.split()[-1][4:]))
    yield _note("with a line more that is signed", _extended())
    other = note.Checkpoint(origin="ledger.example/birch", size=13, root=TREE.root())
    yield _note("of another ledger by this key", note.sign_checkpoint(other, SEED))
    yield _note("of another ledger, signed in the name of this one", _renamed(other))
    yield _note("with a control character", NOTE.replace("alder", "al\u0007der"))
    yield _note("of more than 256 KiB", NOTE + "\u2014 elsewhere " + "A" * 262_144 + "\n")
    others = "".join(f"\u2014 elsewhere{n} " + "A" * 40 + "\n" for n in range(64))
    yield _note("with 65 signatures", NOTE + others)
    for name, key in (
        ("under the key of a witness", str(WITNESS)),
        ("under a key whose id is another's", str(LOG).replace(LOG.key_hash.hex(), "00000000")),
        ("under a key of no kind known here", f"{LOG.name}+00000000+{'A' * 44}"),
        ("under a key without a name", str(LOG).removeprefix(LOG.name)),
    ):
        yield _note(name, NOTE) | {"vkey": key}


def _stray(text: str) -> str:
    # The root's 32 bytes leave two bits of its last character unused.
    root = text.split("\n")[2]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    return text.replace(root, root[:-2] + alphabet[alphabet.index(root[-2]) + 1] + "=")


def _renamed(head: note.Checkpoint) -> str:
    signature = ed25519.sign(SEED, head.body().encode())
    line = note.SignatureLine(name=LOG.name, key_hash=LOG.key_hash, signature=signature)
    return head.body() + "\n" + str(line)


def _extended() -> str:
    body = HEAD.body() + "extension\n"
    signature = ed25519.sign(SEED, body.encode())
    return body + "\n" + str(note.SignatureLine(name=LOG.name, key_hash=LOG.key_hash, signature=signature))


def _cosigned(name: str, text: str) -> dict[str, Any]:
    return vector("cosignature", name, note=text, vkey=str(WITNESS))


def cosignature_accepted() -> Made:
    line = note.cosign(NOTE, WITNESS.name, SEED, 1_900_000_000)
    yield _cosigned("a cosignature", NOTE + line)
    yield _cosigned("behind another that nobody asked for", NOTE + FOREIGN + line)


def cosignature_refused() -> Made:
    line = note.cosign(NOTE, WITNESS.name, SEED, 1_900_000_000)
    yield _cosigned("absent", NOTE)
    yield _cosigned("under the key of a ledger", NOTE) | {"vkey": str(LOG)}
    raw = note.decode64(line.split()[-1], "")
    for name, changed in (
        ("of another time", raw[:4] + (1_900_000_001).to_bytes(8, "big") + raw[12:]),
        ("of a time of 2^63", raw[:4] + (2**63).to_bytes(8, "big") + raw[12:]),
        ("with a byte more", raw + b"\0"),
        ("without its time", raw[:4] + raw[12:]),
    ):
        made = note.SignatureLine(name=WITNESS.name, key_hash=raw[:4], signature=changed[4:])
        yield _cosigned(name, NOTE + str(made))
    yield _cosigned(
        "of another checkpoint",
        note.sign_checkpoint(note.Checkpoint(origin=LOG.name, size=12, root=TREE.root(12)), SEED) + line,
    )


def entries_accepted() -> Made:
    yield vector("entries", "two entries", raw=tiles.encode_entries([b"one", b"two"]).hex())
    yield vector("entries", "an empty entry", raw="0000")
    yield vector("entries", "256 entries", raw={"hex": "000161", "repeat": 256})


def entries_refused() -> Made:
    yield vector("entries", "none", raw="")
    yield vector("entries", "half a length", raw="00")
    yield vector("entries", "cut short", raw="0003616263000461")
    yield vector("entries", "257 entries", raw={"hex": "000161", "repeat": 257})


def _grows(name: str, m: int, n: int, **changed: Any) -> dict[str, Any]:
    fields = {
        "old_size": m,
        "size": n,
        "old_root": TREE.root(m).hex(),
        "root": TREE.root(n).hex(),
        "path": [p.hex() for p in TREE.consistency(m, n)],
    }
    return vector("consistency", name, **(fields | changed))


def consistency_accepted() -> Made:
    for m, n in ((0, 0), (0, 13), (1, 1), (1, 2), (3, 7), (4, 8), (6, 13), (13, 13)):
        yield _grows(f"from {m} to {n}", m, n)


def consistency_refused() -> Made:
    some, empty = TREE.root(5).hex(), EMPTY_ROOT.hex()
    yield _grows("from nothing, with a path", 0, 13, path=[some])
    yield _grows("from nothing, with another root than that of nothing", 0, 13, old_root=some)
    yield _grows("from nothing to nothing, with equal roots of something", 0, 0, old_root=some, root=some)
    yield _grows("from nothing to nothing with a root", 0, 0, root=some)
    yield _grows("from a size to itself, with a path", 5, 5, path=[some])
    yield _grows("from a size to itself, with another root", 5, 5, root=TREE.root(6).hex())
    yield _grows("backwards", 5, 7, old_size=7, size=5)
    yield _grows("too long", 3, 7, path=[*(p.hex() for p in TREE.consistency(3, 7)), some])
    yield _grows("too short", 3, 7, path=[p.hex() for p in TREE.consistency(3, 7)][:-1])
    yield _grows("from another earlier root", 3, 7, old_root=some)
    yield _grows("to another root", 3, 7, root=some)
    yield _grows("to the root of nothing", 3, 7, root=empty)
    yield _grows("with a hash of 31 bytes", 1, 2, path=["00" * 31])
    yield _grows("to a size of 2^63", 3, 7, size=2**63)


def _grown(name: str, raw: bytes, old: int = 5) -> dict[str, Any]:
    return vector("growth", name, receipt=raw.hex(), old_root=TREE.root(old).hex(), key=KEY.hex())


GROWN = receipt.issue_consistency_receipt(SEED, KID, 5, 13, TREE.consistency(5, 13), TREE.root(13))


def growth_accepted() -> Made:
    yield _grown("from 5 to 13", GROWN)
    path = TREE.consistency(1, 2)
    yield _grown("from 1 to 2", receipt.issue_consistency_receipt(SEED, KID, 1, 2, path, TREE.root(2)), 1)


def _again(**changed: Any) -> bytes:
    """The receipt with other members, in deterministic CBOR and signed by its key where it can be."""
    header = {1: -19, 4: KID, 395: 1, -70002: 13} | changed.get("header", {})
    protected = cbor2.dumps({k: v for k, v in header.items() if v is not None}, canonical=True)
    signature = ed25519.sign(SEED, cbor2.dumps(["Signature1", protected, b"", TREE.root(13)]))
    proof = cbor2.dumps(changed.get("proof", [5, 13, TREE.consistency(5, 13)]))
    outside = changed.get("outside", {396: {changed.get("kind", -2): [proof]}})
    whole = [protected, outside, changed.get("payload"), signature]
    return cbor2.dumps(cbor2.CBORTag(changed.get("tag", 18), whole), canonical=True)


def growth_refused() -> Made:
    yield _grown("from another root", GROWN, 6)
    yield _grown("with a byte behind it", GROWN + b"\0")
    yield _grown("cut short", GROWN[:-1])
    for alg in (-7, -35, -36, -37, -53, 0):
        yield _grown(f"of algorithm {alg}", _again(header={1: alg}))
    yield _grown("of an algorithm in words", _again(header={1: "EdDSA"}))
    yield _grown("of another tree", _again(header={395: 2}))
    yield _grown("without the size that is signed", _again(header={-70002: None}))
    yield _grown("of another size than the one signed", _again(header={-70002: 12}))
    yield _grown("with a header more", _again(header={2: [395]}))
    yield _grown("with the root in it", _again(payload=TREE.root(13)))
    yield _grown("of the other kind", _again(kind=-1))
    yield _grown("without a proof", _again(outside={396: {-2: []}}))
    yield _grown("from size 0", _again(proof=[0, 13, []]))
    yield _grown("from a size to itself", _again(proof=[13, 13, []]))
    yield _grown("under another tag", _again(tag=98))
    pair = cbor2.dumps({396: cbor2.loads(GROWN).value[1][396]}, canonical=True)
    yield _grown("with a key twice", GROWN.replace(pair, b"\xa2" + pair[1:] * 2))
    yield _grown("in an array of open length", b"\xd2\x9f" + GROWN[2:] + b"\xff")
    yield _grown("with a number not in its shortest form", b"\xd8\x12" + GROWN[1:])
