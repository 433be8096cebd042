"""Private matching: 10,000 indicators against a list of 100,000, every step of both parties in one process.

Time of the processor, not of the clock. The physical limit is the group: a scalar multiplication of libsodium
for each element that a step has to touch, and nothing else.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import rbcl

from bench.figure import Contender, Figure
from comity.matching import packages, voprf
from comity.matching.indicators import Indicator

ASKED = 10_000
LISTED = 100_000
SEED, INFO = bytes(32), b"bench"
KEY = voprf.derive_key(SEED, INFO)


def _address(n: int) -> Indicator:
    return Indicator(type="ip", value=f"203.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}")


def _chance(count: int) -> bytes:
    return hashlib.shake_256(b"bench").digest(count)


def make_list(count: int) -> packages.Parts:
    """What the offering party computes once for a version of its list."""
    outputs = voprf.evaluate_all(SEED, INFO, [_address(n).data for n in range(count)])
    return packages.make_list(map(packages.token_of, outputs))


def make_blinds(count: int) -> list[bytes]:
    """The blinds of a question."""
    chance = _chance(64 * count)
    return [voprf.make_scalar(chance[at : at + 64]) for at in range(0, len(chance), 64)]


def ask(count: int, blinds: list[bytes]) -> list[bytes]:
    """What the asking party computes before it asks; every tenth of what it asks is in the list."""
    return [voprf.blind(_address(n * 100).data, blind) for n, blind in zip(range(count), blinds, strict=True)]


def learn(
    count: int,
    listed: packages.Parts,
    blinds: list[bytes],
    asked: list[bytes],
    told: tuple[list[bytes], bytes],
) -> int:
    """What the asking party computes of an answer: the proof first."""
    elements, proof = told
    voprf.verify_evaluation(voprf.public_of(KEY), asked, elements, proof)
    outputs = voprf.finalize([_address(n * 100).data for n in range(count)], blinds, elements)
    places = packages.positions_of(listed, [packages.token_of(output) for output in outputs])
    return sum(place is not None for place in places)


def match(asked_count: int, listed_count: int) -> int:
    """The whole matching; gives how many are shared."""
    listed = make_list(listed_count)
    blinds = make_blinds(asked_count)
    asked = ask(asked_count, blinds)
    told = voprf.evaluate_blinded(KEY, asked, _chance(64))
    return learn(asked_count, listed, blinds, asked, told)


def multiply(count: int) -> None:
    """That many scalar multiplications, and nothing else."""
    scalar, element = KEY, voprf.public_of(KEY)
    for _ in range(count):
        rbcl.crypto_scalarmult_ristretto255(scalar, element)


def timed(act: Callable[[], object]) -> float:
    """Seconds of the processor that something took."""
    began = time.process_time()
    act()
    return time.process_time() - began


def figures(
    scratch: Path,  # noqa: ARG001 - the harness gives every benchmark a folder
    asked: int = ASKED,
    listed: int = LISTED,
) -> Iterator[Figure]:
    size = f"{asked:,} × {listed:,}"
    # One to list each; to ask, to answer, to prove it, to verify that by two, to unblind, for each asked.
    least = listed + 6 * asked
    yield Figure(
        name=f"private matching, {size}, processor time of both parties",
        unit="s",
        runs=1,
        ours=Contender(name="comity match", run=lambda: timed(lambda: match(asked, listed))),
        peers=(
            Contender(
                name=f"{least:,} multiplications of libsodium", run=lambda: timed(lambda: multiply(least))
            ),
        ),
        note="list, question, answer, proof, result",
    )
    yield Figure(
        name=f"a list of {asked:,} computed by its holder, processor time",
        unit="s",
        runs=1,
        ours=Contender(name="comity match", run=lambda: timed(lambda: make_list(asked))),
        peers=(
            Contender(
                name="libsodium, one at a time",
                run=lambda: timed(lambda: [voprf.evaluate(KEY, _address(n).data) for n in range(asked)]),
            ),
        ),
    )
