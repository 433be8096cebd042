"""What was disclosed: its terms accepted, its proofs checked, and who has seen what."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from comity.cli.options import case_option, choose_case, home_option, open_home
from comity.cli.output import Out, ranges_text, speaks
from comity.cli.record_told import tell_record
from comity.errors import Refused

if TYPE_CHECKING:
    from comity.exchange.node import Node
    from comity.records import kinds

CONSENT = {
    "own": "our own information",
    "given": "the originator consented",
    "not-needed": "the originator's consent is not needed",
    "not-asked": "the originator was not asked",
}
STANDING = {
    "sent": "sent; nothing said",
    "awaits": "not sent: its terms are not accepted yet",
    "accepted": "accepted on its terms",
    "declined": "declined",
    "verified": "opened; every proof holds",
    "failed": "opened; a proof does not hold",
}
LINES = 20


@click.command(name="accept")
@click.argument("disclosure", metavar="RECORD")
@click.option("--decline", default="", metavar="REASON", help="Decline it instead, for this reason.")
@click.option("--yes", is_flag=True, help="You have read the terms; do not ask.")
@case_option
@home_option
@speaks(
    "terms (record, by, use, basis, onward, consent, originator, why); record (kind, id, case, decision)."
)
def accept_command(
    out: Out, disclosure: str, decline: str, yes: bool, case_text: str, home: Path | None
) -> int:
    """Accept the terms on which something is disclosed to you, or decline them. What
    is disclosed is sent only to who has accepted; acceptance binds and is on record.
    """
    from comity.exchange import acts, disclosing

    node = open_home(home).node
    case = choose_case(node, case_text)
    record = acts.find_record(node.state(case), disclosure)
    shown, content = disclosing.shown_at(node, case, record)
    _tell_terms(out, node, record, shown.author, content)
    if not decline and not yes and not sys.stdin.isatty():
        raise Refused("disclose.terms", record[:12], "read the terms above, then say --yes")
    if not decline and not yes:
        click.confirm("Accept these terms?", abort=True, err=True)
    signed = disclosing.accept(node, case, record, declined=decline)
    tell_record(out, node, case, signed.value.id, decision="declined" if decline else "accepted")
    return 0


def _tell_terms(out: Out, node: Node, record: str, author: str, content: kinds.Disclose) -> None:
    """The terms of a disclosure, whatever version of the rules it is under."""
    from comity.records import kinds

    level = "the whole item" if content.level == "whole" else f"rows {ranges_text(content.rows)}"
    terms = content.terms if isinstance(content.terms, kinds.Terms) else None
    out.line(f"{node.name_of(author)} discloses {level} of {content.item.root[:12]}")
    onward = {"no": "not to be passed on", "ask": "ask before passing it on", "yes": "may be passed on"}
    out.line(f"use: {content.use}; {onward[content.onward]}", 4)
    out.text(f"basis: {content.basis}", 4)
    consent = CONSENT[terms.consent] if terms else "not stated"
    of = f" ({terms.originator})" if terms and terms.originator else ""
    out.text(f"originator: {consent}{of}{f': {terms.why}' if terms and terms.why else ''}", 4)
    out.object(
        "terms",
        record=record,
        by=author,
        use=content.use,
        basis=content.basis,
        onward=content.onward,
        consent=terms.consent if terms else "",
        originator=terms.originator if terms else "",
        why=terms.why if terms else "",
        accept=bool(terms and terms.accept),
    )


@click.command(name="open")
@click.argument("disclosure", metavar="RECORD")
@case_option
@home_option
@speaks("terms (as of accept); row (index, text); record (kind, id, case, result, rows).")
def open_command(out: Out, disclosure: str, case_text: str, home: Path | None) -> int:
    """Open what was disclosed to you: every proof is checked against the seal, and a
    receipt that says so is signed. It does not say that the rows are true.
    """
    from comity.evidence.disclose import VerifiedRows
    from comity.evidence.parse import text_of
    from comity.exchange import acts, disclosing

    node = open_home(home).node
    case = choose_case(node, case_text)
    record = acts.find_record(node.state(case), disclosure)
    shown, content = disclosing.shown_at(node, case, record)
    signed, found = disclosing.open_disclosure(node, case, record)
    _tell_terms(out, node, record, shown.author, content)
    rows: list[int] = []
    if isinstance(found, VerifiedRows):
        rows = sorted(found.rows)
        for index in rows[:LINES]:
            out.line(f"{index:>8}  {text_of(found.rows[index])[:200]}")
        for index in rows:
            out.object("row", index=index, text=text_of(found.rows[index]))
        if len(rows) > LINES:
            out.line(f"and {len(rows) - LINES:,} more")
        out.line("Each of these rows is in the sealed item at its number; that they are true, no proof says.")
    else:
        out.line(f"the whole item is held here now: {found.item.size - 1} rows")
    ranges = [list(each) for each in content.rows]
    tell_record(out, node, case, signed.value.id, result="verified", rows=ranges)
    return 0


@click.command(name="seen")
@click.argument("item", metavar="[RECORD]", default="")
@case_option
@home_option
@speaks(
    "terms (as of accept); disclosure (record, by, item, level, rows, approved_by, needed, changed, short); "
    "seen (disclosure, to, standing, record, code)."
)
def seen_command(out: Out, item: str, case_text: str, home: Path | None) -> int:
    """Say who has seen what: each disclosure of an item (RECORD is its seal; all items
    without one), on what terms, and what every recipient did with it.
    """
    from comity.case.disclosures import disclosures
    from comity.exchange import acts, evidence

    node = open_home(home).node
    case = choose_case(node, case_text)
    state = node.state(case)
    root = ""
    if item:
        _, sealed = evidence.sealed_at(node, case, acts.find_record(state, item))
        root = sealed.item.root
    found = disclosures(state, root)
    if not found:
        out.line("nothing was disclosed")
    for each in found:
        out.line(each.record[:12])
        _tell_terms(out, node, each.record, each.author, each.content)
        if each.needed or each.offices:
            by = ", ".join(each.offices) or "nobody"
            marks = "; LESS THAN THE CASE ASKS FOR" * each.short
            marks += "; THE APPROVERS WERE CHANGED WITHOUT THE EARLIER ONES" * each.changed
            out.line(f"approved by {by} ({len(each.offices)} of {each.needed}){marks}", 4)
        for one in each.to:
            name = "the public" if one.to == "public" else node.name_of(one.to)
            more = one.code or one.reason
            out.line(f"{name}: {STANDING[one.standing]}{f' ({more})' if more else ''}", 4)
            out.object(
                "seen",
                disclosure=each.record,
                to=one.to,
                standing=one.standing,
                record=one.record,
                code=one.code,
            )
        out.object(
            "disclosure",
            record=each.record,
            by=each.author,
            item=each.content.item.root,
            level=each.content.level,
            rows=[list(r) for r in each.content.rows],
            approved_by=list(each.offices),
            needed=each.needed,
            changed=each.changed,
            short=each.short,
        )
    return 0
