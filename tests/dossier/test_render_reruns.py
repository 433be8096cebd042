"""Signed re-runs below each finding of a dossier, whether an assertion rests on it or not."""

from __future__ import annotations

from pathlib import Path

from comity.dossier.render_reruns import rerun_lines, reruns_json
from comity.dossier.render_text import escape
from comity.findings.finding import Parameters
from tests.exchange.test_replicate import Two


def test_every_re_run_says_by_whom_over_what_and_which_rows_differ(tmp_path: Path) -> None:
    two = Two(tmp_path)
    two.show([5, 6])
    two.again()
    two.again(
        parameters=Parameters(zone="+05:00", since="2026-10-03T00:00:00Z", logsource=(("product", "mail"),))
    )
    lie = two.lie(result="0" * 64)
    two.again(lie)
    state = two.a.state(two.case)
    told = list(rerun_lines(state, two.finding, lambda party: party[:4], escape))
    birch = two.b.party.id[:4]
    assert told[0].startswith(f"run again by {birch} over 2 rows (5–6), 3 of 5 rules left out, ")
    assert told[0].endswith(": shown rows match; completeness, counts, absence and correlations not checked")
    assert told[1].endswith(": different, because of parameters (zone, since)")
    assert told[2] == "  2 rows only in the finding (5–6)"
    (false, same) = rerun_lines(state, lie, lambda party: party[:4], escape)
    assert false.endswith(": different, because of identity (result)")
    assert same == "  the rows named are the same"
    data = reruns_json(state)
    assert [each["verdict"] for each in data if isinstance(each, dict)] == [
        "shown-rows-match",
        "different",
        "different",
    ]
