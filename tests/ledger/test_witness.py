"""A witness's rules in the order tlog-witness gives them; a split view becomes evidence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import ComityError, Malformed, NotVerified
from comity.ledger.merkle import EMPTY_ROOT, Tree, leaf_hash
from comity.ledger.note import Checkpoint, sign_checkpoint, vkey_of
from comity.ledger.witness import (
    AddCheckpoint,
    Conflict,
    Unprocessable,
    WitnessState,
    advance,
    format_add_checkpoint,
    parse_add_checkpoint,
    prove_split,
)
from comity.records import ed25519

SEED = b"\x07" * 32
ORIGIN = "ledger.example/alder"
KEY = vkey_of(ORIGIN, ed25519.public_of(SEED))
TREE = Tree(leaf_hash(bytes([n])) for n in range(40))
FORK = Tree(leaf_hash(bytes([n, n == 5])) for n in range(40))


def _note(size: int, tree: Tree = TREE) -> str:
    return sign_checkpoint(Checkpoint(origin=ORIGIN, size=size, root=tree.root(size)), SEED)


def _ask(old: int, new: int, tree: Tree = TREE) -> AddCheckpoint:
    proof = tuple(tree.consistency(old, new)) if old <= new else ()
    return AddCheckpoint(old_size=old, proof=proof, note=_note(new, tree))


def _state(size: int) -> WitnessState:
    return WitnessState(origin=ORIGIN, size=size, root=TREE.root(size))


def test_the_published_request_is_read_and_written_alike() -> None:
    body = (
        "old 20852014\n"
        "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n"
        "jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n"
        "\n"
        "example.com/behind-the-sofa\n"
        "20852163\n"
        "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
        "\n"
        "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5"
        "/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    )
    request = parse_add_checkpoint(body)
    assert (request.old_size, len(request.proof)) == (20852014, 2)
    assert request.note.startswith("example.com/behind-the-sofa\n20852163\n")
    assert format_add_checkpoint(request.old_size, request.proof, request.note) == body


@given(st.integers(0, 40), st.integers(0, 40))
def test_an_honest_log_is_followed(a: int, b: int) -> None:
    a, b = min(a, b), max(a, b)
    first = advance(None, _ask(0, a), KEY)
    assert first == _state(a)
    request = _ask(a, b)
    wire = format_add_checkpoint(request.old_size, request.proof, request.note)
    assert parse_add_checkpoint(wire) == request
    assert advance(first, request, KEY) == _state(b)


@given(st.integers(1, 40), st.integers(0, 40), st.integers(0, 40))
def test_a_witness_never_goes_back_nor_sideways(size: int, old: int, new: int) -> None:
    for tree in (TREE, FORK):
        try:
            after = advance(_state(size), _ask(old, new, tree), KEY)
        except (Malformed, NotVerified):
            continue
        assert after.size >= size
        assert tree is TREE or size <= 5 or after == _state(size)


def test_a_caller_that_is_behind_learns_the_size() -> None:
    for state, request, size in (
        (_state(20), _ask(10, 30), 20),
        (_state(20), _ask(0, 30), 20),
        (None, _ask(10, 30), 0),
        (_state(20), _ask(10, 10), 20),
    ):
        with pytest.raises(Conflict) as caught:
            advance(state, request, KEY)
        assert (caught.value.code, caught.value.size) == ("witness.behind", size)
        outer = caught.value.under("peer")
        assert isinstance(outer, Conflict)
        assert (outer.where, outer.size) == ("peer/add-checkpoint", size)


def test_two_roots_at_one_size_are_a_split() -> None:
    with pytest.raises(Conflict) as caught:
        advance(_state(20), _ask(20, 20, FORK), KEY)
    assert (caught.value.code, caught.value.size) == ("witness.split", 20)


def test_a_fork_cannot_be_proved_consistent() -> None:
    for new in (21, 32, 40):
        with pytest.raises(Unprocessable, match=r"witness\.proof"):
            advance(_state(20), _ask(20, new, FORK), KEY)
    for proof in ((), (EMPTY_ROOT,), TREE.consistency(19, 30)):
        bad = AddCheckpoint(old_size=20, proof=tuple(proof), note=_note(30))
        with pytest.raises(Unprocessable):
            advance(_state(20), bad, KEY)
    stuffed = AddCheckpoint(old_size=0, proof=(EMPTY_ROOT,), note=_note(3))
    with pytest.raises(Unprocessable):
        advance(None, stuffed, KEY)
    hollow = sign_checkpoint(Checkpoint(origin=ORIGIN, size=0, root=TREE.root()), SEED)
    with pytest.raises(Unprocessable):
        advance(None, AddCheckpoint(old_size=0, proof=(), note=hollow), KEY)


def test_the_log_s_signature_comes_first() -> None:
    forged = sign_checkpoint(Checkpoint(origin=ORIGIN, size=9, root=TREE.root(9)), b"\x08" * 32)
    with pytest.raises(NotVerified, match=r"note\.unsigned"):
        advance(_state(20), AddCheckpoint(old_size=3, proof=(), note=forged), KEY)
    with pytest.raises(Malformed, match=r"witness\.old-size"):
        advance(_state(20), _ask(20, 19), KEY)
    foreign = WitnessState(origin="ledger.example/elm", size=0, root=EMPTY_ROOT)
    with pytest.raises(ValueError, match="another"):
        advance(foreign, _ask(0, 1), KEY)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "old 1\n",
        "old 1\nnote\n",
        "old  1\n\nnote",
        "old 01\n\nnote",
        "old -1\n\nnote",
        "old\n\nnote",
        "new 1\n\nnote",
        "old 9223372036854775808\n\nnote",
        "old 1\nAAAA\n\nnote",
        "old 1\r\n\nnote",
        "old 1\n" + "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n" * 64 + "\nnote",
        "old 1\nPlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkax=\n\nnote",
    ],
)
def test_requests_of_another_form_are_malformed(body: str) -> None:
    with pytest.raises(Malformed):
        parse_add_checkpoint(body)


def test_a_split_is_proved_by_two_notes() -> None:
    evidence = prove_split(_note(20), _note(20, FORK), KEY)
    assert evidence == prove_split(_note(20, FORK), _note(20), KEY)
    assert (evidence.origin, evidence.size) == (ORIGIN, 20)
    assert set(evidence.roots) == {TREE.root(20), FORK.root(20)}
    for note, root in zip(evidence.notes, evidence.roots, strict=True):
        assert note == sign_checkpoint(Checkpoint(origin=ORIGIN, size=20, root=root), SEED)


def test_an_honest_log_cannot_be_framed() -> None:
    stranger = sign_checkpoint(Checkpoint(origin=ORIGIN, size=20, root=EMPTY_ROOT), b"\x08" * 32)
    altered = _note(20).replace("\n20\n", "\n21\n")
    for a, b in (
        (_note(20), _note(20)),
        (_note(20), _note(21)),
        (_note(20), stranger),
        (_note(21, FORK), altered),
    ):
        with pytest.raises(ComityError) as caught:
            prove_split(a, b, KEY)
        assert isinstance(caught.value, NotVerified)
