"""The stage: three parties' nodes and a neutral witness, each a process of its own with its own home.

The story acts on a node as its officers would, through its home; everything between nodes goes over HTTP
between the three ``comity serve`` processes.
"""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO

from msgspec import structs

from comity import compose
from comity.adapters import node_settings
from comity.case.state import State
from comity.case.time import intervals
from comity.errors import ComityError
from comity.exchange import working
from comity.exchange.delivery import learn_party
from comity.exchange.node import Node, parse_party_file
from comity.exchange.ports import Peers
from comity.ledger.note import Vkey
from comity.records import kinds
from demo.authority import Authority, make_authority, serve_authority
from demo.cast import Cast, Role

PATIENCE = 60.0
"""Seconds that the story waits for a node before it says what is missing."""

COMITY = (sys.executable, "-c", "import sys; from comity.cli.main import main; sys.exit(main())")
"""The ``comity`` command of this very installation."""

NODES: tuple[Role, ...] = ("claimant", "respondent", "third")


class StageError(RuntimeError):
    """Something on the stage did not come: said in one sentence."""


@dataclass(slots=True)
class Seat:
    """One party's node: its home, its address, its server process."""

    role: Role
    name: str
    home: compose.Home
    url: str
    token: str
    peers: Peers
    process: subprocess.Popen[bytes] | None = None
    log: IO[bytes] | None = None

    @property
    def node(self) -> Node:
        return self.home.node

    @property
    def id(self) -> str:
        return self.node.party.id

    @property
    def pages(self) -> str:
        """The address of the pages, with what opens them."""
        return f"{self.url}/?token={self.token}"


@dataclass(slots=True)
class Neutral:
    """The witness that is no party: its home, its address, its process."""

    home: compose.WitnessHome
    url: str
    process: subprocess.Popen[bytes] | None = None
    log: IO[bytes] | None = None

    @property
    def named(self) -> kinds.Witness:
        """How a time policy names it."""
        return kinds.Witness(vkey=str(self.home.witness.vkey), url=self.url)


@dataclass(slots=True)
class Stage:
    """All of it, in one folder. Use as a context manager: leaving it stops the processes."""

    folder: Path
    cast: Cast
    seats: dict[Role, Seat] = field(default_factory=dict)
    # None where this machine has no openssl to make one of.
    authority: Authority | None = None
    witness: Neutral | None = None
    _open: ExitStack = field(default_factory=ExitStack)

    def build(self) -> None:
        """Make three homes, each with its own keys, ledger and address, and a timestamp authority beside them."""
        with suppress(FileNotFoundError):
            self.authority = make_authority(self.folder / "authority")
        tsa = (self._open.enter_context(serve_authority(self.authority)),) if self.authority else ()
        *ports, last = free_ports(len(NODES) + 1)
        for role, port in zip(NODES, ports, strict=True):
            party = self.cast.of(role)
            url = f"http://127.0.0.1:{port}"
            home = compose.create_home(
                self.folder / party.label,
                name=party.office,
                settings=structs.replace(node_settings.settings_for(f"127.0.0.1:{port}", url), tsa=tsa),
            )
            self.seats[role] = Seat(
                role=role,
                name=party.office,
                home=home,
                url=url,
                token=secrets.token_urlsafe(24),
                peers=self._open.enter_context(home.peers()),
            )
        neutral = compose.WitnessSettings(name="witness.example/neutral", listen=f"127.0.0.1:{last}")
        self.witness = Neutral(
            home=compose.create_witness(self.folder / "witness", neutral), url=f"http://127.0.0.1:{last}"
        )
        for seat in self.seats.values():
            self.witness.home.witness.add_log(Vkey.parse(seat.node.party.card.checkpoint))

    def start(self) -> None:
        """Start the servers and wait until each answers."""
        assert self.witness is not None
        self.witness.log = (self.folder / "witness.log").open("wb")
        self.witness.process = subprocess.Popen(
            [*COMITY, "witness", "run", str(self.witness.home.folder)],
            stdout=self.witness.log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        for seat in self.seats.values():
            seat.log = self._log(seat).open("wb")
            seat.process = subprocess.Popen(
                [*COMITY, "serve", str(seat.home.folder)],
                stdout=seat.log,
                stderr=subprocess.STDOUT,
                # By the environment: anyone on this machine can read a command line.
                env={**os.environ, "PYTHONUNBUFFERED": "1", "COMITY_TOKEN": seat.token},
            )
        for seat in self.seats.values():
            self.wait(partial(_answers, seat), f"{seat.name} does not answer at {seat.url}")

    def introduce(self) -> None:
        """Each node fetches the others' cards from their public addresses and keeps them."""
        for seat in self.seats.values():
            for other in self.seats.values():
                if other is not seat:
                    raw = seat.peers.get(other.url, "/card")
                    learn_party(seat.node, parse_party_file(raw, f"{other.url}/card"))

    def wait(self, ready: Callable[[], object], what: str) -> None:
        """Wait until ``ready()`` is true; ``StageError`` with ``what`` if it never is."""
        until = time.monotonic() + PATIENCE
        self.check()
        while not ready():
            self.check()
            if time.monotonic() > until:
                raise StageError(f"waited {PATIENCE:.0f} s: {what}")
            time.sleep(0.15)

    def check(self) -> None:
        """``StageError`` if a node has stopped, naming it and where its last words are."""
        for seat in self.seats.values():
            code = seat.process.poll() if seat.process is not None else None
            if code is not None:
                how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
                raise StageError(f"the node of {seat.name} {how}; see {self._log(seat)}")
        if (
            self.witness is not None
            and self.witness.process is not None
            and self.witness.process.poll() is not None
        ):
            raise StageError(f"the neutral witness ended; see {self.folder / 'witness.log'}")

    def _log(self, seat: Seat) -> Path:
        return self.folder / f"{seat.home.folder.name}.log"

    def send(self, role: Role) -> None:
        """One turn for a node now, rather than at its next second: have heads cosigned, send what is due."""
        seat = self.seats[role]
        working.tick(seat.node, seat.peers)

    def arrived(self, case: str, record: str, *roles: Role) -> None:
        """Wait until these nodes hold a record, and it took effect there."""
        for role in roles:
            seat = self.seats[role]
            self.wait(
                partial(_holds, seat, case, record),
                f"record {record[:12]} did not reach {seat.name}",
            )

    def settled(self, case: str) -> None:
        """Wait until all three hold the same records, have nothing to send, and all of it is attested."""

        def quiet() -> bool:
            states = [s.node.state(case) for s in self.seats.values()]
            same = all(set(s.records) == set(states[0].records) for s in states)
            idle = not any(s.node.journal.pending() for s in self.seats.values())
            told = all(len(s.attestations) == len(states[0].attestations) for s in states)
            return same and idle and told and all(_attested(s) for s in states)

        def turn() -> bool:
            for role in self.seats:
                self.send(role)
            return quiet()

        self.wait(turn, "the three nodes do not come to hold the same records")

    def attested(self, role: Role, case: str) -> None:
        """Wait until every record that a node holds of a case is proven to exist by some instant."""
        seat = self.seats[role]
        self.wait(lambda: _attested(seat.node.state(case)), f"what {seat.name} signed was not attested")

    def __iter__(self) -> Iterator[Seat]:
        return iter(self.seats.values())

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, kind: object, error: BaseException | None, *_: object) -> None:
        stopped: StageError | None = None
        try:
            self.check()
        except StageError as why:
            stopped = why
        self._strike()
        # Where a node stopped, that explains what failed after it.
        if stopped is not None and isinstance(error, ComityError):
            raise stopped from error

    def _strike(self) -> None:
        running: list[Seat | Neutral] = [*self.seats.values(), *([self.witness] if self.witness else [])]
        for one in running:
            if one.process is not None and one.process.poll() is None:
                one.process.terminate()
        for one in running:
            if one.process is not None:
                try:
                    one.process.wait(10)
                except subprocess.TimeoutExpired:
                    one.process.kill()
                    one.process.wait()
            if one.log is not None:
                one.log.close()
        for seat in self.seats.values():
            seat.home.close()
        self._open.close()


def free_ports(count: int) -> list[int]:
    """Ports at the loopback address that nobody uses now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]
    finally:
        for one in sockets:
            one.close()


def _attested(state: State) -> bool:
    return all(interval.not_after is not None for interval in intervals(state).values())


def _holds(seat: Seat, case: str, record: str) -> bool:
    return record in seat.node.state(case).accepted


def _answers(seat: Seat) -> bool:
    try:
        seat.peers.get(seat.url, "/healthz")
    except ComityError:
        return False
    return True
