"""Which acts a page offers on one record: by its kind, and by whether it is this party's own."""

from __future__ import annotations

from comity.case.custody import KEPT
from comity.web.phrases import phrase

Act = tuple[str, str, str]
"""Words, the form, and the field that names the record."""

OWN: dict[str, tuple[Act, ...]] = {
    "evidence.seal": (
        (phrase("Report a finding over it"), "find", "seal"),
        (phrase("Disclose"), "disclose", "seal"),
        (phrase("Hand it over"), "transfer", "seal"),
        (phrase("Hold it, or let go"), "hold", "seal"),
        (phrase("Erase the item"), "erase-item", "seal"),
    ),
    "claim.state": ((phrase("Give notice"), "notice", "target"), (phrase("Withdraw"), "withdraw", "target")),
    "claim.amend": ((phrase("Give notice"), "notice", "target"), (phrase("Withdraw"), "withdraw", "target")),
    "response.make": (
        (phrase("Give notice"), "notice", "target"),
        (phrase("Withdraw"), "withdraw", "target"),
    ),
    "request.make": (
        (phrase("Offer another time"), "more-time", "about-record"),
        (phrase("No longer ask"), "take-back", "about-record"),
    ),
    "endorsement.make": ((phrase("Take it back"), "take-back", "about-record"),),
    "match.offer": ((phrase("Offer its next version"), "match-offer", "about-record"),),
    "statement.publish": (
        (phrase("Correct it"), "correct", "about-record"),
        (phrase("Make the next version"), "statement", "before"),
    ),
    "action.propose": ((phrase("Report on it"), "report-action", "about-record"),),
    "initiative.table": ((phrase("Table the next version"), "table", "about-record"),),
    "suggestion.make": ((phrase("Say what became of it"), "dispose", "about-record"),),
}

OTHERS: dict[str, tuple[Act, ...]] = {
    "evidence.seal": (
        (phrase("Hold it, or let go"), "hold", "seal"),
        (phrase("Erase your copies"), "erase-item", "seal"),
    ),
    "evidence.transfer": ((phrase("Say that it came"), "receive", "about-record"),),
    "finding.report": ((phrase("Run it again"), "rerun", "finding"),),
    "claim.state": ((phrase("Respond"), "respond", "target"),),
    "claim.amend": ((phrase("Respond"), "respond", "target"),),
    "response.make": ((phrase("Respond"), "respond", "target"),),
    "evidence.disclose": (
        (phrase("Accept its terms, or decline"), "accept-terms", "about-record"),
        (phrase("Open it, and say what came"), "open-shown", "about-record"),
    ),
    "match.offer": ((phrase("Ask against it"), "match-ask", "about-record"),),
    "match.ask": ((phrase("Answer it"), "match-answer", "about-record"),),
    "notice.give": ((phrase("Acknowledge it"), "acknowledge", "about-record"),),
    "request.make": (
        (phrase("Answer it"), "answer", "about-record"),
        (phrase("Ask for more time"), "more-time", "about-record"),
    ),
    "request.extend": ((phrase("Answer the time proposed"), "answer-time", "about-record"),),
    "request.answer": ((phrase("Answer the time proposed"), "answer-time", "about-record"),),
    "statement.publish": ((phrase("Join it, or decline"), "join", "about-record"),),
    "action.propose": (
        (phrase("Undertake it, or decline"), "answer-action", "about-record"),
        (phrase("Report on it"), "report-action", "about-record"),
    ),
    "initiative.table": ((phrase("Suggest other words"), "suggest", "about-record"),),
    "suggestion.make": (
        (phrase("Take a position"), "position", "about-record"),
        (phrase("Say what became of it"), "dispose", "about-record"),
    ),
}

SAYS_TIME = ("request.extend", "request.answer")


def acts_on(
    case: str, record: str, kind: str, own: bool, *, proposes: bool = True, states: bool = True
) -> tuple[tuple[str, str], ...]:
    """Words and addresses of the forms for one record. ``proposes``: whether it proposes another time;
    ``states``: whether it states an assertion (a response may only take positions)."""
    if kind in SAYS_TIME and not proposes:
        return ()
    found = (OWN if own else OTHERS).get(kind, ())
    if not states:
        found = tuple(act for act in found if act[2] != "target")
    if own and kind not in KEPT:
        found = (*found, (phrase("Erase its content"), "erase-record", "about-record"))
    return tuple((words, f"/act/{case}/{form}?{field}={record}") for words, form, field in found)
