"""Cases know the past and nothing else."""

from __future__ import annotations

import json

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


@pytest.mark.parametrize(
    ("told", "day"), [("2016", "2016-12-31"), ("2016-02", "2016-02-29"), ("2016-02-03", "2016-02-03")]
)
def test_a_month_or_a_year_counts_as_its_last_day(told: str, day: str) -> None:
    line = {"actor": "G1", "item": "T1", "kind": "technique", "report": "r", "report_date": told}
    (found,) = parse_observations(json.dumps(line).encode())
    assert found.date == day


@pytest.mark.parametrize("told", ["0000", "2016-13", "2016-00", "16", "2016-2", "2016-02-30", "２０１６"])
def test_what_is_no_date_is_named(told: str) -> None:
    line = {"actor": "G1", "item": "T1", "kind": "technique", "report": "r", "report_date": told}
    with pytest.raises(Malformed) as error:
        parse_observations(json.dumps(line).encode(), "f")
    assert (error.value.code, error.value.where) == ("trial.date", "f:1")


def test_more_than_can_be_held_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comity.weighing.trial.cases.CELLS_LIMIT", 100)
    with pytest.raises(Malformed, match="are more than is held at a time") as error:
        History(parse_observations(raw(publish())))
    assert error.value.code == "trial.large"


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


def test_the_number_of_cases_taken_unasked_falls_with_the_size_of_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    history = History(parse_observations(raw(LINES)))
    assert history.most_cases() == 2_000
    size = len({one.actor for one in history.reports}) * len(history.items)
    monkeypatch.setattr("comity.weighing.trial.cases.WORK", 150 * size)
    assert history.most_cases() == 150
    monkeypatch.setattr("comity.weighing.trial.cases.WORK", 1)
    assert history.most_cases() == 100


def test_the_own_report_is_left_out_under_whatever_day_it_is_told_of_others() -> None:
    def line(actor: str, item: str, report: str, day: str) -> dict[str, str]:
        return {"actor": actor, "item": item, "kind": "technique", "report": report, "report_date": day}

    told = [
        *(line("B", f"T{n}", "shared", "2015-01-01") for n in range(3)),
        *(line("C", f"T{n}", "other", "2015-01-02") for n in (1, 4)),
        *(line("A", f"T{n}", "shared", "2015-01-03") for n in range(5)),
    ]
    history = History(parse_observations(raw(told)))
    (case,) = history.cases()
    past = history.before(case)
    assert (case.actor, past.actors) == ("A", ("C",))
    assert past.counts.tolist() == past.told.tolist() == [[0, 1, 0, 0, 1]]
    assert past.sum_told(past.mentioned).tolist() == [2.0]
