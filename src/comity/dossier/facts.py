"""Everything that follows from the records of a dossier, as canonical JSON (``spec/12-dossier.md`` §4).

The publisher writes it, the verifier computes it again and compares byte for byte: a reader of
``facts.json`` reads what the records say, or is told that the file is not that. Ids and enumerations
only, with names from cards and declared origins; the words of the parties stay in their records.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from comity.case import clocks as case_clocks
from comity.case import support as case_support
from comity.case import time as case_time
from comity.case.custody import erased_records
from comity.case.state import Accepted, State, depth
from comity.dossier.facts_of_procedure import extension_facts, procedure_facts, version_facts
from comity.dossier.layout import Chain
from comity.law.matrix import status_of
from comity.records import bodies, canonical, kinds
from comity.records.canonical import Json
from comity.records.kinds import Named, Target
from comity.records.parties import Party

NEWEST = 3
"""The newest version of the facts."""


def derive_facts(
    state: State, parties: Mapping[str, Party], publisher: str, as_of: int, *, version: int = NEWEST
) -> bytes:
    """``facts.json`` for this state, with clocks computed for ``as_of`` (seconds since 1970 UTC).

    It is of the lowest version that says what there is to say, so that a dossier is what it was: 2 where
    there are assessments, 3 where an endorsement names origins in words, which count from then on for
    nothing. ``version``: at most that one, for what was published under it. In the first, the limits of
    assessments lack the method and some of its settings.
    """
    opening = state.opening
    assessed = state.of("assessment.make")
    version = _version(state, version)
    first, words_count = version == 1, version < NEWEST
    asserted = case_support.assertions(state, words_count=words_count)
    law = _law(asserted)
    return canonical.render(
        {
            "version": version,
            "case": state.case,
            "publisher": publisher,
            "as_of": bodies.time_text(as_of),
            "opening": opening.id if opening else "",
            "members": list(state.members),
            "parties": {iss: _party(party) for iss, party in parties.items()},
            "complete": _complete(state),
            "records": {record: _record(state, record) for record in state.records},
            "assertions": [_assertion(a, words_count=words_count) for a in asserted],
            "clocks": [_clock(c) for c in case_clocks.clocks(state, as_of)],
            "notices": [_notice(n) for n in case_clocks.notices(state, parties)],
            "times": _times(state),
            "refused": {r: x.rule for r, x in state.refused.items()},
            "waiting": {r: list(x.needs) for r, x in state.waiting.items()},
            "forks": dict(state.forks),
            "released": _released(state, publisher),
            # A dossier of a case without any is what it was before there were assessments.
            **({"assessments": [_assessment(a, first=first) for a in assessed]} if assessed else {}),
            **({"splits": dict(state.splits)} if state.splits else {}),
            **procedure_facts(state, words_count=words_count),
            **({"law": law} if law else {}),
            **_erased(state),
        }
    )


def _version(state: State, most: int) -> int:
    """The version that this state needs, or the newest one not above ``most`` that says it otherwise."""
    named = any(
        isinstance(r.content, kinds.Endorse) and r.content.origins for r in state.of("endorsement.make")
    )
    if named and most >= NEWEST:
        return NEWEST
    return 2 if state.of("assessment.make") and most > 1 else 1


def chains_of(state: State) -> dict[str, dict[str, Chain]]:
    """Per author and alias: the newest seq held and the number of envelopes."""
    seqs: dict[str, dict[str, list[int]]] = {}
    for fact in state.records.values():
        envelope = fact.value.envelope
        seqs.setdefault(envelope.iss, {}).setdefault(envelope.sub, []).append(envelope.seq)
    return {
        iss: {sub: Chain(newest=max(found), count=len(found)) for sub, found in chains.items()}
        for iss, chains in seqs.items()
    }


def readers_of(state: State, record: str) -> frozenset[str]:
    """Whom a record's author, and the rules, let read it; as far as what is opened here shows."""
    found = state.audiences.get(record)
    if found is not None:
        return found
    frame = state.records[record].value.frame
    return frozenset(frame.audience) if frame else frozenset()


def _party(party: Party) -> Json:
    return {
        "name": party.card.name,
        "home": party.home,
        "guest": party.guest,
        "keys": [key.key.hex() for key in party.keys],
    }


def _erased(state: State) -> dict[str, Json]:
    """What was declared erased, by which record; nothing where nothing was."""
    records = erased_records(state)
    items: list[Json] = [
        {"record": r.id, "root": r.content.item.root, "size": r.content.item.size, "copies": r.content.copies}
        for r in state.of("evidence.erase")
        if isinstance(r.content, kinds.Erase)
    ]
    out: dict[str, Json] = {"erased": dict(records)} if records else {}
    if items:
        out["erased_items"] = items
    return out


def _complete(state: State) -> Json:
    """Author → how far its records go here, and how many of them are opened."""
    out: dict[str, Json] = {}
    for iss, chains in chains_of(state).items():
        depths = [depth(f.value) for f in state.records.values() if f.value.envelope.iss == iss]
        out[iss] = {
            "to": {sub: chain.newest for sub, chain in chains.items()},
            "envelopes": len(depths),
            "opened": sum(d == 2 for d in depths),
            "frames": sum(d == 1 for d in depths),
            "withheld": sum(d == 0 for d in depths),
        }
    return out


def _record(state: State, record: str) -> Json:
    fact = state.records[record]
    out: dict[str, Json] = {
        "author": fact.value.envelope.iss,
        "seq": fact.value.envelope.seq,
        "ledger": fact.home,
        "index": fact.index,
        "depth": ("bare", "frame", "whole")[depth(fact.value)],
    }
    if fact.value.frame is not None:
        out["kind"] = fact.value.frame.kind
        out["at"] = fact.value.frame.at
        out["marking"] = fact.value.frame.marking
    if fact.stale:
        out["stale"] = True
    if fact.suspect:
        out["suspect"] = True
    if record in state.accepted and state.against_author(state.accepted[record]):
        out["adverse_only"] = True
    return out


def _target(target: Target) -> Json:
    return {"record": target.record, "n": target.n}


def _named(named: Named) -> Json:
    return {"name": named.name, "party": named.party}


def _assertion(facts: case_support.AssertionFacts, *, words_count: bool) -> Json:
    return {
        "target": _target(facts.target),
        "author": facts.author,
        "level": facts.assertion.level,
        "stance": facts.assertion.stance,
        "about": [_named(named) for named in facts.assertion.about],
        "supports": [_support(s) for s in facts.supports],
        "contests": _contests(facts.contests),
        "accepted_by": list(facts.accepted_by),
        "endorsements": [
            {
                "record": e.record,
                "by": e.by,
                "basis": e.basis,
                "origins": list(e.origins),
                "undeclared": bool(e.undeclared),
                "reservation": bool(e.reservation),
                "counts": e.counts,
                **({"named": list(e.named)} if e.named and not words_count else {}),
            }
            for e in facts.endorsements
        ],
        "answered_by": [_target(t) for t in facts.answered_by],
        "origins": list(facts.origins),
        "undeclared": facts.undeclared,
        "withdrawn": facts.withdrawn,
        "marks": list(facts.marks),
        "could_add": list(facts.could_add),
        **version_facts(facts),
        # Absent where nothing is named, so facts of earlier dossiers stay what they were.
        **({"proposition": facts.assertion.proposition} if facts.assertion.proposition else {}),
    }


def _law(asserted: Sequence[case_support.AssertionFacts]) -> list[Json]:
    """Which element of law each assertion is said to bear on, and how the assertion stands. What is *not*
    addressed depends on a catalogue, and so is no fact of the records."""
    return [
        {
            "target": _target(facts.target),
            "provision": declared.provision,
            "element": declared.element,
            "status": status_of([facts]),
        }
        for facts in asserted
        for declared in facts.assertion.law
    ]


def _assessment(accepted: Accepted, *, first: bool) -> Json:
    """What an author states that the evidence separates, and in one member with the figures what limits them.

    A hypothesis is named by its number in the record, from 0; the unknown actor's is their count.
    """
    content = accepted.content
    assert isinstance(content, kinds.Assess)
    result, method = content.result, content.method
    known = None if content.knowledge is msgspec.UNSET else content.knowledge
    numbers = {one.id: n for n, one in enumerate(content.hypotheses)} | {"unknown": len(content.hypotheses)}
    judged = sum(one.by == "judgement" for one in content.items)
    return {
        "record": accepted.id,
        "author": accepted.author,
        "audience": list(accepted.frame.audience),
        "answer": result.answer,
        "leader": numbers[result.leader],
        "inputs": result.inputs,
        "rests_on": list(dict.fromkeys(item.record for item in content.items if item.record)),
        "figures": {
            "standings": [
                {
                    "n": numbers[one.hypothesis],
                    "prior": one.prior,
                    "posterior": one.posterior,
                    "low": one.low,
                    "high": one.high,
                }
                for one in result.standings
            ],
            "planted_at_least": result.planted.at_least,
            "limits": {
                "clusters": "as named by their authors; no person, organisation or state",
                "items": len(content.items),
                "judged": judged,
                "from_reports": len(content.items) - judged,
                "origins": result.origins,
                "undeclared": result.undeclared,
                "silent": result.silent,
                "unknown_prior": method.unknown_prior,
                "deception_prior": method.deception_prior,
                "planting": method.planting,
                "name_at": method.name_at,
                "knowledge": known.digest if known else "",
                "reports": known.reports if known else 0,
                "pairs": known.pairs if known else 0,
                "once": known.once if known else 0,
                **({} if first else _settings(content)),
            },
        },
    }


def _settings(content: kinds.Assess) -> dict[str, Json]:
    """What the first version of the facts left out of the limits."""
    method, weights = content.method, [one.weight for one in content.hypotheses]
    return {
        "method": method.name,
        "tempering": method.tempering,
        "withstand": method.withstand,
        "weights": {"least": min(weights), "most": max(weights)},
    }


def _support(facts: case_support.SupportFacts) -> Json:
    return {
        "number": facts.number,
        "kind": facts.support.kind,
        "record": facts.support.record,
        "access": facts.access,
        "shown": tell_shown(facts),
        "rerun": facts.rerun,
        "reruns": tell_reruns(facts),
        "origin": facts.origin,
        "contests": _contests(facts.contests),
        "could_add": list(facts.could_add),
    }


def tell_shown(facts: case_support.SupportFacts) -> list[Json]:
    """What was shown of a support, to whom, as an object each."""
    return [
        {
            "record": s.record,
            "level": s.level,
            "to": list(s.to),
            "rows": [list(r) for r in s.rows],
            "named": s.named,
        }
        for s in facts.shown
    ]


def tell_reruns(facts: case_support.SupportFacts) -> list[Json]:
    """Who ran a support again and with what result, as an object each."""
    return [
        {
            "record": r.record,
            "by": r.by,
            "scope": r.scope,
            "verdict": r.verdict,
            "cause": r.cause,
            "part": r.part,
            "counts": r.counts,
        }
        for r in facts.reruns
    ]


def _contests(contests: Iterable[case_support.Contest]) -> Json:
    out: list[Json] = []
    for contest in contests:
        one: dict[str, Json] = {
            "record": contest.record,
            "by": contest.by,
            "position": contest.position,
            "reasons": contest.reasons,
            "evidence": [s.record for s in contest.evidence if s.record],
        }
        if contest.support is not None:
            one["support"] = contest.support
        out.append(one)
    return out


def _clock(clock: case_clocks.Clock) -> Json:
    out: dict[str, Json] = {
        "request": clock.request,
        "asked_by": clock.asked_by,
        "asked_of": clock.asked_of,
        "type": clock.type,
        "due": bodies.time_text(clock.due),
        "basis": clock.basis,
        "answers": list(clock.answers),
        "settled": clock.settled,
        "disposition": clock.disposition,
        "status": clock.status,
    }
    if clock.proposed is not None:
        out["proposed"] = bodies.time_text(clock.proposed)
    if clock.instrument:
        out["instrument"] = clock.instrument
    return out | extension_facts(clock)


def _notice(notice: case_clocks.NoticeFacts) -> Json:
    out: dict[str, Json] = {
        "target": _target(notice.target),
        "author": notice.author,
        "to": _named(notice.to),
        "state": notice.state,
        "notice": notice.notice,
        "received": notice.received,
        "acknowledged": notice.acknowledged,
        "published": [
            {"record": record, "before": before, "reason_given": bool(reason)}
            for record, before, reason in notice.published
        ],
    }
    if notice.by_name:
        out["by_name"] = True
    if notice.attempts:
        out["attempts"] = list(notice.attempts)
    return out


def _times(state: State) -> Json:
    """Proven bounds of each record that has one; ``claimed`` where its author's own time contradicts them."""
    out: dict[str, Json] = {}
    for record, interval in case_time.intervals(state).items():
        one: dict[str, Json] = {}
        if interval.not_before is not None:
            one["not_before"] = bodies.time_text(interval.not_before)
            one["by_before"] = interval.by_before
        if interval.not_after is not None:
            one["not_after"] = bodies.time_text(interval.not_after)
            one["by_after"] = interval.by_after
        frame = state.records[record].value.frame
        if frame is not None:
            at = bodies.parse_time(frame.at)
            if interval.not_before is not None and at < interval.not_before:
                one["claimed"] = "before-what-it-builds-on"
            elif interval.not_after is not None and at > interval.not_after:
                one["claimed"] = "after-it-was-seen"
        if one:
            out[record] = one
    return out


def _released(state: State, publisher: str) -> Json:
    """Opened records that nothing here lets the public read: opened by their author, or by another."""
    own: list[str] = []
    others: list[str] = []
    for record in sorted(state.records):
        value = state.records[record].value
        if value.frame is None or kinds.PUBLIC in readers_of(state, record):
            continue
        (own if value.frame.author == publisher else others).append(record)
    return {"by_author": own, "by_another": others}
