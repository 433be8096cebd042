"""The whole trial: cases built, models fitted on the earlier part, every model held against the later
part."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial

import numpy as np

from comity.errors import Malformed
from comity.weighing.fitting import fit_cases
from comity.weighing.knowledge import Observation
from comity.weighing.table import Floats
from comity.weighing.trial.baselines import Model, collapse, fit_tempered, jaccard, naive_bayes, tf_idf
from comity.weighing.trial.cases import LEAST, Case, History, Past, parse_date
from comity.weighing.trial.caution import PLAIN, TELLS, Caution, Read, apply_caution, fit_caution
from comity.weighing.trial.chance import number_of
from comity.weighing.trial.engine import Engine, described
from comity.weighing.trial.framing import Framing
from comity.weighing.trial.logistic import Logistic
from comity.weighing.trial.measures import (
    UNKNOWN_LEADS,
    Answers,
    Figure,
    calibration_floor,
    is_sure,
    judge,
    measure_all,
    not_asked,
)
from comity.weighing.trial.planting import FLAGS, Columns, Flag, order_of_actors, plant
from comity.weighing.trial.ranking import Ranking, Strengths, fit_strengths
from comity.weighing.trial.signals import NAMES, Reader

SEED = 20190701
DRAWS = 5
CANDIDATES = 5
"""A case of the fitting part counts from so many known actors on."""
COPIES = 3
"""So often a case's report is told again, always by the same origin."""
FITTED_DRAWS = (DRAWS, 20)
"""The fitting part is planted so often at least, and at most."""
PLANTED = 4_000
"""Between both, until there are so many planted cases of each flag: what is learned shall not hang on the
seed."""
LEAST_FITTED = 20
"""Nothing is fitted on fewer cases."""
TEMPERED_GRID = tuple((t, p, s) for t in (1.0, 1.5, 2.0, 3.0) for p in (0.2, 0.4) for s in (5.0, 20.0, 80.0))
MIXTURE_GRID = tuple((t, p, s) for t in (1.5, 3.0) for p in (0.2, 0.4) for s in (20.0, 80.0))
DECEPTION = 0.2
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What was asked. ``draws``: how often each case of the later part is planted anew (the fitting part by
    its size, :func:`fitted_draws`: what is learned hangs on the file, the days and the seed alone);
    ``flags``: which false flags are tried; ``most_cases``: of each part, so many at most, drawn; 0: as many
    as the size of the file allows."""

    fit_before: str
    test_from: str
    flags: tuple[Flag, ...] = FLAGS
    draws: int = DRAWS
    seed: int = SEED
    most_cases: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One model on the later part: each measure without planting (``clean``), with each flag, and with each
    report told ``COPIES`` times by one origin (``copies``); ``moved`` is the most that any posterior changed
    by the copies."""

    model: str
    clean: dict[str, Figure]
    flags: dict[Flag, dict[str, Figure]]
    copies: dict[str, Figure]
    moved: float
    floor: float

    def part(self, name: str) -> dict[str, Figure]:
        """The measures of one part: ``clean``, ``copies``, or a flag."""
        if name in FLAGS:
            return self.flags[name]
        return self.copies if name == "copies" else self.clean


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A trial's result: how many cases of each part were taken, and how many there are (``fittable``,
    ``answerable``), how many more of the earlier have too few actors known before them (``early``), how many
    of the later are of actors never seen before, of how many actors all of them are, how often the fitting
    part was planted, of how many later cases the learned answer is sure, and would be by each half of these
    draws alone, what was fitted, and the figures of each model."""

    trial: Trial
    fitted_on: int
    tested_on: int
    unseen: int
    actors: int
    fitted_draws: int
    sure: int
    sure_by_halves: tuple[int, int]
    fittable: int
    answerable: int
    early: int
    fitted: tuple[str, ...]
    models: tuple[Scored, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Posed:
    """A case as it is put to a model: its columns, and the published actor's line (-1: never seen). What was
    known before it is made anew each time: many pasts at once are larger than a machine."""

    history: History
    case: Case
    actors: int
    columns: Columns
    line: int
    planted: dict[Flag, tuple[Columns, ...]]

    def past(self) -> Past:
        """What was known."""
        return self.history.before(self.case)


def pose(history: History, case: Case, seed: int, draws: int, flags: Iterable[Flag]) -> Posed:
    """A case with what was known before it and its planted variants."""
    past = history.before(case)
    columns = history.columns(case.items)
    line = past.actors.index(case.actor) if case.actor in past.actors else -1
    order = order_of_actors(past)
    planted = {
        flag: tuple(plant(case, columns, past, flag, seed, draw, order) for draw in range(draws))
        for flag in flags
    }
    return Posed(
        history=history,
        case=case,
        actors=len(past.actors),
        columns=columns,
        line=line,
        planted=planted,
    )


def run_trial(observations: Sequence[Observation], trial: Trial, progress: Progress | None = None) -> Report:
    """Fit on cases dated before one day, answer cases dated from another on, and measure.

    ``Malformed`` where the days run the wrong way or either part has too few cases.
    """
    say = progress or (lambda _: None)
    if parse_date(trial.fit_before, "fit-before") > parse_date(trial.test_from, "test-from"):
        raise Malformed("trial.dates", "test-from", "what is tested would be fitted on: it begins too early")
    history = History(observations)
    cases = history.cases()
    fitting = [case for case in cases if case.date < trial.fit_before]
    testing = [case for case in cases if case.date >= trial.test_from]
    if not testing:
        last = f"the last case is of {cases[-1].date}" if cases else "the file holds no case at all"
        raise Malformed("trial.few", "test-from", f"no case from {trial.test_from} on: {last}")
    whole = len(fitting)
    fitting = [case for case in fitting if history.known_before(case) >= CANDIDATES]
    fittable, answerable = len(fitting), len(testing)
    most = trial.most_cases or history.most_cases()
    fitting, testing = (_draw(part, most, trial.seed) for part in (fitting, testing))
    if len(fitting) < LEAST_FITTED:
        why = (
            f"{fittable} of the {whole} cases before {trial.fit_before} have {CANDIDATES} actors "
            f"known before them; {LEAST_FITTED} are needed to fit on (a case: an actor in a report, with "
            f"{LEAST} items)"
        )
        raise Malformed("trial.few", "fit-before", why)
    posed, draws = [], fitted_draws(len(fitting), history.most_cases())
    for n, case in enumerate(fitting, 1):
        say(f"reading case {n}/{len(fitting)} of the fitting part")
        posed.append(pose(history, case, trial.seed, draws, FLAGS))
    models, fitted, scorers = fit_models(posed, say)
    asked: dict[str, dict[str, list[tuple[int, Floats, bool, int]]]] = {}
    moved: dict[str, float] = {}
    del posed
    sure_of = [0] * len(scorers.cautions)
    for n, case in enumerate(testing):
        say(f"answering case {n + 1}/{len(testing)}")
        one = pose(history, case, trial.seed, trial.draws, trial.flags)
        past = one.past()
        for at, sure in enumerate(scorers.sure(past, one.columns)):
            sure_of[at] += sure
        for name, make in models:
            model = make(past)
            told = asked.setdefault(name, {})
            clean, again = model(one.columns), model(np.tile(one.columns, COPIES))
            told.setdefault("clean", []).append((n, *clean, one.line))
            told.setdefault("copies", []).append((n, *again, one.line))
            moved[name] = max(moved.get(name, 0.0), float(np.abs(again[0] - clean[0]).max()))
            for flag in trial.flags:
                told.setdefault(flag, []).extend(
                    (n, *model(columns), one.line) for columns in one.planted[flag]
                )
    unseen = sum(line < 0 for *_, line in next(iter(asked.values()))["clean"])
    # Numbered as they come: resamples must not hang on labels.
    actors = {name: n for n, name in enumerate(dict.fromkeys(case.actor for case in testing))}
    scored = []
    for name, told in asked.items():
        say(f"measuring {name}")
        answers = {
            part: Answers.of([judge(p, line, n, actors[testing[n].actor], sure) for n, p, sure, line in all_])
            for part, all_ in told.items()
        }
        figures = {part: measure_all(all_, trial.seed) for part, all_ in answers.items()}
        if not any(p[-1] for all_ in told.values() for _, p, *_ in all_):
            for each in figures.values():
                each[UNKNOWN_LEADS] = not_asked(each[UNKNOWN_LEADS])
        scored.append(
            Scored(
                model=name,
                clean=figures["clean"],
                flags={flag: figures[flag] for flag in trial.flags},
                copies=figures["copies"],
                moved=moved[name],
                floor=calibration_floor(answers["clean"].top, trial.seed),
            )
        )
    return Report(
        trial=trial,
        fitted_on=len(fitting),
        early=whole - fittable,
        tested_on=len(testing),
        unseen=unseen,
        actors=len(actors),
        fitted_draws=draws,
        sure=sure_of[0],
        sure_by_halves=(sure_of[1], sure_of[2]),
        fittable=fittable,
        answerable=answerable,
        fitted=fitted,
        models=tuple(scored),
    )


def fitted_draws(cases: int, affordable: int) -> int:
    """How often so many cases of the fitting part are planted with each flag; of a file of which only so many
    are ``affordable``, as often as these would be at least, and not until draws even out."""
    least, most = FITTED_DRAWS
    planted = min(PLANTED, least * affordable)
    return min(most, max(least, -(-planted // max(cases, 1))))


def _draw(cases: Sequence[Case], most: int, seed: int) -> list[Case]:
    """All cases of a part, or as many as are asked for, in their order."""
    if len(cases) <= most:
        return list(cases)
    drawn = sorted(cases, key=lambda one: number_of("case", seed, *one.told))
    taken = {(one.actor, one.report) for one in drawn[:most]}
    return [one for one in cases if (one.actor, one.report) in taken]


Bound = Callable[[Past], Callable[[Columns], tuple[Floats, bool]]]
"""Of a past and a case's columns the posteriors, and whether the method is sure of its leader."""


def _at_the_bar(posteriors: Callable[[Past], Callable[[Columns], Floats]]) -> Bound:
    """A method that is sure where its leader has .9."""

    def bound(past: Past) -> Callable[[Columns], tuple[Floats, bool]]:
        model = posteriors(past)

        def answer(columns: Columns) -> tuple[Floats, bool]:
            posterior = model(columns)
            return posterior, is_sure(posterior)

        return answer

    return bound


def _bind(model: Model) -> Bound:
    return _at_the_bar(lambda past: lambda columns: model(past, columns))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorers:
    """What caution learned: from all draws, and from each half of them alone."""

    strengths: Strengths
    cautions: tuple[Caution, ...]

    def sure(self, past: Past, columns: Columns) -> list[bool]:
        """Whether each is sure of a case."""
        _, signals = Reader(Ranking(past, self.strengths)).read(columns)
        return [one.is_sure(signals) for one in self.cautions]


def fit_models(
    posed: Sequence[Posed], say: Progress
) -> tuple[tuple[tuple[str, Bound], ...], tuple[str, ...], Scorers]:
    """Every model, with what was fitted in words; nothing but the fitting part is looked at."""

    def labelled(what: str) -> Iterator[tuple[Past, Columns, int]]:
        for n, one in enumerate(posed, 1):
            say(f"fitting {what}, case {n}/{len(posed)}")
            yield one.past(), one.columns, one.line if one.line >= 0 else one.actors

    tempered = fit_tempered(labelled("the tempered baseline"), 0.0, TEMPERED_GRID)
    mixture = fit_tempered(labelled("the mixture"), DECEPTION, MIXTURE_GRID)
    settings = fit_cases(posed[0].history, (one.case for one in posed), say)
    strengths = fit_strengths(labelled("the strengths"))
    read = read_part(posed, strengths, say)
    caution = fit_caution(read)
    halves = tuple(fit_caution(read.draws(half, 2)) for half in range(2))

    def cautious(past: Past) -> Callable[[Columns], Floats]:
        reader = Reader(Ranking(past, strengths))
        return lambda columns: apply_caution(caution, reader, collapse(columns))

    def ranked(past: Past) -> Callable[[Columns], Floats]:
        ranking = Ranking(past, strengths)
        return lambda columns: ranking.posterior(collapse(columns))

    def framed(past: Past) -> Callable[[Columns], Floats]:
        framing = Framing(Ranking(past, strengths))
        return lambda columns: framing.posterior(collapse(columns))

    engine = Engine(settings)
    models: tuple[tuple[str, Bound], ...] = (
        ("jaccard", _bind(jaccard)),
        ("tf-idf", _at_the_bar(tf_idf)),
        ("naive bayes 1", _bind(naive_bayes(1.0))),
        ("naive bayes 0.05", _bind(naive_bayes(0.05))),
        ("tempered + unknown", _bind(tempered)),
        ("deception mixture", _bind(mixture)),
        ("engine", lambda past: partial(engine.named, past)),
        ("engine at .9", lambda past: partial(engine.leads, past)),
        ("ranking alone", _at_the_bar(ranked)),
        ("planting allowed for", _at_the_bar(framed)),
        ("comity", _at_the_bar(cautious)),
    )
    fitted = (
        f"tempered + unknown: {tempered.told()}",
        f"deception mixture: {mixture.told()}, deception {mixture.deception}, planting 0.3",
        described(settings),
        "comity, strengths: " + ", ".join(f"{name} {value:.2f}" for name, value in asdict(strengths).items()),
        *describe(caution),
    )
    return models, fitted, Scorers(strengths=strengths, cautions=(caution, *halves))


def describe(caution: Caution) -> tuple[str, ...]:
    """What caution learned, in lines."""
    sure = f"{caution.sure:.3f} from a score of {caution.sure_from:.3f} on"
    if caution.sure_from > 1.0:  # beyond what a score can be
        sure = "sure of no case: on the fitting part no score was right often enough, or safe from planting"
    return (
        f"comity, right if unplanted: {_told(PLAIN, caution.scorer.plain)}",
        f"comity, unplanted: {_told(TELLS, caution.scorer.tells)}",
        f"comity, confidence: {sure}",
    )


def _told(signals: Sequence[int], fitted: Logistic) -> str:
    """The weights of a regression beside its signals."""
    return ", ".join(f"{NAMES[n]} {weight:+.2f}" for n, weight in zip(signals, fitted.weights, strict=True))


def read_part(posed: Sequence[Posed], strengths: Strengths, say: Progress) -> Read:
    """The signals of the fitting part, without and with planting."""
    plain, right = [], []
    planted: dict[Flag, list[list[Floats]]] = {flag: [] for flag in FLAGS}
    planted_right: dict[Flag, list[list[float]]] = {flag: [] for flag in FLAGS}
    for n, one in enumerate(posed, 1):
        say(f"learning from case {n}/{len(posed)}")
        reader = Reader(Ranking(one.past(), strengths))
        signals, hit = _read(reader, one.columns, one.line)
        plain.append(signals)
        right.append(hit)
        for flag in FLAGS:
            told = [_read(reader, columns, one.line) for columns in one.planted[flag]]
            planted[flag].append([signals for signals, _ in told])
            planted_right[flag].append([hit for _, hit in told])
    return Read(
        plain=np.array(plain),
        right=np.array(right),
        planted={flag: np.array(found) for flag, found in planted.items()},
        planted_right={flag: np.array(found) for flag, found in planted_right.items()},
    )


def _read(reader: Reader, columns: Columns, line: int) -> tuple[Floats, float]:
    """The signals, and whether the leader is the published actor."""
    posterior, signals = reader.read(columns)
    return signals, float(int(np.argmax(posterior[:-1])) == line)
