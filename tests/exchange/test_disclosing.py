"""From the choice of rows to the recipient's receipt, over three nodes: terms, approvals, proofs."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from comity.case.awaiting import awaited
from comity.case.disclosures import approvers_now, disclosures
from comity.errors import Malformed, NotVerified, Refused
from comity.evidence.disclose import VerifiedRows, parse_disclosure, render_disclosure
from comity.evidence.seal import Declared
from comity.exchange import acts, disclosing, evidence, handing_over
from comity.exchange.evidence import HeldItem
from comity.records import cbor, ed25519, kinds
from comity.records.approvals import approve
from tests.exchange.network import World, lines
from tests.world import derive

LOG = ["time,user,src", *(f"08:{n:02d},{'night' if n == 7 else 'desk'},203.0.113.{n % 3}" for n in range(40))]
SEEDS = [derive("officer", n) for n in range(3)]
OFFICES = [
    kinds.Approver(office=f"Office {n}", key=ed25519.public_of(seed).hex()) for n, seed in enumerate(SEEDS)
]
OWN = kinds.Terms(consent="own", accept=True)


class Shown:
    """A case of three: the first holds a log, the second is shown rows of it, the third reads the case."""

    def __init__(self, folder: Path, approvals: int = 0) -> None:
        self.world = World(folder, ["holder", "told", "reader"])
        self.holder, self.told, self.reader = self.world.nodes
        witness = kinds.Witness(vkey=self.reader.party.card.witness, party=self.reader.party.id)
        policy = kinds.Policy(quorum=1, witnesses=(witness,), approvals=approvals)
        self.case = acts.open_case(self.holder, "2031-03-01", policy, "")
        for node in (self.told, self.reader):
            acts.invite(self.holder, self.case, node.party.id)
        declared = Declared(zone="+00:00", origin="proxy")
        sealed, item = evidence.seal_item(self.holder, self.case, lines(LOG), "proxy.csv", "csv/1", declared)
        self.seal, self.root = sealed.value.id, item.item
        self.world.settle()

    def draft(self, *numbers: int, terms: kinds.Terms | None = OWN) -> kinds.Disclose:
        return handing_over.draft_rows(
            self.holder, self.case, self.seal, numbers or (3, 9), to=[self.told.party.id],
            use="defence", basis="Request of 1 March", terms=terms,
        )  # fmt: skip

    def send(self, content: kinds.Disclose) -> str:
        record = handing_over.send_disclosure(self.holder, self.case, self.seal, content).value.id
        self.world.settle()
        return record

    def accept(self, record: str, **how: str) -> None:
        disclosing.accept(self.told, self.case, record, **how)
        self.world.settle()

    def standing(self, record: str) -> str:
        (found,) = [d for d in disclosures(self.reader.state(self.case)) if d.record == record]
        return found.to[0].standing

    def waits(self) -> list[tuple[str, str]]:
        """What waits for whom, as one who only reads the case sees it."""
        return [(one.what, one.party) for one in awaited(self.reader.state(self.case), ())]


@pytest.fixture
def shown(tmp_path: Path) -> Shown:
    return Shown(tmp_path)


def test_nothing_is_sent_before_its_terms_are_accepted(shown: Shown) -> None:
    content = shown.draft()
    record = shown.send(content)
    assert not shown.told.blobs.has(content.package)
    assert shown.standing(record) == "awaits"
    assert shown.waits() == [("terms", shown.told.party.id)]
    with pytest.raises(Refused, match="not accepted here") as error:
        disclosing.open_disclosure(shown.told, shown.case, record)
    assert error.value.code == "disclosure.unaccepted"
    shown.accept(record)
    assert shown.standing(record) == "accepted"
    assert shown.waits() == [("package", shown.told.party.id)]
    _, found = disclosing.open_disclosure(shown.told, shown.case, record)
    assert isinstance(found, VerifiedRows)
    assert found.rows[9] == LOG[8].encode()
    assert set(found.rows) == {1, 3, 9}
    shown.world.settle()
    assert shown.standing(record) == "verified"
    assert shown.waits() == []
    assert not shown.reader.blobs.has(content.package)


def test_a_package_that_came_another_way_stays_shut(shown: Shown) -> None:
    """Another member hands the bytes over; without acceptance they are not opened."""
    content = shown.draft()
    record = shown.send(content)
    shown.told.blobs.put(shown.holder.blobs.get(content.package))
    with pytest.raises(Refused, match="not accepted here"):
        handing_over.open_package(shown.told, shown.case, record)


def test_who_declines_gets_nothing(shown: Shown) -> None:
    content = shown.draft()
    record = shown.send(content)
    shown.accept(record, declined="Not for defence only.")
    assert not shown.told.blobs.has(content.package)
    assert shown.standing(record) == "declined"
    (found,) = disclosures(shown.holder.state(shown.case))
    assert found.to[0].reason == "Not for defence only."


def test_without_a_demand_it_is_sent_at_once(shown: Shown) -> None:
    record = shown.send(shown.draft(terms=None))
    assert shown.standing(record) == "sent"
    disclosing.open_disclosure(shown.told, shown.case, record)
    shown.world.settle()
    assert shown.standing(record) == "verified"


def test_a_whole_item_is_held_after_its_receipt(shown: Shown) -> None:
    content = handing_over.draft_whole(
        shown.holder,
        shown.case,
        shown.seal,
        to=[shown.told.party.id],
        use="proceedings",
        basis="b",
        terms=OWN,
    )
    record = shown.send(content)
    shown.accept(record)
    _, found = disclosing.open_disclosure(shown.told, shown.case, record)
    assert isinstance(found, HeldItem)
    assert found.item.root == shown.root


@pytest.mark.parametrize("what", ["row", "salt", "position", "proof"])
def test_a_changed_package_is_refused_on_the_record(shown: Shown, what: str) -> None:
    """The discloser commits to bytes whose proofs do not hold: the receipt says by which code."""
    content = shown.draft(terms=None)
    package = parse_disclosure(shown.holder.blobs.get(content.package))
    first, *others = package.entries
    match what:
        case "row":
            package = replace(package, entries=(replace(first, row=first.row + b"x"), *others))
        case "salt":
            package = replace(package, entries=(replace(first, salt=bytes(16)), *others))
        case "position":
            package = replace(package, entries=(replace(first, index=first.index + 1), *others))
        case _:
            package = replace(package, proof=(hashlib.sha256(b"x").digest(), *package.proof[1:]))
    raw = render_disclosure(package)
    lying = msgspec.structs.replace(content, package=shown.holder.blobs.put(raw), bytes=len(raw))
    record = shown.send(lying)
    with pytest.raises((NotVerified, Malformed)) as error:
        disclosing.open_disclosure(shown.told, shown.case, record)
    shown.world.settle()
    assert shown.standing(record) == "failed"
    (found,) = disclosures(shown.reader.state(shown.case))
    assert found.to[0].code == error.value.code


def approved(shown: Shown, *seeds: bytes) -> kinds.Disclose:
    content = shown.draft()
    raw = disclosing.render_proposal(shown.case, shown.holder.party.id, shown.seal, content)
    for seed in seeds:
        raw = disclosing.add_approval(raw, seed, "proposal")
    return disclosing.parse_proposal(raw, "proposal")[3]


def test_a_case_that_asks_for_two_approvals_gets_two(tmp_path: Path) -> None:
    shown = Shown(tmp_path, approvals=2)
    with pytest.raises(Refused, match="name approvers first"):
        handing_over.send_disclosure(shown.holder, shown.case, shown.seal, shown.draft())
    disclosing.name_approvers(shown.holder, shown.case, OFFICES[:2], 2)
    shown.world.settle()
    for few in ((), SEEDS[:1], [SEEDS[0], SEEDS[0]]):
        with pytest.raises(Refused, match=f"{min(1, len(few))} of 2 approvals"):
            handing_over.send_disclosure(shown.holder, shown.case, shown.seal, approved(shown, *few))
    with pytest.raises(NotVerified, match="no key of an approver"):
        handing_over.send_disclosure(
            shown.holder, shown.case, shown.seal, approved(shown, SEEDS[0], SEEDS[2])
        )
    record = shown.send(approved(shown, *SEEDS[:2]))
    (found,) = [d for d in disclosures(shown.reader.state(shown.case)) if d.record == record]
    assert (set(found.offices), found.needed, found.changed, found.short) == (
        {"Office 0", "Office 1"}, 2, False, False,
    )  # fmt: skip


def test_approvers_change_only_with_the_earlier_ones(shown: Shown) -> None:
    case, holder = shown.case, shown.holder
    disclosing.name_approvers(holder, case, OFFICES[:2], 2)
    with pytest.raises(Refused, match="0 of 2 approvals") as error:
        disclosing.name_approvers(holder, case, OFFICES[2:], 1)
    assert error.value.code == "rule.73"
    disclosing.name_approvers(
        holder, case, OFFICES[1:], 1,
        lambda content: [approve(case, holder.party.id, content, seed) for seed in SEEDS[:2]],
    )  # fmt: skip
    now = approvers_now(holder.state(case), holder.party.id)
    assert now is not None
    assert isinstance(now.content, kinds.Approvers)
    assert {a.office for a in now.content.approvers} == {"Office 1", "Office 2"}
    # Whoever holds the node alone can name others; every reader of the case sees that it did.
    listed = acts.say(holder, case, kinds.Approvers(needed=1, approvers=(OFFICES[0],)))
    content = shown.draft()
    content = msgspec.structs.replace(content, approvals=(approve(case, holder.party.id, content, SEEDS[0]),))
    acts.say(holder, case, content, [shown.seal, listed.value.id])
    shown.world.settle()
    (found,) = disclosures(shown.reader.state(case))
    assert found.changed
    assert approvers_now(shown.reader.state(case), holder.party.id) == now


def test_rows_are_chosen_by_what_they_say(shown: Shown) -> None:
    assert disclosing.find_rows(shown.holder, shown.root, [("user", "NIGHT")], []) == [9]
    assert disclosing.find_rows(shown.holder, shown.root, [], ["08:1"]) == list(range(12, 22))
    assert disclosing.find_rows(shown.holder, shown.root, [("src", "203.0.113.0")], ["08:1"]) == [14, 17, 20]
    assert not disclosing.find_rows(shown.holder, shown.root, [("nothing", "x")], [])


def test_what_leaves_and_what_stays_is_looked_at_first(shown: Shown) -> None:
    chosen = disclosing.look_at_rows(shown.holder, shown.root, [9, 10], 5)
    assert (set(chosen.shown), chosen.stay) == ({1, 9, 10}, 38)
    assert [c.column for c in chosen.looked.warnings] == ["user"]
    with pytest.raises(Refused, match="numbered 1 to 41"):
        disclosing.look_at_rows(shown.holder, shown.root, [42], 5)


def test_what_is_no_disclosure_is_named(shown: Shown) -> None:
    with pytest.raises(Refused, match="not an accepted disclosure"):
        disclosing.accept(shown.told, shown.case, shown.seal)
    with pytest.raises(Malformed, match="not a proposal"):
        disclosing.parse_proposal(cbor.encode(["x"]), "file")


def test_an_acceptance_releases_to_its_author_alone(shown: Shown) -> None:
    content = handing_over.draft_rows(
        shown.holder, shown.case, shown.seal, [3], to=[shown.told.party.id, shown.reader.party.id],
        use="defence", basis="b", terms=OWN,
    )  # fmt: skip
    record = shown.send(content)
    shown.accept(record)
    assert shown.told.blobs.has(content.package)
    assert not shown.reader.blobs.has(content.package)
    with pytest.raises(Refused, match="not accepted here"):
        handing_over.open_package(shown.reader, shown.case, record)
