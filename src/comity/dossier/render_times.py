"""Proven times in words: each bound of a record with who gave it, for a report and for the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from comity.case.time import Attester, Reason, Reasons, reasons
from comity.dossier.render_text import escape
from comity.dossier.verify import Contents
from comity.records import bodies
from comity.records.canonical import Json

UNPROVEN = "timing unproven: no checkpoint that holds it meets the case's time policy"
UNBOUNDED = "unbounded: nothing below it cites an attestation that meets the time policy"


def explain_times(record: str, why: Reasons, called: Callable[[str], str]) -> Iterator[str]:
    """Two lines or more on one record; ``called`` gives the name to show for a party."""
    yield from _explain("not before", record, why.not_before, UNBOUNDED, called)
    yield from _explain("not after", record, why.not_after, UNPROVEN, called)


def _explain(
    side: str, record: str, reason: Reason | None, otherwise: str, called: Callable[[str], str]
) -> Iterator[str]:
    if reason is None:
        yield f"{side}: {otherwise}"
        return
    head = f"checkpoint of {reason.size:,} leaves of {called(reason.home)}'s ledger"
    if side == "not after":
        how = f"in a {head}"
    elif reason.via == record:
        how = f"it cites a {head}"
    else:
        how = f"record {reason.via[:12]}, which it builds on, cites a {head}"
    yield f"{side} {bodies.time_text(reason.instant)}: {how} (attestation {reason.attestation[:12]})"
    needed = "one is" if reason.quorum == 1 else f"{reason.quorum} are"
    said = "; ".join(_say(attester, called) for attester in reason.attesters)
    yield f"    {needed} needed: {said}"


def _say(attester: Attester, called: Callable[[str], str]) -> str:
    who = (
        f"witness of {called(attester.party)}"
        if attester.party
        else f"{attester.kind} {escape(attester.name)}"
    )
    return f"{who} {bodies.time_text(attester.instant)}{' (the bound)' if attester.decisive else ''}"


def reason_json(reason: Reason) -> dict[str, Json]:
    """One bound with its reasons, as data."""
    return {
        "instant": bodies.time_text(reason.instant),
        "attestation": reason.attestation,
        "home": reason.home,
        "size": reason.size,
        "quorum": reason.quorum,
        "via": reason.via,
        "attesters": [
            {
                "kind": a.kind,
                "key": a.key,
                "party": a.party,
                "name": a.name,
                "instant": bodies.time_text(a.instant),
                "decisive": a.decisive,
            }
            for a in reason.attesters
        ],
    }


def times_text(contents: Contents) -> str:
    """Every record of a dossier with its proven interval and the reasons, as lines."""

    def called(party: str) -> str:
        known = contents.parties.get(party)
        return escape(known.card.name) if known else party[:16] + "…"

    lines = ["  times, as this dossier alone proves them:"]
    for record, why in sorted(reasons(contents.state).items()):
        fact = contents.state.records[record].value
        kind = fact.frame.kind if fact.frame else "an envelope"
        claimed = f", claimed {fact.frame.at}" if fact.frame else ""
        lines.append(f"    {record[:12]}… {kind} by {called(fact.envelope.iss)}{claimed}")
        lines += [f"      {line}" for line in explain_times(record, why, called)]
    return "\n".join(lines) + "\n"


def times_json(contents: Contents) -> list[Json]:
    """What ``times_text`` says, as data; a bound that is not proven is absent."""
    out: list[Json] = []
    for record, why in sorted(reasons(contents.state).items()):
        one: dict[str, Json] = {"record": record}
        if why.not_before:
            one["not_before"] = reason_json(why.not_before)
        if why.not_after:
            one["not_after"] = reason_json(why.not_after)
        out.append(one)
    return out
