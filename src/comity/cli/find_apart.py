"""What one file by itself could not tell: rules that put rows together see one file at a time, and STIX
patterns are asked only of rows that tell of an object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from comity.cli.find_notes import listed, title_of
from comity.cli.output import Out, count

if TYPE_CHECKING:
    from comity.cli.scan_task import Scanned
    from comity.findings.pack import AnyRule, Pack


@dataclass(slots=True)
class Apart:
    """``patterns``: digests of the STIX patterns of a pack. ``together``: rules that put rows together, by
    digest; ``files``: of how many files each was asked."""

    patterns: frozenset[str]
    together: Mapping[str, AnyRule]
    files: dict[str, int] = field(default_factory=dict)

    def take(self, scanned: Scanned) -> int:
        """Count a file; how many patterns were not asked of it, as no row of it tells of an object."""
        asked = scanned.counts or {}
        for digest in self.together.keys() & asked.keys():
            self.files[digest] = self.files.get(digest, 0) + 1
        return 0 if not scanned.rows or self.patterns & asked.keys() else len(self.patterns)

    def close(self, out: Out) -> None:
        """Say which rules put together rows of each file by itself, where several files were asked."""
        several = {digest: number for digest, number in self.files.items() if number > 1}
        if not several:
            return
        named = sorted(title_of(self.together[digest]) for digest in several)
        rules = f"{count(len(named), 'rule')} ({listed(named)})"
        out.line(
            f"by file: {rules} put rows of one file together, and never those of two "
            f"({max(several.values())} files were asked): of a log in several files, join them first",
            indent=2,
        )
        for digest, number in sorted(several.items()):
            out.object("by-file", rule=digest, source=self.together[digest].source_name, files=number)


def unasked(patterns: int) -> str:
    """That patterns were not asked of a file, in words."""
    were = f"{count(patterns, 'pattern')} {'was' if patterns == 1 else 'were'}"
    return f"no row tells of an object of STIX by its fields: {were} not asked of it"


def find_apart(pack: Pack) -> Apart:
    """Which rules of a pack this is about."""
    from comity.findings.sigma import Rule
    from comity.findings.stix import StixPattern

    patterns = frozenset(rule.digest for rule in pack.rules if isinstance(rule, StixPattern))
    together = {
        rule.digest: rule for rule in pack.rules if isinstance(rule, Rule | StixPattern) and rule.whole
    }
    return Apart(patterns, together)
