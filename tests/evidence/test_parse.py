"""Fields of rows: total, deterministic, and nothing hidden behind a reader's leniency."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.evidence.formats import FORMATS, FormatName
from comity.evidence.parse import Unparsed, Value, fields_of, text_of
from comity.json_width import VALUES


def fields(format_name: FormatName, raw: bytes, context: bytes | None = None) -> dict[str, Value]:
    found = fields_of(format_name, raw, context)
    assert isinstance(found, dict), found
    return found


def reason(format_name: FormatName, raw: bytes, context: bytes | None = None) -> str:
    found = fields_of(format_name, raw, context)
    assert isinstance(found, Unparsed), found
    return found.reason


@given(st.sampled_from(FORMATS), st.binary(max_size=80), st.none() | st.binary(max_size=40))
def test_every_row_has_an_answer(format_name: FormatName, raw: bytes, context: bytes | None) -> None:
    found = fields_of(format_name, raw, context)
    assert found == fields_of(format_name, raw, context)
    assert found is None or isinstance(found, dict | Unparsed)


def test_text_keeps_stray_bytes_apart() -> None:
    assert text_of(b"caf\xe9\r") == "caf\\xe9"
    assert text_of(b"\xff") != text_of(b"\xfe")
    assert text_of("é".encode()) == "é"


# W3C

W3C = b"#Fields: date time cs-uri-stem cs(User-Agent) sc-status\r"


def test_w3c() -> None:
    row = b"2026-10-03 00:00:01 /owa Mozilla/5.0+(X11) -\r"
    assert fields("w3c/1", row, W3C) == {
        "date": "2026-10-03",
        "time": "00:00:01",
        "cs-uri-stem": "/owa",
        "cs(User-Agent)": "Mozilla/5.0+(X11)",
        "sc-status": None,
    }


def test_w3c_comments_and_blanks_have_no_fields() -> None:
    assert fields_of("w3c/1", b"#Date: 2026-10-03", W3C) is None
    assert fields_of("w3c/1", b" \r", W3C) is None


def test_w3c_says_what_it_cannot_read() -> None:
    assert reason("w3c/1", b"a b", W3C) == "2 values for 5 columns"
    assert "no #Fields" in reason("w3c/1", b"a b", None)


def test_w3c_quotes_are_read_only_where_plain_cutting_fails() -> None:
    head = b"#Fields: a b c"
    assert fields("w3c/1", b'1 "two words" 3', head)["b"] == "two words"
    assert fields("w3c/1", b'1 "2 3"', head) == {"a": "1", "b": '"2', "c": '3"'}


def test_w3c_tabs_behind_names_with_blanks() -> None:
    """A content network's logs are written so."""
    head = b"#Fields: a b cs(User-Agent)"
    assert fields("w3c/1", b"1\t2 3\txy", head) == {"a": "1", "b": "2 3", "cs(User-Agent)": "xy"}
    assert fields("w3c/1", b"1\tx 2 3", head)["a"] == "1\tx"
    assert reason("w3c/1", b"1\t2 3", head) == "2 values for 3 columns"


@pytest.mark.parametrize("name", ["Event ID", "Ereignis-ID", "ID de l’événement"])
def test_the_viewer_of_events_names_no_column_for_the_message(name: str) -> None:
    head = f"\ufeffLevel;When;Source;{name};Task".encode()
    assert fields("csv/1", b'a;b;c;4;e;"f\n;g"', head)["Message"] == "f\n;g"
    assert reason("csv/1", b"a;b;c;4", head) == "4 values for 6 columns"
    assert reason("csv/1", b"a;b;c;4;e;f", b"Level;When;Source;Number;Task") == "6 values for 5 columns"


@pytest.mark.parametrize("name", ["Event ID", "ID evento", "イベント ID"])
def test_a_table_of_events_without_messages_loses_no_row(name: str) -> None:
    """Its rows have what its first line says; a table of anything else may call its fourth column so."""
    head = f"When,Host,User,{name},Note".encode()
    assert fields("csv/1", b"a,b,c,4,e", head) == dict(
        zip(("When", "Host", "User", name, "Note"), "abc4e", strict=True)
    )
    assert reason("csv/1", b"a,b,c,4,e", head.replace(b"Note", b"Note,Message")) == "5 values for 6 columns"


def test_w3c_tabs() -> None:
    assert fields("w3c/1", b"1\t2 3", b"#Fields: a\tb") == {"a": "1", "b": "2 3"}


# CSV


def test_csv() -> None:
    head = b"\xef\xbb\xbfwhen, who ,,what\r"
    assert fields("csv/1", b'1,"a,""b""\nc",,\r', head) == {
        "when": "1",
        "who": 'a,"b"\nc',
        "column_3": "",
        "what": "",
    }
    assert fields_of("csv/1", head, None) is None
    assert reason("csv/1", b"1,2", head) == "2 values for 4 columns"


def test_csv_columns_of_one_name_keep_all_their_values() -> None:
    assert fields("csv/1", b"1,2,3", b"a,b,a") == {"a": ["1", "3"], "b": "2"}


@given(st.lists(st.text(alphabet='ab,"\n;é ', max_size=8), min_size=2, max_size=5))
def test_csv_reads_as_pythons_reader_does(cells: list[str]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="", quoting=csv.QUOTE_ALL).writerow(cells)
    head = b",".join(b"c%d" % n for n in range(len(cells)))
    assert list(fields("csv/1", out.getvalue().encode(), head).values()) == cells


# JSON lines


def test_objects_flatten_to_dotted_names() -> None:
    raw = b'{"a":{"b":1,"c":{"d":"x"}},"e":[1,"2",null],"f":[],"g":{},"h":[{"i":1},{"i":2,"j":3}]}'
    assert fields("jsonl/1", raw) == {
        "a.b": 1,
        "a.c.d": "x",
        "e": [1, "2", None],
        "f": [],
        "g": [],
        "h.i": [1, 2],
        "h.j": 3,
    }
    assert fields("jsonl/1", b'{"a":[[1,[2]],[{"b":3}],4]}') == {"a": [1, 2, 4], "a.b": 3}


def test_a_duplicate_key_hides_nothing() -> None:
    assert fields("jsonl/1", b'{"u":"evil","v":1,"u":"good"}') == {"u": ["evil", "good"], "v": 1}
    assert fields("jsonl/1", b'{"a":{"b":1},"a":{"b":2}}') == {"a.b": [1, 2]}
    assert fields("jsonl/1", b'{"a.b":1,"a":{"b":2}}') == {"a.b": [1, 2]}
    assert fields("jsonl/1", b'{"a":[1],"a":2}') == {"a": [1, 2]}


@pytest.mark.parametrize(
    ("token", "value"),
    [
        ("1", 1),
        ("-9223372036854775808", -(2**63)),
        ("9223372036854775807", 2**63 - 1),
        ("9223372036854775808", "9223372036854775808"),
        ("1" * 5000, "1" * 5000),
        ("1.5", 1.5),
        ("1e400", "1e400"),
        ("-0", 0),
        ("true", True),
        ("null", None),
        ('"\\ud800x"', "\\ud800x"),
        ("NaN", "NaN"),
        ("-Infinity", "-Infinity"),
        ("[1, Infinity]", [1, "Infinity"]),
        ('"\\u00e9"', "é"),
    ],
)
def test_values(token: str, value: Value) -> None:
    got = fields("jsonl/1", b'{"k":' + token.encode() + b"}")["k"]
    assert (got, type(got)) == (value, type(value))


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b'{"k":nan}', "not JSON"),
        (b'{"k":+Infinity}', "not JSON"),
        (b"[1]", "not a JSON object"),
        (b"{", "not JSON"),
        (b'{"k":1} {"k":2}', "not JSON"),
        (b'{"k":"\xff"}', "not UTF-8 at byte 6"),
        ('{"k":1}'.encode("utf-16"), "not UTF-8"),
        (b'{"k":\0}', "not JSON"),
        (b'{"k":' * 100_000, "nested too deeply"),
        (b'{"k":' * 70 + b"1" + b"}" * 70, "nested too deeply"),
        (b'{"k":' + b"[" * 70 + b"]" * 70 + b"}", "nested too deeply"),
    ],
)
def test_what_is_not_json_is_said(raw: bytes, why: str) -> None:
    assert why in reason("jsonl/1", raw)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=3), JSON, max_size=4))
def test_any_object_flattens_without_loss_of_leaves(value: dict[str, Any]) -> None:
    found = fields_of("jsonl/1", json.dumps(value).replace("Infinity", "1e999").encode(), None)
    assert isinstance(found, dict)

    def leaves(part: Any) -> int:
        if isinstance(part, dict):
            return sum(map(leaves, part.values()))
        return sum(map(leaves, part)) if isinstance(part, list | tuple) else 1

    assert sum(map(leaves, found.values())) == leaves(value)


def test_other_rows() -> None:
    assert fields("lines/1", b"a line\r") == {"message": "a line"}
    assert fields_of("opaque/1", b"anything", None) is None
    assert fields_of("jsonl/1", b" \r", None) is None


# Windows events


def event(system: dict[str, Any], **parts: Any) -> bytes:
    return json.dumps({"record": 7, "written": "t", "Event": {"System": system, **parts}}).encode()


def test_an_event_has_the_names_that_rules_use() -> None:
    system = {
        "Provider": {"#attributes": {"Name": "P", "Guid": "G"}},
        "EventID": {"#attributes": {"Qualifiers": 16384}, "#text": 7045},
        "Channel": "System",
        "Computer": "host.example",
        "TimeCreated": {"#attributes": {"SystemTime": "2026-10-03T00:00:01.5Z"}},
        "Execution": {"#attributes": {"ProcessID": 4}},
        "Correlation": None,
    }
    data = {
        "ServiceName": "svc",
        "Channel": "inner",
        "Count": 3,
        "Signed": True,
        "Data": {"#text": ["a", "b"]},
        "#attributes": {"Name": "Kind"},
    }
    assert fields("evtx-jsonl/1", event(system, EventData=data)) == {
        "Provider_Name": "P",
        "Provider_Guid": "G",
        "EventID_Qualifiers": 16384,
        "EventID": 7045,
        "Channel": "System",
        "Computer": "host.example",
        "Execution_ProcessID": 4,
        "Correlation": None,
        "TimeCreated": "2026-10-03T00:00:01.5Z",
        "ServiceName": "svc",
        "EventData_Channel": "inner",
        "Count": 3,
        "Signed": True,
        "Data": ["a", "b"],
        "EventDataName": "Kind",
    }


def test_user_data_gives_its_innermost_names() -> None:
    user = {"LogFileCleared": {"#attributes": {"xmlns": "x"}, "SubjectUserName": "ada"}}
    assert fields("evtx-jsonl/1", event({"EventID": 1102}, UserData=user)) == {
        "EventID": 1102,
        "SubjectUserName": "ada",
    }


def test_a_broken_record_is_unparsed_with_its_reason() -> None:
    assert "bad token" in reason("evtx-jsonl/1", b'{"broken":"bad token"}')
    assert "no Event" in reason("evtx-jsonl/1", b'{"a":1}')
    assert "System" in reason("evtx-jsonl/1", b'{"Event":{"System":{"EventID":1},"System":{"EventID":2}}}')
    twice = b'{"Event":{"EventData":{"u":"evil"},"EventData":{"u":"good"}}}'
    assert fields("evtx-jsonl/1", twice) == {"u": ["evil", "good"]}
    deep: Any = {"x": 1}
    for _ in range(80):
        deep = {"y": deep}
    assert "deep" in reason("evtx-jsonl/1", event({}, UserData=deep))


def test_zeek_rows_are_read_under_their_fields() -> None:
    context = b"#fields\tts\tuid\tquery\tanswers"
    row = b"1.5\tC1\t-\t(empty)"
    assert fields_of("zeek/1", row, context) == {"ts": "1.5", "uid": "C1", "query": None, "answers": ""}
    assert fields_of("zeek/1", b"#types\ttime", context) is None
    assert isinstance(fields_of("zeek/1", b"1.5\tC1", context), Unparsed)
    assert isinstance(fields_of("zeek/1", row, None), Unparsed)


# Rows that would fill a memory

WIDE = VALUES + 1


@pytest.mark.parametrize(
    ("format_name", "header", "row"),
    [
        ("jsonl/1", None, b'{"a":[' + b"[]," * WIDE + b"[]]}"),
        ("jsonl/1", None, b"{" + b",".join(b'"%x":1' % n for n in range(WIDE)) + b"}"),
        ("evtx-jsonl/1", None, b'{"Event":{"System":{},"EventData":{"Data":[' + b'"",' * WIDE + b'""]}}}'),
        ("csv/1", b"a,b", b"x," * WIDE + b"x"),
        ("csv/1", b"a,b", b'"x",' * WIDE + b"x"),
        ("csv/1", b"a," * WIDE + b"b", b"x"),
        ("w3c/1", b"#Fields: a b", b"x " * WIDE + b"x"),
        ("w3c/1", b"#Fields:" + b" a" * WIDE, b"x"),
        ("zeek/1", b"#fields\ta", b"x\t" * WIDE + b"x"),
        ("zeek/1", b"#fields" + b"\ta" * WIDE, b"x"),
    ],
)
def test_a_row_of_more_values_than_a_memory_holds_is_told(
    format_name: FormatName, header: bytes | None, row: bytes
) -> None:
    told = "columns" if header is not None and len(header) > WIDE else "values"
    assert fields_of(format_name, row, header) == Unparsed(f"more than {VALUES} {told}")


def test_many_marks_in_a_text_are_no_values() -> None:
    text = "[{," * VALUES
    assert fields_of("jsonl/1", json.dumps({"a": text}).encode(), None) == {"a": text}
    assert fields_of("csv/1", f'x,"{text}"'.encode(), b"a,b") == {"a": "x", "b": text}
