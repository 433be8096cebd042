"""The pass by the batch against asking every rule of every row in turn."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.dossier.rerun import Reading, run_item
from comity.evidence.bulk import read_batches
from comity.evidence.formats import FormatName
from comity.evidence.parse import fields_of, text_of
from comity.evidence.rows import read_rows
from comity.findings import columns
from comity.findings.finding import Hit, Parameters
from comity.findings.match import Scanner, run
from comity.findings.pack import Pack
from comity.findings.rows import ItemInfo, Row
from tests.findings.test_match import ITEM, pack_of, render_rule, rows, rules, values


def ask_in_turn(pack: Pack, item: ItemInfo, logged: list[Row]) -> tuple[Hit, ...]:
    found = [(digest, row.index) for row, digests in Scanner(pack).scan(item, logged) for digest in digests]
    return tuple(sorted(set(found)))


@pytest.fixture(params=["together", "apart"])
def _literals(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Literals looked for by one automaton, or one after another, however few there are."""
    if request.param == "together":
        pytest.importorskip("ahocorasick_rs")
    monkeypatch.setattr(columns, "FEW", 0 if request.param == "together" else 10**9)


@pytest.mark.usefixtures("_literals")
def test_a_sweep_is_what_asking_in_turn_gives() -> None:
    @settings(max_examples=120, deadline=None)
    @given(st.lists(rules, min_size=1, max_size=6, unique=True), st.lists(rows, max_size=8))
    def check(sources: list[bytes], logged: list[Row]) -> None:
        pack = pack_of(*sources)
        numbered = [Row(index=n, text=row.text, fields=row.fields) for n, row in enumerate(logged, 1)]
        assert run(pack, ITEM, numbered).matches == ask_in_turn(pack, ITEM, numbered)

    check()


WORDS = ("ab", '"', "\\", "/", "é", "-.", "b1", "\t", "1", "k*k", "1e")
words = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3)
word_rules = st.builds(
    lambda found, field: render_rule(
        {"s": found, "t": {"F|contains": field}, "condition": "s or (t and not s)"}
    ),
    words,
    st.sampled_from(WORDS[:7]),
)
written = st.dictionaries(st.sampled_from(["F", "G", "ab"]), values, max_size=3)


def write_line(fields: dict[str, Any], ascii_only: bool) -> bytes:
    return json.dumps(fields, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")


lines = st.one_of(
    st.builds(write_line, written, st.booleans()),
    st.binary(max_size=6).filter(lambda raw: b"\n" not in raw),
    st.sampled_from(
        [b'{"F":"\\u0061b"}', b'{"F":"\\/"}', b'{"F":"a\\tb"}', b'{"F":15e20}', b'{"F":"a\\\\u0062"}']
    ),
)
item_formats: st.SearchStrategy[FormatName] = st.sampled_from(["jsonl/1", "lines/1", "csv/1", "w3c/1"])


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.one_of(word_rules, rules), min_size=1, max_size=4, unique=True),
    st.lists(lines, max_size=6),
    item_formats,
)
def test_words_are_found_in_bytes_and_in_values(
    sources: list[bytes], raws: list[bytes], form: FormatName
) -> None:
    pack = pack_of(*sources)
    if form == "w3c/1":
        raws = [b"#Fields: cs-uri-stem cs-uri-query F", *raws]
    item = ItemInfo(ref="r", format=form)
    chunk = b"\n".join(raws)
    numbered = []
    for row in read_rows(form, [chunk]):
        fields = fields_of(form, row.raw, row.context)
        if fields is not None:
            known = fields if isinstance(fields, dict) else {}
            numbered.append(Row(index=row.index, text=text_of(row.raw), fields=known))
    reading = Reading()
    batches = read_batches(form, [chunk])
    found = run_item(Scanner(pack), pack, item, form, batches, Parameters(), reading)
    assert found.matches == ask_in_turn(pack, item, numbered)
    assert found.rows == len(numbered)


def test_a_rule_of_negations_is_decided_value_by_value() -> None:
    pack = pack_of(
        render_rule({"a": {"F|contains": "x"}, "b": {"G": None}, "condition": "not a and not b"}),
        render_rule({"a": {"F|contains": "x"}, "b": {"F|contains": "y"}, "condition": "not (a and b)"}),
    )
    fields: list[dict[str, Any]] = [
        {"F": "x", "G": "1"},
        {"F": "y", "G": "1"},
        {"F": ["x", "y"], "G": "1"},
        {"F": [], "G": None},
        {"G": "1"},
        {"F": 5, "G": True},
    ]
    logged = [Row(index=n, text="", fields=each) for n, each in enumerate(fields, 1)]
    assert run(pack, ITEM, logged).matches == ask_in_turn(pack, ITEM, logged)
