"""A disclosure from the choice of rows to the recipient's receipt: chosen, looked at, approved, accepted,
opened."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import msgspec

from comity.case.disclosures import approvers_now
from comity.case.state import Accepted
from comity.case.verified import Verified
from comity.errors import ComityError, Malformed, Refused
from comity.evidence.bulk import Batch, fields_of_batch
from comity.evidence.disclose import VerifiedRows
from comity.evidence.formats import FormatName
from comity.evidence.parse import text_of
from comity.evidence.rows import Row
from comity.evidence.sifting import IN_TEXT, Sieve
from comity.evidence.singling import Looked, find_rare
from comity.exchange.acts import say
from comity.exchange.evidence import HeldItem, held_item, item_batches, pick_item_rows
from comity.exchange.handing_over import open_package
from comity.exchange.node import Node
from comity.records import bodies, cbor, kinds
from comity.records.approvals import approve
from comity.records.bundles import Record

MOST = 1_000_000
PROPOSAL = "comity/1/proposal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Rows that were chosen, and what is to be known before they leave. ``stay`` are the rows that do not."""

    numbers: tuple[int, ...]
    shown: Mapping[int, Row]
    stay: int
    looked: Looked


def find_rows(node: Node, root: str, fields: Iterable[tuple[str, str]], texts: Iterable[str]) -> list[int]:
    """The rows of an item held whole in which every field has its value (as text, whatever the case of
    letters) and every text occurs. ``Refused`` (``disclose.rows``) beyond a million."""
    form = held_item(node, root).format
    wanted = [(name, value.casefold()) for name, value in fields]
    parts = [text.casefold() for text in texts]
    sieves = [Sieve(form, {name: [value]}, folded=True) for name, value in wanted]
    sieves += [Sieve(form, {IN_TEXT: [part]}, folded=True) for part in parts if part]
    found: list[int] = []
    for batch in item_batches(node, root):
        places: Sequence[int] = range(len(batch.raws))
        for sieve in sieves:
            part_of = batch if len(places) == len(batch.raws) else _part(batch, places)
            places = [places[at] for at in sieve.find(part_of)]
            if not places:
                break
        found += _rows_that_are(form, _part(batch, places), wanted, parts)
        if len(found) > MOST:
            raise Refused("disclose.rows", root[:12], f"more than {MOST} rows are so")
    return found


def _part(batch: Batch, places: Sequence[int]) -> Batch:
    """Some rows of a batch."""
    return Batch(
        indexes=[batch.indexes[at] for at in places],
        raws=[batch.raws[at] for at in places],
        context=batch.context,
    )


def _rows_that_are(
    form: FormatName, batch: Batch, wanted: Sequence[tuple[str, str]], parts: Sequence[str]
) -> Iterator[int]:
    """The numbers of the rows in which every field has its value and every text occurs."""
    fields = fields_of_batch(form, batch) if wanted else [None] * len(batch.raws)
    for index, raw, read in zip(batch.indexes, batch.raws, fields, strict=True):
        text = text_of(raw).casefold() if parts else ""
        if not all(part in text for part in parts):
            continue
        if wanted and not (
            isinstance(read, dict) and all(value in _texts(read.get(name)) for name, value in wanted)
        ):
            continue
        yield index


def _texts(value: object) -> set[str]:
    several = value if isinstance(value, list | tuple) else (value,)
    return {str(one).casefold() for one in several if one is not None}


def look_at_rows(node: Node, root: str, numbers: Iterable[int], k: int) -> Chosen:
    """What would leave, what stays, and whose rare values it has."""
    held = held_item(node, root)
    wanted = set(numbers)
    if not wanted or min(wanted) < 1 or max(wanted) >= held.item.size:
        raise Refused("disclose.rows", root[:12], f"rows are numbered 1 to {held.item.size - 1}")
    shown = pick_item_rows(node, root, wanted)
    looked = find_rare(held.format, item_batches(node, root), shown, k)
    return Chosen(
        numbers=tuple(sorted(shown)), shown=shown, stay=held.item.size - 1 - len(shown), looked=looked
    )


def render_proposal(case: str, author: str, seal: str, content: kinds.Disclose) -> bytes:
    """A disclosure as it is handed to those who approve it: deterministic CBOR, with no row in it."""
    return cbor.encode([PROPOSAL, case, author, seal, bodies.render(content)])


def parse_proposal(raw: bytes, where: str) -> tuple[str, str, str, kinds.Disclose]:
    """(case, author, seal, content) of a proposal; ``Malformed`` (``proposal.form``, or of the content)."""
    match cbor.decode(raw, where, code="proposal.form"):
        case [str() as kind, str() as case, str() as author, str() as seal, bytes() as told] if (
            kind == PROPOSAL
        ):
            content = bodies.parse_content("evidence.disclose", told, where)
            return case, author, seal, cast("kinds.Disclose", content)
        case _:
            raise Malformed("proposal.form", where, "not a proposal of a disclosure")


def add_approval(raw: bytes, seed: bytes, where: str) -> bytes:
    """A proposal with one more approval; one by the same key is made anew."""
    case, author, seal, content = parse_proposal(raw, where)
    made = approve(case, author, content, seed)
    others = [a for a in content.approvals if a.key != made.key]
    approvals = tuple(sorted([*others, made], key=lambda a: a.key))
    return render_proposal(case, author, seal, msgspec.structs.replace(content, approvals=approvals))


def name_approvers(
    node: Node,
    case: str,
    approvers: Sequence[kinds.Approver],
    needed: int,
    sign: Callable[[kinds.Approvers], Sequence[kinds.Approval]] = lambda _: (),
) -> Verified[Record]:
    """Name who approves what this party discloses in the case. Later, another list is approved under the one
    before: ``sign`` gives those approvals."""
    before = approvers_now(node.state(case), node.party.id)
    content = kinds.Approvers(
        needed=needed,
        approvers=tuple(sorted(approvers, key=lambda a: a.key)),
        replaces=before.id if before else "",
    )
    if before:
        given = tuple(sorted(sign(content), key=lambda a: a.key))
        content = msgspec.structs.replace(content, approvals=given)
    return say(node, case, content, [before.id] if before else [])


def shown_at(node: Node, case: str, disclosure: str) -> tuple[Accepted, kinds.Disclose]:
    """An accepted disclosure of the case; ``Refused`` (``disclosure.unknown``) if it is something else."""
    record = node.state(case).accepted.get(disclosure)
    if record is None or not isinstance(record.content, kinds.Disclose):
        raise Refused("disclosure.unknown", disclosure[:12], "not an accepted disclosure of this case")
    return record, record.content


def accept(node: Node, case: str, disclosure: str, *, declined: str = "") -> Verified[Record]:
    """Take a disclosure on its terms, or decline it with a reason. Only then is its package sent."""
    record, _ = shown_at(node, case, disclosure)
    decision = "declined" if declined else "accepted"
    content = kinds.Accept(disclosure=disclosure, decision=decision, reason=declined)  # type: ignore[arg-type]
    return say(node, case, content, [disclosure], to=_told(node, case, record))


def open_disclosure(
    node: Node, case: str, disclosure: str
) -> tuple[Verified[Record], VerifiedRows | HeldItem]:
    """Open what was disclosed, prove it against the seal, and sign a receipt that says so.

    Where a proof does not hold, the receipt says by which code, and the error is raised after it. ``Refused``
    where the terms are not accepted, or the package has not come: then there is no receipt.
    """
    signed, found = say_what_opened(node, case, disclosure)
    if isinstance(found, ComityError):
        raise found
    return signed, found


def say_what_opened(
    node: Node, case: str, disclosure: str
) -> tuple[Verified[Record], VerifiedRows | HeldItem | ComityError]:
    """The same, with the error beside the receipt that says so where a proof does not hold."""
    record, _ = shown_at(node, case, disclosure)
    reach = _told(node, case, record)
    own = [
        r.id
        for r in node.state(case).of("disclosure.accept")
        if r.author == node.party.id
        and isinstance(r.content, kinds.Accept)
        and r.content.disclosure == disclosure
    ]
    try:
        found = open_package(node, case, disclosure)
    except Refused:
        raise
    except ComityError as error:
        failed = kinds.Checked(disclosure=disclosure, result="failed", code=error.code)
        return say(node, case, failed, [disclosure, *own], to=reach), error
    content = kinds.Checked(disclosure=disclosure, result="verified")
    return say(node, case, content, [disclosure, *own], to=reach), found


def _told(node: Node, case: str, record: Accepted) -> list[str]:
    """Who learns of an acceptance or a receipt: the members who know of the disclosure, and its author."""
    state = node.state(case)
    readers = {m for m in state.members if state.readable_by(record.id, m)} | {record.author}
    return sorted(readers - {node.party.id})
