"""Values as people type them."""

from __future__ import annotations

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.cli.options import read_instant, read_logsource, read_pairs, read_rows, read_zone
from comity.cli.output import ranges_text
from comity.records.kinds import ranges_of


@given(st.sets(st.integers(1, 500), min_size=1, max_size=40))
def test_rows_are_read_as_they_are_written(rows: set[int]) -> None:
    assert read_rows(ranges_text(ranges_of(sorted(rows)), most=1000)) == sorted(rows)


@pytest.mark.parametrize("text", ["", "0", "3-1", "1,,2", "a", "-4", "1-", "1-99999999", "9" * 20])
def test_other_rows_are_refused(text: str) -> None:
    with pytest.raises(click.BadParameter):
        read_rows(text)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-10-03T12:00:00Z", "2026-10-03T12:00:00Z"),
        ("2026-10-03T12:00Z", "2026-10-03T12:00:00Z"),
        ("2026-10-03 14:00:00+02:00", "2026-10-03T12:00:00Z"),
        ("2026-10-03T11:59:59.5Z", "2026-10-03T12:00:00Z"),
        ("1h", "1970-01-01T01:00:00Z"),
        ("2d", "1970-01-03T00:00:00Z"),
    ],
)
def test_instants(text: str, instant: str) -> None:
    assert read_instant(text, 0) == instant


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "2026-10-03T12:00:00", "2026-10-03", "2026-02-30T00:00Z", "0h"]
)
def test_other_instants_are_refused(text: str) -> None:
    with pytest.raises(click.BadParameter):
        read_instant(text, 0)


def test_zones_pairs_and_log_sources() -> None:
    assert read_zone("+02:00") == "+02:00"
    for zone in ("2", "+2:00", "Z", "+15:00", "+02:60"):
        with pytest.raises(click.BadParameter):
            read_zone(zone)
    assert read_pairs(("a=b=c",), "--x") == [("a", "b=c")]
    for pair in ("a", "=b", "a="):
        with pytest.raises(click.BadParameter):
            read_pairs((pair,), "--x")
    assert read_logsource(("product=windows,service=security",)) == (
        ("product", "windows"),
        ("service", "security"),
    )
    for wrong in ("colour=red", "product=a,product=b"):
        with pytest.raises(click.BadParameter):
            read_logsource((wrong,))
