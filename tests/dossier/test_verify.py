"""A dossier verifies whole, and not with a byte changed; integrity and identity are two results."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator

import pytest

from comity.dossier import container, layout
from comity.dossier.identity import parse_trust
from comity.dossier.verify import (
    INTACT_AND_CONFIRMED,
    LAST_WORD,
    MISIDENTIFIED,
    NOT_IDENTIFIED,
    NOT_INTACT,
    verify,
)
from comity.errors import Malformed
from comity.records import ed25519
from tests import world as w
from tests.dossier.corpus import Workshop, tell_short
from tests.dossier.story import Story, tell


@pytest.fixture(scope="module")
def shop() -> Workshop:
    return Workshop(tell_short())


@pytest.fixture(scope="module")
def story() -> Story:
    return tell()


@pytest.fixture(scope="module")
def dossier(story: Story) -> bytes:
    return story.publish(story.a)


def test_what_is_built_verifies(story: Story, dossier: bytes) -> None:
    verdict = verify(dossier, parse_trust(story.trust()))
    assert verdict.failures == ()
    assert verdict.identity == "confirmed"
    assert verdict.exit_code == INTACT_AND_CONFIRMED
    assert verdict.contents is not None
    assert verdict.contents.manifest.publisher == story.a.id
    (chain,) = verdict.contents.manifest.authors[story.a.id].values()
    # Its own publication is the one record that no manifest can count.
    published = story.a.chain[story.case.id][-1].value
    assert (chain.newest, chain.count) == (published.envelope.seq - 1, published.envelope.seq)


def test_it_says_what_it_did_not_check_and_does_not_show(story: Story, dossier: bytes) -> None:
    verdict = verify(dossier)
    assert verdict.exit_code == NOT_IDENTIFIED
    assert verdict.last_word == LAST_WORD == "Intact and reproduced is not the same as true."
    told = " ".join(verdict.not_checked)
    for word in ("true", "time zone", "stolen", "completeness", "withheld"):
        assert word in told
    (later,) = (line for line in verdict.not_checked if line.startswith("Later revocation not excluded"))
    assert verdict.contents is not None
    for party in verdict.contents.parties.values():
        newest = [
            f.index for f in verdict.contents.state.records.values() if f.value.envelope.iss == party.id
        ]
        assert not newest or party.card.name in later
        assert not newest or max(*newest, party.newest.index) + 1 >= int(
            later.partition(f"{party.card.name} ")[2].partition(",")[0].rstrip(".")
        )
    shown = " ".join(verdict.not_shown)
    assert "Alder Office: 4 of" in shown
    assert "1 sealed item" in shown


def test_findings_are_run_again_over_the_rows_shown(dossier: bytes) -> None:
    (check,) = verify(dossier).findings
    assert (check.digests, check.shown, check.rows) == ("hold", "shown-rows-match", 3)


def test_notice_before_publication_is_told(story: Story, dossier: bytes) -> None:
    publication = verify(dossier).publication
    assert publication is not None
    assert {(n, party, before) for _, n, party, before in publication.notices} == {
        (0, story.b.id, "received"),
        (1, story.b.id, "received"),
    }


def test_publishing_without_notice_is_told_with_its_reason() -> None:
    story = tell_short("without notice")
    raw = story.publish(story.b, without_notice="An operation was going on.")
    publication = verify(raw).publication
    assert publication is not None
    assert publication.without_notice == "An operation was going on."


def test_a_wrong_trust_file_contradicts(story: Story, dossier: bytes) -> None:
    names = {actor.id: actor.name for actor in story.world.actors.values()}
    renamed = verify(dossier, parse_trust(story.trust(names | {story.b.id: "Somebody Else"})))
    assert (renamed.intact, renamed.exit_code) == (True, MISIDENTIFIED)
    assert [i.code for i in renamed.identities if i.code] == ["identity.name"]
    moved = {("6" * 64 if iss == story.b.id else iss): name for iss, name in names.items()}
    rekeyed = verify(dossier, parse_trust(story.trust(moved)))
    assert [i.code for i in rekeyed.identities if i.code] == ["identity.key"]
    assert rekeyed.exit_code == MISIDENTIFIED


def test_a_key_fingerprint_is_trust_too(story: Story, dossier: bytes) -> None:
    names = {
        ed25519.thumbprint(actor.party.keys[-1].key).hex().upper(): f"  {actor.name.upper()} "
        for actor in story.world.actors.values()
    }
    assert verify(dossier, parse_trust(story.trust(names))).exit_code == INTACT_AND_CONFIRMED


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("abc Alder\n", "trust.line"),
        (f"{'0' * 64}\n", "trust.line"),
        (f"{'0' * 64} A\n{'0' * 64} B\n", "trust.duplicate"),
    ],
)
def test_a_trust_file_is_read_strictly(text: str, code: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse_trust("# mine\n\n" + text)
    assert caught.value.code == code
    assert caught.value.where.startswith("trust:")


def positions(raw: bytes, count: int) -> Iterator[int]:
    """Places in a container: some of every file's bytes, and more where nothing commits them."""
    chance = random.Random(1)
    at = 0
    while any(raw[at : at + 512]):
        name = raw[at : at + 100].rstrip(b"\0").decode()
        size = int(raw[at + 124 : at + 135], 8)
        wanted = count * 10 if name.startswith("publish/") or name == layout.MANIFEST else count
        yield from (at + 512 + chance.randrange(size) for _ in range(min(wanted, size)))
        at += 512 + size + -size % 512


def test_every_changed_byte_of_a_header_fails(shop: Workshop) -> None:
    raw, at = shop.raw, 0
    chance = random.Random(2)
    through = 0
    while any(raw[at : at + 512]):
        for offset in range(at // 512 % 5, 512, 5):
            changed = bytearray(raw)
            changed[at + offset] ^= 1 << chance.randrange(8)
            try:
                container.unpack(bytes(changed))
            except Malformed:
                continue
            through += 1
            assert not verify(bytes(changed)).intact
        at += 512 + -(-int(raw[at + 124 : at + 135], 8) // 512) * 512
    assert through == 0  # the checksum catches them all


def test_a_changed_byte_of_a_file_fails(shop: Workshop) -> None:
    for at in positions(shop.raw, 1):
        changed = bytearray(shop.raw)
        changed[at] ^= 1
        verdict = verify(bytes(changed))
        assert verdict.exit_code == NOT_INTACT, at
        assert verdict.failures[0].where


@pytest.mark.slow
def test_every_changed_byte_fails(shop: Workshop) -> None:
    for at in range(len(shop.raw)):
        changed = bytearray(shop.raw)
        changed[at] ^= 1
        assert verify(bytes(changed)).exit_code == NOT_INTACT, at


def test_a_record_released_by_another_is_labelled() -> None:
    story = tell_short("released")
    asked = story.say("closed", story.b, w.request(story.a, story.world.now + w.DAY), audience=(story.a,))
    raw = story.publish(
        story.a, release=frozenset({asked.value.id, story.said["invite-Birch Office"].value.id})
    )
    verdict = verify(raw)
    assert verdict.intact
    released = json.loads(verdict.facts)["released"]
    assert released["by_another"] == [asked.value.id]
    assert story.said["invite-Birch Office"].value.id in released["by_author"]


def test_a_party_with_two_histories_does_not_spoil_anothers_dossier() -> None:
    story = tell_short("forked")
    b = story.b
    story.said["forked"] = b.fork(
        w.request(story.a, story.world.now + w.DAY), case=story.case, audience=("public",)
    )
    verdict = verify(story.publish(story.a))
    assert verdict.intact
    assert verdict.contents is not None
    assert b.id in verdict.contents.state.forks


def test_which_history_was_shown_to_whom_is_not_checked() -> None:
    told = tell_short("a split and a fork")
    told.say("prove-split", told.b, w.split_of(told.witnesses[0]))
    verdict = verify(told.publish(told.a))
    assert verdict.intact
    said = " ".join(verdict.not_checked)
    assert "Which of two histories the ledger of Witness showed to whom: it signed both" in said
