"""Whose record moves a node to hand over a package: its digest is read by all who read the record."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from comity.exchange import acts, evidence, handing_over, publishing
from comity.exchange.node import Node
from comity.records import kinds
from tests.exchange.network import World
from tests.exchange.test_custody import item_of, sealed
from tests.exchange.test_erasing import disclosed, reseal


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, ["alder", "birch", "cedar", "elm"])


def case_of_three(world: World) -> str:
    """A case of all but the last."""
    a, b, c, _ = world.nodes
    witness = kinds.Witness(vkey=b.party.card.witness, party=b.party.id)
    case = acts.open_case(a, "2031-03-01", kinds.Policy(quorum=1, witnesses=(witness,)), "")
    for node in (b, c):
        acts.invite(a, case, node.party.id)
    world.settle()
    return case


def name_anothers(node: Node, case: str, seal: str, shown: str, package: str = "") -> None:
    """Say to everyone that rows are shown, under a seal of one's own, with what another party showed to
    one."""
    content = node.state(case).accepted[seal].content
    assert content is not None
    own = acts.say(node, case, content, to=[kinds.PUBLIC]).value.id
    told = node.state(case).accepted[shown].content
    assert isinstance(told, kinds.Disclose)
    told = msgspec.structs.replace(told, to=(kinds.PUBLIC,), package=package or told.package)
    acts.say(node, case, told, [own], to=[kinds.PUBLIC])


def public_packages(node: Node, case: str) -> tuple[bytes, ...]:
    return publishing._packages(node, node.state(case))


def test_naming_anothers_package_publishes_nothing_of_it(world: World) -> None:
    """The accused reads that rows were shown to birch, and "shows" the same bytes to everyone."""
    a, b, c, _ = world.nodes
    case = case_of_three(world)
    seal = sealed(a, case)
    shown, package = disclosed(a, case, seal, b.party.id)
    world.settle()
    name_anothers(c, case, seal, shown)
    world.settle()
    for node in (a, b):
        assert node.blobs.has(package)
        assert public_packages(node, case) == ()
    # Its own author may.
    handing_over.disclose_rows(a, case, seal, [301], to=[kinds.PUBLIC], use="defence", basis="law")
    world.settle()
    assert len(public_packages(a, case)) == 1


def test_naming_the_digest_of_a_file_publishes_nothing_of_it(world: World) -> None:
    """Who has an item whole, or a list with its SHA-256, knows how the first holder's store calls it."""
    a, b, c, _ = world.nodes
    case = case_of_three(world)
    seal = sealed(a, case)
    shown, _ = disclosed(a, case, seal, b.party.id)
    world.settle()
    blob = evidence.held_item(a, item_of(a, case, seal).root).blob
    name_anothers(c, case, seal, shown, package=blob)
    world.settle()
    assert public_packages(a, case) == ()


def test_naming_anothers_package_brings_it_to_no_new_member(world: World) -> None:
    a, b, c, d = world.nodes
    case = case_of_three(world)
    seal = sealed(a, case)
    shown, package = disclosed(a, case, seal, b.party.id)
    world.settle()
    name_anothers(c, case, seal, shown)
    world.settle()
    acts.invite(a, case, d.party.id)
    world.settle()
    assert d.cases() == [case]
    assert not d.blobs.has(package)
    assert not c.blobs.has(package)


def test_naming_it_in_another_case_brings_it_nowhere_either(world: World) -> None:
    a, b, c, _ = world.nodes
    case = case_of_three(world)
    seal = sealed(a, case)
    shown, package = disclosed(a, case, seal, b.party.id)
    world.settle()
    told = c.state(case).accepted[shown].content
    assert isinstance(told, kinds.Disclose)
    policy = c.state(case).policy
    assert policy
    other = acts.open_case(c, "2031-05-01", policy, "")
    acts.invite(c, other, b.party.id)
    world.settle()
    own = reseal(c, case, seal, elsewhere=other)
    told = msgspec.structs.replace(told, to=(kinds.PUBLIC,))
    acts.grant(c, other, [own], [kinds.PUBLIC])
    acts.say(c, other, told, [own], to=[kinds.PUBLIC])
    world.settle()
    assert b.blobs.has(package)
    assert public_packages(b, other) == ()


def test_what_was_shown_to_everyone_still_goes_to_new_members_and_into_dossiers(world: World) -> None:
    """By any node that has it; and nobody stops that by showing the same bytes to fewer afterwards."""
    a, b, c, d = world.nodes
    case = case_of_three(world)
    seal = sealed(a, case)
    shown, package = disclosed(a, case, seal, kinds.PUBLIC)
    world.settle()
    own = reseal(c, case, seal)
    told = c.state(case).accepted[shown].content
    assert isinstance(told, kinds.Disclose)
    fewer = msgspec.structs.replace(told, to=(b.party.id,))
    acts.say(c, case, fewer, [own])
    world.settle()
    assert len(public_packages(b, case)) == 1
    acts.invite(a, case, d.party.id)
    world.settle()
    assert d.blobs.has(package)
