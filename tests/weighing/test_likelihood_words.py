"""Words are read from the figure, by the bounds of the scale that was chosen, and never from other words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.weighing.likelihood_words import ICD_203, PHIA, interval, percent, word, words


@pytest.mark.parametrize(
    ("ppm", "icd", "phia"),
    [
        (0, "off the scale, below 1 %", "remote chance"),
        (30_000, "almost no chance", "remote chance"),
        (70_000, "very unlikely", "between remote chance and highly unlikely"),
        (300_000, "unlikely", "unlikely"),
        (499_999, "roughly even chance", "realistic possibility"),
        (500_000, "roughly even chance", "between realistic possibility and likely or probable"),
        (520_000, "roughly even chance", "between realistic possibility and likely or probable"),
        (700_000, "likely", "likely or probable"),
        (900_000, "very likely", "highly likely"),
        (970_000, "almost certain", "almost certain"),
        (999_000, "off the scale, above 99 %", "almost certain"),
    ],
)
def test_words_of_each_scale(ppm: int, icd: str, phia: str) -> None:
    assert word(ppm, "ICD 203") == icd
    assert word(ppm, "PHIA") == phia
    assert word(ppm, "numbers") == ""


@given(st.integers(0, 1_000_000), st.integers(0, 1_000_000))
def test_more_likely_never_has_a_lesser_word(one: int, other: int) -> None:
    low, high = sorted((one, other))
    for scale, wording in ((ICD_203, "ICD 203"), (PHIA, "PHIA")):
        order = [name for _, _, name in scale]

        def place(ppm: int, wording: str = wording, order: list[str] = order) -> float:
            told = word(ppm, wording)  # type: ignore[arg-type]
            if told in order:
                return order.index(told)
            return next((n + 0.5 for n, name in enumerate(order) if told.startswith(f"between {name} ")),
                        -1 if told.startswith("off the scale, below") else len(order))  # fmt: skip

        assert place(low) <= place(high)


def test_no_figure_is_nothing_or_certainty() -> None:
    assert percent(0) == "below 0.1 %"
    assert percent(1_000_000) == "above 99.9 %"
    assert percent(684_270) == "68.4 %"
    assert interval(684_270, 684_271) == "68.4 %"
    assert interval(600_000, 700_000) == "60.0 to 70.0 %"
    assert interval(0, 700_000) == "below 0.1 % to 70.0 %"
    assert words(600_000, 850_000, "ICD 203") == "likely to very likely"
    assert words(20_000, 70_000, "PHIA") == "remote chance to highly unlikely"
    assert words(70_000, 520_000, "PHIA") == "remote chance to likely or probable"
    assert words(60_000, 90_000, "PHIA") == "between remote chance and highly unlikely"
