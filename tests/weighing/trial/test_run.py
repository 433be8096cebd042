"""A trial as a whole: what it fits on, and that it repeats."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from comity.errors import Malformed
from comity.weighing.trial.baselines import naive_bayes
from comity.weighing.trial.cases import History, parse_observations
from comity.weighing.trial.caution import PLAIN, TELLS, Caution, Scorer
from comity.weighing.trial.chance import number_of
from comity.weighing.trial.logistic import Logistic
from comity.weighing.trial.measures import Answers, judge, measure_all
from comity.weighing.trial.run import Report, Trial, describe, fitted_draws, run_trial
from tests.weighing.trial.published import publish, raw

TRIAL = Trial(fit_before="2018-01-01", test_from="2018-01-01", draws=2)


def figures(report: Report, model: str) -> dict[str, float]:
    return {name: f.value for m in report.models if m.model == model for name, f in m.clean.items()}


def test_a_trial_repeats_and_reads_nothing_of_the_later_part() -> None:
    lines = publish()
    report = run_trial(parse_observations(raw(lines)), TRIAL)
    # Spelled out, since a share of no cases at all is not a number, which equals nothing.
    assert repr(run_trial(parse_observations(raw(lines[::-1])), TRIAL)) == repr(report)
    assert figures(report, "comity")["top-1"] > 0.5
    assert report.unseen > 0
    # Whoever the later part names: what is fitted does not move.
    swapped = [
        line | {"actor": f"G{13 - int(line['actor'][1:]):02d}"} if line["report_date"] >= "2018" else line
        for line in lines
    ]
    assert run_trial(parse_observations(raw(swapped)), TRIAL).fitted == report.fitted
    # Nor what it calls the items.
    kinds = {"technique": "software", "software": "technique"}
    called = [
        line | {"kind": kinds[line["kind"]]} if line["report_date"] >= "2018" else line for line in lines
    ]
    assert run_trial(parse_observations(raw(called)), TRIAL).fitted == report.fitted


@pytest.mark.parametrize("seed", [1, 5])
def test_other_labels_give_the_same_figures(seed: int) -> None:
    """What is drawn, and in which order cases stand, once hung on what actors are called."""
    lines = publish(seed)
    # Two actors of one report, of one day, and alike otherwise: nothing but the label orders them.
    lines += [line | {"actor": "G99"} for line in lines if line["report"] == "report 3-2"]
    mixed = {f"G{n:02d}": f"X{number_of(seed, n) % 997:03d}" for n in range(100)}
    reports = [
        run_trial(parse_observations(raw([line | {"actor": called[line["actor"]]} for line in lines])), TRIAL)
        for called in ({name: name for name in mixed}, mixed)
    ]
    assert reports[0].fitted == reports[1].fitted
    for one, other in zip(reports[0].models, reports[1].models, strict=True):
        for part in ("clean", "random", "smart", "copies"):
            for name, figure in one.part(part).items():
                again = other.part(part)[name]
                assert (again.value, again.low, again.high) == pytest.approx(
                    (figure.value, figure.low, figure.high), abs=1e-9, nan_ok=True
                ), (one.model, part, name)


def test_caution_keeps_the_leader_and_the_order() -> None:
    report = run_trial(parse_observations(raw(publish(5))), TRIAL)
    allowed, cautious = figures(report, "planting allowed for"), figures(report, "comity")
    for name in ("top-1", "top-5", "mrr"):
        assert allowed[name] == cautious[name]


def test_what_is_learned_does_not_hang_on_how_often_the_later_part_is_planted() -> None:
    observations = parse_observations(raw(publish()))
    learned = {
        run_trial(
            observations,
            Trial(fit_before="2018-01-01", test_from="2019-06-01", draws=draws, flags=("random",)),
        ).fitted
        for draws in (1, 3)
    }
    assert len(learned) == 1


def test_the_fitting_part_is_planted_until_draws_even_out() -> None:
    assert [fitted_draws(n, 2_000) for n in (20, 200, 208, 500, 800, 2_000)] == [20, 20, 20, 8, 5, 5]
    # Of a file so large that few cases are taken, time is what counts.
    assert [fitted_draws(n, 100) for n in (20, 50, 100)] == [20, 10, 5]


def test_how_far_the_learned_answer_hangs_on_the_draws_is_said() -> None:
    report = run_trial(parse_observations(raw(publish())), TRIAL)
    assert report.fitted_draws == 20
    assert report.sure == round(figures(report, "comity")["sure"] * report.tested_on)
    assert all(0 <= half <= report.tested_on for half in report.sure_by_halves)
    assert 1 < report.actors <= report.tested_on


def test_the_engine_stands_beside_itself_without_what_a_name_withstands() -> None:
    report = run_trial(parse_observations(raw(publish())), TRIAL)
    named, leads = figures(report, "engine"), figures(report, "engine at .9")
    for measure in ("top-1", "top-5", "mrr", "ece", "brier"):
        assert named[measure] == leads[measure]
    assert named["sure"] <= leads["sure"]


def test_where_cases_are_too_few_it_is_said_on_which_side() -> None:
    observations = parse_observations(raw(publish()))
    with pytest.raises(Malformed, match=r"of the \d+ cases before 2012-06-01") as few:
        run_trial(observations, Trial(fit_before="2012-06-01", test_from="2018-01-01"))
    assert few.value.where == "fit-before"
    with pytest.raises(Malformed, match=r"no case from 2030-01-01 on: the last case is of 20") as none:
        run_trial(observations, Trial(fit_before="2018-01-01", test_from="2030-01-01"))
    assert none.value.where == "test-from"


@pytest.mark.parametrize(
    ("trial", "code"),
    [
        (Trial(fit_before="2018-01-01", test_from="2017-01-01"), "trial.dates"),
        (Trial(fit_before="2012-06-01", test_from="2018-01-01"), "trial.few"),
        (Trial(fit_before="2018-01-01", test_from="2030-01-01"), "trial.few"),
        (Trial(fit_before="soon", test_from="2018-01-01"), "trial.date"),
    ],
)
def test_a_trial_that_cannot_be_is_refused(trial: Trial, code: str) -> None:
    with pytest.raises(Malformed) as caught:
        run_trial(parse_observations(raw(publish())), trial)
    assert caught.value.code == code


@pytest.mark.shared
def test_the_published_baseline_comes_out_again(shared: Path) -> None:
    """The reference's naive Bayes: .302 / .462, 1.4 % sure. It smooths over every item of the file, those
    that only later reports mention too; ties are not pinned there."""
    history = History(parse_observations((shared / "attribution" / "observations.jsonl").read_bytes()))
    cases = [case for case in history.cases() if case.date >= "2019-07-01"]
    assert len(cases) == 212
    model, outcomes = naive_bayes(1.0, len(history.items)), []
    for n, case in enumerate(cases):
        past = history.before(case)
        line = past.actors.index(case.actor) if case.actor in past.actors else -1
        outcomes.append(judge(model(past, history.columns(case.items)), line, n))
    assert sum(one.rank < 0 for one in outcomes) == 31
    found = measure_all(Answers.of(outcomes), 1)
    assert np.abs(found["top-1"].value - 0.302) < 0.006
    assert np.abs(found["top-5"].value - 0.462) < 0.006
    assert found["sure"].value == pytest.approx(0.0142, abs=1e-3)
    assert found["precision of sure"].value == 1.0


def test_where_no_score_makes_a_case_sure_it_is_said() -> None:
    plain, tells = (
        Logistic(mean=np.zeros(n), spread=np.ones(n), weights=np.zeros(n), intercept=0.0)
        for n in (len(PLAIN), len(TELLS))
    )
    scorer = Scorer(plain=plain, tells=tells)
    never = describe(Caution(scorer=scorer, worth=plain, sure_from=2.0, sure=0.9))[-1]
    assert "sure of no case" in never
    assert describe(Caution(scorer=scorer, worth=plain, sure_from=0.79, sure=0.974))[-1] == (
        "comity, confidence: 0.974 from a score of 0.790 on"
    )
