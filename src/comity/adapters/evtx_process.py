"""Deriving JSON lines from a Windows event log in a process of its own.

The log is hostile input to a native parser. So the parser runs in a limited child
(:mod:`comity.adapters.child_process`); what that does is in :mod:`comity.adapters.evtx_child`.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, suppress
from functools import cache
from typing import BinaryIO, Final

import msgspec

from comity.adapters.child_process import (
    ALL,
    SILENT_SECONDS,
    Span,
    Stopped,
    limited_child,
    most_of,
    place_in,
    tell_end,
)
from comity.adapters.evtx_child import LogPart
from comity.errors import Malformed, Unavailable
from comity.evidence.evtx import PARSER, PARSER_VERSION, Derivation, Survey, conclude, survey_log

MEMORY_BYTES: Final = 1 << 30
CPU_SECONDS: Final = 600
_CHUNK: Final = 1 << 18


def check_parser() -> None:
    """Raise ``Unavailable`` unless the pinned parser is installed in just that version."""
    found = _find_version()
    if found is None:
        raise Unavailable(
            "evtx.missing",
            PARSER,
            "Windows event logs need the parser: pip install '.[evtx]' in a copy of the source",
        )
    if found != PARSER_VERSION:
        raise Unavailable(
            "evtx.version",
            PARSER,
            f"version {found} is installed; derivations are pinned to {PARSER_VERSION}",
        )


@cache
def _find_version() -> str | None:
    # Slow to import and to ask, and wanted only where event logs are.
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(PARSER)
    except PackageNotFoundError:
        return None


class DerivedLines:
    """The derived lines of the event log ``source``, an open file, in blocks, while the parser is at work;
    with ``span``, of the chunks in these bytes.

    Iterating raises ``Malformed`` (``evtx.header``, ``evtx.parser``, ``evtx.output``) where the log cannot be
    read at all or the child died of it, and ``Unavailable`` without the pinned parser; what was given before
    that is to be thrown away. Afterwards ``derivation`` is what it gave. An iteration that is not finished is
    to be closed, which ends the child.
    """

    def __init__(
        self,
        source: BinaryIO,
        where: str = "",
        *,
        memory_bytes: int = MEMORY_BYTES,
        cpu_seconds: int = CPU_SECONDS,
        silent_seconds: float = SILENT_SECONDS,
        span: Span = ALL,
        stopped: Stopped = lambda: False,
    ) -> None:
        self.derivation: Derivation | None = None
        self._source = source
        self._where = where
        self._span = span
        self._limits = memory_bytes, cpu_seconds, silent_seconds, span, stopped

    @property
    def read(self) -> int:
        """How many bytes of the log the child has read by now: its descriptor is ours."""
        begin, end = self._span
        at = os.lseek(self._source.fileno(), 0, os.SEEK_CUR)
        return max(0, (min(at, end) if end else at) - begin)

    def __iter__(self) -> Generator[bytes, None, None]:
        check_parser()
        begin, end = self._span
        handle = self._source.fileno()
        survey = self._survey(handle)
        limit = most_of((end or os.fstat(handle).st_size) - begin)
        written = 0
        try:
            with limited_child("evtx", self._source, *self._limits) as child:
                while block := child.take(_CHUNK):
                    written += len(block)
                    if written > limit:
                        raise Malformed("evtx.output", self._where, f"it unfolds to more than {limit} bytes")
                    yield block
                done = _read_account(child.wait(), child.said(), self._where)
        except TimeoutError as problem:
            raise _died(self._where, str(problem)) from None
        late, self.derivation = conclude(survey, done.records, done.broken, done.problems)
        if late:
            yield late

    def _survey(self, handle: int) -> Survey:
        begin, end = self._span
        try:
            if end:
                return survey_log(io.BufferedReader(LogPart(handle, begin, end)), part=True)
            return survey_log(self._source)
        except Malformed as problem:
            raise Malformed(problem.code, place_in(self._where, problem.where), problem.why) from None
        finally:
            os.lseek(handle, 0, os.SEEK_SET)  # from where a child reads


class _Account(msgspec.Struct, frozen=True, kw_only=True):
    """What a child says of its work."""

    records: int
    broken: int
    problems: tuple[str, ...]


def derive_evtx(
    source: BinaryIO,
    out: BinaryIO,
    where: str = "",
    *,
    memory_bytes: int = MEMORY_BYTES,
    cpu_seconds: int = CPU_SECONDS,
    silent_seconds: float = SILENT_SECONDS,
    progress: Callable[[int], None] | None = None,
) -> Derivation:
    """Write the derived lines of the event log ``source`` to ``out``; errors as :class:`DerivedLines`.

    ``progress`` is told how many bytes of the log are read. After an error ``out`` holds a part: throw it
    away.
    """
    lines = DerivedLines(
        source, where, memory_bytes=memory_bytes, cpu_seconds=cpu_seconds, silent_seconds=silent_seconds
    )
    with closing(iter(lines)) as blocks:
        for block in blocks:
            out.write(block)
            if progress:
                progress(lines.read)
    assert lines.derivation is not None
    return lines.derivation


def _read_account(code: int, lines: Sequence[str], where: str) -> _Account:
    # What a child says that was taken over need not be of this form.
    if code == 0 and lines:
        with suppress(msgspec.MsgspecError):
            return msgspec.json.decode(lines[-1], type=_Account)
    raise _died(where, tell_end(code, lines))


def _died(where: str, why: str) -> Malformed:
    return Malformed("evtx.parser", where, f"the parser could not read this log, {why}")
