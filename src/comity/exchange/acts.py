"""The verbs of a case: each signs exactly one record, or declines and writes nothing.

Thin on purpose: what is admissible is decided by ``case/rules.py`` when the record is authored. A verb
gathers what the record references, and by default addresses it to every member of the case.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from comity.case.assessed import rests_on
from comity.case.judging import assertions_of
from comity.case.state import State, followed
from comity.case.time import count_attesting
from comity.case.verified import Verified
from comity.errors import Refused
from comity.exchange.authoring import Draft, author
from comity.exchange.node import CASE_KEY, Node
from comity.phrases import phrase
from comity.records import bodies, envelopes, kinds, parties
from comity.records.bundles import Record
from comity.records.kinds import Assertion, Named, Policy, Position, Support, Target

GRANTED = 150
"""Records that one grant names at most: with earlier grants they fit a frame."""


def say(
    node: Node,
    case: str,
    content: kinds.Content,
    references: Iterable[str] = (),
    *,
    to: Sequence[str] = (),
    marking: kinds.Marking | None = None,
    packages: Sequence[str] = (),
    notes: Mapping[str, bytes] | None = None,
    require: Callable[[State], None] | None = None,
) -> Verified[Record]:
    """Sign one record to ``to`` (default: every member). It references also the opening of the case, where
    it is this party's first, the newest attestations, and grants of what it references. ``notes`` are stored
    with it, in one write; ``require`` as of ``author``."""
    state = node.state(case)
    me = node.party.id
    wanted = {*references, *_beginning(state, me)}
    audience = list(to) or [m for m in state.members if m != me] or [me]
    wanted |= _grants_for(state, wanted, audience)
    wanted |= {f"t:{a}" for a in _newest_attestations(state)}
    draft = Draft(
        content=content, audience=audience, references=sorted(wanted), marking=marking, packages=packages
    )
    return author(node, case, draft, notes, require=require)


def _beginning(state: State, me: str) -> set[str]:
    """What the first record of a chain references (rule 3)."""
    begun = state.opening is None or any(r.author == me for r in state.accepted.values())
    return set() if begun or state.opening is None else {state.opening.id}


def _grants_for(state: State, references: set[str], audience: Sequence[str]) -> set[str]:
    """The grants a record must name, so that its readers can tell they may read what it cites (rule 6)."""
    lacking = {
        r
        for r in references
        if r in state.accepted
        and state.accepted[r].frame.kind != "case.open"
        and not _covers(state.accepted[r].frame.audience, {*audience} - {state.accepted[r].author})
    }
    return {
        grant.id
        for grant in state.of("case.grant")
        if any(r in lacking and state.accepted[r].author == grant.author for r in grant.frame.references)
    }


def _covers(audience: Sequence[str], readers: set[str]) -> bool:
    return kinds.PUBLIC in audience or readers <= set(audience)


def _newest_attestations(state: State) -> list[str]:
    """The largest attested checkpoint of each ledger: citing it proves a "not before"."""
    newest: dict[str, tuple[int, int, str]] = {}
    for name, fact in state.attestations.items():
        count = count_attesting(state.policy, fact.value) if state.policy else 0
        place = (fact.value.size, count, name)
        if count and place > newest.get(fact.value.home, (-1, -1, "")):
            newest[fact.value.home] = place
    return [name for _, _, name in newest.values()]


def open_case(node: Node, date: str, policy: Policy, title: str = "") -> str:
    """Open a case and give its id; its 32-byte key is made here and stays with the members."""
    key = node.effects.random(32)
    sign_opening(node, date, policy, title, key=key)
    return case_under(node, key)


def case_under(node: Node, key: bytes) -> str:
    """The id of the case that this party opens under a key."""
    return envelopes.case_id(envelopes.key_hash(key), node.party.id)


def sign_opening(node: Node, date: str, policy: Policy, title: str = "", *, key: bytes) -> Verified[Record]:
    """The record that opens a case, under a key of 32 bytes that was made for it alone."""
    content = kinds.Open(key_hash=envelopes.key_hash(key), date=date, policy=policy, title=title)
    case = case_under(node, key)
    return author(node, case, Draft(content=content, audience=[node.party.id]), {CASE_KEY + case: key})


def neutral_title(state: State) -> str:
    """The neutral name of a case: the beginning of its id, and its date."""
    content = state.opening.content if state.opening else None
    date = content.date if isinstance(content, kinds.Open) else "undated"
    return f"C-{state.case[:8]}-{date}"


def invite(node: Node, case: str, party: str, *, share: bool = True) -> Verified[Record]:
    """Bring a known party in. ``share`` first grants it everything of this node's own that all members have,
    so that what it receives can be judged by it; ``not_shared`` says what is left out."""
    state = node.state(case)
    without = set(not_shared(node, case))
    own = [r for r in _shown_to_all(state, node.party.id) if r not in without]
    if share and own:
        grant(node, case, own, [party])
    recipient = parties.recipient_of(node.author(party))
    sealed = node.boxes.seal_to([recipient], node.case_key(case)).hex() if recipient else ""
    return author(
        node,
        case,
        Draft(
            content=kinds.Invite(to=party, sealed_key=sealed),
            audience=sorted({*state.members, party} - {node.party.id}),
            references=sorted(_beginning(state, node.party.id)),
        ),
    )


def not_shared(node: Node, case: str) -> tuple[str, ...]:
    """Records of this party that all members have and whoever is invited does not get: those that it marked
    TLP:RED (for their readers alone), what they amend or withdraw, with which they would go, and what builds
    on any of these. What makes the case, its opening and invitations, is shared however it is marked."""
    state = node.state(case)
    own = [
        state.accepted[r]
        for r in _shown_to_all(state, node.party.id)
        if state.accepted[r].frame.kind not in ("case.open", "case.invite")
    ]
    without = {r.id for r in own if r.frame.marking == "TLP:RED"}
    size = -1
    while size < len(without):  # it only grows, so this ends
        size = len(without)
        without |= {r.id for r in own if without & set(r.frame.references)}
        without |= {followed(r.content) for r in own if r.id in without} & {r.id for r in own}
    return tuple(r.id for r in own if r.id in without)


def _shown_to_all(state: State, party: str) -> list[str]:
    return [r.id for r in state.ordered if r.author == party and _to_all(state, r.id)]


def _to_all(state: State, record: str) -> bool:
    accepted = state.accepted[record]
    members = set(state.members) - {accepted.author}
    return accepted.frame.kind != "case.grant" and (
        members <= state.audiences[record] or accepted.frame.kind == "case.open"
    )


def grant(
    node: Node, case: str, records: Iterable[str], to: Sequence[str], *, reasoned: bool = False
) -> Verified[Record]:
    """Let more readers open records that this party wrote. Their references are not granted by this.

    A frame holds a few hundred ids, so many records are granted in several acts; gives the last of them.
    ``reasoned`` as of ``Draft``.
    """
    wanted = sorted(set(records))
    if not wanted:
        raise Refused("grant.nothing", case[:12], "no record was named")
    done = [
        _grant(node, case, wanted[at : at + GRANTED], to, reasoned) for at in range(0, len(wanted), GRANTED)
    ]
    return done[-1]


def _grant(
    node: Node, case: str, wanted: Sequence[str], to: Sequence[str], reasoned: bool
) -> Verified[Record]:
    state = node.state(case)
    readers = {m for m in state.members if all(state.readable_by(r, m) for r in wanted)}
    content = kinds.Grant(to=(kinds.PUBLIC,) if kinds.PUBLIC in to else tuple(sorted(set(to))))
    audience = sorted((readers | set(to)) - {node.party.id})
    # Readers by an earlier grant must see that grant, and so must those who come now.
    earlier = _grants_for(state, set(wanted), sorted(readers - {node.party.id}))
    references = sorted({*wanted, *earlier})
    return author(
        node, case, Draft(content=content, audience=audience, references=references, reasoned=reasoned)
    )


def state_claim(
    node: Node, case: str, title: str, assertions: Sequence[Assertion], *, to: Sequence[str] = ()
) -> Verified[Record]:
    """State assertions: claimed, denied or counter-claimed."""
    return say(node, case, kinds.State(title=title, assertions=tuple(assertions)), _cited(assertions), to=to)


def _cited(assertions: Iterable[Assertion]) -> set[str]:
    found = {s.record for a in assertions for s in a.supports if s.record}
    return found | {a.against.record for a in assertions if isinstance(a.against, Target)}


def withdraw(node: Node, case: str, target: str, numbers: Sequence[int], reason: str) -> Verified[Record]:
    """Take back own assertions; what was said, and that it was withdrawn, stays."""
    state = node.state(case)
    content = kinds.Withdraw(target=target, assertions=tuple(sorted(set(numbers))), reason=reason)
    return say(node, case, content, [target], to=reach_of(node, state, target))


def reach_of(node: Node, state: State, target: str, cited: Iterable[str] = ()) -> list[str]:
    """Whom an answer, a correction or a re-run is addressed to: all readers of its target, but those who may
    read the target, or for the public something ``cited``, only since an answer reaches whoever reads what it
    answers. Such a reader has no grant that the record could name (rule 6), and reads it as they read the
    target."""
    record = state.accepted.get(target)
    if record is None:
        raise Refused("record.unknown", target[:12], "no accepted record of this id is held in the case")
    reach = (state.audiences[target] | {record.author} | set(state.members)) - {node.party.id}
    if kinds.PUBLIC in reach and all(_opened_to(state, r, kinds.PUBLIC) for r in {target, *cited}):
        return [kinds.PUBLIC]
    return sorted(reader for reader in reach - {kinds.PUBLIC} if _opened_to(state, target, reader))


def _opened_to(state: State, record: str, reader: str) -> bool:
    """Whether its author opens a record to a reader: by its frame, or by a grant."""
    accepted = state.accepted.get(record)
    if accepted is None or accepted.author == reader or accepted.frame.kind == "case.open":
        return True
    told = {reader, kinds.PUBLIC}
    return not told.isdisjoint(accepted.frame.audience) or any(
        isinstance(grant.content, kinds.Grant)
        and grant.author == accepted.author
        and record in grant.frame.references
        and not told.isdisjoint(grant.content.to)
        for grant in state.of("case.grant")
    )


def give_notice(
    node: Node, case: str, target: str, numbers: Sequence[int], to: Named, text: str, language: str = "en"
) -> Verified[Record]:
    """Tell a party of assertions that name it. One without a key gets a notice file (``guests.py``)."""
    content = kinds.Give(
        to=to, target=target, assertions=tuple(sorted(set(numbers))), text=text, language=language
    )
    return say(node, case, content, [target])


def acknowledge(node: Node, case: str, notice: str, text: str = "") -> Verified[Record]:
    """An officer confirms having read a notice. Concedes nothing."""
    return say(node, case, kinds.Acknowledge(notice=notice, text=text), [notice])


def receipt(node: Node, case: str, record: str) -> Verified[Record]:
    """Confirm, automatically, that a record arrived; nothing more. Its author is a reader, a guest too."""
    state = node.state(case)
    readers = {*state.members, state.accepted[record].author} - {node.party.id}
    return say(node, case, kinds.Received(record=record), [record], to=sorted(readers))


def request(node: Node, case: str, content: kinds.Request) -> Verified[Record]:
    """Ask a party for something by an instant. A guest of this node that answered here is a reader too: it
    gets no parcels, so the request is handed to it, and it answers by the record's id."""
    require_to_come(node, content.due)
    references = set(content.items)
    if isinstance(content.about, Target):
        references.add(content.about.record)
    state, asked = node.state(case), node.parties().get(content.to)
    heard = (
        asked is not None and asked.card.home and any(r.author == asked.id for r in state.accepted.values())
    )
    readers = [m for m in state.members if m != node.party.id] + [content.to]
    return say(
        node, case, content, references, to=readers if heard and content.to not in state.members else ()
    )


def require_to_come(node: Node, instant: str) -> None:
    """Return if an instant is to come; ``Refused`` (``clock.passed``) otherwise. To ask for one that has
    passed starts no clock, and whoever agreed to one would have let it lapse at once."""
    if bodies.parse_time(instant) <= node.effects.now():
        raise Refused(
            "clock.passed", instant, phrase("has passed already: ask for, or propose, an instant to come")
        )


def answer(node: Node, case: str, content: kinds.Answer) -> Verified[Record]:
    """Answer a request: accept its clock, propose another, refuse with a ground, or fulfil it."""
    for instant in (content.agrees, content.due):
        if instant:
            require_to_come(node, instant)
    return say(node, case, content, {content.request, *content.fulfils})


def respond(
    node: Node,
    case: str,
    target: str,
    positions: Sequence[Position] = (),
    assertions: Sequence[Assertion] = (),
) -> Verified[Record]:
    """Take positions on another's assertions, and state one's own."""
    content = kinds.Response(target=target, positions=tuple(positions), assertions=tuple(assertions))
    cited = {s.record for p in positions for s in p.supports if s.record} | _cited(assertions)
    return say(node, case, content, {target, *cited}, to=reach_of(node, node.state(case), target, cited))


def endorse(node: Node, case: str, content: kinds.Endorse) -> Verified[Record]:
    """Support another's assertion on a declared basis."""
    cited = {s.record for s in content.supports if s.record}
    return say(node, case, content, {content.target.record, *cited})


def assess(node: Node, case: str, content: kinds.Assess, *, to: Sequence[str] = ()) -> Verified[Record]:
    """Sign an assessment. It references what its items rest on and what it is about, and its readers may read
    all of that. Its figures are its author's: nothing is weighed here."""
    references = set(rests_on(content))
    if isinstance(content.about, Target):
        references.add(content.about.record)
    return say(node, case, content, references, to=to)


def find_record(state: State, text: str) -> str:
    """An accepted record by id or by the beginning of its id (6 digits or more), or a seal by the name of the
    item."""
    found = [r for r in state.accepted if len(text) >= 6 and r.startswith(text.lower())]
    found = found or [r.id for r in state.of("evidence.seal") if getattr(r.content, "name", "") == text != ""]
    if len(found) != 1:
        raise Refused(
            "record.unknown", text, "names no record of the case" if not found else "names several records"
        )
    return found[0]


def find_target(state: State, text: str) -> Target:
    """An assertion written ``RECORD#N`` (N from 1, as pages count), or ``RECORD`` if it states one."""
    record, _, number = text.partition("#")
    full = find_record(state, record)
    stated = assertions_of(state.accepted[full].content)
    if not number and len(stated) != 1:
        raise Refused(
            "assertion.unknown", text, f"states {len(stated)} assertions; write {record}#1 and so on"
        )
    if number and not (number.isascii() and number.isdigit() and 1 <= int(number) <= len(stated)):
        raise Refused(
            "assertion.unknown", text, f"the record states {len(stated)} assertions, counted from 1"
        )
    return Target(record=full, n=int(number or 1) - 1)


def time_in(node: Node, seconds: int) -> str:
    """The instant that many seconds from now, in the one time form."""
    return bodies.time_text(node.effects.now() + seconds)


def support_of(state: State, record: str, inference: str) -> Support:
    """A support on a finding or sealed item, by its record."""
    kind = state.accepted[record].frame.kind
    if kind not in ("finding.report", "evidence.seal"):
        raise Refused("support.kind", record[:12], f"a support is a finding or a sealed item, not {kind}")
    return Support(kind="finding" if kind == "finding.report" else "item", record=record, inference=inference)
