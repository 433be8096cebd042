"""Who approves what this party discloses, and sending what was approved."""

from __future__ import annotations

import re
from functools import partial

from comity.case.disclosures import approvers_now
from comity.case.verified import Verified
from comity.errors import Refused
from comity.exchange import disclosing, proposing
from comity.exchange.node import Node
from comity.records import kinds
from comity.records.bundles import Record
from comity.web.desk import Desk
from comity.web.forms import ActForm, Form, Making, Quoted, Section, line
from comity.web.forms import text as text_field
from comity.web.forms_of_disclosures import say_terms_of
from comity.web.phrases import count_of, phrase
from comity.web.spans import count_rows, spans_of
from comity.web.typed import Checking, Typed

_LINE = re.compile(r"(.{1,200}?)\s*[=:]\s*([0-9a-f]{64})")


# -- disclosure.approvers --------------------------------------------------------------------------


def _approvers_form(desk: Desk, typed: Typed) -> Form:
    if approvers_now(desk.reading.state, desk.own) is not None:
        named = "approvers are named; another list is approved under this one (comity disclose approvers)"
        raise Refused("disclose.approvers", desk.case[:12], named)
    return Form(
        title="Name who approves",
        lead="From then on this party discloses nothing in the case before so many of them approve it.",
        effect=(
            "Another list later needs the approvals of this one.",
            "Members of the case read who approves, and how many have to.",
        ),
        sections=(
            Section(
                title="Offices",
                fields=(
                    text_field(
                        typed,
                        "offices",
                        "One office a line, with the public key that it made",
                        required=True,
                        hint=phrase(
                            "As: Legal = {}. Each makes its key apart from this node, with: {}",
                            "3b6a…(64 digits)",
                            "comity disclose approver-key FILE",
                        ),
                    ),
                    line(typed, "needed", "How many have to approve", required=True, hint="From 1 to 8."),
                ),
            ),
        ),
    )


def _take_approvers(desk: Desk, typed: Typed) -> Making:
    _approvers_form(desk, typed)
    check = Checking(typed)
    told = check.text("offices", "at least one office", required=True)
    needed = typed.number("needed", 0, 99)
    found = []
    for number, each in enumerate(filter(str.strip, told.splitlines()), 1):
        read = _LINE.fullmatch(each.strip())
        if read is None:
            check.refuse("offices", phrase("Line {} is not an office, = and 64 hexadecimal digits.", number))
        else:
            found.append(kinds.Approver(office=read[1], key=read[2]))
    if len({a.key for a in found}) < len(found):
        check.refuse("offices", "One key stands twice.")
    if len(found) > 16:
        check.refuse("offices", "Name at most 16 offices.")
    if found and not 1 <= needed <= min(8, len(found)):
        check.refuse("needed", "Say a number from 1 to 8, and no more than there are offices.")
    check.done()
    return Making(
        act=partial(_name, desk.case, tuple(found), needed),
        said=(
            ("offices", "\n".join(a.office for a in found)),
            ("have to approve", phrase("{} of {}", needed, len(found))),
        ),
    )


def _name(case: str, found: tuple[kinds.Approver, ...], needed: int, node: Node) -> Verified[Record]:
    return disclosing.name_approvers(node, case, found, needed)


# -- evidence.disclose, as approved ----------------------------------------------------------------


def _send_form(desk: Desk, typed: Typed) -> Form:
    proposal = proposing.proposal_at(desk.node, desk.case, typed.one("proposal"))
    content = proposal.content
    return Form(
        title="Send what was approved",
        lead="The approvals are signed with it; whoever verifies the record verifies them too.",
        about=(
            Quoted(
                by=desk.author_of(proposal.seal),
                what=phrase("sealed {} rows", f"{content.item.size - 1:,}"),
                text=desk.reading.item_name(content.item),
                link=f"/case/{desk.case}/approvals/{proposal.id}",
            ),
        ),
        effect=(
            "What was shown stays shown: whoever has it can keep it and pass it on, whatever the terms say.",
            "That these rows were shown, to whom and on what terms, is read by all members of the case.",
        ),
        sections=(),
    )


def _take_send(desk: Desk, typed: Typed) -> Making:
    proposal = proposing.proposal_at(desk.node, desk.case, typed.one("proposal"))
    content = proposal.content
    rows = count_rows(spans_of([content.rows]))
    last = content.item.size - 1
    to = (
        phrase("everyone")
        if kinds.PUBLIC in content.to
        else ", ".join(desk.reading.who(p).name for p in content.to)
    )
    shows = (
        phrase("the whole item: all {} rows, and its key", f"{last:,}")
        if content.level == "whole"
        else phrase("{} of {} rows", f"{rows:,}", f"{last:,}")
    )
    opens = kinds.PUBLIC in content.to and not desk.reading.state.readable_by(proposal.seal, kinds.PUBLIC)
    return Making(
        agreed=proposal.id if opens else "",
        everyone=kinds.PUBLIC in content.to,
        act=partial(_send, desk.case, proposal.id),
        said=(
            ("shows", shows),
            ("to", to),
            *say_terms_of(content),
            ("approved by", ", ".join(a.office for a in proposal.approved)),
        ),
        notes=(
            phrase("What is approved has the digest {}.", proposal.id),
            *(
                (phrase("Not approved by {}.", count_of(len(proposal.awaited), "office")),)
                if proposal.awaited
                else ()
            ),
        ),
    )


def _send(case: str, name: str, node: Node) -> Verified[Record]:
    return proposing.send_proposed(node, case, name)


FORMS: tuple[ActForm, ...] = (
    ActForm(name="approvers", lay_out=_approvers_form, take=_take_approvers),
    ActForm(name="send-approved", lay_out=_send_form, take=_take_send),
)
