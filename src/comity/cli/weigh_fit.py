"""``comity weigh fit``: how a party's own reports are best read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from comity.cli.inputs import read_file
from comity.cli.output import Out, count, speaks
from comity.errors import Unavailable

if TYPE_CHECKING:
    from comity.weighing.fitting import Tried

LIMIT = 256 * 1024 * 1024


@click.command(name="fit")
@click.argument("path", type=click.Path(path_type=Path), metavar="OBSERVATIONS.jsonl")
@click.option("--before", default="", metavar="DATE", help="Fit on cases dated before this day only.")
@speaks(
    "fitted (knowledge, knowledge_digest, tempering, unknown_prior, cases, held_back, loss, loss_stated, "
    "sure, sure_stated, agree, agree_stated; probabilities in parts per million, losses in millionths of a "
    "nat)."
)
def fit_command(out: Out, path: Path, before: str) -> int:
    """Fit how your own reports are read, on the cases that they tell: an actor in a
    report with at least five items, its profile from earlier reports only. The answer is
    four members of items.json, for you to copy or not; no weighing uses them by itself.

    The labels are published judgements. How likely deception is, and from where on a
    name is given, such cases do not tell: these stay yours to state.
    """
    try:
        from comity.weighing.fitting import fit_settings
    except ImportError:
        raise Unavailable(
            "weighing.numpy", "numpy", "weighing needs numpy: pip install '.[weigh]' in a copy of the source"
        ) from None
    from comity.adapters.knowledge_file import load_observations
    from comity.weighing.sources import smooth_source
    from comity.weighing.trial.cases import parse_observations

    found = fit_settings(parse_observations(read_file(path, LIMIT), str(path)), before)
    source = smooth_source(load_observations(path), found.settings.smoothing)
    tempering, unknown = found.settings.tempering, found.settings.unknown_prior
    kept = count(found.held_back, "case")
    out.line(
        f"Fitted on {count(found.cases, 'case')}{f' before {before}' if before else ''}. For items.json:"
    )
    out.line(f'"knowledge": "{source.name}",', 2)
    out.line(f'"knowledge_digest": "{source.profiles.digest}",', 2)
    out.line(f'"tempering": {tempering / 1e6:g}, "unknown_prior": {unknown / 1e6:g},', 2)
    out.line()
    out.line(f"On the latest {kept}, by settings fitted on those before them:")
    _tell(out, "fitted so", found.fitted, found.held_back)
    _tell(out, "as stated by default", found.stated, found.held_back)
    out.line(
        "Loss: of the published label, in nats a case, the less the better. Sure: a leader at .9 or more."
    )
    out.line("Without any planting, and from one reliable source each; labels are judgements, not truth.")
    out.object(
        "fitted",
        knowledge=source.name,
        knowledge_digest=source.profiles.digest,
        tempering=tempering,
        unknown_prior=unknown,
        cases=found.cases,
        held_back=found.held_back,
        loss=round(found.fitted.loss * 1e6),
        loss_stated=round(found.stated.loss * 1e6),
        sure=found.fitted.sure,
        sure_stated=found.stated.sure,
        agree=found.fitted.agree,
        agree_stated=found.stated.agree,
    )
    return 0


def _tell(out: Out, name: str, tried: Tried, cases: int) -> None:
    wrong = tried.sure - tried.agree
    bound = f" (below {300 / cases:.1f} % by the rule of three)" if not wrong and cases > 3 else ""
    out.line(
        f"{name}: loss {tried.loss:.2f}; sure of {tried.sure}, of which {tried.agree} agree with the label; "
        f"sure and another published: {wrong}{bound}",
        2,
    )
