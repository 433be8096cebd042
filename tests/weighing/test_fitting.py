"""Reading one's own reports: the settings that past cases bear out, stated and never taken by themselves."""

from __future__ import annotations

import pytest

from comity.errors import Malformed
from comity.weighing import PPM
from comity.weighing.fitting import FLOORS, STATED, fit_settings
from comity.weighing.knowledge import Observation, make_profiles, smooth_profiles
from comity.weighing.readings import Smoothing, join_name, split_name
from comity.weighing.shown import show
from comity.weighing.sources import misquoted, smooth_source
from comity.weighing.trial.cases import parse_observations
from tests.weighing.trial.published import publish, raw
from tests.weighing.written import item, reports, weighed, written

OBSERVED = parse_observations(raw(publish()))


def test_what_is_fitted_does_no_worse_on_what_it_was_fitted_on() -> None:
    found = fit_settings(OBSERVED)
    assert found.cases > found.held_back > 0
    assert found.settings.smoothing.floor in FLOORS
    assert found.fitted.loss < found.stated.loss
    assert 0 <= found.fitted.agree <= found.fitted.sure <= found.held_back


def test_neither_order_nor_what_comes_later_enters() -> None:
    found = fit_settings(OBSERVED, "2018-06-01")
    assert found == fit_settings(OBSERVED[::-1], "2018-06-01")
    swapped = [
        Observation(actor="G99", item=o.item, kind=o.kind, report=o.report, date=o.date)
        if o.date >= "2018-06-01"
        else o
        for o in OBSERVED
    ]
    assert fit_settings(swapped, "2018-06-01") == found


@pytest.mark.parametrize(("before", "code"), [("soon", "trial.date"), ("2012-02-01", "trial.few")])
def test_too_few_cases_and_days_that_are_none_are_told(before: str, code: str) -> None:
    with pytest.raises(Malformed) as caught:
        fit_settings(OBSERVED, before)
    assert caught.value.code == code


def test_a_name_states_how_it_is_read_and_comes_back_the_same() -> None:
    smoothing = Smoothing(floor=850_000, doubt=25)
    assert join_name("own.jsonl", smoothing) == "own.jsonl (floor 0.85, doubt 0.25)"
    assert split_name("own.jsonl (floor 0.85, doubt 0.25)") == ("own.jsonl", smoothing)
    assert split_name("own (2).jsonl") == ("own (2).jsonl", None)
    assert split_name("a (floor 1, doubt 0)")[1] == Smoothing(floor=PPM, doubt=0)


@pytest.mark.parametrize(
    "name",
    [
        "a (floor 0, doubt 1)",
        "a (floor 2, doubt 1)",
        "a (floor 0.1)",
        "a (floor .1, doubt 1)",
        "a (doubt 1, floor 0.1)",
        "a (floor 0.1, doubt -1)",
        "a (floor 0.1, doubt 1.234)",
    ],
)
def test_a_reading_that_is_none_is_told_and_never_passed_over(name: str) -> None:
    with pytest.raises(Malformed) as caught:
        split_name(name)
    assert caught.value.code == "knowledge.smoothing"


def test_another_reading_is_another_digest_of_the_same_counts() -> None:
    known = make_profiles(OBSERVED)
    other = smooth_profiles(known, Smoothing(floor=500_000, doubt=400))
    assert other.digest == make_profiles(OBSERVED, Smoothing(floor=500_000, doubt=400)).digest
    assert other.digest != known.digest
    assert smooth_profiles(other, STATED.smoothing) == known
    assert (other.reports, other.items, other.together) == (known.reports, known.items, known.together)


def test_the_record_states_the_reading_and_is_quoted_only_by_it() -> None:
    plain = reports()
    source = smooth_source(plain, Smoothing(floor=850_000, doubt=400))
    content = weighed(written(item(observed="T1", likelihoods={})), source)
    assert content.knowledge.name == "invented reports (floor 0.85, doubt 4)"
    assert misquoted(source, content) == ()
    assert "knowledge.digest" in misquoted(plain, content)
    # Who reads them nearly as counted is warned.
    assert not any("as counted" in one for one in show(content).warnings)
    assert any(
        "as counted" in one
        for one in show(weighed(written(item(observed="T1", likelihoods={})), plain)).warnings
    )
    # With a high floor it says little that nobody reported it of an actor.
    before = weighed(written(item(observed="S1", likelihoods={})), plain)
    after = weighed(written(item(observed="S1", likelihoods={})), source)
    was, now = ({x.hypothesis: x.posterior for x in one.result.standings} for one in (before, after))
    assert now["Otter"] > was["Otter"]
    assert now["Heron"] < was["Heron"]
