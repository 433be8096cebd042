"""What the reader's own policy says of the ledgers of a dossier, as text and as data."""

from __future__ import annotations

from collections.abc import Callable

from comity.dossier.quorum import IN_PART, MET, NO_RECORD, OTHER_LOG, Head, Quorum, WitnessedLedger
from comity.records import bodies
from comity.records.canonical import Json


def quorum_lines(quorum: Quorum, called: Callable[[str], str], escape: Callable[[str], str]) -> list[str]:
    """The result for the whole, then each ledger with who cosigned it and what the case's own policy says.

    ``called`` gives the name to show for a party, ``escape`` makes the names of a policy safe to show.
    """

    def who(head: Head) -> str:
        return ", ".join(
            f"{escape(seen.name)} at {_instant(seen.instant)}{' (the keeper itself)' if seen.own else ''}"
            for seen in head.by
        )

    lines = [f"  witnesses of your policy: {'met' if quorum.met else 'NOT MET'}"]
    for ledger in quorum.ledgers:
        lines.append(f"    ledger of {called(ledger.ledger)}: {_told(ledger)}")
        if ledger.proven is not None:
            seen = who(ledger.proven) or "none of them, and none is asked for"
            lines.append(f"      size {ledger.proven.size} cosigned by {seen}")
        if ledger.proven is None or ledger.proven.size != ledger.checkpoint.size:
            seen = who(ledger.checkpoint) or "no witness of your policy"
            lines.append(f"      size {ledger.checkpoint.size}, the newest here, cosigned by {seen}")
        if ledger.result != NO_RECORD:
            lines.append(
                f"      by the case's own policy ({quorum.case_quorum} of {quorum.case_of}): "
                f"{ledger.case_covered} of {_records(ledger.records)} proven in time"
            )
    return lines


def _told(ledger: WitnessedLedger) -> str:
    if ledger.result == MET:
        return f"met, for all {_records(ledger.records)}"
    if ledger.result == IN_PART:
        return f"IN PART, for {ledger.covered} of {_records(ledger.records)}"
    if ledger.result == OTHER_LOG:
        return f"NOT MET, your policy names logs, and not this one; {_records(ledger.records)}"
    if ledger.result == NO_RECORD:
        return "holds no record of the case; not asked for"
    return f"NOT MET, for {_records(ledger.records)}"


def _instant(instant: int) -> str:
    # A witness may say any instant below 2^63; a calendar does not reach that far.
    return bodies.time_text(instant) if instant < bodies.INSTANT_LIMIT else str(instant)


def _records(number: int) -> str:
    return "1 record" if number == 1 else f"{number} records"


def quorum_json(quorum: Quorum) -> dict[str, Json]:
    """The same as data."""
    return {
        "result": "met" if quorum.met else "not met",
        "case_policy": {"quorum": quorum.case_quorum, "of": quorum.case_of},
        "ledgers": [
            {
                "ledger": one.ledger,
                "result": one.result,
                "records": one.records,
                "covered": one.covered,
                "case_covered": one.case_covered,
                "checkpoint": _head_json(one.checkpoint),
                **({"proven": _head_json(one.proven)} if one.proven is not None else {}),
            }
            for one in quorum.ledgers
        ],
    }


def _head_json(head: Head) -> Json:
    return {
        "size": head.size,
        "met": head.met,
        "by": [{"witness": s.name, "at": s.instant, "own": s.own} for s in head.by],
    }
