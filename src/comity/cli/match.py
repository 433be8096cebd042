"""``comity match``: what two parties share, without either showing the other its list."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from comity.cli.inputs import read_file
from comity.cli.listing import Listing
from comity.cli.options import case_option, choose_case, find_parties, home_option, marking_option, open_home
from comity.cli.output import Out, count, speaks
from comity.cli.record_told import tell_record
from comity.errors import ComityError, Refused

if TYPE_CHECKING:
    from comity.case.matching import Offered
    from comity.case.state import State
    from comity.exchange.node import Node
    from comity.matching.indicators import Indicator, Type

ASKER_LEARNS = (
    "The asking party learns which of the indicators that it asked are in the list, "
    "and nothing of the others."
)
OFFERER_LEARNS = "The offering party learns how many were asked, never which, and not which of them matched."
CASE_LEARNS = "Everyone who reads the case learns who asked how many, of which list, and the quota."
NO_MORE = (
    "A match shows that both sides wrote down the same indicator: not that it is genuine. Ask for its rows."
)


@click.group(name="match", cls=Listing)
def match_command() -> None:
    """Learn what two parties share, without either showing its list (RFC 9497).

    One party offers a committed list, another asks against it under a quota. Neither
    sees the other's indicators; a proof shows that every answer was made with the
    one key that the offer names. A match shows that both sides wrote down the same
    indicator, not that it is genuine: ask for the rows behind it.
    """


def source_options(function: Any) -> Any:
    """Where indicators come from: files, or sealed items."""
    for option in (
        click.option(
            "--type", "types", multiple=True, type=click.Choice(["ip", "domain", "hash", "email"]),
            help="Only these types (default: all; from an item without --field, all but domain); repeatable.",
        ),
        click.option(
            "--field", "fields", multiple=True, metavar="NAME",
            help="With --item: take them from this field of its rows only; repeatable.",
        ),
        click.option(
            "--item", "items", multiple=True, metavar="RECORD",
            help="Take the indicators from an item that you sealed in the case; repeatable.",
        ),
        click.argument("files", nargs=-1, type=click.Path(path_type=Path)),
    ):  # fmt: skip
        function = option(function)
    return function


@match_command.command(name="offer")
@source_options
@click.option("--name", required=True, help="What the list is called; the same name is its next version.")
@click.option("--to", multiple=True, required=True, metavar="PARTY", help="Who may ask; repeatable.")
@click.option(
    "--quota", type=click.IntRange(1), required=True, metavar="N",
    help="How many indicators each of them may ask, over all versions of the list.",
)  # fmt: skip
@click.option(
    "--use",
    type=click.Choice(["information", "defence", "proceedings"]),
    default="information",
    help="What a match may be used for (default information).",
)
@click.option("--purpose", required=True, help="Why you offer it, in words.")
@click.option(
    "--pad-to", type=click.IntRange(0, 10_000_000), default=0, metavar="N",
    help="Hide how many there are: add random tokens up to N.",
)  # fmt: skip
@case_option
@home_option
@marking_option
@speaks("record (kind, id, case, list, version, count, skipped); learns (who, what).")
def offer_command(
    out: Out,
    files: tuple[Path, ...],
    items: tuple[str, ...],
    fields: tuple[str, ...],
    types: tuple[str, ...],
    name: str,
    to: tuple[str, ...],
    quota: int,
    use: str,
    purpose: str,
    pad_to: int,
    case_text: str,
    home: Path | None,
) -> int:
    """Offer a list: one indicator a line in FILES, or all in a sealed item. What is
    committed are tokens under a new key, which say nothing to who may not ask.
    """
    from comity.exchange import matching
    from comity.records import kinds

    node = open_home(home).node
    case = choose_case(node, case_text)
    indicators, skipped, seals = _gather(out, node, case, files, items, fields, types)
    signed = matching.offer_list(
        node,
        case,
        name,
        indicators,
        to=find_parties(node, to),
        quota=quota,
        purpose=purpose,
        use=cast("kinds.Use", use),
        pad_to=pad_to,
        seals=seals,
    )
    content = signed.value.content
    assert isinstance(content, kinds.Offer)
    out.line(
        f"“{name}”, version {content.version}: {_tell_types(indicators)}; {content.count:,} tokens committed"
    )
    tell_record(
        out,
        node,
        case,
        signed.value.id,
        list=name,
        version=content.version,
        count=content.count,
        skipped=skipped,
    )
    _tell_learning(out)
    out.line(
        f"Each of them may ask {quota:,}: that many of your indicators it can learn, if it guesses well."
    )
    return 0


@match_command.command(name="ask")
@click.argument("offer", metavar="RECORD")
@source_options
@click.option("--purpose", required=True, help="Why you ask, in words.")
@case_option
@home_option
@marking_option
@speaks("record (kind, id, case, offer, asked, left, skipped); learns (who, what).")
def ask_command(
    out: Out,
    offer: str,
    files: tuple[Path, ...],
    items: tuple[str, ...],
    fields: tuple[str, ...],
    types: tuple[str, ...],
    purpose: str,
    case_text: str,
    home: Path | None,
) -> int:
    """Ask whether your indicators are in an offered list. RECORD is the offer. They
    leave here blinded: nobody can tell what they are, whatever it computes.
    """
    from comity.case.matching import use_of
    from comity.exchange import acts, matching

    node = open_home(home).node
    case = choose_case(node, case_text)
    record = acts.find_record(node.state(case), offer)
    indicators, skipped, _ = _gather(out, node, case, files, items, fields, types)
    signed, asked = matching.ask_list(node, case, record, indicators, purpose=purpose)
    left = use_of(node.state(case), record, node.party.id)
    out.line(
        f"{_tell_types(asked)} asked, blinded; {max(0, left.quota - left.asked):,} of {left.quota:,} left"
    )
    tell_record(
        out,
        node,
        case,
        signed.value.id,
        offer=record,
        asked=len(asked),
        left=max(0, left.quota - left.asked),
        skipped=skipped,
    )
    _tell_learning(out)
    return 0


@match_command.command(name="answer")
@click.argument("asks", nargs=-1, metavar="[RECORD]...")
@case_option
@home_option
@speaks("record (kind, id, case, ask, by, asked, outcome, ground, used, quota).")
def answer_command(out: Out, asks: tuple[str, ...], case_text: str, home: Path | None) -> int:
    """Answer questions against your lists: those named, or all that are open. What
    goes beyond a quota, or asks an older version, is refused, on the record.
    """
    from comity.case.matching import use_of
    from comity.exchange import acts, matching
    from comity.records import kinds

    node = open_home(home).node
    case = choose_case(node, case_text)
    state = node.state(case)
    wanted = [acts.find_record(state, text) for text in asks] or matching.open_asks(node, case)
    if not wanted:
        out.line("no question is open")
    for ask in wanted:
        asked, content = matching.ask_at(node.state(case), ask)
        signed = matching.answer_ask(node, case, ask)
        answer = signed.value.content
        assert isinstance(answer, kinds.Matched)
        use = use_of(node.state(case), content.offer, asked.author)
        why = f" ({answer.ground}: {answer.text})" if answer.ground else ""
        out.line(
            f"{node.name_of(asked.author)} asked {count(content.count, 'indicator')}: {answer.outcome}{why}; "
            f"{answer.used:,} of {use.quota:,} used"
        )
        tell_record(
            out,
            node,
            case,
            signed.value.id,
            ask=ask,
            by=asked.author,
            asked=content.count,
            outcome=answer.outcome,
            ground=answer.ground,
            used=answer.used,
            quota=use.quota,
        )
    return 0


@match_command.command(name="show")
@click.argument("records", nargs=-1, metavar="[RECORD]...")
@case_option
@home_option
@speaks(
    "offer (record, author, list, version, types, count, quota, use, purpose, to, next); use (offer, by, "
    "asked, answered, refused, quota, over); ask (record, offer, by, count, outcome, ground); result (ask, "
    "offer, asked, matches as [type, value, place]); learns (who, what)."
)
def show_command(out: Out, records: tuple[str, ...], case_text: str, home: Path | None) -> int:
    """Show lists, who asked how much, and what your own questions found: every
    answer is checked first, against the key that its offer committed to. RECORD
    is an offer or a question; all of the case without one.
    """
    from comity.case.matching import offers
    from comity.exchange import acts, matching

    node = open_home(home).node
    case = choose_case(node, case_text)
    state = node.state(case)
    named = {acts.find_record(state, text) for text in records}
    shown = [
        each
        for each in offers(state)
        if not named or each.record in named or any(ask.record in named for ask in each.asks)
    ]
    if not shown:
        raise Refused("match.unknown", " ".join(records), "no list is offered, or none of these is one")
    failed: list[Exception] = []
    for each in shown:
        _tell_offer(out, node, each)
        for ask in each.asks:
            if ask.by == node.party.id and ask.outcome == "answered":
                try:
                    _tell_result(out, matching.read_answer(node, case, ask.record))
                except ComityError as error:
                    out.line(f"the answer to {ask.record[:12]} does not hold: {error}", 4)
                    failed.append(error)
    out.line()
    _tell_learning(out)
    out.line(NO_MORE)
    if failed:
        raise failed[0]
    return 0


def tell_matchings(out: Out, node: Node, state: State) -> None:
    """Lists and their use, for whoever reads a whole case."""
    from comity.case.matching import offers

    offered = offers(state)
    if offered:
        out.line()
        out.line("Private matching (comity match show)")
    for each in offered:
        over = ", ".join(node.name_of(use.by) for use in each.uses if use.over)
        out.line(
            f"{each.record[:12]}  {node.name_of(each.author)}: “{each.content.list}”, version "
            f"{each.content.version}; {count(len(each.asks), 'question')}"
            f"{f'; BEYOND THE QUOTA: {over}' if over else ''}",
            2,
        )


def _gather(
    out: Out,
    node: Node,
    case: str,
    files: Iterable[Path],
    items: Iterable[str],
    fields: tuple[str, ...],
    types: tuple[str, ...],
) -> tuple[list[Indicator], int, list[str]]:
    """The indicators of files and items, how many lines had no one form, and the seals of the items."""
    from comity.exchange import acts, evidence, matching
    from comity.matching import indicators as known

    wanted = cast("tuple[Type, ...]", types) or known.TYPES
    if not files and not items:
        raise click.UsageError("say what: FILES, or --item")
    if fields and not items:
        raise click.UsageError("--field is of an --item")
    found: set[Indicator] = set()
    skipped = 0
    for path in files:
        gathered = known.read_list(read_file(path, known.FILE_LIMIT), str(path), wanted)
        found.update(gathered.indicators)
        skipped += len(gathered.skipped)
        for where, why in gathered.skipped[:20]:
            out.warn(f"{where}: left out: {why}")
        if len(gathered.skipped) > 20:
            out.warn(f"{path}: {len(gathered.skipped) - 20:,} more left out")
    seals = []
    # A file name in a log looks like a domain.
    unnamed = wanted if types or fields else tuple(t for t in known.TYPES if t != "domain")
    for text in items:
        seals.append(acts.find_record(node.state(case), text))
        _, sealed = evidence.sealed_at(node, case, seals[-1])
        found.update(matching.indicators_of_item(node, sealed.item.root, unnamed, fields))
    return sorted(found), skipped, seals


def _tell_types(indicators: Iterable[Indicator]) -> str:
    from comity.matching.indicators import Gathered

    gathered = Gathered(indicators=tuple(indicators), skipped=())
    parts = ", ".join(f"{n:,} {kind}" for kind, n in gathered.counts().items())
    return f"{count(len(gathered.indicators), 'indicator')} ({parts})" if parts else "no indicator"


def _tell_offer(out: Out, node: Node, offer: Offered) -> None:
    content = offer.content
    out.line()
    later = f", replaced by {offer.next[:12]}" if offer.next else ""
    out.line(
        f"{offer.record[:12]}  {node.name_of(offer.author)}: “{content.list}”, "
        f"version {content.version}{later}"
    )
    out.line(
        f"at most {count(content.count, 'indicator')} ({', '.join(content.types)}); use: {content.use}", 4
    )
    out.text(content.purpose, 4)
    out.object(
        "offer",
        record=offer.record,
        author=offer.author,
        list=content.list,
        version=content.version,
        types=list(content.types),
        count=content.count,
        quota=content.quota,
        use=content.use,
        purpose=content.purpose,
        to=list(content.to),
        next=offer.next,
    )
    for use in offer.uses:
        over = "  BEYOND ITS QUOTA" if use.over else ""
        out.line(
            f"{node.name_of(use.by)}: asked {use.asked:,} of {use.quota:,}, {use.answered:,} answered, "
            f"{use.refused:,} refused{over}",
            4,
        )
        out.object(
            "use",
            offer=offer.record,
            by=use.by,
            asked=use.asked,
            answered=use.answered,
            refused=use.refused,
            quota=use.quota,
            over=use.over,
        )
    for ask in offer.asks:
        why = f" ({ask.ground}: {ask.text})" if ask.ground else ""
        out.line(f"{ask.record[:12]}  {node.name_of(ask.by)} asked {ask.count:,}: {ask.outcome}{why}", 4)
        out.object(
            "ask",
            record=ask.record,
            offer=offer.record,
            by=ask.by,
            count=ask.count,
            outcome=ask.outcome,
            ground=ask.ground,
        )


def _tell_result(out: Out, result: Any) -> None:
    out.line(f"of {count(len(result.found), 'indicator')} asked, {len(result.matches):,} are in the list:", 6)
    for one, at in result.matches:
        out.line(f"{one}  (token {at:,} of the list)", 8)
    out.object(
        "result",
        ask=result.ask,
        offer=result.offer,
        asked=len(result.found),
        matches=[[one.type, one.value, at] for one, at in result.matches],
    )


def _tell_learning(out: Out) -> None:
    for who, what in (("asker", ASKER_LEARNS), ("offerer", OFFERER_LEARNS), ("case", CASE_LEARNS)):
        out.line(what)
        out.object("learns", who=who, what=what)
