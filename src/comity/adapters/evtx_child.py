"""The child of :mod:`comity.adapters.evtx_process`: standard input is the log, standard output its lines.

``python -m comity.adapters.evtx_child evtx MEMORY_BYTES CPU_SECONDS BEGIN END PARENT``, or a fork: of the log
the chunks in these bytes, or with END 0 all. The last line of standard error is a JSON account of it, and
the exit code 0; anything else: the parser failed as a whole. It ends when the process PARENT does.
"""

from __future__ import annotations

import io
import json
import os
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from comity.adapters.limited_child import limit_process
from comity.errors import Malformed
from comity.evidence.evtx_lines import HEADER_BYTES, NAMED, render_broken, render_record, render_records

if TYPE_CHECKING:
    from typing import Protocol

    from _typeshed import WriteableBuffer

    class Sink(Protocol):
        """Where lines go; some bytes of what it is given may be left."""

        def write(self, data: bytes | memoryview, /) -> int | None: ...


_TOGETHER: Final = 32
"""So many records become lines together."""


class Written(NamedTuple):
    """How many ``records`` became lines, and why each ``broken`` line stands, of the first hundred."""

    records: int
    broken: int
    problems: Sequence[str]


class LogPart(io.RawIOBase):
    """The header of the event log open at ``handle``, and of its chunks those from byte ``begin`` up to
    ``end``: a log of its own, as nothing in a chunk refers to another."""

    def __init__(self, handle: int, begin: int, end: int) -> None:
        self._handle = handle
        self._begin = begin
        self._length = HEADER_BYTES + end - begin
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = max(0, offset + (0, self._at, self._length)[whence])
        return self._at

    def readinto(self, buffer: WriteableBuffer) -> int:
        into = memoryview(buffer).cast("B")
        if self._at < HEADER_BYTES:
            at, most = self._at, HEADER_BYTES - self._at
        else:
            at, most = self._begin + self._at - HEADER_BYTES, max(0, self._length - self._at)
        done = os.preadv(self._handle, [into[:most]], at)
        os.lseek(self._handle, at + done, os.SEEK_SET)  # whoever shares the descriptor sees how far it is
        self._at += done
        return done


def write_lines(source: io.RawIOBase, out: Sink) -> Written:
    """The work, without the limits: parse ``source``, write lines to ``out``."""
    from evtx import PyEvtxParser

    records = broken = 0
    problems: list[str] = []
    found: list[Any] = []
    noted: list[tuple[int, str]] = []
    """What the parser says in between, each with how many records it had found before."""

    def note(message: Warning | str, *_: Any, **__: Any) -> None:
        noted.append((len(found), str(message)))

    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = note
        parsed: Any = iter(PyEvtxParser(source, 1, skip_errors=True).records_json())
        ended = False
        while not ended:
            found.clear()
            noted.clear()
            try:
                found.extend(islice(parsed, _TOGETHER))
                ended = len(found) < _TOGETHER
            except (RuntimeError, OSError, ValueError) as problem:
                note(f"the parser stopped: {problem}")
                ended = True
            lines = None if noted else render_records(found)
            if lines is None:
                lines, lost = _render_each(found, noted)
                problems += lost[: NAMED - len(problems)]
                broken += len(lost)
                records -= len(lost) - len(noted)
            records += len(found)
            _write_all(out, lines)
    return Written(records, broken, problems)


def _render_each(
    found: Sequence[Mapping[str, Any]], noted: Sequence[tuple[int, str]]
) -> tuple[bytes, list[str]]:
    """Lines of records of which something is to be told, and what that is."""
    lines: list[bytes] = []
    lost: list[str] = []

    def tell(notes: Iterator[str]) -> None:
        for why in notes:
            lost.append(why)
            lines.append(render_broken(why))

    for at, each in enumerate(found):
        tell(why for place, why in noted if place == at)
        try:
            lines.append(render_record(each["event_record_id"], each["timestamp"], each["data"]))
        except Malformed as problem:
            tell(iter([f"{problem.where}: {problem.why}"]))
    tell(why for place, why in noted if place == len(found))
    return b"".join(line + b"\n" for line in lines), lost


def _write_all(out: Sink, lines: bytes) -> None:
    left = memoryview(lines)
    while left:
        left = left[out.write(left) or 0 :]


def prepare(_: str) -> None:
    """Import the parser, which its forks then have."""
    import evtx  # noqa: F401


def main(arguments: Sequence[str]) -> int:
    """The whole of a child: its limits, its work, its account and exit code."""
    limit_process(int(arguments[1]), int(arguments[2]))
    begin, end = int(arguments[3]), int(arguments[4])
    source = LogPart(0, begin, end) if end else io.FileIO(0, closefd=False)
    done = write_lines(source, io.FileIO(1, "w", closefd=False))
    account = {**done._asdict(), "problems": [problem[:500] for problem in done.problems]}
    os.write(2, json.dumps(account).encode() + b"\n")
    return 0


if __name__ == "__main__":
    from comity.adapters.process_control import follow_parent

    follow_parent(int(sys.argv.pop()))
    sys.exit(main(sys.argv[1:]))
