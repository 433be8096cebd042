"""Rules 38 to 40 (``spec/05-rules.md``): actions proposed, undertaken and reported."""

from __future__ import annotations

from collections.abc import Callable

from comity.case.judging import (
    Broken,
    Judging,
    require_parties,
    require_reader,
    require_supports,
    require_target,
)
from comity.case.state import Accepted
from comity.phrases import phrase
from comity.records.kinds import Target
from comity.records.kinds_of_actions import Accept, Propose, ReportAction


def _propose(j: Judging) -> None:
    """38. An action is proposed to other parties, which may read it; it rests on records that stand."""
    content = j.content
    assert isinstance(content, Propose)
    require_parties(j, 38, content.to, phrase("asked to act"))
    if isinstance(content.about, Target):
        require_target(j, 38, content.about)
    for item in content.items:
        j.reference(item, 38, "evidence.seal", "finding.report")
    named = [(i.type, i.value) for i in content.indicators]
    if named != sorted(set(named)):
        raise Broken(38, "indicators are not sorted, or one stands twice")


def _action(j: Judging, rule: int, record: str) -> tuple[Accepted, Propose]:
    found = j.reference(record, rule, "action.propose")
    assert isinstance(found.content, Propose)
    return found, found.content


def _accept(j: Judging) -> None:
    """39. Only a party that was asked undertakes an action or declines it, and the proposer learns of it."""
    content = j.content
    assert isinstance(content, Accept)
    record, action = _action(j, 39, content.action)
    if j.author not in action.to:
        raise Broken(39, "answers an action proposed to others")
    if (content.answer == "declines") != bool(content.ground):
        raise Broken(39, "a ground is given exactly where the action is declined")
    if content.answer == "declines" and content.due:
        raise Broken(39, "declines an action, and says by when it will be done")
    require_reader(j, 39, record.author, phrase("the party that proposed it"))


def _report(j: Judging) -> None:
    """40. Who was asked, or who proposed an action, reports on it, and the proposer learns of it."""
    content = j.content
    assert isinstance(content, ReportAction)
    record, action = _action(j, 40, content.action)
    if j.author not in action.to and j.author != record.author:
        raise Broken(40, "reports on an action proposed to others")
    if content.done and content.status not in ("done", "done-in-part"):
        raise Broken(40, "says when it was done, and that it was not")
    require_supports(j, 40, content.supports)
    require_reader(j, 40, record.author, phrase("the party that proposed it"))


ACTION_RULES: dict[str, Callable[[Judging], None]] = {
    "action.propose": _propose,
    "action.accept": _accept,
    "action.report": _report,
}
