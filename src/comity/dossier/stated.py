"""A finding held against itself: its sources against their digests, its digests against what it lists."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from comity.dossier.rerun import reported
from comity.errors import NotVerified
from comity.findings.finding import Finding, check_finding, inputs_digest, result_digest
from comity.records.kinds import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """What of a finding does not hold by itself, whatever the evidence is: ``part`` as a re-run names it
    (``spec/11-findings.md`` clause 6), ``code`` as a verifier does."""

    part: Literal["source", "inputs", "result"]
    code: str
    why: str


def find_flaws(content: Report, finding: Finding | None = None) -> tuple[Flaw, ...]:
    """Every part of a reported finding that does not hold by itself: a rule whose source is not what its
    digest names, an inputs digest that is not that of the inputs listed, a result digest that is not that of
    the rows listed. ``finding`` is what the record reports, where that was read already."""
    finding = finding or reported(content)
    found = [
        Flaw(part="source", code="finding.source", why=f"the source of {name!r} is not what its digest names")
        for name in _false_sources(content)
    ]
    parts = finding.rules, finding.pack, finding.item, finding.parameters, finding.semantics
    if inputs_digest(*parts) != finding.inputs_digest:
        why = "the inputs digest is not that of the inputs listed"
        found.append(Flaw(part="inputs", code="finding.inputs", why=why))
    if result_digest(finding.item, finding.rows) != finding.result_digest:
        why = "the result digest is not that of the rows"
        found.append(Flaw(part="result", code="finding.result", why=why))
    return tuple(found)


def check_stated(content: Report, where: str) -> Finding:
    """What a record reports; ``NotVerified`` by the first of its flaws."""
    finding = reported(content)
    for name in _false_sources(content):
        raise NotVerified("finding.source", where, f"the source of {name!r} is not what its digest names")
    check_finding(finding, where)
    return finding


def _false_sources(content: Report) -> Iterator[str]:
    for rule in content.rules:
        if hashlib.sha256(rule.source.encode()).hexdigest() != rule.digest:
            yield rule.name
