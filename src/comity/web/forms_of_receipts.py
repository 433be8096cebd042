"""Opening what was disclosed, checking every proof of it, and saying so to whoever showed it."""

from __future__ import annotations

from functools import partial

from comity.case.verified import Verified
from comity.exchange import disclosing
from comity.exchange.node import Node
from comity.records import kinds
from comity.records.bundles import Record
from comity.web.desk import Desk
from comity.web.forms import ActForm, Form, Making, Quoted, Told
from comity.web.phrases import phrase
from comity.web.reading import write_rows
from comity.web.typed import Typed


def _open_form(desk: Desk, typed: Typed) -> Form:
    record = typed.one("about-record")
    _, content = disclosing.shown_at(desk.node, desk.case, record)
    whole = content.level == "whole"
    what = phrase("the whole item") if whole else write_rows([content.rows])
    effect = [
        phrase("Every proof is checked before you sign; what was found stands in the review."),
        phrase("That proofs hold says that these bytes are what was sealed, and not that they are true."),
    ]
    if whole:
        effect.append(phrase("The item is then held here, with its key, and its rows are open on its page."))
    return Form(
        title="Open what was disclosed, and say what came",
        lead="A receipt is signed: that it came, and whether its proofs hold.",
        about=(
            Quoted(
                by=desk.author_of(record),
                what=phrase("shows {}", what),
                text=desk.reading.item_name(content.item),
                link=f"/record/{record}",
            ),
        ),
        effect=tuple(effect),
        sections=(),
    )


def _take_open(desk: Desk, typed: Typed) -> Making:
    record = typed.one("about-record")
    _, content = disclosing.shown_at(desk.node, desk.case, record)
    what = phrase("the whole item") if content.level == "whole" else write_rows([content.rows])
    return Making(
        act=partial(_open, desk.case, record),
        said=(("opens", phrase("{} of {}", what, desk.reading.item_name(content.item))),),
        outcome=_tell_outcome,
    )


def _tell_outcome(content: kinds.Content) -> Told:
    if not isinstance(content, kinds.Checked):
        return ()
    if content.result == "verified":
        return (("found", phrase("every proof holds: these bytes are what was sealed")),)
    return (("found", phrase("a proof does not hold ({})", content.code)),)


def _open(case: str, disclosure: str, node: Node) -> Verified[Record]:
    return disclosing.say_what_opened(node, case, disclosure)[0]


FORMS: tuple[ActForm, ...] = (ActForm(name="open-shown", lay_out=_open_form, take=_take_open),)
