"""How far judged intervals let a posterior go, against every choice within them."""

from __future__ import annotations

import itertools
from dataclasses import replace
from random import Random

import numpy as np
import pytest

from comity.weighing import FIRST_METHOD, METHOD, PPM, UNKNOWN
from comity.weighing import bounds as module
from comity.weighing.result import Result
from comity.weighing.values import Hypothesis, Inputs, Item, Likelihood, Parameters, make_inputs
from comity.weighing.weigh import weigh
from tests.weighing.made import item, judged

TWO = [Hypothesis(id="amber"), Hypothesis(id="birch")]


def ends(result: Result) -> dict[str, tuple[int, int]]:
    return {one.hypothesis: (one.low, one.high) for one in result.standings}


def chosen(items: tuple[Item, ...], chance: Random, *, corner: bool) -> tuple[Item, ...]:
    def point(one: Likelihood) -> Likelihood:
        at = chance.choice([one.low, one.high]) if corner else chance.randint(one.low, one.high)
        return replace(one, low=at, high=at)

    return tuple(replace(one, likelihoods=tuple(map(point, one.likelihoods))) for one in items)


def drawn(chance: Random, origins: int) -> Inputs:
    """Inputs with intervals over orders of magnitude, the unknown actor's too, and some not judged."""
    names = ["amber", "birch", "cedar"][: chance.choice([2, 2, 3])]
    reliability = [chance.choice([PPM, 900_000, 500_000, 100_000]) for _ in range(origins)]
    items = []
    for n in range(chance.choice([1, 2, 6])):
        told = {}
        for name in [*(one for one in names if chance.random() < 0.85), UNKNOWN]:
            low, high = sorted(int(10 ** chance.uniform(2, 6)) for _ in range(2))
            told[name] = (low, low if chance.random() < 0.15 else high)
        origin = chance.randrange(origins)
        grade = chance.choice([PPM, 700_000, 100_000])
        items.append(
            item(
                f"i{n}",
                f"o{origin}",
                likelihoods=judged(**told),
                reliability=reliability[origin],
                credibility=grade,
            )
        )
    told_ = Parameters(
        deception_prior=chance.choice([0, 100_000, 400_000]),
        planting=chance.choice([0, 300_000, 500_000]),
        tempering=chance.choice([PPM, PPM, 600_000]),
    )
    return make_inputs([Hypothesis(id=name) for name in names], items, told_)


@pytest.mark.parametrize("limit", [module.CELLS_LIMIT, 0], ids=["every reference", "one reference"])
@pytest.mark.parametrize("origins", [1, 2, 6])
def test_no_choice_within_the_intervals_is_outside(
    origins: int, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CELLS_LIMIT", limit)
    chance = Random(f"bounds {origins} {limit}")
    for _ in range(25):
        inputs = drawn(chance, origins)
        found = ends(weigh(inputs))
        for turn in range(8):
            items = chosen(inputs.items, chance, corner=turn < 6)
            narrow = weigh(make_inputs(inputs.hypotheses, items, inputs.parameters))
            for one in narrow.standings:
                low, high = found[one.hypothesis]
                assert low - 1 <= one.posterior <= high + 1, (inputs, items)


def test_of_one_row_the_ends_are_near_what_is_reached() -> None:
    told = Parameters(deception_prior=0)
    wide = judged(amber=(200_000, 700_000), birch=(10_000, 90_000), unknown=(1_000, 300_000))
    items = (item("one", likelihoods=wide, reliability=800_000, credibility=600_000),)
    reached: dict[str, list[int]] = {name: [] for name in ("amber", "birch", UNKNOWN)}
    for point in itertools.product(*((one.low, one.high) for one in wide)):
        at = dict(zip([one.hypothesis for one in wide], point, strict=True))
        narrow = weigh(make_inputs(TWO, (replace(items[0], likelihoods=judged(**at)),), told))
        for one in narrow.standings:
            reached[one.hypothesis].append(one.posterior)
    # No one choice of the unknown actor's is the best for every other: the ends are outside, and not far.
    for name, (low, high) in ends(weigh(make_inputs(TWO, items, told))).items():
        assert min(reached[name]) - 110_000 <= low <= min(reached[name])
        assert max(reached[name]) <= high <= max(reached[name]) + 110_000


def break_the_first() -> Inputs:
    """Where the unknown actor's point hides how little a discredited item says of its rival."""
    strong = judged(amber=(800_000, 950_000), birch=(2_000, 5_000), unknown=(1_000, 10_000))
    weak = judged(amber=(10_000, 20_000), birch=(600_000, 800_000), unknown=(10_000, 500_000))
    items = [item(f"a{n}", f"a{n}", likelihoods=strong, credibility=700_000) for n in range(2)]
    items += [item(f"b{n}", f"b{n}", likelihoods=weak, credibility=100_000) for n in range(3)]
    return make_inputs(TWO, items, Parameters())


def test_a_name_that_a_choice_of_the_unknown_actors_likelihood_takes_away_is_not_given() -> None:
    inputs = break_the_first()
    before = weigh(make_inputs(inputs.hypotheses, inputs.items, inputs.parameters, method=FIRST_METHOD))
    now = weigh(inputs)
    assert (before.answer, now.answer) == ("named", "not enough evidence")
    assert ends(now)["amber"][0] < 531_000


def test_equal_intervals_are_no_points() -> None:
    strong = [item(f"a{n}", f"a{n}", likelihoods=judged(amber=600_000, unknown=50_000)) for n in range(4)]
    blank = item("blank", "blank", likelihoods=judged(amber=(1, PPM), birch=(1, PPM), unknown=(1, PPM)))
    now = weigh(make_inputs(TWO, [*strong, blank]))
    assert (now.silent, now.answer) == (0, "not enough evidence")
    before = weigh(make_inputs(TWO, [*strong, blank], method=FIRST_METHOD))
    assert (before.silent, before.answer) == (1, "named")


def test_who_is_not_judged_fares_like_the_unknown_actor_wherever_that_is() -> None:
    blank = item("blank", "blank", likelihoods=judged(unknown=(1, PPM)))
    with_it, without = (weigh(make_inputs(TWO, [item("a"), *more])) for more in ([blank], []))
    assert (with_it.silent, without.silent) == (1, 0)
    assert with_it.standings == without.standings


def test_the_farthest_intervals_leave_every_figure_finite() -> None:
    whole = judged(amber=(1, PPM), birch=(1, PPM), unknown=(1, PPM))
    for origins, trust in ((1, 999_999), (1, PPM), (300, PPM)):
        items = [
            item(f"i{n:03}", f"o{n % origins}", likelihoods=whole, reliability=trust, credibility=PPM)
            for n in range(300)
        ]
        with np.errstate(all="raise", under="ignore"):
            result = weigh(make_inputs(TWO, items, Parameters(deception_prior=0)))
        # What an origin may be deaf to leaves the named a little.
        least = PPM - 4 if trust < PPM else PPM
        assert ends(result) == {"amber": (0, PPM), "birch": (0, PPM), UNKNOWN: (0, least)}


@pytest.mark.parametrize("method", [FIRST_METHOD, METHOD])
@pytest.mark.parametrize("deception", [0, 100_000])
def test_one_in_front_at_its_upper_ends_is_not_sure_at_its_lower_ones(method: str, deception: int) -> None:
    """What all others have is not told by what is left of the whole beside one that is nearly all of it."""
    likelihoods = judged(amber=(150_000, 900_000), birch=(290_000, 300_000), unknown=300_000)
    items = [item(f"i{n}", f"o{n}", likelihoods=likelihoods, reliability=PPM) for n in range(60)]
    told = Parameters(deception_prior=deception)
    result = weigh(make_inputs(TWO, items, told, method=method))
    worst = judged(amber=150_000, birch=300_000, unknown=300_000)
    least = weigh(make_inputs(TWO, [replace(one, likelihoods=worst) for one in items], told, method=method))
    found = {one.hypothesis: one.posterior for one in least.standings}
    assert ends(result)["amber"][0] <= found["amber"] < 1_000
    assert result.answer == "not enough evidence"
    for name, (low, high) in ends(result).items():
        assert low - 2 <= found[name] <= high + 2


@pytest.mark.parametrize("method", [FIRST_METHOD, METHOD])
def test_thousands_of_wide_intervals_have_figures(method: str) -> None:
    likelihoods = judged(amber=(1, 999_000), birch=500_000, unknown=500_000)
    items = [item(f"i{n}", f"o{n}", likelihoods=likelihoods, reliability=PPM) for n in range(2_000)]
    result = weigh(make_inputs(TWO, items, Parameters(deception_prior=0), method=method))
    assert ends(result)["amber"] == (0, PPM)


@pytest.mark.parametrize("origins", [1, 2, 30])
def test_groups_and_blocks_of_any_size_are_bounded_alike(
    origins: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Groups are bounded by products where they are small and by logarithms where not; ways by the block."""
    chance = Random(f"blocks {origins}")
    for _ in range(12):
        inputs = drawn(chance, origins)
        items = [
            replace(one, id=f"{one.id} {n}", observed=f"{one.id} {n}")
            for one in inputs.items
            for n in range(4)
        ]
        inputs = make_inputs(inputs.hypotheses, items, inputs.parameters)
        found = weigh(inputs)
        with monkeypatch.context() as patch:
            patch.setattr(module, "CACHED", 1)
            assert weigh(inputs) == found
        with monkeypatch.context() as patch:
            patch.setattr(module, "RUN", 1)
            apart = weigh(inputs)
        for one, other in zip(found.standings, apart.standings, strict=True):
            assert abs(one.low - other.low) <= 1
            assert abs(one.high - other.high) <= 1
