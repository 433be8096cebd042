"""Wording held against what stands behind it: a probability, supports, re-runs, contests.

A word of likelihood is read on the scale that the text names and that has this word (ICD 203, section
D.6.e.2.a; PHIA Probability Yardstick), never translated into a word of another scale or language. A word
that the named scale does not have is held only against the side of one half on which it points.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from comity.statements.grammar import Grammar
from comity.statements.ties import Lent, Standing
from comity.weighing.likelihood_words import ICD_203, PHIA, Wording, interval, words
from comity.weighing.naming import called

HALF: Final = 500_000
CATEGORICAL: Final = 950_000
"""A sentence without a word of likelihood may stand for a probability from here on."""
_BANDS: Final[Mapping[Wording, tuple[tuple[int, int, str], ...]]] = {"ICD 203": ICD_203, "PHIA": PHIA}
_NAMED: Final[tuple[tuple[str, Wording], ...]] = (
    (r"ICD[- ]?203", "ICD 203"),
    (r"PHIA|probability yardstick", "PHIA"),
)
_SAME_WORDS: Final = {
    "probable": "likely",
    "probably": "likely",
    "improbable": "unlikely",
    "almost certainly": "almost certain",
}


def find_scales(text: str) -> tuple[Wording, ...]:
    """The scales that a text names."""
    return tuple(name for find, name in _NAMED if re.search(find, text, re.IGNORECASE))


def check_probability(
    *,
    word: str,
    points: int | None,
    stated: tuple[int, int] | None,
    declared: Sequence[tuple[int, int]],
    scales: Sequence[Wording],
    lent: Sequence[Lent] = (),
) -> Iterator[tuple[str, str]]:
    """Reasons (with suggestions) why a sentence's ``word``, which points to one side (``points``), does not
    fit the numbers: ``stated`` in the sentence, ``declared`` for its assertions, ``lent`` by assessments of
    them, whose figure it then is; all in parts per million. ``scales`` are those that the text names."""
    whose: dict[tuple[int, int], str] = {}
    for one in lent:
        whose[one.low, one.high] = (
            f"the assessment gives {called(one.cluster, {})} {interval(one.low, one.high)}, by its author's "
            "judgements"
        )
    own_figures = [*([stated] if stated else []), *declared]
    whose |= dict.fromkeys(own_figures, "")
    for low, high in dict.fromkeys([*own_figures, *whose]):
        said, by = interval(low, high), whose[low, high]
        if points is None:
            if stated is None and high < CATEGORICAL:
                fits = ", ".join(f"{words(low, high, name)} ({name})" for name in scales)
                if by:
                    yield (
                        f"stated as a fact; {by}",
                        "say how likely, by whose judgements" + (f": {fits}" if fits else ""),
                    )
                else:
                    advice = f"state the probability: {said}" + (f", {fits}" if fits else "")
                    yield f"stated as a fact, but its declared probability is {said}", advice
            continue
        own = _SAME_WORDS.get(word.lower(), word.lower())
        on = [(name, a, b) for name in scales for a, b, band in _BANDS[name] if own in band.split(" or ")]
        if on and all(high < a or low > b for _, a, b in on):
            name, a, b = on[0]
            band = f"{word!r} is {a // 10_000} to {b // 10_000} % in {name}"
            yield (
                f"{band}; {by}" if by else f"{band}, but the probability here is {said}",
                f"{name} calls {said} {words(low, high, name)!r}",
            )
        elif not on and (
            (points > 0 and high < HALF)
            or (points < 0 and low > HALF)
            or (points == 0 and (high < 300_000 or low > 700_000))
        ):
            yield (
                (
                    f"{word!r} points the other way; {by}"
                    if by
                    else f"{word!r} points the other way than the probability here, {said}"
                ),
                "",
            )


def check_support(
    grammar: Grammar, plain: str, standing: Standing
) -> Iterator[tuple[tuple[int, int] | None, str, str]]:
    """Where (None for the whole sentence) wording outruns the assertion behind it, why, and what instead."""
    name = standing.name
    if not standing.supports:
        yield (
            None,
            f"nothing stands behind assertion {name}: it has no supports",
            ("add what supports it, or say that this is asserted without support"),
        )
    if (m := grammar.confirmed.search(plain)) and not standing.agreed:
        yield (
            m.span(),
            f"nobody else has run anything behind {name} again with the same result",
            ("say that no re-run by others is recorded"),
        )
    elif m := grammar.strong.search(plain):
        if standing.differing:
            yield m.span(), f"a re-run of what stands behind {name} came out differently", "say so here"
        elif standing.contests:
            yield m.span(), f"assertion {name} is contested", "say that it is contested, and by whom"
    if standing.level == "tactical" and (m := grammar.attribution.search(plain)):
        yield (
            m.span(),
            f"assertion {name} is tactical: it says how, not who or why",
            ("tie it to an assertion that says who, or leave the actor out"),
        )
