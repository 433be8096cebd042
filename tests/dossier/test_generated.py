"""Any case can be published, hostile records and all; and no bytes make the checks fall over."""

from __future__ import annotations

import json
import random

import pytest

from comity.case.state import depth
from comity.dossier import container, layout
from comity.dossier.build import build
from comity.dossier.checks import Checker
from comity.dossier.verify import Verdict, verify
from comity.records import kinds
from comity.records.bundles import Bundle, Record
from tests.dossier.corpus import Workshop, tell_short
from tests.dossier.story import Story
from tests.generated import Generated, generate_case, lessen
from tests.world import Actor, full_case

# Bytes that mean most to readers of CBOR, JSON and notes.
HOSTILE = b'\x00\x18\x5f\x80\x9f\xbf\xc2\xd8\xf6\xff[{"\n '


def story_of(made: Generated) -> Story:
    """A generated case as something to be published."""
    actors = made.members
    return Story(
        world=made.world,
        case=made.case,
        a=actors[0],
        b=actors[1],
        c=actors[-1],
        g=actors[-1],
        witnesses=[],
        attestations=[attestation.value.raw for attestation in made.attestations],
        rotations={actor.id: list(actor.rotations) for actor in made.world.actors.values()},
    )


def publish(made: Generated, publisher: Actor, rng: random.Random) -> Verdict:
    """A dossier of a generated case of which the publisher holds some records closed."""
    story = story_of(made)
    bundles = []
    for fact in lessen(made, rng):
        bundle = made.world.bundles.get(fact.value.id)
        if bundle is None or not isinstance(fact.value, Record):
            continue  # an attestation
        opening = bundle.opening
        if opening is not None and fact.value.id != made.case.opening.value.id:
            opening = (None, opening.without_content(), opening)[depth(fact.value)]
        bundles.append(Bundle(envelope=bundle.envelope, opening=opening, receipt=bundle.receipt))
    material = story.material(
        publisher, records=tuple(bundles), release=frozenset(r.value.id for r in made.records)
    )
    return verify(story.finish(publisher, build(material)))


@pytest.mark.parametrize("seed", range(12))
def test_a_generated_case_is_published_by_any_node(seed: int) -> None:
    made = generate_case(f"dossier {seed}", size=30, honest=True)
    rng = random.Random(seed)
    verdict = publish(made, rng.choice([a for a in made.members if a.home is None]), rng)
    assert verdict.intact
    facts = json.loads(verdict.facts)
    assert set(facts["records"]) == set(made.state.records)


@pytest.mark.parametrize("seed", range(20))
def test_hostile_records_do_not_keep_a_case_from_being_published(seed: int) -> None:
    made = generate_case(f"hostile dossier {seed}", size=40)
    rng = random.Random(seed)
    verdict = publish(made, rng.choice([a for a in made.members if a.home is None]), rng)
    assert verdict.intact


@pytest.mark.parametrize("seed", range(6))
def test_any_file_under_an_honest_digest_is_judged_without_falling_over(seed: int) -> None:
    shop = Workshop(tell_short())
    rng = random.Random(seed)
    for name in sorted(shop.files):
        if name in (layout.MANIFEST, *layout.PUBLISHED):
            continue
        data = bytearray(shop.files[name])
        for _ in range(rng.randrange(1, 4)):
            match rng.randrange(4):
                case 0:
                    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
                case 1:
                    del data[rng.randrange(len(data)) :]
                    data += b"\0" * (not data)
                case 2:
                    data[rng.randrange(len(data))] = rng.choice(
                        b'\x00\x18\x5f\x80\x9f\xbf\xc2\xd8\xf6\xff[{"'
                    )
                case _:
                    at = rng.randrange(len(data))
                    data[at:at] = data[at : at + rng.randrange(40)]
        files = shop.manifest({**shop.files, name: bytes(data)})
        checker = Checker(files)
        checker.check()
        assert checker.failures or files[name] == shop.files[name], name


def test_publish_files_are_judged_without_falling_over() -> None:
    shop = Workshop(tell_short())
    parts = dict(container.unpack(shop.raw))
    rng = random.Random(7)
    for name in layout.PUBLISHED:
        for _ in range(12):
            data = bytearray(parts[name])
            data[rng.randrange(len(data))] = rng.choice(HOSTILE)
            if bytes(data) != parts[name]:
                assert not verify(container.pack({**parts, name: bytes(data)})).intact


def test_every_kind_stands_in_some_generated_dossier() -> None:
    seen = set()
    for seed in range(2):
        made = generate_case(f"dossier {seed}", size=200, honest=True)
        seen |= {f.value.frame.kind for f in made.records if f.value.frame}
        assert publish(made, made.members[0], random.Random("long")).intact
    # What two nodes need cards and couriers for is told in the case that holds everything.
    full = full_case("dossier")
    made = Generated(
        world=full.world,
        case=full.case,
        members=[full.claimant, full.respondent, full.third, full.guest],
        records=list(full.records.values()),
        attestations=full.attestations,
    )
    seen |= {f.value.frame.kind for f in made.records if f.value.frame}
    assert publish(made, full.claimant, random.Random("all")).intact
    assert seen >= {k for k in kinds.KINDS if not k.startswith("party.")} - {"dossier.publish"}
