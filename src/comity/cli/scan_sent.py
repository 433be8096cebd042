"""What a process sends back of a file: without what the results of all files name alike.

A result names every rule that was run, in several places, by 64 characters each. Both sides hold the rules,
so which of them were asked is said by a byte for each, and the list itself not at all.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from comity.cli.rule_marks import RuleMarks
from comity.cli.scan_task import Scanned

if TYPE_CHECKING:
    from comity.findings.pack import Pack


class _Short(NamedTuple):
    """A result without rules: of which rules there are counts (none, without any), those that are not
    nought, which were not asked, and the results inside."""

    rest: Scanned
    asked: bytes | None
    counts: Mapping[str, int]
    not_asked: bytes
    members: Sequence[_Short]


class Shorthand:
    """Results of one pack to bytes and back, between processes of one run."""

    def __init__(self, pack: Pack) -> None:
        self._named = tuple(sorted(set(pack.rule_digests)))
        self._marks = RuleMarks(pack.rule_digests)

    def write(self, scanned: Scanned) -> bytes:
        """A result as it is sent."""
        return pickle.dumps(self._shorten(scanned), pickle.HIGHEST_PROTOCOL)

    def read(self, raw: bytes) -> Scanned:
        """The result that was sent."""
        short = pickle.loads(raw)  # noqa: S301 - from our own child
        assert isinstance(short, _Short)
        return self._restore(short)

    def _shorten(self, scanned: Scanned) -> _Short:
        finding, counts = scanned.finding, scanned.counts
        if finding is not None:
            assert finding.rules == self._named
            finding = replace(finding, rules=())
        return _Short(
            rest=replace(scanned, finding=finding, counts=None, not_asked=(), members=()),
            asked=None if counts is None else self._marks.mark(tuple(counts)),
            counts={rule: number for rule, number in (counts or {}).items() if number},
            not_asked=self._marks.mark(scanned.not_asked),
            members=[self._shorten(member) for member in scanned.members],
        )

    def _restore(self, short: _Short) -> Scanned:
        finding = short.rest.finding
        counts: dict[str, int] | None = None
        if short.asked is not None:
            counts = dict.fromkeys(self._marks.choose(short.asked), 0)
            counts.update(short.counts)
        return replace(
            short.rest,
            finding=None if finding is None else replace(finding, rules=self._named),
            counts=counts,
            not_asked=self._marks.choose(short.not_asked),
            members=tuple(map(self._restore, short.members)),
        )
