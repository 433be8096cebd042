"""Which acts a page offers on one record: by its kind, and by whether it is this party's own."""

from __future__ import annotations

from comity.case.custody import KEPT

Act = tuple[str, str, str]
"""Words, the form, and the field that names the record."""

OWN: dict[str, tuple[Act, ...]] = {
    "evidence.seal": (
        ("Report a finding over it", "find", "seal"),
        ("Disclose", "disclose", "seal"),
        ("Hand it over", "transfer", "seal"),
        ("Hold it, or let go", "hold", "seal"),
        ("Erase the item", "erase-item", "seal"),
    ),
    "claim.state": (("Give notice", "notice", "target"), ("Withdraw", "withdraw", "target")),
    "claim.amend": (("Give notice", "notice", "target"), ("Withdraw", "withdraw", "target")),
    "response.make": (("Give notice", "notice", "target"), ("Withdraw", "withdraw", "target")),
    "request.make": (
        ("Offer another time", "more-time", "about-record"),
        ("No longer ask", "take-back", "about-record"),
    ),
    "endorsement.make": (("Take it back", "take-back", "about-record"),),
    "match.offer": (("Offer its next version", "match-offer", "about-record"),),
    "statement.publish": (
        ("Correct it", "correct", "about-record"),
        ("Make the next version", "statement", "before"),
    ),
    "action.propose": (("Report on it", "report-action", "about-record"),),
    "initiative.table": (("Table the next version", "table", "about-record"),),
    "suggestion.make": (("Say what became of it", "dispose", "about-record"),),
}

OTHERS: dict[str, tuple[Act, ...]] = {
    "evidence.seal": (
        ("Hold it, or let go", "hold", "seal"),
        ("Erase your copies", "erase-item", "seal"),
    ),
    "evidence.transfer": (("Say that it came", "receive", "about-record"),),
    "finding.report": (("Run it again", "rerun", "finding"),),
    "claim.state": (("Respond", "respond", "target"),),
    "claim.amend": (("Respond", "respond", "target"),),
    "response.make": (("Respond", "respond", "target"),),
    "evidence.disclose": (("Accept its terms, or decline", "accept-terms", "about-record"),),
    "match.offer": (("Ask against it", "match-ask", "about-record"),),
    "match.ask": (("Answer it", "match-answer", "about-record"),),
    "notice.give": (("Acknowledge it", "acknowledge", "about-record"),),
    "request.make": (
        ("Answer it", "answer", "about-record"),
        ("Ask for more time", "more-time", "about-record"),
    ),
    "request.extend": (("Answer the time proposed", "answer-time", "about-record"),),
    "request.answer": (("Answer the time proposed", "answer-time", "about-record"),),
    "statement.publish": (("Join it, or decline", "join", "about-record"),),
    "action.propose": (
        ("Undertake it, or decline", "answer-action", "about-record"),
        ("Report on it", "report-action", "about-record"),
    ),
    "initiative.table": (("Suggest other words", "suggest", "about-record"),),
    "suggestion.make": (
        ("Take a position", "position", "about-record"),
        ("Say what became of it", "dispose", "about-record"),
    ),
}

SAYS_TIME = ("request.extend", "request.answer")


def acts_on(
    case: str, record: str, kind: str, own: bool, *, proposes: bool = True
) -> tuple[tuple[str, str], ...]:
    """Words and addresses of the forms for one record. ``proposes``: whether it proposes another time."""
    if kind in SAYS_TIME and not proposes:
        return ()
    found = (OWN if own else OTHERS).get(kind, ())
    if own and kind not in KEPT:
        found = (*found, ("Erase its content", "erase-record", "about-record"))
    return tuple((words, f"/act/{case}/{form}?{field}={record}") for words, form, field in found)
