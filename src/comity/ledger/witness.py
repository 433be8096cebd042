"""What a witness remembers and when it may cosign (C2SP tlog-witness); evidence of a split view.

Pure: ``advance`` gives the next state or an error. Storing the state atomically, and before the
cosignature leaves, is the caller's part.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from comity.errors import ComityError, Malformed, NotVerified
from comity.ledger.merkle import EMPTY_ROOT, HASH_SIZE, verify_consistency
from comity.ledger.note import Checkpoint, Vkey, decode64, open_note, parse_decimal, verify_checkpoint

PROOF_LIMIT = 63
"""The most consistency proof lines in a request."""


class Conflict(NotVerified):
    """The request does not start from the head this witness cosigned last (HTTP 409).

    ``size`` is the size it did cosign. Code ``witness.behind``: ask again from there. Code
    ``witness.split``: the log signed two roots for that size; keep both notes (``prove_split``).
    """

    def __init__(self, code: str, where: str, why: str, size: int = 0) -> None:
        super().__init__(code, where, why)
        self.size = size

    def under(self, prefix: str) -> ComityError:
        where = f"{prefix}/{self.where}" if self.where else prefix
        return Conflict(self.code, where, self.why, self.size)


class Unprocessable(NotVerified):
    """The new head is not shown to extend the one cosigned last (HTTP 422, ``witness.proof``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessState:
    """The newest head a witness cosigned for one log."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class AddCheckpoint:
    """A request to cosign ``note``, with the proof that it extends the tree of ``old_size``."""

    old_size: int
    proof: tuple[bytes, ...]
    note: str


def parse_add_checkpoint(body: str, where: str = "add-checkpoint") -> AddCheckpoint:
    """Read a request body (tlog-witness, add-checkpoint); the note inside is not opened yet."""
    head, gap, note = body.partition("\n\n")
    if not gap:
        raise Malformed("witness.request", where, "no blank line before the checkpoint")
    first, *lines = head.split("\n")
    word, _, number = first.partition(" ")
    if word != "old":
        raise Malformed("witness.request", f"{where}:1", "the first line gives the old size")
    if len(lines) > PROOF_LIMIT:
        raise Malformed("witness.request", where, f"more than {PROOF_LIMIT} proof lines")
    proof = tuple(decode64(line, f"{where}:{n}") for n, line in enumerate(lines, 2))
    if any(len(node) != HASH_SIZE for node in proof):
        raise Malformed("witness.request", where, "a proof line is one hash of 32 bytes")
    return AddCheckpoint(old_size=parse_decimal(number, f"{where}:1"), proof=proof, note=note)


def format_add_checkpoint(old_size: int, proof: Sequence[bytes], note: str) -> str:
    """The request body that ``parse_add_checkpoint`` reads."""
    lines = "".join(base64.b64encode(node).decode("ascii") + "\n" for node in proof)
    return f"old {old_size}\n{lines}\n{note}"


def advance(
    state: WitnessState | None,
    request: AddCheckpoint,
    log_vkey: Vkey,
    where: str = "add-checkpoint",
) -> WitnessState:
    """The state after cosigning ``request``; ``state`` is None before the first time.

    Checks in the order of tlog-witness: the log's signature (``NotVerified`` or ``Malformed`` as
    ``verify_checkpoint``), old size above new (``Malformed`` ``witness.old-size``, 400), another
    start than the last cosigned (``Conflict`` ``witness.behind``), another root at the same size
    (``Conflict`` ``witness.split``), the proof (``Unprocessable``).
    """
    checkpoint = verify_checkpoint(request.note, log_vkey, where)
    if state is None:
        state = WitnessState(origin=checkpoint.origin, size=0, root=EMPTY_ROOT)
    if state.origin != checkpoint.origin:
        raise ValueError("a state of one log cannot advance by another's checkpoint")
    if request.old_size > checkpoint.size:
        raise Malformed("witness.old-size", where, "the old size is above the new size")
    if request.old_size != state.size:
        why = f"the newest head cosigned here has size {state.size}"
        raise Conflict("witness.behind", where, why, state.size)
    if state.size and checkpoint.size == state.size and checkpoint.root != state.root:
        why = f"the log signed two roots for size {state.size}"
        raise Conflict("witness.split", where, why, state.size)
    try:
        verify_consistency(state.size, checkpoint.size, state.root, checkpoint.root, request.proof, where)
    except NotVerified as error:
        raise Unprocessable("witness.proof", where, error.why) from None
    return WitnessState(origin=checkpoint.origin, size=checkpoint.size, root=checkpoint.root)


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Proof that one log signed two histories: two notes, and why they exclude each other.

    Of one size: ``notes`` stand in the order of their roots, so either finder holds the same evidence. Of
    two: the smaller first; the larger's tree has ``root`` at the smaller ``size``, which ``proof`` shows, and
    the log signed another.
    """

    origin: str
    size: int
    roots: tuple[bytes, bytes]
    notes: tuple[str, str]
    root: bytes = b""
    proof: tuple[bytes, ...] = ()


def _key_for(text: str, vkey: Vkey | Callable[[int], Vkey], where: str) -> Vkey:
    if isinstance(vkey, Vkey):
        return vkey
    body, _ = open_note(text, where)
    return vkey(Checkpoint.parse(body, where).size)


def prove_split(
    note_a: str,
    note_b: str,
    vkey: Vkey | Callable[[int], Vkey],
    *,
    root: bytes = b"",
    proof: Sequence[bytes] = (),
) -> Split:
    """The evidence that the holder of ``vkey`` signed both notes though they exclude each other.

    A ledger whose key has changed gives its key for each tree size.

    For notes of two sizes, ``root`` is that of the larger one's tree at the smaller size, and ``proof`` the
    consistency proof from it (RFC 9162 §2.1.4.2): given the larger head no other root has one.
    ``NotVerified``: a note's own error, or ``witness.no-split`` if this shows no contradiction.
    """
    a = verify_checkpoint(note_a, _key_for(note_a, vkey, "note a"), "note a")
    b = verify_checkpoint(note_b, _key_for(note_b, vkey, "note b"), "note b")
    by_root = sorted(((a.size, a.root, note_a), (b.size, b.root, note_b)))
    (size, root_a, first), (larger, root_b, second) = by_root
    if size == larger:
        if root or proof:
            raise NotVerified("witness.no-split", "", "notes of one size need no proof between them")
        if root_a == root_b:
            raise NotVerified("witness.no-split", "", "both notes give the same head")
        return Split(origin=a.origin, size=size, roots=(root_a, root_b), notes=(first, second))
    if not root:
        why = f"heads of different sizes, {size} and {larger}, do not exclude each other"
        raise NotVerified("witness.no-split", "", why)
    if root == root_a:
        raise NotVerified("witness.no-split", "", "the larger tree has the root that was signed before")
    if size == 0:
        # Of an empty tree there is one root, whatever comes after; nothing is left to prove.
        if root != EMPTY_ROOT or proof:
            raise NotVerified("witness.no-split", "", "an empty tree has one root and needs no proof")
    else:
        verify_consistency(size, larger, root, root_b, proof, "proof")
    return Split(
        origin=a.origin,
        size=size,
        roots=(root_a, root_b),
        notes=(first, second),
        root=root,
        proof=tuple(proof),
    )
