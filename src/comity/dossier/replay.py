"""Findings run again over the rows that a dossier shows; what cannot be run again says why.

A finding that does not hold is no damage of the dossier: its author signed it so. It is a result
beside integrity, for the reader to see.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from comity.case.state import State
from comity.dossier.rerun import disclosed_rows, parameters_of, run_rules
from comity.dossier.stated import check_stated
from comity.errors import ComityError, NotVerified
from comity.evidence.disclose import VerifiedRows
from comity.evidence.formats import name_format
from comity.findings import SEMANTICS
from comity.findings.finding import compare
from comity.findings.match import Scanner
from comity.findings.pack import Pack, compile_pack
from comity.findings.whole import whole_rules_of
from comity.records import kinds
from comity.records.kinds import Item, Report, Seal

ROWS_LIMIT: Final = 5_000_000
"""The most matched rows that a finding is checked with; ranges can claim more than a memory holds."""


# Rules by name and digest: findings of the same ones share a compiled pack.
Sources: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingCheck:
    """One finding, checked as far as the dossier allows.

    ``rules`` are the names of its rules. ``digests`` is ``hold``, or the code of what does not. ``shown`` is
    ``shown-rows-match``, ``different`` or
    ``not-possible``, with ``rows`` shown rows run and ``why`` in one sentence.
    """

    record: str
    author: str
    digests: str
    shown: str
    rules: tuple[str, ...] = ()
    rows: int = 0
    why: str = ""


def replay_findings(state: State, shown: Mapping[Item, Iterable[VerifiedRows]]) -> tuple[FindingCheck, ...]:
    """Every accepted finding of a state, run again over the proven rows of its item."""
    formats: dict[Item, str] = {}
    for seal in state.of("evidence.seal"):
        if isinstance(seal.content, Seal):
            formats.setdefault(seal.content.item, seal.content.splitter)
    ready: dict[Sources, tuple[Pack, Scanner]] = {}
    found = []
    for accepted in state.of("finding.report"):
        content = accepted.content
        if isinstance(content, Report):
            rows: dict[int, bytes] = {}
            for part in shown.get(content.item, ()):
                rows.update(part.rows)
            found.append(_check(accepted.id, accepted.author, content, rows, formats[content.item], ready))
    return tuple(found)


def _check(
    record: str,
    author: str,
    content: Report,
    rows: Mapping[int, bytes],
    splitter: str,
    ready: dict[Sources, tuple[Pack, Scanner]],
) -> FindingCheck:
    def done(digests: str, shown: str, why: str = "") -> FindingCheck:
        return FindingCheck(
            record=record,
            author=author,
            digests=digests,
            shown=shown,
            rules=tuple(rule.name for rule in content.rules),
            rows=len(rows),
            why=why,
        )

    if sum(count for match in content.matches for _, count in match.rows) > ROWS_LIMIT:
        return done("finding.size", "not-possible", f"it lists more than {ROWS_LIMIT} matched rows")
    try:
        stated = check_stated(content, record)
    except NotVerified as error:
        return done(error.code, "not-possible", error.why)
    if not rows:
        return done("hold", "not-possible", "no rows of its item are shown")
    if content.semantics != SEMANTICS:
        return done("hold", "not-possible", f"made under {content.semantics}; run here is {SEMANTICS}")
    try:
        sources = tuple((rule.name, rule.digest) for rule in content.rules)
        if sources not in ready:
            pack = compile_pack((rule.name, rule.source.encode()) for rule in content.rules)
            ready[sources] = pack, Scanner(pack)
        pack, scanner = ready[sources]
        if pack.unusable:
            first = pack.unusable[0]
            return done("hold", "not-possible", f"{first.source_name} cannot run here: {first.reason}")
        if pack.digest != content.pack or pack.rule_digests != stated.rules:
            return done("hold", "not-possible", "these rule sources do not make the pack that was run")
        format_name = name_format(splitter)
        source = disclosed_rows(format_name, rows)
        parameters = parameters_of(content, content.logsource)
        again = run_rules(scanner, pack, stated.item, format_name, source, parameters).finding
    except (ComityError, ValueError) as error:
        return done("hold", "not-possible", f"it cannot be run here: {error}")
    whole = whole_rules_of(pack, format_name)
    compared = compare(stated, again, "rows", rows.keys(), whole)
    if compared.verdict == "shown rows match":
        return done("hold", "shown-rows-match")
    if compared.verdict == "not possible":
        if whole.issuperset(rule for rule, _ in stated.rows):
            return done(
                "hold",
                "not-possible",
                "its rules look at many rows together, which only the whole item can show",
            )
        return done("hold", "not-possible", "none of the rows that it names is shown")
    missing, more = len(compared.only_here), len(compared.only_there)
    why = f"of the shown rows, {missing} match and are not listed, {more} are listed and do not match"
    return done("hold", "different", why)


def unshown(state: State, shown: Mapping[Item, Iterable[VerifiedRows]]) -> tuple[str, ...]:
    """Accepted seals of items of which this dossier shows no row."""
    return tuple(
        seal.id
        for seal in state.of("evidence.seal")
        if isinstance(seal.content, kinds.Seal) and seal.content.item not in shown
    )
