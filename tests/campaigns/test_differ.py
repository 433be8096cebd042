"""The differential campaign: it covers the language, agrees, and notices when one side is changed."""

from __future__ import annotations

import pytest

from campaigns import differ, main
from campaigns.drawn_rules import USES
from comity.evidence.shapes import load_walk
from comity.findings import coded, coded_rules, pack_cache, reference, sweep
from comity.findings.atoms import And


def test_it_is_listed() -> None:
    assert "differ" in main.list_campaigns()


def test_batches_agree_and_together_cover_the_language() -> None:
    total = differ.Tally()
    for number in range(12):
        total.add(differ.differ_batch("test", number))
    assert not total.failures
    assert total.pairs >= 10 * differ.BATCH
    assert total.coded >= 1000 or load_walk() is None
    assert total.true.keys() >= USES
    assert total.false.keys() >= USES
    # What is counted is what is drawn: no use of the language goes by without a name in the list.
    assert total.true.keys() | total.false.keys() == USES


def test_a_batch_depends_on_its_seed_and_number_alone() -> None:
    first = differ.differ_batch("test", 3)
    assert first == differ.differ_batch("test", 3)
    assert first != differ.differ_batch("test", 4)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("_lower", lambda char: char),
        ("_in_network", lambda _text, _wanted: False),
        ("_has_null", lambda _value: False),
        ("_compares", lambda _text, _order, _wanted: True),
        ("_certain_characters", lambda _raw, _offset: "x"),
        ("_expanded", lambda text, _values: [text]),
        ("_is_word", lambda _char: False),
    ],
)
def test_a_change_of_one_side_is_noticed(monkeypatch: pytest.MonkeyPatch, name: str, other: object) -> None:
    monkeypatch.setattr(reference, name, other)
    assert any(differ.differ_batch("test", number).failures for number in range(6))


@pytest.mark.parametrize(
    ("where", "name", "other", "way"),
    [
        (coded._Group, "holds", lambda *_: True, "by codes"),
        (coded_rules, "name_of", lambda _: "F", "by codes"),
        (sweep.Sweep, "_take_alike", lambda *_: None, "by fields"),
        (pack_cache._Trees, "read", lambda *_: And(()), "by fields"),
    ],
)
def test_a_change_of_one_way_is_noticed(
    monkeypatch: pytest.MonkeyPatch, where: object, name: str, other: object, way: str
) -> None:
    if way == "by codes" and load_walk() is None:
        pytest.skip("llvmlite is not installed")
    monkeypatch.setattr(where, name, other)
    failures = [told for number in range(6) for told in differ.differ_batch("test", number).failures]
    assert any(f", {way}:" in told for told in failures)
    assert not any(", in turn:" in told for told in failures)
