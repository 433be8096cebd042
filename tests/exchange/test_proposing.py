"""A disclosure that waits for approvals: approved from outside, sent or dropped; nothing else counts."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from comity.errors import Malformed, NotVerified, Refused
from comity.exchange import custody, disclosing, erasing, proposing
from comity.exchange.ports import Write
from comity.records import cbor, kinds
from comity.records.approvals import approve
from tests.exchange.test_disclosing import OFFICES, SEEDS, Shown


@pytest.fixture
def named(tmp_path: Path) -> Shown:
    shown = Shown(tmp_path, approvals=1)
    disclosing.name_approvers(shown.holder, shown.case, OFFICES[:2], 2)
    return shown


def keep(shown: Shown, *rows: int) -> proposing.Proposal:
    made = proposing.propose(shown.holder, shown.case, shown.seal, lambda _: shown.draft(*rows))
    return proposing.proposal_at(shown.holder, shown.case, made)


def line(shown: Shown, content: kinds.Disclose, seed: bytes) -> bytes:
    made = approve(shown.case, shown.holder.party.id, content, seed)
    return f" {made.key}:{made.signature}\n".encode()


def test_from_the_proposal_to_the_sending(named: Shown) -> None:
    node, case = named.holder, named.case
    sketch = proposing.sketch(node, case, lambda _: named.draft())
    kept = keep(named)
    assert sketch.digest == kept.id
    assert (kept.needed, kept.enough) == (2, False)
    assert [o.office for o in kept.awaited] == [o.office for o in sorted(OFFICES[:2], key=lambda o: o.key)]
    with pytest.raises(Refused, match="0 of 2"):
        proposing.send_proposed(node, case, kept.id)
    by_file = disclosing.add_approval(kept.render(), SEEDS[0], "file")
    assert len(proposing.take_approvals(node, case, kept.id, by_file).approved) == 1
    ready = proposing.take_approvals(node, case, kept.id, line(named, kept.content, SEEDS[1]))
    assert ready.enough
    assert not ready.awaited
    record = proposing.send_proposed(node, case, kept.id).value.id
    assert proposing.proposal_at(node, case, kept.id).sent == record
    with pytest.raises(Refused, match=r"was sent as"):
        proposing.send_proposed(node, case, kept.id)


def test_an_approval_of_anything_else_counts_for_nothing(named: Shown) -> None:
    node, case = named.holder, named.case
    kept, other = keep(named), keep(named, 5)
    wider = disclosing.render_proposal(case, node.party.id, named.seal, named.draft(*range(1, 30)))
    with pytest.raises(Refused, match="approves something else") as refused:
        proposing.take_approvals(node, case, kept.id, disclosing.add_approval(wider, SEEDS[0], "file"))
    assert refused.value.code == "proposal.other"
    for content, seed, code in (
        (other.content, SEEDS[0], "approval.signature"),
        (msgspec.structs.replace(kept.content, onward="yes"), SEEDS[0], "approval.signature"),
        (kept.content, SEEDS[2], "approval.key"),
    ):
        with pytest.raises(NotVerified) as unproven:
            proposing.take_approvals(node, case, kept.id, line(named, content, seed))
        assert unproven.value.code == code
    for raw in (kept.render(), b"", b"approved", b"\xff" * 40, line(named, kept.content, SEEDS[0]) + b"and"):
        with pytest.raises(Malformed):
            proposing.take_approvals(node, case, kept.id, raw)
    assert proposing.proposal_at(node, case, kept.id) == kept


def test_one_office_counts_once_however_often_it_approves(named: Shown) -> None:
    kept = keep(named)
    for _ in range(3):
        kept = proposing.take_approvals(
            named.holder, named.case, kept.id, line(named, kept.content, SEEDS[0])
        )
    assert (len(kept.approved), kept.enough) == (1, False)


def test_proposed_again_it_keeps_the_approvals_that_it_has(named: Shown) -> None:
    kept = keep(named)
    raw = line(named, kept.content, SEEDS[0])
    approved = proposing.take_approvals(named.holder, named.case, kept.id, raw)
    again = proposing.propose(named.holder, named.case, named.seal, lambda _: kept.content)
    assert again == kept.id
    assert proposing.proposal_at(named.holder, named.case, again) == approved


def test_a_proposal_needs_a_list_and_is_dropped_with_its_package(tmp_path: Path) -> None:
    shown = Shown(tmp_path, approvals=2)
    assert proposing.approvals_asked(shown.holder, shown.case) == 2
    with pytest.raises(Refused, match="name approvers first"):
        keep(shown)
    disclosing.name_approvers(shown.holder, shown.case, OFFICES[:2], 2)
    kept = keep(shown)
    assert shown.holder.blobs.has(kept.content.package)
    proposing.drop(shown.holder, shown.case, kept.id)
    assert not shown.holder.blobs.has(kept.content.package)
    assert proposing.proposals(shown.holder) == ()
    with pytest.raises(Refused, match="no such proposal"):
        proposing.drop(shown.holder, shown.case, kept.id)


def test_no_key_of_what_is_erased_is_left_with_a_seal_that_was_cut_off(named: Shown) -> None:
    """The item's key stands in the note of its sealing until that ends; a fault between leaves it there."""
    node = named.holder
    item = node.state(named.case).accepted[named.seal].content
    assert isinstance(item, kinds.Seal)
    blob = bytes.fromhex(erasing.blob_of(node.journal.note(erasing.ITEM + item.item.root) or b"", "note"))
    for name, of in (("cut", blob), ("other", b"o" * 32)):
        note = cbor.encode(["place", of, b"k" * 32, b""])
        node.journal.write(Write(notes={erasing.SEALING + name: note, erasing.SEALING + "torn": b"\xff"}))
    custody.erase_item(node, named.case, named.seal, copies="all", basis="the law")
    erasing.carry_out(node, named.case)
    assert sorted(node.journal.notes(erasing.SEALING)) == ["sealing/other", "sealing/torn"]


def test_what_is_erased_is_gone_from_proposals_too(named: Shown) -> None:
    kept = keep(named)
    custody.erase_item(named.holder, named.case, named.seal, copies="all", basis="the law")
    erasing.carry_out(named.holder, named.case)
    assert proposing.proposals(named.holder) == ()
    assert not named.holder.blobs.has(kept.content.package)
