"""Findings over shown rows: what is run again, what cannot be, and what does not hold."""

from __future__ import annotations

import hashlib
import json

import msgspec
import pytest

from comity.dossier import replay
from comity.dossier.render_text import verdict_text
from comity.dossier.replay import FindingCheck
from comity.dossier.rerun import parameters_of
from comity.dossier.verify import verify
from comity.findings.finding import make_finding
from comity.records import kinds
from tests import world as w
from tests.dossier.corpus import tell_short
from tests.dossier.story import RULE, Story, find_in, log


def check_of(story: Story, report: kinds.Report) -> FindingCheck:
    """The check of one more finding over the log that is sealed and partly shown."""
    said = story.say("another", story.a, report, story.said["seal"])
    verdict = verify(story.publish(story.a))
    assert verdict.intact, verdict.failures
    return next(c for c in verdict.findings if c.record == said.value.id)


def honest(story: Story, rule: bytes = RULE) -> kinds.Report:
    return find_in(story.said["seal"], log(), rule)


def test_rows_that_match_and_are_not_listed_show() -> None:
    story = tell_short("hidden match")
    report = honest(story)
    item = f"rows:{report.item.size}:{report.item.root}"
    rule = report.rules[0].digest
    made = make_finding([rule], report.pack, item, parameters_of(report, ()), [(rule, 24)])
    changed = msgspec.structs.replace(
        report, matches=(kinds.Match(rule=rule, rows=((24, 1),)),), result=made.result_digest
    )
    check = check_of(story, changed)
    assert (check.digests, check.shown) == ("hold", "different")
    assert "1 match and are not listed" in check.why


@pytest.mark.parametrize(
    ("change", "digests"),
    [
        ({"inputs": "0" * 64}, "finding.inputs"),
        ({"result": "0" * 64}, "finding.result"),
        ({"matches": ()}, "finding.result"),
    ],
)
def test_a_false_digest_is_told_and_spoils_no_dossier(change: dict[str, object], digests: str) -> None:
    story = tell_short(f"false {sorted(change)}")
    check = check_of(story, msgspec.structs.replace(honest(story), **change))
    assert (check.digests, check.shown) == (digests, "not-possible")


def test_a_source_that_is_not_its_digest_is_told() -> None:
    story = tell_short("source")
    report = honest(story)
    rule = msgspec.structs.replace(report.rules[0], source=RULE.decode() + "# changed\n")
    assert check_of(story, msgspec.structs.replace(report, rules=(rule,))).digests == "finding.source"


def test_more_rows_than_a_memory_holds_are_not_listed() -> None:
    story = tell_short("endless")
    item = kinds.Item(root=w.digest("endless"), size=2**52)
    sealed = story.say("endless", story.a, msgspec.structs.replace(w.seal(w.item()), item=item))
    report = honest(story)
    rule = report.rules[0].digest
    endless = msgspec.structs.replace(
        report, item=item, matches=(kinds.Match(rule=rule, rows=((1, 2**51),)),)
    )
    said = story.say("finding", story.a, endless, sealed)
    verdict = verify(story.publish(story.a))
    assert verdict.intact
    check = next(c for c in verdict.findings if c.record == said.value.id)
    assert check.digests == "finding.size"


def test_a_rule_that_cannot_run_is_told() -> None:
    story = tell_short("unusable")
    source = "title: no detection\n"
    digest = hashlib.sha256(source.encode()).hexdigest()
    report = honest(story)
    item = f"rows:{report.item.size}:{report.item.root}"
    made = make_finding([digest], report.pack, item, parameters_of(report, ()), [])
    changed = msgspec.structs.replace(
        report,
        rules=(kinds.Rule(digest=digest, name="x.yml", source=source),),
        matches=(),
        inputs=made.inputs_digest,
        result=made.result_digest,
    )
    check = check_of(story, changed)
    assert (check.digests, check.shown) == ("hold", "not-possible")
    assert "x.yml cannot run here: the rule has no detection" in check.why


def test_findings_of_closed_items_say_so() -> None:
    story = tell_short("closed item")
    story.packages.clear()
    verdict = verify(story.publish(story.a))
    (check,) = verdict.findings
    assert (check.shown, check.why) == ("not-possible", "no rows of its item are shown")
    assert any("1 disclosure" in line for line in verdict.not_shown)
    assert json.loads(verdict.facts)["assertions"][0]["supports"][0]["access"] == "disclosed"


def test_re_runs_of_a_dossier_are_held_against_its_rows_within_a_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    story = tell_short("re-runs")
    found = story.say("mine", story.a, honest(story), story.said["seal"])
    report = found.value.content
    assert isinstance(report, kinds.Report)
    moved = kinds.Parameters(zone="+05:00")
    for n in range(3):
        changed = msgspec.structs.replace(moved, since=f"2026-10-0{n + 1}T00:00:00Z")
        told = w.rerun(found, "different", scope="rows", cause="parameters")
        told = msgspec.structs.replace(
            told, parameters=changed, part="zone, since", rows=((2, 25),), matches=(), result="0" * 64
        )
        story.say(f"again-{n}", story.b, told, found)
    raw = story.publish(story.a)
    checks = verify(raw).reruns
    assert [check.faults[:1] for check in checks] == [("inputs",)] * 3
    monkeypatch.setattr(replay, "CHECKED", 0)
    few = verify(raw)
    assert {(check.result, check.why) for check in few.reruns} == {("stated", "size")}
    assert "comity verify --rerun-all does it" in verdict_text(few, "x")
    assert verify(raw, rerun_all=True).reruns == checks


def test_findings_of_a_dossier_are_run_again_within_a_bound_and_told_beyond_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A dossier with many findings of large packs once took its reader as long as its publisher liked."""
    story = tell_short("many findings")
    rules = [RULE.replace(b"title: ", f"title: {n} ".encode()) for n in range(3)]
    for n, rule in enumerate(rules):
        story.say(f"found-{n}", story.a, honest(story, rule), story.said["seal"])
    raw = story.publish(story.a)
    whole = verify(raw)
    assert {check.shown for check in whole.findings} == {"shown-rows-match"}
    # Rules that were made ready for one finding take no more for another.
    monkeypatch.setattr(replay, "REPLAYED", 2 * 1000)
    some = verify(raw)
    assert some.intact
    shown = [check.shown for check in some.findings]
    assert "shown-rows-match" in shown
    left = [check for check in some.findings if check.shown == "not-possible"]
    assert left
    assert {(check.digests, check.why) for check in left} == {("hold", replay.LONG)}
    assert "comity verify --rerun-all does it" in verdict_text(some, "x")
    monkeypatch.setattr(replay, "REPLAYED", 0)
    none = verify(raw)
    assert {check.digests for check in none.findings} == {"not-checked"}
    assert "its digests were not computed again" in verdict_text(none, "x")
    assert verify(raw, rerun_all=True).findings == whole.findings


def test_a_re_run_that_does_not_hold_is_not_counted_in_the_text_of_a_verdict() -> None:
    """It stood in the head of the support that it is told to say nothing of."""
    story = tell_short("false re-run")
    found = story.said["report"]
    told = w.rerun(found, "different", scope="rows", cause="engine")
    story.say("blames", story.b, msgspec.structs.replace(told, rows=((2, 25),), result="0" * 64), found)
    verdict = verify(story.publish(story.a))
    (check,) = [check for check in verdict.reruns if check.faults]
    text = verdict_text(verdict, "x")
    assert "1 re-run not counted, as run here it does NOT hold" in text
    support = json.loads(verdict.facts)["assertions"][0]["supports"][0]
    assert (support["rerun"], support["reruns"][-1]["record"]) == ("different", check.record)
    assert any("That anyone but its author tried" in line for line in verdict.not_shown)


def test_rows_that_were_not_asked_whole_are_told_with_the_finding() -> None:
    story = tell_short("not whole")
    report = msgspec.structs.replace(honest(story), engine="comity 1; rows not asked whole: 3-4, 9")
    check = check_of(story, report)
    assert check.shown == "shown-rows-match"
    assert check.why == "not asked whole where it was run, as it says: 3-4, 9"
