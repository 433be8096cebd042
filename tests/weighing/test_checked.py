"""An answer that its inputs do not give is nobody's headline."""

from __future__ import annotations

import sys

import msgspec
import pytest

from comity.weighing.checked import DIFFER, answer_in_short, check_figures, head
from comity.weighing.shown import show
from tests.weighing.told_cases import forged, strong


def test_what_is_reproduced_is_shown_as_it_was() -> None:
    content = strong()
    checked = check_figures(content)
    assert (checked.result, checked.differs, checked.cause) == ("reproduced", (), "")
    assert head(show(content), checked) == show(content)
    assert answer_in_short(content, checked) == "names a cluster"


def test_a_forged_answer_comes_after_what_is_wrong_with_it() -> None:
    weak = strong(heron=0.06)
    content = forged(weak)
    checked = check_figures(content)
    assert checked.result == "different"
    assert checked.computed == weak
    shown = head(show(content), checked)
    assert (shown.headline, shown.answer) == (DIFFER, "differs")
    stated, computed = show(content), show(weak)
    assert shown.why.index(stated.headline) < shown.why.index(computed.headline)
    assert shown.why.startswith("Stated by its author: Cluster “Heron”")
    assert "99.0 %" in shown.why
    told = answer_in_short(content, checked)
    assert told.startswith("the stated figures do not follow from their inputs")
    assert "stated: names a cluster; computed here: not enough evidence" in told
    # The figures themselves stay those that were signed.
    assert shown.standings == stated.standings


def test_beside_a_forged_answer_stands_what_is_to_say_of_the_computed_one_too() -> None:
    weights = [{"id": "Heron", "weight": 400}, {"id": "Otter"}]
    content = forged(
        strong(heron=0.06, otter=0.06, hypotheses=weights, unknown_prior=0.01, deception_prior=0)
    )
    content = msgspec.structs.replace(
        content, result=msgspec.structs.replace(content.result, answer="not enough evidence")
    )
    checked = check_figures(content)
    assert checked.computed is not None
    assert checked.computed.result.answer == "named"
    shown = head(show(content), checked, "ICD 203", ["Otter Office"])
    assert any("no room for planted evidence" in line for line in shown.beside)
    assert any("a word of the name of Otter Office" in line for line in shown.beside)


def test_one_figure_that_differs_is_enough() -> None:
    content = strong()
    result = msgspec.structs.replace(content.result, deception=content.result.deception + 10)
    checked = check_figures(msgspec.structs.replace(content, result=result))
    assert (checked.result, checked.differs) == ("different", ("deception",))


def test_what_was_not_computed_is_called_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    content = strong()
    checked = check_figures(content, 1)
    assert (checked.result, checked.cause, checked.computed) == ("not computed", "size", None)
    assert head(show(content), checked).headline.endswith("(stated by its author, not computed here)")
    assert answer_in_short(content, checked) == "names a cluster (stated by its author, not computed here)"
    method = msgspec.structs.replace(content.method, name="another/1")
    assert check_figures(msgspec.structs.replace(content, method=method)).cause == "refused"
    monkeypatch.setitem(sys.modules, "comity.weighing.recompute", None)
    assert check_figures(content).cause == "package"
