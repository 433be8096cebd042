"""Vectors of what readers bring and witnesses are asked: trust files, policies, tiles, ``add-checkpoint``."""

from __future__ import annotations

from typing import Any

from comity.ledger import note, tiles, witness
from comity.ledger.merkle import Tree, leaf_hash
from comity.records import ed25519
from tests import world as w
from vectors.ledger import HEAD, LOG, NOTE, SEED, TREE
from vectors.story import Made, vector

ONE, TWO = ("a1" * 32, "b2" * 20)
ELM, ASH = (
    note.vkey_of(f"witness.example/{name}", ed25519.public_of(w.derive(f"witness {name}")), note.COSIGNATURE)
    for name in ("elm", "ash")
)
SMALL = note.sign_checkpoint(note.Checkpoint(origin=LOG.name, size=5, root=TREE.root(5)), SEED)
LARGE = Tree(leaf_hash(b"%d" % n) for n in range(300))

# -- trust files ----------------------------------------------------------------------------------


def trust_accepted() -> Made:
    yield vector(
        "trust", "two lines and a remark", text=f"# by telephone\n\n{ONE} Alder Office\n{TWO} Birch\n"
    )
    grouped = ":".join(ONE[at : at + 2].upper() for at in range(0, len(ONE), 2))
    yield vector("trust", "in groups and capitals", text=f"{grouped}   Alder Office  \n")
    yield vector("trust", "nothing", text="")


def trust_refused() -> Made:
    yield vector("trust", "no name", text=f"{ONE}\n")
    yield vector("trust", "63 digits", text=f"{ONE[1:]} Alder Office\n")
    yield vector("trust", "no hex", text=f"{'g' * 64} Alder Office\n")
    yield vector("trust", "words alone", text="Alder Office\n")
    yield vector("trust", "one fingerprint under two names", text=f"{ONE} Alder\n{ONE.upper()} Birch\n")


# -- policies -------------------------------------------------------------------------------------

LINES = f"log {LOG}\nwitness elm {ELM} https://elm.example\nwitness ash {ASH}\n"


def _policy(name: str, text: str) -> dict[str, Any]:
    return vector("policy", name, text=text)


def policy_accepted() -> Made:
    yield _policy("any of two", LINES + "group both any elm ash\nquorum both\n")
    yield _policy("a group in a group", LINES + "group a all elm\ngroup b 2 a ash\nquorum b\n")
    yield _policy("one witness", LINES + "quorum ash\n")
    yield _policy("none", "# nobody\n\tquorum   none\n")


def policy_refused() -> Made:
    yield _policy("no quorum", LINES)
    yield _policy("two quorums", LINES + "quorum elm\nquorum ash\n")
    yield _policy("a last line that does not end", LINES + "quorum elm")
    yield _policy("carriage returns", LINES.replace("\n", "\r\n") + "quorum elm\r\n")
    yield _policy("a line of another kind", LINES + "threshold 1\nquorum elm\n")
    yield _policy("a name that nobody has", LINES + "quorum oak\n")
    yield _policy("a member that comes later", LINES + "group a any b\ngroup b any elm\nquorum a\n")
    yield _policy("none as a name", f"witness none {ELM}\nquorum none\n")
    yield _policy("a name twice", LINES + f"witness elm {ASH}\nquorum elm\n")
    yield _policy("a key twice", f"witness elm {ELM}\nwitness oak {ELM}\nquorum elm\n")
    yield _policy("a member of two groups", LINES + "group a any elm\ngroup b any elm\nquorum b\n")
    yield _policy("the key of a log as a witness", f"witness elm {LOG}\nquorum elm\n")
    yield _policy("the key of a witness as a log", f"log {ELM}\nquorum none\n")
    yield _policy("a threshold of none", LINES + "group a 0 elm ash\nquorum a\n")
    yield _policy("a threshold of more than there are", LINES + "group a 3 elm ash\nquorum a\n")
    yield _policy("a key under another name", LINES.replace("witness.example/ash", "oak") + "quorum ash\n")
    yield _policy("a key that is none", "witness elm elm\nquorum elm\n")


# -- tiles ----------------------------------------------------------------------------------------


def _tiles() -> dict[str, str]:
    return {path: raw.hex() for path, raw in tiles.new_tiles(LARGE, 0, LARGE.size)}


def tiles_accepted() -> Made:
    yield vector("tiles", "300 leaves", size=300, tiles=_tiles())
    yield vector("tiles", "no leaf", size=0, tiles={})
    full = {
        path.partition(".p/")[0] if path.endswith(".p/44") else path: raw for path, raw in _tiles().items()
    }
    more = b"".join(leaf_hash(b"%d" % n) for n in range(300, 512)).hex()
    full["tile/0/001"] += more
    yield vector("tiles", "a full tile in place of a partial one", size=300, tiles=full)


def tiles_refused() -> Made:
    made = _tiles()
    above = next(path for path in made if path.startswith("tile/1/"))
    below = next(path for path in made if path.startswith("tile/0/001"))
    yield vector(
        "tiles", "a tile above that disagrees", size=300, tiles=made | {above: "00" * 32 + made[above][64:]}
    )
    yield vector("tiles", "a hash less", size=300, tiles=made | {below: made[below][64:]})
    yield vector("tiles", "a byte more", size=300, tiles=made | {below: made[below] + "00"})


# -- what a witness is asked ----------------------------------------------------------------------

BEFORE = {"size": 5, "root": TREE.root(5).hex()}
GROWS = witness.format_add_checkpoint(5, TREE.consistency(5, 13), NOTE)


def _asked(
    name: str, body: str = GROWS, state: dict[str, Any] | None = BEFORE, **changes: Any
) -> dict[str, Any]:
    fields = {"body": body, "vkey": str(LOG)} | ({"state": state} if state else {})
    return vector("add_checkpoint", name, **fields | changes)


def add_checkpoint_accepted() -> Made:
    yield _asked("for the first time", witness.format_add_checkpoint(0, (), SMALL), None)
    yield _asked("a tree that grew")
    yield _asked("the same head again", witness.format_add_checkpoint(5, (), SMALL))


def add_checkpoint_refused() -> Made:
    yield _asked("nothing", "")
    yield _asked("no old size", GROWS.replace("old 5", "size 5"))
    yield _asked("no proof line of 32 bytes", f"old 5\nAAAA\n\n{NOTE}")
    yield _asked("more proof lines than a tree can need", f"old 5\n{('A' * 43 + '=' + chr(10)) * 64}\n{NOTE}")
    yield _asked("an old size in another spelling", GROWS.replace("old 5", "old 05"))
    yield _asked("an old size above the new one", witness.format_add_checkpoint(14, (), NOTE))
    yield _asked("from another size than was cosigned", witness.format_add_checkpoint(4, (), NOTE))
    yield _asked("from nothing though it was cosigned", witness.format_add_checkpoint(0, (), NOTE))
    yield _asked(
        "a proof that does not hold", witness.format_add_checkpoint(5, TREE.consistency(4, 13), NOTE)
    )
    yield _asked("no proof", witness.format_add_checkpoint(5, (), NOTE))
    other = note.sign_checkpoint(note.Checkpoint(origin=LOG.name, size=5, root=bytes(32)), SEED)
    yield _asked("another root of the same size", witness.format_add_checkpoint(5, (), other))
    yield _asked(
        "signed by another key", vkey=str(note.vkey_of(LOG.name, ed25519.public_of(w.derive("else"))))
    )
    yield _asked(
        "without a signature", witness.format_add_checkpoint(5, TREE.consistency(5, 13), HEAD.body())
    )
