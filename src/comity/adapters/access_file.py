"""Who opened which item on this node: one line for each opening, each bound to the one before.

A file of JSON lines (0600). ``prev`` is the SHA-256 of the line before, 64 zeros in the first: a line that is
changed, moved or taken out breaks the chain behind it. Cutting off the newest lines shows only beside a copy
of a later one, such as the head that ``comity evidence log`` prints. It stays on this node, and is no record.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from comity.adapters.atomic import explain
from comity.errors import NotVerified

_START = "0" * 64
_LONGEST = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One opening: when (seconds since 1970 UTC), by whom as the machine knows them, what was done, to which
    item (root or record)."""

    at: int
    who: str
    what: str
    item: str


class AccessFile:
    """The log of a node; safe for use by threads and processes."""

    def __init__(self, path: Path, who: str, now: Callable[[], int]) -> None:
        self._path = path
        self._who = who
        self._now = now

    def __call__(self, what: str, item: str) -> None:
        """Note an opening, durably; ``Unavailable`` where that cannot be, and then nothing is opened."""
        try:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            with os.fdopen(handle, "r+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                end = file.seek(0, os.SEEK_END)
                file.seek(max(0, end - _LONGEST))
                last = file.read().removesuffix(b"\n").rpartition(b"\n")[2]
                line = {"at": self._now(), "item": item, "prev": _hash(last), "what": what, "who": self._who}
                file.write(json.dumps(line, sort_keys=True).encode()[: _LONGEST - 1] + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise explain(error, self._path) from None


def _hash(line: bytes) -> str:
    return sha256(line).hexdigest() if line else _START


def read_access(path: Path) -> tuple[list[Access], str]:
    """Every opening noted, in order, and the head: the hash that the next line will carry.

    ``NotVerified`` (``access.chain``) at the first line that does not follow the one before.
    """
    raw = _read_from(path, 0)
    found, head = _follow(raw, path, 0, _START)
    if raw and not raw.endswith(b"\n"):
        raise NotVerified("access.chain", f"{path}, line {len(found) + 1}", "cut short")
    return found, head


class AccessReader:
    """The newest openings of an item, for pages; reads on from where it stopped. Safe for use by threads.

    ``NotVerified`` (``access.chain``) where a line does not follow the one before, or lines that were read
    are gone; then it begins anew with the next call.
    """

    def __init__(self, path: Path, newest: int = 30) -> None:
        self._path = path
        self._newest = newest
        self._lock = threading.Lock()
        self._begin()

    def _begin(self) -> None:
        self._end, self._lines, self._head, self._last = 0, 0, _START, b""
        self._counts: Counter[str] = Counter()
        self._kept: dict[str, deque[Access]] = {}

    def __call__(self, item: str) -> tuple[int, list[Access]]:
        """How many openings of the item are noted, and the newest of them, newest first."""
        with self._lock:
            try:
                self._read_on()
            except NotVerified:
                self._begin()
                raise
            return self._counts[item], list(reversed(self._kept.get(item, ())))

    def _read_on(self) -> None:
        raw = _read_from(self._path, self._end - len(self._last))
        if not raw.startswith(self._last):
            where = f"{self._path}, line {self._lines}"
            raise NotVerified("access.chain", where, "changed or moved since it was last read")
        # A line that is still being written is read at the next call.
        whole = raw[len(self._last) : raw.rfind(b"\n") + 1]
        found, self._head = _follow(whole, self._path, self._lines, self._head)
        self._end += len(whole)
        self._lines += len(found)
        if whole:
            self._last = whole[whole.rfind(b"\n", 0, -1) + 1 :]
        for one in found:
            self._counts[one.item] += 1
            self._kept.setdefault(one.item, deque(maxlen=self._newest)).append(one)


def _read_from(path: Path, start: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(start)
            return file.read()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise explain(error, path) from None


def _follow(raw: bytes, path: Path, before: int, head: str) -> tuple[list[Access], str]:
    """The whole lines of ``raw``, which come after ``before`` others whose head is ``head``."""
    found: list[Access] = []
    for number, line in enumerate(raw.split(b"\n")[:-1], before + 1):
        try:
            told = json.loads(line)
            if told.pop("prev") != head:
                raise ValueError("it does not follow the line before")
            found.append(Access(**told))
        except (ValueError, TypeError, KeyError, AttributeError) as problem:
            raise NotVerified(
                "access.chain", f"{path}, line {number}", f"changed or moved: {problem}"
            ) from None
        head = _hash(line)
    return found, head
