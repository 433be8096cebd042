"""What an erasure reaches on a node: every package of an item, and what could not be destroyed at once."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from comity.adapters.file_blobs import FileBlobs
from comity.adapters.memory_journal import MemoryJournal
from comity.case import custody as told
from comity.cli.awaiting import tell_evidence
from comity.cli.output import Out
from comity.errors import ComityError, Refused, Unavailable
from comity.exchange import acts, custody, erasing, evidence, handing_over
from comity.exchange.node import Node
from comity.records import kinds
from tests.exchange.network import World
from tests.exchange.test_custody import SECRET, everything_on, item_of, sealed
from tests.exchange.test_story import open_case

SECRET_BYTES = SECRET.encode()
BASIS = "The retention term is over."


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, ["alder", "birch", "cedar"])


def disclosed(node: Node, case: str, seal: str, to: str) -> tuple[str, str]:
    """Rows shown, the secret one among them: the record, and its package."""
    signed = handing_over.disclose_rows(node, case, seal, [301], to=[to], use="defence", basis="law")
    assert isinstance(signed.value.content, kinds.Disclose)
    return signed.value.id, signed.value.content.package


def test_what_the_store_would_not_let_go_is_destroyed_later(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b, _ = world.nodes
    case = open_case(world)
    seal = sealed(a, case)
    disclosed(a, case, seal, b.party.id)

    def away(self: object, digest: str) -> None:
        raise Unavailable("s3.unreachable", digest, "the store cannot be reached, or breaks off")

    with monkeypatch.context() as patch:
        patch.setattr(FileBlobs, "erase", away)
        _, carried = custody.erase_item(a, case, seal, BASIS)
        assert carried.items == ()
        assert [error.code for _, error in carried.failures] == ["s3.unreachable"]
        assert [error.code for _, error in erasing.carry_out(a, case).failures] == ["s3.unreachable"]
    assert SECRET_BYTES in everything_on(tmp_path / "alder", a)
    assert erasing.carry_out(a, case).items == (item_of(a, case, seal),)
    assert SECRET_BYTES not in everything_on(tmp_path / "alder", a)
    assert erasing.carry_out(a, case) == erasing.Carried()


def test_a_reader_of_the_journal_does_not_save_the_file(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A journal that somebody reads forgets, and says that an old copy may stand in its log: it is asked
    again, of items and of contents of records."""
    a, _, _ = world.nodes
    case = open_case(world)
    seal = sealed(a, case)
    said = acts.state_claim(a, case, SECRET, [kinds.Assertion(text="It was so.", level="tactical")])
    asked: list[str] = []
    forget, erase = MemoryJournal.forget, MemoryJournal.erase

    def forget_busily(self: MemoryJournal, name: str) -> None:
        asked.append(name)
        forget(self, name)
        raise Unavailable("journal.locked", "journal", "a reader keeps an old copy; erase again")

    def erase_busily(self: MemoryJournal, record: str) -> None:
        asked.append(record)
        erase(self, record)
        raise Unavailable("journal.locked", "journal", "a reader keeps an old copy; erase again")

    with monkeypatch.context() as patch:
        patch.setattr(MemoryJournal, "forget", forget_busily)
        patch.setattr(MemoryJournal, "erase", erase_busily)
        _, carried = custody.erase_item(a, case, seal, BASIS)
        assert {error.code for _, error in carried.failures} == {"journal.locked"}
        _, carried = custody.erase_record(a, case, said.value.id, BASIS)
        assert {error.code for _, error in carried.failures} == {"journal.locked"}
        item = item_of(a, case, seal)
        asked.clear()
        erasing.carry_out(a, case)
        assert {erasing.ITEM + item.root, said.value.id} <= set(asked)
    carried = erasing.carry_out(a, case)
    assert (carried.items, carried.records, carried.failures) == ((item,), (said.value.id,), ())
    assert SECRET_BYTES not in everything_on(tmp_path / "alder", a)
    assert erasing.carry_out(a, case) == erasing.Carried()


def test_the_rows_go_with_the_record_that_showed_them(world: World, tmp_path: Path) -> None:
    """Once its content is gone nothing names the package, so no later erasure of the item would find it."""
    a, b, _ = world.nodes
    case = open_case(world)
    seal = sealed(a, case)
    record, package = disclosed(a, case, seal, b.party.id)
    world.settle()
    assert b.blobs.has(package)
    custody.erase_record(a, case, record, "It names a person.")
    world.settle()
    assert not a.blobs.has(package)
    assert SECRET_BYTES not in everything_on(tmp_path / "birch", b)
    assert SECRET_BYTES in everything_on(tmp_path / "alder", a)  # the item stands


def test_a_hold_keeps_the_rows_of_an_erased_record_until_it_is_released(world: World) -> None:
    a, b, _ = world.nodes
    case = open_case(world)
    seal = sealed(a, case)
    record, package = disclosed(a, case, seal, b.party.id)
    world.settle()
    custody.hold(b, case, seal, "A court asked.")
    custody.erase_record(a, case, record, "It names a person.")
    custody.erase_item(a, case, seal, BASIS)
    world.settle()
    assert b.blobs.has(package)
    _, carried = custody.release(b, case, seal, "The court is done.")
    assert carried.items == (item_of(b, case, seal),)
    assert not b.blobs.has(package)


def test_rows_that_were_drafted_and_never_sent_go_too(world: World, tmp_path: Path) -> None:
    a, b, _ = world.nodes
    case = open_case(world)
    seal = sealed(a, case)
    draft = handing_over.draft_rows(a, case, seal, [301], to=[b.party.id], use="defence", basis="law")
    assert a.blobs.has(draft.package)
    custody.erase_item(a, case, seal, BASIS)
    assert not a.blobs.has(draft.package)
    assert SECRET_BYTES not in everything_on(tmp_path / "alder", a)


def test_rows_that_were_shown_in_another_case_go_too(world: World, tmp_path: Path) -> None:
    a, b, _ = world.nodes
    case, other = open_case(world), open_case(world)
    seal = sealed(a, case)
    again = evidence.commit_held(a, other, item_of(a, case, seal).root)
    _, package = disclosed(a, other, again.value.id, b.party.id)
    custody.erase_item(a, case, seal, BASIS)
    assert not a.blobs.has(package)
    assert SECRET_BYTES not in everything_on(tmp_path / "alder", a)


def test_bytes_that_another_item_has_too_are_told_to_stay(world: World) -> None:
    a, _, _ = world.nodes
    case = open_case(world)
    one, two = sealed(a, case), sealed(a, case)
    _, carried = custody.erase_item(a, case, one, "Sealed twice.")
    assert carried.shared == (item_of(a, case, one),)
    _, carried = custody.erase_item(a, case, two, BASIS)
    assert carried.shared == ()


def test_what_is_damaged_of_one_erasure_is_told_and_stops_no_other(world: World) -> None:
    a, _, _ = world.nodes
    case = open_case(world)
    one, two = sealed(a, case), sealed(a, case, "another line")
    blobs = a.blobs
    broken = evidence.held_item(a, item_of(a, case, one).root).blob
    erase = blobs.erase

    def refuse(digest: str) -> None:
        if digest == broken:
            raise Unavailable("disk.io", digest, "the disk reported an error")
        erase(digest)

    blobs.erase = refuse  # type: ignore[method-assign]
    custody.erase_item(a, case, one, BASIS)
    _, carried = custody.erase_item(a, case, two, BASIS)
    assert carried.items == (item_of(a, case, two),)
    assert [error.code for _, error in carried.failures] == ["disk.io"]
    assert all(isinstance(error, ComityError) for _, error in carried.failures)


def reseal(node: Node, case: str, seal: str, *, elsewhere: str = "") -> str:
    """A seal of one's own of what another party sealed: its root is no secret."""
    content = node.state(case).accepted[seal].content
    assert isinstance(content, kinds.Seal)
    return acts.say(node, elsewhere or case, content).value.id


@pytest.mark.parametrize("where", ["in the case", "in a case of its own"])
def test_nobody_has_another_partys_evidence_destroyed(world: World, where: str) -> None:
    """Who is accused seals the same root and erases it "for all": the sealer, and who has it from the
    sealer, keep what they have."""
    a, b, c = world.nodes
    case = open_case(world)
    seal = sealed(a, case)
    item = item_of(a, case, seal)
    whole = handing_over.disclose_whole(a, case, seal, to=[b.party.id], use="proceedings", basis="law")
    _, package = disclosed(a, case, seal, b.party.id)
    world.settle()
    handing_over.open_package(b, case, whole.value.id)
    place = case
    if where != "in the case":
        policy = c.state(case).policy
        assert policy
        place = acts.open_case(c, "2031-05-01", policy, "")
        for node in (a, b):
            acts.invite(c, place, node.party.id)
        world.settle()
    mine = reseal(c, case, seal, elsewhere=place)
    acts.say(c, place, kinds.Erase(item=item, copies="all", basis="We wish it."), [mine])
    world.settle()
    for node in (a, b):
        assert evidence.held_item(node, item.root).item == item
        assert node.blobs.has(package)
        (asked,) = told.erasures_of(node.state(place), item)
        # In a case of its own it is the first that this case knows of.
        assert told.reaches_others(node.state(place), asked) == (place != case)
        assert erasing.carry_out(node, place) == erasing.Carried()
        assert not erasing.is_erased(node, item.root)
    custody.erase_item(a, case, seal, BASIS)
    world.settle()
    assert not a.blobs.has(package)


def test_who_sealed_it_first_reaches_what_others_sealed_again(world: World, tmp_path: Path) -> None:
    """A recipient that seals an item anew, to show rows of it, had seen the first seal: the erasure reaches
    it, and those to whom it showed them."""
    a, b, c = world.nodes
    case = open_case(world)
    seal = sealed(a, case)
    item = item_of(a, case, seal)
    whole = handing_over.disclose_whole(a, case, seal, to=[b.party.id], use="proceedings", basis="law")
    world.settle()
    handing_over.open_package(b, case, whole.value.id)
    again = evidence.commit_held(b, case, item.root)
    disclosed(b, case, again.value.id, c.party.id)
    world.settle()
    custody.erase_item(a, case, seal, BASIS)
    world.settle()
    for name, node in (("alder", a), ("birch", b), ("cedar", c)):
        assert SECRET_BYTES not in everything_on(tmp_path / name, node), name


def test_who_sealed_it_later_takes_back_what_it_showed(world: World) -> None:
    a, b, c = world.nodes
    case = open_case(world)
    seal = sealed(a, case)
    item = item_of(a, case, seal)
    whole = handing_over.disclose_whole(a, case, seal, to=[b.party.id], use="proceedings", basis="law")
    world.settle()
    handing_over.open_package(b, case, whole.value.id)
    again = evidence.commit_held(b, case, item.root)
    shown, package = disclosed(b, case, again.value.id, c.party.id)
    world.settle()
    assert c.blobs.has(package)
    custody.erase_item(b, case, again.value.id, BASIS)
    world.settle()
    assert not c.blobs.has(package)
    assert erasing.is_erased(c, item.root, b.party.id)
    assert evidence.held_item(a, item.root).item == item
    with pytest.raises(Refused) as error:
        handing_over.open_package(c, case, shown)
    assert error.value.code == "item.erased"


def test_nobody_keeps_a_file_by_naming_it_as_a_package(world: World, tmp_path: Path) -> None:
    a, b, c = world.nodes
    case = open_case(world)
    seal = sealed(a, case)
    item = item_of(a, case, seal)
    shown, _ = disclosed(a, case, seal, b.party.id)
    world.settle()
    content = c.state(case).accepted[shown].content
    assert isinstance(content, kinds.Disclose)
    blob = evidence.held_item(a, item.root).blob
    again = reseal(c, case, seal)
    acts.say(c, case, msgspec.structs.replace(content, package=blob, to=(a.party.id,)), [again])
    world.settle()
    _, carried = custody.erase_item(a, case, seal, BASIS)
    assert (carried.items, carried.shared) == ((item,), ())
    assert SECRET_BYTES not in everything_on(tmp_path / "alder", a)


def test_who_erases_what_others_sealed_is_told_so(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    a, _, c = world.nodes
    case = open_case(world)
    seal = sealed(a, case)
    world.settle()
    mine = reseal(c, case, seal)
    acts.say(c, case, kinds.Erase(item=item_of(a, case, seal), copies="all", basis="We wish it."), [mine])
    world.settle()
    tell_evidence(Out(as_json=False), a, a.state(case))
    first, second = (line for line in capsys.readouterr().out.splitlines() if "mail.log" in line)
    assert first.endswith(f"{a.name_of(c.party.id)} erased its own copies")
    assert second.endswith("; erased")


def test_nobody_has_a_file_destroyed_by_naming_it_as_a_package(world: World) -> None:
    """One that waits to be sealed is named by nothing else: whoever knows its SHA-256 names it, and erases
    the record, or the item, that it says it showed."""
    a, b, c = world.nodes
    case = open_case(world)
    seal = sealed(a, case)
    shown, _ = disclosed(a, case, seal, b.party.id)
    world.settle()
    waits = a.blobs.put(b"a sample whose digest is in every list\n")
    content = c.state(case).accepted[shown].content
    assert isinstance(content, kinds.Disclose)
    again = reseal(c, case, seal)
    named = acts.say(c, case, msgspec.structs.replace(content, package=waits, to=(a.party.id,)), [again])
    world.settle()
    acts.say(c, case, kinds.Erase(item=content.item, copies="all", basis="We wish it."), [again])
    world.settle()
    assert a.blobs.has(waits)
    acts.say(c, case, kinds.EraseRecord(record=named.value.id, basis="We wish it."))
    world.settle()
    assert named.value.id not in a.state(case).accepted
    assert a.blobs.has(waits)
