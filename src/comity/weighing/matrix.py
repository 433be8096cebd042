"""Items against hypotheses, in the manner of an analysis of competing hypotheses (Heuer 1999): a view on the
judgements. Nothing is added up along it; what scores is the model.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from comity.phrases import count_of, phrase
from comity.records.kinds_of_weighing import Assess, Weighed
from comity.weighing import UNKNOWN
from comity.weighing.likelihood_words import interval, percent
from comity.weighing.result import rule_of_three
from comity.weighing.shown import zero_of

STRONG = 3.0
"""From so many times as likely on as under the unknown actor, an item speaks for a hypothesis, not a little;
below its inverse, against it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What one hypothesis makes of one item: a symbol, the same in words, the likelihood judged, and, where
    reports answered and none mentions it, the rule of three's bound."""

    symbol: str
    words: str
    range: str
    zero: str


def columns_of(content: Assess, most: int) -> tuple[str, ...]:
    """The likeliest named hypotheses, and the unknown actor last."""
    named = [one.hypothesis for one in content.result.standings if one.hypothesis != UNKNOWN]
    return (*named[:most], UNKNOWN)


def line_of(content: Assess, item: Weighed, columns: Sequence[str]) -> tuple[Cell, ...]:
    """One item's cells, held against the unknown actor, before its source is graded."""
    judged = {one.hypothesis: (one.low, one.high) for one in item.judgements}
    if item.scaled:
        place = {one.id: n for n, one in enumerate(content.hypotheses)}
        judged |= {name: content.scale[item.scaled[place[name]]] for name in columns if name in place}
    sizes = {one.id: one.reports for one in content.hypotheses}
    return tuple(_cell(item, judged, name, sizes.get(name, 0)) for name in columns)


def _ends(item: Weighed, judged: dict[str, tuple[int, int]], hypothesis: str) -> tuple[int, int]:
    if hypothesis not in judged and item.others is not msgspec.UNSET:
        return item.others
    return judged.get(hypothesis, judged[UNKNOWN])


def _cell(item: Weighed, judged: dict[str, tuple[int, int]], hypothesis: str, reports: int) -> Cell:
    low, high = _ends(item, judged, hypothesis)
    if hypothesis == UNKNOWN:
        return Cell(
            symbol="", words=phrase("what the others are held against"), range=interval(low, high), zero=""
        )
    base = _ends(item, judged, UNKNOWN)
    ratio = math.sqrt(low * high / (base[0] * base[1]))
    symbol, words = "·", phrase("alike")
    if ratio >= STRONG:
        symbol, words = "++", phrase("three times as likely or more")
    elif ratio > 1:
        symbol, words = "+", phrase("likelier")
    elif ratio <= 1 / STRONG:
        symbol, words = "−−", phrase("a third as likely or less")
    elif ratio < 1:
        symbol, words = "−", phrase("less likely")
    zero = ""
    if zero_of(item, hypothesis):
        told = count_of(reports, "report")
        zero = (
            phrase("0 of {}, so below {}", told, percent(rule_of_three(reports)))
            if reports > 3
            else phrase("0 of {}, which bounds nothing", told)
        )
    return Cell(symbol=symbol, words=words, range=interval(low, high), zero=zero)
