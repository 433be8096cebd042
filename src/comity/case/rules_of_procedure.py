"""Rules 30 to 34 (``spec/05-rules.md``): closing, amending, more time, and what is taken back."""

from __future__ import annotations

from collections.abc import Callable

from comity.case.judging import (
    STATING,
    Broken,
    Judging,
    assertions_of,
    require_assertions,
    require_reach,
    require_reader,
)
from comity.case.state import Accepted
from comity.phrases import phrase
from comity.records import kinds
from comity.records.kinds_of_procedure import Amend, Close, Extend, WithdrawEndorsement, WithdrawRequest


def _close(j: Judging) -> None:
    """30. A closing is its author's own word; only what it closed itself does it take up again."""
    content = j.content
    assert isinstance(content, Close)
    if (content.outcome == "moved") != bool(content.moved) or content.moved == j.case:
        raise Broken(30, "names the case in which it goes on, another one, exactly where it has moved")
    if (content.outcome == "reopened") != bool(content.reopens):
        raise Broken(30, "names an earlier closing exactly where it takes the case up again")
    if content.reopens:
        closing = j.reference(content.reopens, 30, "case.close")
        assert isinstance(closing.content, Close)
        if closing.author != j.author or closing.content.outcome == "reopened":
            raise Broken(30, "takes up again what its author did not close")


def _amend(j: Judging) -> None:
    """31. Only the author amends, on the same side, and tells all whom the version before reached."""
    content = j.content
    assert isinstance(content, Amend)
    record = j.reference(content.target, 31, *STATING)
    if record.author != j.author:
        raise Broken(31, "amends what another party said")
    stated, numbers = assertions_of(record.content), [r.n for r in content.revisions]
    if numbers != sorted(set(numbers)) or numbers[-1] >= len(stated):
        raise Broken(31, "assertion numbers are not sorted, stand twice, or are not there")
    for revision in content.revisions:
        before, after = stated[revision.n], revision.assertion
        if (before.stance, before.against) != (after.stance, after.against):
            raise Broken(31, phrase("assertion {} changes sides: that is another assertion", revision.n + 1))
        if before == after:
            raise Broken(31, phrase("assertion {} stays as it was", revision.n + 1))
    require_assertions(j, 31, assertions_of(content))
    require_reach(j, 31, record, phrase("an amendment"))


def _extend(j: Judging) -> None:
    """32. Either side of a request proposes another instant; only the other side answers that."""
    content = j.content
    assert isinstance(content, Extend)
    request = j.reference(content.request, 32, "request.make")
    assert isinstance(request.content, kinds.Request)
    sides = {request.author, request.content.to}
    if j.author not in sides:
        raise Broken(32, "is by a party that neither asked nor was asked")
    for side in sorted(sides):
        require_reader(j, 32, side, phrase("the other side of the request"))
    if content.step == "proposes":
        if content.proposal or content.due <= request.content.due:
            raise Broken(32, "a proposal names an instant after the one asked for, and no other proposal")
        return
    proposal = j.reference(content.proposal, 32, "request.extend", "request.answer")
    proposed = proposed_due(proposal, request.id)
    if not proposed or proposal.author == j.author:
        raise Broken(32, "answers what is no proposal of the other side for this request")
    if content.due != (proposed if content.step == "accepts" else ""):
        raise Broken(32, "repeats the instant proposed exactly where it accepts it")
    if content.step == "refuses" and not content.text:
        raise Broken(32, "refuses without a reason")


def proposed_due(record: Accepted, request: str) -> str:
    """The instant that a record proposes for a request; "" where it proposes none for this one."""
    content = record.content
    if isinstance(content, Extend) and content.request == request and content.step == "proposes":
        return content.due
    return content.due if isinstance(content, kinds.Answer) and content.request == request else ""


def _withdraw_request(j: Judging) -> None:
    """33. Only who asked withdraws a request, and the party asked learns of it."""
    content = j.content
    assert isinstance(content, WithdrawRequest)
    request = j.reference(content.request, 33, "request.make")
    assert isinstance(request.content, kinds.Request)
    if request.author != j.author:
        raise Broken(33, "withdraws what another party asked")
    require_reader(j, 33, request.content.to, phrase("the party that was asked"))


def _withdraw_endorsement(j: Judging) -> None:
    """34. Only who endorsed takes an endorsement back, and tells all whom it reached."""
    content = j.content
    assert isinstance(content, WithdrawEndorsement)
    endorsement = j.reference(content.endorsement, 34, "endorsement.make")
    if endorsement.author != j.author:
        raise Broken(34, "takes back what another party endorsed")
    require_reach(j, 34, endorsement, phrase("a withdrawal"))


PROCEDURE_RULES: dict[str, Callable[[Judging], None]] = {
    "case.close": _close,
    "claim.amend": _amend,
    "request.extend": _extend,
    "request.withdraw": _withdraw_request,
    "endorsement.withdraw": _withdraw_endorsement,
}
