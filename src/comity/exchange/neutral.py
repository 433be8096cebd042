"""A witness that is no party: it cosigns the heads of the ledgers on its list, and does nothing else.

C2SP tlog-witness. It has one key and remembers, for each ledger, the note that it cosigned last. What it
remembers is read back and checked before every signature, and is durable before a cosignature leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from comity.errors import Refused
from comity.exchange.ports import Effects
from comity.ledger import note, witness
from comity.ledger.note import Vkey
from comity.records import ed25519

GROWTH_LIMIT = 120
"""How often in a minute one ledger may have a new head cosigned."""

AGAIN_LIMIT = 600
"""How often in a minute the head cosigned last may be asked for again. Anyone can ask; it writes nothing."""

_MINUTE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedLog:
    """A ledger on the list: the key of its checkpoints, and the note cosigned last, with its own signature
    alone ("" before the first). One that was taken off the list keeps its memory, for when it comes back."""

    vkey: Vkey
    note: str = ""
    active: bool = True

    def state(self) -> witness.WitnessState | None:
        """What was cosigned last, read from the note; ``NotVerified`` if the ledger did not sign it."""
        if not self.note:
            return None
        head = note.verify_checkpoint(self.note, self.vkey, "witness/memory")
        return witness.WitnessState(origin=head.origin, size=head.size, root=head.root)


class Memory(Protocol):
    """Where a witness keeps what it remembers. ``keep`` is whole and durable when it returns, or raises and
    changed nothing; ``keep_split`` keeps two notes that exclude each other."""

    def logs(self) -> Sequence[WatchedLog]: ...

    def find(self, origin: str) -> Sequence[WatchedLog]: ...

    def keep(self, log: WatchedLog) -> None: ...

    def keep_split(self, log: WatchedLog, other: str) -> None: ...


class Neutral:
    """The witness ``name`` with its Ed25519 seed. Safe for use by threads, and by processes as far as
    ``effects.exclusive`` is."""

    def __init__(self, *, name: str, seed: bytes, memory: Memory, effects: Effects) -> None:
        self.vkey = note.vkey_of(name, ed25519.public_of(seed), note.COSIGNATURE)
        self.memory = memory
        self._seed = seed
        self._effects = effects
        self.lock = effects.exclusive()
        self._given: dict[tuple[str, bool], tuple[int, int]] = {}

    def cosign(self, body: str) -> str:
        """The cosignature line for an add-checkpoint request.

        Raises ``witness.Conflict`` (409), ``witness.Unprocessable`` (422), ``Refused`` with
        ``witness.unknown-log`` (404) or ``witness.busy`` (429), ``NotVerified`` (403), ``Malformed`` (400).
        """
        request = witness.parse_add_checkpoint(body)
        body_text, _ = note.open_note(request.note)
        origin = note.Checkpoint.parse(body_text).origin
        with self.lock:
            log = next((log for log in self.memory.find(origin) if log.active), None)
            if log is None:
                raise Refused("witness.unknown-log", origin, "no such ledger is on this witness's list")
            before = log.state()
            try:
                after = witness.advance(before, request, log.vkey)
            except witness.Conflict as conflict:
                if conflict.code == "witness.split":
                    self.memory.keep_split(log, own_line_alone(request.note, log.vkey))
                raise
            self._count(origin, grows=after != before)
            if after != before:
                # Durable first: a witness that forgets can be made to sign two histories.
                self.memory.keep(replace(log, note=own_line_alone(request.note, log.vkey)))
        return note.cosign(request.note, self.vkey.name, self._seed, self._effects.now())

    def _count(self, origin: str, *, grows: bool) -> None:
        # Only what the ledger signed comes this far, so nobody else uses up its share of growth.
        minute = self._effects.now() // _MINUTE
        started, given = self._given.get((origin, grows), (minute, 0))
        if started != minute:
            started, given = minute, 0
        if given >= (GROWTH_LIMIT if grows else AGAIN_LIMIT):
            raise Refused("witness.busy", origin, "cosigned as often as it may be in one minute; ask later")
        self._given[origin, grows] = started, given + 1

    def add_log(self, vkey: Vkey) -> bool:
        """Put a ledger on the list; whether it was not there. One that was taken off goes on where it was.

        ``Refused`` (``witness.log-kind``) for a key that no ledger signs with, (``witness.log-known``) where
        another key stands for this origin: two ledgers of one name cannot be told apart by it.
        """
        if vkey.kind != note.ED25519:
            raise Refused("witness.log-kind", vkey.name, "this key cosigns; a ledger signs with another kind")
        with self.lock:
            held = self.memory.find(vkey.name)
            if any(log.active and log.vkey != vkey for log in held):
                raise Refused("witness.log-known", vkey.name, "this origin is on the list with another key")
            known = next((log for log in held if log.vkey == vkey), None)
            if known is not None and known.active:
                return False
            self.memory.keep(replace(known, active=True) if known else WatchedLog(vkey=vkey))
            return True

    def remove_log(self, origin: str) -> WatchedLog:
        """Take a ledger off the list, by its origin; its memory stays. ``Refused`` where it is not there."""
        with self.lock:
            for log in self.memory.find(origin):
                if log.active:
                    self.memory.keep(replace(log, active=False))
                    return log
        raise Refused("witness.unknown-log", origin, "no such ledger is on this witness's list")


def own_line_alone(text: str, vkey: Vkey) -> str:
    """A note with the signature of ``vkey`` and no other: what is kept of a head that anyone may send."""
    body, lines = note.open_note(text)
    return f"{body}\n" + "".join(
        str(line) for line in lines if (line.name, line.key_hash) == (vkey.name, vkey.key_hash)
    )
