"""The ports: what the exchange needs of the outside world, split by guarantee.

Each Protocol's docstring is a promise that ``tests/contracts`` holds every adapter to. Ports speak
bytes and core types; no adapter's types appear here.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from comity.errors import ComityError, Refused, Unavailable
from comity.records.bundles import Opening
from comity.records.kinds import Purpose


class Conflict(Refused):
    """The journal moved since it was read, or another envelope already holds this (iss, sub, seq)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One envelope in this node's own ledger. ``index`` counts from 0 without gaps."""

    index: int
    id: str
    iss: str
    sub: str
    seq: int
    envelope: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A record of a case as this node holds it. ``home`` is the ledger that registered the envelope;
    ``opening`` may be None (bare) and may become fuller later, never emptier except by erasure."""

    id: str
    case: str
    iss: str
    sub: str
    seq: int
    home: str
    envelope: bytes
    receipt: bytes = b""
    opening: Opening | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Something to be sent: an address, a path there, exact bytes. ``id`` is 0 until stored."""

    to: str
    path: str
    body: bytes
    id: int = 0
    tries: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """Everything one act stores, all or nothing.

    ``expected`` is the ledger size that the act was computed against (compare-and-swap); None where
    nothing is appended. ``notes`` are small named values (case keys, peers, settings).
    """

    expected: int | None = None
    leaves: Sequence[Leaf] = ()
    held: Sequence[Held] = ()
    attestations: Sequence[tuple[str, str, bytes]] = ()  # (case, attestation id, exact bytes)
    outbox: Sequence[Message] = ()
    notes: Mapping[str, bytes] = field(default_factory=dict)


LONGEST_WAIT = 3600
"""The longest time between two tries to deliver a message, in seconds."""


def wait_after(tries: int) -> int:
    """Seconds from the ``tries``-th failed try to the next: 2, 4, 8 … at most an hour."""
    return min(LONGEST_WAIT, 1 << min(tries, 12))


class Journal(Protocol):
    """The truth of a node. Ordered, compare-and-swap, durable before ``write`` returns.

    - ``write`` is atomic: after a crash at any point all of it is there or none of it.
    - When it has returned, the bytes survive power loss.
    - Leaf indexes are contiguous from 0. A leaf whose id is already there is refused, and so is a
      second envelope with the same (iss, sub, seq): ``Conflict``. (Cards are exempt: each is signed as
      ``self``, and a home ledger registers those of its guests too.) ``expected`` other than the current
      size: ``Conflict``. A full or unwritable disk, or one with too little room (``disk.low``):
      ``Unavailable``; nothing is half-written.
    - ``held`` entries with a known id merge: an opening that is there is never lost, a fuller one
      replaces a lesser, a receipt is kept; case and home stay as first stored. Two envelopes of one
      (iss, sub, seq) are both held: a fork is evidence. Content once erased is never stored again.
    - An attestation that is there stays; a note is replaced.
    - Leaves and envelopes can never be changed or deleted, by any SQL through this connection either.
    - Safe for concurrent use by threads and processes.
    """

    def write(self, write: Write) -> None: ...

    def size(self) -> int: ...

    def leaves(self, start: int, stop: int) -> list[Leaf]:
        """Leaves ``start <= index < stop``, in order."""
        ...

    def envelopes(self, start: int, stop: int) -> list[bytes]:
        """The envelopes of ``leaves(start, stop)``, as they are stored."""
        ...

    def leaf_of(self, record: str) -> Leaf | None: ...

    def last_of(self, iss: str, sub: str) -> Leaf | None:
        """The leaf with the highest seq of this author's chain in this ledger."""
        ...

    def indexes_of(self, records: Iterable[str]) -> dict[str, int]:
        """The leaf index of each of these records that is in this ledger."""
        ...

    def tips_of(self, chains: Iterable[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, str]]:
        """The highest seq and its record's id, for each chain (iss, sub) that has a leaf in this ledger."""
        ...

    def held(self, case: str) -> Iterator[Held]:
        """All records held of a case, in the order in which they first arrived."""
        ...

    def held_record(self, record: str) -> Held | None: ...

    def news(self, case: str, after: int) -> Iterator[tuple[int, Held]]:
        """Records of a case that came, or became fuller, since the mark ``after``, in that order.

        Each with its mark, a number above 0 that is higher than all before it in this journal. Whoever has
        read to the end goes on later from the last mark; a record that changed again is given again.
        """
        ...

    def cases(self) -> list[str]:
        """Ids of cases of which a record is held, in the order in which they first appeared.

        Key records stand outside every case (64 zeros), which is not one of these ids.
        """
        ...

    def attestations(self, case: str, skip: int = 0) -> list[tuple[str, bytes]]:
        """(attestation id, exact bytes) of a case in the order of arrival, without the first ``skip``."""
        ...

    def note(self, name: str) -> bytes | None: ...

    def notes(self, prefix: str) -> dict[str, bytes]:
        """All notes whose name starts with ``prefix``, sorted by name."""
        ...

    def version(self) -> int:
        """A number that grows with every committed change (by any process); readers cache on it."""
        ...

    def due(self, now: int, limit: int = 100) -> list[Message]:
        """Undelivered messages whose turn has come (seconds since 1970), oldest first per address.

        Addresses take turns, so that one with many messages does not hold up the others.
        """
        ...

    def delivered(self, message: int) -> None:
        """Forget a message that has arrived; one that is not there (any more) is no error."""
        ...

    def failed(self, message: int, now: int, error: str) -> None:
        """Count a failed try and put the next one off, exponentially to at most an hour; never dropped."""
        ...

    def pending(self) -> list[Message]:
        """All undelivered messages, oldest first."""
        ...

    def erase(self, record: str) -> None:
        """Destroy the content and its salt of a held record; the frame, its salt and Cc stay.

        For good: where the record comes again, or comes only later, its content is left out.
        """
        ...

    def forget(self, name: str) -> None:
        """Destroy a note, so that its bytes are nowhere in the journal's files. None there is no error."""
        ...

    def close(self) -> None: ...


class Blobs(Protocol):
    """Immutable bytes by their SHA-256, private to this node. Write-once and durable when ``put`` returns.

    ``put`` of bytes that are there changes nothing. ``get`` checks the digest and raises ``NotVerified``
    for bytes that rotted, ``Unavailable`` for those that are missing. Encrypted at rest. A digest that
    is not 64 hex digits is ``Malformed``.
    """

    def put(self, data: bytes) -> str: ...

    def put_stream(self, chunks: Iterable[bytes]) -> str:
        """Like ``put``, for bytes that come in chunks of any size; holds only a small part in memory."""
        ...

    def get(self, digest: str) -> bytes: ...

    def open_stream(self, digest: str) -> Iterator[bytes]:
        """The bytes in chunks. The digest is checked at the end: act only on a stream read to its end."""
        ...

    def has(self, digest: str) -> bool: ...

    def erase(self, digest: str) -> None:
        """Remove the bytes, durably. None there is no error; ``Unavailable`` where the store keeps them."""
        ...


class Public(Protocol):
    """Static files that anyone may fetch: tiles, entry bundles, the checkpoint, dossiers.

    ``write`` replaces a file whole (readers see the old bytes or the new, never a part) and is durable
    when it returns. Names are relative paths without ``..``.
    """

    def write(self, name: str, data: bytes) -> None: ...

    def write_all(self, files: Iterable[tuple[str, bytes]], last: tuple[str, bytes] | None = None) -> None:
        """Write several files, each whole, and then ``last``, which nobody sees until all others are durable.

        All are durable on return. Not one act: a crash, or an error, leaves some of them.
        """
        ...

    def clear(self, folder: str) -> None:
        """Remove the files whose names are ``folder``, a ``/`` and one part more. None there is no error."""
        ...

    def read(self, name: str) -> bytes | None: ...


class Signer(Protocol):
    """The private keys of a node. Seeds never leave it except through this narrow gate.

    ``purpose`` is one of statement, receipt, checkpoint, witness. ``public`` gives the 32 raw bytes.
    """

    def seed(self, purpose: str) -> bytes: ...

    def public(self, purpose: str) -> bytes: ...

    def adopt(self, coming: Mapping[Purpose, bytes]) -> None:
        """Sign with these prepared keys (purpose → seed) from now on."""
        ...

    def age_recipient(self) -> str:
        """The age recipient in use."""
        ...

    def adopt_recipient(self, age: str) -> None:
        """Use this prepared age recipient from now on."""
        ...

    def open_sealed(self, sealed: bytes) -> bytes:
        """Decrypt an age file addressed to this node, under this recipient or an earlier one;
        ``NotVerified`` where it is not, or was changed."""
        ...


class Boxes(Protocol):
    """Sealing to others (age): anyone can, only the holder of the recipient's key can open."""

    def seal_to(self, recipients: Sequence[str], data: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A head that this node has signed, or was about to."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A mark as it was found. ``doubt`` says why it may be an old copy, "" if nothing speaks for that;
    ``restarted`` that the machine started since it was written. ``instance`` names these files, for a while
    (``Continuity.beat``): a copy of them, wherever it lies, has another."""

    mark: Mark | None
    doubt: str = ""
    restarted: bool = False
    instance: str = ""


class Continuity(Protocol):
    """The newest head that this node signed, kept apart from the journal.

    ``write`` is durable on return, and keeps the doubt where there is one; ``begin`` starts anew, without
    doubt. A copy of the files, put back by any means that writes files, is doubted. ``Unavailable`` where
    it cannot be read or written.
    """

    def read(self) -> Kept: ...

    def write(self, mark: Mark) -> None: ...

    def begin(self, mark: Mark) -> None: ...

    def beat(self) -> None:
        """Have ``instance`` be another from now on. Two copies that were one until a moment ago differ by
        it, whatever was copied: a file, a disk, the memory of a running machine."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Free bytes where a node is kept, and the floor below which it writes nothing new."""

    free: int
    floor: int
    where: str

    @property
    def low(self) -> bool:
        """Whether writing is held."""
        return self.free < self.floor


class Effects(Protocol):
    """Time, chance and turns. ``now`` is seconds since 1970 UTC; ``random`` is cryptographically strong;
    ``exclusive`` makes a new re-entrant lock between the threads of this process."""

    def exclusive(self) -> AbstractContextManager[object]: ...

    def now(self) -> int: ...

    def random(self, count: int) -> bytes: ...


class Stamps(Protocol):
    """Timestamp authorities (RFC 3161) that the operator set this node to ask, by address.

    ``ask`` posts a TimeStampReq and gives the body of the answer, whatever it is; ``Unavailable`` or
    ``Refused`` where there is none.
    """

    @property
    def addresses(self) -> Sequence[str]: ...

    def ask(self, address: str, request: bytes) -> bytes: ...


class Peers(Protocol):
    """Other nodes over the network, by the address in their card.

    ``get`` and ``post`` return the body of a success and raise ``Unavailable`` for a peer that cannot be
    reached in time, ``Refused`` (with the peer's own code and words) for one that declines. They never
    follow redirects, and read at most ``limit`` bytes. A witness that has cosigned another size answers
    ``Refused`` ``peer.conflict``, with that size in ``where`` (C2SP tlog-witness).
    """

    def get(self, base: str, path: str, limit: int = ...) -> bytes: ...

    def post(self, base: str, path: str, body: bytes, limit: int = ...) -> bytes: ...

    def get_each(self, wanted: Sequence[tuple[str, str]], limit: int) -> list[bytes | ComityError]:
        """``get`` of several (base, path) at once, each answered or not for itself, in their order: the
        slowest of them is all that is waited for."""
        ...


class Places(Protocol):
    """Somewhere that has room for work: a cluster, or the processes of this machine.

    ``each`` gives ``work(start, task)`` for every task, in the order of ``tasks``, whatever the order in
    which they are done; ``start`` is the same for all, and sent to a worker once. ``work`` is a function of a
    module that workers can import. A task whose worker dies of it, or that raises, costs itself alone: its
    result is an ``Unavailable``. That is raised where the place cannot be reached, or stops being there.
    """

    def each(
        self, work: Callable[[bytes, bytes], bytes], start: bytes, tasks: Sequence[bytes]
    ) -> Generator[bytes | Unavailable, None, None]: ...
