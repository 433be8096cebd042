"""Cases know the past and nothing else."""

from __future__ import annotations

import pytest

from comity.errors import Malformed
from comity.weighing.trial.cases import History, parse_date, parse_observations
from tests.weighing.trial.published import publish, raw

LINES = publish()


def test_every_line_is_read_once_in_any_order() -> None:
    found = parse_observations(raw(LINES))
    assert parse_observations(raw(LINES[::-1] + LINES[:5]) + b"\n\n") == found
    assert len(found) == len(LINES)


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (b"{", "trial.line"),
        (b"[]", "trial.line"),
        (b'{"actor": "a"}', "trial.line"),
        (raw([LINES[0] | {"item": ""}]), "trial.line"),
        (raw([LINES[0] | {"report_date": "2019-13-01"}]), "trial.date"),
        (raw([LINES[0] | {"report_date": "20190101"}]), "trial.date"),
        (raw([LINES[0] | {"item": "T\ud800"}]), "trial.line"),
        (b"\n", "trial.empty"),
    ],
)
def test_a_bad_line_is_named(bad: bytes, code: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse_observations(bad, "reports.jsonl")
    assert caught.value.code == code
    assert caught.value.where.startswith("reports.jsonl")


def test_what_comes_later_or_from_the_own_report_is_not_known() -> None:
    observations = parse_observations(raw(LINES))
    history = History(observations)
    case = history.cases()[40]
    past = history.before(case)
    day = parse_date(case.date, "")
    # The same without every later line, and with the own report told of others too.
    kept = [o for o in observations if parse_date(o.date, "") < day or o.report == case.report]
    alone = History(kept).before(case)
    assert alone.actors == past.actors
    assert alone.counts.sum() == past.counts.sum()
    assert (past.last > 0).all()
    by_hand = {(o.actor, o.report) for o in observations if o.date < case.date and o.report != case.report}
    assert past.reports.sum() == len(by_hand) == len(past.told)
