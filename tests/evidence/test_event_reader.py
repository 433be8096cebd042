"""The usual form of an event is read in one walk, to the same fields as by the general reading."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from comity.evidence.bulk import Batch, fields_of_batch
from comity.evidence.event_reader import EventReader
from comity.evidence.parse import fields_of

names = st.sampled_from(
    ["EventID", "Computer", "EventData_Computer", "Data", "Provider", "Provider_Name", "#text", "#attributes"]
)
texts = st.sampled_from(["", "a", "é", 'q":', "\\"])
scalars = st.one_of(
    texts, st.integers(-3, 3), st.sampled_from([2**63, -(2**63), 2**64, 2**64 - 1, 1.5, True, False, None])
)
attributes = st.dictionaries(st.sampled_from(["Name", "SystemTime", "UserID"]), scalars, max_size=2)
elements = st.one_of(
    scalars,
    st.fixed_dictionaries(
        {}, optional={"#attributes": attributes, "#text": st.one_of(scalars, st.lists(texts, max_size=3))}
    ),
    st.dictionaries(names, scalars, max_size=2),
    st.lists(scalars, max_size=2),
)
parts: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.just({}), texts, st.dictionaries(names, elements, max_size=4)
)
systems = st.one_of(
    st.dictionaries(names | st.just("TimeCreated"), elements, max_size=5),
    st.none(),
    st.just("x"),
)
events = st.fixed_dictionaries(
    {
        "record": st.integers(0, 9),
        "written": st.just("2026-01-01T00:00:00Z"),
        "Event": st.fixed_dictionaries(
            {"System": systems},
            optional={
                "#attributes": st.just({"xmlns": "urn:x"}) | parts,
                "EventData": parts,
                "UserData": parts | st.fixed_dictionaries({"Inner": parts}),
            },
        ),
    },
    optional={"more": scalars},
)


@given(st.lists(events, max_size=5), st.booleans())
@example(
    [
        {
            "record": 1,
            "written": "",
            "Event": {"System": {"TimeCreated": {"#attributes": {"SystemTime": "x"}}}},
        }
    ],
    False,
)
def test_a_batch_of_events_reads_as_its_rows_do(lines: list[dict[str, Any]], spaced: bool) -> None:
    raws = [json.dumps(line, separators=(",", ": " if spaced else ":")).encode() for line in lines]
    told = fields_of_batch("evtx-jsonl/1", Batch(indexes=range(1, len(raws) + 1), raws=raws, context=None))
    assert repr(told) == repr([fields_of("evtx-jsonl/1", raw, None) for raw in raws])


USUAL = {
    "record": 7,
    "written": "2026-01-01T00:00:00Z",
    "Event": {
        "#attributes": {"xmlns": "urn:x"},
        "System": {
            "Provider": {"#attributes": {"Name": "P", "Guid": "G"}},
            "EventID": {"#attributes": {"Qualifiers": 5}, "#text": 11},
            "TimeCreated": {"#attributes": {"SystemTime": "2026-01-01T00:00:00Z"}},
            "Correlation": None,
            "Computer": "ws1.example",
        },
        "EventData": {"Computer": "other", "Count": 3, "Signed": False, "Data": {"#text": ["a", "b"]}},
    },
}


def test_the_usual_event_is_read_in_one_walk() -> None:
    reader = EventReader()
    assert reader.read(USUAL) == fields_of("evtx-jsonl/1", json.dumps(USUAL).encode(), None)
    assert reader.keys == json.dumps(USUAL, separators=(",", ":")).count('":')


def test_two_rows_that_each_hold_a_key_twice_are_read_with_both_values() -> None:
    twice = json.dumps(USUAL, separators=(",", ":")).replace('"Count":3', '"Count":3,"Count":4').encode()
    plain = json.dumps(USUAL, separators=(",", ":")).encode()
    told = fields_of_batch("evtx-jsonl/1", Batch(indexes=(1, 2), raws=(plain, twice), context=None))
    assert [fields["Count"] for fields in told if isinstance(fields, dict)] == [3, [3, 4]]


@pytest.mark.parametrize("line", [None, 3, [], {"broken": "why"}, {"record": 1, "written": "x", "Event": []}])
def test_what_is_no_event_is_left_to_the_general_reading(line: object) -> None:
    assert EventReader().read(line) is None
