"""Custody between nodes: signed by both sides, erased here and there, held, and still proven."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from comity.adapters.access_file import AccessFile, read_access
from comity.case import custody as told
from comity.dossier.facts import derive_facts
from comity.errors import NotVerified, Refused
from comity.evidence import disclose
from comity.evidence.provenance import describe_provenance
from comity.evidence.seal import Declared, ItemRef
from comity.exchange import acts, custody, erasing, evidence, handing_over
from comity.exchange.node import Node
from comity.records import kinds
from tests.exchange.network import World, lines
from tests.exchange.test_story import open_case

SECRET = "the line that must go"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, ["alder", "birch", "cedar"])


def sealed(node: Node, case: str, word: str = SECRET) -> str:
    rows = lines([f"row {n}" for n in range(300)] + [word])
    custody_told = kinds.Custody(by="Duty office", what="A mail log", tool="copier", version="2", offset=-3)
    record, _ = evidence.seal_item(
        node, case, rows, "mail.log", "lines/1", Declared(origin="gateway"), custody=custody_told
    )
    return record.value.id


def item_of(node: Node, case: str, seal: str) -> kinds.Item:
    return evidence.sealed_at(node, case, seal)[1].item


def everything_on(folder: Path, node: Node) -> bytes:
    """All bytes that a node keeps, opened where they are sealed under its own key."""
    found = [f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()]
    found += [node.blobs.get(f.name) for f in sorted(folder.rglob("*")) if len(f.name) == 64]
    for case in node.cases():
        found += [h.opening.content or b"" for h in node.journal.held(case) if h.opening]
    found += node.journal.notes("").values()
    return b"\0".join(found)


def test_a_transfer_is_signed_by_both_sides(world: World) -> None:
    a, b, _ = world.nodes
    case = open_case(world)
    seal = sealed(a, case)
    item = item_of(a, case, seal)
    handed = custody.transfer(a, case, seal, b.party.id, "To be examined.", container="B-17")
    (step,) = [s for s in told.steps_of(a.state(case), item) if s.what == "handed over"]
    assert step.answer is None
    world.settle()
    custody.receive(b, case, handed.value.id, "intact", "container", text="Bag unopened.")
    world.settle()
    (step,) = [s for s in told.steps_of(a.state(case), item) if s.what == "handed over"]
    assert step.answer is not None
    assert step.answer.author == b.party.id
    with pytest.raises(Refused) as error:
        custody.receive(b, case, seal, "intact", "root")
    assert error.value.code == "custody.transfer"


def test_an_erased_item_is_gone_everywhere_and_still_proven(world: World, tmp_path: Path) -> None:
    a, b, c = world.nodes
    case = open_case(world)
    seal = sealed(a, case)
    item = item_of(a, case, seal)
    whole = handing_over.disclose_whole(a, case, seal, to=[b.party.id], use="proceedings", basis="a court")
    rows = handing_over.disclose_rows(a, case, seal, [301], to=[c.party.id], use="defence", basis="law")
    world.settle()
    handing_over.open_package(b, case, whole.value.id)
    content = c.state(case).accepted[rows.value.id].content
    assert isinstance(content, kinds.Disclose)
    taken_along = c.blobs.get(content.package)  # a copy that a recipient made of what it was shown
    for name, node in (("alder", a), ("birch", b), ("cedar", c)):
        assert SECRET.encode() in everything_on(tmp_path / name, node)
    record, carried = custody.erase_item(a, case, seal, "The retention term is over.")
    assert carried.items == (item,)
    world.settle()
    for name, node in (("alder", a), ("birch", b), ("cedar", c)):
        assert SECRET.encode() not in everything_on(tmp_path / name, node), name
        assert erasing.ITEM + item.root not in node.journal.notes("item/")
        assert told.erasures_of(node.state(case), item)[0].id == record.value.id
        assert erasing.carry_out(node, case).items == ()
        with pytest.raises(Refused) as error:
            evidence.held_item(node, item.root)
        assert error.value.code == "item.erased"
    for node, shown in ((b, whole), (c, rows)):
        with pytest.raises(Refused) as error:
            handing_over.open_package(node, case, shown.value.id)
        assert error.value.code == "item.erased"
    # What was proven against the seal still is.
    ref = ItemRef(size=item.size, root=bytes.fromhex(item.root))
    assert disclose.open_disclosure(taken_along, item=ref).rows == {301: SECRET.encode()}
    facts = json.loads(derive_facts(a.state(case), a.parties(), a.party.id, a.effects.now()))
    assert [one["root"] for one in facts["erased_items"]] == [item.root]


def test_own_copies_are_erased_and_others_stay(world: World) -> None:
    a, b, _ = world.nodes
    case = open_case(world)
    seal = sealed(a, case)
    item = item_of(a, case, seal)
    whole = handing_over.disclose_whole(a, case, seal, to=[b.party.id], use="proceedings", basis="a court")
    world.settle()
    handing_over.open_package(b, case, whole.value.id)
    custody.erase_item(b, case, seal, "No longer needed here.", copies="own")
    world.settle()
    assert evidence.held_item(a, item.root).item == item
    with pytest.raises(Refused):
        evidence.held_item(b, item.root)
    with pytest.raises(Refused) as error:
        custody.erase_item(b, case, seal, "Nobody should have it.", copies="all")
    assert error.value.code == "rule.64"


def test_one_file_in_two_items_goes_with_the_last(world: World) -> None:
    a, _, _ = world.nodes
    case = open_case(world)
    one, two = sealed(a, case), sealed(a, case)
    custody.erase_item(a, case, one, "Sealed twice.")
    assert len(list(evidence.item_rows(a, item_of(a, case, two).root))) == 301
    custody.erase_item(a, case, two, "The retention term is over.")
    assert erasing.is_erased(a, item_of(a, case, two).root)


def test_a_hold_refuses_erasure_until_it_is_released(world: World) -> None:
    a, b, _ = world.nodes
    case = open_case(world)
    seal = sealed(a, case)
    item = item_of(a, case, seal)
    whole = handing_over.disclose_whole(a, case, seal, to=[b.party.id], use="proceedings", basis="a court")
    world.settle()
    handing_over.open_package(b, case, whole.value.id)
    custody.hold(b, case, seal, "A court asked.")
    with pytest.raises(Refused) as error:
        custody.hold(b, case, seal, "Twice.")
    assert error.value.code == "custody.hold"
    custody.hold(a, case, seal, "A court asked.")
    with pytest.raises(Refused) as error:
        custody.erase_item(a, case, seal, "The term is over.")
    assert error.value.code == "erase.held"
    with pytest.raises(Refused) as error:
        custody.erase_record(a, case, seal, "The term is over.", anyway=True)
    assert error.value.code == "erase.held"
    custody.release(a, case, seal, "Not needed by us.")
    custody.erase_item(a, case, seal, "The term is over.")
    world.settle()
    with pytest.raises(Refused):
        evidence.held_item(a, item.root)
    assert evidence.held_item(b, item.root).item == item  # the other party's own hold stands
    assert erasing.carry_out(b, case).kept == (item,)
    _, carried = custody.release(b, case, seal, "The court is done.")
    assert carried.items == (item,)
    with pytest.raises(Refused):
        evidence.held_item(b, item.root)


def test_an_erased_record_leaves_its_envelope_and_says_so(world: World, tmp_path: Path) -> None:
    a, b, _ = world.nodes
    case = open_case(world)
    said = acts.state_claim(a, case, SECRET, [kinds.Assertion(text="It was so.", level="tactical")])
    world.settle()
    assert SECRET.encode() in everything_on(tmp_path / "birch", b)
    with pytest.raises(Refused) as error:
        custody.erase_record(b, case, said.value.id, "It names a person.")
    assert error.value.code == "erase.author"
    tomb, carried = custody.erase_record(a, case, said.value.id, "It names a person.")
    assert carried.records == (said.value.id,)
    world.settle()
    for name, node in (("alder", a), ("birch", b)):
        assert SECRET.encode() not in everything_on(tmp_path / name, node), name
        held = node.journal.held_record(said.value.id)
        assert held is not None
        assert held.opening is not None
        assert held.opening.content is None
        state = node.state(case)
        assert said.value.id not in state.accepted
        assert told.erased_records(state) == {said.value.id: tomb.value.id}
        facts = json.loads(derive_facts(state, node.parties(), node.party.id, node.effects.now()))
        assert facts["erased"] == {said.value.id: tomb.value.id}
        assert facts["records"][said.value.id]["depth"] == "frame"


def test_what_others_build_on_is_erased_only_on_purpose(world: World) -> None:
    a, b, _ = world.nodes
    case = open_case(world)
    said = acts.state_claim(a, case, "A claim", [kinds.Assertion(text="It was so.", level="tactical")])
    world.settle()
    acts.endorse(b, case, kinds.Endorse(target=kinds.Target(record=said.value.id, n=0), basis="trust"))
    world.settle()
    with pytest.raises(Refused) as error:
        custody.erase_record(a, case, said.value.id, "It names a person.")
    assert error.value.code == "erase.cited"
    custody.erase_record(a, case, said.value.id, "It names a person.", anyway=True)
    opening = a.state(case).opening
    assert opening is not None
    with pytest.raises(Refused) as error:
        custody.erase_record(a, case, opening.id, "It names a person.")
    assert error.value.code == "erase.kind"


def test_nobody_erases_what_another_wrote(world: World) -> None:
    """A record of a node that does not ask first: the state does not count it, nobody complies."""
    a, b, _ = world.nodes
    case = open_case(world)
    said = acts.state_claim(a, case, "A claim", [kinds.Assertion(text="It was so.", level="tactical")])
    world.settle()
    acts.say(b, case, kinds.EraseRecord(record=said.value.id, basis="I do not like it."))
    world.settle()
    assert said.value.id in a.state(case).accepted
    assert told.erased_records(b.state(case)) == {}


def test_custody_goes_out_as_case_provenance(world: World) -> None:
    a, b, _ = world.nodes
    case = open_case(world)
    seal = sealed(a, case)
    item = item_of(a, case, seal)
    custody.transfer(a, case, seal, b.party.id, "To be examined.")
    custody.erase_item(a, case, seal, "The term is over.")
    graph = describe_provenance(a.state(case), item, a.name_of)["@graph"]
    ids = {node["@id"] for node in graph}
    assert len(ids) == len(graph)

    def mentions(value: Any) -> list[str]:
        match value:
            case {"@id": str() as name}:
                return [name, *(m for v in value.values() for m in mentions(v) if v is not name)]
            case dict():
                return [m for v in value.values() for m in mentions(v)]
            case list():
                return [m for v in value for m in mentions(v)]
        return []

    inside = {n for n in mentions(graph) if not n.endswith((":content", ":root", ":file"))}
    assert inside <= ids
    kinds_ = {node["@type"] for node in graph}
    assert {"case-investigation:ProvenanceRecord", "case-investigation:InvestigativeAction"} <= kinds_
    (record,) = [node for node in graph if node["@type"] == "case-investigation:ProvenanceRecord"]
    assert record["uco-core:description"] == "committed, erased"
    text = json.dumps(graph)
    assert "signed by one side only" in text
    assert "A mail log" in text
    assert erasing.ITEM not in text


def test_every_opening_of_an_item_is_noted(tmp_path: Path) -> None:
    path = tmp_path / "access.jsonl"
    log = AccessFile(path, "duty", lambda: 1_790_000_000)
    for n in range(5):
        log("rows", f"item {n}")
    entries, head = read_access(path)
    assert [e.item for e in entries] == [f"item {n}" for n in range(5)]
    assert entries[0].who == "duty"
    assert path.stat().st_mode & 0o777 == 0o600
    raw = path.read_bytes()
    for changed in (
        raw.replace(b"item 2", b"item 9"),
        raw.replace(raw.splitlines(True)[1], b""),
        raw[:-1],
        b"x\n",
    ):
        path.write_bytes(changed)
        with pytest.raises(NotVerified) as error:
            read_access(path)
        assert error.value.code == "access.chain"
    path.write_bytes(raw)
    log("rows", "item 5")
    assert read_access(path)[1] != head
    assert read_access(tmp_path / "none") == ([], "0" * 64)


def test_a_node_notes_openings_before_they_happen(world: World) -> None:
    a, _, _ = world.nodes
    case = open_case(world)
    seal = sealed(a, case)
    noted: list[tuple[str, str]] = []
    a._access = lambda what, item: noted.append((what, item))
    root = item_of(a, case, seal).root
    list(evidence.item_rows(a, root))
    assert noted == [("rows", root)]
