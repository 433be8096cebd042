"""Attacks on what is disclosed: guessing the rows that stay, and passing off rows that were never sealed."""

from __future__ import annotations

import hashlib
import io
import ipaddress
import random
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.adapters.evtx_child import write_lines
from comity.errors import ComityError
from comity.evidence.detecting import detect
from comity.evidence.disclose import (
    Disclosure,
    VerifiedRows,
    disclose_rows,
    open_disclosure,
    parse_disclosure,
    render_disclosure,
)
from comity.evidence.formats import FormatName
from comity.evidence.rows import split_rows
from comity.evidence.seal import Declared, ItemRef, SealedItem, seal_stream
from comity.exchange import acts, disclosing, evidence, handing_over
from comity.ledger.merkle import leaf_hash
from comity.ledger.rowtree import salts
from comity.records import kinds
from tests.exchange.network import Bytes, World

KEY = hashlib.sha256(b"the item's key").digest()
ROWS = [f"203.0.113.{n}" for n in random.Random(7).sample(range(256), 64)]
RAW = "".join(f"{row}\n" for row in ROWS).encode()


@cache
def sealed() -> SealedItem:
    return seal_stream([RAW], "addresses.txt", "lines/1", KEY, Declared())


def package(*numbers: int) -> bytes:
    item = sealed()
    return render_disclosure(disclose_rows(item.tree, KEY, item.metadata, "lines/1", [RAW], numbers))


def test_addresses_that_stay_closed_cannot_be_guessed() -> None:
    """Every address that could stand in a row is tried against all hashes that a disclosure shows.

    The hashes of the neighbours are in the proof, and 2^8 addresses are few; each has a salt of 128 bits
    under a key that is not there, so none of the (address, salt) pairs tried gives one of them.
    """
    shown = parse_disclosure(package(10, 33))
    known = {*shown.proof, shown.root}
    guesses = [
        *(entry.salt for entry in shown.entries),
        bytes(16),
        *(hashlib.sha256(b"%d" % n).digest()[:16] for n in range(200)),
    ]
    for candidate in ipaddress.ip_network("203.0.113.0/24"):
        raw = str(candidate).encode()
        assert leaf_hash(raw) not in known
        for salt in guesses:
            assert leaf_hash(salt + raw) not in known
    # The same guess with the right salt hits: it is the salt that protects, and nothing else.
    first, second = shown.entries
    assert leaf_hash(first.salt + first.row) != leaf_hash(second.salt + second.row)


@settings(max_examples=40, deadline=None)
@given(st.sets(st.integers(1, 64), min_size=1, max_size=20))
def test_no_salt_of_a_row_that_stays_is_in_a_disclosure(numbers: set[int]) -> None:
    """By construction: a salt is a block of a key stream; neither the key nor another block is in the
    bytes."""
    raw = package(*numbers)
    assert KEY not in raw
    for index in range(65):
        salt = salts(KEY, index, 1)
        assert (salt in raw) == (index in numbers)
    for n, row in enumerate(ROWS, 1):
        # Neither the row, nor the hash of the row alone, which anyone could compare with guesses.
        assert n in numbers or leaf_hash(row.encode()) not in raw


def test_one_key_stream_block_says_nothing_of_another() -> None:
    """Distinct items, distinct keys: the same row at the same number has another salt and another leaf."""
    other = seal_stream([RAW], "addresses.txt", "lines/1", hashlib.sha256(b"another").digest(), Declared())
    assert other.tree.root != sealed().tree.root


MUTATED = package(5, 6, 40)
ITEM = ItemRef(size=sealed().tree.size, root=sealed().tree.root)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(MUTATED) * 8 - 1))
def test_any_flipped_bit_of_a_package_is_refused(bit: int) -> None:
    raw = bytearray(MUTATED)
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises(ComityError):
        open_disclosure(bytes(raw), item=ITEM)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_rows_that_change_places_or_proofs_are_refused(data: st.DataObject) -> None:
    shown = parse_disclosure(MUTATED)
    entries, proof = list(shown.entries), list(shown.proof)
    n = data.draw(st.integers(0, len(entries) - 1))
    match data.draw(st.sampled_from(["row", "salt", "index", "drop", "proof", "more", "swap"])):
        case "row":
            entries[n] = replace(entries[n], row=data.draw(st.binary().filter(lambda r: r != entries[n].row)))
        case "salt":
            salt = data.draw(st.binary(min_size=16, max_size=16).filter(lambda s: s != entries[n].salt))
            entries[n] = replace(entries[n], salt=salt)
        case "index":
            index = data.draw(st.integers(0, 80).filter(lambda i: i != entries[n].index))
            entries[n] = replace(entries[n], index=index)
        case "drop":
            del entries[n]
        case "proof":
            del proof[data.draw(st.integers(0, len(proof) - 1))]
        case "more":
            proof.append(data.draw(st.binary(min_size=32, max_size=32)))
        case _:
            one, two = entries[0], entries[1]
            entries[0], entries[1] = replace(one, row=two.row), replace(two, row=one.row)
    raw = render_disclosure(replace(shown, entries=tuple(entries), proof=tuple(proof)))
    with pytest.raises(ComityError):
        open_disclosure(raw, item=ITEM)


def real_logs(shared: Path, every: bool) -> Iterator[tuple[str, FormatName, bytes]]:
    """Zeek logs as they are, and event logs as their rows are derived; some of each, or all."""
    for path in sorted((shared / "zeek").glob("*.log"))[: None if every else 3]:
        raw = path.read_bytes()
        if not every:
            raw = raw[:400_000].rpartition(b"\n")[0] + b"\n"
        yield path.name, detect(path.name, raw[:65_536]), raw
    logs = sorted((shared / "evtx").rglob("*.evtx"), key=lambda p: (p.stat().st_size, p))
    for path in logs if every else logs[:1]:
        lines = io.BytesIO()
        with io.FileIO(path) as log:
            write_lines(log, lines)
        if lines.getvalue():
            yield path.name + ".jsonl", "evtx-jsonl/1", lines.getvalue()


def altered_ways(shown: Disclosure) -> Iterator[Disclosure]:
    """A disclosure with each row, salt and position changed by itself, each hash of its proof, its item."""
    for n, entry in enumerate(shown.entries):
        before, after = shown.entries[:n], shown.entries[n + 1 :]
        for other in (
            replace(entry, row=entry.row + b" "),
            replace(entry, row=entry.row[:-1] if entry.row else b"x"),
            replace(entry, salt=bytes([entry.salt[0] ^ 1]) + entry.salt[1:]),
            replace(entry, index=entry.index + 1),
        ):
            yield replace(shown, entries=(*before, other, *after))
        yield replace(shown, entries=(*before, *after))
    for n, node in enumerate(shown.proof):
        before_it, after_it = shown.proof[:n], shown.proof[n + 1 :]
        yield replace(shown, proof=(*before_it, *after_it))
        yield replace(shown, proof=(*before_it, bytes([node[0] ^ 128]) + node[1:], *after_it))
    yield replace(shown, proof=(*shown.proof, bytes(32)))
    yield replace(shown, size=shown.size + 1)
    yield replace(shown, root=bytes([shown.root[0] ^ 1]) + shown.root[1:])


@pytest.mark.shared
@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_rows_of_real_logs_are_proven_on_a_second_node_and_offline(
    shared: Path, tmp_path: Path, every: bool
) -> None:
    world = World(tmp_path, ["holder", "told"])
    holder, told = world.nodes
    witness = kinds.Witness(vkey=told.party.card.witness, party=told.party.id)
    case = acts.open_case(holder, "2031-03-01", kinds.Policy(quorum=1, witnesses=(witness,)), "")
    acts.invite(holder, case, told.party.id)
    world.settle()
    for name, form, raw in real_logs(shared, every):
        rows = [row for batch in split_rows(form, [raw]) for row in batch]
        wanted = sorted({min(2, len(rows)), -(-len(rows) // 2), len(rows)})
        record, item = evidence.seal_item(holder, case, Bytes(raw), name, form, Declared(zone="+00:00"))
        world.settle()
        content = handing_over.draft_rows(
            holder, case, record.value.id, wanted, to=[told.party.id], use="information", basis="b",
            terms=kinds.Terms(consent="own", accept=True),
        )  # fmt: skip
        shown = handing_over.send_disclosure(holder, case, record.value.id, content)
        world.settle()
        disclosing.accept(told, case, shown.value.id)
        world.settle()
        _, found = disclosing.open_disclosure(told, case, shown.value.id)
        assert isinstance(found, VerifiedRows)
        for n in wanted:
            assert found.rows[n] == rows[n - 1], name
        # Offline: the package, and the (size, root) of the signed seal, are all it takes.
        of = ItemRef(size=item.size, root=bytes.fromhex(item.item))
        offline = told.blobs.get(content.package)
        assert open_disclosure(offline, item=of).rows == found.rows
        for altered in altered_ways(parse_disclosure(offline)):
            with pytest.raises(ComityError):
                open_disclosure(render_disclosure(altered), item=of)
        chance = random.Random(name)
        for _ in range(60):
            changed = bytearray(offline)
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
            with pytest.raises(ComityError):
                open_disclosure(bytes(changed), item=of)
