"""What to ask for next: what an answer would do to the assessment, were it recorded
(``spec/13-weighing.md`` §7)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from comity.errors import Malformed
from comity.weighing import OLDER, PPM, UNKNOWN
from comity.weighing.asking_before import value_as_before
from comity.weighing.mixture import Sides, Weighed, acting, log_priors, log_product, share_ways, weigh_table
from comity.weighing.result import Asked
from comity.weighing.sensitivity import TIE, share_of_group
from comity.weighing.table import Floats, Knowledge, Table, make_table, probabilities_of
from comity.weighing.values import (
    Inputs,
    Item,
    Likelihood,
    best_account,
    check_item,
    item_json,
    make_inputs,
)

CANDIDATES_LIMIT = 2_000
LEAST = 1 / PPM
"""No judged likelihood is below it: that of a no neither."""


def ask(inputs: Inputs, candidates: Iterable[Item], knowledge: Knowledge | None = None) -> tuple[Asked, ...]:
    """What each candidate's answer would be worth, the most telling first, ties by id.

    A candidate is an item not yet seen: a yes-or-no question whose yes has the likelihoods given, told by an
    origin and with a credibility as graded. After a yes stand the figures of the assessment with that item,
    and after a no those with the item that says the opposite: judged by [1 − high, 1 − low] each, of the same
    origin, observed apart. ``Malformed`` as for items, and where it could not be recorded beside those that
    are there.
    """
    table = make_table(inputs, knowledge)
    weighed = weigh_table(table, log_priors(inputs.hypotheses, inputs.parameters), inputs.parameters)
    return ask_weighed(inputs, weighed, candidates, knowledge)


def ask_weighed(
    inputs: Inputs, weighed: Weighed, candidates: Iterable[Item], knowledge: Knowledge | None = None
) -> tuple[Asked, ...]:
    """As :func:`ask`, from log weights at hand; by the method that the inputs name."""
    taken = sorted(candidates, key=lambda one: one.id)
    if len(taken) > CANDIDATES_LIMIT:
        raise Malformed("weighing.items", "candidates", f"at most {CANDIDATES_LIMIT:,} are compared")
    names = tuple(one.id for one in inputs.hypotheses)
    for one in taken:
        check_item(one, {*names, UNKNOWN}, needs_knowledge=inputs.knowledge, where="candidates")
    if inputs.method in OLDER:
        found = value_as_before(inputs, weighed, taken, knowledge)
    else:
        asking = _Asking(inputs, weighed, knowledge)
        found = [asking.value(asking.place(one)) for one in taken]
    return tuple(sorted(found, key=lambda one: (-one.microbits, one.candidate)))


@dataclass(frozen=True, slots=True, eq=False)
class _Trust:
    """What an origin's next item meets: the present weights of every way, normalised, and how far each way
    has its group's rows come from a source that speaks of the actor."""

    alone: Floats
    framing: Floats
    share: float | tuple[Floats, Floats]

    def parts(self) -> tuple[Floats, Floats]:
        """The weights that a further row moves: of each actor alone, and of each pair."""
        if isinstance(self.share, tuple):
            return self.alone * self.share[0], self.framing * self.share[1]
        return self.alone * self.share, self.framing * self.share


@dataclass(frozen=True, slots=True, eq=False)
class _Met:
    """The same summed up, for whichever candidate of that origin."""

    alone: Floats
    framed: Floats
    framing: Floats


class _Asking:
    """One assessment, whatever is asked of it; what candidates of one origin share is computed once."""

    def __init__(self, inputs: Inputs, weighed: Weighed, knowledge: Knowledge | None) -> None:
        self.inputs, self.knowledge = inputs, knowledge
        self.names = tuple(one.id for one in inputs.hypotheses)
        self.weighed = weighed
        self.alone, self.framing = share_ways(weighed)
        self.now: Floats = self.alone + self.framing.sum(axis=1)
        self.ids = frozenset(one.id for one in inputs.items)
        self.by_origin: dict[str, list[Item]] = {}
        # Copies of one origin agree, so one of each is enough.
        self.by_observed: dict[str, dict[str, Item]] = {}
        for one in inputs.items:
            self.by_origin.setdefault(one.origin, []).append(one)
            self.by_observed.setdefault(one.seen, {}).setdefault(one.origin, one)
        self.tells = Counter(origin for told in self.by_observed.values() for origin in told)
        self.best = {seen: best_account(told.values(), self.tells) for seen, told in self.by_observed.items()}
        """Whose account of an observation is its row (``spec/13-weighing.md`` §2)."""
        self.rows: dict[str, dict[str, Item]] = {}
        """The rows of each origin, by what they observed."""
        self.contested: dict[str, list[str]] = {}
        """What each origin tells that others tell too."""
        for seen, told in self.by_observed.items():
            self.rows.setdefault(self.best[seen].origin, {})[seen] = self.best[seen]
            for origin in told if len(told) > 1 else ():
                self.contested.setdefault(origin, []).append(seen)
        self.worth: dict[frozenset[str], tuple[Floats, Floats]] = {}
        self.met: dict[tuple[str, int, bool], _Met] = {}

    def place(self, candidate: Item) -> Item:
        """The candidate where recording it would put it: without an origin, with the items that have none,
        or, graded otherwise than they, by itself. ``Malformed`` where it could not be recorded."""
        at = f"candidates/{candidate.id}"
        there = self.by_origin.get(candidate.origin, ())
        if there and there[0].reliability != candidate.reliability:
            if candidate.origin:
                why = (
                    f"of the same origin as {there[0].id}, and graded otherwise: an origin has one "
                    "reliability"
                )
                raise Malformed("weighing.origin", f"{at}.reliability", why)
            candidate = replace(candidate, origin=_free("asked", self.by_origin))
        for one in self.by_observed.get(candidate.seen, {}).values():
            copy = one.origin == candidate.origin
            here, told = (item_json(each) for each in (one, candidate))
            same = ("likelihoods", "credibility") if copy else ("likelihoods",)
            if any(here[name] != told[name] for name in same):
                why = f"observes the same as {one.id} and is judged otherwise"
                raise Malformed("weighing.contradiction", at, why)
        return candidate

    def value(self, candidate: Item) -> Asked:
        """What the answer to one, in its place, would be worth."""
        low, yes, high = probabilities_of(candidate, self.names, self.knowledge)
        no = np.sqrt(np.maximum(1.0 - low, LEAST) * np.maximum(1.0 - high, LEAST))
        told = self.by_observed.get(candidate.seen, {})
        if candidate.origin in told:
            return self._asked(candidate, 1.0, self.now, self.now)
        trust = candidate.credibility / PPM
        # By the likelihoods themselves: what tempers the update is no judgement of how often it is seen.
        spoken = self._moved(self._meet(candidate, sole=True), yes - yes[-1], trust)
        chance = min(max(yes[-1] + math.fsum(spoken.tolist()), 0.0), 1.0)
        after = [
            self._recorded(candidate, self._yes(candidate), yes),
            self._recorded(candidate, self._no(candidate, no), no),
        ]
        return self._asked(candidate, chance, *after)

    def _recorded(self, candidate: Item, answer: Item, points: Floats) -> Floats:
        """The weights with an answer recorded, of which the points are given."""
        moved = self._moves(answer)
        if not moved:  # what others tell already, with an account worth no less
            return self.now
        if set(moved) == {answer.seen} and answer.seen not in self.best:
            tempering = self.inputs.parameters.tempering / PPM
            by = np.power(points / points[-1], tempering) - 1.0
            met = self._meet(candidate, sole=False)
            found: Floats = np.maximum(self.now + self._moved(met, by, answer.credibility / PPM), 0.0)
            return found
        return self._regrouped(moved)

    def _moved(self, met: _Met, by: Floats, trust: float) -> Floats:
        """What each actor's weight gains where its row is worth 1 + trust·by, and that of one framing another
        the mean of theirs by the planting."""
        planting = self.inputs.parameters.planting / PPM
        gained: Floats = trust * (
            met.alone * by
            + (1.0 - planting) * met.framed * by
            + planting * (met.framing @ np.ascontiguousarray(by[:-1]))
        )
        return gained

    def _meet(self, candidate: Item, *, sole: bool) -> _Met:
        """What the candidate's row meets: beside the rows of its origin, or beside those that it alone
        tells."""
        sole = sole and candidate.origin in self.contested
        key = (candidate.origin, candidate.reliability, sole)
        if (found := self.met.get(key)) is None:
            alone, framing = self._trust(candidate, sole=sole).parts()
            found = self.met[key] = _Met(alone, framing.sum(axis=1), framing)
        return found

    def _trust(self, candidate: Item, *, sole: bool) -> _Trust:
        """The more the rows beside it fit, the more its origin is one to be heard."""
        graded = candidate.reliability / PPM
        share: float | tuple[Floats, Floats] = graded
        rows = [
            one
            for seen, one in self.rows.get(candidate.origin, {}).items()
            if not sole or len(self.by_observed[seen]) == 1
        ]
        if rows and 0.0 < graded < 1.0:
            table = self._table(rows)
            if table.rows:
                own, group = acting(table), range(len(table.rows))
                alone = share_of_group(table, Sides(own, None, 0.0), group)[:, 0]
                framing = self.framing
                if self.inputs.parameters.deception_prior:
                    planting = self.inputs.parameters.planting / PPM
                    framing = share_of_group(table, Sides(own, table.point, planting), group)
                share = (alone, framing)
        return _Trust(self.alone, self.framing, share)

    def _table(self, items: Sequence[Item]) -> Table:
        inputs = self.inputs
        part = make_inputs(inputs.hypotheses, items, inputs.parameters, inputs.knowledge, inputs.method)
        return make_table(part, self.knowledge)

    def _yes(self, candidate: Item) -> Item:
        return replace(candidate, id=_free(candidate.id, self.ids))

    def _no(self, candidate: Item, no: Floats) -> Item:
        """The item that says the opposite."""
        points = np.clip(np.rint(no * PPM), 1, PPM).astype(np.int64).tolist()
        judged = zip((*self.names, UNKNOWN), points, strict=True)
        if candidate.likelihoods:
            judged_of = {one.hypothesis: one for one in candidate.likelihoods}
            ends = {name: (max(PPM - one.high, 1), max(PPM - one.low, 1)) for name, one in judged_of.items()}
        else:
            ends = {name: (point, point) for name, point in judged}
        return replace(
            self._yes(candidate),
            observed=_free(f"not {candidate.seen}"[:200], self.by_observed),
            likelihoods=tuple(
                Likelihood(hypothesis=n, low=low, high=high) for n, (low, high) in ends.items()
            ),
        )

    def _moves(self, answer: Item) -> dict[str, Item]:
        """The observations whose row is another, or of another origin, once an answer is recorded: its own,
        and those of which its origin's account was worth as much as another's, since it tells more now."""
        tells = self.tells + Counter({answer.origin: 1})
        found = {}
        for seen in dict.fromkeys([*self.contested.get(answer.origin, ()), answer.seen]):
            told = self.by_observed.get(seen, {})
            best = best_account([*told.values(), answer] if seen == answer.seen else told.values(), tells)
            if best is not self.best.get(seen):
                found[seen] = best
        return found

    def _regrouped(self, moved: dict[str, Item]) -> Floats:
        """The weights with some rows in other groups: these groups are taken out, and put back as they are
        then; all others are a factor of both."""
        origins = frozenset(
            {one.origin for one in moved.values()}
            | {self.best[seen].origin for seen in moved if seen in self.best}
        )
        rows = {seen: one for origin in sorted(origins) for seen, one in self.rows.get(origin, {}).items()}
        if (before := self.worth.get(origins)) is None:
            before = self.worth[origins] = self._log_worth(list(rows.values()))
        after = self._log_worth(list((rows | moved).values()))
        alone = self.weighed.alone + after[0] - before[0]
        framing = self.weighed.framing + after[1] - before[1]
        top = max(float(alone.max()), float(framing.max()))
        found: Floats = np.exp(alone - top) + np.exp(framing - top).sum(axis=1)
        return found

    def _log_worth(self, items: Sequence[Item]) -> tuple[Floats, Floats]:
        count = len(self.names)
        if not items:
            return np.zeros(count + 1), np.zeros((count + 1, count))
        table = self._table(items)
        own = acting(table)
        alone = log_product(table, Sides(own, None, 0.0))[:, 0]
        if not self.inputs.parameters.deception_prior:
            return alone, np.zeros((count + 1, count))
        planting = self.inputs.parameters.planting / PPM
        return alone, log_product(table, Sides(own, table.point, planting))

    def _asked(self, candidate: Item, chance: float, yes: Floats, no: Floats) -> Asked:
        after = [_normalise(each) for each in (yes, no)]
        leaders = [_leader(each, self.names) for each in after]
        return Asked(
            candidate=candidate.id,
            microbits=round(_information(chance, *after) * PPM),
            yes=round(chance * PPM),
            leader_yes=leaders[0][0],
            posterior_yes=leaders[0][1],
            leader_no=leaders[1][0],
            posterior_no=leaders[1][1],
        )


def _normalise(weights: Floats) -> Floats:
    found: Floats = weights / math.fsum(weights.tolist())
    return found


def _information(chance: float, yes: Floats, no: Floats) -> float:
    """Between the actor and the answer, in bits: how far both posteriors lie from their mean."""
    mean = chance * yes + (1.0 - chance) * no
    told = 0.0
    for share, after in ((chance, yes), (1.0 - chance, no)):
        said = after > 0
        told += (
            share * math.fsum((after[said] * np.log2(after[said] / mean[said])).tolist()) if share else 0.0
        )
    return max(told, 0.0)


def _leader(posterior: Floats, names: tuple[str, ...]) -> tuple[str, int]:
    # As of log weights: the first of those that are level.
    best = int(np.argmax(posterior >= posterior.max() * (1.0 - TIE)))
    return (*names, UNKNOWN)[best], round(float(posterior[best]) * PPM)


def _free(name: str, taken: Container[str]) -> str:
    while name in taken:
        name = f"{name[:190]}'"
    return name
