"""Proven times in words: each bound of a record with who gave it, for a report and for the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from comity.case.time import Attester, Reason, Reasons, reasons
from comity.dossier.render_text import escape
from comity.dossier.verify import Contents
from comity.phrases import Phrase, joined, phrase
from comity.records import bodies
from comity.records.canonical import Json

BEFORE, AFTER = phrase("not before"), phrase("not after")
UNPROVEN = phrase("timing unproven: no checkpoint that holds it meets the case's time policy")
UNBOUNDED = phrase("unbounded: nothing below it cites an attestation that meets the time policy")


def explain_times(record: str, why: Reasons, called: Callable[[str], str]) -> Iterator[str]:
    """Two lines or more on one record; ``called`` gives the name to show for a party."""
    yield from _explain(BEFORE, record, why.not_before, UNBOUNDED, called)
    yield from _explain(AFTER, record, why.not_after, UNPROVEN, called)


def _explain(
    side: str, record: str, reason: Reason | None, otherwise: str, called: Callable[[str], str]
) -> Iterator[str]:
    if reason is None:
        yield phrase("{}: {}", side, otherwise)
        return
    head = phrase("a checkpoint of {} leaves of {}'s ledger", f"{reason.size:,}", called(reason.home))
    if side == AFTER:
        how = phrase("in {}", head)
    elif reason.via == record:
        how = phrase("it cites {}", head)
    else:
        how = phrase("record {}, which it builds on, cites {}", reason.via[:12], head)
    at = bodies.time_text(reason.instant)
    yield phrase("{} {}: {} (attestation {})", side, at, how, reason.attestation[:12])
    said = joined((_say(attester, called) for attester in reason.attesters), "; ")
    if reason.quorum == 1:
        yield phrase("{}one is needed: {}", "    ", said)
    else:
        yield phrase("{}{} are needed: {}", "    ", str(reason.quorum), said)


def _say(attester: Attester, called: Callable[[str], str]) -> Phrase:
    if attester.party:
        who = phrase("witness of {}", called(attester.party))
    elif attester.kind == "witness":
        who = phrase("witness {}", escape(attester.name))
    else:
        who = phrase("authority {}", escape(attester.name))
    at = bodies.time_text(attester.instant)
    return phrase("{} {} (the bound)", who, at) if attester.decisive else phrase("{} {}", who, at)


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
