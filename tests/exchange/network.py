"""Nodes in one process: the real exchange and journal, a network that is a dictionary, a movable clock."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from comity.adapters.age_boxes import AgeBoxes
from comity.adapters.file_blobs import FileBlobs
from comity.adapters.key_files import KeyFiles
from comity.adapters.memory_journal import MemoryJournal
from comity.errors import ComityError, Refused, Unavailable
from comity.exchange import couriering, recovery, working
from comity.exchange.delivery import learn_party
from comity.exchange.founding import found
from comity.exchange.node import Node
from comity.exchange.witnessing import cosign
from comity.ledger.witness import Conflict
from comity.records import ed25519
from comity.records.kinds import Contact


class Clock:
    """Effects with a clock that a test moves, and chance that a seed decides."""

    def __init__(self, seed: str, now: int = 1_790_000_000) -> None:
        self.time = now
        self._seed = seed
        self._count = 0

    def exclusive(self) -> AbstractContextManager[object]:
        return threading.RLock()

    def now(self) -> int:
        return self.time

    def random(self, count: int) -> bytes:
        self._count += 1
        return hashlib.shake_256(f"{self._seed}/{self._count}".encode()).digest(count)


class PublicMemory:
    """``ports.Public`` in a dictionary."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def write(self, name: str, data: bytes) -> None:
        self.files[name] = data

    def write_all(self, files: Iterable[tuple[str, bytes]], last: tuple[str, bytes] | None = None) -> None:
        self.files.update(files)
        if last:
            self.write(*last)

    def clear(self, folder: str) -> None:
        for name in [name for name in self.files if name.rpartition("/")[0] == folder]:
            del self.files[name]

    def read(self, name: str) -> bytes | None:
        return self.files.get(name)


class Network:
    """``ports.Peers`` between nodes of this process; parties can be unreachable."""

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self.down: set[str] = set()
        self.log: list[tuple[str, str, bytes]] = []

    def _node(self, base: str) -> Node:
        if base in self.down or base not in self.nodes:
            raise Unavailable("peer.unreachable", base, "cannot be reached")
        return self.nodes[base]

    def get(self, base: str, path: str, limit: int = 1 << 30) -> bytes:
        if path.startswith(recovery.HEADS):
            return recovery.answer_heads(self._node(base), path.removeprefix(recovery.HEADS))
        if path.startswith(recovery.COPIES):
            return recovery.answer_copies(self._node(base), path.removeprefix(recovery.COPIES))
        raw = self._node(base).public.read(path.lstrip("/"))
        if raw is None:
            raise Unavailable("peer.missing", f"{base}/{path}", "not there")
        return raw

    def get_each(self, wanted: Sequence[tuple[str, str]], limit: int) -> list[bytes | ComityError]:
        found: list[bytes | ComityError] = []
        for base, path in wanted:
            try:
                found.append(self.get(base, path, limit))
            except ComityError as error:
                found.append(error)
        return found

    def post(self, base: str, path: str, body: bytes, limit: int = 1 << 30) -> bytes:
        node = self._node(base)
        self.log.append((base, path, body))
        if path == "/add-checkpoint":
            try:
                return cosign(node, body.decode()).encode()
            except Conflict as conflict:
                raise Refused("peer.conflict", str(conflict.size), conflict.why) from None
        if path == "/x/inbox":
            working.receive_and_receipt(node, body)
            return b"{}"
        if path == couriering.COURIER:
            couriering.take_job(node, body)
            return b"{}"
        if path == "/x/guest":
            working.take_guest_reply(node, body)
            return b"{}"
        raise AssertionError(path)


def recovery_of(name: str) -> bytes:
    """The recovery seed of a party of this network."""
    return hashlib.sha256(f"recovery/{name}".encode()).digest()


class World:
    """Some parties, each with a node."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self.network = Network()
        self.nodes: list[Node] = []
        self.clocks: list[Clock] = []
        for name in names:
            keys = KeyFiles.create(folder / name / "keys")
            clock = Clock(name)
            node = Node(
                journal=MemoryJournal(),
                blobs=FileBlobs(folder / name / "blobs", bytes(32)),
                public=PublicMemory(),
                signer=keys,
                boxes=AgeBoxes(),
                effects=clock,
            )
            base = f"http://{name}.example"
            found(
                node,
                name.title(),
                [Contact(kind="node", address=base)],
                ed25519.public_of(recovery_of(name)),
            )
            self.network.nodes[base] = node
            self.nodes.append(node)
            self.clocks.append(clock)
        for node in self.nodes:
            for other in self.nodes:
                if node is not other:
                    learn_party(node, other.party_file(other.party.id))

    def pass_time(self, seconds: int = 1) -> None:
        for clock in self.clocks:
            clock.time += seconds

    def settle(self, turns: int = 12) -> None:
        """Let every node take turns until nothing is owed any more."""
        for _ in range(turns):
            self.pass_time(61)
            done = 0
            for node in self.nodes:
                tick = working.tick(node, self.network)
                done += tick.sent + tick.attested
            if not done:
                return
        raise AssertionError("the nodes do not come to rest")


class Bytes:
    """A file as chunks that can be read again."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw

    def __iter__(self) -> Iterator[bytes]:
        return iter([self.raw[i : i + 1000] for i in range(0, len(self.raw), 1000)] or [b""])


def lines(rows: Iterable[str]) -> Bytes:
    """A text file of these rows."""
    return Bytes("".join(f"{row}\n" for row in rows).encode())
