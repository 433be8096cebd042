"""Stated figures held against what their inputs give, before anyone is shown an answer
(``spec/14-assessments.md`` §7, rule 1).

An answer that its own inputs do not give is nobody's headline; one that nobody computed is said to be stated.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from comity.errors import ComityError
from comity.phrases import phrase
from comity.records.kinds_of_weighing import Assess
from comity.weighing.effort import SHOWN, effort_of, size_of
from comity.weighing.graver import graver_first
from comity.weighing.likelihood_words import Wording
from comity.weighing.shown import Assessed, show

DIFFER = phrase("The stated figures do not follow from their inputs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What computing an assessment again gave. ``differs`` names the figures that did not come out;
    ``computed`` is the same content with the figures that did, where any was computed. ``why`` says why
    nothing was, ``cause`` in a word: ``size``, ``package`` (numpy is not there) or ``refused``."""

    result: Literal["reproduced", "different", "not computed"]
    differs: tuple[str, ...] = ()
    computed: Assess | None = None
    cause: Literal["", "size", "package", "refused"] = ""
    why: str = ""


def check_figures(content: Assess, most: int = SHOWN) -> Checked:
    """Compute it again, where that is at most so much work (``effort.effort_of``)."""
    if effort_of(content) > most:
        return Checked(result="not computed", cause="size", why=phrase("{} take long", size_of(content)))
    try:
        from comity.weighing.recompute import recompute  # numpy, which the bare package does not bring

        again = recompute(content)
    except ImportError:
        return Checked(result="not computed", cause="package", why="numpy is not installed")
    except ComityError as error:
        return Checked(result="not computed", cause="refused", why=error.why)
    result: Literal["reproduced", "different"] = "different" if again.differs else "reproduced"
    return Checked(result=result, differs=again.differs, computed=again.content)


def head(
    shown: Assessed, checked: Checked, wording: Wording | None = None, parties: Iterable[str] = ()
) -> Assessed:
    """The same with the answer that a reader may be told first. What its inputs do not give is said so, then
    what was stated, then what computing gives, with what belongs beside that; what was not computed is called
    stated. ``wording`` and ``parties`` as for :func:`~comity.weighing.shown.show`."""
    if checked.result == "reproduced":
        return shown
    if checked.result == "not computed" or checked.computed is None:
        told = phrase("{} (stated by its author, not computed here)", shown.headline)
        return replace(shown, headline=told)
    found = show(checked.computed, wording, parties)
    why = phrase(
        "Stated by its author: {}. {} Computed here from the same inputs: {}. {}",
        shown.headline,
        shown.why,
        found.headline,
        found.why,
    )
    beside = graver_first((*shown.beside, *found.beside))
    return replace(shown, answer="differs", headline=DIFFER, why=why, beside=beside)


def answer_in_short(content: Assess, checked: Checked) -> str:
    """Whether a cluster is named, in a clause for lists: no figure, and never an answer that its inputs do
    not give without saying so."""
    stated = _named(content)
    if checked.result == "reproduced":
        return stated
    if checked.result == "different" and checked.computed is not None:
        return phrase(
            "the stated figures do not follow from their inputs (stated: {}; computed here: {})",
            stated,
            _named(checked.computed),
        )
    return phrase("{} (stated by its author, not computed here)", stated)


def _named(content: Assess) -> str:
    if content.result.answer == "named":
        return phrase("names a cluster")
    return phrase("not enough evidence")
