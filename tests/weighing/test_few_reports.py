"""The range that few reports leave: the posterior inside, wider the fewer there are, and as draws would have
it."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.weighing import PPM
from comity.weighing.few_reports import _trigamma, range_of_reports
from comity.weighing.shown import show
from tests.weighing.written import item, reports, weighed, written


def quoted(name: str, observed: str, **fields: object) -> dict[str, object]:
    return item(name, observed=observed, likelihoods={}, origin=f"origin {name}", **fields)


def repeated(times: int) -> list[tuple[str, str, str]]:
    """Heron is reported with T1, Otter hardly; ``times`` as many reports of the same proportions."""
    told = [("Heron", "T1" if n % 3 else "T2", f"h{n}") for n in range(3 * times)]
    return told + [("Otter", "T2" if n % 3 else "T1", f"o{n}") for n in range(3 * times)]


@pytest.mark.parametrize(("x", "value"), [(1.0, math.pi**2 / 6), (0.5, math.pi**2 / 2), (1.5, 0.934802201)])
def test_the_variance_of_a_logarithm_has_its_known_values(x: float, value: float) -> None:
    assert _trigamma(x) == pytest.approx(value, abs=1e-8)


def test_judgement_alone_has_no_such_range() -> None:
    assert range_of_reports(weighed(written())) is None


def test_the_more_reports_the_narrower() -> None:
    widths = []
    for times in (1, 4, 40):
        content = weighed(written(quoted("a", "T1")), reports(*repeated(times)))
        ends = range_of_reports(content)
        assert ends is not None
        widths.append(ends[1] - ends[0])
    assert widths == sorted(widths, reverse=True)
    assert widths[0] > 2 * widths[-1]


def test_a_source_that_is_worth_nothing_scatters_nothing() -> None:
    content = weighed(written(quoted("a", "T1", reliability=0)), reports(*repeated(3)))
    leads = max(one.posterior for one in content.result.standings)
    assert range_of_reports(content) == (leads, leads)


@given(st.integers(1, 12), st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.sampled_from(["0.2", "0.9", "1"]))
def test_the_posterior_lies_inside(times: int, reliability: float, credibility: float, temper: str) -> None:
    grades = {"reliability": round(reliability, 6), "credibility": round(credibility, 6)}
    items = [quoted("a", "T1", **grades), quoted("b", "T2", **grades)]
    content = weighed(written(*items, tempering=float(temper)), reports(*repeated(times)))
    ends = range_of_reports(content)
    assert ends is not None
    stated = next(
        one.posterior for one in content.result.standings if one.hypothesis == content.result.leader
    )
    assert 0 <= ends[0] <= stated <= ends[1] <= PPM


def test_draws_of_the_counts_scatter_as_far() -> None:
    """Against the thing itself: each count's Beta drawn anew, centred where it was quoted."""
    source = reports(*repeated(20))
    one_item = quoted("a", "T1", reliability=1, credibility=1)
    content = weighed(written(one_item, deception_prior=0, unknown_prior=0.01), source)
    ends = range_of_reports(content)
    assert ends is not None
    chance = np.random.default_rng(7)
    (one,) = content.items
    counts = {name: (source.profiles.together["T1"][name], 60) for name in ("Heron", "Otter")}
    counts["unknown"] = (source.profiles.items["T1"], source.profiles.reports)
    priors = {each.hypothesis: each.prior for each in content.result.standings}
    weights = {}
    for judgement in one.judgements:
        m, n = counts[judgement.hypothesis]
        drawn = np.log(chance.beta(m + 0.5, n - m + 0.5, 40_000))
        weights[judgement.hypothesis] = (
            np.exp(drawn - drawn.mean()) * judgement.low * priors[judgement.hypothesis]
        )
    share = weights[content.result.leader] / sum(weights.values())
    low, high = np.quantile(share, [0.025, 0.975]) * PPM
    assert ends[0] == pytest.approx(low, abs=15_000)
    assert ends[1] == pytest.approx(high, abs=15_000)


def test_it_is_shown_and_a_name_on_few_reports_is_warned_of() -> None:
    items = [quoted("a", "T1", reliability=1, credibility=1)]
    told = [("Heron", "T1", "r1"), *(("Otter", "T9", f"o{n}") for n in range(9))]
    content = weighed(written(*items, deception_prior=0.001, unknown_prior=0.01, withstand=0), reports(*told))
    shown = show(content)
    assert shown.answer == "named"
    assert any("The reports are few" in one for one in shown.limits)
    chosen = "Said to be answered by reports that its author chose (“invented reports”)"
    assert any(one.startswith(chosen) for one in shown.beside)
    assert any("A name is given on reports so few" in one for one in shown.beside)


def test_reports_that_are_not_named_are_warned_of() -> None:
    content = weighed(written(quoted("a", "T1")), reports())
    bare = msgspec.structs.replace(content, knowledge=msgspec.UNSET)
    assert range_of_reports(bare) is None
    assert any("no reports are named" in one for one in show(bare).warnings)
