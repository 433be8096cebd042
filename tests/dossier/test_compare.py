"""Two dossiers beside each other: what each lacks, and what two histories prove."""

from __future__ import annotations

import pytest

from comity.dossier import layout
from comity.dossier.compare import compare, exit_code, prove_split
from comity.dossier.render_text import comparison_json, comparison_text
from comity.dossier.verify import DIVIDED, NOT_IDENTIFIED, NOT_INTACT, Verdict, verify
from comity.errors import Refused
from comity.ledger import merkle
from comity.records import kinds
from comity.records.bundles import render_bundle
from tests import world as w
from tests.dossier.corpus import Workshop, tell_short
from tests.dossier.shop import sign


def test_each_lacks_what_the_other_has() -> None:
    story = tell_short("two")
    private = story.say("private", story.b, w.claim(w.cite()), audience=(story.g,))
    a = story.publish(story.a)
    reply = kinds.Response(
        target=story.said["claim"].value.id, positions=(kinds.Position(n=0, position="disputes"),)
    )
    late = story.say("late", story.g, reply, story.said["claim"])
    b = story.publish(story.b, release=frozenset({private.value.id}))
    verdicts = {"a.tar": verify(a), "b.tar": verify(b)}
    compared = compare(verdicts)
    assert not compared.divided
    assert exit_code(verdicts, compared) == NOT_IDENTIFIED
    lacks = {(x.dossier, x.what, x.id): x for x in compared.left_out}
    assert lacks["a.tar", "opening", private.value.id].author == story.b.id
    missing = lacks["a.tar", "record", late.value.id]
    assert (missing.reply, missing.later, missing.kind) == (True, True, "response.make")
    assert not any(name == "b.tar" and what == "record" for name, what, _ in lacks)
    assert {link.result for link in compared.ledgers} == {"consistent"}
    text = comparison_text(compared, verdicts)
    assert "a reply, later than all here" in text
    assert comparison_json(compared)["divided"] is False


def two_histories() -> tuple[Workshop, dict[str, Verdict]]:
    """The publisher shows one dossier without its newest record, and another with another in its place."""
    shop = Workshop(tell_short("fork"))
    story, a = shop.story, shop.story.a
    other = a.fork(
        w.request(story.b, story.world.now + w.DAY), case=story.case, audience=("public",), deliver=False
    )
    bundle = story.world.bundles[other.value.id]
    files = shop.without_record("answer")
    files[layout.record_name(other.value.id)] = render_bundle(bundle)
    raw = shop.reseal(shop.renew(a, files), after=other)
    return shop, {"one": verify(shop.raw), "two": verify(raw)}


def test_a_forked_chain_is_proven_by_two_dossiers_that_are_each_intact() -> None:
    shop, verdicts = two_histories()
    assert all(verdict.intact for verdict in verdicts.values()), verdicts["two"].failures
    compared = compare(verdicts)
    assert exit_code(verdicts, compared) == DIVIDED
    (fork, *_) = compared.equivocations
    assert fork.author == shop.story.a.id
    assert shop.id("answer") in fork.records
    assert "signed two records for place" in comparison_text(compared, verdicts)


def test_two_checkpoints_of_one_size_prove_a_split() -> None:
    """A witness's ledger, in which the case has no record, shows two heads of one size."""
    shop = Workshop(tell_short("split"))
    home = shop.story.witnesses[0]
    card = bytes.fromhex(home.party.card_record.id)
    files = dict(shop.files)
    trees = [merkle.Tree([card, merkle.leaf_hash(extra)]) for extra in (b"one", b"two")]
    raws = []
    for tree in trees:
        files[layout.checkpoint_name(home.id)] = sign(home, tree).encode()
        leaf = layout.LeafPath(index=0, path=tuple(tree.inclusion(0)))
        files[layout.path_name(home.party.card_record.id)] = layout.render_path(leaf)
        raws.append(shop.reseal(files))
    verdicts = {name: verify(raw) for name, raw in zip(("one", "two"), raws, strict=True)}
    compared = compare(verdicts)
    assert compared.divided
    link = next(link for link in compared.ledgers if link.ledger == home.id)
    assert (link.result, link.size) == ("split", 2)
    proof = prove_split(link, verdicts)
    assert proof is not None
    assert proof.size == 2


def test_only_intact_dossiers_of_one_case_are_compared() -> None:
    story, other = tell_short("one case"), tell_short("other case")
    a, b = verify(story.publish(story.a)), verify(other.publish(other.a))
    with pytest.raises(Refused, match=r"compare\.case"):
        compare({"a": a, "b": b})
    broken = verify(b"no dossier")
    with pytest.raises(Refused, match=r"compare\.broken"):
        compare({"a": a, "b": broken})
    with pytest.raises(ValueError, match="two"):
        compare({"a": a})
    assert exit_code({"a": a, "b": broken}, None) == NOT_INTACT
