"""What a verdict does not say, in plain sentences: what was not checked, and what is not shown.

A reader is told both with every verdict. Neither list is about fault: parties withhold for good reasons.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from comity.case import support as case_support
from comity.case import time as case_time
from comity.case.custody import erased_records
from comity.case.state import State, depth
from comity.dossier.replay import FindingCheck, unshown
from comity.dossier.rerun_checks import RerunCheck
from comity.dossier.reweigh import AssessmentCheck
from comity.evidence.disclose import VerifiedRows
from comity.records.kinds import Disclose, Erase, Item
from comity.records.parties import Party


def after_failure() -> tuple[str, ...]:
    """Where a dossier is not intact: nothing in it is to be relied on."""
    return (
        "Nothing in a dossier that is not intact should be relied on; what else it holds was not judged.",
    )


def not_checked(
    state: State,
    findings: Iterable[FindingCheck],
    parties: Mapping[str, Party],
    assessments: Iterable[AssessmentCheck] = (),
    reruns: Iterable[RerunCheck] = (),
    *,
    witnessed: bool = False,
    publisher: str = "",
    read_at: str = "",
    now: str = "",
) -> tuple[str, ...]:
    """What no verifier can check, and what this dossier gave it no means to check. ``witnessed``: the reader
    brought a policy of witnesses. ``read_at``: the instant for which clocks were read, by the word of the
    ``publisher``; ``now``: the reader's own time ("" where it is not known)."""
    bare = sum(1 for fact in state.records.values() if depth(fact.value) < 2)
    timed = case_time.intervals(state)
    unproven = sum(1 for interval in timed.values() if interval.not_after is None)
    checks = tuple(findings)
    some = sum(1 for check in checks if check.shown == "shown-rows-match")
    none = sum(1 for check in checks if check.shown == "not-possible")
    out = [
        "Whether what the parties say is true, and whether the evidence was genuine when it was sealed.",
        "Whether the case has records that the publisher did not hold, after the last of each author here.",
        "Whether a key was stolen, and nobody said so.",
        "Whether the time zone that an item's holder declared is that of its clock.",
        "Whether origins with different names are different sources.",
    ]
    seen = [f"{parties[iss].card.name} {size}" for iss, size in _keys_seen(state, parties).items()]
    if seen:
        sizes = ", ".join(seen)
        out.append(f"Later revocation not excluded: key records were seen up to these ledger sizes: {sizes}.")
    if bare:
        out.append(f"What {_count(bare, 'record')} withheld in part or whole would say.")
    for iss, number in sorted(_never_opened(state, publisher).items()):
        verb = "is" if number == 1 else "are"
        out.append(
            f"Whether {_count(number, 'record')} of {_name(parties, iss)} {verb} of this case at all: "
            "none is opened here, and only the publisher says so."
        )
    if now and read_at > now:  # one form makes instants compare as text
        out.append(
            f"How requests stand: their clocks were read at {read_at}, "
            f"which has not come by your clock ({now})."
        )
    if gone := len(erased_records(state)):
        out.append(f"What {_count(gone, 'record')} said: committed, erased by the author.")
    if lost := len({r.content.item for r in state.of("evidence.erase") if isinstance(r.content, Erase)}):
        out.append(
            f"Whether the bytes of {_count(lost, 'item')} declared erased are gone: committed, erased."
        )
    if unproven:
        out.append(f"When {_count(unproven, 'record')} not covered by the case's time policy came to be.")
    if some:
        out.append(
            f"Of {_count(some, 'finding')} run again over shown rows: "
            "completeness, counts, absence and correlations, which need the whole item."
        )
    if none:
        out.append(f"Of {_count(none, 'finding')}, which rows the rules match: none could be run again here.")
    stated = sum(1 for one in reruns if one.result == "stated")
    if stated:
        verb = "states" if stated == 1 else "state"
        out.append(f"What {_count(stated, 're-run')} by others {verb}: not computed again here.")
    weighed = tuple(assessments)
    if weighed:
        verb = "takes" if len(weighed) == 1 else "take"
        out.append(f"Whether what {_count(len(weighed), 'assessment')} {verb} as likely is so.")
    if quotes := sum(one.quotes for one in weighed):
        of = "item that is" if quotes == 1 else "items that are"
        out.append(
            f"Whether the likelihoods of {quotes:,} {of} said to be from reports are what those reports "
            "give: comity weigh check --knowledge checks it."
        )
    unweighed = sum(1 for one in weighed if one.result == "not recomputed here")
    if unweighed:
        out.append(f"The figures of {_count(unweighed, 'assessment')}: not computed again here.")
    if state.policy is None or not state.attestations:
        out.append("Any instant: no attestation of independent witnesses is in this dossier.")
    for party, seq in sorted(state.forks.items()):
        name = _name(parties, party)
        out.append(f"Which of two histories {name} showed to whom: it signed both, from its record {seq} on.")
    for party, record in sorted(state.splits.items()):
        told = f"it signed both, as record {record[:16]}… proves"
        out.append(f"Which of two histories the ledger of {_name(parties, party)} showed to whom: {told}.")
    if witnessed:
        out.append("Whether the witnesses of your policy are independent of the parties and of each other.")
    return tuple(out)


def _never_opened(state: State, publisher: str) -> Mapping[str, int]:
    """Author → how many envelopes of it are here, where no word of anybody but the publisher says of what
    case they are: an envelope alone may be of any."""
    shown = {publisher}
    for fact in state.records.values():
        frame, author = fact.value.frame, fact.value.envelope.iss
        if frame is not None:
            shown.add(author)
            if author != publisher:
                named = (state.records.get(r) for r in (*frame.seen, *frame.references))
                shown.update(other.value.envelope.iss for other in named if other is not None)
    return Counter(f.value.envelope.iss for f in state.records.values() if f.value.envelope.iss not in shown)


def _keys_seen(state: State, parties: Mapping[str, Party]) -> Mapping[str, int]:
    """Author → the size of its home ledger up to which the key records here are all: so it said itself, by
    the newest leaf whose envelope names the newest of them. Behind that it may have revoked any key."""
    found: dict[str, int] = {}
    for fact in state.records.values():
        envelope = fact.value.envelope
        newest = parties[envelope.iss].newest
        named = fact.index + 1 if envelope.keys == newest.record else 0
        found[envelope.iss] = max(found.get(envelope.iss, 0), named, newest.index + 1)
    return dict(sorted(found.items()))


def not_shown(
    state: State,
    parties: Mapping[str, Party],
    shown: Mapping[Item, Iterable[VerifiedRows]],
    disclosures: frozenset[str],
    reruns: Iterable[RerunCheck] = (),
) -> tuple[str, ...]:
    """What this dossier leaves closed, by name where a card gives one."""
    out = []
    for iss in sorted({f.value.envelope.iss for f in state.records.values()}):
        facts = [f for f in state.records.values() if f.value.envelope.iss == iss]
        closed = sum(1 for f in facts if depth(f.value) < 2)
        if closed:
            out.append(f"{parties[iss].card.name}: {closed} of {_count(len(facts), 'record')} withheld.")
    sealed = unshown(state, shown)
    if sealed:
        out.append(f"Any row of {_count(len(sealed), 'sealed item')}.")
    absent = 0
    for record in state.of("evidence.disclose"):
        content = record.content
        if isinstance(content, Disclose) and content.package not in disclosures:
            absent += 1
    if absent:
        out.append(f"The bytes of {_count(absent, 'disclosure')} made between parties.")
    false = {check.record for check in reruns if check.faults}
    facts_of = [case_support.recount(facts, false) for facts in case_support.assertions(state)]
    untried = sum(1 for a in facts_of if a.supports and all(s.rerun == "not-tried" for s in a.supports))
    bare = sum(1 for a in facts_of if not a.supports)
    if untried:
        rest = "rests" if untried == 1 else "rest"
        out.append(f"That anyone but its author tried what {_count(untried, 'assertion')} {rest} on.")
    if bare:
        rest = "rests" if bare == 1 else "rest"
        out.append(f"Anything that {_count(bare, 'assertion')} {rest} on: stated without support.")
    if state.waiting:
        out.append(f"What {_count(len(state.waiting), 'opened record')} builds on: withheld, so not judged.")
    return tuple(out)


def _name(parties: Mapping[str, Party], party: str) -> str:
    return parties[party].card.name if party in parties else f"{party[:16]}…"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
