"""Requests and their clocks; notices and how far they came (``spec/07-facts.md`` §4–5).

A clock has a basis: *asked* by one side, said to follow from an *instrument* that is cited, or *agreed*
on the wire. Only an agreed clock lapses;
otherwise "no answer recorded by the time asked". Silence is never an admission. The state has
no "now": every function here takes ``as_of``, in seconds since 1970 UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from comity.case.attempts import attempts_for
from comity.case.extensions import Extension, extensions, withdrawn_requests
from comity.case.judging import assertions_of
from comity.case.state import Accepted, State
from comity.case.time import Interval, intervals
from comity.records import bodies, kinds
from comity.records.kinds import Named, Target
from comity.records.kinds_of_statements import Announce
from comity.records.parties import Party

# open | in-time | late | timing-unproven | lapsed | no-answer-by-time-asked | refused | due-before-asked
# | withdrawn
Status = str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One request and its clock, as both sides see it. ``settled`` is the answer that ended it, or "".

    ``due`` is the instant that counts, ``asked_due`` the one first asked for; ``extensions`` are all
    proposals of more time, and ``withdrawn`` the record by which its author no longer asks, or "".
    """

    request: str
    asked_by: str
    asked_of: str
    type: str
    text: str
    due: int
    basis: str
    proposed: int | None
    answers: tuple[str, ...]
    settled: str
    disposition: str
    status: Status
    asked_due: int
    extensions: tuple[Extension, ...] = ()
    withdrawn: str = ""
    instrument: str = ""


def clocks(state: State, as_of: int) -> tuple[Clock, ...]:
    """Every request in the case with its clock at ``as_of``, in causal order."""
    times = intervals(state)
    answers: dict[str, list[Accepted]] = {}
    for record in state.of("request.answer"):
        if isinstance(record.content, kinds.Answer):
            answers.setdefault(record.content.request, []).append(record)
    more, withdrawals = extensions(state), withdrawn_requests(state)
    return tuple(
        _clock(
            state,
            record,
            answers.get(record.id, []),
            more.get(record.id, ()),
            withdrawals.get(record.id, ""),
            times,
            as_of,
        )
        for record in state.of("request.make")
    )


def _clock(
    state: State,
    record: Accepted,
    answers: list[Accepted],
    more: tuple[Extension, ...],
    withdrawn: str,
    times: Mapping[str, Interval],
    as_of: int,
) -> Clock:
    content = record.content
    assert isinstance(content, kinds.Request)
    asked_due = bodies.parse_time(content.due)
    agreed, proposed, settled, disposition = False, None, "", ""
    for answer in answers:
        assert isinstance(answer.content, kinds.Answer)
        # Agreeing binds its author even after a fork; being asked by a forked author does not.
        agreed = agreed or bool(answer.content.agrees)
        if answer.content.due:
            proposed = bodies.parse_time(answer.content.due)
        favourable = answer.content.disposition in ("fulfilled", "partial")
        if favourable and state.against_author(answer):
            continue
        if not settled and answer.content.disposition in ("fulfilled", "refused", "partial"):
            settled, disposition = answer.id, answer.content.disposition
    granted = [e for e in more if e.answer == "accepted"]
    instants = [asked_due] * agreed + [e.due for e in granted]
    due = max(instants, default=asked_due)
    agreed = agreed or any(e.binds_asked for e in granted)
    basis = "instrument" if content.instrument else "asked"
    if agreed and not state.against_author(record):
        basis = "agreed"
    asked_from = times[record.id].not_before
    # Nobody can be late for an instant that had passed when it was asked for, by the asker's own word or by
    # what its request cites.
    past = due <= bodies.parse_time(record.frame.at) or (asked_from is not None and asked_from > due)
    if settled:
        status = punctuality(times[settled], due)
        if disposition == "refused" and not (basis == "agreed" and status == "late"):
            status = "refused"
        elif past:
            status = "due-before-asked"
    elif past:
        status = "due-before-asked"
    elif as_of <= due:
        status = "open"
    else:
        status = "lapsed" if basis == "agreed" else "no-answer-by-time-asked"
    # Who stops asking before the time is over is owed nothing; afterwards, what had lapsed stays so.
    if withdrawn and not settled and punctuality(times[withdrawn], due) != "late":
        status = "withdrawn"
    return Clock(
        request=record.id,
        asked_by=record.author,
        asked_of=content.to,
        type=content.type,
        text=content.text,
        due=due,
        basis=basis,
        proposed=proposed,
        answers=tuple(a.id for a in answers),
        settled=settled,
        disposition=disposition,
        status=status,
        asked_due=asked_due,
        extensions=more,
        withdrawn=withdrawn,
        instrument=content.instrument,
    )


def punctuality(interval: Interval, due: int) -> Status:
    """``in-time``, ``late`` or ``timing-unproven``, by the proven interval alone."""
    if interval.not_after is not None and interval.not_after <= due:
        return "in-time"
    if interval.not_before is not None and interval.not_before > due:
        return "late"
    return "timing-unproven"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeFacts:
    """How one party named by one assertion was told of it, and what was published before.

    ``state`` is none, given, delivery-attempted, received or acknowledged. ``published`` lists dossiers by
    the author of the assertion, as (record, how far notice had come, stated reason): ``received`` where the
    receipt or acknowledgement is in the dossier record's causal past, ``given`` where only the notice is,
    or ``none``.
    ``by_name``: the party was named in words only, and whoever says that the notice came merely bears that
    name on its card; nothing authenticates it.
    ``attempts`` are couriers' attempts that count; they make a notice ``delivery-attempted``, which proves
    that somebody tried, and no reading.
    A notice by an author that forked counts only where the party that was told says that it came.
    """

    target: Target
    author: str
    to: Named
    state: str
    notice: str
    received: str
    acknowledged: str
    published: tuple[tuple[str, str, str], ...]
    by_name: bool = False
    attempts: tuple[str, ...] = ()

    @property
    def word(self) -> str:
        """The state as it is to be said: a receipt by name alone is called what it is."""
        named = {"received": "received-by-name", "acknowledged": "acknowledged-by-name"}
        return named.get(self.state, self.state) if self.by_name else self.state


def notices(state: State, parties: Mapping[str, Party] = MappingProxyType({})) -> tuple[NoticeFacts, ...]:
    """For every assertion and every other party it names: was it told, and before what was published.

    ``parties`` has the cards at hand, by id: one that is named in words only is answered for by the name on a
    card, and where no card bears exactly that name, by nobody.
    """
    past = Past(state)
    given = [r for r in state.of("notice.give") if isinstance(r.content, kinds.Give)]
    found = []
    for record in state.ordered:
        for n, assertion in enumerate(assertions_of(record.content)):
            for named in assertion.about:
                if named.party != record.author:
                    target = Target(record=record.id, n=n)
                    found.append(_notice(state, parties, past, record, target, named, given))
    return tuple(found)


def _notice(
    state: State,
    parties: Mapping[str, Party],
    past: Past,
    record: Accepted,
    target: Target,
    named: Named,
    given: list[Accepted],
) -> NoticeFacts:
    tellers = {named.party} if named.party else _called(parties, named.name) - {record.author}
    notice = received = acknowledged = ""
    for give in given:
        content = give.content
        assert isinstance(content, kinds.Give)
        if content.target == target.record and target.n in content.assertions and content.to == named:
            notice = notice or give.id
            received = received or _answer_to(state, give.id, "record.received", tellers)
            acknowledged = acknowledged or _answer_to(state, give.id, "notice.acknowledge", tellers)
    # The giver of a notice may not rest on one that stands in one of two histories it signed.
    if notice and not received and not acknowledged and state.against_author(state.accepted[notice]):
        notice = ""
    attempts = tuple(a.id for g in given if g.id == notice for a in attempts_for(state, g))
    told = "delivery-attempted" if attempts else "given" if notice else "none"
    published = []
    for public, reason in _publications(state, record, target):
        if past.has(public.id, record.id):
            seen = [r for r in (received, acknowledged) if r and past.has(public.id, r)]
            before = "received" if seen else "given" if notice and past.has(public.id, notice) else "none"
            published.append((public.id, before, reason))
    return NoticeFacts(
        target=target,
        author=record.author,
        to=named,
        state="acknowledged" if acknowledged else "received" if received else told,
        attempts=attempts,
        notice=notice,
        received=received,
        acknowledged=acknowledged,
        published=tuple(published),
        by_name=bool(received or acknowledged) and not named.party,
    )


def _publications(state: State, record: Accepted, target: Target) -> Iterator[tuple[Accepted, str]]:
    """What the author of an assertion published of it, with the reason stated for not giving notice."""
    for public in (*state.of("dossier.publish"), *state.of("statement.publish")):
        content = public.content
        if public.author != record.author:
            continue
        if isinstance(content, kinds.Publish) or (
            isinstance(content, Announce)
            and kinds.PUBLIC in public.frame.audience
            and any(target in sentence.assertions for sentence in content.sentences)
        ):
            yield public, content.without_notice


def _called(parties: Mapping[str, Party], name: str) -> set[str]:
    return {party for party, known in parties.items() if known.card.name == name}


def _answer_to(state: State, notice: str, kind: str, tellers: set[str]) -> str:
    for record in state.of(kind):
        content = record.content
        about = content.notice if isinstance(content, kinds.Acknowledge) else getattr(content, "record", "")
        if about == notice and record.author in tellers:
            return record.id
    return ""


class Past:
    """Whether one record is in another's causal past: its chain, and the chains it names."""

    def __init__(self, state: State) -> None:
        self._state = state

    def has(self, record: str, earlier: str) -> bool:
        """Whether ``earlier`` is below ``record``. Both are held."""
        wanted = self._state.records[earlier].value.envelope
        return any(self._in_chain(tip, wanted.id) for tip in self._state.builds_on(record))

    def _in_chain(self, tip: str, wanted: str) -> bool:
        target = self._state.records[wanted].value.envelope
        held = self._state.records.get(tip)
        if held is None or (held.value.envelope.iss, held.value.envelope.sub) != (target.iss, target.sub):
            return False
        if target.iss not in self._state.forks:
            return held.value.envelope.seq >= target.seq
        while held is not None and held.value.envelope.seq > target.seq:
            held = self._state.records.get(held.value.envelope.prev)
        return held is not None and held.value.id == wanted
