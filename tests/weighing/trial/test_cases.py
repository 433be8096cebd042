"""Cases know the past and nothing else."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


@pytest.mark.parametrize("name", ["actor", "item", "kind", "report", "report_date"])
def test_a_member_that_is_missing_is_named(name: str) -> None:
    line = {key: value for key, value in LINES[1].items() if key != name}
    with pytest.raises(Malformed) as caught:
        parse_observations(raw([LINES[0], line]), "reports.jsonl")
    assert (caught.value.code, caught.value.where) == ("trial.line", "reports.jsonl:2")
    assert caught.value.why.startswith(f"has no '{name}'")


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


def test_a_line_that_says_a_thing_twice_is_named_and_none_is_taken() -> None:
    line = raw([LINES[0]]).replace(b'"actor": ', b'"actor": "G99", "actor": ')
    with pytest.raises(Malformed, match="'actor' stands twice") as error:
        parse_observations(raw(LINES[:2]) + line, "f")
    assert (error.value.code, error.value.where) == ("trial.line", "f:3")


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


def test_what_is_told_later_does_not_enter_the_past() -> None:
    """A report that is amended is dated by its last item; each item by the day it was first told."""

    def line(item: str, date: str, actor: str = "G1") -> dict[str, str]:
        return {
            "actor": actor,
            "item": item,
            "kind": "technique",
            "report": f"of {actor}",
            "report_date": date,
        }

    told = [line(f"T{n}", "2016-01-01") for n in range(5)]
    later = [line("S9", "2019-06-30"), line("T0", "2020-01-01")]
    case = [line(f"T{n}", "2018-01-01", "G2") for n in range(5)]
    history = History(parse_observations(raw([*told, *later, *case])))
    dates = {one.actor: one.date for one in history.cases()}
    assert dates == {"G1": "2019-06-30", "G2": "2018-01-01"}
    assert history.before(history.cases()[0]).actors == ()
    whole = History(parse_observations(raw([*told, *case])))
    assert whole.before(whole.cases()[1]).actors == ("G1",)
    assert [whole.known_before(one) for one in whole.cases()] == [0, 1]


@settings(max_examples=8)
@given(st.integers(0, 40))
def test_how_many_were_known_is_how_many_are_read(seed: int) -> None:
    history = History(parse_observations(raw(publish(seed))))
    for case in history.cases()[::7]:
        assert history.known_before(case) == len(history.before(case).actors)


@pytest.mark.parametrize(
    ("encoded", "why"),
    [
        (lambda text: gzip.compress(text.encode()), "compressed"),
        (lambda text: text.encode("utf-16"), "UTF-16"),
        (lambda text: text.encode("utf-16-le"), "UTF-16"),
        (lambda text: text.replace("\n", "\r").encode(), "carriage return alone"),
    ],
)
def test_text_of_another_form_is_named_as_such(encoded: Callable[[str], bytes], why: str) -> None:
    with pytest.raises(Malformed, match=why) as caught:
        parse_observations(encoded(raw(publish()).decode()), "reports.jsonl")
    assert caught.value.where == "reports.jsonl:1"


def test_one_label_of_a_million_letters_does_not_make_every_label_as_wide() -> None:
    lines = publish()
    lines += [line | {"actor": "A" * 1_000_000, "report": "long"} for line in lines[:6]]
    history = History(parse_observations(raw(lines)))
    for held in (history, history.before(history.cases()[-1])):
        names = getattr(held, "__slots__", None) or vars(held)
        arrays = [each for name in names if isinstance(each := getattr(held, name), np.ndarray)]
        assert arrays
        assert not any(each.dtype.kind == "U" for each in arrays)
