"""A file that rules are run over, and what a run over it gave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comity.adapters.file_state import FileState
from comity.cli.scan_reasons import Because
from comity.evidence.formats import FormatName
from comity.findings.finding import Finding, Hit, Parameters

if TYPE_CHECKING:
    from comity.evidence.seal import ItemRef


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedAs:
    """What opens a sealed item: the file must still be exactly this. ``derived`` if the seal holds rows that
    were derived of it, as another item."""

    ref: ItemRef
    key: bytes
    metadata: bytes
    derived: bool = False


def ref_of(sha256: str, form: FormatName) -> str:
    """What stands for a file that is not sealed: its bytes, and how they become rows."""
    return f"file:sha256:{sha256}:{form}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Bytes of a file of this ``form`` from ``begin`` up to ``end``, and the header row that holds there; or
    of an event ``log``, chunks of it. ``state`` is that of the file before it was cut, if any change of it
    would show: then parts need no digests; ``seen`` is what it was then in any case."""

    begin: int
    end: int
    header: bytes | None = None
    log: bool = False
    state: FileState | None = None
    form: FormatName | None = None
    seen: FileState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One file to run rules over. ``shown`` is the name that people know it by. The reasons are told for the
    first ``why`` rows of each rule, or for row ``only``. With ``span`` the task is a part of the file; its
    lines are written to the open file ``copy`` too, if one is told."""

    path: str
    shown: str
    format: FormatName | None = None
    sealed: SealedAs | None = None
    parameters: Parameters
    why: int = 0
    only: int | None = None
    span: Span | None = None
    copy: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """What a run over one file gave, or ``error`` as (code, where, why)."""

    task: Task
    format: str = ""
    rows: int = 0
    finding: Finding | None = None
    counts: Mapping[str, int] | None = None
    not_asked: tuple[str, ...] = ()
    unparsed: Mapping[str, int] | None = None
    refused: Mapping[str, str] | None = None
    untimed: int = 0
    undated: int = 0
    outside: int = 0
    problems: tuple[str, ...] = ()
    broken: int = 0
    error: tuple[str, str, str] | None = None
    reasons: tuple[Because, ...] = ()
    hits: tuple[Hit, ...] = ()
    digest: str = ""
    members: tuple[Scanned, ...] = ()
    untold: tuple[str, ...] = ()
    """Of the rules that match, those asked of rows of which nothing tells what they are a log of."""
    untold_rows: int = 0
    wordless: int = 0
    """How many such rows there are, whatever matched; and how many of these keep no line of text."""
    partly: Mapping[str, tuple[int, ...]] | None = None
    """The rows of which not all was asked, by why."""
    lapsed: Mapping[str, tuple[int, int]] | None = None
    """Of indicators that match, how many rows lie outside of the time in which they are valid, and how many
    have no readable time."""
    alike: Mapping[str, int] | None = None
    doubt: str = ""
    before: int = 0
    """Rows of a text that look like those of another format; what else the file looks like; and how many
    lines stand before the headings of a table."""

    def each(self) -> Iterator[Scanned]:
        """This result, or those of the files inside of a container."""
        if self.finding is not None or self.error is not None:
            yield self
        for member in self.members:
            yield from member.each()
