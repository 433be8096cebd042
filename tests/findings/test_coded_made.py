"""Fields that are made of others, asked by codes against asking every rule of every row in turn."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.dossier import rerun
from comity.evidence import shapes
from comity.findings import coded, coded_made
from comity.findings.match import Scanner
from tests.findings.test_coded import run_both
from tests.findings.test_match import ITEM, pack_of

if shapes.load_walk() is None:
    pytest.skip("llvmlite is not installed", allow_module_level=True)

ASKED = ("TargetObject", "Details", "EventType", "Data", "Initiated", "Protocol", "Direction", "NewValue")
VALUES = ("%%14592", "%%14593", "%%1904", "%%1906", "HKEY_LOCAL_MACHINE\\a", "x", "", "6", "17", "7")

asking = st.builds(
    lambda asked, category: json.dumps(
        {"logsource": {"product": "windows", **category}, "detection": {"a": asked, "condition": "a"}}
    ).encode(),
    st.dictionaries(
        st.sampled_from([*ASKED, "Data|contains", "TargetObject|contains", "Details|re", "Initiated|exists"]),
        st.sampled_from(["x", "hklm", "6", "7", "SetValue", "DeleteValue", "true", "false", "tcp"]),
        min_size=1,
        max_size=2,
    ).map(lambda asked: {name: True if name.endswith("exists") else value for name, value in asked.items()})
    | st.lists(st.sampled_from(["xword", "%%1904", "HKLM\\a"]), min_size=1, max_size=2),
    st.sampled_from([{}, {"category": "registry_set"}, {"category": "network_connection"}]),
)
value = st.sampled_from(VALUES) | st.sampled_from([None, 6, 17, ["x", "7"]])
changed = st.fixed_dictionaries(
    {"ObjectName": value, "OperationType": value},
    optional={
        "NewValueType": st.sampled_from(["%%1876", "%%1873", None]),
        "NewValue": value,
        "newvalue": value,
        "ObjectValueName": value,
        "TargetObject": value,
        "details": value,
    },
)
connected = st.fixed_dictionaries(
    {"Direction": value, "Application": value, "Protocol": value}, optional={"initiated": value}
)
unnamed = st.dictionaries(
    st.sampled_from(["param1", "param2", "param3", "Param1", "Data"]), value, max_size=3
)
rows = st.builds(
    lambda event, fields: {"Channel": "Security", "EventID": event, **fields},
    st.sampled_from([4657, 5156, "5156", 4662, 7036]),
    changed | connected | unnamed,
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(asking, min_size=1, max_size=4),
    st.lists(rows, min_size=1, max_size=5),
    st.booleans(),
    st.booleans(),
)
def test_what_is_made_of_rows_is_asked_as_row_by_row(
    sources: list[bytes], told: list[dict[str, Any]], few: bool, forgetful: bool
) -> None:
    lines = [json.dumps(row).encode() for row in told]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rerun, "WORTH", 0)
        patch.setattr(coded, "FEW", 64 * few)
        patch.setattr(coded, "FIRST", 2)
        patch.setattr(coded_made, "MOST", 1 if forgetful else 1 << 16)
        found, wanted = run_both(pack_of(*sources), ITEM, [lines * 3, lines])
    assert [(one.matches, one.rows, one.counts, one.not_asked) for one in found] == wanted


@pytest.mark.parametrize(
    ("fields", "asked"),
    [
        ({"EventID": 5156, "Direction": "%%14593", "Application": "a", "Protocol": 6}, {"Initiated": "true"}),
        ({"EventID": 7036, "param1": "Spooler", "param2": "stopped"}, {"Data": "stopped"}),
        (
            {"EventID": 4657, "ObjectName": "\\REGISTRY\\MACHINE\\a", "OperationType": "%%1904"},
            {"TargetObject": "HKLM\\a"},
        ),
    ],
)
def test_such_rows_are_not_read(
    fields: dict[str, Any], asked: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rerun, "WORTH", 0)
    category = {"5156": "network_connection", "4657": "registry_set"}.get(str(fields["EventID"]))
    logsource = {"product": "windows"} | ({"category": category} if category else {})
    rule = json.dumps({"logsource": logsource, "detection": {"a": asked, "condition": "a"}}).encode()
    raw = json.dumps({"Channel": "Security", **fields}).encode()
    left: list[list[int]] = []
    take = coded.Coding.take

    def taking(self: coded.Coding, *told: Any) -> Any:
        found, others = take(self, *told)
        left.append(others)
        return found, others

    monkeypatch.setattr(coded.Coding, "take", taking)
    pack = pack_of(rule)
    assert coded.names_that_matter(Scanner(pack), ("Channel", *fields)) is not None
    found, wanted = run_both(pack, ITEM, [[raw] * 4])
    assert [(one.matches, one.rows, one.counts, one.not_asked) for one in found] == wanted
    assert len(found[0].matches) == 4
    assert left == [[]]


@pytest.mark.parametrize("worth", [0, 1 << 30])
def test_a_word_is_found_in_what_is_derived(worth: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stands in no row's bytes."""
    monkeypatch.setattr(rerun, "WORTH", worth)
    words = json.dumps(
        {"logsource": {"product": "windows"}, "detection": {"a": ["HKLM\\a"], "condition": "a"}}
    )
    fields = {"ObjectName": "\\REGISTRY\\MACHINE\\a", "OperationType": "%%1904"}
    row = {"Channel": "Security", "EventID": 4657, **fields}
    found, wanted = run_both(pack_of(words.encode()), ITEM, [[json.dumps(row).encode()] * 4])
    assert [(one.matches, one.rows, one.counts, one.not_asked) for one in found] == wanted
    assert len(found[0].matches) == 4
