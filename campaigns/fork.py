"""A ledger shows different histories to different readers; witnesses restart, and some forget.

    python3 dev campaign fork [--rounds N] [--seed S]

Each round is one ledger, three to five witnesses and three members, who take a head for good once more than
half of the witnesses cosigned it, so that any two such heads have a witness in common. In a forking round
the ledger signs two branches and asks in any order and at any size; witnesses restart, are cut off, and some
are put back to an old copy of their memory. Held to:

- a witness that was never put back cosigns one history only;
- two members take heads that exclude each other only where every witness they have in common was put back;
- once two members compare, whatever they took, a fork between them is proven by ``equivocation.prove``, which
  a third that holds nothing else checks from its bytes;
- in honest rounds, with the same restarts, repeats, reorderings and cuts (no old copies), nobody sees a fork,
  and every witness cosigns the newest head in two requests.
"""

from __future__ import annotations

import argparse
import copy
import random
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cache

from comity.case.equivocation import prove_ledger, verify_equivocation
from comity.errors import NotVerified, Refused
from comity.exchange.neutral import Neutral, WatchedLog
from comity.ledger import note, witness
from comity.ledger.merkle import Tree, leaf_hash
from comity.ledger.note import Checkpoint, Vkey
from tests.world import Actor, World

MEMBERS = 3


class Broken(Exception):
    """Something that a campaign holds the protocol to did not hold."""


@dataclass(kw_only=True)
class Memory:
    """A witness's memory as a dictionary, which can be put back."""

    held: dict[str, WatchedLog] = field(default_factory=dict)
    splits: list[tuple[str, str]] = field(default_factory=list)

    def logs(self) -> Sequence[WatchedLog]:
        return list(self.held.values())

    def find(self, origin: str) -> Sequence[WatchedLog]:
        return [log for log in self.held.values() if log.vkey.name == origin]

    def keep(self, log: WatchedLog) -> None:
        self.held[str(log.vkey)] = log

    def keep_split(self, log: WatchedLog, other: str) -> None:
        self.splits.append((log.note, other))


@dataclass(kw_only=True)
class Clock:
    """Effects whose clock stands at what it is set to."""

    time: int = 1_790_000_000

    def exclusive(self) -> AbstractContextManager[object]:
        return threading.RLock()

    def now(self) -> int:
        self.time += 1
        return self.time

    def random(self, count: int) -> bytes:
        return bytes(count)


@dataclass(kw_only=True)
class Watcher:
    """A witness, the old copies of its memory, and which branches it cosigned at which sizes."""

    name: str
    seed: bytes
    vkey: Vkey
    memory: Memory
    cut: bool = False
    put_back: bool = False
    copies: list[Memory] = field(default_factory=list)
    cosigned: list[tuple[int, bytes]] = field(default_factory=list)

    def ask(self, body: str) -> str:
        """One request, to a process that may have started a moment ago: all that it knows is its memory."""
        if self.cut:
            raise Refused("peer.unreachable", self.name, "cut off")
        line = Neutral(name=self.name, seed=self.seed, memory=self.memory, effects=Clock()).cosign(body)
        head = Checkpoint.parse(note.open_note(witness.parse_add_checkpoint(body).note)[0])
        self.cosigned.append((head.size, head.root))
        return line


@dataclass(kw_only=True)
class Member:
    """A reader of one branch: what it took for good, with whose cosignatures."""

    tree: Tree
    text: str = ""
    size: int = 0
    signers: frozenset[str] = frozenset()


@dataclass(kw_only=True)
class Tally:
    """What the rounds came to."""

    forks: int = 0
    refused: int = 0
    slipped: int = 0
    proven: int = 0
    put_back: int = 0
    honest: int = 0

    def __str__(self) -> str:
        return (
            f"{self.forks} forks: {self.refused} refused by a common witness, {self.slipped} past witnesses "
            f"put back ({self.put_back} were), {self.proven} proven once compared; {self.honest} honest "
            "rounds, no false alarm"
        )


@cache
def _owner() -> Actor:
    return World("campaigns/fork").party("Ledger of two faces")


def _sign(tree: Tree, size: int) -> str:
    owner = _owner()
    origin = Vkey.parse(owner.party.card.checkpoint).name
    return note.sign_checkpoint(
        Checkpoint(origin=origin, size=size, root=tree.root(size)), owner.key("checkpoint")
    )


def _watchers(rng: random.Random) -> list[Watcher]:
    key = Vkey.parse(_owner().party.card.checkpoint)
    made = []
    for n in range(rng.choice((3, 4, 5))):
        seed, name, memory = rng.randbytes(32), f"witness.example/{n}", Memory()
        watching = Neutral(name=name, seed=seed, memory=memory, effects=Clock())
        watching.add_log(key)
        first = [copy.deepcopy(memory)]
        made.append(Watcher(name=name, seed=seed, vkey=watching.vkey, memory=memory, copies=first))
    return made


def _gather(watchers: list[Watcher], tree: Tree, size: int, rng: random.Random) -> tuple[str, frozenset[str]]:
    """The head with what cosignatures it gets; each witness is asked again from the size that it names."""
    text, signers = _sign(tree, size), set()
    for watcher in rng.sample(watchers, len(watchers)):
        old = rng.choice((0, size, rng.randint(0, size)))
        for _ in range(2):
            try:
                line = watcher.ask(witness.format_add_checkpoint(old, tree.consistency(old, size), text))
            except witness.Conflict as conflict:
                if conflict.size > size:
                    break
                old = conflict.size
            except (NotVerified, Refused):
                break
            else:
                text = note.merge_signatures(text, line)
                note.verify_cosignature(text, watcher.vkey)
                signers.add(watcher.name)
                break
    return text, frozenset(signers)


def _disturb(watchers: list[Watcher], rng: random.Random, *, old_copies: bool) -> None:
    for watcher in watchers:
        watcher.cut = rng.random() < 0.15
        if rng.random() < 0.3:
            watcher.copies.append(copy.deepcopy(watcher.memory))
        if old_copies and watcher.copies and rng.random() < 0.3:
            watcher.memory = copy.deepcopy(rng.choice(watcher.copies))
            watcher.put_back = True


def _compare(one: Member, two: Member) -> bool:
    """Whether two members that compare what they took see a fork; then it is proven, by its bytes alone."""
    small, large = sorted((one, two), key=lambda member: member.size)
    if not small.text or large.tree.root(small.size) == small.tree.root(small.size):
        return False
    key = Vkey.parse(_owner().party.card.checkpoint)
    differ = small.size != large.size
    split = witness.prove_split(
        small.text,
        large.text,
        key,
        root=large.tree.root(small.size) if differ else b"",
        proof=large.tree.consistency(small.size, large.size) if differ else (),
    )
    content = prove_ledger(split, _owner().id, _owner().card)
    if verify_equivocation(content) != split:
        raise Broken("a proof reads back as another")
    return True


def _check_watchers(watchers: list[Watcher], branches: Sequence[Tree]) -> None:
    for watcher in watchers:
        fits = [all(b.size >= n and b.root(n) == root for n, root in watcher.cosigned) for b in branches]
        if not watcher.put_back and not any(fits):
            raise Broken(f"{watcher.name} was never put back, and cosigned two histories")


def play_fork(rng: random.Random, tally: Tally) -> None:
    """One ledger with two branches."""
    watchers = _watchers(rng)
    common = rng.randint(0, 12)
    trunk = [leaf_hash(rng.randbytes(8)) for _ in range(common)]
    branches = [
        Tree([*trunk, *(leaf_hash(rng.randbytes(8)) for _ in range(rng.randint(1, 20)))]) for _ in "AB"
    ]
    members = [Member(tree=branches[n % 2]) for n in range(MEMBERS)]
    for _ in range(rng.randint(4, 12)):
        _disturb(watchers, rng, old_copies=True)
        member = rng.choice(members)
        size = rng.randint(max(member.size, 1), member.tree.size)
        text, signers = _gather(watchers, member.tree, size, rng)
        if len(signers) > len(watchers) // 2:
            member.text, member.size, member.signers = text, size, signers
    _check_watchers(watchers, branches)
    tally.forks += 1
    tally.put_back += sum(w.put_back for w in watchers)
    honest = {w.name for w in watchers if not w.put_back}
    slipped = False
    for a in members:
        for b in members:
            clash = bool(a.text and b.text) and min(a.size, b.size) > common and a.tree is not b.tree
            if clash and a.signers & b.signers & honest:
                raise Broken("two histories were taken past a common witness that was never put back")
            if clash and not _compare(a, b):
                raise Broken("two members that compare do not see the fork")
            slipped |= clash
    tally.slipped += slipped
    tally.refused += not slipped
    # Past its witnesses it is not safe either: whoever has one signed head of each branch proves it.
    faces = [Member(tree=t, size=t.size, text=_sign(t, t.size)) for t in branches]
    if not _compare(*faces):
        raise Broken("the heads of two branches prove nothing")
    tally.proven += 1
    for watcher in watchers:
        for first, second in watcher.memory.splits:
            witness.prove_split(first, second, Vkey.parse(_owner().party.card.checkpoint))


def play_honest(rng: random.Random, tally: Tally) -> None:
    """One ledger that only grows."""
    watchers = _watchers(rng)
    tree = Tree(leaf_hash(rng.randbytes(8)) for _ in range(40))
    members = [Member(tree=tree) for _ in range(MEMBERS)]
    size = 0
    for _ in range(rng.randint(4, 12)):
        _disturb(watchers, rng, old_copies=False)
        size = rng.randint(size, tree.size)
        # An earlier head may come late, and the same one twice.
        for at in rng.choices((size, rng.randint(0, size)), k=2):
            text, signers = _gather(watchers, tree, at, rng)
            if len(signers) > len(watchers) // 2:
                member = rng.choice(members)
                if at >= member.size:
                    member.text, member.size, member.signers = text, at, signers
    for watcher in watchers:
        watcher.cut = False
    _, signers = _gather(watchers, tree, tree.size, rng)
    if len(signers) != len(watchers):
        raise Broken("an honest ledger does not get the cosignature of every witness")
    if any(_compare(a, b) for a in members for b in members) or any(w.memory.splits for w in watchers):
        raise Broken("a fork is seen where there is none")
    _check_watchers(watchers, [tree])
    tally.honest += 1


def hunt(rounds: int, seed: int) -> Tally:
    """``rounds`` forks and half as many honest rounds; ``Broken`` with the first that does not hold."""
    tally = Tally()
    for number in range(rounds):
        try:
            play_fork(random.Random(f"{seed}/fork/{number}"), tally)
            if number % 2 == 0:
                play_honest(random.Random(f"{seed}/honest/{number}"), tally)
        except Broken as broken:
            raise Broken(f"round {number}: {broken}") from None
    return tally


def run(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python3 dev campaign fork", description=__doc__)
    parser.add_argument("--rounds", type=int, default=1000, help="how many forks (1000)")
    parser.add_argument("--seed", type=int, default=None, help="of all that is drawn, to go through it again")
    chosen = parser.parse_args(arguments)
    seed = random.SystemRandom().randrange(2**32) if chosen.seed is None else chosen.seed
    began = time.monotonic()
    try:
        tally = hunt(chosen.rounds, seed)
    except Broken as broken:
        print(f"FOUND, with --seed {seed}: {broken}", file=sys.stderr)
        return 1
    print(f"{tally}. Seed {seed}, {time.monotonic() - began:.0f} s.")
    return 0
