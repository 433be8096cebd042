"""What ``comity case show`` says on request: the time policy, and every record with its place in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comity.cli.output import Out
from comity.errors import Refused

if TYPE_CHECKING:
    from comity.case.state import State
    from comity.case.time import Reason
    from comity.exchange.node import Node
    from comity.records.kinds import Policy


def tell_policy(out: Out, policy: Policy) -> None:
    """The time policy: as text (C2SP tlog-policy) where that can say it, else in words."""
    from comity.exchange.policies import policy_text

    try:
        text = policy_text(policy)
    except Refused:
        text = ""
    n = len(policy.witnesses) + len(policy.authorities)
    out.line(f"Time policy: {policy.quorum} of {n}, each at a time of its own{':' if text else ''}")
    out.text(text, 2)
    for authority in () if text else policy.authorities:
        out.line(f"authority {authority.name}  {authority.certificate[:16]}", 2)
    for named in () if text else policy.witnesses:
        out.line(f"witness {named.vkey}", 2)
    out.object("policy", quorum=policy.quorum, of=n, text=text)


def tell_records(out: Out, node: Node, state: State, times: bool) -> None:
    """Every accepted record: what its author claims, what is proven, and with ``times`` who proves it."""
    from comity.case.time import reasons
    from comity.dossier.render_times import explain_times
    from comity.records import bodies

    found = reasons(state)
    out.line()
    hint = "" if times else "; --times says by whom"
    out.line(f"Records (claimed time; proven: not before, not after{hint})")
    for record in state.ordered:
        why = found[record.id]
        before, after = (
            None if bound is None else bodies.time_text(bound.instant)
            for bound in (why.not_before, why.not_after)
        )
        out.line(
            f"{record.id[:12]}  {record.frame.kind:<18} {node.name_of(record.author)} {record.seq}  "
            f"{record.frame.at}  [{before or '…'}, {after or '…'}]",
            2,
        )
        for line in explain_times(record.id, why, node.name_of) if times else ():
            out.line(line, 6)
        more: dict[str, object] = {}
        if times:
            more = {
                "why_not_before": bound_object(why.not_before),
                "why_not_after": bound_object(why.not_after),
            }
        out.object(
            "record",
            id=record.id,
            kind=record.frame.kind,
            author=record.author,
            seq=record.seq,
            at=record.frame.at,
            not_before=before,
            not_after=after,
            **more,
        )


def bound_object(reason: Reason | None) -> dict[str, object] | None:
    """One bound with who gave it, as data; None where it is not proven."""
    from comity.dossier.render_times import reason_json

    return None if reason is None else dict(reason_json(reason))
