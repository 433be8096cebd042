"""Rows are joined from a record as the engine joins them."""

from __future__ import annotations

import msgspec
import pytest

from comity.weighing.read_rows import join_rows
from comity.weighing.recorded import inputs_of
from comity.weighing.table import make_table
from tests.weighing.written import item, weighed, written

FOR = {"Heron": 0.9, "Otter": 0.1, "unknown": 0.1}


@pytest.mark.parametrize("method", ["comity-weigh/1", "comity-weigh/2", "comity-weigh/3"])
def test_rows_are_those_of_the_engine(method: str) -> None:
    content = weighed(
        written(
            item("a", origin="x", observed="one", likelihoods=FOR),
            item("b", origin="y", observed="one", likelihoods=FOR, reliability="C"),
            item("c", origin="y", likelihoods=FOR, reliability="C"),
            item("d", origin="", likelihoods=FOR),
        )
    )
    content = msgspec.structs.replace(content, method=msgspec.structs.replace(content.method, name=method))
    engine = make_table(inputs_of(content), None).rows
    told = sorted(engine, key=lambda one: one.items)
    found = sorted(join_rows(content, content.items), key=lambda one: one.items)
    assert [(one.items, one.origins) for one in found] == [(one.items, one.origins) for one in told]
    for grade in ("reliability", "credibility"):
        assert [getattr(one, grade) for one in found] == pytest.approx([getattr(one, grade) for one in told])
