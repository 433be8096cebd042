"""The public ledgers of a hundred cases, joined by every field: nothing in them links two parties."""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Iterator

import cbor2

from comity.ledger import tiles
from comity.records import envelopes
from tests.generated import generate_case
from tests.world import Actor

CASES = 100
WINDOW = 16

# What stands in every envelope of every ledger, and so says nothing of any: the texts of the format, the
# empty predecessor of a first record, and the places that a key record fills where a case has an alias.
CONSTANTS = (envelopes.CONTENT_TYPE.encode(), bytes(32), b"0" * 64)


def fields(raw: bytes) -> Iterator[bytes]:
    """Every byte string, text and number of a CBOR value at any depth."""
    stack: list[object] = [cbor2.loads(raw)]
    while stack:
        value = stack.pop()
        if isinstance(value, cbor2.CBORTag):
            stack.append(value.value)
        elif isinstance(value, dict) or hasattr(value, "items"):
            for key, item in dict(value).items():  # type: ignore[call-overload]
                stack += [key, item]
        elif isinstance(value, list | tuple):
            stack += value
        elif isinstance(value, bytes):
            yield value
            if len(value) > 64:  # the protected header is CBOR inside a byte string
                stack.append(cbor2.loads(value))
        elif isinstance(value, str):
            yield value.encode()


def public_values(actor: Actor, guests: set[str]) -> Iterator[bytes]:
    """Every value in the files that a party publishes, but for envelopes that it registers for guests."""
    files = actor.public()
    text = files.pop("checkpoint").decode()
    body, _, signatures = text.partition("\n\n")
    yield from (line.encode() for line in body.splitlines())
    yield base64.b64decode(signatures.split()[2])
    for path, content in files.items():
        if path.startswith("tile/entries"):
            for entry in tiles.decode_entries(content):
                if envelopes.open_envelope(entry).iss not in guests:
                    yield from fields(entry)
        else:
            yield from (content[n : n + 32] for n in range(0, len(content), 32))


def windows(value: bytes) -> Iterator[bytes]:
    """Every 16-byte substring of a value that holds no constant of the format."""
    for constant in CONSTANTS:
        if constant in value or value in constant:
            return
    for start in range(max(1, len(value) - WINDOW + 1)):
        window = value[start : start + WINDOW]
        if len(window) == WINDOW:
            yield window


def test_no_shared_value_links_two_parties() -> None:
    owners: dict[bytes, set[str]] = defaultdict(set)
    parties = 0
    for seed in range(CASES):
        made = generate_case(f"linkage {seed}", size=12, parties=3, honest=True)
        guests = {a.id for a in made.members if a.home}
        for actor in made.members:
            if actor.home:
                continue
            parties += 1
            for value in public_values(actor, guests):
                for window in windows(value):
                    owners[window].add(f"{seed}/{actor.id}")
    shared = {window: who for window, who in owners.items() if len(who) > 1}
    assert parties == 2 * CASES
    assert len(owners) > 100_000
    assert not shared, [(window, sorted(who)[:2]) for window, who in list(shared.items())[:3]]


def test_a_shared_case_would_be_found() -> None:
    """The join is sharp: with one alias for both parties it does find the link."""
    made = generate_case("linkage 0", size=12, parties=2, honest=True)
    values = []
    for actor in made.members:
        found = {window for value in public_values(actor, set()) for window in windows(value)}
        values.append(found | set(windows(made.case.id.encode())))
    assert values[0] & values[1]


def test_records_of_one_party_in_two_cases_have_two_names() -> None:
    made = generate_case("linkage two cases", size=12, parties=2, honest=True)
    world, actor = made.world, made.members[0]
    other = world.open_case(actor)
    signed = [fact.value.envelope for fact in [*made.records, other.opening]]
    names = {envelope.sub for envelope in signed if envelope.iss == actor.id}
    assert len(names) == 2
