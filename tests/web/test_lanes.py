"""The picture of a case says what its docket says."""

from __future__ import annotations

from comity.web.cases import view_case
from comity.web.reading import Reading
from tests.web.stage import node_of
from tests.world import FullCase


def test_one_lane_for_each_author_and_one_mark_for_each_record(full: FullCase) -> None:
    view = view_case(Reading(node_of(full, full.claimant), full.case.id))
    picture = view.lanes
    assert [lane.who.name for lane in picture.lanes] == ["Alder", "Birch", "Cedar", "Guest"]
    assert [m.number for m in picture.marks] == [e.record.number for e in view.docket]
    heights = {lane.who.id: lane.y for lane in picture.lanes}
    for mark, entry in zip(picture.marks, view.docket, strict=True):
        assert mark.y == heights[entry.by.id]
        assert 0 < mark.x < picture.width
        assert 0 < mark.y < picture.height
    for x, y, below_x, below_y in picture.links:
        assert below_x < x
        assert below_y != y


def test_an_empty_page_of_the_docket_draws_nothing(full: FullCase) -> None:
    reading = Reading(node_of(full, full.claimant), full.case.id)
    assert view_case(reading, 10_000).docket_first == len(reading.state.ordered)
    assert len(view_case(reading, 10_000).lanes.marks) == 1
