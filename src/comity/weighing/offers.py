"""What the findings of a case could be weighed as: the technique tags of rules that matched.

An offer says what a rule's author calls a match. Whether it is evidence of that, and what its source is
worth, is for whoever assesses: nothing becomes an item by itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from comity.case.state import State
from comity.case.support import origin_of
from comity.findings.reasons import RuleError
from comity.findings.yaml_source import read_documents
from comity.records import kinds

_TAG = re.compile(r"attack\.([ts][0-9]{4}(?:\.[0-9]{3})?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One tag of one rule that matched in one finding. ``rows`` counts the rows it matched; ``origin`` is the
    declared origin of what was searched, "" where none is."""

    id: str
    observed: str
    rule: str
    record: str
    author: str
    rows: int
    origin: str


def offers_of(state: State) -> tuple[Offer, ...]:
    """Every offer of the accepted findings, by id; of several rules of one finding with a tag, the first."""
    found: dict[str, Offer] = {}
    for accepted in state.of("finding.report"):
        content = accepted.content
        if not isinstance(content, kinds.Report):
            continue
        rules = {rule.digest: rule for rule in content.rules}
        for match in content.matches:
            rule = rules[match.rule]
            for observed in tags_of(rule.source):
                offer = Offer(
                    id=f"{observed}@{accepted.id[:12]}",
                    observed=observed,
                    rule=rule.name,
                    record=accepted.id,
                    author=accepted.author,
                    rows=sum(count for _, count in match.rows),
                    origin=origin_of(state, accepted.id),
                )
                found.setdefault(offer.id, offer)
    return tuple(found[name] for name in sorted(found))


def tags_of(source: str) -> tuple[str, ...]:
    """The techniques and software that a rule is tagged with, as ids; none of a rule that cannot be read."""
    try:
        documents = read_documents(source.encode())
    except RuleError:
        return ()
    found = set()
    for document in documents:
        tags = document.get("tags") if isinstance(document, dict) else None
        for tag in tags if isinstance(tags, list) else ():
            if match := _TAG.fullmatch(str(tag).lower()):
                found.add(match[1].upper())
    return tuple(sorted(found))
