"""The child of :mod:`comity.adapters.evtx_process`: standard input is the log, standard output its lines.

``python -m comity.adapters.evtx_child evtx MEMORY_BYTES CPU_SECONDS BEGIN END``, or a fork: of the log the
chunks in these bytes, or with END 0 all. The last line of standard error is a JSON summary; exit 0: done, 2:
not an event log, anything else: the parser failed as a whole.
"""

from __future__ import annotations

import io
import json
import os
import sys
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, BinaryIO, Final

from comity.adapters.limited_child import limit_process
from comity.errors import Malformed
from comity.evidence.evtx import (
    HEADER_BYTES,
    Derivation,
    render_broken,
    render_record,
    summarise,
    survey_log,
)

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_BUFFER: Final = 1 << 18


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
        self._at += done
        return done


def write_lines(source: BinaryIO, out: BinaryIO, *, part: bool = False) -> Derivation:
    """The work, without the limits: parse ``source``, write lines to ``out``."""
    from evtx import PyEvtxParser

    survey = survey_log(source, part=part)
    source.seek(0)
    records = 0
    problems: list[str] = []
    with warnings.catch_warnings(record=True) as skipped:
        warnings.simplefilter("always")
        parsed = iter(PyEvtxParser(source, 1, skip_errors=True).records_json())
        ended = False
        while not ended:
            found, stopped = None, ""
            try:
                found = next(parsed, None)
            except (RuntimeError, OSError, ValueError) as problem:
                stopped = f"the parser stopped: {problem}"
            ended = found is None
            if skipped or stopped:
                told = [str(warning.message) for warning in skipped]
                skipped.clear()
                for why in [*told, stopped] if stopped else told:
                    problems.append(why)
                    out.write(render_broken(why) + b"\n")
            if found is not None:
                try:
                    out.write(render_record(found["event_record_id"], found["timestamp"], found["data"]))
                    records += 1
                except Malformed as problem:
                    problems.append(f"{problem.where}: {problem.why}")
                    out.write(render_broken(problems[-1]))
                out.write(b"\n")
    late = list(survey.problems)
    if records < survey.announced:
        late.append(f"the chunks announce {survey.announced} records, and {records} were read")
    for problem_text in late:
        out.write(render_broken(problem_text) + b"\n")
    out.flush()
    return summarise(records, problems + late)


def prepare(_: str) -> None:
    """Import the parser, which its forks then have."""
    import evtx  # noqa: F401


def main(arguments: Sequence[str]) -> int:
    """The whole of a child: its limits, its work, its account and exit code."""
    limit_process(int(arguments[1]), int(arguments[2]))
    begin, end = int(arguments[3]), int(arguments[4])
    whole = io.FileIO(0, closefd=False)
    source = io.BufferedReader(LogPart(0, begin, end) if end else whole)
    out = io.BufferedWriter(io.FileIO(1, "w", closefd=False), _BUFFER)
    try:
        done = write_lines(source, out, part=end > 0)
        told: dict[str, object] = {
            "parser": done.parser,
            "records": done.records,
            "broken": done.broken,
            "problems": done.problems,
        }
        code = 0
    except Malformed as problem:
        told = {"code": problem.code, "where": problem.where, "why": problem.why}
        code = 2
    sys.stderr.write(json.dumps(told) + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
