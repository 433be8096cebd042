"""Signing the seal of an item that is held."""

from __future__ import annotations

from functools import partial

from comity.case.verified import Verified
from comity.exchange import evidence
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
    Section,
    checks,
    instant,
    line,
    pick,
)
from comity.web.phrases import phrase
from comity.web.typed import Checking, Typed

# -- evidence.seal ---------------------------------------------------------------------------------


def _seal_form(desk: Desk, typed: Typed) -> Form:
    held = evidence.held_item(desk.node, typed.one("item"))
    return Form(
        title="Sign a seal",
        lead=phrase(
            "Commit to {}, row by row, without showing a row of it.", held.name or phrase("this item")
        ),
        effect=(
            "It fixes what you held and when; it does not show that what is in it is genuine.",
            "Any row can be shown later, alone, with a proof that it stood there from now on.",
        ),
        sections=(
            Section(
                title="What the seal tells",
                fields=(
                    checks(
                        typed,
                        "show-name",
                        "The file's name",
                        [Choice(value="yes", words=phrase("say that it is called {}", held.name))],
                        ["yes"],
                    ),
                ),
            ),
            Section(
                title="How you came to hold it",
                legend="All of this is as you declare it, and shown as that. Leave out what you do not know.",
                fields=(
                    line(typed, "by", "Collected by"),
                    line(typed, "system", "From which system"),
                    pick(
                        typed,
                        "method",
                        "How",
                        [
                            Choice(value="", words=phrase("not said")),
                            *(Choice(value=v, words=phrase(each.words)) for v, each in words.METHODS.items()),
                        ],
                    ),
                    line(typed, "tool", "With which tool"),
                    line(typed, "authority", "On which authority"),
                    instant(typed, "began", "Collection began, in UTC"),
                    instant(typed, "ended", "Collection ended, in UTC"),
                ),
            ),
        ),
    )


def _take_seal(desk: Desk, typed: Typed) -> Making:
    held = evidence.held_item(desk.node, typed.one("item"))
    check = Checking(typed)
    custody = kinds.Custody(
        by=check.line("by", "who collected it"),
        system=check.line("system", "the system"),
        method=check.choice("method", "how", ["", *words.METHODS], required=False),  # type: ignore[arg-type]
        tool=check.line("tool", "the tool"),
        authority=check.line("authority", "the authority"),
        began=check.instant("began", "when it began"),
        ended=check.instant("ended", "when it ended"),
    )
    if custody.began and custody.ended and custody.ended < custody.began:
        check.refuse("ended", "It ended before it began.")
    named = bool(typed.many("show-name"))
    check.done()
    told = (("collected by", custody.by), ("from", custody.system), ("with", custody.tool))
    return Making(
        act=partial(_seal, desk.case, held.item.root, custody, named),
        said=(
            ("seals", held.name if named else phrase("an item without a name")),
            ("rows", phrase("{} of format {}", f"{held.item.size - 1:,}", held.format)),
            ("root", held.item.root),
            *((name, text) for name, text in told if text),
        ),
        notes=("Its rows stay here. The seal holds no row and no digest of the file that could be guessed.",),
    )


def _seal(case: str, root: str, custody: kinds.Custody, named: bool, node: Node) -> Verified[Record]:
    return evidence.commit_held(node, case, root, custody=custody, show_name=named)


FORMS: tuple[ActForm, ...] = (ActForm(name="seal", lay_out=_seal_form, take=_take_seal),)
