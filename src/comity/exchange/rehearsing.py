"""An act tried out: the exact record that a verb would sign, judged by the rules of the case, and not signed.

People are shown what they are about to say before they say it. The verb itself runs, over ports that write
nothing: what it would have stored is caught at its first write, so what is shown is made by the same code
that will sign. A signature is made on the way, because the case's rules judge signed records; it is thrown
away here with its salts, before anything could carry it anywhere.
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from comity.case.verified import Verified
from comity.errors import Refused
from comity.exchange.node import Node
from comity.exchange.ports import Blobs, Journal, Write
from comity.records import bodies
from comity.records.bundles import Record
from comity.records.kinds import PUBLIC, Frame, Marking

Act = Callable[[Node], Verified[Record]]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What would be signed: the frame, the exact bytes of the content, and the digest of both as a person
    agrees to them (without the author's clock, and what of others' was seen by then)."""

    frame: Frame
    content: bytes
    digest: str


class _Caught(Exception):  # not an error: how a write stops the verb that came to it
    def __init__(self, write: Write) -> None:
        self.write = write


class _Unwritten:
    """A journal that is read as it is, stops whoever writes a record, and keeps no note."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    def write(self, write: Write) -> None:
        if write.held or write.leaves:
            raise _Caught(write)


class _Unkept:
    """Blobs, where what is put is there for as long as the rehearsal."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._put: dict[str, bytes] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._blobs, name)

    def put(self, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        self._put[digest] = data
        return digest

    def get(self, digest: str) -> bytes:
        return self._put[digest] if digest in self._put else self._blobs.get(digest)

    def has(self, digest: str) -> bool:
        return digest in self._put or self._blobs.has(digest)

    def open_stream(self, digest: str) -> Iterator[bytes]:
        return iter([self._put[digest]]) if digest in self._put else self._blobs.open_stream(digest)


def try_aside(node: Node, case: str, made: Callable[[Node], _T]) -> _T:
    """What ``made`` gives of a copy of the node that writes no record and keeps nothing."""
    with node.lock:
        node.state(case)  # read up to now by the node itself, so that its copy finds nothing new to keep
        aside = copy.copy(node)
        aside.journal = cast(Journal, _Unwritten(node.journal))
        aside.blobs = cast(Blobs, _Unkept(node.blobs))
        return made(aside)


def rehearse(node: Node, case: str, act: Act) -> Rehearsal:
    """The first record that ``act`` would sign in ``case``. Raises what the act would raise."""

    def tried(aside: Node) -> Rehearsal:
        try:
            act(aside)
        except _Caught as caught:
            return _rehearsed(caught.write)
        raise Refused("act.nothing", case[:12], "this act writes no record")

    return try_aside(node, case, tried)


def _rehearsed(write: Write) -> Rehearsal:
    opening = write.held[0].opening if write.held else None
    if opening is None or opening.content is None:
        raise Refused("act.nothing", "", "this act writes something before its record")
    frame = bodies.parse_frame(opening.frame, "frame")
    return Rehearsal(frame=frame, content=opening.content, digest=_agreed(frame, opening.content))


def _agreed(frame: Frame, content: bytes) -> str:
    """What a person agrees to: who says what, about what, to whom. Cited attestations bear on time only, and
    change while people read."""
    about = sorted(r for r in frame.references if not r.startswith("t:"))
    lines = [frame.case, frame.author, frame.kind, frame.marking, *frame.audience, "", *about, ""]
    return hashlib.sha256("\n".join(lines).encode() + content).hexdigest()


def sign_as_seen(
    node: Node, case: str, act: Act, seen: str, agreed: str = "", marking: Marking | None = None
) -> Verified[Record] | Rehearsal:
    """Sign, if what would be signed is still what was ``seen`` (a digest); else give what it is now.

    ``agreed`` is that digest as it is now, for an act whose record is not final before it is signed (a
    publication commits the dossier of that moment). ``marking`` is what its author marks it with, chosen
    beside what was seen; what everybody may read stays TLP:CLEAR.
    """
    with node.lock:
        now = rehearse(node, case, act)
        if (agreed or now.digest) != seen:
            return now
        usual = node.marking
        if marking and PUBLIC not in now.frame.audience:
            node.marking = marking  # whoever else signs waits for the lock
        try:
            return act(node)
        finally:
            node.marking = usual
