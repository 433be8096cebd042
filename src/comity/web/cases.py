"""The page of a case and the list of cases, as values: what templates show and ``.json`` gives."""

from __future__ import annotations

from dataclasses import dataclass, replace

from comity.case.awaiting import awaited
from comity.case.clocks import Clock, NoticeFacts
from comity.case.party_keys import read_checkpoint
from comity.case.time import stamped_by
from comity.exchange import delivery
from comity.exchange.authoring import checkpoint
from comity.exchange.node import Node
from comity.records import bodies, kinds, parties
from comity.records.parties import Party
from comity.web import words
from comity.web.asserted import AssertionView, view_assertions
from comity.web.assessment_lines import AssessmentLine, list_assessments
from comity.web.docket import Entry, Unjudged, view_docket, view_unjudged
from comity.web.exhibits import Exhibit, view_exhibits
from comity.web.lanes import Picture, draw_lanes
from comity.web.phrases import joined, phrase
from comity.web.procedure import Chapter, view_procedure
from comity.web.reading import Named, Names, Reading, Ref, Who
from comity.web.waits import Wait, list_waits
from comity.web.words import Label, label

PAGE = 200
"""Docket entries in the data of one page."""
NEWEST = 10
"""Docket entries on the page of the case; the docket has a page of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Titled:
    """What a party itself calls the case, where it opened it, and what it calls the claims that it stated in
    it, in the order in which it said so."""

    by: Who
    title: str
    claims: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head of a page about a case: its neutral name, and for whom and when the page was computed."""

    id: str
    title: str
    titles: tuple[Titled, ...]
    computed_for: Who
    as_of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionView:
    """A proposal of another instant (seconds since 1970 UTC), and the answer to it."""

    record: Ref
    by: Who
    due: int
    answer: Label
    reason: str
    reply: str
    refused_too: Ref | None
    refusal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockView:
    """A request and its clock. Times are seconds since 1970 UTC."""

    record: Ref
    asked_by: Who
    asked_of: Who
    type: Label
    text: str
    due: int
    basis: Label
    instrument: str
    proposed: int | None
    answers: tuple[tuple[Ref, Label, str], ...]
    status: Label
    asked_due: int
    extensions: tuple[ExtensionView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeView:
    """How one party named by one assertion was told of it."""

    assertion: Named
    to: Who
    state: Label
    notice: Ref | None
    received: Ref | None
    acknowledged: Ref | None
    attempts: tuple[Ref, ...]
    published: tuple[tuple[Ref, Label, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyLink:
    """A key record of a party: what it does, and from which leaf on a key of it is suspect, if one is."""

    record: str
    index: int
    told: str
    suspect_from: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyView:
    """A party of the case as its card shows it. ``split`` is the record that proves two histories of its
    ledger; what others registered there stays as it is."""

    who: Who
    address: str
    home: Who | None
    keys: tuple[KeyLink, ...]
    openpgp: tuple[str, ...]
    records: int
    forked_from: int | None
    split: Ref | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestationView:
    """A checkpoint of somebody's ledger that witnesses cosigned or authorities stamped, with their instants
    (seconds since 1970; of a stamp, the end of what it allows for)."""

    id: str
    home: Who
    size: int
    root: str
    records: int
    seen_by: tuple[tuple[str, Who | None, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proofs:
    """What this node's own ledger shows to anyone, and the attestations of the case. ``witnesses`` are all
    that the time policy counts, authorities too."""

    size: int
    root: str
    checkpoint: str
    quorum: int
    witnesses: tuple[tuple[str, Who | None], ...]
    attestations: tuple[AttestationView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """Everything on the page of a case. ``earlier`` and ``later`` are entries to page to, 0 for none."""

    head: Head
    members: tuple[Who, ...]
    waits: tuple[Wait, ...]
    assertions: tuple[tuple[AssertionView, ...], ...]
    evidence: tuple[Exhibit, ...]
    assessments: tuple[AssessmentLine, ...]
    requests: tuple[ClockView, ...]
    notices: tuple[NoticeView, ...]
    awaited: tuple[AwaitedView, ...]
    procedure: tuple[Chapter, ...]
    lanes: Picture
    docket: tuple[Entry, ...]
    docket_first: int
    docket_size: int
    earlier: int
    later: int
    unjudged: tuple[Unjudged, ...]
    parties: tuple[PartyView, ...]
    proofs: Proofs

    def notices_alike(self) -> tuple[tuple[NoticeView, ...], ...]:
        """The notices in groups of which all but the assertion is the same: one line of the page each."""
        found: dict[object, list[NoticeView]] = {}
        for notice in self.notices:
            rest = replace(notice, assertion=replace(notice.assertion, number=0, n=0))
            found.setdefault(rest, []).append(notice)
        return tuple(map(tuple, found.values()))

    def awaited_alike(self) -> tuple[tuple[AwaitedView, ...], ...]:
        """What is awaited in groups of which all but the record is the same."""
        groups: dict[object, list[AwaitedView]] = {}
        for one in self.awaited:
            groups.setdefault((one.by, one.to, one.what), []).append(one)
        return tuple(map(tuple, groups.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitedView:
    """What ``to`` has said nothing to yet, and ``by`` signed."""

    record: Ref
    by: Who
    to: Who
    what: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """A case in the list of cases."""

    id: str
    title: str
    titles: tuple[Titled, ...]
    parties: tuple[Who, ...]
    assertions: int
    withdrawn: int
    records: int
    refused: int
    waiting: int
    open_requests: tuple[ClockView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Undelivered:
    """A message that has not arrived yet. ``to`` is an address."""

    to: str
    path: str
    bytes: int
    tries: int
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CasesView:
    """Everything on the first page."""

    computed_for: Who
    as_of: str
    waits: tuple[Wait, ...]
    cases: tuple[CaseLine, ...]
    undelivered: tuple[Undelivered, ...]
    undelivered_count: int


def view_cases(node: Node) -> CasesView:
    """The list of cases, newest first, and what this node could not deliver."""
    pending = node.journal.pending()
    readings = [Reading(node, case) for case in reversed(node.cases())]
    return CasesView(
        computed_for=Names(node).who(node.party.id),
        as_of=bodies.time_text(node.effects.now()),
        waits=list_waits(readings),
        cases=tuple(map(_line, readings)),
        undelivered=tuple(
            Undelivered(to=m.to, path=m.path, bytes=len(m.body), tries=m.tries, error=m.error)
            for m in pending[:50]
        ),
        undelivered_count=len(pending),
    )


def _line(reading: Reading) -> CaseLine:
    state = reading.state
    return CaseLine(
        id=reading.case,
        title=reading.title,
        titles=_titles(reading),
        parties=tuple(reading.who(m) for m in state.members),
        assertions=len(reading.facts),
        withdrawn=sum(1 for f in reading.facts if f.withdrawn),
        records=len(state.records),
        refused=len(state.refused),
        waiting=len(state.waiting),
        open_requests=tuple(
            _clock(reading, c)
            for c in sorted(reading.clocks, key=lambda c: c.due)
            if not c.settled and not c.withdrawn
        ),
    )


def view_head(reading: Reading) -> Head:
    """The head of any page about this case."""
    return Head(
        id=reading.case,
        title=reading.title,
        titles=_titles(reading),
        computed_for=reading.who(reading.node.party.id),
        as_of=bodies.time_text(reading.as_of),
    )


def view_case(reading: Reading, first: int = 1) -> CaseView:
    """The page of a case, with its docket from entry ``first`` (1 or more)."""
    size = len(reading.state.ordered)
    first = max(min(first, size), 1)
    entries = view_docket(reading, first, PAGE)
    return CaseView(
        head=view_head(reading),
        members=tuple(map(reading.who, reading.state.members)),
        waits=list_waits([reading]),
        assertions=view_assertions(reading),
        evidence=view_exhibits(reading),
        assessments=list_assessments(reading),
        requests=tuple(_clock(reading, clock) for clock in reading.clocks),
        notices=tuple(_notice(reading, facts) for facts in reading.notices),
        awaited=tuple(
            AwaitedView(
                record=reading.ref(one.record),
                by=reading.who(one.by),
                to=reading.who(one.party),
                what=label(words.AWAITED, one.what),
            )
            for one in awaited(reading.state, reading.clocks)
        ),
        procedure=view_procedure(reading),
        lanes=draw_lanes(reading, entries),
        docket=entries,
        docket_first=first,
        docket_size=size,
        earlier=max(first - PAGE, 1) if first > 1 else 0,
        later=first + PAGE if first + PAGE <= size else 0,
        unjudged=view_unjudged(reading),
        parties=_parties(reading),
        proofs=_proofs(reading),
    )


def _titles(reading: Reading) -> tuple[Titled, ...]:
    titles: dict[str, str] = {}
    claims: dict[str, dict[str, None]] = {}
    for record in reading.state.ordered:
        if isinstance(record.content, kinds.Open | kinds.State) and record.content.title:
            called = claims.setdefault(record.author, {})
            if isinstance(record.content, kinds.Open):
                titles[record.author] = record.content.title
            else:
                called[record.content.title] = None
    return tuple(
        Titled(by=reading.who(author), title=titles.get(author, ""), claims=tuple(called))
        for author, called in claims.items()
    )


def _clock(reading: Reading, clock: Clock) -> ClockView:
    answers = []
    for answer in clock.answers:
        content = reading.state.accepted[answer].content
        if isinstance(content, kinds.Answer):
            said = joined(
                (t for t in (content.ground and phrase("Ground: {}.", content.ground), content.text) if t),
                " ",
            )
            answers.append((reading.ref(answer), label(words.DISPOSITIONS, content.disposition), said))
    return ClockView(
        record=reading.ref(clock.request),
        asked_by=reading.who(clock.asked_by),
        asked_of=reading.who(clock.asked_of),
        type=label(words.REQUESTS, clock.type),
        text=clock.text,
        due=clock.due,
        basis=label(words.CLOCK_BASES, clock.basis),
        instrument=clock.instrument,
        proposed=clock.proposed,
        asked_due=clock.asked_due,
        extensions=tuple(
            ExtensionView(
                record=reading.ref(e.record),
                by=reading.who(e.by),
                due=e.due,
                answer=label(words.EXTENSIONS, e.answer),
                reason=e.reason,
                reply=e.reply,
                refused_too=reading.ref(e.refused_too) if e.refused_too else None,
                refusal=e.refusal,
            )
            for e in clock.extensions
        ),
        answers=tuple(answers),
        status=label(words.CLOCKS, clock.status),
    )


def _notice(reading: Reading, facts: NoticeFacts) -> NoticeView:
    def ref(record: str) -> Ref | None:
        return reading.ref(record) if record else None

    return NoticeView(
        assertion=reading.assertion(facts.target),
        to=reading.names.named(facts.to),
        state=label(words.NOTICES, facts.word),
        notice=ref(facts.notice),
        received=ref(facts.received),
        acknowledged=ref(facts.acknowledged),
        attempts=reading.refs(facts.attempts),
        published=tuple(
            (reading.ref(record), label(words.BEFORE, before), reason)
            for record, before, reason in facts.published
        ),
    )


def _parties(reading: Reading) -> tuple[PartyView, ...]:
    known = reading.node.parties()
    wanted = dict.fromkeys(reading.state.members)
    wanted |= dict.fromkeys(f.value.envelope.iss for f in reading.state.records.values())
    wanted |= dict.fromkeys(sorted(reading.state.splits))  # a ledger that registers here may be a stranger's
    said: dict[str, int] = {}
    for fact in reading.state.records.values():
        said[fact.value.envelope.iss] = said.get(fact.value.envelope.iss, 0) + 1
    return tuple(_party(reading, party, known.get(party), said.get(party, 0)) for party in wanted)


def _party(reading: Reading, party: str, known: Party | None, records: int) -> PartyView:
    return PartyView(
        who=reading.who(party),
        address=delivery.address_of(reading.node, party),
        home=reading.who(known.home) if known and known.guest else None,
        keys=_key_links(known) if known else (),
        openpgp=tuple(sorted({b.fingerprint for b in known.bindings})) if known else (),
        records=records,
        forked_from=reading.state.forks.get(party),
        split=reading.ref(reading.state.splits[party]) if party in reading.state.splits else None,
    )


def _key_links(party: Party) -> tuple[KeyLink, ...]:
    suspect = parties.suspect_keys(party)
    links = []
    for n, link in enumerate(party.keys):
        bound = not link.taken and link.revoked is None
        told = [] if n else [phrase("card")]
        if link.revoked is not None:
            told.append(
                phrase(
                    "revokes a {} key from leaf {} on", link.revoked.purpose, f"{link.revoked.suspect_from:,}"
                )
            )
        if n and link.taken:
            told.append(phrase("takes up a {} key", ", ".join((purpose for purpose, _ in link.taken))))
        if bound and n:
            told.append(phrase("binds an OpenPGP key"))
        since = [s for place in link.taken if (s := suspect.get(place)) is not None]
        links.append(
            KeyLink(
                record=link.record,
                index=link.index,
                told=joined(told, "; "),
                suspect_from=min(since) if since else None,
            )
        )
    return tuple(links)


def _proofs(reading: Reading) -> Proofs:
    text = checkpoint(reading.node)
    head = read_checkpoint(text, reading.node.party)
    policy = reading.state.policy
    witnesses = policy.witnesses if policy else ()
    names = {w.vkey: reading.who(w.party) if w.party else None for w in witnesses}
    called = {a.certificate: a.name for a in policy.authorities} if policy else {}
    attestations = sorted(
        (fact.value for fact in reading.state.attestations.values()),
        key=lambda a: (reading.place(a.home), a.size, sorted(a.seen_by.values()), a.id),
    )
    return Proofs(
        size=head.size,
        root=head.root.hex(),
        checkpoint=text,
        quorum=policy.quorum if policy else 0,
        witnesses=(
            *((w.vkey.partition("+")[0], names[w.vkey]) for w in witnesses),
            *((name, None) for name in called.values()),
        ),
        attestations=tuple(
            AttestationView(
                id=a.id,
                home=reading.who(a.home),
                size=a.size,
                root=a.root.hex(),
                records=sum(1 for r in a.records if r in reading.state.records),
                seen_by=(
                    *((v.partition("+")[0], w, a.seen_by[v]) for v, w in names.items() if v in a.seen_by),
                    *(
                        (called[c], None, latest)
                        for c, (_, latest) in (stamped_by(policy, a.stamps) if policy else {}).items()
                    ),
                ),
            )
            for a in attestations
        ),
    )
