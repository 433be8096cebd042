"""What one file by itself could not tell: rules that put rows together see one file at a time, STIX patterns
are asked only of rows that tell of an object, and logs of events do not hold the message that is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from comity.cli.find_notes import listed, title_of
from comity.cli.output import Out, count
from comity.findings.rows import fold

if TYPE_CHECKING:
    from comity.cli.scan_task import Scanned
    from comity.findings.atoms import Node
    from comity.findings.pack import AnyRule, Pack
    from comity.findings.sigma import Part


@dataclass(slots=True)
class Apart:
    """``patterns``: digests of the STIX patterns of a pack. ``together``: rules that put rows together, by
    digest; ``files``: of how many files each was asked. ``messages``: rules that can be true of no row
    without a message, by digest; ``logs``: of how many logs of events each was asked in vain."""

    patterns: frozenset[str]
    together: Mapping[str, AnyRule]
    messages: Mapping[str, AnyRule] = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=dict)
    logs: dict[str, int] = field(default_factory=dict)

    def take(self, scanned: Scanned) -> int:
        """Count a file; how many patterns were not asked of it, as no row of it tells of an object."""
        asked = scanned.counts or {}
        for digest in self.together.keys() & asked.keys():
            self.files[digest] = self.files.get(digest, 0) + 1
        if scanned.format == "evtx-jsonl/1":
            for digest in self.messages:
                if asked.get(digest) == 0:
                    self.logs[digest] = self.logs.get(digest, 0) + 1
        return 0 if not scanned.rows or self.patterns & asked.keys() else len(self.patterns)

    def close(self, out: Out) -> None:
        """Say which rules ask for what logs of events do not hold; and which put together rows of each file
        by itself, where several files were asked."""
        for digest, number in sorted(self.logs.items()):
            rule = self.messages[digest]
            out.line(
                f"no message: {title_of(rule)} asks for the text (Message) that Windows makes of an event "
                f"to show it; logs of events do not hold that: in {count(number, 'log')} nothing matched",
                indent=2,
            )
            out.object("no-message", rule=digest, source=rule.source_name, files=number)
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
    # What is asked by any rule is known before a tree of one is read.
    asks = pack.fields is None or any(fold(name) == _MESSAGE for name in pack.fields)
    messages = {
        rule.digest: rule
        for rule in (pack.rules if asks else ())
        if isinstance(rule, Rule)
        if not any(_can_be_without(part) for part in rule.parts)
    }
    return Apart(patterns, together, messages)


_MESSAGE: Final = "message"


def _can_be_without(part: Part) -> bool:
    """Whether a detection can be true of a row without a message."""
    from comity.findings.pack_cache import KeptPart

    # Hardly a rule asks for one, and there are thousands.
    if isinstance(part, KeptPart) and not part.may_ask(_MESSAGE):
        return True
    return _can_be(part.node, True)


def _can_be(node: Node, wanted: bool) -> bool:
    """Whether a tree can be true (or false) of a row without a message."""
    from comity.findings.atoms import And, Atom, Not
    from comity.findings.needs import SIEVED

    if isinstance(node, Atom):
        unheld = node.field is not None and fold(node.field) == _MESSAGE
        return not (wanted and unheld and node.kind in SIEVED)
    if isinstance(node, Not):
        return _can_be(node.part, not wanted)
    found = (_can_be(part, wanted) for part in node.parts)
    return all(found) if isinstance(node, And) is wanted else any(found)
