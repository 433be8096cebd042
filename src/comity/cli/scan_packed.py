"""What a run over a file gave, as few bytes: rules by their place in the pack, matches by rule.

A result names every rule that was run, by 64 characters each; of thousands of files these are the same.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from comity.cli.rule_marks import RuleMarks
from comity.cli.scan_reasons import Because
from comity.cli.scan_task import Scanned, Task
from comity.evidence.formats import FormatName
from comity.findings.finding import Hit, make_finding

if TYPE_CHECKING:
    from comity.findings.pack import Pack

T = TypeVar("T")
_LEVEL: Final = 1


class _Packed(msgspec.Struct, array_like=True):
    """A result: ``shown`` and ``told`` are of its task; ``rules`` says of each rule of the pack whether it
    was asked, and ``counts`` how often those that match do; ``hits`` are of a part, ``rows`` of a finding on
    ``item``, both as rows by rule."""

    shown: str
    told: FormatName | None
    format: str
    size: int
    item: str
    rows: dict[int, list[int]]
    hits: dict[int, list[int]]
    rules: bytes
    rest: bytes
    counts: dict[int, int]
    unparsed: dict[str, int] | None
    refused: dict[str, str] | None
    alike: dict[str, int] | None
    partly: dict[str, list[int]]
    lapsed: dict[str, tuple[int, int]] | None
    numbers: tuple[int, int, int, int, int, int, int]
    problems: list[str]
    error: tuple[str, str, str] | None
    reasons: list[tuple[str, int, str, list[str]]]
    digest: str
    untold: list[str]
    doubt: str
    members: list[_Packed]


class Packer:
    """Results of a pack to bytes and back."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._rules = pack.rule_digests
        self._places = {digest: at for at, digest in enumerate(self._rules)}
        self._marks = RuleMarks(self._rules)

    def pack(self, scanned: Scanned) -> bytes:
        """A result without its task; ``KeyError`` where it names rules that are not of the pack."""
        return zlib.compress(msgspec.msgpack.encode(self._to(scanned)), _LEVEL)

    def unpack(self, raw: bytes, task: Task) -> Scanned | None:
        """The result of this task; None where these are no such bytes."""
        try:
            return self._from(msgspec.msgpack.decode(zlib.decompress(raw), type=_Packed), task)
        except (zlib.error, msgspec.MsgspecError, IndexError):
            return None

    def _to(self, scanned: Scanned) -> _Packed:
        counts = scanned.counts
        numbers = (
            *(scanned.untimed, scanned.undated, scanned.outside, scanned.broken, scanned.before),
            *(scanned.untold_rows, scanned.wordless),
        )
        return _Packed(
            shown=scanned.task.shown,
            told=scanned.task.format,
            format=scanned.format,
            size=scanned.rows,
            item=scanned.finding.item if scanned.finding is not None else "",
            rows=self._by_rule(scanned.finding.rows if scanned.finding is not None else ()),
            hits=self._by_rule(scanned.hits),
            rules=self._marks.mark(tuple(counts)) if counts is not None else b"",
            rest=self._marks.mark(scanned.not_asked) if scanned.not_asked else b"",
            counts={self._places[rule]: number for rule, number in (counts or {}).items() if number},
            unparsed=_dict(scanned.unparsed),
            refused=_dict(scanned.refused),
            alike=_dict(scanned.alike),
            partly={why: list(rows) for why, rows in (scanned.partly or {}).items()},
            lapsed=_dict(scanned.lapsed),
            numbers=numbers,
            problems=list(scanned.problems),
            error=scanned.error,
            reasons=[(each.rule, each.row, each.text, list(each.lines)) for each in scanned.reasons],
            digest=scanned.digest,
            untold=list(scanned.untold),
            doubt=scanned.doubt,
            members=[self._to(member) for member in scanned.members],
        )

    def _from(self, packed: _Packed, task: Task) -> Scanned:
        counts: dict[str, int] | None = None
        if packed.rules:
            counts = dict.fromkeys(self._marks.choose(packed.rules), 0)
            counts.update((self._rules[at], number) for at, number in packed.counts.items())
        finding = None
        if packed.item:
            pack, rows = self._pack, self._hits(packed.rows)
            finding = make_finding(pack.rule_digests, pack.digest, packed.item, task.parameters, rows)
        untimed, undated, outside, broken, before, untold_rows, wordless = packed.numbers
        return Scanned(
            task=task,
            format=packed.format,
            rows=packed.size,
            finding=finding,
            counts=counts,
            not_asked=self._marks.choose(packed.rest) if packed.rest else (),
            unparsed=packed.unparsed,
            refused=packed.refused,
            untimed=untimed,
            undated=undated,
            outside=outside,
            problems=tuple(packed.problems),
            broken=broken,
            error=packed.error,
            reasons=tuple(
                Because(rule=rule, row=row, text=text, lines=tuple(lines))
                for rule, row, text, lines in packed.reasons
            ),
            hits=tuple(self._hits(packed.hits)),
            digest=packed.digest,
            members=tuple(
                self._from(member, replace(task, shown=member.shown, format=member.told))
                for member in packed.members
            ),
            untold=tuple(packed.untold),
            untold_rows=untold_rows,
            wordless=wordless,
            lapsed=packed.lapsed,
            alike=packed.alike,
            partly={why: tuple(rows) for why, rows in packed.partly.items()} or None,
            doubt=packed.doubt,
            before=before,
        )

    def _by_rule(self, hits: Sequence[Hit]) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for rule, row in hits:
            found.setdefault(self._places[rule], []).append(row)
        return found

    def _hits(self, rows: Mapping[int, Sequence[int]]) -> list[Hit]:
        return [(self._rules[at], row) for at, some in rows.items() for row in some]


def _dict(found: Mapping[str, T] | None) -> dict[str, T] | None:
    return None if found is None else dict(found)
