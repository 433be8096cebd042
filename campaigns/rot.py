"""One bit flipped anywhere in a node's files: it is found, or the node reads just what it read before.

Each round copies a home, flips one bit of one byte, and looks: ``comity ledger check`` (or opening the home)
names a fault, or signing is held, or everything that the node reads through its ports is the same as before,
so that the byte says nothing (free space, a counter, a lock). What may differ unfound is listed in
``UNCHECKED``, each with its reason. Then the node is made to sign: whatever it publishes must extend what was
signed before.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from comity import compose
from comity.adapters import node_settings
from comity.adapters.continuity_files import ContinuityFiles
from comity.cli.ledger import file_steps
from comity.compose import Home
from comity.errors import ComityError
from comity.evidence.seal import Declared
from comity.exchange import acts, continuity, evidence, publishing
from comity.exchange.checking import steps
from comity.exchange.ports import Mark
from comity.ledger import note
from comity.records import kinds
from comity.records.kinds import Assertion, Named
from tests.entries import Writer

UNCHECKED = {
    "settings": "comity.toml is for people to change; a wrong address is one that nobody answers at",
    "token": "another token only shuts the pages to whoever has the old one",
    "outbox": "sealed to its recipient, who refuses what was changed; the record itself is kept apart",
    "hints": "what was asked when, or cosigned how far: a wrong one costs a question",
    "order": "in which records arrived; a state is the same for any order",
}


@dataclass(slots=True)
class Tally:
    """How many flips ended how, by file and by how."""

    found: Counter[str] = field(default_factory=Counter)
    harmless: Counter[str] = field(default_factory=Counter)
    unchecked: Counter[str] = field(default_factory=Counter)
    signed: int = 0

    def __str__(self) -> str:
        total = self.found.total() + self.harmless.total() + self.unchecked.total()
        return (
            f"{total} flips: {self.found.total()} found, {self.harmless.total()} in bytes that say nothing, "
            f"{self.unchecked.total()} in what cannot be checked ({dict(self.unchecked)}); "
            f"{self.signed} nodes signed on, 0 over anything else than was there"
        )


class Believed(Exception):
    """A flip that changed what the node reads, and was not found; or that it signed over."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A home to be harmed: where it is, its head, its case, and what reading it gives."""

    folder: Path
    mark: Mark
    leaves: tuple[str, ...]
    case: str
    vkey: note.Vkey
    read: dict[str, str]


def make_subject(folder: Path) -> Subject:
    """A node with a case, a guest, an item, a published dossier, and messages that wait."""
    settings = node_settings.settings_for(node_settings.LISTEN, "")
    home = compose.create_home(folder, name="Alder", settings=settings)
    node = home.node
    witness = kinds.Witness(vkey=node.party.card.witness, party=node.id)
    case = acts.open_case(node, "2031-03-01", kinds.Policy(quorum=1, witnesses=(witness,)))
    Writer(node, "rowan")
    rows = b"time,src\n" + b"".join(b"2031-03-01 10:%02d:00,203.0.113.9\n" % n for n in range(50))
    evidence.seal_item(node, case, [rows], "log.csv", "csv/1", Declared(zone="+00:00", origin="desk"))
    for n in range(6):
        claim(home, case, f"Words number {n}.")
    publishing.publish(node, case, without_notice="An exercise.")
    tree = node.tree()
    (folder / "token").write_text("a-token-of-enough-characters\n")
    subject = Subject(
        folder=folder,
        mark=Mark(size=tree.size, root=tree.root()),
        leaves=tuple(leaf.id for leaf in node.journal.leaves(0, tree.size)),
        case=case,
        vkey=note.Vkey.parse(node.party.card.checkpoint),
        read=read_home(home),
    )
    home.close()
    return subject


def claim(home: Home, case: str, text: str) -> None:
    """Sign one more record."""
    said = Assertion(text=text, level="operational", about=(Named(name="Quay Hosting"),))
    acts.state_claim(home.node, case, "Words", [said])


def read_home(home: Home) -> dict[str, str]:
    """Everything that the node reads, by what kind of thing it is, as digests."""
    node = home.node
    journal = node.journal
    parts: dict[str, object] = {
        "leaves": journal.leaves(0, journal.size()),
        "notes": {
            name: raw
            for name, raw in journal.notes("").items()
            if not name.startswith(("cosigned/", "asked/", "stamp"))
        },
        "hints": {name: raw for name, raw in journal.notes("").items() if name.startswith(("cosigned/",))},
        "outbox": journal.pending(),
        "settings": home.settings,
        "keys": [node.signer.seed(p) for p in ("statement", "receipt", "checkpoint", "witness")],
        "age": node.signer.age_recipient(),
        "token": (home.folder / "token").read_bytes(),
    }
    for case in journal.cases():
        held = list(journal.held(case))
        parts[f"held {case}"] = sorted(held, key=lambda h: h.id)
        parts["order"] = [h.id for h in held], [h.id for _, h in journal.news(case, 0)]
        parts[f"attested {case}"] = journal.attestations(case)
        parts[f"state {case}"] = sorted(node.state(case).accepted)
    for path in sorted((home.folder / "public").rglob("*")):
        if path.is_file():
            parts[f"public {path.relative_to(home.folder)}"] = path.read_bytes()
    for root in evidence.held_items(node):
        parts[f"item {root}"] = b"".join(evidence.item_bytes(node, root))
    return {name: hashlib.sha256(repr(part).encode()).hexdigest() for name, part in parts.items()}


def flip(subject: Subject, folder: Path, chance: random.Random) -> str:
    """Copy the home and flip one bit of it; the file."""
    shutil.copytree(subject.folder, folder)
    ContinuityFiles(folder / compose.CONTINUITY).begin(subject.mark)
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)
    # Half of the flips go where most bytes are, half to every file alike.
    weights = [path.stat().st_size for path in files] if chance.random() < 0.5 else None
    (path,) = chance.choices(files, weights)
    raw = bytearray(path.read_bytes())
    at = chance.randrange(len(raw))
    raw[at] ^= 1 << chance.randrange(8)
    with path.open("r+b") as file:
        file.write(raw)
    return f"{path.relative_to(folder)}, byte {at}"


def look(subject: Subject, folder: Path, where: str, tally: Tally) -> None:
    """What became of one flip; ``Believed`` where it passed for the truth."""
    name = where.partition(",")[0].partition("/")[0]
    try:
        home = compose.open_home(folder)
    except ComityError:
        tally.found[name] += 1
        return
    home.node.inquire = None
    try:
        faults = _faults(home)
        if faults:
            tally.found[name] += 1
        else:
            _judge(subject, home, where, name, tally)
        _sign_on(subject, home, where, tally)
    finally:
        home.close()


def _faults(home: Home) -> list[str]:
    found = [f"held: {continuity.standing(home.node).why}"] if _held(home) else []
    for step in (*file_steps(home), *steps(home.node)):
        try:
            found += [str(fault) for fault in step.run() if fault is not None]
        except ComityError as error:
            found.append(str(error))
    return found


def _held(home: Home) -> bool:
    try:
        return continuity.standing(home.node).held
    except ComityError:
        return False


def _judge(subject: Subject, home: Home, where: str, name: str, tally: Tally) -> None:
    now = read_home(home)
    changed = {part for part in {*now, *subject.read} if now.get(part) != subject.read.get(part)}
    if not changed:
        tally.harmless[name] += 1
    elif changed <= UNCHECKED.keys():
        tally.unchecked[min(changed)] += 1
    else:
        raise Believed(f"{where}: changed {sorted(changed)}, and nothing said so")


def _sign_on(subject: Subject, home: Home, where: str, tally: Tally) -> None:
    """Make the node sign, and see that what it publishes extends what was signed before."""
    with contextlib.suppress(ComityError):
        claim(home, subject.case, "After the flip.")
    raw = home.node.public.read("checkpoint")
    try:
        head = note.verify_checkpoint((raw or b"").decode("utf-8", "replace"), subject.vkey)
    except ComityError:
        return
    if head.size <= subject.mark.size:
        return
    tally.signed += 1
    with home.node.lock:
        tree = home.node.tree()
    if (tree.root(subject.mark.size), tree.root(head.size)) != (subject.mark.root, head.root):
        raise Believed(f"{where}: a checkpoint was signed that does not extend what was signed before")


def run_rounds(rounds: int, seed: int) -> Tally:
    """Flip ``rounds`` bits, each in a fresh copy; raises ``Believed`` at the first that is believed."""
    chance = random.Random(seed)
    tally = Tally()
    with tempfile.TemporaryDirectory() as scratch:
        subject = make_subject(Path(scratch) / "home")
        for n in range(rounds):
            folder = Path(scratch) / f"copy-{n}"
            where = flip(subject, folder, chance)
            try:
                look(subject, folder, where, tally)
            except Believed:
                raise
            except Exception as error:
                raise Believed(f"{where}: no clear error but {type(error).__name__}: {error}") from error
            shutil.rmtree(folder)
    return tally


def run(arguments: Sequence[str]) -> int:
    """``--rounds N`` (1,000), ``--seed S`` (1)."""
    parser = argparse.ArgumentParser(prog="campaign rot", description=__doc__)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args(arguments)
    try:
        print(run_rounds(told.rounds, told.seed))
    except Believed as error:
        print(f"believed: {error}", file=sys.stderr)
        return 1
    return 0
