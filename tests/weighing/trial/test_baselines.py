"""Each baseline against a second writing of it: plain Python over the lines of the file, no arrays."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
import pytest

from comity.weighing.table import Floats
from comity.weighing.trial.baselines import Model, Tempered, jaccard, naive_bayes, tf_idf
from comity.weighing.trial.cases import Case, History, Past, parse_observations
from comity.weighing.trial.planting import Columns
from tests.weighing.trial.published import publish, raw

LINES = publish()
HISTORY = History(parse_observations(raw(LINES)))
CASES = [case for case in HISTORY.cases() if len(HISTORY.before(case).actors) >= 3][::17]

Reports = dict[str, dict[str, set[str]]]
"""What was known: items by actor and report."""


def known(case: Case) -> Reports:
    """Reports dated before the case, never its own; a report is dated by its earliest line of the actor."""
    day: dict[tuple[str, str], str] = {}
    items: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for line in LINES:
        key = line["actor"], line["report"]
        day[key] = min(line["report_date"], day.get(key, "9999"))
        items[key].add(line["item"])
    found: Reports = defaultdict(dict)
    for (actor, report), told in items.items():
        if day[actor, report] < case.date and report != case.report:
            found[actor][report] = told
    return found


def every_item() -> set[str]:
    return {line["item"] for line in LINES}


def shares(scores: dict[str, float]) -> dict[str, float]:
    whole = sum(scores.values())
    return {actor: score / whole if whole else 1 / len(scores) for actor, score in scores.items()}


def by_jaccard(case: Case) -> dict[str, float]:
    seen = set(case.items)
    scores = {}
    for actor, reports in known(case).items():
        profile = set().union(*reports.values())
        scores[actor] = len(seen & profile) / len(seen | profile)
    return shares(scores)


def by_tf_idf(case: Case) -> dict[str, float]:
    reports = [items for told in known(case).values() for items in told.values()]
    weight = {
        item: math.log((len(reports) + 1) / (sum(item in one for one in reports) + 1))
        for item in every_item()
    }
    scores = {}
    for actor, told in known(case).items():
        profile = set().union(*told.values())
        dot = sum(weight[item] ** 2 for item in case.items if item in profile)
        size = math.dist([weight[i] for i in profile], [0.0] * len(profile)) * math.dist(
            [weight[i] for i in case.items], [0.0] * len(case.items)
        )
        scores[actor] = dot / size if size else 0.0
    return shares(scores)


def by_naive_bayes(case: Case, alpha: float) -> dict[str, float]:
    past = known(case)
    items = len({*case.items}.union(*(items for told in past.values() for items in told.values())))
    worth = {}
    for actor, told in past.items():
        profile = set().union(*told.values())
        worth[actor] = math.prod(
            ((item in profile) + alpha) / (len(profile) + alpha * items) for item in case.items
        )
    return shares(worth)


def by_tempered(case: Case, temperature: float, unknown: float, concentration: float) -> dict[str, float]:
    reports = known(case)
    mentions = {
        item: sum(item in told for one in reports.values() for told in one.values()) for item in every_item()
    }
    whole = sum(mentions.values())
    worth = {"unknown": unknown}
    for actor, told in reports.items():
        own = [item for items in told.values() for item in items]
        product = 1.0
        for item in case.items:
            base = (mentions[item] + 0.5) / (whole + 1)
            chance = (own.count(item) + concentration * base) / (len(own) + concentration)
            product *= (chance / base) ** (1 / temperature)
        worth[actor] = product * (1 - unknown) / len(reports)
    return shares(worth)


def _tf_idf(past: Past, columns: Columns) -> Floats:
    return tf_idf(past)(columns)


MODELS: dict[str, tuple[Model, object]] = {
    "jaccard": (jaccard, by_jaccard),
    "tf-idf": (_tf_idf, by_tf_idf),
    "naive bayes 1": (naive_bayes(1.0), lambda case: by_naive_bayes(case, 1.0)),
    "naive bayes 0.05": (naive_bayes(0.05), lambda case: by_naive_bayes(case, 0.05)),
    "tempered + unknown": (
        Tempered(temperature=1.5, unknown=0.2, concentration=20.0),
        lambda case: by_tempered(case, 1.5, 0.2, 20.0),
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_baseline_is_what_its_name_says(name: str) -> None:
    model, again = MODELS[name]
    assert callable(again)
    assert len(CASES) >= 4
    for case in CASES:
        past = HISTORY.before(case)
        found = model(past, HISTORY.columns(case.items))
        expected = again(case)
        assert set(past.actors) == set(expected) - {"unknown"}
        for n, actor in enumerate((*past.actors, "unknown")):
            assert found[n] == pytest.approx(expected.get(actor, 0.0), abs=1e-9)
        assert found.sum() == pytest.approx(1.0)


@pytest.mark.parametrize("name", MODELS)
def test_later_lines_change_no_answer(name: str) -> None:
    """Reports after a case, of items and actors that nobody had mentioned, are none of its past."""
    later = [
        {
            "actor": f"later {n % 7}",
            "item": f"X{n:04d}",
            "kind": "technique",
            "report": f"later-{n}",
            "report_date": "2099-01-01",
        }
        for n in range(300)
    ]
    longer = History(parse_observations(raw([*LINES, *later])))
    model = MODELS[name][0]
    for case in CASES:
        short = model(HISTORY.before(case), HISTORY.columns(case.items))
        long = model(longer.before(case), longer.columns(case.items))
        assert np.allclose(short, long, rtol=1e-12, atol=0)


@pytest.mark.parametrize("model", [naive_bayes(1.0), naive_bayes(0.05), _tf_idf])
def test_who_is_alike_is_level_in_whatever_order_it_is_summed(model: Model) -> None:
    """Equal numbers of different items: the same product, from factors in another order."""
    shown = {"one": range(7), "two": range(7, 14), "three": range(14, 21)}
    lines = [
        {
            "actor": actor,
            "item": f"T{n:03d}",
            "kind": "technique",
            "report": f"report {actor}",
            "report_date": "2015-01-01",
        }
        for actor, items in shown.items()
        for n in items
    ]
    seen = [f"T{n:03d}" for n in (1, 4, 7, 8, 15, 20, 2, 9, 16)]
    case = [
        {"actor": "one", "item": item, "kind": "technique", "report": "case", "report_date": "2016-01-01"}
        for item in seen
    ]
    history = History(parse_observations(raw([*lines, *case])))
    last = history.cases()[-1]
    found = model(history.before(last), history.columns(last.items))
    assert found[0] == found[1] == found[2]
