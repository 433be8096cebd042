"""``comity respond`` and ``endorse``: standing to what another party asserts."""

from __future__ import annotations

from pathlib import Path

import click

from comity.cli.asserted import warn_of_versions
from comity.cli.options import (
    case_option,
    choose_case,
    find_parties,
    home_option,
    marking_option,
    open_home,
    read_pairs,
    to_option,
)
from comity.cli.output import Out, speaks
from comity.cli.record_told import tell_record
from comity.cli.spoken import (
    EXAMPLE,
    POSITIONS_EXAMPLE,
    Spoken,
    SpokenSupport,
    make_assertions,
    make_positions,
    make_supports,
    read_positions,
    read_spoken,
)


@click.command(name="respond", epilog=EXAMPLE + "\n" + POSITIONS_EXAMPLE)
@click.argument("target", metavar="RECORD")
@click.option(
    "--position",
    "positions",
    multiple=True,
    metavar="N=POSITION[:REASONS]",
    help="accepts, disputes, disputes-in-part, cannot-confirm, needs-evidence or mitigated; repeatable.",
)
@click.option("--file", "path", type=click.Path(path_type=Path), help="Positions and assertions from a file.")
@case_option
@home_option
@marking_option
@speaks("record (kind, id, case, positions, assertions).")
def respond_command(
    out: Out, target: str, positions: tuple[str, ...], path: Path | None, case_text: str, home: Path | None
) -> int:
    """Take positions on the assertions of another party's record, and state your own
    beside them (in a file). Everyone whom the claim reached can read the response.
    """
    from comity.exchange import acts
    from comity.records.kinds import Target

    spoken = read_spoken(path) if path is not None else Spoken()
    spoken.positions += read_positions(positions)
    if not spoken.positions and not spoken.assertions:
        raise click.UsageError("say something: --position or --file")
    node = open_home(home).node
    case = choose_case(node, case_text)
    state = node.state(case)
    record = acts.find_record(state, target)
    positions_taken = make_positions(state, spoken)
    warn_of_versions(out, state, [Target(record=record, n=p.n) for p in positions_taken])
    signed = acts.respond(node, case, record, positions_taken, make_assertions(node, state, spoken))
    tell_record(
        out,
        node,
        case,
        signed.value.id,
        positions=len(spoken.positions),
        assertions=len(spoken.assertions),
    )
    return 0


@click.command(name="endorse")
@click.argument("target", metavar="RECORD#N")
@click.option(
    "--basis",
    type=click.Choice(["own-evidence", "reviewed", "trust", "undeclared"]),
    required=True,
    help="What you rest it on.",
)
@click.option(
    "--support", multiple=True, metavar="RECORD=INFERENCE", help="Your finding or item; repeatable."
)
@click.option(
    "--origin",
    "origins",
    multiple=True,
    help="A source that it goes back to, in words; shown, and counted only where a seal declares it.",
)
@click.option("--reservation", default="", help="What you do not endorse.")
@case_option
@home_option
@marking_option
@to_option
@speaks("record (kind, id, case, basis).")
def endorse_command(
    out: Out,
    target: str,
    basis: str,
    support: tuple[str, ...],
    origins: tuple[str, ...],
    reservation: str,
    case_text: str,
    home: Path | None,
    to: tuple[str, ...],
) -> int:
    """Support another party's assertion (a claim, a denial or a counter-claim alike) and
    declare on what basis. Voices of one origin count once.
    """
    from comity.exchange import acts
    from comity.records import kinds

    node = open_home(home).node
    case = choose_case(node, case_text)
    state = node.state(case)
    supports = [SpokenSupport(record=r, inference=i) for r, i in read_pairs(support, "--support")]
    content = kinds.Endorse(
        target=acts.find_target(state, target),
        basis=basis,  # type: ignore[arg-type]  # click.Choice
        supports=make_supports(state, supports),
        origins=tuple(sorted(set(origins))),
        reservation=reservation,
    )
    warn_of_versions(out, state, [content.target])
    if to:
        cited = {s.record for s in content.supports if s.record}
        signed = acts.say(node, case, content, {content.target.record, *cited}, to=find_parties(node, to))
    else:
        signed = acts.endorse(node, case, content)
    tell_record(out, node, case, signed.value.id, basis=basis)
    return 0
