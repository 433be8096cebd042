"""``comity case record``: one record, when it was made, and who proves that."""

from __future__ import annotations

from pathlib import Path

import click

from comity.cli.docket import bound_object
from comity.cli.options import case_option, choose_case, home_option, open_home
from comity.cli.output import Out, speaks


@click.command(name="record")
@click.argument("record")
@case_option
@home_option
@speaks(
    "record (id, kind, author, seq, home, index, at, marking, judged, not_before, not_after): a bound is "
    "null, or (instant, attestation, home, size, quorum, via, attesters), an attester (kind, key, party, "
    "name, instant, decisive)."
)
def record_command(out: Out, record: str, case_text: str, home: Path | None) -> int:
    """Read one record's place and time: the leaf it stands at, the time its author
    claims, and the proven interval with its reasons. RECORD is an id or the
    beginning of one. A claimed time decides nothing.
    """
    from comity.case.time import reasons
    from comity.dossier.render_times import explain_times
    from comity.errors import Refused
    from comity.records import bodies

    node = open_home(home).node
    case = choose_case(node, case_text)
    state = node.state(case)
    found = [r for r in state.records if r.startswith(record)] if len(record) >= 4 else []
    if len(found) != 1:
        few = "names several records" if found else "names no record of this case (give at least four digits)"
        raise Refused("record.unknown", record, few)
    (name,) = found
    fact = state.records[name]
    frame, envelope = fact.value.frame, fact.value.envelope
    judged = next(
        (word for word, of in (("accepted", state.accepted), ("refused", state.refused)) if name in of),
        "waiting" if name in state.waiting else "withheld",
    )
    why = reasons(state)[name]
    out.line(f"{name}  {frame.kind if frame else 'an envelope'}, {judged}")
    out.line(f"record {envelope.seq} of {node.name_of(envelope.iss)}", 2)
    out.line(f"leaf {fact.index:,} of the ledger of {node.name_of(fact.home)}, by its receipt", 2)
    out.line(f"claimed time {frame.at} (decides nothing)" if frame else "claimed time withheld", 2)
    if frame:
        out.line(f"marked {frame.marking} by its author", 2)
    for line in explain_times(name, why, node.name_of):
        out.line(line, 2)
    out.object(
        "record",
        id=name,
        kind=frame.kind if frame else "",
        author=envelope.iss,
        seq=envelope.seq,
        home=fact.home,
        index=fact.index,
        at=frame.at if frame else "",
        marking=frame.marking if frame else "",
        judged=judged,
        not_before=bound_object(why.not_before),
        not_after=bound_object(why.not_after),
    )
    # Where both are missing nothing straddles anything; where one is, a clock between them stays unproven.
    if why.not_before and why.not_after and why.not_before.instant > why.not_after.instant:
        out.warn(
            f"its bounds contradict each other: {bodies.time_text(why.not_before.instant)} is after "
            f"{bodies.time_text(why.not_after.instant)}; a quorum of the attesters did not tell the truth"
        )
    return 0
