"""A row that a finding names by rules that do not match it: each is said not to name it."""

from __future__ import annotations

import msgspec
import pytest

from comity.exchange.reasons import resolve_row
from comity.records import kinds
from tests.exchange.test_reasons import SOURCES
from tests.exchange.test_replicate import Two

NOT = ("this rule does not name this row here",)
STIX = ("after.stix", b"[ipv4-addr:value = '10.9.9.9'] FOLLOWEDBY [ipv4-addr:value = '10.9.9.8']")


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Two:
    return Two(tmp_path_factory.mktemp("false"), [*SOURCES, STIX])


def add_row(two: Two, row: int) -> str:
    """The finding with one more row under every rule."""
    matches = []
    for rule in two.report().rules:
        rows = {r for m in two.report().matches if m.rule == rule.digest for r in kinds.rows_of(m.rows)}
        matches.append(kinds.Match(rule=rule.digest, rows=kinds.ranges_of(tuple(rows | {row}))))
    return two.lie(matches=tuple(matches))


def test_every_language_says_that_it_does_not_name_the_row(two: Two) -> None:
    lie = add_row(two, 3)
    found = resolve_row(two.a, two.case, lie, 3)
    by_title = {reason.title: reason for reason in found.reasons}
    assert len(by_title) == len(SOURCES) + 1
    # Two rules do name it: the first of each action, and the list of addresses.
    for title in ("Night export", "Burst", "exporter", "after.stix"):
        reason = next(r for t, r in by_title.items() if t == title or title in t)
        assert (reason.names, reason.lines) == (False, NOT), title
    assert by_title["u2.txt"].names is True
    assert found.rows == 13


def test_of_a_disclosed_row_only_rules_that_need_no_other_row_are_judged(two: Two) -> None:
    lie = add_row(two, 3)
    two.show([3])
    by_title = {r.title: r for r in resolve_row(two.b, two.case, lie, 3).reasons}
    assert by_title["Night export"].names is False
    for title in ("Burst", "exporter", "First of each"):
        assert by_title[title].names is None
        assert any("whole item" in line for line in by_title[title].lines)


def test_yara_tells_of_a_row_only_what_begins_in_it(two: Two) -> None:
    (told,) = [
        r.lines for r in resolve_row(two.a, two.case, two.finding, 11).reasons if r.title == "exporter"
    ]
    (other,) = [
        r.lines for r in resolve_row(two.a, two.case, two.finding, 5).reasons if r.title == "exporter"
    ]
    assert (len(told), len(other)) == (1, 1)
    assert told != other
    assert told[0].count("6 bytes") == 1


def test_a_source_under_another_digest_is_not_run(two: Two) -> None:
    first = two.report().rules[0]
    forged = msgspec.structs.replace(first, source=first.source + "\n")
    lie = two.lie(rules=(forged, *two.report().rules[1:]))
    named = next(m for m in two.report().matches if m.rule == first.digest)
    found = resolve_row(two.a, two.case, lie, named.rows[0][0])
    (reason,) = [r for r in found.reasons if r.rule == first.digest]
    assert reason.names is None
    assert reason.lines == ("its source is not what its digest names, so it was not run",)
