"""Assessments in a dossier: facts with limits, computed again where that can be done, and said where not."""

from __future__ import annotations

import json
import sys
from typing import Any

import msgspec
import pytest

from comity.dossier import build, reweigh
from comity.dossier.facts import derive_facts
from comity.dossier.render_text import verdict_json, verdict_text
from comity.dossier.verify import verify
from comity.errors import Refused
from comity.records import canonical, kinds
from comity.weighing import METHOD
from comity.weighing.effort import effort_of
from comity.weighing.shown import CLUSTERS
from tests import world as w
from tests.dossier.shop import tell_short
from tests.dossier.story import Story
from tests.weighing.written import item, weighed, written


def told(forge: bool = False) -> tuple[Story, bytes]:
    story = tell_short(f"weighed {forge}")
    content = weighed(written(item("spray"), item("word", origin="desk")))
    if forge:
        content = msgspec.structs.replace(
            content, result=msgspec.structs.replace(content.result, deception=1)
        )
    story.say("assess", story.a, content, story.case.opening)
    story.world.now += w.HOUR
    story.attest(story.a)
    raw = story.publish(story.a, release=[story.said["assess"].value.id])
    return story, raw


def test_an_assessment_is_reproduced_by_the_verifier() -> None:
    _, raw = told()
    verdict = verify(raw)
    assert verdict.intact, verdict.failures
    (check,) = verdict.assessments
    assert check.result == "reproduced"
    text = verdict_text(verdict, "x")
    assert "every figure within 2 ppm" in text
    assert CLUSTERS in text
    assert "Whether what 1 assessment takes as likely is so." in verdict.not_checked
    told_json = json.loads(json.dumps(verdict_json(verdict, "x")))
    assert CLUSTERS in told_json["assessments"][0]["limits"]


def test_facts_hold_figures_and_limits_in_one_member() -> None:
    story, raw = told()
    (facts,) = json.loads(verify(raw).facts)["assessments"]
    assert facts["record"] == story.said["assess"].value.id
    assert facts["figures"].keys() == {"standings", "planted_at_least", "limits"}
    assert [one["n"] for one in facts["figures"]["standings"]] == [0, 1, 2]
    assert facts["figures"]["limits"]["judged"] == 2
    # Words of the parties stay in their records.
    assert "Heron" not in canonical.render(facts).decode()


def test_limits_of_facts_say_by_which_method_and_settings() -> None:
    _, raw = told()
    facts = json.loads(verify(raw).facts)
    limits = facts["assessments"][0]["figures"]["limits"]
    assert facts["version"] == 2
    assert (limits["method"], limits["tempering"], limits["withstand"]) == (METHOD, 1_000_000, 300_000)
    assert limits["weights"] == {"least": 1, "most": 2}


def publish_facts_as(version: int | str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dossiers are built with facts of another version."""

    def written_as(*args: Any, **_: Any) -> bytes:
        facts = json.loads(derive_facts(*args, version=1 if version == 1 else 3))
        return canonical.render(facts | {"version": version})

    monkeypatch.setattr(build, "derive_facts", written_as)


def test_what_was_published_with_the_first_facts_stays_intact(monkeypatch: pytest.MonkeyPatch) -> None:
    publish_facts_as(1, monkeypatch)
    verdict = verify(told()[1])
    assert verdict.intact, verdict.failures
    assert "withstand" not in json.loads(verdict.facts)["assessments"][0]["figures"]["limits"]


@pytest.mark.parametrize("version", [0, 3, "1", "2"])
def test_facts_of_another_version_are_refused(version: int | str, monkeypatch: pytest.MonkeyPatch) -> None:
    publish_facts_as(version, monkeypatch)
    with pytest.raises(Refused, match=r"dossier\.facts"):
        told()


def test_facts_without_assessments_have_one_version_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    story = tell_short("none, of version 2")
    assert json.loads(verify(story.publish(story.a)).facts)["version"] == 1
    publish_facts_as(2, monkeypatch)
    with pytest.raises(Refused, match=r"dossier\.facts"):
        story.publish(story.a)


def test_a_forged_figure_is_a_result_and_no_damage() -> None:
    _, raw = told(forge=True)
    verdict = verify(raw)
    assert verdict.intact
    (check,) = verdict.assessments
    assert (check.result, check.differs) == ("different", ("deception",))
    assert "DIFFERENT: deception" in verdict_text(verdict, "x")


def test_without_numpy_nothing_is_recomputed_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    _, raw = told()
    monkeypatch.setitem(sys.modules, "comity.weighing.recompute", None)
    verdict = verify(raw)
    assert verdict.intact
    (check,) = verdict.assessments
    assert check.result == "not recomputed here"
    assert "pip install '.[weigh]'" in check.why
    assert "The figures of 1 assessment: not computed again here." in verdict.not_checked
    assert "not recomputed here" in verdict_text(verdict, "x")


def test_what_is_large_waits_for_a_reader_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    _, raw = told()
    monkeypatch.setattr(reweigh, "VERIFIED", 1)
    verdict = verify(raw)
    assert verdict.intact
    (check,) = verdict.assessments
    assert check.result == "not recomputed here"
    assert check.why == "2 items × 2 hypotheses take long; comity verify --weigh-all does it"
    assert "The figures of 1 assessment: not computed again here." in verdict.not_checked
    (asked,) = verify(raw, weigh_all=True).assessments
    assert asked.result == "reproduced"


def test_many_assessments_cost_a_verifier_no_more_than_one_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    story = tell_short("many weighed")
    small, large = weighed(written(item("a"))), weighed(written(item("a"), item("b", origin="desk")))
    for n, content in enumerate((large, small, small, small)):
        story.say(f"assess {n}", story.a, content, story.case.opening)
    raw = story.publish(story.a, release=[story.said[f"assess {n}"].value.id for n in range(4)])
    monkeypatch.setattr(reweigh, "VERIFIED", effort_of(large) + effort_of(small))
    checks = verify(raw).assessments
    assert [one.result for one in checks].count("not recomputed here") == 2
    assert checks[0].result == checks[1].result == "reproduced"
    monkeypatch.setattr(reweigh, "VERIFIED", effort_of(small))
    assert [one.result for one in verify(raw).assessments][:2] == ["not recomputed here", "reproduced"]


def test_another_method_is_not_recomputed() -> None:
    story = tell_short("another method")
    content = w.assessment()
    later = msgspec.structs.replace(content.method, name="comity-weigh/99")
    story.say("assess", story.a, msgspec.structs.replace(content, method=later), story.case.opening)
    (check,) = verify(story.publish(story.a, release=[story.said["assess"].value.id])).assessments
    assert (check.result, "comity-weigh/99" in check.why) == ("not recomputed here", True)


def test_a_dossier_without_assessments_says_nothing_of_them() -> None:
    story = tell_short("none")
    verdict = verify(story.publish(story.a))
    assert verdict.assessments == ()
    assert "assessments" not in json.loads(verdict.facts)
    assert kinds.Assess.kind == "assessment.make"
