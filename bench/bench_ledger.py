"""Durable, acknowledged appends to a party's ledger, one after another on one thread.

The whole path is one signed act as a person makes it: compute the case's state, sign, judge, store record,
leaf and outgoing message in one commit, read it back and check it, write entries, tile and checkpoint, each
synced. The journal alone is the commit. The peers are what the disk itself allows: the same bytes in a plain
SQLite table with the same settings, and one synced write of 4 KiB.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.figure import Contender, Figure
from comity.adapters.sqlite_journal import SqliteJournal
from comity.case.verified import Verified
from comity.compose import create_node
from comity.exchange import acts
from comity.exchange.authoring import leaf_of, publish_head
from comity.exchange.delivery import learn_party
from comity.exchange.node import Node
from comity.exchange.ports import Held, Leaf, Write
from comity.ledger.merkle import Tree
from comity.ledger.receipt import issue_receipt
from comity.records import bodies, ed25519, envelopes, kinds
from comity.records.bundles import Opening, Record, commitment, make_opening
from tests import world as w

APPENDS = 64
CASES = (100, 10_000)


class Disk:
    """What the disk under ``folder`` allows, without Comity."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._table = sqlite3.connect(folder / "plain.sqlite", isolation_level=None)
        self._table.execute("PRAGMA journal_mode = WAL")
        self._table.execute("PRAGMA synchronous = FULL")
        self._table.execute("CREATE TABLE row (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL)")
        self._file = os.open(folder / "synced", os.O_CREAT | os.O_WRONLY, 0o600)

    def insert(self, size: int, batch: int = 1) -> None:
        """``APPENDS`` rows of ``size`` bytes, committed ``batch`` at a time."""
        row = os.urandom(size)
        for _ in range(APPENDS // batch):
            self._table.execute("BEGIN IMMEDIATE")
            for _ in range(batch):
                self._table.execute("INSERT INTO row (bytes) VALUES (?)", (row,))
            self._table.execute("COMMIT")

    def sync(self) -> None:
        """``APPENDS`` writes of 4 KiB in place, each synced."""
        block = os.urandom(4096)
        for _ in range(APPENDS):
            os.pwrite(self._file, block, 0)
            os.fsync(self._file)

    def close(self) -> None:
        self._table.close()
        os.close(self._file)


def disk_peers(disk: Disk, size: int, batch: int = 1) -> tuple[Contender, ...]:
    return (
        Contender(name="sqlite3 insert + commit", run=lambda: disk.insert(size, batch)),
        Contender(name="fsync of a 4 KiB write", run=disk.sync),
    )


def make_records() -> Iterator[tuple[Leaf, Held]]:
    """Rows of the sizes that real records have; the journal looks at no more than that."""
    opening = Opening(salt_f=bytes(32), frame=bytes(700), cc=bytes(32), salt_c=bytes(32), content=bytes(400))
    index = 0
    while True:
        name = hashlib.sha256(f"record {index}".encode()).hexdigest()
        raw = name.encode() * 8
        chain = {"iss": "a" * 64, "sub": "b" * 64, "seq": index}
        yield (
            Leaf(index=index, id=name, envelope=raw, **chain),  # type: ignore[arg-type]
            Held(id=name, case="c" * 64, home="a" * 64, envelope=raw, receipt=raw, opening=opening, **chain),  # type: ignore[arg-type]
        )
        index += 1


def append_to(journal: SqliteJournal, batch: int) -> Callable[[], None]:
    records = make_records()

    def append() -> None:
        for _ in range(APPENDS // batch):
            part = [next(records) for _ in range(batch)]
            leaves, held = [leaf for leaf, _ in part], [one for _, one in part]
            journal.write(Write(expected=leaves[0].index, leaves=leaves, held=held))

    return append


def busy(act: Callable[[], None]) -> float:
    """Milliseconds of processor time for each of ``APPENDS`` acts."""
    began = time.process_time()
    act()
    return (time.process_time() - began) / APPENDS * 1e3


def fill_case(node: Node, case: str, count: int) -> None:
    """Bring this party's chain in a case to ``count`` records, in a few large commits instead of one each."""
    party, journal = node.party, node.journal
    sub = envelopes.alias(node.case_key(case), party.id)
    last = journal.last_of(party.id, sub)
    assert last is not None
    tree = Tree(bytes.fromhex(leaf.id) for leaf in journal.leaves(0, journal.size()))
    seed = node.signer.seed("receipt")
    kid = ed25519.thumbprint(ed25519.public_of(seed))
    content = w.claim(w.cite())
    members = tuple(sorted(set(node.state(case).members) - {party.id}))
    seq, prev = last.seq, last.id
    while seq + 1 < count:
        expected = tree.size
        leaves, held = [], []
        for _ in range(min(500, count - seq - 1)):
            seq += 1
            frame = kinds.Frame(
                kind=content.kind,
                author=party.id,
                case=case,
                at=bodies.time_text(node.effects.now()),
                marking="TLP:AMBER",
                audience=members,
                rules=kinds.rules_needed(content),
            )
            opening = make_opening(frame, content, node.effects.random(32), node.effects.random(32))
            envelope = envelopes.seal_envelope(
                node.signer.seed("statement"),
                iss=party.id,
                sub=sub,
                seq=seq,
                prev=prev,
                keys=party.newest.record,
                payload=commitment(opening),
            )
            prev = envelope.id
            index = tree.append(bytes.fromhex(prev))
            receipt = issue_receipt(seed, kid, tree.size, index, tree.inclusion(index), tree.root())
            leaves.append(leaf_of(envelope, index))
            held.append(
                Held(
                    id=prev,
                    case=case,
                    iss=party.id,
                    sub=sub,
                    seq=seq,
                    home=party.id,
                    envelope=envelope.raw,
                    receipt=receipt,
                    opening=opening,
                )
            )
        journal.write(Write(expected=expected, leaves=leaves, held=held))
    publish_head(node)


def open_case(folder: Path, records: int) -> tuple[Node, str]:
    """A node with a case of this many records and one other member."""
    node = create_node(folder / "own", name="Alder")
    other = create_node(folder / "other", name="Birch", url="http://birch.example")
    learn_party(node, other.party_file(other.party.id))
    card = node.party.card
    witness = kinds.Witness(vkey=card.witness, party=node.party.id)
    case = acts.open_case(node, "2031-03-01", kinds.Policy(quorum=1, witnesses=(witness,)))
    acts.invite(node, case, other.party.id)
    fill_case(node, case, records)
    other.journal.close()
    if len(node.state(case).accepted) != records:
        raise AssertionError("a record of the prepared case was not accepted")
    return node, case


def figures(scratch: Path) -> Iterator[Figure]:
    disk = Disk(scratch / "disk")
    for batch in (1, 64):
        journal = SqliteJournal(scratch / f"journal-{batch}.sqlite")
        yield Figure(
            name=f"journal alone, {batch} to a commit",
            unit="appends/s",
            amount=APPENDS,
            ours=Contender(name="comity journal", run=append_to(journal, batch)),
            peers=disk_peers(disk, 3_000, batch),
            note="leaf, record, opening and receipt: 3 KB",
        )
        journal.close()
    for records in CASES:
        folder = scratch / f"case-{records}"
        node, case = open_case(folder, records)

        def author(node: Node = node, case: str = case) -> None:
            for _ in range(APPENDS):
                signed: Verified[Record] = acts.say(node, case, w.claim(w.cite()))
                if node.journal.leaf_of(signed.value.id) is None:
                    raise AssertionError("acknowledged and not there")

        yield Figure(
            name=f"one act after another, in a case of {records:,}",
            unit="appends/s",
            amount=APPENDS,
            runs=3,
            ours=Contender(name="comity acts.say", run=author),
            peers=disk_peers(disk, 3_000),
            note="sign, judge, seal to one member, commit, tiles, checkpoint: 7 syncs each",
        )
        yield Figure(
            name=f"processor time of one act, in a case of {records:,}",
            unit="ms",
            runs=3,
            ours=Contender(name="comity acts.say", run=lambda author=author: busy(author)),  # type: ignore[misc]
            note="without waiting for the disk; flat where nothing is done per record held",
        )
        node.journal.close()
        shutil.rmtree(folder)
    disk.close()
