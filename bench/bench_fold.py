"""Folding a case: verified records to the state that everything else reads, at three sizes.

There is no peer for this. Beside it stand two floors that no case system passes: checking as many
Ed25519 signatures as there are records, and hashing the records' bytes once. Checking and hashing are no
part of the fold; they were done before, at the gate.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from bench.figure import Contender, Figure
from bench.generated_case import Builder, Signed
from comity.case.fold import Fact, fold
from comity.case.state import State
from comity.case.verified import Verified
from comity.records.bundles import Record
from comity.records.envelopes import open_envelope

SIZES = (1_000, 10_000, 100_000)
CHECKED = 2_000
"""The floor of signatures is measured on so many; it is the same for each."""
ADDED = 100


def fold_all(case: str, facts: Sequence[Fact]) -> State:
    """The state of a case; every record of an honest case must have taken effect."""
    state = fold(facts, State(case=case))
    if len(state.accepted) != len(facts):
        raise AssertionError(f"{len(facts) - len(state.accepted)} records were not accepted")
    return state


def per_record(count: int, work: Callable[[], object]) -> float:
    """Microseconds that one of ``count`` takes."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) / count * 1e6


def check_signatures(signed: Sequence[Signed]) -> None:
    for one in signed:
        one.key.verify(one.signature, one.message)


def hash_bytes(facts: Sequence[Fact]) -> None:
    for fact in facts:
        record = fact.value
        if isinstance(record, Record) and record.opening is not None:
            hashlib.sha256(record.envelope.raw).digest()
            hashlib.sha256(record.opening.frame + (record.opening.content or b"")).digest()


def check_sample(builder: Builder) -> None:
    """What was made without reading it back is what the reader would have read."""
    for fact in builder.facts[:100]:
        assert isinstance(fact, Verified)
        if isinstance(fact.value, Record) and open_envelope(fact.value.envelope.raw) != fact.value.envelope:
            raise AssertionError("a generated envelope is not what its bytes say")


def figures(_: Path) -> Iterator[Figure]:
    builder = Builder("fold")
    case = builder.case.id
    for size in SIZES:
        facts = builder.grow(size)[:size]
        check_sample(builder)
        signed = builder.signed[:CHECKED]

        def run(facts: Sequence[Fact] = facts, size: int = size) -> float:
            return per_record(size, lambda: fold_all(case, facts))

        yield Figure(
            name=f"fold of {size:,} records, per record",
            unit="µs",
            runs=3 if size <= 10_000 else 1,
            ours=Contender(name="comity fold", run=run),
            peers=(
                Contender(
                    name="cryptography, 1 signature",
                    run=lambda signed=signed: per_record(len(signed), lambda: check_signatures(signed)),  # type: ignore[misc]
                ),
                Contender(
                    name="hashlib, envelope and body",
                    run=lambda facts=facts, size=size: per_record(size, lambda: hash_bytes(facts)),  # type: ignore[misc]
                ),
            ),
            note="4 parties; claims, and a response to each; one process",
        )
        if size > SIZES[0]:
            yield figure_of_adding(builder, facts)
    small, large = (builder.facts[:size] for size in SIZES[-2:])
    yield Figure(
        name=f"cost of one record in {len(large):,}, over one in {len(small):,}",
        unit="times",
        runs=1,
        ours=Contender(name="comity fold", run=lambda: compare(case, small, large)),
        note="1 is a straight line; processor time, the small folds before and after the large one",
    )


def compare(case: str, small: Sequence[Fact], large: Sequence[Fact]) -> float:
    """How many times as much a record costs in a large case, with both measured in one stretch."""

    def busy(facts: Sequence[Fact], times: int) -> float:
        began = time.process_time()
        for _ in range(times):
            fold_all(case, facts)
        return (time.process_time() - began) / times / len(facts)

    before = busy(small, 3)
    much = busy(large, 1)
    return much / ((before + busy(small, 3)) / 2)


def figure_of_adding(builder: Builder, facts: Sequence[Fact]) -> Figure:
    """One record more, in a case of this size: the next state, and what a party reads of it to sign again."""
    size = len(facts)
    more = builder.grow(size + ADDED)[size : size + ADDED]
    start = fold_all(builder.case.id, facts)
    known = (start.members, start.newest)

    def add() -> None:
        state = start
        for fact in more:
            state = fold([fact], state)
            if len(state.members) != len(known[0]) or len(state.newest) != len(known[1]):
                raise AssertionError("a party came or went")

    return Figure(
        name=f"one record more, in a case of {size:,}",
        unit="µs",
        runs=3,
        ours=Contender(name="comity fold", run=lambda: per_record(ADDED, add)),
        peers=(
            Contender(
                name="cryptography, 1 signature",
                run=lambda: per_record(ADDED, lambda: check_signatures(builder.signed[:ADDED])),
            ),
        ),
    )
