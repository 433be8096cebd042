"""What the third party makes of it: two invented clusters and an unknown actor, weighed by what both sides
showed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from comity.records import kinds
from comity.records.kinds_of_weighing import Cluster, Judgement, Question, Weighed
from comity.weighing import UNKNOWN
from comity.weighing.recompute import assess
from comity.weighing.recorded import method_of
from comity.weighing.values import CREDIBILITY, RELIABILITY, Parameters

Interval = tuple[int, int]

# Item → what it says, origin, grades, the record of the story it rests on, and (Lapwing, Turnstone, unknown).
ITEMS: Final[Mapping[str, tuple[str, str, str, str, tuple[Interval, Interval, Interval]]]] = {
    "callback": (
        "A host asked the resolver for the same name every ten minutes.",
        "exchange resolver",
        "A1",
        "resolver_callback.yml",
        ((300_000, 500_000), (150_000, 250_000), (100_000, 100_000)),
    ),
    "maintenance rows": (
        "Rows that show a build path of a maintenance host; who claimed by them has withdrawn the claim.",
        "mail system",
        "B5",
        "maintenance_build_path.yml",
        ((100_000, 100_000), (600_000, 800_000), (100_000, 100_000)),
    ),
    "spray": (
        "Passwords were tried from one network, a few for each account.",
        "mail system",
        "B2",
        "password_spray.yml",
        ((350_000, 450_000), (300_000, 400_000), (250_000, 250_000)),
    ),
    "web shell": (
        "A process of the mail server started a shell.",
        "mail system",
        "B2",
        "web_shell_process.yml",
        ((400_000, 600_000), (150_000, 300_000), (150_000, 150_000)),
    ),
}

# What could be asked for: what it says, and how likely a yes is under each.
QUESTIONS: Final[Mapping[str, tuple[str, tuple[int, int, int]]]] = {
    "image": ("Is a copy of the shell kept that the mail server ran?", (700_000, 200_000, 200_000)),
    "lease": ("Was the address leased to the same customer in August too?", (500_000, 400_000, 300_000)),
}


def weigh_story(records: Mapping[str, str], ask: str) -> kinds.Assess:
    """The third party's assessment: ``records`` of the story by name, ``ask`` the party that could answer."""
    return assess(
        "Which cluster's ways of working do the records of both sides fit?",
        method_of(Parameters()),
        [Cluster(id="Lapwing"), Cluster(id="Turnstone", name="the harbour cluster")],
        [
            _weighed(name, text, tuple(judged), origin, grades, records[rests])
            for name, (text, origin, grades, rests, judged) in ITEMS.items()
        ],
        [
            Question(
                item=_weighed(name, text, tuple((each, each) for each in likely), name, "A2", ""), to=ask
            )
            for name, (text, likely) in QUESTIONS.items()
        ],
    )


def _weighed(
    name: str, text: str, judged: tuple[Interval, ...], origin: str, grades: str, record: str
) -> Weighed:
    hypotheses = ("Lapwing", "Turnstone", UNKNOWN)
    return Weighed(
        id=name,
        text=text,
        reliability=RELIABILITY[grades[0]],
        credibility=CREDIBILITY[grades[1]],
        grades=grades,
        by="judgement",
        origin=origin,
        record=record,
        judgements=tuple(
            Judgement(hypothesis=one, low=low, high=high)
            for one, (low, high) in zip(hypotheses, judged, strict=True)
        ),
    )
