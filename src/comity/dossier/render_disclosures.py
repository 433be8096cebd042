"""What a dossier tells of its disclosures, as lines: each one's terms, who took it, what it leaves open."""

from __future__ import annotations

from collections.abc import Callable

from comity.case.disclosures import Disclosed, disclosures
from comity.dossier.verify import Contents
from comity.records import kinds
from comity.records.canonical import Json

_ONWARD = {"no": "not to be passed on", "ask": "ask before passing it on", "yes": "may be passed on"}
_CONSENT = {
    "own": "the discloser's own information",
    "given": "consent given",
    "not-needed": "consent not needed",
    "not-asked": "consent not asked",
}
_UNSAID = "nothing that it said of it is opened in this dossier"


def disclosure_lines(
    contents: Contents,
    called: Callable[[str], str],
    escape: Callable[[str], str],
    items: Callable[[str], str],
) -> list[str]:
    """Every disclosure that the dossier's records tell of, each term on a line of its own. ``items`` gives
    the name of an item by its root, "" where no seal here says it.

    Instants are the claimed ones of the records, and said to be; what the proofs of rows cannot show is told
    with each disclosure, and whether its bytes are in this dossier. Acceptances and receipts may be withheld
    like any record, so their absence says nothing.
    """
    lines: list[str] = []
    for each in disclosures(contents.state):
        lines += _lines_of(contents, each, called, escape, items)
    return lines


def _lines_of(
    contents: Contents,
    each: Disclosed,
    called: Callable[[str], str],
    escape: Callable[[str], str],
    items: Callable[[str], str],
) -> list[str]:
    content = each.content
    terms = content.terms if isinstance(content.terms, kinds.Terms) else None
    at = contents.state.accepted[each.record].frame.at
    level = f"rows {_ranges(content.rows)} of" if content.level == "rows" else "the whole of"
    name = items(content.item.root)
    item = f"{content.item.root[:12]}… ({f'{name}, ' if name else ''}{content.item.size - 1:,} rows)"
    lines = [
        f"    disclosure {each.record[:12]}… by {called(each.author)}, {at} as its author says:",
        f"      level: {level} item {item}",
        f"      legal or other basis: {escape(content.basis)}",
        f"      permitted use: {content.use}",
        f"      onward sharing: {_ONWARD[content.onward]}",
    ]
    if terms is None:
        lines.append("      originator's consent: not stated")
    else:
        whose = f" of {escape(terms.originator)}" if terms.originator else ""
        why = f": {escape(terms.why)}" if terms.why else ""
        lines.append(f"      originator's consent: {_CONSENT[terms.consent]}{whose}{why}")
    if each.needed or each.offices:
        by = ", ".join(map(escape, each.offices)) or "nobody"
        marks = "; LESS THAN THE CASE ASKS FOR" * each.short
        marks += "; THE APPROVERS WERE CHANGED WITHOUT THE EARLIER ONES" * each.changed
        lines.append(f"      approved by: {by} ({len(each.offices)} of {each.needed}){marks}")
    for one in each.to:
        if one.to == kinds.PUBLIC:
            lines.append("      to the public: anyone may read it")
            continue
        steps = [_step(contents, record, escape) for record in one.said] or [_UNSAID]
        lines.append(f"      to {called(one.to)}: {'; '.join(steps)}")
    here = content.package in contents.disclosures
    lines.append(f"      its bytes: {'in this dossier' if here else 'not in this dossier'}")
    lines.append(f"      does not show: {_limits(content.level)}")
    return lines


def _step(contents: Contents, record: str, escape: Callable[[str], str]) -> str:
    """What a recipient said of a disclosure, and when, as it says."""
    said = contents.state.accepted[record]
    match said.content:
        case kinds.Accept(decision="accepted"):
            told = "accepted its terms"
        case kinds.Accept(reason=reason):
            told = f"declined it ({escape(reason)})"
        case kinds.Checked(result="verified"):
            told = "opened it, every proof holds"
        case kinds.Checked(code=code):
            told = f"opened it, a proof does NOT hold ({code})"
        case _:
            told = "said something else"
    return f"{told}, {said.frame.at} as it says"


def disclosures_json(contents: Contents) -> list[Json]:
    """The same as data."""
    out: list[Json] = []
    for each in disclosures(contents.state):
        content = each.content
        terms = content.terms if isinstance(content.terms, kinds.Terms) else None
        out.append(
            {
                "record": each.record,
                "by": each.author,
                "at": contents.state.accepted[each.record].frame.at,
                "item": content.item.root,
                "level": content.level,
                "rows": [list(run) for run in content.rows],
                "basis": content.basis,
                "use": content.use,
                "onward": content.onward,
                "consent": terms.consent if terms else "",
                "originator": terms.originator if terms else "",
                "why": terms.why if terms else "",
                "approved_by": list(each.offices),
                "needed": each.needed,
                "to": [
                    {"party": one.to, "standing": one.standing if one.said else "", "said": list(one.said)}
                    for one in each.to
                ],
                "here": content.package in contents.disclosures,
            }
        )
    return out


def _limits(level: kinds.Level) -> str:
    if level == "whole":
        return "that what the item says is true, or that nothing was kept out of it before it was sealed"
    return "that what the rows say is true, or what the other rows say, for or against"


def _ranges(ranges: kinds.Ranges) -> str:
    told = [f"{first}" if count == 1 else f"{first}–{first + count - 1}" for first, count in ranges[:12]]
    more = len(ranges) - len(told)
    return ", ".join(told) + (f" and {more:,} more runs" if more else "")
