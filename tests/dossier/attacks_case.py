"""Attacks on chains, evidence, facts and the publication."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from comity.dossier import container, layout
from comity.ledger import note
from comity.records import envelopes, kinds
from comity.records.bundles import Bundle, parse_bundle, render_bundle
from tests import world as w
from tests.dossier.shop import Workshop, attack, bare, flip

# -- chains and citations -----------------------------------------------------------------------


@attack("dossier.gap")
def omitted_reply(shop: Workshop) -> bytes:
    return shop.reseal(shop.without_record("response"))


@attack("dossier.omitted")
def omitted_newest_reply(shop: Workshop) -> bytes:
    """The last record of its author leaves no gap; but a later record has seen it."""
    return shop.reseal(shop.without_record("endorse"))


@attack("dossier.omitted-attestation")
def omitted_attestation(shop: Workshop) -> bytes:
    cited = next(r for r in shop.story.said["response"].value.frame.references if r.startswith("t:"))  # type: ignore[union-attr]
    return shop.reseal(shop.without(layout.attestation_name(cited[2:])))


@attack("dossier.prev")
def chain_that_skips_back(shop: Workshop) -> bytes:
    story, b = shop.story, shop.story.b
    last = story.said["ask"].value.envelope
    envelope = envelopes.seal_envelope(
        b.seeds[-1],
        iss=b.id,
        sub=last.sub,
        seq=last.seq + 1,
        prev=story.said["received"].value.id,
        keys=b.party.newest.record,
        payload=w.derive("nothing"),
    )
    _, issued = b.log(envelope.raw)
    return shop.reseal(shop.add(b, envelope.raw, Bundle(envelope=envelope.raw, receipt=issued)))


@attack("dossier.chain-count")
def manifest_that_miscounts(shop: Workshop) -> bytes:
    old = layout.parse_manifest(shop.files[layout.MANIFEST])
    authors = {
        iss: {sub: layout.Chain(newest=c.newest, count=c.count + 1) for sub, c in chains.items()}
        for iss, chains in old.authors.items()
    }
    return shop.close(shop.manifest(shop.files, authors=authors))


def _elsewhere(shop: Workshop) -> tuple[bytes, Bundle]:
    story = shop.story
    other = w.Case(
        id="4" * 64,
        key=w.derive("another case"),
        opener=story.b,
        opening=story.case.opening,
        policy=story.case.policy,
    )
    said = story.b.say(w.claim(w.cite()), case=other, audience=(kinds.PUBLIC,), seen=(), deliver=False)
    bundle = story.world.bundles[said.value.id]
    return bundle.envelope, bundle


@attack("dossier.other-case")
def record_of_another_case(shop: Workshop) -> bytes:
    raw, bundle = _elsewhere(shop)
    return shop.reseal(shop.add(shop.story.b, raw, bundle))


@attack("dossier.alias")
def closed_record_of_another_case(shop: Workshop) -> bytes:
    raw, bundle = _elsewhere(shop)
    return shop.reseal(shop.add(shop.story.b, raw, bare(bundle)))


@attack("dossier.case-open")
def opening_withheld(shop: Workshop) -> bytes:
    bundle = shop.story.world.bundles[shop.id("open")]
    return shop.reseal({**shop.files, shop.record("open"): render_bundle(bare(bundle))})


@attack("dossier.state")
def another_state(shop: Workshop) -> bytes:
    return shop.close(shop.manifest(shop.files, state="5" * 64))


@attack("dossier.as-of")
def clocks_read_at_a_time_to_come(shop: Workshop) -> bytes:
    """So that a clock has run out which was running when this was published."""
    return shop.reseal(shop.manifest(shop.files, as_of="2039-01-01T00:00:00Z"))


# -- evidence and facts -------------------------------------------------------------------------


def _package(shop: Workshop) -> str:
    return next(name for name in shop.files if name.startswith("disclosures/"))


@attack("dossier.disclosure-name")
def rows_under_another_digest(shop: Workshop) -> bytes:
    name = _package(shop)
    return shop.reseal({**shop.files, name: flip(shop.files[name])})


@attack("dossier.disclosure-stray")
def rows_that_nobody_discloses(shop: Workshop) -> bytes:
    raw = flip(shop.story.packages[0])
    return shop.reseal({**shop.files, layout.disclosure_name(layout.digest_of(raw)): raw})


def _disclosing(shop: Workshop, package: bytes, rows: tuple[int, ...]) -> bytes:
    story, a = shop.story, shop.story.a
    old = story.said["disclose"].value.content
    assert isinstance(old, kinds.Disclose)
    content = msgspec.structs.replace(
        old, package=layout.digest_of(package), bytes=len(package), rows=kinds.ranges_of(rows)
    )
    said = a.say(
        content,
        case=story.case,
        audience=(kinds.PUBLIC,),
        references=[story.said["seal"]],
        after=a.chain[story.case.id][-1],
        deliver=False,
    )
    bundle = story.world.bundles[said.value.id]
    files = shop.add(a, bundle.envelope, bundle)
    files[layout.disclosure_name(layout.digest_of(package))] = package
    return shop.reseal(files, after=said)


@attack("dossier.disclosure-rows")
def more_rows_than_disclosed(shop: Workshop) -> bytes:
    return _disclosing(shop, shop.story.packages[0], (8,))


@attack("dossier.disclosure-rows")
def fewer_rows_than_disclosed(shop: Workshop) -> bytes:
    return _disclosing(shop, shop.story.packages[0], (8, 9, 10))


@attack("row.proof")
def rows_that_were_not_sealed(shop: Workshop) -> bytes:
    return _disclosing(shop, shop.story.packages[0].replace(b"user7,", b"user8,"), (8, 9))


@attack("dossier.facts")
def three_endorsements_of_one_source(shop: Workshop) -> bytes:
    def change(facts: dict[str, object]) -> None:
        facts["assertions"][0]["origins"] = ["mail gateway", "second", "third"]  # type: ignore[index]

    return shop.reseal(shop.facts(change), refold=False)


@attack("dossier.facts")
def back_dated_notice_in_the_facts(shop: Workshop) -> bytes:
    def change(facts: dict[str, object]) -> None:
        facts["times"][shop.id("notice")]["not_after"] = "2031-01-01T00:00:00Z"  # type: ignore[index]

    return shop.reseal(shop.facts(change), refold=False)


@attack("dossier.facts")
def contest_left_out_of_the_facts(shop: Workshop) -> bytes:
    def change(facts: dict[str, object]) -> None:
        facts["assertions"][0]["contests"] = []  # type: ignore[index]

    return shop.reseal(shop.facts(change), refold=False)


# -- the publication ----------------------------------------------------------------------------


@attack("dossier.publish-missing")
def no_publication(shop: Workshop) -> bytes:
    return container.pack(shop.files)


@attack("dossier.publish-kind")
def publication_of_another_kind(shop: Workshop) -> bytes:
    return shop.close(shop.files, content=w.claim(w.cite()))


@attack("dossier.publish-author")
def published_by_another(shop: Workshop) -> bytes:
    return shop.close(shop.files, by=shop.story.b)


@attack("dossier.publish-chain")
def publication_before_the_last_record(shop: Workshop) -> bytes:
    return shop.close(shop.files, after=shop.story.said["notice"])


@attack("dossier.omitted")
def publication_that_cites_what_is_left_out(shop: Workshop) -> bytes:
    late = shop.story.b.say(
        w.claim(w.cite()), case=shop.story.case, after=shop.story.said["ask"], deliver=False
    )
    return shop.close(shop.files, seen=[late, shop.story.said["endorse"]])


@attack("dossier.publish-refused")
def publication_that_has_seen_less_than_before(shop: Workshop) -> bytes:
    return shop.close(shop.files, seen=[])


@attack("dossier.publish-behind")
def publication_in_an_old_checkpoint(shop: Workshop) -> bytes:
    """The note is older than the receipt that places the publication."""
    parts = shop.publication(shop.files)
    bundle = parse_bundle(parts[layout.PUBLISH_RECORD])
    record, a = envelopes.record_id(bundle.envelope), shop.story.a
    size = a.tree.size
    index = size - 1
    a.log(b"one more leaf")
    issued = replace(bundle, receipt=a.issue(index))
    parts[layout.PUBLISH_RECORD] = render_bundle(issued)
    assert envelopes.record_id(a.entries[index]) == record
    return container.pack({**shop.files, **parts})


@attack("dossier.note-line")
def cosignature_on_the_publication(shop: Workshop) -> bytes:
    parts = shop.publication(shop.files)
    text = parts[layout.PUBLISH_NOTE].decode()
    line = shop.story.witnesses[0].cosign(text, shop.story.world.now)
    parts[layout.PUBLISH_NOTE] = note.merge_signatures(text, line).encode()
    return container.pack({**shop.files, **parts})


@attack("ledger.consistency")
def publication_in_another_history(shop: Workshop) -> bytes:
    parts = shop.publication(shop.files)
    path = layout.parse_publish_path(parts[layout.PUBLISH_PATH])
    parts[layout.PUBLISH_PATH] = layout.render_publish_path(
        replace(path, checkpoint=(bytes(32), *path.checkpoint[1:]))
    )
    return container.pack({**shop.files, **parts})
