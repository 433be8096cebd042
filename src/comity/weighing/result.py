"""What comes out of an assessment, in integers (``spec/13-weighing.md`` §6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Answer: TypeAlias = Literal["named", "not enough evidence"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where one hypothesis stands: prior and posterior, ppm, and the interval that the judgements leave.

    ``low`` and ``high`` are outer bounds: every choice of likelihoods within the judged intervals gives a
    posterior between them, and not every posterior between them need be reachable. ``touched`` counts the
    items that speak for it against the unknown actor, ``against`` those that speak against it.
    """

    hypothesis: str
    prior: int
    posterior: int
    low: int
    high: int
    touched: int
    against: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Framing:
    """A sub-hypothesis: ``actor`` is behind it and planted items to frame ``framed``; posterior in ppm."""

    actor: str
    framed: str
    posterior: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """What one item does to the answer: everything as if it (with its copies) were not there.

    ``items`` are the copies; ``without`` is the leader's posterior then (ppm), ``leader`` who leads then, or
    has drawn level (then ``level``). The item flips the answer where that is somebody else.
    """

    items: tuple[str, ...]
    without: int
    leader: str
    level: bool = False

    def flips(self, leader: str) -> bool:
        """Whether this item alone decides that ``leader`` leads."""
        return self.leader != leader


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """The smallest set of items which, disregarded as planted, leaves another hypothesis in the lead.

    ``items`` is a set that does it, one copy of each named, empty where none was found. No set smaller than
    ``at_least`` does it; ``exact`` says that ``items`` has that size. ``leader`` is who leads then, or is
    level with whoever led (``level``).
    """

    items: tuple[str, ...]
    at_least: int
    exact: bool
    leader: str
    level: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """An assessment as computed: repeat it from the inputs, and every figure is within 2 ppm.

    ``standings`` run from the highest posterior down, ties by id. ``answer`` follows the rule that the
    parameters state, ``leader`` is who it names or who leads without being named, ``why`` is the
    rule's reason in a sentence. ``deception`` is the posterior that items were planted, over all actors
    (ppm). ``counted`` is the number of items after copies were collapsed, ``silent`` how many of those have
    the same likelihood under every hypothesis, ``origins`` the number of declared origins and ``undeclared``
    the number of items without one.
    """

    method: str
    inputs: str
    answer: Answer
    leader: str
    why: str
    standings: tuple[Standing, ...]
    deception: int
    framings: tuple[Framing, ...]
    drivers: tuple[Driver, ...]
    planted: Planted
    counted: int
    silent: int
    origins: int
    undeclared: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an answer would be worth.

    ``microbits`` is the mutual information between the hypothesis and the answer, in millionths of a bit;
    ``yes`` the probability of a yes (ppm), ``leader_yes`` and ``leader_no`` who would lead after it,
    ``posterior_yes`` and ``posterior_no`` (ppm) what that hypothesis would then have.
    """

    candidate: str
    microbits: int
    yes: int
    leader_yes: str
    posterior_yes: int
    leader_no: str
    posterior_no: int


def rule_of_three(cases: int) -> int:
    """The 95 % upper bound of a rate (ppm) where none was seen in so many cases: 3 / n (Hanley and
    Lippman-Hand 1983), 1 where there are fewer than three."""
    return 1_000_000 if cases < 3 else -(-3_000_000 // cases)
