"""Attacks on parties, records and the ledgers they stand in."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from comity.case.verified import attestation_id
from comity.dossier import layout
from comity.ledger import merkle, note
from comity.records import bodies, envelopes, kinds
from comity.records.bundles import render_bundle
from tests import world as w
from tests.dossier.shop import Workshop, attack, checkpoint, flip, sign

# -- parties and records ------------------------------------------------------------------------


@attack("dossier.party-missing")
def author_without_card(shop: Workshop) -> bytes:
    return shop.reseal(shop.without(layout.card_name(shop.story.g.id)))


@attack("dossier.party-name")
def card_under_another_id(shop: Workshop) -> bytes:
    files = shop.without(layout.card_name(shop.story.g.id))
    files[layout.card_name("1" * 64)] = shop.files[layout.card_name(shop.story.g.id)]
    return shop.reseal(files)


@attack("dossier.rotate-gap")
def key_record_left_out(shop: Workshop) -> bytes:
    name = layout.rotate_name(shop.story.b.id, 1)
    return shop.reseal({**shop.without(name), layout.rotate_name(shop.story.b.id, 2): shop.files[name]})


@attack("key.unknown")
def newest_key_record_hidden(shop: Workshop) -> bytes:
    key = shop.story.b.party.keys[1].record
    return shop.reseal(shop.without(layout.rotate_name(shop.story.b.id, 1), layout.path_name(key)))


@attack("dossier.record-name")
def record_under_another_id(shop: Workshop) -> bytes:
    files = {**shop.files, shop.record("claim"): shop.files[shop.record("notice")]}
    return shop.reseal(files)


@attack("dossier.record-outside")
def key_record_as_a_record_of_the_case(shop: Workshop) -> bytes:
    key = shop.story.b.party.keys[1].record
    return shop.reseal(
        {**shop.files, layout.record_name(key): shop.files[layout.rotate_name(shop.story.b.id, 1)]}
    )


@attack("record.commitment")
def back_dated_notice(shop: Workshop) -> bytes:
    """The claimed time in the notice is set an hour back, under the old signature."""
    bundle = shop.story.world.bundles[shop.id("notice")]
    assert bundle.opening is not None
    frame = bodies.parse_frame(bundle.opening.frame)
    earlier = bodies.time_text(bodies.parse_time(frame.at) - 3600)
    opening = replace(bundle.opening, frame=bodies.render(msgspec.structs.replace(frame, at=earlier)))
    return shop.reseal({**shop.files, shop.record("notice"): render_bundle(replace(bundle, opening=opening))})


@attack("dossier.omitted")
def back_dated_notice_signed_again(shop: Workshop) -> bytes:
    """A second notice, with an earlier time, takes the place of the one that was received."""
    story, a = shop.story, shop.story.a
    opening = story.world.bundles[shop.id("notice")].opening
    assert opening is not None
    assert opening.content is not None
    frame = bodies.parse_frame(opening.frame)
    content = bodies.parse_content("notice.give", opening.content)
    said = a.say(
        content,
        case=story.case,
        audience=(kinds.PUBLIC,),
        references=frame.references,
        after=story.said["claim"],
        at=bodies.parse_time(frame.at) - 3600,
        deliver=False,
    )
    bundle = story.world.bundles[said.value.id]
    files = {**shop.without_record("notice"), layout.record_name(said.value.id): render_bundle(bundle)}
    return shop.reseal(shop.renew(a, files))


@attack("signature.invalid")
def record_signed_by_another(shop: Workshop) -> bytes:
    old = shop.story.said["claim"].value.envelope
    forged = envelopes.seal_envelope(
        shop.story.b.key("statement"),
        iss=old.iss,
        sub=old.sub,
        seq=old.seq,
        prev=old.prev,
        keys=old.keys,
        payload=old.payload,
    )
    bundle = replace(shop.story.world.bundles[old.id], envelope=forged.raw)
    files = {**shop.without_record("claim"), layout.record_name(forged.id): render_bundle(bundle)}
    return shop.reseal(files)


@attack("signature.invalid")
def receipt_of_another_record(shop: Workshop) -> bytes:
    bundle = replace(
        shop.story.world.bundles[shop.id("claim")],
        receipt=shop.story.world.bundles[shop.id("notice")].receipt,
    )
    return shop.reseal({**shop.files, shop.record("claim"): render_bundle(bundle)})


@attack("bundle.form")
def record_that_is_no_bundle(shop: Workshop) -> bytes:
    return shop.reseal({**shop.files, shop.record("claim"): b"\x80"})


# -- ledgers ------------------------------------------------------------------------------------


@attack("dossier.checkpoint-missing")
def ledger_without_checkpoint(shop: Workshop) -> bytes:
    return shop.reseal(shop.without(layout.checkpoint_name(shop.story.b.id)))


@attack("dossier.checkpoint-key")
def checkpoint_of_a_guest(shop: Workshop) -> bytes:
    name = layout.checkpoint_name(shop.story.b.id)
    return shop.reseal({**shop.files, layout.checkpoint_name(shop.story.g.id): shop.files[name]})


@attack("note.unsigned")
def swapped_checkpoints(shop: Workshop) -> bytes:
    one, two = layout.checkpoint_name(shop.story.a.id), layout.checkpoint_name(shop.story.b.id)
    return shop.reseal({**shop.files, one: shop.files[two], two: shop.files[one]})


@attack("ledger.inclusion")
def swapped_roots(shop: Workshop) -> bytes:
    """The publisher signs another tree of the same size."""
    a = shop.story.a
    head = checkpoint(shop, a)
    other = merkle.Tree([merkle.leaf_hash(str(n).encode()) for n in range(head.size)])
    return shop.reseal({**shop.files, layout.checkpoint_name(a.id): sign(a, other).encode()})


@attack("dossier.note-line")
def cosignature_that_nobody_can_check(shop: Workshop) -> bytes:
    name = layout.checkpoint_name(shop.story.a.id)
    text = shop.files[name].decode()
    line = note.cosign(text, "unknown.example/witness", w.derive("unknown"), shop.story.world.now)
    return shop.reseal({**shop.files, name: note.merge_signatures(text, line).encode()})


@attack("signature.invalid")
def cosignature_that_does_not_hold(shop: Workshop) -> bytes:
    name = layout.checkpoint_name(shop.story.a.id)
    text = shop.files[name].decode()
    witness = shop.story.witnesses[0]
    line = note.cosign(text, note.Vkey.parse(witness.vkey).name, w.derive("not its key"), 1)
    body, lines = note.open_note(text)
    key = note.Vkey.parse(witness.vkey)
    wrong = note.parse_signatures(line)[0]
    forged = replace(wrong, key_hash=key.key_hash)
    kept = "".join(str(x) for x in lines if x.key_hash != key.key_hash)
    return shop.reseal({**shop.files, name: f"{body}\n{kept}{forged}".encode()})


@attack("dossier.path-missing")
def record_without_path(shop: Workshop) -> bytes:
    return shop.reseal(shop.without(layout.path_name(shop.id("claim"))))


@attack("dossier.path-index")
def path_to_another_place(shop: Workshop) -> bytes:
    name = layout.path_name(shop.id("claim"))
    leaf = layout.parse_path(shop.files[name], name)
    return shop.reseal({**shop.files, name: layout.render_path(replace(leaf, index=leaf.index + 1))})


@attack("ledger.inclusion")
def path_with_another_hash(shop: Workshop) -> bytes:
    name = layout.path_name(shop.id("claim"))
    return shop.reseal({**shop.files, name: flip(shop.files[name])})


@attack("proof.form")
def path_that_is_no_path(shop: Workshop) -> bytes:
    return shop.reseal({**shop.files, layout.path_name(shop.id("claim")): b"\x82\x00\x81\x41x"})


@attack("dossier.stray")
def path_of_nothing(shop: Workshop) -> bytes:
    path = shop.files[layout.path_name(shop.id("claim"))]
    return shop.reseal({**shop.files, layout.path_name("2" * 64): path})


@attack("dossier.stray")
def consistency_of_nothing(shop: Workshop) -> bytes:
    name = layout.consistency_name(shop.story.a.id, 999)
    return shop.reseal({**shop.files, name: layout.render_consistency(())})


@attack("dossier.consistency-missing")
def receipt_not_tied_to_the_checkpoint(shop: Workshop) -> bytes:
    return shop.reseal(shop.without(layout.consistency_name(shop.story.a.id, 2)))


@attack("ledger.consistency")
def checkpoint_of_another_history(shop: Workshop) -> bytes:
    name = layout.consistency_name(shop.story.a.id, 2)
    return shop.reseal({**shop.files, name: flip(shop.files[name])})


@attack("dossier.checkpoint-behind")
def checkpoint_older_than_its_receipts(shop: Workshop) -> bytes:
    a = shop.story.a
    size = checkpoint(shop, a).size - 1
    return shop.reseal({**shop.files, layout.checkpoint_name(a.id): a.checkpoint(size).encode()})


@attack("dossier.split")
def receipts_of_two_histories(shop: Workshop) -> bytes:
    """The guest's home gives one receipt over its ledger, and another over a tree that it shows nobody."""
    story, home = shop.story, shop.story.b
    fact = story.said["endorse"]
    ids = [merkle.leaf_hash(raw) for raw in home.entries]
    hidden = merkle.Tree([merkle.leaf_hash(b"hidden"), *ids[1 : fact.index + 1]])
    shown, home.tree = home.tree, hidden
    try:
        issued = home.issue(fact.index)
    finally:
        home.tree = shown
    bundle = replace(story.world.bundles[fact.value.id], receipt=issued)
    files = {**shop.files, shop.record("endorse"): render_bundle(bundle)}
    # An attestation of the same size shows the other history.
    seen = home.attest(story.case, story.witnesses, size=fact.index + 1, leaves=()).value
    files[layout.attestation_name(seen.id)] = seen.raw
    return shop.reseal(files)


@attack("dossier.attestation-name")
def attestation_under_another_id(shop: Workshop) -> bytes:
    name = layout.attestation_name(attestation_id(shop.story.attestations[-1]))
    return shop.reseal({**shop.without(name), layout.attestation_name("3" * 64): shop.files[name]})
