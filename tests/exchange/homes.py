"""Nodes in real folders, in one process, over a network that is a dictionary: to copy and put back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from comity import compose
from comity.adapters import node_settings
from comity.exchange import acts, working
from comity.exchange.delivery import learn_party
from comity.exchange.node import Node
from comity.records import kinds
from comity.records.kinds import Assertion, Named
from tests.exchange.network import Network

NAMES = ("alder", "birch", "cedar")


class Homes:
    """Three parties that know each other and share a case, each with a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.network = Network()
        self.homes: dict[str, compose.Home] = {}
        for name in NAMES:
            settings = node_settings.settings_for("127.0.0.1:8731", f"http://{name}.example")
            self._took(name, compose.create_home(folder / name, name=name.title(), settings=settings))
        for name in NAMES:
            for other in NAMES:
                if name != other:
                    them = self.node(other)
                    learn_party(self.node(name), them.party_file(them.id))
        a = self.node("alder")
        witnesses = tuple(kinds.Witness(vkey=n.party.card.witness, party=n.id) for n in self.nodes)
        self.case = acts.open_case(a, "2026-10-05", kinds.Policy(quorum=1, witnesses=witnesses), "Mail")
        for name in NAMES[1:]:
            acts.invite(a, self.case, self.node(name).id)
        self.settle()

    def _took(self, name: str, home: compose.Home) -> None:
        home.node.inquire = None
        self.homes[name] = home
        self.network.nodes[f"http://{name}.example"] = home.node

    @property
    def nodes(self) -> list[Node]:
        return [self.homes[name].node for name in NAMES]

    def node(self, name: str) -> Node:
        return self.homes[name].node

    def settle(self, turns: int = 12) -> None:
        for _ in range(turns):
            done = 0
            for node in self.nodes:
                tick = working.tick(node, self.network)
                done += tick.sent + tick.attested
            if not done:
                return
        raise AssertionError("the nodes do not come to rest")

    def snapshot(self, name: str, part: str = "") -> Path:
        """A copy of a home (or of one part of it) as it is on disk now, its node running."""
        target = self.folder / f"{name}.backup"
        shutil.copytree(self.folder / name, target)
        return target

    @contextmanager
    def stopped(self, name: str) -> Iterator[Path]:
        """Stop a node, let its folder be changed, and start it again."""
        self.homes[name].close()
        yield self.folder / name
        self.start(name)

    def start(self, name: str) -> Node:
        self._took(name, compose.open_home(self.folder / name))
        return self.node(name)

    def close(self) -> None:
        for home in self.homes.values():
            home.close()

    def say(self, name: str, text: str) -> str:
        """A claim by this party; gives its record."""
        said = Assertion(text=text, level="operational", about=(Named(name="Quay Hosting"),))
        return acts.state_claim(self.node(name), self.case, "Words", [said]).value.id


def put_back(backup: Path, home: Path) -> None:
    """Replace a home by a copy of it."""
    shutil.rmtree(home)
    shutil.copytree(backup, home)


def overwrite(backup: Path, home: Path) -> None:
    """Write a copy over a home in place, as ``cp -r`` does: files that were made since stay."""
    for path in sorted(backup.rglob("*")):
        target = home / path.relative_to(backup)
        if path.is_dir():
            target.mkdir(exist_ok=True)
        else:
            with target.open("r+b" if target.exists() else "wb") as file:
                file.write(path.read_bytes())
                file.truncate()
