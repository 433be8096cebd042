"""Two or more dossiers of one case, held beside each other (``spec/12-dossier.md`` §8).

Each may be intact and still tell less than another. What one has and another lacks is listed without
blame: it may not have been held, may have come later, or was left out. Two signed histories of one
author, or of one ledger, are another matter: they are proven by the signatures alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from itertools import permutations

from comity.case.party_keys import checkpoint_key
from comity.case.state import depth
from comity.dossier.verify import (
    DIVIDED,
    INTACT_AND_CONFIRMED,
    MISIDENTIFIED,
    NOT_IDENTIFIED,
    NOT_INTACT,
    NOT_WITNESSED,
    Contents,
    Verdict,
)
from comity.errors import NotVerified, Refused
from comity.ledger import witness

REPLIES = frozenset(
    {
        "action.accept",
        "action.report",
        "claim.withdraw",
        "endorsement.make",
        "endorsement.withdraw",
        "finding.replicate",
        "notice.acknowledge",
        "record.received",
        "request.answer",
        "request.extend",
        "response.make",
        "statement.join",
        "suggestion.make",
        "suggestion.position",
    }
)
"""Kinds by which a party answers another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Something that dossier ``had_by`` holds and dossier ``dossier`` does not.

    ``what`` is ``record`` (no envelope), ``opening`` (the envelope alone, or less of the body),
    ``attestation`` or ``disclosure``. ``kind`` is the record's, where one of them opens it; ``reply`` marks
    an answer by another than the publisher; ``later`` that it comes after all this dossier has of its author.
    """

    dossier: str
    had_by: str
    what: str
    id: str
    author: str = ""
    kind: str = ""
    reply: bool = False
    later: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Equivocation:
    """One author signed two records for one place in its chain. The two envelopes prove it."""

    author: str
    seq: int
    records: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLink:
    """The checkpoints of one ledger in two dossiers: ``consistent``, ``split`` (two histories, proven), or
    ``not provable`` from what the two hold. ``size`` is where a split shows."""

    ledger: str
    earlier: str
    later: str
    result: str
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What dossiers of one case show together that none shows alone."""

    case: str
    dossiers: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    equivocations: tuple[Equivocation, ...]
    ledgers: tuple[LedgerLink, ...]

    @property
    def divided(self) -> bool:
        """Whether together they prove that someone signed two histories."""
        return bool(self.equivocations) or any(link.result == "split" for link in self.ledgers)


def compare(verdicts: Mapping[str, Verdict]) -> Comparison:
    """What these dossiers, by name, show together.

    ``Refused``: ``compare.broken`` where one of them is not intact, ``compare.case`` where they are of
    different cases. ``ValueError`` for fewer than two.
    """
    if len(verdicts) < 2:
        raise ValueError("two dossiers at least")
    held: dict[str, Contents] = {}
    for name, verdict in verdicts.items():
        if verdict.contents is None:
            raise Refused("compare.broken", name, "only dossiers that are intact are compared")
        held[name] = verdict.contents
    cases = {contents.manifest.case for contents in held.values()}
    if len(cases) > 1:
        raise Refused("compare.case", ", ".join(held), "these dossiers are of different cases")
    return Comparison(
        case=cases.pop(),
        dossiers=tuple(held),
        left_out=tuple(x for a, b in permutations(held, 2) for x in _left_out(a, held[a], b, held[b])),
        equivocations=_equivocations(held),
        ledgers=_ledgers(held),
    )


def exit_code(verdicts: Mapping[str, Verdict], comparison: Comparison | None) -> int:
    """The one exit code for several dossiers: what does not hold first, then what they prove together, then
    a contradicted identity, then a policy that is not met, then an identity that is not confirmed."""
    codes = {verdict.exit_code for verdict in verdicts.values()}
    if any(not verdict.intact for verdict in verdicts.values()):
        return NOT_INTACT
    if comparison is not None and comparison.divided:
        return DIVIDED
    worst_first = (MISIDENTIFIED, NOT_WITNESSED, NOT_IDENTIFIED, INTACT_AND_CONFIRMED)
    return next(code for code in worst_first if code in codes)


def _left_out(name: str, ours: Contents, other: str, theirs: Contents) -> list[LeftOut]:
    found = []
    newest: dict[tuple[str, str], int] = {}
    for fact in ours.state.records.values():
        place = fact.value.envelope.iss, fact.value.envelope.sub
        newest[place] = max(fact.value.envelope.seq, newest.get(place, -1))
    for record in theirs.state.causal:
        value = theirs.state.records[record].value
        mine = ours.state.records.get(record)
        if mine is not None and depth(mine.value) >= depth(value):
            continue
        envelope, kind = value.envelope, value.frame.kind if value.frame else ""
        found.append(
            LeftOut(
                dossier=name,
                had_by=other,
                what="record" if mine is None else "opening",
                id=record,
                author=envelope.iss,
                kind=kind,
                reply=kind in REPLIES and envelope.iss != ours.manifest.publisher,
                later=mine is None and envelope.seq > newest.get((envelope.iss, envelope.sub), -1),
            )
        )
    found += [
        LeftOut(dossier=name, had_by=other, what="attestation", id=which, author=fact.home)
        for which, fact in sorted(theirs.state.attestations.items())
        if which not in ours.state.attestations
    ]
    found += [
        LeftOut(dossier=name, had_by=other, what="disclosure", id=digest)
        for digest in sorted(theirs.disclosures - ours.disclosures)
    ]
    return found


def _equivocations(held: Mapping[str, Contents]) -> tuple[Equivocation, ...]:
    places: dict[tuple[str, str, int], set[str]] = {}
    for contents in held.values():
        for record, fact in contents.state.records.items():
            envelope = fact.value.envelope
            places.setdefault((envelope.iss, envelope.sub, envelope.seq), set()).add(record)
    return tuple(
        Equivocation(author=iss, seq=seq, records=tuple(sorted(records)))
        for (iss, _, seq), records in sorted(places.items())
        if len(records) > 1
    )


def _ledgers(held: Mapping[str, Contents]) -> tuple[LedgerLink, ...]:
    found = []
    names = sorted(held)
    for n, first in enumerate(names):
        for second in names[n + 1 :]:
            common = held[first].checkpoints.keys() & held[second].checkpoints.keys()
            found += [_link(home, first, held[first], second, held[second]) for home in sorted(common)]
    return tuple(found)


def _link(home: str, first: str, a: Contents, second: str, b: Contents) -> LedgerLink:
    if a.checkpoints[home][1].size > b.checkpoints[home][1].size:
        first, a, second, b = second, b, first, a
    early, late = a.checkpoints[home][1], b.checkpoints[home][1]
    roots = {size: root for (ledger, size), root in b.heads.items() if ledger == home}
    roots[late.size] = late.root
    ours = {size: root for (ledger, size), root in a.heads.items() if ledger == home}
    ours[early.size] = early.root
    for size in sorted(ours.keys() & roots.keys()):
        # Each root is proven, in its dossier, to be that of the ledger's own tree at this size.
        if ours[size] != roots[size]:
            return LedgerLink(ledger=home, earlier=first, later=second, result="split", size=size)
    result = "consistent" if early.size in roots else "not provable"
    return LedgerLink(ledger=home, earlier=first, later=second, result=result)


def prove_split(link: LedgerLink, verdicts: Mapping[str, Verdict]) -> witness.Split | None:
    """The two signed notes of one size behind a split, where both dossiers hold a note of that size."""
    a, b = verdicts[link.earlier].contents, verdicts[link.later].contents
    if link.result != "split" or a is None or b is None:
        return None
    try:
        key_at = partial(checkpoint_key, a.parties[link.ledger])
        return witness.prove_split(a.checkpoints[link.ledger][0], b.checkpoints[link.ledger][0], key_at)
    except NotVerified:
        return None  # it shows in receipts or attestations, whose sizes differ from the checkpoints'
