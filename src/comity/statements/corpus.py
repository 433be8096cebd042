"""Sentences with the flags that are expected of them, and how well the rules find these.

A corpus is plain text, one sentence a line: ``SIDE | RULES | SENTENCE``. The side is ``C`` (of a claim) or
``D`` (of a denial); the two of a mirrored pair stand one after the other, or in one line with the side ``P``
and ``{of the claim|of the denial}`` wherever the two differ. Rules are ids without what comes before their
dot, or ``-`` for none; one with ``~`` before it may be flagged or not, and is counted neither way. A line
``~ RULES`` says so for every sentence after it. Empty lines, and lines that begin with ``#``, count for
nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from comity.errors import Malformed
from comity.statements.flags import RULES, Language
from comity.statements.lint import lint_text
from comity.statements.source import Decoded

_BY_NAME: Final = {
    **{id_.partition(".")[2]: id_ for id_ in RULES if not id_.startswith(("tie.", "strength."))},
    "tie": "tie.missing",
    "probability": "strength.probability",
    "support": "strength.support",
}
_EITHER: Final = re.compile(r"\{(?P<C>[^{}|]*)\|(?P<D>[^{}|]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One sentence, the rules that are expected to flag it, and those that may. ``mirrored``: the other side
    of the pair stands next to it."""

    language: Language
    side: str
    expected: frozenset[str]
    text: str
    allowed: frozenset[str] = frozenset()
    mirrored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How a rule did: sentences rightly flagged, flagged without being expected, and missed."""

    rule: str
    language: str
    right: int
    extra: int
    missed: int

    @property
    def precision(self) -> float | None:
        """Rightly flagged of all flagged; None where nothing was flagged."""
        flagged = self.right + self.extra
        return self.right / flagged if flagged else None

    @property
    def recall(self) -> float | None:
        """Rightly flagged of all expected; None where nothing was expected."""
        wanted = self.right + self.missed
        return self.right / wanted if wanted else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A corpus as the rules read it: scores by rule and language, the flagged share of each side, how many
    mirrored pairs there are with the claims and the denials flagged among them, and the sentences that were
    not flagged as expected."""

    sentences: int
    sober: int
    sober_flagged: int
    scores: tuple[Score, ...]
    sides: tuple[tuple[str, int, int], ...]
    pairs: tuple[int, int, int]
    wrong: tuple[tuple[Sample, frozenset[str]], ...]


def read_corpus(text: str, language: Language, where: str = "corpus") -> list[Sample]:
    """The sentences of one language; ``Malformed`` (``statement.corpus``) for a line of another form."""
    found = []
    everywhere: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("~ "):
            everywhere = [f"~{name}" for name in line[2:].split()]
            line = f"~ | {' '.join(everywhere)} | ~"
        parts = [part.strip() for part in line.split("|", 2)]
        names = [*parts[1].split(), *everywhere] if len(parts) == 3 and parts[1] else []
        bare = [name.removeprefix("~") for name in names if name != "-"]
        unknown = [name for name in bare if name not in _BY_NAME]
        if len(parts) != 3 or parts[0] not in ("C", "D", "P", "~") or not names or unknown or not parts[2]:
            why = f"no rule is called {unknown[0]!r}" if unknown else "a line is SIDE | RULES | SENTENCE"
            raise Malformed("statement.corpus", f"{where}:{number}", why)
        side, text = parts[0], parts[2]
        if side == "~":
            continue
        if side == "P" and not _EITHER.search(text):
            raise Malformed("statement.corpus", f"{where}:{number}", "a pair differs in {…|…}")
        expected = frozenset(_BY_NAME[name] for name in names if name[0] not in "-~")
        allowed = frozenset(_BY_NAME[name[1:]] for name in names if name[0] == "~")
        found += [
            Sample(
                language=language,
                side=one,
                expected=expected,
                text=" ".join(_EITHER.sub(rf"\g<{one}>", text).split()) if side == "P" else text,
                allowed=allowed,
                mirrored=side == "P",
            )
            for one in ("CD" if side == "P" else side)
        ]
    return found


def score_corpus(samples: Sequence[Sample]) -> Scored:
    """Every sentence read on its own, in its language."""
    right: Counter[tuple[str, str]] = Counter()
    extra: Counter[tuple[str, str]] = Counter()
    missed: Counter[tuple[str, str]] = Counter()
    sides: dict[str, list[int]] = {"C": [0, 0], "D": [0, 0]}
    pairs = {"C": 0, "D": 0}
    wrong = []
    sober = sober_flagged = 0
    for sample in samples:
        report = lint_text(Decoded(text=sample.text, encoding="utf-8"), sample.language, ties=True)
        got = frozenset(flag.rule for flag in report.flags) - sample.allowed
        for table, rules in ((right, got & sample.expected), (extra, got - sample.expected)):
            table.update((rule, sample.language) for rule in rules)
        missed.update((rule, sample.language) for rule in sample.expected - got)
        sides[sample.side][0] += bool(got)
        sides[sample.side][1] += 1
        pairs[sample.side] += bool(got) and sample.mirrored
        sober += not sample.expected
        sober_flagged += bool(got) and not sample.expected
        if got != sample.expected:
            wrong.append((sample, got))
    places = sorted({*right, *extra, *missed})
    return Scored(
        sentences=len(samples),
        sober=sober,
        sober_flagged=sober_flagged,
        scores=tuple(
            Score(
                rule=rule,
                language=lang,
                right=right[rule, lang],
                extra=extra[rule, lang],
                missed=missed[rule, lang],
            )
            for rule, lang in places
        ),
        sides=tuple((side, flagged, count) for side, (flagged, count) in sides.items()),
        pairs=(sum(sample.mirrored for sample in samples) // 2, pairs["C"], pairs["D"]),
        wrong=tuple(wrong),
    )
