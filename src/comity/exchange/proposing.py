"""A disclosure put to those who approve it: kept on this node until it is sent or dropped, with the approvals
that came.

Approvers hold their keys apart from the node, so an approval comes in from outside: as a proposal file that
bears it, or as one line. Either counts only if it is of exactly what is kept here.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from comity.case.disclosures import approvers_now
from comity.case.verified import Verified
from comity.errors import Malformed, Refused
from comity.exchange import handing_over
from comity.exchange.authoring import mark
from comity.exchange.disclosing import parse_proposal, render_proposal
from comity.exchange.erasing import PROPOSED, needed_blobs
from comity.exchange.node import Node
from comity.exchange.ports import Write
from comity.exchange.rehearsing import Rehearsal, try_aside
from comity.records import bodies, cbor, kinds
from comity.records.approvals import approved_bytes, check_approvals
from comity.records.bundles import Record
from comity.records.kinds import Approval, Approver

_LINE = re.compile(r"([0-9a-f]{64})[\s:]+([0-9a-f]{128})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A disclosure that waits for approvals. ``id`` is the SHA-256 of the bytes that an approval signs (10
    §9); ``approved`` and ``awaited`` are offices of the list as it is now; ``sent`` is the record that was
    made of it, or ""."""

    id: str
    case: str
    author: str
    seal: str
    content: kinds.Disclose
    needed: int
    approved: tuple[Approver, ...]
    awaited: tuple[Approver, ...]
    sent: str

    @property
    def enough(self) -> bool:
        """Whether it may be sent."""
        return len(self.approved) >= self.needed

    def render(self) -> bytes:
        """The file that is handed to an approver."""
        return render_proposal(self.case, self.author, self.seal, self.content)


def approvals_asked(node: Node, case: str) -> int:
    """How many approvals a disclosure of this party bears in the case; 0 where it is signed at once."""
    state = node.state(case)
    known = approvers_now(state, node.party.id)
    asked = state.policy.approvals if state.policy else 0
    if known is None:
        return asked or 0
    assert isinstance(known.content, kinds.Approvers)
    return max(asked or 0, known.content.needed)


def digest_of(case: str, author: str, content: kinds.Disclose) -> str:
    """What stands for exactly this disclosure: the SHA-256 of the bytes that an approval of it signs."""
    return hashlib.sha256(approved_bytes(case, author, content)).hexdigest()


def sketch(node: Node, case: str, draft: Callable[[Node], kinds.Disclose]) -> Rehearsal:
    """The proposal that ``draft`` would make, without keeping anything of it."""
    _require_list(node, case)
    content = try_aside(node, case, draft)
    state = node.state(case)
    known = approvers_now(state, node.party.id)
    with node.lock:  # what somebody else signs now has a marking of its own
        marking = mark(node, content.kind, content.to)
    readers = {*state.members, *content.to} - {node.party.id}
    frame = kinds.Frame(
        kind=content.kind,
        author=node.party.id,
        case=case,
        at=bodies.time_text(node.effects.now()),
        marking=marking,
        audience=(kinds.PUBLIC,) if kinds.PUBLIC in content.to else tuple(sorted(readers)),
        rules=kinds.rules_needed(content),
        references=(known.id,) if known else (),
    )
    digest = digest_of(case, node.party.id, content)
    return Rehearsal(frame=frame, content=bodies.render(content), digest=digest)


def propose(node: Node, case: str, seal: str, draft: Callable[[Node], kinds.Disclose]) -> str:
    """Keep what ``draft`` makes until it is approved; the id of the proposal."""
    with node.lock:
        _require_list(node, case)
        content = draft(node)
        made = digest_of(case, node.party.id, content)
        # Proposed again, it keeps the approvals that it has.
        if node.journal.note(f"{PROPOSED}{content.item.root}/{made}") is None:
            _keep(node, case, seal, content)
        return made


def _keep(node: Node, case: str, seal: str, content: kinds.Disclose) -> None:
    me = node.party.id
    name = f"{PROPOSED}{content.item.root}/{digest_of(case, me, content)}"
    note = cbor.encode([content.package, render_proposal(case, me, seal, content)])
    node.journal.write(Write(notes={name: note}))


def _require_list(node: Node, case: str) -> kinds.Approvers:
    known = approvers_now(node.state(case), node.party.id)
    if known is None or not isinstance(known.content, kinds.Approvers):
        raise Refused("disclose.approvals", case[:12], "name approvers first (comity disclose approvers)")
    return known.content


def proposals(node: Node, case: str = "") -> tuple[Proposal, ...]:
    """Every proposal that is kept here, of one case or of all; ``Malformed`` (``proposal.note``) where the
    note of one is damaged."""
    found = []
    for name, note in node.journal.notes(PROPOSED).items():
        match cbor.decode(note, name, code="proposal.note"):
            case [str(), bytes() as raw]:
                of_case, author, seal, content = parse_proposal(raw, name)
            case _:
                raise Malformed("proposal.note", name, "the note of a proposal is damaged")
        if case in ("", of_case):
            found.append(_standing(node, of_case, author, seal, content))
    return tuple(sorted(found, key=lambda p: (bool(p.sent), p.case, p.id)))


def proposal_at(node: Node, case: str, name: str) -> Proposal:
    """One of them; ``Refused`` (``proposal.unknown``) where it is not kept here."""
    for each in proposals(node, case):
        if each.id == name:
            return each
    raise Refused("proposal.unknown", name[:12], "no such proposal is kept here")


def _standing(node: Node, case: str, author: str, seal: str, content: kinds.Disclose) -> Proposal:
    state = node.state(case)
    known = approvers_now(state, author)
    listed = known.content.approvers if known and isinstance(known.content, kinds.Approvers) else ()
    given = {a.key for a in content.approvals}
    plain = msgspec.structs.replace(content, approvals=())
    sent = [
        r.id
        for r in state.of("evidence.disclose")
        if r.author == author
        and isinstance(r.content, kinds.Disclose)
        and r.content.package == plain.package
        and msgspec.structs.replace(r.content, approvals=()) == plain
    ]
    return Proposal(
        id=digest_of(case, author, content),
        case=case,
        author=author,
        seal=seal,
        content=content,
        needed=approvals_asked(node, case),
        approved=tuple(a for a in listed if a.key in given),
        awaited=tuple(a for a in listed if a.key not in given),
        sent=sent[0] if sent else "",
    )


def read_approvals(raw: bytes, proposal: Proposal) -> tuple[Approval, ...]:
    """The approvals that came: in a proposal file, or as lines of a key and a signature, both hexadecimal.

    ``Refused`` (``proposal.other``) where a file proposes anything but what is kept; ``Malformed``
    (``proposal.form``) where it is neither, or bears no approval.
    """
    text = raw.decode("ascii", "replace")
    found = tuple(Approval(key=key, signature=signature) for key, signature in _LINE.findall(text))
    if found and not _LINE.sub("", text).strip():
        return found
    case, author, seal, content = parse_proposal(raw, "approval")
    made = digest_of(case, author, content)
    if (made, seal) != (proposal.id, proposal.seal):
        why = f"approves something else: {made[:12]}…, where {proposal.id[:12]}… was shown"
        raise Refused("proposal.other", "approval", why)
    if not content.approvals:
        raise Malformed("proposal.form", "approval", "the file bears no approval")
    return content.approvals


def take_approvals(node: Node, case: str, name: str, raw: bytes) -> Proposal:
    """Keep approvals with the proposal that they are of. ``NotVerified`` as
    :func:`~comity.records.approvals.check_approvals`: by a key that the list does not name, or of anything
    else than what is kept; then nothing is kept of what came."""
    with node.lock:
        proposal = proposal_at(node, case, name)
        known = _require_list(node, case)
        given = {a.key: a for a in sorted(read_approvals(raw, proposal), key=lambda a: a.key)}
        check_approvals(case, proposal.author, proposal.content, given.values(), known)
        held = {a.key: a for a in proposal.content.approvals} | given
        approvals = tuple(held[key] for key in sorted(held))
        content = msgspec.structs.replace(proposal.content, approvals=approvals)
        _keep(node, case, proposal.seal, content)
        return proposal_at(node, case, name)


def send_proposed(node: Node, case: str, name: str) -> Verified[Record]:
    """Sign what was approved, with the approvals of those who are on the list now."""
    proposal = proposal_at(node, case, name)
    if proposal.sent:
        raise Refused("proposal.sent", name[:12], f"was sent as {proposal.sent[:12]}…")
    counted = {a.key for a in proposal.approved}
    approvals = tuple(a for a in proposal.content.approvals if a.key in counted)
    content = msgspec.structs.replace(proposal.content, approvals=approvals)
    return handing_over.send_disclosure(node, case, proposal.seal, content)


def drop(node: Node, case: str, name: str) -> None:
    """Keep a proposal no longer, and its package only where something else needs it."""
    with node.lock:
        proposal = proposal_at(node, case, name)
        node.journal.forget(f"{PROPOSED}{proposal.content.item.root}/{name}")
        package = proposal.content.package
        if package not in needed_blobs(node) and node.blobs.has(package):
            node.blobs.erase(package)
