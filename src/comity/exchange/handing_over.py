"""Evidence handed over in a case: rows with proofs, or whole items with their key; and what came opened
(``spec/10-evidence.md``)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import msgspec

from comity.case.disclosures import approvers_now
from comity.case.verified import Verified
from comity.errors import Malformed, NotVerified, Refused
from comity.evidence import disclose
from comity.evidence.seal import ItemRef, seal_stream
from comity.evidence.seal_file import describe_private
from comity.exchange.acts import grant, say
from comity.exchange.erasing import is_erased, note_draft
from comity.exchange.evidence import CHUNK, HeldItem, held_item, held_items, item_bytes, keep_item, sealed_at
from comity.exchange.node import Node
from comity.exchange.packages import awaits
from comity.records import cbor, kinds
from comity.records.approvals import check_approvals
from comity.records.bundles import Record


def draft_rows(
    node: Node,
    case: str,
    seal: str,
    numbers: Iterable[int],
    *,
    to: Sequence[str],
    use: kinds.Use,
    basis: str,
    onward: kinds.Onward = "no",
    terms: kinds.Terms | None = None,
) -> kinds.Disclose:
    """What shows some rows, with proofs, to these parties, before anybody signs it. The key stays here."""
    _, sealed = sealed_at(node, case, seal)
    held = held_item(node, sealed.item.root)
    wanted = sorted(set(numbers))
    if not wanted or wanted[0] < 1 or wanted[-1] >= sealed.item.size:
        raise Refused("disclose.rows", seal[:12], f"rows are numbered 1 to {sealed.item.size - 1}")
    shown = disclose.disclose_rows(
        held.private.tree,
        bytes.fromhex(held.private.key),
        held.private.metadata.encode(),
        held.format,
        item_bytes(node, sealed.item.root),
        wanted,
    )
    package = disclose.render_disclosure(shown)
    return _draft(
        node, sealed, "rows", package, [e.index for e in shown.entries], to, use, basis, onward, terms
    )


def draft_whole(
    node: Node,
    case: str,
    seal: str,
    *,
    to: Sequence[str],
    use: kinds.Use,
    basis: str,
    onward: kinds.Onward = "no",
    terms: kinds.Terms | None = None,
) -> kinds.Disclose:
    """What hands over a whole item with its key: every row of it is open to its readers from then on."""
    _, sealed = sealed_at(node, case, seal)
    held = held_item(node, sealed.item.root)
    whole = disclose.disclose_whole(
        held.private.tree, bytes.fromhex(held.private.key), held.private.metadata.encode()
    )
    data = b"".join(item_bytes(node, sealed.item.root))
    package = cbor.encode([disclose.render_whole(whole), data])
    return _draft(node, sealed, "whole", package, [], to, use, basis, onward, terms)


def disclose_rows(
    node: Node,
    case: str,
    seal: str,
    numbers: Iterable[int],
    *,
    to: Sequence[str],
    use: kinds.Use,
    basis: str,
    onward: kinds.Onward = "no",
) -> Verified[Record]:
    """Show some rows, with proofs, to these parties. The item's key stays here."""
    content = draft_rows(node, case, seal, numbers, to=to, use=use, basis=basis, onward=onward)
    return send_disclosure(node, case, seal, content)


def disclose_whole(
    node: Node,
    case: str,
    seal: str,
    *,
    to: Sequence[str],
    use: kinds.Use,
    basis: str,
    onward: kinds.Onward = "no",
) -> Verified[Record]:
    """Hand over a whole item with its key to these parties: every row of it is open to them from then on."""
    content = draft_whole(node, case, seal, to=to, use=use, basis=basis, onward=onward)
    return send_disclosure(node, case, seal, content)


def _draft(
    node: Node,
    sealed: kinds.Seal,
    level: kinds.Level,
    package: bytes,
    numbers: Sequence[int],
    to: Sequence[str],
    use: kinds.Use,
    basis: str,
    onward: kinds.Onward,
    terms: kinds.Terms | None,
) -> kinds.Disclose:
    digest = node.blobs.put(package)
    note_draft(node, sealed.item, digest)
    return kinds.Disclose(
        item=sealed.item,
        level=level,
        package=digest,
        bytes=len(package),
        use=use,
        basis=basis,
        onward=onward,
        rows=kinds.ranges_of(tuple(numbers)),
        to=(kinds.PUBLIC,) if kinds.PUBLIC in to else tuple(sorted(set(to))),
        terms=terms or msgspec.UNSET,
    )


def send_disclosure(node: Node, case: str, seal: str, content: kinds.Disclose) -> Verified[Record]:
    """Sign a disclosure that was drafted, with the approvals that it bears; its package goes to its readers,
    once they accept where that is asked.

    ``Refused`` (``disclose.approvals``) where this party named approvers, or the case asks for them, and
    fewer than are needed approved exactly this; ``NotVerified`` as
    :func:`~comity.records.approvals.check_approvals`.
    """
    record, _ = sealed_at(node, case, seal)
    listed = _require_approvals(node, case, seal, content)
    readers: list[str] = [kinds.PUBLIC]
    if kinds.PUBLIC not in content.to:
        readers = sorted({*node.state(case).members, *content.to} - {node.party.id})
    else:
        # Whoever sees the rows must see the seal that they are proven against, and who approved them.
        shut = [r for r in (record.id, *listed) if not node.state(case).readable_by(r, kinds.PUBLIC)]
        if shut:
            grant(node, case, shut, [kinds.PUBLIC])
    return say(node, case, content, [seal, *listed], to=readers, packages=[content.package])


def _require_approvals(node: Node, case: str, seal: str, content: kinds.Disclose) -> list[str]:
    """The list of approvers that a disclosure of this party references, if it named any."""
    state = node.state(case)
    known = approvers_now(state, node.party.id)
    asked = state.policy.approvals if state.policy else 0
    if known is None:
        if asked or content.approvals:
            why = f"this case asks for {asked} approvals; name approvers first (comity disclose approvers)"
            raise Refused("disclose.approvals", seal[:12], why)
        return []
    assert isinstance(known.content, kinds.Approvers)
    offices = check_approvals(case, node.party.id, content, content.approvals, known.content)
    needed = max(asked, known.content.needed)
    if len(offices) < needed:
        why = f"{len(offices)} of {needed} approvals; hand a proposal to those who approve (--propose)"
        raise Refused("disclose.approvals", seal[:12], why)
    return [known.id]


def open_package(node: Node, case: str, disclosure: str) -> disclose.VerifiedRows | HeldItem:
    """Check what a disclosure brought. Rows are returned proven; a whole item is kept as held.

    ``NotVerified`` where rows, proof, key or file are not those of the sealed item; ``Refused`` where the
    package has not come here.
    """
    record = node.state(case).accepted.get(disclosure)
    content = record.content if record else None
    if not isinstance(content, kinds.Disclose):
        raise Refused("disclosure.unknown", disclosure[:12], "not an accepted disclosure of this case")
    if (
        record is not None
        and record.author != node.party.id
        and awaits(node.state(case), record, node.party.id)
    ):
        why = "its terms are not accepted here; comity disclose accept does that"
        raise Refused("disclosure.unaccepted", disclosure[:12], why)
    if not node.blobs.has(content.package):
        if is_erased(node, content.item.root, record.author if record else ""):
            raise Refused("item.erased", disclosure[:12], "committed, erased: what it showed is gone here")
        raise Refused("disclosure.absent", disclosure[:12], "its package was not sent to this node")
    node.note_access("package", content.item.root)
    package = node.blobs.get(content.package)
    item = ItemRef(size=content.item.size, root=bytes.fromhex(content.item.root))
    if content.level == "rows":
        shown = disclose.open_disclosure(package, disclosure[:12], item=item)
        if kinds.ranges_of(tuple(shown.rows)) != content.rows:
            raise NotVerified("disclosure.rows", disclosure[:12], "shows other rows than it announced")
        return shown
    match cbor.decode(package, disclosure[:12], code="disclosure.form"):
        case [bytes() as raw, bytes() as data]:
            whole = disclose.parse_whole(raw, disclosure[:12])
        case _:
            raise Malformed("disclosure.form", disclosure[:12], "not a whole item")
    pieces = [data[at : at + CHUNK] for at in range(0, len(data), CHUNK)]
    metadata = disclose.check_whole(whole, pieces, item, disclosure[:12])
    known = held_items(node).get(content.item.root)
    if known is not None:
        return known
    # Sealing again with the handed-over key gives the same tree, and the proofs this node will need.
    sealed = seal_stream(
        pieces,
        metadata.name,
        metadata.format,
        whole.key,
        metadata.declared,
        pad=metadata.padding > 0,
    )
    seal = next((r for r in (record.frame.references if record else ()) if not r.startswith("t:")), "")
    assert hashlib.sha256(data).hexdigest() == metadata.sha256
    return keep_item(node, describe_private(sealed, whole.key, ""), node.blobs.put(data), seal)
