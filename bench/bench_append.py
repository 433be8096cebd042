"""Registering envelopes of enrolled authors, each answered once it is durable and published.

The whole path: parse, check the signature, dedupe, judge the place in the author's chain, commit, write
entries, tiles and checkpoint, each synced, and answer with a receipt. Over HTTP the server is ``comity
serve`` in a process of its own and the 64 clients are another, on the same machine. The peers: a plain SQLite
table with the same settings and one commit for each append, one synced write of 4 KiB, and over HTTP the same
server software with nothing behind it.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bench.bench_ledger import APPENDS, Disk, disk_peers
from bench.figure import Contender, Figure
from comity import compose
from comity.adapters import node_settings
from comity.exchange.appending import Registered, read_entry, receipts_of
from comity.exchange.node import Node
from comity.ledger import bulk, note, tiles
from comity.ledger.merkle import leaf_hash
from comity.ledger.native import load_kernels
from comity.records import ed25519, envelopes
from comity.records.ed25519_native import load_loop
from comity.records.parties import verify_author
from comity.web.grouping import GroupCommit
from tests.entries import Writer

ROOT = Path(__file__).resolve().parents[1]
CHAINS = 64
EACH = 48
"""Envelopes of each chain in one run."""
WINDOW = 512
"""How many appends wait at a time, in process."""
LEAVES = 10_000_000
COLD = 1_000_000
SETTLES = 5.0
"""Seconds after the first crowd at a node."""
SAMPLE = 500
"""Of so many cold entries, one has its signature checked."""
EMPTY = "bench.bench_append:empty"


async def empty(
    scope: dict[str, object], receive: Callable[..., object], send: Callable[..., object]
) -> None:
    """An ASGI application that reads a body and answers with as many bytes as a receipt has."""
    if scope["type"] != "http":
        return
    more = True
    while more:
        message = await receive()  # type: ignore[misc]
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 201, "headers": [(b"content-length", b"600")]})  # type: ignore[misc]
    await send({"type": "http.response.body", "body": bytes(600)})  # type: ignore[misc]


class Envelopes:
    """Chains of one guest, signed beforehand: each run takes the next part of each."""

    def __init__(self, node: Node) -> None:
        guest = Writer(node, "rowan")
        self._chains = [guest.chain(f"chain {n}") for n in range(CHAINS)]

    def take(self) -> list[list[bytes]]:
        """For each chain its next ``EACH`` envelopes."""
        return [[next(chain).raw for _ in range(EACH)] for chain in self._chains]


def append_all(front: GroupCommit, raws: list[bytes]) -> None:
    """Hand over all, ``WINDOW`` waiting at a time; each is acknowledged as fresh."""
    waiting: deque[Future[Registered]] = deque()
    for raw in raws:
        if len(waiting) >= WINDOW:
            _require_fresh(waiting.popleft().result())
        answer: Future[Registered] = Future()
        front.hand_over(raw, answer)
        waiting.append(answer)
    for one in waiting:
        _require_fresh(one.result())


def _require_fresh(done: Registered) -> None:
    if not done.fresh:
        raise AssertionError("an envelope was there before")


def timed(prepare: Callable[[], list[bytes]], act: Callable[[list[bytes]], None]) -> float:
    """Appends a second of ``act``; what it is given is made before."""
    raws = prepare()
    began = time.perf_counter()
    act(raws)
    return len(raws) / (time.perf_counter() - began)


def _mixed(chains: list[list[bytes]]) -> list[bytes]:
    return [raw for row in zip(*chains, strict=True) for raw in row]


def in_process(scratch: Path) -> Iterator[Figure]:
    node = compose.create_node(scratch / "home", name="Alder")
    made = Envelopes(node)
    disk = Disk(scratch / "disk")
    front = GroupCommit(node)
    # A node that has been busy once has compiled this; it is not what is measured.
    load_loop()
    spent: list[float] = []

    def register(raws: list[bytes]) -> None:
        before = time.process_time()
        append_all(front, raws)
        spent.append((time.process_time() - before) / len(raws) * 1e6)

    yield Figure(
        name="envelopes registered, in process",
        unit="appends/s",
        ours=Contender(
            name="comity group commit",
            run=lambda: timed(lambda: _mixed(made.take()), register),
        ),
        peers=disk_peers(disk, 400),
        amount=APPENDS,
        note=f"signature check, dedupe, durable, published, receipt; {WINDOW} wait at a time",
    )
    front.close()
    key, signature, message = _signed()
    openssl = Ed25519PublicKey.from_public_bytes(key)
    yield Figure(
        name="processor time of one of these",
        unit="µs",
        runs=1,
        ours=Contender(name="comity, all threads", run=lambda: statistics.median(spent[1:] or spent)),
        peers=(
            Contender(
                name="one signature, libsodium",
                run=lambda: processor_time(lambda: ed25519.verify(key, signature, message)),
            ),
            Contender(
                name="one signature, OpenSSL",
                run=lambda: processor_time(lambda: openssl.verify(signature, message)),
            ),
        ),
        note="of an append, all but its signature check runs one at a time under the interpreter's lock",
    )
    raws = _mixed(made.take())[:1000]

    def read() -> None:
        for raw in raws:
            read_entry(node, raw)

    yield Figure(
        name="of which form and signature",
        unit="envelopes/s",
        amount=len(raws),
        ours=Contender(name="comity read_entry", run=read),
    )
    with node.lock:
        size = node.tree().size
        yield Figure(
            name="receipts given together",
            unit="receipts/s",
            amount=size,
            ours=Contender(name="comity receipts_of", run=lambda: void(receipts_of(node, range(1, size)))),
            peers=(Contender(name="one signature each", run=lambda: each_alone(node, min(size, 500))),),
            note="one signature for all of one size",
        )
    disk.close()
    node.journal.close()


def _signed() -> tuple[bytes, bytes, bytes]:
    seed, message = bytes(range(32)), bytes(300)
    return ed25519.public_of(seed), ed25519.sign(seed, message), message


def processor_time(act: Callable[[], None], times: int = 2000) -> float:
    """Microseconds of processor time that this process spends on one."""
    before = time.process_time()
    for _ in range(times):
        act()
    return (time.process_time() - before) / times * 1e6


def spent_by(process: subprocess.Popen[str]) -> float:
    """Seconds of processor time of a process so far (proc(5), utime and stime)."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def void(_: object) -> None:
    """Nothing; what was made is let go."""


def each_alone(node: Node, count: int) -> float:
    """Receipts a second, each signed by itself."""
    began = time.perf_counter()
    for index in range(1, count):
        receipts_of(node, [index])
    return (count - 1) / (time.perf_counter() - began)


@contextmanager
def serving(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            yield process
        finally:
            process.terminate()


def load(port: int, path: str, clients: list[list[bytes]], wanted: int) -> tuple[float, list[float]]:
    """Answers a second, and the milliseconds of each."""
    with tempfile.NamedTemporaryFile("w", suffix=".hex") as file:
        file.write("\n".join(" ".join(raw.hex() for raw in bodies) for bodies in clients))
        file.flush()
        command = [sys.executable, "-m", "bench.load", "127.0.0.1", str(port), path, file.name]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    told = json.loads(done.stdout)
    if set(told["statuses"]) != {str(wanted)}:
        raise AssertionError(f"answers were {told['statuses']}")
    return len(told["took"]) / told["seconds"], sorted(told["took"])


def free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def over_http(scratch: Path) -> Iterator[Figure]:
    settings = node_settings.settings_for(node_settings.LISTEN, "")
    home = compose.create_home(scratch / "served", name="Birch", settings=settings)
    made = Envelopes(home.node)
    home.close()
    slowest: list[float] = []
    middle: list[float] = []
    own = [sys.executable, "-m", "comity.cli", "serve", str(scratch / "served"), "--port", "0"]
    port = free_port()
    bare = [sys.executable, "-m", "uvicorn", EMPTY, "--port", str(port), "--log-level", "error"]
    busy: list[float] = []
    bare_busy: list[float] = []
    with serving(own) as node, serving([*bare, "--no-access-log"]) as empty_node:
        assert node.stdout is not None
        address = next(line for line in node.stdout if " listens at " in line)
        own_port = int(address.rsplit(":", 1)[1])
        answered(port)
        # What a busy node compiles, in the background and once, is not what is measured.
        load(own_port, "/x/entries", made.take(), 201)
        time.sleep(SETTLES)

        def ours() -> float:
            clients, before = made.take(), spent_by(node)
            rate, took = load(own_port, "/x/entries", clients, 201)
            busy.append((spent_by(node) - before) / len(took) * 1e6)
            slowest.append(took[len(took) * 99 // 100])
            middle.append(statistics.median(took))
            return rate

        def theirs() -> float:
            before = spent_by(empty_node)
            rate, took = load(port, "/", [[bytes(400)] * EACH for _ in range(CHAINS)], 201)
            bare_busy.append((spent_by(empty_node) - before) / len(took) * 1e6)
            return rate

        yield Figure(
            name=f"envelopes registered over HTTP, {CHAINS} clients",
            unit="appends/s",
            ours=Contender(name="comity serve", run=ours),
            peers=(Contender(name="uvicorn, nothing behind it", run=theirs),),
            note="the clients are a process of their own on the same cores",
        )
        yield Figure(
            name="time to the acknowledgement in those runs, 99th percentile",
            unit="ms",
            runs=1,
            ours=Contender(name="comity serve", run=lambda: statistics.median(slowest[1:] or slowest)),
            peers=(Contender(name="the same, median", run=lambda: statistics.median(middle[1:] or middle)),),
        )
        yield Figure(
            name="processor time of one of these answers",
            unit="µs",
            runs=1,
            ours=Contender(name="comity serve", run=lambda: statistics.median(busy)),
            peers=(Contender(name="uvicorn, nothing behind it", run=lambda: statistics.median(bare_busy)),),
        )


def answered(port: int) -> None:
    """Return once something listens at ``port``."""
    import socket

    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the peer does not come up")


def roots() -> Iterator[Figure]:
    raw = os.urandom(32) * LEAVES
    kernels = load_kernels()
    processes = ProcessPoolExecutor(os.cpu_count(), get_context("spawn"))
    by_hashlib = Contender(
        name=f"comity, hashlib, {os.cpu_count()} processes",
        run=lambda: void(bulk.root_by_hashlib(raw, processes.map)),
    )
    name = f"root over {LEAVES:,} leaf hashes"
    if kernels is None:
        absent = (
            ("comity, compiled loops", "llvmlite is not here, or neither SHA instructions nor libcrypto"),
        )
        yield Figure(name=name, unit="s", runs=3, ours=by_hashlib, absent=absent)
    else:
        pool = ThreadPoolExecutor(os.cpu_count())
        native = Contender(
            name=f"comity, {kernels.way}, {os.cpu_count()} threads",
            run=lambda: void(bulk.root_of_joined(raw, kernels, pool.map)),
        )
        yield Figure(name=name, unit="s", runs=3, ours=native, peers=(by_hashlib,))
    processes.shutdown()


class Cold:
    """Published files of a ledger of ``COLD`` leaves, in a folder: what a stranger starts from."""

    def __init__(self, folder: Path, node: Node) -> None:
        from comity.adapters.public_files import PublicFiles
        from comity.ledger.merkle import Tree

        self.public = PublicFiles(folder)
        writer = Writer(node, "hazel")
        self.author = node.parties()[writer.id]
        chain = writer.chain()
        tree = Tree()
        # Signing all would take longer than anything measured here: what no sample checks is filled in.
        for index in range(-(-COLD // tiles.WIDTH)):
            width = min(tiles.WIDTH, COLD - index * tiles.WIDTH)
            start = index * tiles.WIDTH
            entries = [
                next(chain).raw if at % SAMPLE == 0 else at.to_bytes(8, "big") * 49
                for at in range(start, start + width)
            ]
            tree.extend(map(leaf_hash, entries))
            self._write(tiles.entries_path(index, width), tiles.encode_entries(entries))
        for name, data in tiles.new_tiles(tree, 0, COLD):
            self._write(name, data)
        head = note.Checkpoint(
            origin=note.Vkey.parse(node.party.card.checkpoint).name, size=COLD, root=tree.root()
        )
        text = note.sign_checkpoint(head, node.signer.seed("checkpoint"))
        self._write("checkpoint", text.encode())
        self.vkey = note.Vkey.parse(node.party.card.checkpoint)
        self.folder = folder

    def _write(self, name: str, data: bytes) -> None:
        # Not synced, as nothing rests on it.
        path = self.public._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def read(self, name: str) -> bytes:
        found = self.public.read(name)
        assert found is not None
        return found

    def verify(self) -> None:
        """Checkpoint, every tile, every entry's hash, and the signature of one envelope in ``SAMPLE``."""
        head = note.verify_checkpoint(self.read("checkpoint").decode(), self.vkey)
        tree = tiles.rebuild(self.read, head.size)
        assert tree.root() == head.root
        for index in range(-(-head.size // tiles.WIDTH)):
            width = min(tiles.WIDTH, head.size - index * tiles.WIDTH)
            for at, entry in enumerate(
                tiles.decode_entries(self.read(tiles.entries_path(index, width))), index * tiles.WIDTH
            ):
                assert leaf_hash(entry) == tree.node(0, at)
                if at % SAMPLE == 0:
                    verify_author(self.author, envelopes.open_envelope(entry))

    def read_all(self) -> None:
        """Only the reading of the same files."""
        for path in self.folder.rglob("*"):
            if path.is_file():
                path.read_bytes()


def cold(scratch: Path) -> Iterator[Figure]:
    node = compose.create_node(scratch / "cold", name="Cedar")
    made = Cold(scratch / "published", node)
    yield Figure(
        name=f"cold verification of {COLD:,} published entries",
        unit="entries/s",
        amount=COLD,
        runs=3,
        ours=Contender(name="comity", run=made.verify),
        peers=(Contender(name="reading the same files", run=made.read_all),),
        note=f"checkpoint, all tiles, all entries; the signature of one envelope in {SAMPLE}",
    )
    node.journal.close()


def figures(scratch: Path) -> Iterator[Figure]:
    yield from in_process(scratch)
    yield from over_http(scratch)
    yield from roots()
    yield from cold(scratch)
