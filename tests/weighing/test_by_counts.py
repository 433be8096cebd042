"""Quoted likelihoods against the counts that stand beside them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.records.kinds import Assess
from comity.weighing.by_counts import miscounted, quotes_of, tell_miscounted
from comity.weighing.readings import Smoothing
from comity.weighing.sources import smooth_source
from tests.weighing.written import item, reports, weighed, written

REPORTED = st.lists(
    st.tuples(
        st.sampled_from(["Heron", "Otter", "Wren"]),
        st.sampled_from(["T1", "T2"]),
        st.sampled_from([f"r{n}" for n in range(9)]),
    ),
    min_size=1,
)


def observed(name: str) -> dict[str, Any]:
    made = item(name, observed=name)
    del made["likelihoods"]
    return made


def quoting(source: Any = None) -> Assess:
    return weighed(written(observed("T1"), observed("T2"), knowledge="own"), source or reports())


@given(REPORTED, st.integers(1, 1_000_000), st.integers(0, 1_000))
def test_what_is_quoted_faithfully_is_what_its_counts_give(
    told: list[tuple[str, str, str]], floor: int, doubt: int
) -> None:
    seen = [*told, ("Otter", "T1", "r9"), ("Heron", "T2", "r9")]
    source = reports(*seen)
    assert list(miscounted(quoting(source))) == []
    assert list(miscounted(quoting(smooth_source(source, Smoothing(floor=floor, doubt=doubt))))) == []


def changed(content: Assess, number: int, **fields: Any) -> Assess:
    items = list(content.items)
    items[number] = msgspec.structs.replace(items[number], **fields)
    return msgspec.structs.replace(content, items=tuple(items))


def test_a_likelihood_that_its_counts_do_not_give_is_told_with_what_they_give() -> None:
    content = quoting()
    judged = tuple(
        msgspec.structs.replace(one, low=900_000, high=900_000) if one.hypothesis == "Heron" else one
        for one in content.items[0].judgements
    )
    (found,) = miscounted(changed(content, 0, judgements=judged))
    assert (found.item, found.hypothesis, found.stated) == ("T1", "Heron", (900_000, 900_000))
    (line,) = tell_miscounted(changed(content, 0, judgements=judged))
    assert line.startswith("Item “T1”, cluster “Heron” (“grey heron”): 90.0 % is said to be from reports")
    assert quotes_of(content) == 2


@pytest.mark.parametrize(("who", "mentions"), [("Heron", 50), ("unknown", 0), ("unknown", 9_999)])
def test_counts_that_cannot_be_are_told(who: str, mentions: int) -> None:
    content = quoting()
    judged = tuple(
        msgspec.structs.replace(one, mentions=mentions) if one.hypothesis == who else one
        for one in content.items[0].judgements
    )
    lines = tell_miscounted(changed(content, 0, judgements=judged))
    assert any("the counts beside it cannot be" in line for line in lines)


def test_many_are_counted_and_what_cannot_be_read_is_left() -> None:
    content = quoting()
    assert content.knowledge is not msgspec.UNSET
    told = msgspec.structs.replace(content.knowledge, name="other (floor 0.9, doubt 7)")
    lines = tell_miscounted(msgspec.structs.replace(content, knowledge=told))
    assert len(lines) == 4
    assert lines[-1].endswith("are not what the counts beside them give.")
    cut = msgspec.structs.replace(content.knowledge, name="x" * 200)
    assert tell_miscounted(msgspec.structs.replace(content, knowledge=cut)) == ()
    assert tell_miscounted(weighed(written())) == ()
