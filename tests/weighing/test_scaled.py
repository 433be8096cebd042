"""A form of writing: by a scale or written out, the same judgements, figures and digest."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.case.assessed import first_flaw
from comity.errors import Refused
from comity.exchange.assessing import assess_written
from comity.records import bodies
from comity.records.kinds import Assess
from comity.records.kinds_of_weighing import Cluster, Judgement, Weighed
from comity.weighing import scaled
from comity.weighing.few_reports import range_of_reports
from comity.weighing.items_file import parse_items
from comity.weighing.matrix import columns_of, line_of
from comity.weighing.recompute import compare_records, recompute
from comity.weighing.scaled import check_size, pack, write_out
from comity.weighing.shown import show
from tests.weighing.written import item, reports, written

NAMES = [f"cluster{n:02}" for n in range(12)]
STEPS: list[Any] = [[0.02, 0.05], [0.1, 0.2], [0.4, 0.7], 0.01, 0.9]


def file_of(rows: list[list[int]], **fields: Any) -> dict[str, Any]:
    items = [
        item(
            f"i{n}",
            text=f"sign {n}",
            origin=f"o{n}",
            likelihoods={name: STEPS[step] for name, step in zip(NAMES, row, strict=False)}
            | {"unknown": 0.1},
        )
        for n, row in enumerate(rows)
    ]
    return written(*items, hypotheses=[{"id": name} for name in NAMES], **fields)


def both(monkeypatch: pytest.MonkeyPatch, file: dict[str, Any], room: int = 3_000) -> tuple[Assess, Assess]:
    """The assessment in the plain form, and as it is written where a content has little room."""
    parsed = json.dumps(file).encode()
    plain = assess_written(parse_items(parsed, "f"), None)
    with monkeypatch.context() as small:
        small.setattr(scaled, "CONTENT_LIMIT", room)
        return plain, assess_written(parse_items(parsed, "f"), None)


rows = st.lists(
    st.lists(st.integers(0, len(STEPS) - 1), min_size=len(NAMES), max_size=len(NAMES)), min_size=8, max_size=9
)


@settings(max_examples=12)
@given(rows)
def test_by_a_scale_everything_says_the_same(told: list[list[int]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        plain, few = both(
            patch, file_of(told, asks=[item("q", text="?", likelihoods={"unknown": 0.1, "others": 0.3})])
        )
    assert few.scale
    assert not plain.scale
    assert write_out(few) == plain
    assert few.result == plain.result
    assert first_flaw(few) == ""
    assert recompute(few).differs == ()
    assert compare_records(plain, few) == ()
    assert show(few) == show(plain)
    columns = columns_of(plain, 5)
    for one, other in zip(plain.items, few.items, strict=True):
        assert line_of(plain, one, columns) == line_of(few, other, columns)
    raw = bodies.render(few)
    assert bodies.parse_content("assessment.make", raw) == few
    assert len(raw) < len(bodies.render(plain))


def test_others_are_written_out_and_who_is_not_judged_stays_so(monkeypatch: pytest.MonkeyPatch) -> None:
    file = file_of([[n % 5] * 12 for n in range(8)])
    del file["items"][0]["likelihoods"][NAMES[3]]
    del file["items"][1]["likelihoods"][NAMES[3]]
    file["items"][1]["likelihoods"]["others"] = 0.3
    plain, few = both(monkeypatch, file)
    assert [bool(one.scaled) for one in few.items] == [False, True, *[True] * 6]
    assert few.result == plain.result
    assert recompute(few).differs == ()


def test_what_reports_answered_keeps_its_mentions(monkeypatch: pytest.MonkeyPatch) -> None:
    file = file_of([[n % 5] * 12 for n in range(8)], knowledge="invented")
    file["hypotheses"] += [{"id": "Heron"}, {"id": "Otter"}]
    for one in file["items"]:
        one["likelihoods"]["others"] = 0.2
    file["items"].append(item("told", observed="T1", likelihoods={}))
    raw = json.dumps(file).encode()
    plain = assess_written(parse_items(raw, "f"), reports())
    monkeypatch.setattr(scaled, "CONTENT_LIMIT", 3_000)
    few = assess_written(parse_items(raw, "f"), reports())
    assert few.scale
    told = next(one for one in few.items if one.id == "told")
    assert (told.scaled, told) == ((), next(one for one in plain.items if one.id == "told"))
    assert range_of_reports(few) == range_of_reports(plain) is not None


def test_a_difference_by_a_scale_names_the_hypotheses(monkeypatch: pytest.MonkeyPatch) -> None:
    from comity.weighing.differing import tell_sides

    rows = [[n % 5] * 12 for n in range(8)]
    plain, _ = both(monkeypatch, file_of(rows))
    _, few = both(monkeypatch, file_of([[4, *rows[0][1:]], *rows[1:]]))
    (found,) = compare_records(plain, few)
    assert (found.id, found.fields) == ("i0", ("likelihoods",))
    assert tell_sides(found, plain, few) == ("“cluster00” 2.0 to 5.0 %", "“cluster00” 90.0 %")


def test_too_much_for_a_record_is_refused_before_it_is_weighed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scaled, "CONTENT_LIMIT", 2_000)
    monkeypatch.setattr("comity.weighing.recompute.assess", None)
    parsed = parse_items(json.dumps(file_of([[n % 5] * 12 for n in range(8)])).encode(), "f")
    with pytest.raises(Refused) as error:
        assess_written(parsed, None, signed=True)
    assert error.value.code == "weighing.size"
    assert "5 of them different" in error.value.why


def test_many_hypotheses_on_a_scale_fit_a_record() -> None:
    """Eighty thousand cells in the plain form are too much for one."""
    names = [f"h{n:03}" for n in range(250)]
    ends = [(n, 2 * n) for n in (10_000, 20_000, 100_000, 200_000, 400_000)]
    cell = {
        (name, n): Judgement(hypothesis=name, low=low, high=high)
        for name in names
        for n, (low, high) in enumerate(ends)
    }
    unknown = Judgement(hypothesis="unknown", low=100_000, high=100_000)
    items = [
        Weighed(
            id=f"i{n:03}",
            text="a sign",
            cite="Report 7",
            reliability=900_000,
            credibility=900_000,
            by="judgement",
            judgements=(*(cell[name, n * k % 5] for k, name in enumerate(names)), unknown),
        )
        for n in range(400)
    ]
    packed = pack([Cluster(id=name) for name in names], items, ())
    check_size(packed)
    assert packed.scale == tuple(ends)
    assert packed.size < 500_000
