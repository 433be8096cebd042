"""One assessment: the same inputs, the same integers (``spec/13-weighing.md`` §4 to §6)."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from comity.weighing import PPM, UNKNOWN
from comity.weighing.bounds import bound, bound_at_point
from comity.weighing.effort import guessing_of
from comity.weighing.mixture import Weighed, log_priors, normalise, weigh_table
from comity.weighing.planted import find_as_first, find_smallest
from comity.weighing.result import Answer, Driver, Framing, Planted, Result, Standing
from comity.weighing.sensitivity import (
    Found,
    alone_in_front,
    is_level,
    leader_of,
    leave_each_out,
    successor,
)
from comity.weighing.table import Floats, Knowledge, Table, make_table
from comity.weighing.values import Inputs, as_ppm

FRAMINGS = 10
"""So many sub-hypotheses of framing are listed, the likeliest first, each of at least 1 ppm."""


def weigh(inputs: Inputs, knowledge: Knowledge | None = None) -> Result:
    """Weigh checked inputs (:func:`comity.weighing.values.make_inputs`).

    ``Refused`` and ``Malformed`` as for :func:`weigh_all`.
    """
    return weigh_all(inputs, knowledge)[0]


def weigh_all(inputs: Inputs, knowledge: Knowledge | None = None) -> tuple[Result, Weighed]:
    """The result, and the log weights from which questions are valued.

    ``Refused`` where ``knowledge`` is not the one whose digest the inputs carry; ``Malformed`` where it has
    never heard of an observation, or two origins that tell the same are judged differently.
    """
    table = make_table(inputs, knowledge)
    priors = log_priors(inputs.hypotheses, inputs.parameters)
    weighed = weigh_table(table, priors, inputs.parameters)
    without = leave_each_out(table, weighed, inputs.parameters)
    if inputs.first:
        found = find_as_first(table, weighed, without, inputs.parameters)
    else:
        guessing = guessing_of(inputs.method)
        found = find_smallest(table, weighed, without, inputs.parameters, guessing)
    names = (*table.hypotheses, UNKNOWN)
    standings = _standings(table, weighed, priors, inputs)
    leader = names[leader_of(weighed.total)]
    answer, why = _answer(inputs, table, standings, leader, found)
    told = {item.origin for item in inputs.items}
    result = Result(
        method=inputs.method,
        inputs=inputs.digest,
        answer=answer,
        leader=leader,
        why=why,
        standings=standings,
        deception=as_ppm(1.0 - float(np.exp(weighed.alone - _whole(weighed)).sum())),
        framings=_framings(table, weighed),
        drivers=_drivers(table, without, names, leader, first=inputs.first),
        planted=Planted(
            items=tuple(table.rows[n].items[0] for n in found.rows),
            at_least=found.at_least,
            exact=found.exact,
            leader=names[found.leader],
            level=found.level,
        ),
        counted=len(table.rows) + table.silent,
        silent=table.silent,
        origins=len(told - {""}),
        undeclared=sum(not item.origin for item in inputs.items),
    )
    return result, weighed


def _whole(weighed: Weighed) -> float:
    top = float(weighed.total.max())
    return top + math.log(math.fsum(np.exp(weighed.total - top).tolist()))


def _standings(table: Table, weighed: Weighed, priors: Floats, inputs: Inputs) -> tuple[Standing, ...]:
    posterior = weighed.posterior
    if np.array_equal(table.low, table.high) and np.array_equal(table.unknown_low, table.unknown_high):
        low = high = posterior
    else:
        told = inputs.parameters
        if inputs.first:
            low, high = bound_at_point(table, priors, told)
        else:
            low, high = bound(table, priors, told, alone_in_front(weighed.total))
        # Both hold the point by construction; rounding must not put it outside.
        low, high = np.minimum(low, posterior), np.maximum(high, posterior)
    prior = normalise(priors)
    found = []
    for n, name in enumerate((*table.hypotheses, UNKNOWN)):
        # Untempered: whether a figure is above another must not hang on the last bit of a power.
        likelier = table.yes[:, n] - table.yes[:, -1]
        found.append(
            Standing(
                hypothesis=name,
                prior=as_ppm(float(prior[n])),
                posterior=as_ppm(float(posterior[n])),
                low=as_ppm(float(low[n])),
                high=as_ppm(float(high[n])),
                touched=int((likelier > 0.0).sum()),
                against=int((likelier < 0.0).sum()),
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.posterior, one.hypothesis)))


def stand(inputs: Inputs, hypothesis: str, bar: int) -> tuple[int, int, str]:
    """The posterior (ppm) of one named hypothesis, the lowest of it where the posterior reaches a bar (else
    the posterior: ranges are much work), and who leads, alone or with others. Errors as for
    :func:`weigh_all`."""
    table = make_table(inputs, None)
    priors = log_priors(inputs.hypotheses, inputs.parameters)
    weighed = weigh_table(table, priors, inputs.parameters)
    names = (*table.hypotheses, UNKNOWN)
    leader = names[leader_of(weighed.total)]
    found = low = as_ppm(float(weighed.posterior[names.index(hypothesis)]))
    if found >= bar:
        standings = _standings(table, weighed, priors, inputs)
        low = next(one.low for one in standings if one.hypothesis == hypothesis)
    return found, low, leader


def decide(
    table: Table, weighed: Weighed, priors: Floats, inputs: Inputs, may_search: Callable[[], bool]
) -> tuple[Answer, str] | None:
    """The answer of inputs that were weighed, and who leads, without what else a result has; none where it
    hangs on a search for planted sets, and ``may_search`` does not grant it."""
    leader = (*table.hypotheses, UNKNOWN)[leader_of(weighed.total)]
    none = Found(rows=(), at_least=1, exact=False, leader=0)
    standings = _standings(table, weighed, priors, inputs)
    answer, _ = _answer(inputs, table, standings, leader, none)
    told = inputs.parameters
    if answer != "named" or not inputs.borne(len(table.rows)):
        return answer, leader
    if not may_search():
        return None
    without = leave_each_out(table, weighed, told)
    if inputs.first:
        found = find_as_first(table, weighed, without, told)
    else:
        found = find_smallest(table, weighed, without, told, guessing_of(inputs.method))
    return _answer(inputs, table, standings, leader, found)[0], leader


def _answer(
    inputs: Inputs, table: Table, standings: tuple[Standing, ...], leader: str, found: Found
) -> tuple[Answer, str]:
    told = inputs.parameters
    if leader == UNKNOWN:
        return "not enough evidence", "no named hypothesis is likelier than an actor that is none of them"
    low = next(one.low for one in standings if one.hypothesis == leader)
    if low < told.name_at:
        return (
            "not enough evidence",
            f"its posterior may be as low as {low:,} ppm; a name needs {told.name_at:,}",
        )
    borne = inputs.borne(len(table.rows))
    if found.rows and len(found.rows) <= borne:
        lost = f"{len(found.rows)} of {len(table.rows)} items"
        why = f"another would lead without {lost}; a name withstands the loss of {borne}"
        return "not enough evidence", why
    return "named", f"its posterior is at least {low:,} ppm, and a name needs {told.name_at:,}"


def _framings(table: Table, weighed: Weighed) -> tuple[Framing, ...]:
    share = np.exp(weighed.framing - _whole(weighed))
    names = (*table.hypotheses, UNKNOWN)
    listed = []
    for actor, framed in zip(*np.nonzero(share * PPM >= 0.5), strict=True):
        posterior = as_ppm(float(share[actor, framed]))
        listed.append((-posterior, names[actor], table.hypotheses[framed]))
    return tuple(
        Framing(actor=actor, framed=framed, posterior=-minus)
        for minus, actor, framed in sorted(listed)[:FRAMINGS]
    )


def _drivers(
    table: Table, without: Floats, names: tuple[str, ...], leader: str, *, first: bool
) -> tuple[Driver, ...]:
    """One for each row, what lowers the leader most first."""
    at = names.index(leader)
    found = []
    for row, total in zip(table.rows, without, strict=True):
        left = as_ppm(float(normalise(total)[at]))
        after = successor(total, at)
        level = not first and after != at and is_level(total, at)
        found.append(Driver(items=row.items, without=left, leader=names[after], level=level))
    return tuple(sorted(found, key=lambda one: (one.without, one.items)))
