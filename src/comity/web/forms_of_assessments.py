"""Making an assessment: from what the case's findings offer, or a file of items; weighed, then signed."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from comity.case.verified import Verified
from comity.exchange import acts
from comity.exchange.assessing import assess_written, begin_file, items_of_offers, render_file
from comity.exchange.node import Node
from comity.records import kinds
from comity.records.bundles import Record
from comity.web.desk import Desk
from comity.web.forms import ActForm, Choice, Form, Making, Section, checks, options, pick
from comity.web.forms import text as text_field
from comity.web.phrases import count_of, phrase
from comity.web.reading import tell_number
from comity.web.spans import write_count
from comity.web.typed import Checking, NotTaken, Typed, Wrong
from comity.weighing.in_the_case import place_in_case
from comity.weighing.items_file import parse_items
from comity.weighing.offers import offers_of
from comity.weighing.shown import show
from comity.weighing.sources import Source

Knowledge = Callable[[str], Source]
"""Gives the reports of that name; ``Unavailable`` where they are not installed."""

KNOWLEDGE: Final = {
    "attack": phrase("ATT&CK groups, as installed here"),
    "galaxies": phrase("threat actors of the MISP galaxies, as installed here"),
}
RELIABILITY: Final = {
    "A": phrase("A, completely reliable"),
    "B": phrase("B, usually reliable"),
    "C": phrase("C, fairly reliable"),
    "D": phrase("D, not usually reliable"),
    "E": phrase("E, unreliable"),
    "F": phrase("F, cannot be judged"),
}
CREDIBILITY: Final = {
    "1": phrase("1, confirmed by other sources"),
    "2": phrase("2, probably true"),
    "3": phrase("3, possibly true"),
    "4": phrase("4, doubtful"),
    "5": phrase("5, improbable"),
    "6": phrase("6, cannot be judged"),
}
QUESTION: Final = "Which cluster do these findings point at?"
OTHER_REPORTS: Final = "In pages reports are one of {}; for a file of your own use comity weigh."
NONE: Final = Choice(value="", words=phrase("choose"))


def _lay_out(desk: Desk, typed: Typed) -> Form:
    offers = offers_of(desk.reading.state)
    offered = [
        Choice(
            value=one.id,
            words=phrase("{}, by the rule {}: {}", one.observed, one.rule, count_of(one.rows, "row")),
            aside=phrase(
                "{}; origin {}", desk.reading.who(one.author).name, one.origin or phrase("not declared")
            ),
        )
        for one in offers
    ]
    return Form(
        title="Make an assessment",
        lead="Weigh explanations by the evidence: how likely each is, what it hangs on, what to ask next.",
        effect=(
            "The names are clusters of activity. A cluster is no person, organisation or state.",
            "Without enough evidence the answer is that there is not enough. That is a complete answer.",
            "Anyone who may read it can compute every figure again.",
        ),
        sections=(
            Section(
                title="Begin from what findings offer, if you like",
                legend="The technique tags of rules that matched. None is an item until you take it, "
                "and its grades are yours.",
                fields=(
                    checks(typed, "offer", "Take as items", offered),
                    pick(
                        typed,
                        "reliability",
                        "Your grade of their source",
                        [NONE, *(Choice(value=v, words=w) for v, w in RELIABILITY.items())],
                    ),
                    pick(
                        typed,
                        "credibility",
                        "Your grade of what they say",
                        [NONE, *(Choice(value=v, words=w) for v, w in CREDIBILITY.items())],
                    ),
                    pick(
                        typed,
                        "knowledge",
                        "Reports that answer for observed ids",
                        [
                            Choice(value="", words=phrase("none: every judgement is your own")),
                            *(Choice(value=v, words=w) for v, w in KNOWLEDGE.items()),
                        ],
                    ),
                ),
                fill="Put them into the file below",
            ),
            Section(
                title="What is weighed",
                fields=(
                    text_field(
                        typed,
                        "items",
                        "The file of items",
                        required=True,
                        rows=24,
                        hint="JSON, as for comity weigh; its help shows every field. Pressing the button "
                        "above with nothing chosen begins one, with every setting spelled out.",
                    ),
                    checks(
                        typed,
                        "to",
                        "Only these may read it",
                        options(desk.others),
                        hint="All members of the case, where you choose none.",
                    ),
                ),
            ),
        ),
    )


def _read_loosely(text: str) -> dict[str, Any]:
    """The object of a file that may not be finished yet; ``ValueError`` where it is none with a list of
    items."""
    found: object = json.loads(text)
    if not isinstance(found, dict) or not isinstance(found.setdefault("items", []), list):
        raise ValueError("it is no object with a list of items")
    return found


def _fill(desk: Desk, typed: Typed) -> Typed:
    """The file with the chosen offers added; begun where there is none."""
    check = Checking(typed)
    offers = {one.id: one for one in offers_of(desk.reading.state)}
    chosen = check.several("offer", "offers", offers)
    reliability = check.choice(
        "reliability", "your grade of their source", RELIABILITY, required=bool(chosen)
    )
    credibility = check.choice(
        "credibility", "your grade of what they say", CREDIBILITY, required=bool(chosen)
    )
    knowledge = check.choice("knowledge", "reports", KNOWLEDGE, required=False)
    file: dict[str, Any] = begin_file(knowledge, QUESTION)
    if text := typed.one("items"):
        try:
            file = _read_loosely(text)
        except (ValueError, RecursionError) as error:
            check.refuse("items", phrase("Nothing was put in: the file cannot be read. {}", str(error)[:200]))
    check.done()
    if knowledge:
        file["knowledge"] = knowledge
    there = {item.get("id") for item in file["items"] if isinstance(item, dict)}
    taken = [offers[name] for name in sorted(chosen) if name not in there]
    file["items"] += items_of_offers(taken, reliability, credibility)
    return typed.with_field("items", render_file(file))


def _take(knowledge: Knowledge | None, desk: Desk, typed: Typed) -> Making:
    check = Checking(typed)
    text = typed.one("items")
    if not text:
        check.refuse("items", "Give a file of items.")
    to = check.several("to", "readers", [v for v, _, _ in desk.others])
    check.done()
    file = parse_items(text.encode("utf-8", "replace"), "file")
    if file.knowledge and (file.knowledge not in KNOWLEDGE or knowledge is None):
        why = phrase(OTHER_REPORTS, ", ".join(KNOWLEDGE))
        raise NotTaken([Wrong(field="items", why=why)])
    source = knowledge(file.knowledge) if file.knowledge and knowledge is not None else None
    content = assess_written(file, source, desk.node, desk.reading.state, signed=True)
    shown = place_in_case(
        show(content, parties=desk.reading.member_names()),
        content,
        desk.reading.state,
        desk.node.party.id,
        partial(tell_number, desk.reading),
    )
    names = ", ".join(desk.reading.who(p).name for p in to)
    items = write_count(len(content.items), "item")
    named = write_count(len(content.hypotheses), "named hypothesis", "named hypotheses")
    return Making(
        act=partial(_assess, desk.case, content, to),
        said=(
            ("asks", shown.question),
            ("answers", shown.headline),
            ("because", shown.why),
            ("weighs", phrase("{}; {}", items, named)),
            ("hangs on", "\n".join(shown.hangs)),
            ("readers", names or phrase("all members of the case")),
        ),
        notes=(*shown.beside, *shown.warnings, *shown.limits),
    )


def _assess(case: str, content: kinds.Assess, to: tuple[str, ...], node: Node) -> Verified[Record]:
    return acts.assess(node, case, content, to=to)


def assess_form(knowledge: Knowledge | None) -> ActForm:
    """The form, with the reports that this node can answer from."""
    return ActForm(name="assess", lay_out=_lay_out, take=partial(_take, knowledge), fill=_fill)
