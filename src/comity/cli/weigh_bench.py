"""``comity weigh bench``: the method on trial, on published reports."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from comity.cli.inputs import read_file
from comity.cli.output import Out, count, speaks
from comity.errors import Unavailable

if TYPE_CHECKING:
    from comity.weighing.trial.measures import Figure
    from comity.weighing.trial.run import Report

HEADINGS = {
    "clean": "Cases as published",
    "copies": "Circular reporting: each report told three times, all of one origin",
}
KINDS = ("technique", "software")
LIMIT = 256 * 1024 * 1024
COLUMNS = (
    ("top-1", "top-1", False),
    ("top-5", "top-5", False),
    ("mrr", "MRR", False),
    ("ece", "ECE", False),
    ("brier", "Brier", False),
    ("sure", "sure %", True),
    ("precision of sure", "agree %", True),
    ("confidently wrong", "wrong %", True),
    ("unknown leads, unseen", "unknown leads %", True),
    ("not sure, unseen", "nobody sure %", True),
)
"""Measure, heading, whether it is a rate that people read in per cent."""
LEGEND = (
    "How often an answer agrees with the published label; below it the interval of 95 of 100 resamples of",
    "actors, each with all its cases, or 3/n where none or all of n cases were seen (were cases of one actor",
    "wholly alike, n would be the number of actors). Sure: the leader has .9 or more (of the engine: it",
    "gives a name; its row 'at .9' has the same posteriors and asks nothing of planted items). Agree:",
    "of those; wrong: of all cases, sure and another published. Of the cases of actors never seen before:",
    "unknown leads, the unknown actor is likelier than every named one (it says 'unknown'; – where a method",
    "knows of none); nobody sure, no name is given.",
    "Engine: what comity weigh says where such reports answer, read as comity weigh fit reads them and told",
    "by one certain source. Comity: what is learned in this trial alone; no assessment uses it.",
)
EVERY = 20.0
"""Seconds between two lines of progress where nothing is drawn."""


@click.command(name="bench")
@click.option(
    "--observations",
    "path",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="JSON lines: actor, item, kind, report, report_date.",
)
@click.option("--fit-before", required=True, metavar="DATE", help="Fit on cases dated before this day only.")
@click.option("--test-from", required=True, metavar="DATE", help="Answer the cases dated from this day on.")
@click.option(
    "--false-flag",
    "flag",
    type=click.Choice(["random", "smart"]),
    help="Try only this false flag; both without it.",
)
@click.option(
    "--draws",
    default=5,
    show_default=True,
    type=click.IntRange(1, 100),
    help="Planted anew so often in what is answered (fitting: 5 to 20 times, by its cases).",
)
@click.option(
    "--most-cases",
    default=None,
    show_default="2000; down to 100 where actors by items are many",
    type=click.IntRange(20, 1_000_000),
    help="Of each part, so many cases at most, drawn by the seed.",
)
@click.option(
    "--seed", default=20190701, show_default=True, type=click.IntRange(0, 2**53), help="For all draws."
)
@speaks(
    "trial (observations, sha256, fit_before, test_from, seed, draws, fitted_draws, fitted_on, tested_on, "
    "actors, unseen, fittable, answerable, early, fitted, sure, sure_by_halves); "
    "figure (model, part, measure, value, low, high, cases, bound), "
    "part being clean, random, smart or copies; moved (model, value); floor (model, value); "
    "kinds (other: lines by kind that are taken as techniques)."
)
def bench_command(
    out: Out,
    path: Path,
    fit_before: str,
    test_from: str,
    flag: str | None,
    draws: int,
    most_cases: int | None,
    seed: int,
) -> int:
    """Put the method on trial: cases are built from published reports, an actor's
    profile only from reports dated before the case. Everything is fitted on cases
    dated before --fit-before, and held against the published labels of
    cases dated from --test-from on, beside the baselines.

    Labels are published judgements, not truth: every figure says how often an answer
    agrees with the published label. Intervals hold 95 of 100 resamples of the actors,
    each with all its cases; where none of n cases was seen, the rule of three bounds
    the rate by 3/n. The same file, dates and seed give the same figures. Hundreds of
    cases take seconds, twenty thousand lines a minute or two, a hundred thousand ten
    minutes or so, of one processor; stderr says how far it is.
    """
    import hashlib

    try:
        from comity.weighing.trial import run
    except ImportError:
        raise Unavailable(
            "weighing.numpy", "numpy", "weighing needs numpy: pip install '.[weigh]' in a copy of the source"
        ) from None
    from comity.weighing.trial.cases import parse_date, parse_observations
    from comity.weighing.trial.planting import FLAGS

    parse_date(fit_before, "--fit-before")
    parse_date(test_from, "--test-from")
    raw = read_file(path, LIMIT)
    flags = tuple(one for one in FLAGS if flag in (None, one))
    trial = run.Trial(
        fit_before=fit_before,
        test_from=test_from,
        flags=flags,
        draws=draws,
        seed=seed,
        most_cases=most_cases or 0,
    )
    observations = parse_observations(raw, str(path))
    report = run.run_trial(observations, trial, _progress(out))
    _tell(out, report, str(path), hashlib.sha256(raw).hexdigest())
    other = Counter(one.kind for one in observations if one.kind not in KINDS)
    if other:
        told = ", ".join(f"{kind[:40]!r} on {count(n, 'line')}" for kind, n in other.most_common(5))
        out.line(f"Taken as techniques, being neither technique nor software: {told}.")
    out.object("kinds", other=dict(sorted(other.items())))
    return 0


def _progress(out: Out) -> Callable[[str], None]:
    """Drawn on a terminal; elsewhere a line on stderr now and then, so that a long run is no silence."""
    if sys.stderr.isatty():
        return out.progress
    began = time.monotonic()
    last = began

    def say(text: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= EVERY:
            last = now
            click.echo(f"after {now - began:,.0f} s: {text}", err=True)

    return say


def _tell(out: Out, report: Report, path: str, digest: str) -> None:
    told = report.trial
    out.object(
        "trial",
        observations=path,
        sha256=digest,
        fit_before=told.fit_before,
        test_from=told.test_from,
        seed=told.seed,
        draws=told.draws,
        fitted_draws=report.fitted_draws,
        fitted_on=report.fitted_on,
        tested_on=report.tested_on,
        actors=report.actors,
        unseen=report.unseen,
        fittable=report.fittable,
        answerable=report.answerable,
        early=report.early,
        fitted=list(report.fitted),
        sure=report.sure,
        sure_by_halves=list(report.sure_by_halves),
    )
    fitted_on, tested_on = count(report.fitted_on, "case"), count(report.tested_on, "case")
    out.line(
        f"Fitted on {fitted_on} before {told.fit_before}; answered {tested_on} from {told.test_from} on,"
    )
    if report.early:
        more = count(report.early, "more case")
        out.line(f"({more} before {told.fit_before}: too few actors were known to fit on)")
    out.line(
        f"of {count(report.actors, 'actor')}; {report.unseen} of them of actors never seen before. "
        f"Seed {told.seed}, {count(told.draws, 'draw')} ({report.fitted_draws} of what is fitted on)."
    )
    for what, all_, taken in (
        (f"before {told.fit_before}", report.fittable, report.fitted_on),
        (f"from {told.test_from} on", report.answerable, report.tested_on),
    ):
        if all_ > taken:
            out.line(f"Of {all_:,} cases {what}, {taken:,} were drawn by the seed (--most-cases).")
    for line in LEGEND:
        out.line(line)
    for part in ("clean", *told.flags, "copies"):
        out.line()
        out.line(HEADINGS.get(part) or f"False flag, {part}: 30 % of the items planted")
        rows: list[list[str]] = [["", *(heading for _, heading, _ in COLUMNS)]]
        for model in report.models:
            figures = model.part(part)
            rows.append([model.model, *(_value(figures[name], rate) for name, _, rate in COLUMNS)])
            rows.append(["", *(_interval(figures[name], rate) for name, _, rate in COLUMNS)])
            for name, _, _ in COLUMNS:
                out.object("figure", model=model.model, part=part, measure=name, **_fields(figures[name]))
        out.table(rows)
    out.line()
    out.line(
        "How far the three copies moved a posterior at most (exactly 0 where they are one to the method):"
    )
    out.line(", ".join(f"{model.model} {_moved(model.moved)}" for model in report.models), 2)
    for model in report.models:
        out.object("moved", model=model.model, value=model.moved)
    out.line()
    first, second = report.sure_by_halves
    out.line(
        f"Comity is sure of {count(report.sure, 'case')} as published; learned from either half of the draws "
        f"alone it would be of {first:,} and {second:,}: so far that hangs on what was drawn."
    )
    out.line()
    out.line("ECE that a perfectly calibrated answer would show with so few cases:")
    out.line(", ".join(f"{model.model} {model.floor:.3f}" for model in report.models), 2)
    for model in report.models:
        out.object("floor", model=model.model, value=model.floor)
    out.line()
    for line in report.fitted:
        out.line(line)


def _moved(value: float) -> str:
    """A distance; nothing is rounded to 0."""
    return "0" if value == 0 else f"{value:.3f}" if value >= 0.0005 else "below 0.0005"


def _fields(figure: Figure) -> dict[str, Any]:
    """A figure's numbers; those that do not exist (no case at all) are absent."""
    numbers = {"value": figure.value, "low": figure.low, "high": figure.high, "bound": figure.bound}
    kept: dict[str, Any] = {
        name: round(number, 6) for name, number in numbers.items() if number is not None and number == number
    }
    return kept | {"cases": figure.cases}


def _value(figure: Figure, rate: bool) -> str:
    if figure.value != figure.value:
        return "–"
    return f"{figure.value * 100:.1f}" if rate else f"{figure.value:.3f}"


def _interval(figure: Figure, rate: bool) -> str:
    """The interval below a value; the rule of three's bound where nothing, or everything, was seen."""
    if figure.value != figure.value:
        return ""
    scale, digits = (100, 1) if rate else (1, 2)
    if figure.bound is not None:
        return f"{'<' if figure.value == 0 else '>'} {figure.bound * scale:.{digits}f}"
    return f"{figure.low * scale:.{digits}f}–{figure.high * scale:.{digits}f}"
