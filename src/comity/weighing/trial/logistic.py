"""Logistic regression with a ridge, by Newton's method: few weights, fitted the same way everywhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from comity.weighing.table import Floats

RIDGE = 1.0
STEPS = 50


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Logistic:
    """log odds = intercept + Σ weight · (signal − mean) / spread."""

    mean: Floats
    spread: Floats
    weights: Floats
    intercept: float

    def log_odds(self, signals: Floats) -> Floats:
        """One for each line of signals."""
        found: Floats = (signals - self.mean) / self.spread @ self.weights + self.intercept
        return found


def sigmoid(log_odds: Floats) -> Floats:
    """The probability of log odds."""
    return 1.0 / (1.0 + np.exp(-np.clip(log_odds, -500.0, 500.0)))


def fit_logistic(signals: Floats, right: Floats, counts: Floats) -> Logistic:
    """The weights that make the outcomes (0 or 1) likeliest, each counted so often, with a ridge on standard
    signals.

    The intercept bears no ridge but a trace, so that outcomes of one kind alone still give an answer.
    """
    mean, spread = signals.mean(axis=0), signals.std(axis=0) + 1e-9
    design = np.column_stack([(signals - mean) / spread, np.ones(len(signals))])
    ridge = np.full(design.shape[1], 2.0 * RIDGE)
    ridge[-1] = 1e-3
    found = np.zeros(design.shape[1])
    for _ in range(STEPS):
        p = sigmoid(design @ found)
        slope = design.T @ (counts * (p - right)) + ridge * found
        curve = (design * (counts * p * (1.0 - p))[:, None]).T @ design + np.diag(ridge)
        step = np.linalg.solve(curve, slope)
        # A step beyond this is where Newton overshoots; the goal is convex, so shorter steps still get there.
        found = found - step * min(1.0, 4.0 / (float(np.abs(step).max()) + 1e-12))
        if np.abs(step).max() < 1e-10:
            break
    return Logistic(mean=mean, spread=spread, weights=found[:-1], intercept=float(found[-1]))
