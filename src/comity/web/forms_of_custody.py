"""Handing an item over, receiving it, holding it, erasing it: each form says what its act does not reach."""

from __future__ import annotations

from functools import partial
from typing import Final

from comity.case.custody import KEPT, holds_of
from comity.case.verified import Verified
from comity.errors import Refused
from comity.exchange import custody, erasing, evidence
from comity.exchange.node import Node
from comity.records import kinds
from comity.records.bundles import Record
from comity.web import words
from comity.web.desk import Desk
from comity.web.forms import (
    ActForm,
    Choice,
    Form,
    Making,
    Quoted,
    Section,
    checks,
    line,
    options,
    quote_record,
    radio,
)
from comity.web.forms import text as text_field
from comity.web.phrases import count_of, phrase
from comity.web.typed import Checking, Typed
from comity.web.words import label

COPIES: Final = {
    "working": (phrase("a working copy"), phrase("to look at; the original stays with you")),
    "evidentiary": (phrase("the evidentiary copy"), phrase("the one that proceedings would rest on")),
}
NOT_REACHED: Final = (
    "It does not reach printouts, screenshots, backups of machines, and what a recipient passed on.",
    "No record can prove that bytes are gone somewhere else.",
)


def _sealed(desk: Desk, typed: Typed) -> tuple[str, kinds.Seal]:
    seal = typed.one("seal")
    return seal, evidence.sealed_at(desk.node, desk.case, seal)[1]


def _quote_seal(desk: Desk, seal: str, sealed: kinds.Seal) -> Quoted:
    return Quoted(
        by=desk.author_of(seal),
        what=phrase("sealed {}", count_of(sealed.item.size - 1, "row")),
        text=desk.reading.item_name(sealed.item),
        link=f"/evidence/{sealed.item.root}",
    )


def _holders(desk: Desk, item: kinds.Item) -> tuple[str, ...]:
    """Who holds an item against erasure in this case, by id."""
    return tuple(sorted(holds_of(desk.reading.state, item), key=desk.reading.place))


# -- evidence.transfer, evidence.receive -----------------------------------------------------------


def _transfer_form(desk: Desk, typed: Typed) -> Form:
    seal, sealed = _sealed(desk, typed)
    return Form(
        title="Hand an item over",
        lead=phrase("Sign your half of handing over {}.", desk.reading.item_name(sealed.item)),
        about=(_quote_seal(desk, seal, sealed),),
        effect=(
            "It says that you handed it over; that it arrived is said by the other side's own record.",
            "The bytes go another way: as a disclosure of the whole item, or on a disk.",
        ),
        sections=(
            Section(
                title="To whom, and what for",
                fields=(
                    radio(typed, "to", "To", options(desk.others), required=True),
                    text_field(typed, "purpose", "What for", required=True, rows=2),
                    radio(
                        typed,
                        "copy",
                        "You hand over",
                        [Choice(value=v, words=w, aside=a) for v, (w, a) in COPIES.items()],
                        "working",
                        required=True,
                    ),
                    line(typed, "means", "How it travels", hint="As: sealed disk by courier."),
                    line(typed, "container", "Number on its physical seal"),
                ),
            ),
        ),
    )


def _take_transfer(desk: Desk, typed: Typed) -> Making:
    seal, sealed = _sealed(desk, typed)
    check = Checking(typed)
    to = check.choice("to", "to whom", [v for v, _, _ in desk.others])
    purpose = check.text("purpose", "what for", required=True)
    copy = check.choice("copy", "which copy", COPIES)
    means = check.line("means", "how it travels")
    container = check.line("container", "the number on its seal")
    check.done()
    content = (seal, to, purpose, copy, means, container)
    told = (("how it travels", means), ("number on its seal", container))
    return Making(
        act=partial(_transfer, desk.case, content),
        said=(
            ("hands over", phrase("{} of {}", COPIES[copy][0], desk.reading.item_name(sealed.item))),
            ("to", desk.reading.who(to).name),
            ("what for", purpose),
            *((name, text) for name, text in told if text),
        ),
        notes=("It stands as signed by one side until the other signs that it came.",),
    )


def _transfer(case: str, content: tuple[str, str, str, str, str, str], node: Node) -> Verified[Record]:
    seal, to, purpose, copy, means, container = content
    return custody.transfer(
        node,
        case,
        seal,
        to,
        purpose,
        copy=copy,  # type: ignore[arg-type]  # one of the choices
        means=means,
        container=container,
    )


def _handed(desk: Desk, typed: Typed) -> tuple[str, kinds.Transfer]:
    record = typed.one("about-record")
    content = desk.accepted(record, kinds.Transfer, "a handing over")
    assert isinstance(content, kinds.Transfer)
    if content.to != desk.own:
        raise Refused("custody.transfer", record[:12], "it is handed over to another party")
    return record, content


def _receive_form(desk: Desk, typed: Typed) -> Form:
    record, handed = _handed(desk, typed)
    what = phrase("hands over {} of {}", COPIES[handed.copy][0], desk.reading.item_name(handed.item))
    return Form(
        title="Say that an item came, or that you do not take it",
        lead="Your half of a handing over: as what it came, and how you know that it is this item.",
        about=(quote_record(desk, record, what, handed.purpose),),
        effect=("It says what you found on arrival. It says nothing about whether the content is genuine.",),
        sections=(
            Section(
                title="What came",
                fields=(
                    radio(
                        typed,
                        "condition",
                        "It came",
                        [Choice(value=v, words=phrase(each.words)) for v, each in words.CONDITIONS.items()],
                        required=True,
                    ),
                    radio(
                        typed,
                        "checked",
                        "What you checked",
                        [Choice(value=v, words=phrase(each.words)) for v, each in words.CHECKED.items()],
                        required=True,
                    ),
                    text_field(typed, "text", "Words of your own", rows=3),
                ),
            ),
        ),
    )


def _take_receive(desk: Desk, typed: Typed) -> Making:
    record, handed = _handed(desk, typed)
    check = Checking(typed)
    condition = check.choice("condition", "as what it came", words.CONDITIONS)
    checked = check.choice("checked", "what you checked", words.CHECKED)
    text = check.text("text", "your words", required=condition in ("damaged", "not-accepted"))
    check.done()
    return Making(
        act=partial(_receive, desk.case, record, condition, checked, text),
        said=(
            ("item", desk.reading.item_name(handed.item)),
            ("came", phrase(label(words.CONDITIONS, condition).words)),
            ("checked", phrase(label(words.CHECKED, checked).words)),
            *((("in your words", text),) if text else ()),
        ),
    )


def _receive(case: str, handed: str, condition: str, checked: str, text: str, node: Node) -> Verified[Record]:
    return custody.receive(node, case, handed, condition, checked, text=text)  # type: ignore[arg-type]


# -- evidence.hold ---------------------------------------------------------------------------------


def _hold_form(desk: Desk, typed: Typed) -> Form:
    seal, sealed = _sealed(desk, typed)
    held = desk.own in _holders(desk, sealed.item)
    if held:
        effect = (
            "What was declared erased meanwhile is destroyed on this node at once.",
            "That it was held, and until when, stays on the record.",
        )
    else:
        effect = (
            "This node keeps its copy, and all packages of its rows, whoever declares the item erased.",
            "It binds this node only. Ask others to preserve theirs with a request.",
        )
    return Form(
        title="Let go of a hold" if held else "Hold an item against erasure",
        lead=phrase(
            "{} {}.",
            desk.reading.item_name(sealed.item),
            phrase("is held by you") if held else phrase("is not held by you"),
        ),
        about=(_quote_seal(desk, seal, sealed),),
        effect=effect,
        sections=(
            Section(
                title="Why",
                fields=(
                    text_field(
                        typed,
                        "basis",
                        "Basis",
                        required=True,
                        rows=3,
                        hint="A law, an order, an agreement, or another basis, in your words.",
                    ),
                ),
            ),
        ),
    )


def _take_hold(desk: Desk, typed: Typed) -> Making:
    seal, sealed = _sealed(desk, typed)
    check = Checking(typed)
    basis = check.text("basis", "the basis", required=True)
    check.done()
    held = desk.own in _holders(desk, sealed.item)
    return Making(
        act=partial(_release if held else _hold, desk.case, seal, basis),
        said=(
            ("lets go of" if held else "holds", desk.reading.item_name(sealed.item)),
            ("on the basis", basis),
        ),
    )


def _hold(case: str, seal: str, basis: str, node: Node) -> Verified[Record]:
    return custody.hold(node, case, seal, basis)


def _release(case: str, seal: str, basis: str, node: Node) -> Verified[Record]:
    return custody.release(node, case, seal, basis)[0]


# -- evidence.erase, record.erase ------------------------------------------------------------------


def _erase_item_form(desk: Desk, typed: Typed) -> Form:
    seal, sealed = _sealed(desk, typed)
    own = desk.author_of(seal).own
    both = (
        Choice(value="own", words=phrase("your copies"), aside=phrase("others keep theirs")),
        Choice(
            value="all",
            words=phrase("every copy"),
            aside=phrase(
                "nodes that comply destroy theirs when this reaches them, unless they hold the item"
            ),
        ),
    )
    return Form(
        title="Erase an item",
        lead=phrase("Destroy {}, with a signed record that says so.", desk.reading.item_name(sealed.item)),
        about=(_quote_seal(desk, seal, sealed),),
        effect=(
            "On this node the file, its key and every package of its rows are destroyed at once, for good.",
            "Its seal stays. Rows shown before still verify against it.",
            "Readers are told: committed, erased.",
            *NOT_REACHED,
        ),
        sections=(
            Section(
                title="What is erased, and why",
                fields=(
                    radio(
                        typed,
                        "copies",
                        "Erase",
                        both if own else both[:1],
                        "own",
                        required=True,
                        hint="" if own else "Only who sealed an item can ask every holder to erase it.",
                    ),
                    text_field(typed, "basis", "Basis", required=True, rows=3, hint=_BASIS),
                    checks(typed, "sure", "For good", [Choice(value="yes", words=_SURE)]),
                ),
            ),
        ),
    )


_BASIS: Final = "What all who knew of it will read in its place: a law, an agreement, a request, in words."
_SURE: Final = phrase("I know that this node cannot bring it back")


def _take_erase_item(desk: Desk, typed: Typed) -> Making:
    seal, sealed = _sealed(desk, typed)
    check = Checking(typed)
    copies = check.choice("copies", "what is erased", ("own", "all"))
    basis = _take_basis(check)
    held = evidence.held_items(desk.node).get(sealed.item.root)
    shown = [
        r.content
        for r in desk.reading.state.of("evidence.disclose")
        if isinstance(r.content, kinds.Disclose) and r.content.item == sealed.item
    ]
    had = dict.fromkeys(party for each in shown for party in each.to)
    others = [desk.reading.who(p).name for p in _holders(desk, sealed.item) if p != desk.own]
    notes = [
        "It is held whole here, and is destroyed when this is signed."
        if held
        else "It is not held whole here; packages of its rows are destroyed when this is signed.",
    ]
    if had:
        notes.append(phrase("Shown before to: {}.", ", ".join(desk.reading.who(p).name for p in had)))
    if others and copies == "all":
        notes.append(phrase("Held against erasure by {}: there it stays.", ", ".join(others)))
    notes += [
        phrase(
            "{} tells the same, made from it or it from that, and stays here; erase it too.",
            desk.reading.item_name(kin),
        )
        for kin in erasing.kin_held(desk.node, sealed.item)
    ]
    if held and any(
        each.blob == held.blob and root != sealed.item.root
        for root, each in evidence.held_items(desk.node).items()
    ):
        notes.append(phrase("Another item here has the same bytes, so the file stays; erase it too."))
    whose = phrase("every copy") if copies == "all" else phrase("its own copies")
    return Making(
        act=partial(_erase_item, desk.case, seal, basis, copies),
        said=(
            ("erases", phrase("{} of {}", whose, desk.reading.item_name(sealed.item))),
            ("on the basis", basis),
        ),
        notes=(*notes, *NOT_REACHED),
    )


def _take_basis(check: Checking) -> str:
    basis = check.text("basis", "the basis", required=True)
    if check.typed.many("sure") != ("yes",):
        check.refuse("sure", "Say that you know it is for good.")
    check.done()
    return basis


def _erase_item(case: str, seal: str, basis: str, copies: str, node: Node) -> Verified[Record]:
    return custody.erase_item(node, case, seal, basis, copies=copies)[0]  # type: ignore[arg-type]


def _own_record(desk: Desk, typed: Typed) -> tuple[str, str, int]:
    """The record to be erased, its kind, and how many others build on it."""
    record = typed.one("about-record")
    found = desk.reading.state.accepted.get(record)
    if found is None or found.author != desk.own:
        raise Refused("erase.author", record[:12], "not an accepted record of this party in this case")
    if found.frame.kind in KEPT:
        raise Refused("erase.kind", record[:12], "the case is judged by records of this kind")
    citing = sum(record in each.frame.references for each in desk.reading.state.accepted.values())
    return record, found.frame.kind, citing


def _erase_record_form(desk: Desk, typed: Typed) -> Form:
    record, kind, citing = _own_record(desk, typed)
    number = desk.reading.numbers[record]
    built = (
        checks(
            typed,
            "anyway",
            phrase(
                "{} {} on it",
                count_of(citing, "record"),
                phrase("builds") if citing == 1 else phrase("build"),
            ),
            [Choice(value="yes", words=phrase("erase it all the same"))],
            hint="Without its content they cannot be judged any more, and wait from then on.",
        ),
    )
    return Form(
        title="Erase the content of a record",
        lead=phrase(
            "Destroy what your record № {} ({}) says, with a signed record in its place.", number, kind
        ),
        about=(quote_record(desk, record, phrase("signed this"), f"№ {number} {kind}"),),
        effect=(
            "On this node its content is destroyed at once; on nodes that comply, when this reaches them.",
            "Its envelope and its commitment stay and verify; readers are told: committed, erased.",
            "An assertion is not withdrawn by this. To say that you no longer stand by it, withdraw it.",
            *NOT_REACHED,
        ),
        sections=(
            Section(
                title="Why",
                fields=(
                    text_field(typed, "basis", "Basis", required=True, rows=3, hint=_BASIS),
                    *(built if citing else ()),
                    checks(typed, "sure", "For good", [Choice(value="yes", words=_SURE)]),
                ),
            ),
        ),
    )


def _take_erase_record(desk: Desk, typed: Typed) -> Making:
    record, kind, citing = _own_record(desk, typed)
    check = Checking(typed)
    anyway = bool(typed.many("anyway"))
    if citing and not anyway:
        check.refuse("anyway", "Say whether to erase it although others build on it.")
    basis = _take_basis(check)
    return Making(
        act=partial(_erase_record, desk.case, record, basis, anyway),
        said=(
            ("erases the content of", phrase("№ {} {}", desk.reading.numbers[record], kind)),
            ("on the basis", basis),
        ),
        notes=NOT_REACHED,
    )


def _erase_record(case: str, record: str, basis: str, anyway: bool, node: Node) -> Verified[Record]:
    return custody.erase_record(node, case, record, basis, anyway=anyway)[0]


FORMS: tuple[ActForm, ...] = (
    ActForm(name="transfer", lay_out=_transfer_form, take=_take_transfer),
    ActForm(name="receive", lay_out=_receive_form, take=_take_receive),
    ActForm(name="hold", lay_out=_hold_form, take=_take_hold),
    ActForm(name="erase-item", lay_out=_erase_item_form, take=_take_erase_item),
    ActForm(name="erase-record", lay_out=_erase_record_form, take=_take_erase_record),
)
