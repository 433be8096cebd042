"""Words for a terminal: complete, and unable to act on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from comity.case.disclosures import disclosures
from comity.dossier.render_text import escape, verdict_json, verdict_text
from comity.dossier.verify import LAST_WORD, verify
from comity.exchange import acts, disclosing, publishing
from comity.records import bodies, canonical, kinds
from comity.records.kinds_of_procedure import Amend, Revision, WithdrawEndorsement
from tests import world as w
from tests.dossier.corpus import Workshop, tell_short
from tests.exchange.test_disclosing import Shown


@pytest.mark.parametrize(
    "char", ["\x1b", "\x07", "\n", "\u202e", "\u2066", "\u200b", "\u200f", "\x9b", "\ue000", "\u2028"]
)
def test_what_could_act_is_spelled_out(char: str) -> None:
    assert escape(f"a{char}b") == f"a\\u{{{ord(char):x}}}b"


def test_plain_names_stay_as_they_are() -> None:
    assert escape("Büro für Netze, 北") == "Büro für Netze, 北"


def test_a_name_cannot_turn_the_page_round() -> None:
    story = tell_short("names")
    evil = story.world.party("Cedar \u202eecivreS")
    story.world.invite(story.case, story.a, evil)
    story.say("evil", evil, w.request(story.a, story.world.now + w.DAY))
    verdict = verify(story.publish(story.a))
    assert verdict.intact
    text = verdict_text(verdict, "bad\x1b[2Jname.tar")
    assert "\\u{202e}" in text
    assert not any(c in text for c in "\u202e\x1b")


def test_the_text_ends_with_the_last_word() -> None:
    shop = Workshop(tell_short())
    for raw in (shop.raw, shop.raw[:-1]):
        verdict = verify(raw)
        assert verdict_text(verdict, "x").endswith(LAST_WORD + "\n")
        told = verdict_json(verdict, "x")
        canonical.render(told)
        assert json.loads(json.dumps(told))["last_word"] == LAST_WORD


def test_failures_are_told_with_code_and_place() -> None:
    shop = Workshop(tell_short())
    name = shop.record("claim")
    raw = shop.close(shop.without(name))
    text = verdict_text(verify(raw), "x")
    assert "NOT INTACT" in text
    assert name in text
    assert "[dossier.file-missing]" in text


def test_each_disclosure_is_told_with_its_terms() -> None:
    """Every term on a line of its own, who took it, and what it leaves open."""
    shop = Workshop(tell_short())
    verdict = verify(shop.raw)
    lines = [line.strip() for line in verdict_text(verdict, "x").splitlines()]
    told_as_data: Any = verdict_json(verdict, "x")["disclosures"]
    (shown,) = told_as_data
    assert shown["record"] == shop.id("disclose")
    begin = next(n for n, line in enumerate(lines) if line.startswith(f"disclosure {shown['record'][:12]}"))
    told = dict(line.split(": ", 1) for line in lines[begin + 1 : begin + 9])
    assert shown["at"] in lines[begin]
    assert told["level"].startswith(f"rows {shown['rows'][0][0]}–{sum(shown['rows'][0]) - 1} of item ")
    assert told["legal or other basis"] == shown["basis"]
    assert told["permitted use"] == shown["use"]
    assert told["onward sharing"] == "may be passed on"
    assert told["originator's consent"] == "not stated"
    assert told["to the public"] == "anyone may read it"
    assert told["its bytes"] == "in this dossier"
    assert told["does not show"].startswith("that what the rows say is true")


def test_whose_consent_who_approved_and_who_opened_is_told(tmp_path: Path) -> None:
    shown = Shown(tmp_path)
    terms = kinds.Terms(consent="given", originator="Harbour \u202eretaW", why="by letter", accept=True)
    record = shown.send(shown.draft(terms=terms))
    shown.accept(record)
    disclosing.open_disclosure(shown.told, shown.case, record)
    shown.world.settle()
    _, raw = publishing.publish(shown.holder, shown.case)
    assert "to Told: nothing that it said of it is opened" in verdict_text(verify(raw), "x")
    (taken,) = [d for d in disclosures(shown.told.state(shown.case)) if d.record == record]
    acts.grant(shown.told, shown.case, taken.to[0].said, [kinds.PUBLIC])
    shown.world.settle()
    _, raw = publishing.publish(shown.holder, shown.case)
    verdict = verify(raw)
    text = verdict_text(verdict, "x")
    assert verdict.intact
    assert "originator's consent: consent given of Harbour \\u{202e}retaW: by letter" in text
    assert "to Told: accepted its terms, " in text
    assert "as it says; opened it, every proof holds, " in text
    assert "its bytes: not in this dossier" in text


def test_only_voices_that_count_are_counted_and_the_others_named() -> None:
    story = tell_short("voices")
    claim = story.said["claim"]

    def endorse(name: str, actor: w.Actor, **more: Any) -> w.Said:
        return story.say(name, actor, kinds.Endorse(target=w.target(claim), basis="trust", **more), claim)

    first = endorse("first", story.b, origins=("a sensor",))
    story.say("back", story.b, WithdrawEndorsement(endorsement=first.value.id, reason="No."), first)
    endorse("second", story.b)
    endorse("third", story.b)
    text = verdict_text(verify(story.publish(story.a)), "x")
    assert "endorsements: 2; 1 declared origin in all, 1 undeclared" in text  # one stood there before
    assert "(trust), not counted: withdrawn" in text
    assert "(trust), not counted: the same party endorsed before" in text
    assert "names in words, not counted: a sensor" in text


def test_a_later_version_is_told_as_one_and_leads_to_what_was_contested() -> None:
    story = tell_short("versions")
    claim = story.said["claim"]
    content = claim.value.content
    assert isinstance(content, kinds.State)
    other = msgspec.structs.replace(content.assertions[0], text=content.assertions[0].text + "!")
    amend = Amend(target=claim.value.id, revisions=(Revision(n=0, assertion=other),), reason="A typo.")
    refs = [story.said["claim"], story.said["report"]]
    made = story.say("amend", story.a, amend, *refs)
    text = verdict_text(verify(story.publish(story.a)), "x")
    assert f"a later version of {claim.value.id[:12]}…#1; what others said of that one stands there" in text
    assert f"its author says it otherwise since, in {made.value.id[:12]}…#1" in text


def test_a_receipt_by_name_alone_is_told_as_that() -> None:
    story = tell_short("by name")
    named = story.world.party("Namesake")
    story.world.invite(story.case, story.a, named)
    about = kinds.Named(name="Namesake")
    claim = story.say("of a name", story.a, w.claim(w.cite(), about=[about]))
    give = kinds.Give(target=claim.value.id, assertions=(0,), to=about, text="You are named.")
    notice = story.say("notice", story.a, give, claim)
    story.say("came", named, kinds.Received(record=notice.value.id), notice)
    story.say("seen", story.a, w.claim(w.cite()), notice, story.said["came"])
    text = verdict_text(verify(story.publish(story.a, without_notice="urgent")), "x")
    assert "about Namesake: published after the notice was received, by a party that merely bears" in text


def test_requests_with_their_clocks_and_whom_was_told_are_in_the_text() -> None:
    story = tell_short("procedure")
    story.say("late", story.a, w.request(story.b, story.world.now + w.DAY))
    story.world.now += 2 * w.DAY
    text = verdict_text(verify(story.publish(story.a)), "x")
    asked = story.said["late"].value.id[:12]
    assert f"Alder Office asks Birch Office (evidence, {asked}…), due " in text
    assert "(asked): no answer recorded by the time asked" in text
    assert f"Birch Office, whom {story.said['claim'].value.id[:12]}…#1 names: notice received" in text


def test_clocks_that_are_read_in_the_readers_future_are_told() -> None:
    """A publisher that dates itself a month ahead has every request run out."""
    story = tell_short("ahead")
    raw = story.publish(story.a)
    verdict = verify(raw)
    assert verdict.contents is not None
    at = bodies.parse_time(verdict.contents.manifest.as_of)

    def told(now: int) -> bool:
        return any("has not come by your clock" in line for line in verify(raw, now=now).not_checked)

    assert not told(at)
    assert told(at - 1)
    assert verify(raw, now=at - 1).intact


def test_envelopes_that_nobody_but_the_publisher_calls_part_of_the_case_are_told() -> None:
    """Bare envelopes of an onlooker, of another case for all that anyone can read: a dossier is intact with
    them, and says whose word it is that the onlooker took part."""
    story = tell_short("onlooker")
    onlooker = story.world.party("Onlooker")
    for n in range(2):
        story.say(f"elsewhere {n}", onlooker, w.claim(w.cite()), audience=(story.b.id,))
    verdict = verify(story.publish(story.a))
    assert verdict.intact, verdict.failures
    told = [line for line in verdict.not_checked if "of this case at all" in line]
    why = "none is opened here, and only the publisher says so"
    assert told == [f"Whether 2 records of Onlooker are of this case at all: {why}."]
