"""The kind of record that carries an assessment (rules 2): what was weighed, how, and what came out.

Read from ``kinds.py``. Every probability is an integer in parts per million (``spec/14-assessments.md``).
A record holds everything that decides its figures, so that anyone computes them again.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import msgspec
from msgspec import Meta

from comity.records.wire import Count, Hex32, Id, Level, Name, Target, Text, Value

Ppm = Annotated[int, Meta(ge=0, le=1_000_000)]
# On judgement alone nothing is impossible.
Chance = Annotated[int, Meta(ge=1, le=1_000_000)]


class Cluster(Value, frozen=True):
    """A hypothesis: a cluster of activity under its author's or a vendor's label. ``weight`` is its prior,
    relative to the other named ones; ``reports`` how many reports about it the knowledge counts."""

    id: Name
    name: Name = ""
    weight: Chance = 1
    reports: Count = 0


class Judgement(Value, frozen=True):
    """How likely an item would be seen under a hypothesis, at least and at most; ``mentions`` is how many
    reports of the cluster mention it, where the knowledge answered."""

    hypothesis: Name
    low: Chance
    high: Chance
    mentions: Count = 0


class Weighed(Value, frozen=True):
    """One thing observed: who told it, both grades apart, and what each hypothesis makes of it. ``grades``
    are the letters its rater wrote. ``others`` is the interval of every named hypothesis that ``judgements``
    leaves out. ``by`` says whether a person or the knowledge judged. ``record`` or ``cite`` is what it rests
    on. ``scaled``, where there is any, has a number for each named hypothesis, in their order: which interval
    of the record's scale it has; ``judgements`` then has the unknown actor's alone."""

    id: Name
    text: Text
    reliability: Ppm
    credibility: Ppm
    by: Literal["judgement", "knowledge"]
    judgements: Annotated[tuple[Judgement, ...], Meta(min_length=1, max_length=2001)]
    others: tuple[Chance, Chance] | msgspec.UnsetType = msgspec.UNSET
    grades: Name = ""
    origin: Name = ""
    observed: Name = ""
    record: Id = ""
    cite: Text = ""
    scaled: Annotated[tuple[Count, ...], Meta(max_length=2000)] = ()


class Question(Value, frozen=True):
    """Something that could be asked for, weighed as an item whose answer is not known yet. ``to`` is whom."""

    item: Weighed
    to: Id = ""
    type: Literal["evidence", "clarify", "preserve", "assist", "consult"] = "evidence"
    levels: tuple[Level, ...] = ()


class Method(Value, frozen=True):
    """The method's name, which stands for every decision in it, and what its author told it: priors,
    planting, tempering, and when it abstains."""

    name: Name
    unknown_prior: Ppm
    deception_prior: Ppm
    planting: Ppm
    tempering: Ppm
    name_at: Ppm
    withstand: Ppm


class Knowledge(Value, frozen=True):
    """Published reports that answered for items: their digest, what they are, and how far they reach.
    ``pairs`` counts who-used-what, ``once`` those that rest on one report."""

    digest: Hex32
    name: Name
    actors: Count
    reports: Count
    pairs: Count
    once: Count


class Standing(Value, frozen=True):
    """Where a hypothesis stands; ``low`` and ``high`` bound its posterior over the judged intervals.
    ``touched`` items speak for it, ``against`` items against it."""

    hypothesis: Name
    prior: Ppm
    posterior: Ppm
    low: Ppm
    high: Ppm
    touched: Count
    against: Count


class Framing(Value, frozen=True):
    """A sub-hypothesis: ``actor`` planted items that point at ``framed``."""

    actor: Name
    framed: Name
    posterior: Ppm


class Driver(Value, frozen=True):
    """Everything as if these items (copies of one) were not there: the leader's posterior, and who leads, or
    with ``level`` has drawn level with it."""

    items: Annotated[tuple[Name, ...], Meta(min_length=1)]
    without: Ppm
    leader: Name
    level: bool = False


class Planted(Value, frozen=True):
    """The smallest set of items found without which another leads, or with ``level`` draws level; no set
    under ``at_least`` does it."""

    items: tuple[Name, ...]
    at_least: Count
    exact: bool
    leader: Name
    level: bool = False


class Worth(Value, frozen=True):
    """What an answer to a question would be worth: ``microbits`` of information, and who would lead."""

    question: Name
    microbits: Count
    yes: Ppm
    leader_yes: Name
    posterior_yes: Ppm
    leader_no: Name
    posterior_no: Ppm


class Weighing(Value, frozen=True):
    """What the method gives for the inputs of this record. ``inputs`` is their digest."""

    inputs: Hex32
    answer: Literal["named", "not enough evidence"]
    leader: Name
    deception: Ppm
    standings: Annotated[tuple[Standing, ...], Meta(min_length=3, max_length=2001)]
    drivers: tuple[Driver, ...]
    planted: Planted
    counted: Count
    silent: Count
    origins: Count
    undeclared: Count
    framings: tuple[Framing, ...] = ()
    worth: tuple[Worth, ...] = ()


class Confidence(Value, frozen=True):
    """How far the author trusts its own basis, in the words of the scale it names; nothing computes it."""

    scale: Literal["ICD 203", "PHIA"]
    level: Literal["low", "moderate", "high"]
    why: Text


class Assess(Value, frozen=True):
    """``assessment.make``: hypotheses weighed by a method that anyone can run again. ``wording`` is the
    scale its author reads likelihoods in; the figures stand in every scale. ``scale`` has the intervals that
    ``scaled`` items count through, sorted."""

    kind: ClassVar[str] = "assessment.make"
    introduced: ClassVar[int] = 2
    question: Text
    method: Method
    hypotheses: Annotated[tuple[Cluster, ...], Meta(min_length=2, max_length=2000)]
    items: Annotated[tuple[Weighed, ...], Meta(min_length=1, max_length=20_000)]
    result: Weighing
    questions: Annotated[tuple[Question, ...], Meta(max_length=2000)] = ()
    about: Target | msgspec.UnsetType = msgspec.UNSET
    knowledge: Knowledge | msgspec.UnsetType = msgspec.UNSET
    confidence: Confidence | msgspec.UnsetType = msgspec.UNSET
    wording: Literal["numbers", "ICD 203", "PHIA"] = "numbers"
    scale: tuple[tuple[Chance, Chance], ...] = ()
