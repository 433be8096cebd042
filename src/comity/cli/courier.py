"""``comity courier``: carry sealed notices for others, or have one carried."""

from __future__ import annotations

from pathlib import Path

import click

from comity.cli.listing import Listing
from comity.cli.options import case_option, choose_case, home_option, open_home
from comity.cli.output import Out, speaks
from comity.errors import Refused


@click.group(name="courier", cls=Listing)
def courier_command() -> None:
    """Carry sealed notices for others, or have one carried."""


@courier_command.command(name="agree")
@click.option("--no", "ends", is_flag=True, help="Carry no more in this case.")
@case_option
@home_option
@speaks("agreed (case, carries).")
def agree_command(out: Out, ends: bool, case_text: str, home: Path | None) -> int:
    """Agree to carry notices in a case. Your node then tries to hand over what a
    party of it passes to you, at the address in the addressee's own card, and signs
    each attempt. You see neither what is in it nor whether it is read.
    """
    from comity.exchange import couriering

    node = open_home(home).node
    case = choose_case(node, case_text)
    couriering.agree(node, case, not ends)
    out.line(f"{'Carries no more' if ends else 'Carries'} notices in {case[:12]}.")
    out.object("agreed", case=case, carries=not ends)
    return 0


@courier_command.command(name="ask")
@click.argument("notice")
@case_option
@home_option
@speaks("passed (notice, courier, taken, code, why).")
def ask_command(out: Out, notice: str, case_text: str, home: Path | None) -> int:
    """Pass your own notice NOTICE, sealed, to the couriers that the addressee's card
    or the case lists. A serving node does so by itself after a day without a receipt.
    """
    from comity.exchange import couriering

    where = open_home(home)
    node = where.node
    case = choose_case(node, case_text)
    found = [r.id for r in couriering.unanswered(node, case) if r.id.startswith(notice)]
    if len(found) != 1 or len(notice) < 6:
        raise Refused("courier.notice", notice, "names no notice of yours that is without a receipt")
    taken = 0
    with where.peers() as peers:
        for courier, error in couriering.pass_on(node, peers, case, found[0]):
            taken += error is None
            out.line(f"{node.name_of(courier)}: {'takes it' if error is None else error}")
            out.object(
                "passed",
                notice=found[0],
                courier=courier,
                taken=error is None,
                code=error.code if error else "",
                why=error.why if error else "",
            )
    return 0 if taken else 5


@courier_command.command(name="list")
@case_option
@home_option
@speaks("attempt (record, courier, notice, to, address, sent, result).")
def list_command(out: Out, case_text: str, home: Path | None) -> int:
    """List the attempts in a case. Each proves that somebody tried, and no reading."""
    from comity.records import kinds

    node = open_home(home).node
    state = node.state(choose_case(node, case_text))
    for record in state.of("delivery.attempt"):
        content = record.content
        assert isinstance(content, kinds.Attempt)
        who = f"{node.name_of(record.author)} tried {node.name_of(content.to)} at {content.address}"
        out.line(f"{record.id[:12]}  {who}: {content.result} (notice {content.notice[:12]})")
        out.object(
            "attempt",
            record=record.id,
            courier=record.author,
            notice=content.notice,
            to=content.to,
            address=content.address,
            sent=content.sent,
            result=content.result,
        )
    return 0
