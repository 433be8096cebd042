"""``kill -9`` at random instants while a node signs and registers: nothing acknowledged is ever lost.

Each round forks a process that opens a node and works on it with several threads: own acts, and envelopes of
guests through the group commit. It tells each record only after the call that made it has returned. At a
random instant it is killed; then the node is opened again, everything that ``comity ledger check`` checks is
checked, and every record that was told must stand at its place, under the root that its receipt signs.

A kill cannot show a missing sync, because the kernel keeps what was written: ``test_sync_order`` does that.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import NoReturn

from comity import compose
from comity.adapters import node_settings
from comity.cli.ledger import check_node
from comity.compose import Home
from comity.errors import ComityError
from comity.exchange import acts
from comity.ledger import note
from comity.ledger.receipt import open_receipt
from comity.records import kinds
from comity.web.grouping import GroupCommit
from tests import world as w
from tests.entries import Writer

GUESTS = ("rowan", "hazel", "larch")
CHAINS = 3
"""Chains of each guest that grow at once."""
ROUNDS_A_HOME = 10
MOST = 16
"""For so many acknowledgements a round waits at most."""
LONGEST = 0.08
"""Seconds for which a process works on after them, at most."""
READY = b"ready\n"


@dataclass(slots=True, kw_only=True)
class Tally:
    """What a campaign did: ``torn`` counts kills between the journal and the checkpoint."""

    rounds: int = 0
    acknowledged: int = 0
    leaves: int = 0
    torn: int = 0
    early: int = 0

    def __str__(self) -> str:
        return (
            f"{self.rounds} kills, {self.early} before the first record, {self.torn} between journal and"
            f" checkpoint; {self.acknowledged:,} records acknowledged, {self.leaves:,} leaves, 0 lost"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A record that was acknowledged: id, leaf index, and its receipt where it was given one."""

    record: str
    index: int
    receipt: bytes


class Lost(Exception):
    """What must never happen."""


def make_home(folder: Path) -> str:
    """A node with a case and its guests enrolled; the case."""
    settings = node_settings.settings_for(node_settings.LISTEN, "")
    home = compose.create_home(folder, name="Alder", settings=settings)
    card = home.node.party.card
    witness = kinds.Witness(vkey=card.witness, party=home.node.party.id)
    case = acts.open_case(home.node, "2031-03-01", kinds.Policy(quorum=1, witnesses=(witness,)))
    for name in GUESTS:
        Writer(home.node, name)
    home.close()
    return case


def work(folder: Path, case: str, pipe: int) -> NoReturn:
    """The process that will be killed: works until then, and tells what it was acknowledged."""
    node = compose.open_home(folder).node
    front = GroupCommit(node)

    def tell(record: str, index: int, receipt: bytes) -> None:
        os.write(pipe, f"{record} {index} {receipt.hex()}\n".encode())

    def act() -> None:
        for _ in count():
            signed = acts.say(node, case, w.claim(w.cite()))
            tell(signed.value.id, signed.index, b"")

    def feed(name: str, chain: str) -> None:
        guest = Writer(node, name, enrol=False)
        sub = guest.sign(0, kinds.NO_CASE, chain).sub
        tip = node.journal.tips_of([(guest.id, sub)]).get((guest.id, sub))
        seq, prev = (tip[0] + 1, tip[1]) if tip else (0, kinds.NO_CASE)
        if tip:
            leaf = node.journal.leaf_of(prev)
            assert leaf is not None
            again = front.register(leaf.envelope)
            if again.fresh or again.index != leaf.index:
                raise Lost(f"{prev}: registered a second time")
            tell(prev, again.index, again.receipt)
        while True:
            envelope = guest.sign(seq, prev, chain)
            done = front.register(envelope.raw)
            tell(envelope.id, done.index, done.receipt)
            seq, prev = seq + 1, envelope.id

    def guarded(run: object, *values: str) -> None:
        try:
            assert callable(run)
            run(*values)
        except BaseException:
            os.write(pipe, f"FAILED {traceback.format_exc()!r}\n".encode()[:4000])

    os.write(pipe, READY)
    for name in GUESTS:
        for n in range(CHAINS):
            threading.Thread(target=guarded, args=(feed, name, f"chain {n}"), daemon=True).start()
    guarded(act)
    os._exit(1)


def run_round(folder: Path, case: str, chance: random.Random) -> list[Told]:
    """Fork, wait, kill; what the process was acknowledged until then."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        try:
            work(folder, case, writer)
        finally:
            os._exit(1)
    os.close(writer)
    # Mostly once several are acknowledged, so that there is something to lose; now and then before that, or
    # while it opens. The pipe holds more than a round tells.
    mood = chance.random()
    lines = 0 if mood < 0.1 else 1 if mood < 0.2 else 1 + chance.randint(1, MOST)
    raw = b""
    while raw.count(b"\n") < lines and (part := os.read(reader, 1 << 16)):
        raw += part
    time.sleep(chance.uniform(0, LONGEST))
    os.kill(child, signal.SIGKILL)
    with os.fdopen(reader, "rb") as pipe:
        raw += pipe.read()
    _, status = os.waitpid(child, 0)
    said = raw.removeprefix(READY).decode().splitlines()
    failed = [line for line in said if line.startswith("FAILED")]
    if failed or os.waitstatus_to_exitcode(status) != -signal.SIGKILL:
        raise Lost(f"the process failed by itself: {failed[:1]}")
    told = []
    for line in said:
        record, index, receipt = line.split(" ")
        told.append(Told(record=record, index=int(index), receipt=bytes.fromhex(receipt)))
    return told


def check(home: Home, told: Sequence[Told]) -> int:
    """Everything that the node stores and publishes holds, and all that was told is there; its leaves."""
    node = home.node
    check_node(node)
    places = node.journal.indexes_of(one.record for one in told)
    key = bytes.fromhex(node.party.card.receipt)
    with node.lock:
        tree = node.tree()
        for one in told:
            if places.get(one.record) != one.index:
                raise Lost(f"{one.record}: told as leaf {one.index}, and is {places.get(one.record)}")
            if one.receipt:
                facts = open_receipt(one.receipt, bytes.fromhex(one.record), key)
                if facts.index != one.index or tree.root(facts.size) != facts.root:
                    raise Lost(f"{one.record}: its receipt signs another root than the ledger has")
        return tree.size


def is_torn(folder: Path) -> bool:
    """Whether the journal, as the kill left it, is ahead of the published checkpoint."""
    from comity.adapters.sqlite_journal import SqliteJournal

    journal = SqliteJournal(folder / compose.JOURNAL)
    text = (folder / compose.PUBLIC / "checkpoint").read_text()
    torn = journal.size() > note.Checkpoint.parse(note.open_note(text)[0]).size
    journal.close()
    return torn


def hunt(rounds: int, seed: int, folder: Path) -> Tally:
    """``rounds`` kills, a new node every ``ROUNDS_A_HOME``; raises at the first thing that does not hold."""
    chance = random.Random(seed)
    tally = Tally()
    while tally.rounds < rounds:
        where = folder / f"home-{tally.rounds}"
        case = make_home(where)
        told: list[Told] = []
        size = 0
        for _ in range(min(ROUNDS_A_HOME, rounds - tally.rounds)):
            fresh = run_round(where, case, chance)
            told += fresh
            tally.rounds += 1
            tally.acknowledged += len(fresh)
            tally.early += not fresh
            tally.torn += is_torn(where)
            home = compose.open_home(where)
            try:
                size = check(home, told)
            finally:
                home.close()
        tally.leaves += size
    return tally


def run(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python3 dev campaign kill", description=__doc__)
    parser.add_argument("--rounds", type=int, default=1000, help="how many kills (1000)")
    parser.add_argument("--seed", type=int, default=None, help="of the instants, to go through them again")
    chosen = parser.parse_args(arguments)
    seed = random.SystemRandom().randrange(2**32) if chosen.seed is None else chosen.seed
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="comity-kill-") as folder:
        try:
            tally = hunt(chosen.rounds, seed, Path(folder))
        except (Lost, ComityError) as error:
            print(f"FOUND, with --seed {seed}: {type(error).__name__}: {error}", file=sys.stderr)
            return 1
    print(f"{tally}. Seed {seed}, {time.monotonic() - began:.0f} s.")
    return 0
