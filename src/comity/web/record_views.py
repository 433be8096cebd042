"""One record, bit by bit: frame, content, envelope, receipt, and what stands below and above it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from comity.case.time import reasons as why_then
from comity.dossier.render_times import explain_times
from comity.errors import Refused
from comity.exchange.node import Node
from comity.records import kinds
from comity.web.cases import Head, view_head
from comity.web.docket import tell, why_closed
from comity.web.own_words import OwnWords, own_words
from comity.web.phrases import phrase
from comity.web.reading import Reading, Ref, Span, Who, rows_shown_here
from comity.web.reasons import reason
from comity.web.telling import Part
from comity.web.words import name_record

FIND_LIMIT = 50
_RECEIPTS: Final = (kinds.Received, kinds.Acknowledge, kinds.Checked)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordView:
    """Everything on the page of a record. ``judged`` is accepted, refused, waiting or withheld."""

    head: Head
    record: Ref
    by: Who
    told: tuple[Part, ...]
    judged: str
    why: str
    frame: tuple[tuple[str, str], ...]
    words: tuple[OwnWords, ...]
    claimed: str
    marking: str
    received: tuple[tuple[Who, Ref], ...]
    content: str
    commitment: str
    envelope: str
    envelope_fields: tuple[tuple[str, str], ...]
    home: Who
    index: int
    stale: bool
    suspect: bool
    span: Span
    reasons: tuple[str, ...]
    readers: tuple[Who, ...]
    released: bool
    below: tuple[Ref, ...]
    above: tuple[Ref, ...]
    times: tuple[str, ...]
    links: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Something that a hash, or the beginning of one, names: what it is, its full hash, its page."""

    what: str
    id: str
    link: str


def view_record(node: Node, record: str) -> RecordView:
    """The page of a record of one of this node's cases; ``Refused`` (``record.unknown``) if none holds it."""
    held = node.journal.held_record(record)
    if held is None or held.case not in node.cases():
        raise Refused("record.unknown", record[:12], "no case here holds a record of this id")
    reading = Reading(node, held.case)
    fact = reading.state.records[record]
    value, accepted = fact.value, reading.state.accepted.get(record)
    envelope, frame = value.envelope, value.frame
    judged, why = _judgement(reading, record)
    content = ""
    if record in reading.erased:
        why = why_closed(reading.state, record)
    elif value.opening is not None and value.opening.content is not None:
        content = json.dumps(json.loads(value.opening.content), indent=2, ensure_ascii=False)
    below = [r for r in reading.state.builds_on(record) if not r.startswith("t:")]
    times = [r.removeprefix("t:") for r in reading.state.builds_on(record) if r.startswith("t:")]
    return RecordView(
        head=view_head(reading),
        record=reading.ref(record),
        by=reading.who(envelope.iss),
        told=tuple(tell(reading, accepted)) if accepted else (),
        judged=judged,
        why=why,
        frame=()
        if frame is None
        else (
            (phrase("kind"), frame.kind),
            (phrase("claimed time"), frame.at),
            (phrase("marking"), frame.marking),
            (phrase("rules"), str(frame.rules)),
            (phrase("addressed to"), ", ".join(w.name for w in reading.whos(frame.audience))),
        ),
        words=own_words(reading, record, value.content) if content and value.content else (),
        claimed=frame.at if frame else "",
        marking=frame.marking if frame else "",
        received=_received(reading, record),
        content=content,
        commitment=value.opening.cc.hex() if value.opening else "",
        envelope=envelope.raw.hex(),
        envelope_fields=(
            (phrase("number in its author's chain"), str(envelope.seq)),
            (
                phrase("previous record"),
                envelope.prev if envelope.seq else phrase("none: the first in this case"),
            ),
            (phrase("key record"), envelope.keys),
            (phrase("alias in this case (sub)"), envelope.sub),
            (phrase("commitment (payload)"), envelope.payload.hex()),
            (phrase("signature"), envelope.signature.hex()),
        ),
        home=reading.who(fact.home),
        index=fact.index,
        stale=fact.stale,
        suspect=fact.suspect,
        span=reading.span(record),
        reasons=tuple(
            explain_times(record, why_then(reading.state)[record], lambda party: reading.who(party).name)
        ),
        readers=reading.whos(_others(reading, record)),
        released=accepted is not None and not reading.state.readable_by(record, node.party.id),
        below=reading.refs(below),
        above=reading.refs(r for r in reading.state.records if record in reading.state.builds_on(r)),
        times=tuple(times),
        links=_links(reading, record, value.content),
    )


def _judgement(reading: Reading, record: str) -> tuple[str, str]:
    state = reading.state
    if record in state.accepted:
        return "accepted", ""
    if record in state.refused:
        return phrase("refused"), phrase(
            "Rule {}: {}.", state.refused[record].rule, reason(state.refused[record].why)
        )
    if record in state.waiting:
        return phrase("waiting"), phrase("It builds on what is not held or not opened here.")
    return phrase("withheld"), why_closed(state, record)


def _received(reading: Reading, record: str) -> tuple[tuple[Who, Ref], ...]:
    """Who says on record that it has it, each with what says so; whoever says nothing may have it too."""
    return tuple(
        (reading.who(said.author), reading.ref(said.id))
        for said in reading.state.ordered
        if isinstance(said.content, _RECEIPTS) and record in reading.state.builds_on(said.id)
        if record in (getattr(said.content, name, "") for name in ("record", "notice", "disclosure"))
    )


def _links(reading: Reading, record: str, content: kinds.Content | None) -> tuple[tuple[str, str], ...]:
    """Pages that show more of what this record is about."""
    match content:
        case kinds.Report():
            return ((phrase("the finding with its rows and re-runs"), f"/findings/{record}"),)
        case kinds.Assess():
            return ((phrase("the assessment with its figures and their limits"), f"/assessments/{record}"),)
        case kinds.Replicate(finding=finding):
            return ((phrase("the finding that it ran again"), f"/findings/{finding}"),)
        case kinds.Seal(item=item) | kinds.Disclose(item=item, level="whole"):
            return (
                (phrase("the item: rows held here, custody, and who saw what"), f"/evidence/{item.root}"),
            )
        case kinds.Transfer() | kinds.Receive() | kinds.Hold() | kinds.Erase():
            return ((phrase("the item: its custody, and who saw what"), f"/evidence/{content.item.root}"),)
        case kinds.Offer() | kinds.Ask() | kinds.Matched():
            return ((phrase("private matching in this case"), f"/case/{reading.case}/matching"),)
        case kinds.Disclose() if rows_shown_here(reading, record):
            return ((phrase("the rows shown, with their proofs checked"), f"/shown/{record}"),)
    return ()


def find(node: Node, text: str) -> tuple[Found, ...]:
    """Whatever this node's cases hold under a hash or the beginning of one (6 hex digits or more)."""
    found: dict[str, Found] = {}
    for party, known in node.parties().items():
        if party.startswith(text):
            found.setdefault(
                party, Found(what=phrase("party {}", known.card.name), id=party, link=_place_of(node, party))
            )
    for case in node.cases():
        state = node.state(case)
        if case.startswith(text):
            found.setdefault(case, Found(what=phrase("case"), id=case, link=f"/case/{case}"))
        for record, fact in state.records.items():
            if record.startswith(text):
                frame = fact.value.frame
                what = name_record(frame.kind) if frame else phrase("record (envelope only)")
                found.setdefault(record, Found(what=what, id=record, link=f"/record/{record}"))
        for seal in state.of("evidence.seal"):
            if isinstance(seal.content, kinds.Seal) and seal.content.item.root.startswith(text):
                root = seal.content.item.root
                found.setdefault(root, Found(what=phrase("sealed item"), id=root, link=f"/evidence/{root}"))
        for name in state.attestations:
            if name.startswith(text):
                found.setdefault(
                    name, Found(what=phrase("attestation"), id=name, link=f"/case/{case}#proofs")
                )
        if len(found) >= FIND_LIMIT:
            break
    return tuple(found.values())[:FIND_LIMIT]


def _place_of(node: Node, party: str) -> str:
    """Where the page of parties shows this one."""
    return "/parties#own" if party == node.party.id else f"/parties#p{party[:12]}"


def _others(reading: Reading, record: str) -> frozenset[str]:
    """Who may read a record besides its author; "everyone" says it for each of them."""
    audience = reading.state.audiences.get(record, frozenset())
    accepted = reading.state.accepted.get(record)
    others = audience - {accepted.author} if accepted else audience
    return frozenset({kinds.PUBLIC}) if kinds.PUBLIC in others else others
