"""What a dossier opens, and that nothing is built that would not verify."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial

import msgspec
import pytest

from comity.dossier import build as building
from comity.dossier import layout
from comity.dossier.build import build, finish
from comity.dossier.facts import derive_facts
from comity.dossier.render_text import verdict_text
from comity.dossier.verify import verify
from comity.errors import NotVerified, Refused
from comity.records import kinds
from comity.records.bundles import parse_bundle
from tests import world as w
from tests.dossier.corpus import tell_short
from tests.dossier.story import Story, log, show_rows


def test_only_what_the_public_may_read_is_opened() -> None:
    story = tell_short("opened")
    closed = story.say("closed", story.a, w.request(story.b, story.world.now + w.DAY), audience=(story.b,))
    draft = build(story.material(story.a))
    assert parse_bundle(draft.files[layout.record_name(closed.value.id)]).opening is None
    assert parse_bundle(draft.files[layout.record_name(story.said["claim"].value.id)]).opening is not None
    assert draft.withheld == {story.a.id: 3}  # two invitations and the request


def test_a_grant_to_the_public_opens_what_it_names() -> None:
    story = tell_short("granted")
    closed = story.say("closed", story.a, w.claim(w.cite()), audience=(story.b,))
    reply = story.say(
        "reply",
        story.b,
        kinds.Response(target=closed.value.id, positions=(kinds.Position(n=0, position="disputes"),)),
        closed,
        audience=(story.a,),
    )
    story.say("grant", story.a, kinds.Grant(to=(kinds.PUBLIC,)), closed)
    raw = story.publish(story.a)
    facts = json.loads(verify(raw).facts)
    assert facts["records"][closed.value.id]["depth"] == "whole"
    # What was said against it goes with it.
    assert facts["records"][reply.value.id]["depth"] == "whole"
    assert facts["released"] == {"by_author": [], "by_another": []}


def test_rows_shown_to_one_party_stay_out_of_another_partys_dossier() -> None:
    story = tell_short("closed rows")
    sealed = story.said["seal"]
    data, key = log(), w.derive("item key", story.world.seed, "seal")
    content, package = show_rows(story, sealed, data, key, (24,), to=(story.b.id,))
    content = msgspec.structs.replace(content, onward="no")
    story.packages.append(package)
    story.say("closed rows", story.a, content, sealed)
    name = layout.disclosure_name(content.package)
    assert name not in build(story.material(story.b)).files
    assert name in build(story.material(story.a)).files


def test_a_record_left_out_is_refused() -> None:
    """The publisher's chain, and what its publication has seen, say what must be there."""
    story = tell_short("left out")
    material = story.material(story.a)
    for missing in range(len(material.records)):
        records = tuple(r for n, r in enumerate(material.records) if n != missing)
        chain = list(story.a.chain[story.case.id])
        with pytest.raises(Refused) as caught:
            story.finish(story.a, build(replace(material, records=records)))
        assert caught.value.code == "dossier.build"
        story.a.chain[story.case.id] = chain  # as if it had not been published


def test_what_hangs_in_the_air_stays_closed() -> None:
    """Nobody makes a case unpublishable by citing what nobody has, or by a chain with a gap."""
    story = tell_short("hanging")
    b = story.b
    nobody = story.say(
        "nobody", b, w.request(story.a, story.world.now + w.DAY), deliver=False, seen=["7" * 64]
    )
    lost = story.say("lost", story.g, w.request(story.a, story.world.now + w.DAY), deliver=False)
    late = story.say("late", story.g, w.request(story.a, story.world.now + w.DAY), deliver=False)
    material = story.material(story.a)
    records = tuple(r for r in material.records if r != story.world.bundles[lost.value.id])
    draft = build(replace(material, records=records))
    assert draft.closed == tuple(sorted({nobody.value.id, late.value.id}))
    assert layout.record_name(nobody.value.id) in draft.files
    assert layout.record_name(late.value.id) not in draft.files
    assert verify(story.finish(story.a, draft)).intact


def test_a_card_left_out_is_refused() -> None:
    story = tell_short("no card")
    material = story.material(story.a)
    with pytest.raises(NotVerified, match=r"dossier\.party-missing"):
        build(replace(material, key_chains=material.key_chains[1:]))


def test_a_proof_left_out_is_refused() -> None:
    story = tell_short("no proof")
    material = story.material(story.a)
    with pytest.raises(Refused, match=r"dossier\.checkpoint-missing"):
        build(replace(material, ledgers={}))


def test_a_publication_of_another_draft_is_refused() -> None:
    story = tell_short("moved on")
    draft = build(story.material(story.a))
    story.say("later", story.a, w.request(story.b, story.world.now + w.DAY))
    with pytest.raises(Refused, match=r"dossier\.publish-chain"):
        story.finish(story.a, draft)
    wrong = story.say("wrong", story.a, kinds.Publish(manifest="0" * 64))
    with pytest.raises(Refused, match=r"dossier\.publish-manifest"):
        finish(draft, *story.place(story.a, wrong, draft.files))


def test_assertions_that_nobody_was_told_of_are_named() -> None:
    story = tell_short("unnoticed")
    assert build(story.material(story.a)).unnoticed == ()
    later = story.say("later", story.a, w.claim(w.cite(), about=[w.about(story.b)]))
    assert [t.record for t in build(story.material(story.a)).unnoticed] == [later.value.id]


def test_the_same_material_gives_the_same_files() -> None:
    story = tell_short("twice")
    material = story.material(story.a)
    backwards = replace(
        material,
        records=material.records[::-1],
        attestations=material.attestations[::-1],
        key_chains=material.key_chains[::-1],
    )
    assert build(material).files == build(backwards).files


def test_a_guest_can_publish() -> None:
    story = tell_short("guest")
    verdict = verify(story.publish(story.g))
    assert verdict.intact
    assert verdict.contents is not None
    assert verdict.contents.manifest.publisher == story.g.id


def _endorsed_in_words(seed: str) -> Story:
    story = tell_short(seed)
    claim = story.said["claim"]
    content = kinds.Endorse(target=w.target(claim), basis="trust", origins=("a sensor",))
    story.say("trust", story.b, content, claim)
    return story


def test_facts_count_no_source_that_stands_in_words_alone() -> None:
    story = _endorsed_in_words("words")
    facts = json.loads(verify(story.publish(story.a)).facts)
    (one,) = (a for a in facts["assertions"] if a["endorsements"])
    assert facts["version"] == 3
    assert "a sensor" not in one["origins"]
    trusting = one["endorsements"][-1]
    assert (trusting["basis"], trusting["origins"], trusting["named"]) == ("trust", [], ["a sensor"])
    assert all("named" not in e for e in one["endorsements"][:-1])


def test_what_was_published_when_words_counted_stays_intact(monkeypatch: pytest.MonkeyPatch) -> None:
    story = _endorsed_in_words("words before")
    monkeypatch.setattr(building, "derive_facts", partial(derive_facts, version=2))
    verdict = verify(story.publish(story.a))
    assert verdict.intact, verdict.failures
    facts = json.loads(verdict.facts)
    (one,) = (a for a in facts["assertions"] if a["endorsements"])
    assert facts["version"] == 1
    assert "a sensor" in one["origins"]
    assert verdict.contents is not None
    # A reader is shown what counts, whichever version the facts are of.
    assert "names in words, not counted: a sensor" in verdict_text(verdict, "x")
