"""Rule 16: a re-run of a finding, and what it says of which rows."""

from __future__ import annotations

from comity.case.judging import Broken, Judging, require_matches, require_reach
from comity.phrases import phrase
from comity.records import kinds
from comity.records.spans import common_rows, count_rows, spans_of

_VERDICTS = {
    "whole": ("same", "different", "not-possible"),
    "rows": ("shown-rows-match", "different", "not-possible"),
}


def _replicate(j: Judging) -> None:
    """16. A re-run's verdict fits its scope, "same" means the same two digests, and it speaks of no other
    rows than it names."""
    assert isinstance(j.content, kinds.Replicate)
    finding = j.reference(j.content.finding, 16, "finding.report")
    assert isinstance(finding.content, kinds.Report)
    if j.content.verdict not in _VERDICTS[j.content.scope]:
        raise Broken(16, phrase("a re-run over {} cannot end as {}", j.content.scope, j.content.verdict))
    if (j.content.verdict == "different") != bool(j.content.cause):
        raise Broken(16, "a cause is named exactly where the re-run differs")
    if j.content.verdict == "same" and (j.content.inputs, j.content.result) != (
        finding.content.inputs,
        finding.content.result,
    ):
        raise Broken(16, "says same, but names other digests than the finding")
    rules = [r.digest for r in finding.content.rules]
    own = j.content.item if isinstance(j.content.item, kinds.Item) else None
    require_matches(16, j.content.matches, rules, (own or finding.content.item).size)
    if j.content.needs_rules_2:
        _judge_reach_of_run(j, j.content, finding.content, rules)
    require_reach(j, 16, finding, phrase("a re-run"))


def _judge_reach_of_run(j: Judging, content: kinds.Replicate, report: kinds.Report, rules: list[str]) -> None:
    if j.frame.rules < 2:
        raise Broken(16, "the rows, left out rules and own item of a re-run need rules 2")
    if content.scope == "whole" and (content.rows or content.left_out):
        raise Broken(16, "a re-run over the whole item leaves no row and no rule out")
    if any(first + count > report.item.size for first, count in content.rows):
        raise Broken(16, "was run over a row beyond the item")
    if list(content.left_out) != sorted(set(content.left_out)) or not set(content.left_out) <= set(rules):
        raise Broken(16, "the rules left out are not sorted, or one stands twice or was not run")
    if content.rows:
        ran = spans_of([content.rows])
        for match in content.matches:
            named = spans_of([match.rows])
            if match.rule in content.left_out or count_rows(common_rows(named, ran)) < count_rows(named):
                raise Broken(16, "matches a row that was not run, or a rule that was left out")
    if isinstance(content.item, kinds.Item):
        _judge_own_item(j, content, report)


def _judge_own_item(j: Judging, content: kinds.Replicate, report: kinds.Report) -> None:
    if content.item == report.item or content.scope != "whole" or content.verdict == "same":
        raise Broken(16, "an own item is another one than the finding's, run whole, and never the same")
    if not any(
        isinstance(r.content, kinds.Seal) and r.author == j.author and r.content.item == content.item
        for r in j.references.values()
    ):
        raise Broken(16, "references no seal of its own for the item that it was run over")


RERUN_RULES = {"finding.replicate": _replicate}
