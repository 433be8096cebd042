"""Private matching: offering a list, asking against one, answering. Each form says who learns what by it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import partial
from typing import Final, cast

from comity.case.matching import answer_of, use_of
from comity.case.verified import Verified
from comity.errors import Malformed, Refused
from comity.exchange import evidence, matching
from comity.exchange.node import Node
from comity.matching import indicators as known
from comity.matching.indicators import Indicator, Type
from comity.records import kinds
from comity.records.bundles import Record
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
    radio,
)
from comity.web.forms import text as text_field
from comity.web.phrases import count_of, phrase, sentence
from comity.web.typed import Checking, Typed

ASKER_LEARNS: Final = (
    "Whoever asks learns which of the indicators that it asked are in the list, and nothing of the others."
)
OFFERER_LEARNS: Final = (
    "Whoever offers learns how many were asked, never which, and not which of them matched."
)
CASE_LEARNS: Final = "All who read the case learn who asked how many, of which list, and the quota."
NO_MORE: Final = "A match shows that both sides wrote down the same indicator, not that it is genuine."
MADE_ANEW: Final = (
    "Key, root and package of the record are made by chance, and are made anew when you sign: they will "
    "differ from those below. What you agree to is what stands above."
)
TYPES: Final = {
    "ip": phrase("addresses (IP)"),
    "domain": phrase("domain names"),
    "hash": phrase("digests of files"),
    "email": phrase("mail addresses"),
}
USES: Final = {
    "information": phrase("information only"),
    "defence": phrase("defence of systems"),
    "proceedings": phrase("legal proceedings"),
}
SKIPPED: Final = 20
"""Lines left out that a review names."""


def _sources(desk: Desk, typed: Typed) -> Section:
    return Section(
        title="Which indicators",
        legend="They stay here. What is written into the record says nothing to anyone who may not ask.",
        fields=(
            text_field(
                typed,
                "indicators",
                "One a line",
                rows=8,
                hint="Addresses, domain names, digests, mail addresses; written as 192.0.2[.]7 or hxxp too. "
                "Lines that begin with # are left out.",
            ),
            checks(
                typed,
                "item",
                "And all that stand in a sealed item",
                _held_seals(desk),
                hint="Domain names are taken from an item only where you choose them alone: "
                "a file name looks like one.",
            ),
            checks(
                typed,
                "types",
                "Only these kinds",
                [Choice(value=v, words=w) for v, w in TYPES.items()],
                hint="All of them, where you choose none.",
            ),
        ),
    )


def _held_seals(desk: Desk) -> tuple[Choice, ...]:
    held = evidence.held_items(desk.node)
    return tuple(
        Choice(
            value=seal.id,
            words=phrase("№ {} {}", desk.reading.numbers[seal.id], desk.reading.item_name(seal.content.item)),
            aside=count_of(seal.content.item.size - 1, "row"),
        )
        for seal in reversed(desk.reading.state.of("evidence.seal"))
        if isinstance(seal.content, kinds.Seal) and seal.content.item.root in held
    )


def _take_sources(desk: Desk, check: Checking) -> tuple[tuple[Indicator, ...], tuple[str, ...], list[str]]:
    """The indicators, the notes on lines that were left out, and the seals of the items."""
    types = cast("tuple[Type, ...]", check.several("types", "kinds", TYPES))
    seals = check.several("item", "sealed items", [c.value for c in _held_seals(desk)])
    typed = check.typed.one("indicators")
    found: set[Indicator] = set()
    notes: tuple[str, ...] = ()
    try:
        gathered = known.read_list(typed.encode("utf-8", "replace"), "line", types or known.TYPES)
    except Malformed as error:
        check.refuse("indicators", sentence(error.why))
    else:
        found.update(gathered.indicators)
        notes = tuple(
            phrase("Left out, {}: {}.", where.replace(":", " "), why)
            for where, why in gathered.skipped[:SKIPPED]
        )
        if len(gathered.skipped) > SKIPPED:
            notes += (phrase("And {} more left out.", count_of(len(gathered.skipped) - SKIPPED, "line")),)
    unnamed = types or tuple(t for t in known.TYPES if t != "domain")
    for seal in seals:
        root = evidence.sealed_at(desk.node, desk.case, seal)[1].item.root
        found.update(matching.indicators_of_item(desk.node, root, unnamed))
    if not found and all(each.field != "indicators" for each in check.wrong):
        check.refuse("indicators", "Name at least one indicator that has one form. " + " ".join(notes[:3]))
    return tuple(sorted(found)), notes, list(seals)


def _counts(indicators: Sequence[Indicator]) -> str:
    gathered = known.Gathered(indicators=tuple(indicators), skipped=())
    told = phrase("{}: ", count_of(len(indicators), "indicator"))
    for place, (kind, n) in enumerate(gathered.counts().items()):
        told += phrase("{}{} {}", ", " if place else "", f"{n:,}", TYPES[kind])
    return told


def _agreed(*parts: object) -> str:
    return hashlib.sha256("\n".join(map(str, parts)).encode("utf-8", "surrogatepass")).hexdigest()


# -- match.offer -----------------------------------------------------------------------------------


def _offer_form(desk: Desk, typed: Typed) -> Form:
    before = typed.one("about-record")
    if before and not typed.said("name"):
        typed = typed.with_field("name", matching.offer_at(desk.reading.state, before)[1].list)
    return Form(
        title="Offer a list for private matching",
        lead="Others learn which of theirs are in it, without you or them showing a list.",
        effect=(ASKER_LEARNS, OFFERER_LEARNS, CASE_LEARNS, NO_MORE),
        sections=(
            _sources(desk, typed),
            Section(
                title="The list",
                fields=(
                    line(
                        typed,
                        "name",
                        "What it is called",
                        required=True,
                        hint="The name of a list of yours makes this its next version: a new key, and the "
                        "questions asked before count on.",
                    ),
                    text_field(typed, "purpose", "Why you offer it", required=True, rows=2),
                    line(
                        typed,
                        "pad-to",
                        "Fill it up to",
                        hint="A number. Random tokens are added, so that how many it holds is hidden.",
                    ),
                ),
            ),
            Section(
                title="Who may ask, and how much",
                fields=(
                    checks(typed, "to", "Parties", options(desk.others)),
                    line(
                        typed,
                        "quota",
                        "Indicators that each of them may ask",
                        required=True,
                        hint="Over all versions of the list. It is the only bound on what can be learnt by "
                        "asking: a quota as large as a network lets its addresses be tried one by one.",
                    ),
                    radio(
                        typed,
                        "use",
                        "A match may be used for",
                        [Choice(value=v, words=w) for v, w in USES.items()],
                        "information",
                        required=True,
                    ),
                ),
            ),
        ),
    )


def _whole(check: Checking, name: str, what: str, most: int, *, required: bool) -> int:
    text = check.typed.one(name).replace(",", "").replace(" ", "")
    if not text and not required:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) < 12 and 1 <= int(text) <= most):
        check.refuse(name, phrase("Write {} as a number from 1 to {}.", phrase(what), f"{most:,}"))
        return 0
    return int(text)


def _take_offer(desk: Desk, typed: Typed) -> Making:
    check = Checking(typed)
    name = check.line("name", "what the list is called", required=True)
    purpose = check.text("purpose", "why you offer it", required=True)
    to = check.several("to", "at least one party", [v for v, _, _ in desk.others], required=True)
    quota = _whole(check, "quota", "the quota", 10_000_000, required=True)
    pad_to = _whole(check, "pad-to", "the size", 1_000_000, required=False)
    use = check.choice("use", "a use", USES)
    indicators, notes, seals = _take_sources(desk, check)
    check.done()
    content = (name, indicators, to, quota, purpose, use, pad_to, tuple(seals))
    padded = phrase("; filled up to {}", f"{pad_to:,}") if pad_to > len(indicators) else ""
    return Making(
        act=partial(_offer, desk.case, content),
        agreed=_agreed(desk.case, content),
        said=(
            ("offers", name),
            ("which holds", _counts(indicators) + padded),
            ("to", ", ".join(desk.reading.who(p).name for p in to)),
            ("of which each may ask", count_of(quota, "indicator")),
            ("a match may be used for", USES[use]),
            ("because", purpose),
        ),
        notes=(MADE_ANEW, *notes),
    )


def _offer(
    case: str,
    content: tuple[str, tuple[Indicator, ...], tuple[str, ...], int, str, str, int, tuple[str, ...]],
    node: Node,
) -> Verified[Record]:
    name, indicators, to, quota, purpose, use, pad_to, seals = content
    return matching.offer_list(
        node,
        case,
        name,
        indicators,
        to=to,
        quota=quota,
        purpose=purpose,
        use=use,  # type: ignore[arg-type]  # one of the choices
        pad_to=pad_to,
        seals=seals,
    )


# -- match.ask -------------------------------------------------------------------------------------


def _offered(desk: Desk, typed: Typed) -> tuple[str, kinds.Offer, Quoted]:
    record = typed.one("about-record")
    _, content = matching.offer_at(desk.reading.state, record)
    quoted = Quoted(
        by=desk.author_of(record),
        what=phrase(
            "offers “{}”, version {}, of at most {}, for {}",
            content.list,
            content.version,
            count_of(content.count, "indicator"),
            USES[content.use],
        ),
        text=content.purpose,
        link=f"/case/{desk.case}/matching",
    )
    return record, content, quoted


def _ask_form(desk: Desk, typed: Typed) -> Form:
    record, content, quoted = _offered(desk, typed)
    if desk.own not in content.to:
        raise Refused("match.other", record[:12], "it is offered to other parties")
    use = use_of(desk.reading.state, record, desk.own)
    left = max(0, use.quota - use.asked)
    held = ", ".join(TYPES[t] for t in content.types)
    return Form(
        title="Ask against a list",
        lead=phrase("You may still ask {} of {}. The list holds {}.", f"{left:,}", f"{use.quota:,}", held),
        about=(quoted,),
        effect=(
            "Your indicators leave here blinded: nobody can tell what they are, whatever it computes.",
            ASKER_LEARNS,
            OFFERER_LEARNS,
            CASE_LEARNS,
            NO_MORE,
        ),
        sections=(
            _sources(desk, typed),
            Section(
                title="Why you ask",
                fields=(text_field(typed, "purpose", "In your words", required=True, rows=2),),
            ),
        ),
    )


def _take_ask(desk: Desk, typed: Typed) -> Making:
    record, content, _ = _offered(desk, typed)
    check = Checking(typed)
    purpose = check.text("purpose", "why you ask", required=True)
    indicators, notes, _ = _take_sources(desk, check)
    check.done()
    before = {one for each in matching.results(desk.node) if each.offer == record for one, _ in each.found}
    other = sum(one.type not in content.types for one in indicators)
    again = sum(one in before for one in indicators)
    asked = [one for one in indicators if one.type in content.types and one not in before]
    left_out = [
        *(
            [phrase("{} of a kind that the list does not hold", count_of(other, "indicator"))]
            if other
            else []
        ),
        *([phrase("{} asked before of this version", count_of(again, "indicator"))] if again else []),
    ]
    use = use_of(desk.reading.state, record, desk.own)
    return Making(
        act=partial(_ask, desk.case, record, indicators, purpose),
        agreed=_agreed(desk.case, record, indicators, purpose),
        said=(
            ("asks", phrase("{}; blinded", _counts(asked)) if asked else phrase("nothing")),
            ("against", phrase("“{}” of {}", content.list, desk.author_of(record).name)),
            ("because", purpose),
            ("asked so far", phrase("{} of {}", f"{use.asked:,}", f"{use.quota:,}")),
        ),
        notes=(MADE_ANEW, *(phrase("Left out: {}.", each) for each in left_out), *notes),
    )


def _ask(
    case: str, offer: str, indicators: tuple[Indicator, ...], purpose: str, node: Node
) -> Verified[Record]:
    return matching.ask_list(node, case, offer, indicators, purpose=purpose)[0]


# -- match.answer ----------------------------------------------------------------------------------


def _asked(desk: Desk, typed: Typed) -> tuple[str, kinds.Ask, kinds.Offer]:
    record = typed.one("about-record")
    _, asked = matching.ask_at(desk.reading.state, record)
    offer, offered = matching.offer_at(desk.reading.state, asked.offer)
    if offer.author != desk.own:
        raise Refused("match.other", record[:12], "it asks about another party's list")
    if answer_of(desk.reading.state, record) is not None:
        raise Refused("match.answered", record[:12], "it is answered already")
    return record, asked, offered


def _answer_form(desk: Desk, typed: Typed) -> Form:
    record, asked, offered = _asked(desk, typed)
    by = desk.author_of(record)
    use = use_of(desk.reading.state, asked.offer, by.id)
    over = use.answered + asked.count > use.quota
    return Form(
        title="Answer a private question",
        lead=phrase(
            "{} against “{}”; {} of {} were answered before.",
            count_of(asked.count, "indicator"),
            offered.list,
            f"{use.answered:,}",
            f"{use.quota:,}",
        ),
        about=(
            Quoted(
                by=by,
                what=phrase("asks {}", count_of(asked.count, "blinded indicator")),
                text=asked.purpose,
                link=f"/record/{record}",
            ),
        ),
        effect=(
            "It goes beyond the quota: what you sign refuses it, and says so."
            if over
            else "The answer is made with the key of the list, and a proof shows that it was.",
            OFFERER_LEARNS,
            ASKER_LEARNS,
            CASE_LEARNS,
        ),
        sections=(),
    )


def _take_answer(desk: Desk, typed: Typed) -> Making:
    record, asked, offered = _asked(desk, typed)
    return Making(
        act=partial(_answer, desk.case, record),
        agreed=_agreed(desk.case, record),
        said=(
            (
                "answers",
                phrase("{}: {}", desk.author_of(record).name, count_of(asked.count, "blinded indicator")),
            ),
            ("against", phrase("“{}”, version {}", offered.list, offered.version)),
        ),
        notes=("The proof is made by chance, and is made anew when you sign.",),
    )


def _answer(case: str, ask: str, node: Node) -> Verified[Record]:
    return matching.answer_ask(node, case, ask)


FORMS: tuple[ActForm, ...] = (
    ActForm(name="match-offer", lay_out=_offer_form, take=_take_offer),
    ActForm(name="match-ask", lay_out=_ask_form, take=_take_ask),
    ActForm(name="match-answer", lay_out=_answer_form, take=_take_answer),
)
