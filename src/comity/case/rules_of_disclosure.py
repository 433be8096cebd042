"""Rules 73 to 76: who approves a disclosure, who accepts its terms, what came of opening it."""

from __future__ import annotations

from comity.case.judging import Broken, Judging, missing_from
from comity.case.state import Accepted
from comity.errors import ComityError
from comity.phrases import phrase
from comity.records import ed25519, kinds
from comity.records.approvals import check_approvals


def _approvers(j: Judging) -> None:
    """73. Approvers have keys of their own, and a list that replaces another is approved under that one."""
    assert isinstance(j.content, kinds.Approvers)
    keys = [a.key for a in j.content.approvers]
    if keys != sorted(set(keys)):
        raise Broken(73, "approvers are not sorted by key, or one stands twice")
    if j.content.needed > len(keys):
        raise Broken(73, "asks for more approvals than it names approvers")
    for key in keys:
        try:
            ed25519.load_public(bytes.fromhex(key))
        except ComityError as error:
            raise Broken(73, phrase("names a key that proves nothing: {}", error.why)) from None
    if not j.content.replaces:
        if j.content.approvals:
            raise Broken(73, "is approved under no list")
        return
    before = j.reference(j.content.replaces, 73, "disclosure.approvers")
    if before.author != j.author:
        raise Broken(73, "replaces the approvers of another party")
    _approved(j, 73, j.content, before, 0)


def _approved(
    j: Judging, rule: int, content: kinds.Disclose | kinds.Approvers, known: Accepted, needed: int
) -> None:
    assert isinstance(known.content, kinds.Approvers)
    try:
        offices = check_approvals(j.case, j.author, content, content.approvals, known.content)
    except ComityError as error:
        raise Broken(rule, phrase("an approval does not hold: {}", error.why)) from None
    needed = max(needed, known.content.needed)
    if len(offices) < needed:
        raise Broken(rule, phrase("has {} of {} approvals", len(offices), needed))


def judge_terms(j: Judging) -> None:
    """76. A disclosure states whose information it is, and bears the approvals that the case asks for."""
    content = j.content
    assert isinstance(content, kinds.Disclose)
    opening = j.opened()
    policy = opening.content.policy if opening and isinstance(opening.content, kinds.Open) else None
    needed = policy.approvals if policy else 0
    if j.frame.rules < 2 and (isinstance(content.terms, kinds.Terms) or content.approvals):
        raise Broken(76, "terms and approvals need rules 2")
    if isinstance(content.terms, kinds.Terms):
        _terms(content, content.terms)
    lists = [
        r for r in j.references.values() if isinstance(r.content, kinds.Approvers) and r.author == j.author
    ]
    if len(lists) > 1:
        raise Broken(76, "references two lists of approvers")
    if lists:
        _approved(j, 76, content, lists[0], needed)
    elif needed or content.approvals:
        raise Broken(76, phrase("references no list of approvers; this case asks for {} approvals", needed))


def _terms(content: kinds.Disclose, terms: kinds.Terms) -> None:
    if (terms.consent == "own") == bool(terms.originator):
        raise Broken(76, "an originator is named exactly where the information is another's")
    if terms.consent != "own" and not terms.why:
        raise Broken(76, "does not say how the originator's consent stands")
    if terms.accept and kinds.PUBLIC in content.to:
        raise Broken(76, "the public accepts nothing")


def _shown(j: Judging, rule: int, disclosure: str) -> kinds.Disclose:
    record = j.reference(disclosure, rule, "evidence.disclose")
    assert isinstance(record.content, kinds.Disclose)
    if record.author == j.author or not {j.author, kinds.PUBLIC} & set(record.content.to):
        raise Broken(rule, "was not disclosed to it")
    if missing_from([record.author], j.frame.audience):
        raise Broken(rule, "who disclosed it may not read this")
    return record.content


def _accept(j: Judging) -> None:
    """74. Who was shown something on terms accepts or declines them, and who showed it learns of it."""
    assert isinstance(j.content, kinds.Accept)
    shown = _shown(j, 74, j.content.disclosure)
    if not isinstance(shown.terms, kinds.Terms) or not shown.terms.accept:
        raise Broken(74, "accepts what did not ask to be accepted")
    if (j.content.decision == "declined") != bool(j.content.reason):
        raise Broken(74, "a reason is given exactly where it declines")


def _checked(j: Judging) -> None:
    """75. Who opened what was disclosed says whether its proofs hold, after it accepted where that was
    asked."""
    assert isinstance(j.content, kinds.Checked)
    shown = _shown(j, 75, j.content.disclosure)
    if (j.content.result == "failed") != bool(j.content.code):
        raise Broken(75, "a code is given exactly where a proof fails")
    if isinstance(shown.terms, kinds.Terms) and shown.terms.accept:
        taken = [
            r
            for r in j.references.values()
            if isinstance(r.content, kinds.Accept)
            and r.author == j.author
            and r.content.disclosure == j.content.disclosure
            and r.content.decision == "accepted"
        ]
        if not taken:
            raise Broken(75, "opened what it had not accepted")


DISCLOSURE_RULES = {
    "disclosure.approvers": _approvers,
    "disclosure.accept": _accept,
    "disclosure.receipt": _checked,
}
