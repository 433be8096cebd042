"""Values of one name, however many there are."""

from __future__ import annotations

from typing import Any

import pytest

from comity.evidence.parse import Value
from comity.findings.export_texts import put_all, read_column, read_data


class Counted(dict[str, Value]):
    """Counts how many values are written, those of a list each."""

    written = 0

    def __setitem__(self, name: str, value: Value) -> None:
        self.written += len(value) if isinstance(value, list) else 1
        super().__setitem__(name, value)


def test_of_a_name_all_values_count() -> None:
    fields: dict[str, Value] = {"a": 1, "b": [2, 3]}
    kept = fields["b"]
    put_all(fields, [("a", None), ("b", [4, 5]), ("c", "x"), ("a", ["y"])])
    assert fields == {"a": [1, None, "y"], "b": [2, 3, 4, 5], "c": "x"}
    # A list that stands in another row too stays as it was.
    assert kept == [2, 3]


@pytest.mark.parametrize("odd", [[("a", "x")], [("a", "x"), ("b", "y")], [("a", ["x", "y"])]])
def test_attack_many_values_of_one_name(odd: Any) -> None:
    fields = Counted()
    put_all(fields, odd * 100_000)
    assert sum(len(value) for value in fields.values() if isinstance(value, list)) == 100_000 * sum(
        len(value) if isinstance(value, list) else 1 for _, value in odd
    )
    assert fields.written < 10


def test_data_of_one_name_in_a_text() -> None:
    assert read_data("<Data Name='a'>1</Data><Data Name='a'>2</Data><Data>3</Data>") == {
        "a": ["1", "2"],
        "Data": "3",
    }
    assert read_column('{"EventData": {"Data": ["x", "y"]}}') == {"Data": ["x", "y"]}
