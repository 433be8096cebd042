"""Rows asked by the codes of their values against asking every rule of every row in turn."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.dossier import rerun
from comity.dossier.rerun import Reading, run_item
from comity.evidence import bulk, shapes
from comity.evidence.bulk import read_batches
from comity.evidence.formats import FormatName
from comity.evidence.parse import fields_of, text_of
from comity.findings import coded, screen, states
from comity.findings.atoms import Atom
from comity.findings.finding import Parameters
from comity.findings.match import ItemResult, Scanner
from comity.findings.pack import Pack
from comity.findings.rows import ItemInfo, Row
from comity.json_width import VALUES
from tests.findings.test_match import FIELDS, ITEM, pack_of, render_rule, rules, values
from tests.findings.test_sweep import WORDS, ask_in_turn, word_rules

if shapes.load_walk() is None:
    pytest.skip("llvmlite is not installed", allow_module_level=True)

routed = st.fixed_dictionaries(
    {},
    optional={
        "Channel": st.sampled_from(["System", "x", None]),
        "EventID": st.sampled_from([1, "1", 7, None]),
    },
)
written = st.builds(
    lambda fields, routing: {**routing, **fields},
    st.dictionaries(st.sampled_from([*FIELDS, "f", "ab"]), values | st.sampled_from(WORDS), max_size=4),
    routed,
)


def run_both(pack: Pack, item: ItemInfo, batches: list[list[bytes]]) -> tuple[list[ItemResult], list[Any]]:
    """The results of one scanner over several items by codes, and those of asking in turn."""
    scanner = Scanner(pack)
    found, wanted = [], []
    for raws in batches:
        numbered = []
        for n, raw in enumerate(raws, 1):
            fields = fields_of(item.format, raw, None)  # type: ignore[arg-type]
            if fields is not None:
                known = fields if isinstance(fields, dict) else {}
                numbered.append(Row(index=n, text=text_of(raw), fields=known))
        rows = read_batches("jsonl/1", [b"\n".join(raws)])
        result = run_item(scanner, pack, item, "jsonl/1", rows, Parameters(), Reading())
        slow = Scanner(pack).run(item, numbered)
        found.append(result)
        wanted.append((ask_in_turn(pack, item, numbered), len(numbered), slow.counts, slow.not_asked))
    return found, wanted


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.one_of(rules, word_rules), min_size=1, max_size=4),
    st.lists(st.lists(written, max_size=3), min_size=1, max_size=2),
    st.booleans(),
)
def test_asking_by_codes_is_asking_in_turn(
    sources: list[bytes], told: list[list[dict[str, Any]]], ascii_only: bool
) -> None:
    pack = pack_of(*sources)
    batches = []
    for rows in told:
        lines = [json.dumps(row, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass") for row in rows]
        batches.append(
            [line for line in lines * 4 if b"\xed" not in line] + [b"", b"{", b'{"F":"a","F":"b"}']
        )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rerun, "WORTH", 0)
        patch.setattr(shapes, "CODES", 1 << 10)
        patch.setattr(shapes, "NODES", 1 << 10)
        patch.setattr(coded, "FEW", 2 * ascii_only)
        found, wanted = run_both(pack, ITEM, batches)
    assert [(one.matches, one.rows, one.counts, one.not_asked) for one in found] == wanted


NAMES = (
    *("Channel", "channel", "EventID", "eventid", "EventType", "eventType", "event_type"),
    *("Path", "path", "Name", "endpoint", "_PATH", "_path", "EventSource", "EventName", "awsregion"),
)
asking = st.builds(
    lambda product, asked: json.dumps(
        {"logsource": {"product": product}, "detection": {"a": asked, "condition": "a"}}
    ).encode(),
    st.sampled_from(["test", "windows", "zeek", "aws"]),
    st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["x", "1"]), min_size=1, max_size=2),
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(asking, min_size=1, max_size=4),
    st.lists(st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["x", "1", 1]), max_size=4), max_size=4),
)
def test_names_that_route_and_are_asked_for_in_other_letters(
    sources: list[bytes], told: list[dict[str, Any]]
) -> None:
    pack = pack_of(*sources)
    lines = [json.dumps(row).encode() for row in told]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rerun, "WORTH", 0)
        found, wanted = run_both(pack, ITEM, [lines * 3])
    assert [(one.matches, one.rows, one.counts, one.not_asked) for one in found] == wanted


LONG_WORDS = (
    "abcd",
    "ab/cdef",
    "éabcd",
    'q"word',
    "\\mimi",
    "k*kiwi",
    "a?b\\cdef",
    "x\tyzzy",
    "word",
    "1234",
)
told = st.lists(
    st.sampled_from((*LONG_WORDS, "ABCD", "\\u0061bcd", "Mimi", "kkiwi", "axb\\CDEF")), max_size=3
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(LONG_WORDS), min_size=1, max_size=3),
    st.lists(st.dictionaries(st.sampled_from(["F", "abcd"]), told.map("-".join), max_size=2), max_size=4),
    st.booleans(),
    st.booleans(),
)
def test_words_are_found_by_their_pieces(
    words: list[str], rows: list[dict[str, str]], ascii_only: bool, arrays: bool
) -> None:
    assert screen.compile_pieces(Atom(None, "contains", word) for word in ("abcd", "word")) is not None
    pack = pack_of(render_rule({"a": words, "b": {"F": "word"}, "condition": "a or b"}))
    lines = [json.dumps(row, ensure_ascii=ascii_only).encode() for row in rows]
    lines += [line.replace(b"abcd", b"\\u0061bcd") for line in lines]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rerun, "WORTH", 0)
        patch.setattr(screen, "_WINDOW", 16)
        patch.setattr(screen, "_arrays_pay", lambda _: arrays)
        found, wanted = run_both(pack, ITEM, [lines * 3])
    assert [(one.matches, one.rows, one.counts, one.not_asked) for one in found] == wanted


@pytest.mark.parametrize("room", [16, 1 << 17])
@pytest.mark.parametrize("kept", [0, 2, 1 << 20])
def test_what_is_remembered_of_codes_is_forgotten_with_them(
    room: int, kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rerun, "WORTH", 0)
    monkeypatch.setattr(shapes, "CODES", room)
    # Codes that stand in no array, states and steps that are forgotten at once, verdicts likewise.
    monkeypatch.setattr(coded, "ROOM", kept)
    monkeypatch.setattr(coded, "VERDICTS", kept)
    monkeypatch.setattr(states, "STATES", kept)
    monkeypatch.setattr(states, "CELLS", 8 * kept)
    pack = pack_of(
        render_rule({"a": {"F|endswith": "7"}, "b": {"G": "3"}, "condition": "a and not b"}),
        render_rule({"a": {"F|contains": "1", "G|contains": ["1", "2"]}, "condition": "a"}),
        render_rule({"a": {"F|contains|all": ["1", "2"]}, "b": {"H": None}, "condition": "a and b"}),
        render_rule({"a": ["19"], "condition": "a"}),
    )
    lines = [json.dumps({"F": str(n), "G": str(n % 5), "H": n % 3 or None}).encode() for n in range(300)]
    lines += [json.dumps({"F": [str(n), "1", "2"], "G": str(n % 5)}).encode() for n in range(60)]
    found, wanted = run_both(pack, ITEM, [lines, lines[::-1]])
    assert [(one.matches, one.rows, one.counts, one.not_asked) for one in found] == wanted


def test_rows_are_not_read_where_codes_tell_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rerun, "WORTH", 0)
    read: list[int] = []

    def fields_of_batch(form: FormatName, batch: bulk.Batch) -> list[bulk.Fields]:
        read.append(len(batch.raws))
        return bulk.fields_of_batch(form, batch)

    monkeypatch.setattr(rerun, "fields_of_batch", fields_of_batch)
    pack = pack_of(render_rule({"a": {"F": "x"}, "b": {"G": "1"}, "condition": "a and not b"}))
    lines = [json.dumps({"F": "xyz"[n % 3], "G": str(n % 2), "N": n}).encode() for n in range(600)]
    result = run_item(
        Scanner(pack),
        pack,
        ITEM,
        "jsonl/1",
        read_batches("jsonl/1", [b"\n".join(lines)]),
        Parameters(),
        Reading(),
    )
    assert len(result.matches) == 100
    assert sum(read) < 5


def test_rows_with_derived_fields_are_read_row_by_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rerun, "WORTH", 0)
    body = {
        "logsource": {"product": "windows", "category": "network_connection"},
        "detection": {"a": {"Initiated": "true", "DestinationPort": 88}, "condition": "a"},
    }
    pack = pack_of(json.dumps(body).encode())
    lines = [
        json.dumps(
            {
                "Channel": "Security",
                "EventID": 5156,
                "Direction": f"%%{14592 + n % 2}",
                "DestPort": 88,
                "Application": "a",
                "Protocol": 6,
            }
        ).encode()
        for n in range(20)
    ]
    found, wanted = run_both(pack, ItemInfo(ref="r", format="jsonl/1"), [lines])
    assert len(found[0].matches) == 10
    assert [(one.matches, one.rows, one.counts, one.not_asked) for one in found] == wanted


def test_few_rows_and_many_learn_of_the_same_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rerun, "WORTH", 0)
    pack = pack_of(
        render_rule({"a": {"F|endswith": "7", "G": "x"}, "condition": "a"}),
        render_rule({"a": {"F|contains": "12"}, "b": {"G": "y"}, "condition": "a and not b"}),
    )
    batches = []
    for begin, count in ((0, 1200), (1200, 3), (1100, 200), (2000, 1), (1990, 1300), (3000, 40)):
        numbers = range(begin, begin + count)
        batches.append([json.dumps({"F": str(n), "G": "xy"[n % 2]}).encode() for n in numbers])
    found, wanted = run_both(pack, ITEM, batches)
    assert [(one.matches, one.rows, one.counts, one.not_asked) for one in found] == wanted


def test_a_rule_of_words_and_of_fields_counts_a_row_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rerun, "WORTH", 0)
    words = render_rule({"a": ["abcd"], "condition": "a"})
    fields = render_rule({"a": {"F": "abcd"}, "condition": "a"})
    pack = pack_of(b"\n---\n".join([words, fields, words.replace(b"abcd", b"word")]))
    assert len(pack.rules) == 1
    lines = [json.dumps({"F": text, "G": "x"}).encode() for text in ("abcd", "word", "no", "abcd word")]
    found, wanted = run_both(pack, ITEM, [lines * 5])
    assert [(one.matches, one.rows, one.counts, one.not_asked) for one in found] == wanted
    assert list(found[0].counts.values()) == [15]
    # Rows that are read after all are counted once.
    assert (found[0].untold_rows, found[0].wordless) == (20, 20)


@pytest.mark.parametrize("other", ["equals", "startswith", "contains"])
def test_fields_are_compared_by_their_codes(other: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rerun, "WORTH", 0)
    place = "" if other == "equals" else f"|{other}"
    pack = pack_of(
        render_rule({"a": {f"F|fieldref{place}": "G"}, "b": {"H": None}, "condition": "a or not b"}),
        render_rule({"a": {f"F|fieldref{place}": "F"}, "b": {"F|exists": True}, "condition": "b and not a"}),
    )
    values = ["ab", "AB", "abc", "x", None, ["ab", "c"], 7, "7", True, []]
    rows: list[dict[str, Any]] = [{"F": one, "G": two} for one in values for two in values]
    rows += [{"F": "ab"}, {"G": "ab"}, {"F": "ab", "H": "x"}, {"H": None, "F": "x"}, {}]
    found, wanted = run_both(pack, ITEM, [[json.dumps(row).encode() for row in rows] * 3])
    assert [(one.matches, one.rows, one.counts, one.not_asked) for one in found] == wanted


@pytest.mark.parametrize("name", ["Accesses", "accesses"])
@pytest.mark.parametrize("event", [4662, 4657])
def test_rows_with_the_names_of_another_event_are_asked_by_codes(
    name: str, event: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Event 4662 has names that fields of 4657 are derived from; nothing is derived of it."""
    monkeypatch.setattr(rerun, "WORTH", 0)
    detection = {"a": {"ObjectName|contains": "dc=", "Accesses": "write"}, "condition": "a"}
    rule = json.dumps({"logsource": {"product": "windows"}, "detection": detection}).encode()
    row = {"Channel": "Security", "EventID": event, "ObjectName": "DC=x", "OperationType": "%%1905"}
    raws = [json.dumps({**row, name: "write"}).encode()] * 4
    pack = pack_of(rule)
    assert coded.names_that_matter(Scanner(pack), (*row, name)) is not None
    found, wanted = run_both(pack, ITEM, [raws])
    assert len(found[0].matches) == 4
    assert [(one.matches, one.rows, one.counts, one.not_asked) for one in found] == wanted


def test_rows_of_too_many_values_are_not_told_by_codes() -> None:
    pack = pack_of(
        json.dumps(
            {"logsource": {"product": "test"}, "detection": {"s": {"F": "1"}, "condition": "s"}}
        ).encode()
    )
    wide = b'{"F":[' + b"1," * VALUES + b"1]}"
    reading = Reading()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rerun, "WORTH", 0)
        rows = read_batches("jsonl/1", [b"\n".join([b'{"F":[1,1]}', wide] * 4)])
        result = run_item(Scanner(pack), pack, ITEM, "jsonl/1", rows, Parameters(), reading)
    assert [row for _, row in result.matches] == [1, 3, 5, 7]
    assert reading.unparsed == {f"more than {VALUES} values": 4}
