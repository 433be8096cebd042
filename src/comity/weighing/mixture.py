"""The model: every actor, alone or framing another, and how likely it makes what was seen
(``spec/13-weighing.md`` §3).

Without planting, actor g makes row f as likely as r_f(g), its ratio to the unknown actor. Framing h, it
makes it (1−δ)·r_f(g) + δ·r_f(h). A row that is not credible, and a group of rows whose origin is not
reliable, says nothing: ratio one. So a group is worth ρ·Π(c·x + 1−c) + 1−ρ, and the groups multiply.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from comity.weighing import PPM
from comity.weighing.table import Floats, Table
from comity.weighing.values import Hypothesis, Parameters

KEPT = 1_000_000
"""So many figures are kept, at most, of what the loss of rows of one group does."""
RUN = 16
"""So many factors are multiplied before the product is taken into the logarithm: none is beyond 10^±6."""
BLOCK = 48
"""Actors computed at a time: with some hundreds of framed ones, a block stays in the processor's own
memory."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Weighed:
    """Log weights, prior included and not normalised: the unknown actor stands last.

    ``alone`` for each actor without planting; ``framing`` for each actor (line) framing each named
    hypothesis (column), minus infinity where they are the same or deception is left out; ``total`` for each
    actor, all ways together.
    """

    alone: Floats
    framing: Floats
    total: Floats

    @property
    def posterior(self) -> Floats:
        """Normalised, the unknown actor last."""
        return normalise(self.total)


def add_logs(values: Floats) -> float:
    """log Σ exp, the same for every order of the values."""
    top = float(values.max())
    if top == -math.inf:
        return -math.inf
    return top + math.log(math.fsum(np.exp(values - top).tolist()))


def normalise(logs: Floats) -> Floats:
    """The probabilities that log weights stand for."""
    scaled = np.exp(logs - logs.max())
    found: Floats = scaled / math.fsum(scaled.tolist())
    return found


def share_ways(weighed: Weighed) -> tuple[Floats, Floats]:
    """The posterior of each actor alone, and of each framing each."""
    top = weighed.total.max()
    alone, framing = np.exp(weighed.alone - top), np.exp(weighed.framing - top)
    whole = math.fsum([*alone.tolist(), *framing.ravel().tolist()])
    return alone / whole, framing / whole


@dataclass(frozen=True, slots=True, eq=False)
class Sides:
    """Ratios of the acting (one line a row, one column an actor) and of the framed; none framed: the actor
    alone."""

    own: Floats
    framed: Floats | None
    planting: float

    @property
    def width(self) -> int:
        """The number of framed hypotheses; one where nobody is framed."""
        return 1 if self.framed is None else self.framed.shape[1]

    def block(self, begin: int) -> Sides:
        """Some of the actors."""
        return Sides(np.ascontiguousarray(self.own[:, begin : begin + BLOCK]), self.framed, self.planting)

    def factor(self, n: int, credibility: float, out: Floats) -> None:
        """What row n is worth for each pair, at a credibility, into ``out``."""
        if self.framed is None:
            np.multiply(self.own[n][:, None], credibility, out=out)
            out += 1.0 - credibility
        else:
            acting = self.own[n] * ((1.0 - self.planting) * credibility) + (1.0 - credibility)
            np.add.outer(acting, self.framed[n] * (self.planting * credibility), out=out)


def log_product(table: Table, sides: Sides) -> Floats:
    """The log likelihood ratio of all rows: for each actor (line), framing each hypothesis (column)."""
    found = np.zeros((sides.own.shape[1], sides.width))
    for begin in range(0, len(found), BLOCK):
        found[begin : begin + BLOCK] = _log_block(table, sides.block(begin))
    return found


def _log_block(table: Table, sides: Sides) -> Floats:
    logs = np.zeros((sides.own.shape[1], sides.width))
    product, group, factor = np.ones_like(logs), np.ones_like(logs), np.empty_like(logs)
    pending = 0
    for begin, end in table.groups:
        reliability = table.rows[begin].reliability
        if reliability < 1.0 and end - begin > RUN:
            logs += log_group(table, sides, range(begin, end))
            continue
        # A group that is certain, or a row alone in its group, is a product of factors and nothing else.
        whole = reliability == 1.0 or end - begin == 1
        for n in range(begin, end):
            sides.factor(n, table.rows[n].credibility * (reliability if whole else 1.0), factor)
            if whole:
                product *= factor
            else:
                group *= factor
            pending += 1
            if whole and pending >= RUN:
                logs += np.log(product)
                product.fill(1.0)
                pending = 0
        if not whole:
            group *= reliability
            group += 1.0 - reliability
            product *= group
            group.fill(1.0)
            if pending >= RUN:
                logs += np.log(product)
                product.fill(1.0)
                pending = 0
    return logs + np.log(product)


def log_group(table: Table, sides: Sides, rows: Sequence[int]) -> Floats:
    """The log of what rows of one group are worth together: zero for none."""
    found = log_rows(sides, [(n, table.rows[n].credibility) for n in rows])
    if not rows or (reliability := table.rows[rows[0]].reliability) == 1.0:
        return found
    together: Floats = np.logaddexp(log_of(reliability) + found, log_of(1.0 - reliability))
    return together


def log_rows(sides: Sides, rows: Sequence[tuple[int, float]]) -> Floats:
    """The log of the product of some rows' factors, each at the credibility given."""
    logs = np.zeros((sides.own.shape[1], sides.width))
    product = np.ones_like(logs)
    factor = np.empty_like(logs)
    for count, (n, credibility) in enumerate(rows, 1):
        sides.factor(n, credibility, factor)
        product *= factor
        if count % RUN == 0:
            logs += np.log(product)
            product.fill(1.0)
    return logs + np.log(product)


def log_of(value: float) -> float:
    """The logarithm, minus infinity at 0."""
    return math.log(value) if value > 0 else -math.inf


def log_priors(hypotheses: tuple[Hypothesis, ...], parameters: Parameters) -> Floats:
    """The log prior of each named hypothesis, and of the unknown actor last."""
    weights = [one.weight for one in hypotheses]
    shared, whole = PPM - parameters.unknown_prior, PPM * sum(weights)
    named = [math.log(shared * weight / whole) for weight in weights]
    return np.array([*named, math.log(parameters.unknown_prior / PPM)])


def framing_priors(count: int, priors: Floats, deception: float, *, others: bool) -> tuple[Floats, Floats]:
    """The log prior of each actor alone, and of each actor framing any one other, so many being named.

    Whom an actor would frame is not known beforehand: every named hypothesis alike. Who draws itself acts
    alone, so that what nobody's evidence touches fares as the unknown actor does; ``others``: nobody draws
    itself.
    """
    if deception == 0.0:
        return priors, np.full(count + 1, -math.inf)
    if not others:
        each = deception / count
        itself = np.array([each] * count + [0.0])
        return priors + np.log(1.0 - deception + itself), priors + math.log(each)
    chance = np.array([count - 1] * count + [count], dtype=np.float64)
    return priors + math.log1p(-deception), priors + math.log(deception) - np.log(chance)


def weigh_table(
    table: Table,
    priors: Floats,
    parameters: Parameters,
    own: Floats | None = None,
    framed: Floats | None = None,
) -> Weighed:
    """The log weights of a table, at its points or at the bounds given (``own`` with the unknown actor
    last)."""
    own = acting(table) if own is None else own
    framed = table.point if framed is None else framed
    count = len(table.hypotheses)
    deception = parameters.deception_prior / PPM
    prior_alone, prior_framing = framing_priors(count, priors, deception, others=table.frames_others)
    alone = log_product(table, Sides(own, None, 0.0))[:, 0] + prior_alone
    if deception == 0.0:
        return Weighed(alone=alone, framing=np.full((count + 1, count), -math.inf), total=alone)
    framing = log_product(table, Sides(own, framed, parameters.planting / PPM)) + prior_framing[:, None]
    framing[np.arange(count), np.arange(count)] = -math.inf
    return Weighed(alone=alone, framing=framing, total=add_ways(alone, framing))


def add_ways(alone: Floats, framing: Floats) -> Floats:
    """The log weight of each actor, alone and framing anyone together."""
    return np.array([add_logs(np.append(line, own)) for line, own in zip(framing, alone, strict=True)])


def weigh_without(
    table: Table,
    weighed: Weighed,
    left_out: Sequence[int],
    parameters: Parameters,
    known: dict[tuple[int, ...], tuple[Floats, Floats]] | None = None,
) -> Floats:
    """The log weights of all actors with some rows left out: their groups are taken out and put back without
    them. ``known`` keeps what the loss of rows of one group does, for whoever asks for many sets."""
    gone = set(left_out)
    own = acting(table)
    deceived = parameters.deception_prior > 0
    alone = Sides(own, None, 0.0)
    framing = Sides(own, table.point, parameters.planting / PPM)
    lost = np.zeros_like(weighed.alone)
    lost_framing = np.zeros_like(weighed.framing)
    for begin, end in table.groups:
        if gone.isdisjoint(range(begin, end)):
            continue
        away = tuple(n for n in range(begin, end) if n in gone)
        if known is None or (found := known.get(away)) is None:
            kept = [n for n in range(begin, end) if n not in gone]
            by_itself = (log_group(table, alone, range(begin, end)) - log_group(table, alone, kept))[:, 0]
            by_framing = lost_framing
            if deceived:
                whole = log_group(table, framing, range(begin, end))
                by_framing = whole - log_group(table, framing, kept)
            found = (by_itself, by_framing)
            if known is not None and len(known) * by_framing.size < KEPT:
                known[away] = found
        lost += found[0]
        if deceived:
            lost_framing += found[1]
    if not deceived:
        return weighed.alone - lost
    return add_ways(weighed.alone - lost, weighed.framing - lost_framing)


def acting(table: Table) -> Floats:
    """The ratios of all who can be behind it: the named, and the unknown actor, who is the measure, last."""
    return np.column_stack([table.point, np.ones(len(table.rows))])
