"""What a file is taken for."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from comity.errors import Malformed
from comity.evidence.detecting import detect, explain_format
from comity.evidence.event_xml import read_events
from comity.evidence.formats import FORMATS, HEAD_BYTES
from comity.evidence.json_values import read_objects
from comity.evidence.tables import read_table

W3C = b"#Software: Server 10\r\n#Fields: date time c-ip\r\n2026-10-03 00:00:01 192.0.2.1\r\n"

ZEEK = b"#separator \\x09\n#path\tdns\n#fields\tts\tuid\tquery\n#types\ttime\tstring\tstring\n1.5\tC1\t-\n"
WEB = b'192.0.2.1 - ada [03/Oct/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 12 "-" "curl"\n'
EVENT_XML = (
    b'<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><EventID>1</EventID>'
    b"</System></Event>"
)


def _tar() -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as made:
        made.addfile(tarfile.TarInfo("a"), io.BytesIO())
    return held.getvalue()


TAR = _tar()
EVENTS = b"".join(b'{"EventID":1,"Image":"a.exe","n":%d,"items":[{"a":1}]}\n' % n for n in range(40))


@pytest.mark.parametrize(
    "first",
    [
        b"",
        b'{"hits":[{"x":1}]}',
        b'[{"x":1}]',
        b"BZh hello",
        b'{"Channel":"x","UserAgent":"' + b"A" * 229 + b'ustar"}',
        b'<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">',
        b"<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'>",
    ],
)
def test_one_line_in_front_makes_no_container_of_objects_with_lists(first: bytes) -> None:
    found = explain_format("x.jsonl", first + b"\n" * bool(first) + EVENTS)
    assert (found.format, found.unpack) == ("jsonl/1", None)


_OBJS = b'<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">'
_SPLUNK = b"03/04/2026 05:06:07 AM\nLogName=Security\nEventCode=4688\nMessage=x\n"


@pytest.mark.parametrize("first", [_OBJS + b"\n", _OBJS + b"<Obj><MS><S N='x'>\n", _SPLUNK])
@pytest.mark.parametrize(
    "line",
    [
        WEB,
        b"Mar  4 05:06:07 lab sshd[7]: Failed password for ada\n",
        b"<34>Mar  4 05:06:07 lab sshd[7]: Failed password for ada\n",
        b"2026-03-04 05:06:07,089 INFO opened the door\n",
        b"[2026-03-04T05:06:07Z] opened the door\n",
    ],
)
def test_an_event_in_front_makes_no_container_of_a_log(first: bytes, line: bytes) -> None:
    found = explain_format("x.log", first + line * 400)
    assert (found.format, found.unpack) == ("lines/1", None)


def test_one_line_in_front_of_nearly_the_whole_head_does_not_decide() -> None:
    long = b"x" * 60_000
    cases = (
        b'[{"x":"' + long + b'"}',
        EVENT_XML[:-8] + b"<EventData><Data>" + long + b"</Data></EventData></Event>",
        _OBJS + b"<Obj><MS><S N='x'>" + long + b"</S></MS></Obj>",
    )
    for first in cases:
        head = (first + b"\n" + b"door 7 was opened by ada, who went in at noon\n" * 400)[:HEAD_BYTES]
        assert explain_format("x.log", head).format == "lines/1"
        # A little text behind it is not the many.
        assert explain_format("x.log", first + b"\n" + b"door 7 was opened\n" * 4).unpack is not None


def test_a_list_in_an_envelope_on_every_line_is_a_document() -> None:
    for head in (b"{", b'{"count":2,', b'{"owner":"1","logGroup":"g",'):
        key = b"logEvents" if b"logGroup" in head else b"Records"
        lines = b"".join(
            head + b'"%s":[{"eventName":"a"},{"eventName":"b%d"}]}\n' % (key, n) for n in range(9)
        )
        assert explain_format("x.json", lines).unpack == "json"


def test_bzip2_is_told_by_its_first_block() -> None:
    assert explain_format("x", bz2.compress(b"text")).unpack == "bzip2"
    assert explain_format("x", bz2.compress(b"")).unpack == "bzip2"
    assert explain_format("x", lzma.compress(b"text")).unpack == "xz"
    assert explain_format("x", b"BZh9 is how it begins\n").format == "lines/1"


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("u_ex.log", W3C, "w3c/1"),
        ("bom.log", b"\xef\xbb\xbf" + W3C, "w3c/1"),
        ("conn.log", ZEEK, "zeek/1"),
        ("access.log", WEB * 3, "lines/1"),
        ("hash.conf", b"# a comment\n# another\nkey = value\n", "lines/1"),
        ("a.jsonl", b'{"a":1}\n{"a":2}\n', "jsonl/1"),
        ("a.log", b'{"a":1}', "jsonl/1"),
        ("pretty.json", b'{\n  "a": 1\n}\n', "opaque/1"),
        ("array.json", b'[{"a":1}]\n', "opaque/1"),
        ("torn.jsonl", b'{"a":\n{"b":1}\n', "jsonl/1"),
        ("numbers.json", b"[1,2]\n", "lines/1"),
        ("held.jsonl", b'{"hits":1,"items":{}}\n{"hits":2}\n', "jsonl/1"),
        ("derived", b'{"record":1,"written":"t","Event":{}}\n', "evtx-jsonl/1"),
        ("derived", b'{"broken":"why"}\n', "evtx-jsonl/1"),
        ("long", b'{"a":"' + b"x" * HEAD_BYTES, "jsonl/1"),
        ("a.csv", b"when,who\n1,2\n", "csv/1"),
        ("a.TSV", b"when\twho\n1\t2\n", "csv/1"),
        ("plain", b"when,who,what\n1,2,3\n4,5,6\n", "csv/1"),
        ("plain", b"when;who;what\n1;2;3\n4;5;6\n", "csv/1"),
        ("prose.txt", b"Dear Ada, well, yes\nshort\nlines\n", "lines/1"),
        ("auth.log", b"Oct  3 00:00:01 host sshd[1]: Failed\n" * 3, "lines/1"),
        ("latin", b"caf\xe9 opened\n", "lines/1"),
        ("blank", b"\n\n", "lines/1"),
        ("Security.evtx", b"ElfFile\0" + bytes(100), "opaque/1"),
        ("a.log.gz", gzip.compress(b"a\n", mtime=0), "opaque/1"),
        ("wide.csv", "a,b\n".encode("utf-16"), "opaque/1"),
        ("nul", b"text\0text\n", "opaque/1"),
        ("empty", b"", "opaque/1"),
    ],
)
def test_known_shapes(name: str, head: bytes, expected: str) -> None:
    found = explain_format(name, head)
    assert found.format == expected
    assert found.why


def test_a_table_of_the_viewer_of_events_is_one_whose_messages_have_lines() -> None:
    heads = "Level\tDate and Time\tSource\tEvent ID\tTask Category\r\n"
    event = 'Information\t1/2/2026\tx\t7045\tNone\t"It is so.\r\n\r\nName:\t\ta\r\nFile:\tb\r\n"\r\n'
    assert explain_format("a.txt", (heads + event * 3).encode()).format == "csv/1"
    assert explain_format("a.txt", (heads + "words\r\n" * 9).encode()).format == "lines/1"
    german = heads.replace("Event ID", "Ereignis-ID").replace("Level", "Ebene")
    assert explain_format("a.txt", ("\ufeff" + german + event).encode()).format == "csv/1"


def test_an_event_log_names_its_derivation() -> None:
    assert explain_format("x", b"ElfFile\0" + bytes(9)).derive == "evtx-jsonl/1"


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (gzip.compress(b"a", mtime=0), "gzip"),
        (b"PK\x03\x04" + bytes(30), "zip"),
        (b"\x28\xb5\x2f\xfd" + bytes(30), "zstd"),
        (EVENT_XML, "event-xml"),
        (b'{\n  "a": 1\n}\n', "json"),
        (b'\xef\xbb\xbf [ {"a":1}]\n', "json"),
        (b'{"Records":[{"a":1}]}\n', "json"),
        (b'{"@odata.context":"x","count":1,"value": [ {"a":1', "json"),
        (
            b'{"took":1,"_shards":{"total":1,"failed":0},"hits":{"total":{"value":1},"hits":[{"_id":1}]}}',
            "json",
        ),
        (b'{"a":{"b":1},"c":2,"Records":7}', None),
        (b'Record 1\r\n{\r\n  "Event": {}\r\n}\r\n', "json"),
        (b"Record 1 is no JSON\n", None),
        (b'Record 1\n<?xml version="1.0" encoding="utf-8"?>\n' + EVENT_XML, "event-xml"),
        (b'{"took":1,"timed_out":false,"hits":{"total":1,"hits":[{"_id":1}]}}', "json"),
        (b"\xef\xbb\xbf" + EVENT_XML, "event-xml"),
        (b'<?xml version="1.0"?>\r\n<Events>' + EVENT_XML + b"</Events>", "event-xml"),
        (
            ("<?xml version='1.0' encoding='UTF-16'?><Events>" + EVENT_XML.decode()).encode("utf-16"),
            "event-xml",
        ),
        (b"<Event><System/></Event>", None),
        ("words".encode("utf-16"), "utf-16"),
        (b'#TYPE A.B\r\n"x","y"\r\n', "typed-csv"),
        (TAR, "tar"),
        (bytes(257) + b"ustar\x0000", "tar"),
        (b"03/04/2026 05:06:07 AM\nLogName=Security\nEventCode=4688\nMessage=x\n", "event-text"),
        (b"LogName=Security\r\nSourceName=a\r\nEventCode=4688\r\n", "event-text"),
        (b"LogName=Security\nEventCode=x\n", None),
        (b'<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">', "object-xml"),
        (b"\xff\xfe" + b"\x01\0\0\xd8" * 9, None),
    ],
)
def test_what_is_unpacked(head: bytes, kind: str | None) -> None:
    assert explain_format("x", head).unpack == kind


@pytest.mark.parametrize(
    ("head", "what"),
    [
        (WEB * 3, "web server"),
        (b"Oct  3 00:00:01 host sshd[1]: Failed\n" * 3, "syslog"),
        (b"<34>1 2026-10-03T00:00:01.5Z host app - - - text\n", "syslog"),
        (b"words\n", "no other known shape"),
    ],
)
def test_lines_of_a_known_shape_are_said_to_be_that(head: bytes, what: str) -> None:
    found = explain_format("x", head)
    assert found.format == "lines/1"
    assert what in found.why


def test_what_is_sealed_unread_is_said() -> None:
    assert "gzip" in explain_format("a.gz", gzip.compress(b"a", mtime=0)).why


@given(st.text(max_size=20), st.binary(max_size=300))
def test_detection_is_total(name: str, head: bytes) -> None:
    assert detect(name, head) in FORMATS


@pytest.mark.shared
def test_real_logs(shared: Path) -> None:
    for path in (shared / "zeek").glob("*.log"):
        assert detect(path.name, path.read_bytes()[:HEAD_BYTES]) == "jsonl/1"
    for path in (shared / "evtx").rglob("*.evtx"):
        with path.open("rb") as file:
            assert explain_format(path.name, file.read(HEAD_BYTES)).derive == "evtx-jsonl/1"


# A line that does not fit changes nothing

EVENT = b'{"record":1,"written":"t","Event":{"System":{"EventID":1}}}'
GOOD: dict[str, tuple[str, Sequence[bytes], Sequence[bytes]]] = {
    # name: how it opens, rows
    "jsonl/1": ("app.log", (), [b'{"user":"u%d","cmd":"c"}' % n for n in range(8)]),
    "evtx-jsonl/1": ("app.log", (), [EVENT] * 8),
    "w3c/1": ("u_ex.log", W3C.splitlines()[:2], [b"2026-10-03 00:00:0%d 192.0.2.1" % n for n in range(8)]),
    "zeek/1": ("dns.log", ZEEK.splitlines()[:4], [b"%d.5\tC1\texample.org" % n for n in range(8)]),
    "csv/1": ("seen.csv", [b"when,who,what"], [b"%d,bob,login" % n for n in range(8)]),
}
JUNK = [
    b"a line of prose, that fits nothing",
    b'd":"10.0.0.1","port":443}',
    b'{"a":{"b":"torn off he',
    b'[{"a":',
    b'[{"a":"b',
    b'{"deep":' + b"[" * 5000 + b"]" * 5000 + b"}",
    b'{"latin":"caf\xe9"}',
    b"# a comment",
    b"[1,2]",
    b"{}",
    b'{"a":1}',
    b'{"broken":"why"}',
    b"#Fields: a b c d e",
    b"#fields\ta\tb",
    b"#separator \\x09",
    b"one;two;three",
    b"\0" * 4096,
    b"\0\x01 torn \0",
    b"",
    b" ",
]


@pytest.mark.parametrize("form", GOOD)
@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: repr(junk[:12]))
def test_a_line_in_front_changes_nothing(form: str, junk: bytes) -> None:
    name, opening, rows = GOOD[form]
    lines = [junk, *opening, *rows]
    found = explain_format(name, b"\n".join(lines) + b"\n")
    # What names the columns of a table stands in its first row, so one behind others is derived.
    assert found.unpack == "table" if form == "csv/1" else found.format == form, found


@pytest.mark.parametrize("form", GOOD)
@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: repr(junk[:12]))
def test_nor_does_one_anywhere(form: str, junk: bytes) -> None:
    name, opening, rows = GOOD[form]
    for at in (1, 4, 8):
        found = explain_format(name, b"\n".join([*opening, *rows[:at], junk, *rows[at:]]) + b"\n")
        assert found.format == form, (at, found)


MAGIC = {b"\x1f\x8b", b"PK", b"\x28\xb5", b"\xff\xfe", b"\xfe\xff", b"BZ", b"\xfd7", b"\xd4\xc3", b"\xa1\xb2"}


@given(st.binary(max_size=60), st.integers(0, 8))
@example(b"ElfFile\0", 0)
def test_no_bytes_on_a_line_make_json_lines_something_else(junk: bytes, at: int) -> None:
    assume(junk[:2] not in MAGIC)
    rows = GOOD["jsonl/1"][2]
    junk = junk.replace(b"\n", b" ")
    assert detect("app.log", b"\n".join([*rows[:at], junk, *rows[at:]])) == "jsonl/1"


@pytest.mark.parametrize("first", [True, False])
def test_a_log_of_text_with_some_objects_is_no_json(first: bool) -> None:
    text = [b"Oct  3 00:00:01 host app[1]: words %d" % n for n in range(40)]
    some = [b'{"user":"bob"}'] * 4
    found = explain_format("app.log", b"\n".join([*some, *text] if first else [*text, *some]))
    assert found.format == "lines/1"
    assert "4 of the 44 lines" in found.doubt


@pytest.mark.parametrize(
    ("name", "raw", "what"),
    [
        ("a.log", b"#Fields: date-time,client-ip\n" + b"2026-10-03T10:00:00Z,192.0.2.1\n" * 3, "by commas"),
        ("a.csv", b"ip\n192.0.2.1\n192.0.2.2\n", "one cell each"),
        ("a.csv", b"1,2\n" + b"1,2,3,4\n5,6,7,8,9\n" * 5, ""),
        ("a.log", b"#Fields: a b c d\nwords\nand words\n", ""),
        ("a.txt", b"note\n#Fields: a b c d\nwords\nand words\n", "the rows after it do not have as many"),
    ],
)
def test_what_else_it_looks_like(name: str, raw: bytes, what: str) -> None:
    doubt = explain_format(name, raw).doubt
    assert what in doubt if what else doubt == ""


def test_half_and_half_is_said() -> None:
    found = explain_format("app.log", b"words\n" * 5 + b'{"a":1}\n' * 5)
    assert found.format == "lines/1"
    assert "5 of the 10 lines" in found.doubt
    assert detect("app.jsonl", b"words\n" * 5 + b'{"a":1}\n' * 5) == "jsonl/1"


def test_fields_behind_a_prefix_are_said() -> None:
    assert explain_format("app.log", b'Oct  3 00:00:01 host app[1]: {"user":"bob"}\n' * 5).doubt == ""
    # Such an object is read, but for one that is none, or begins too far in the line.
    for head in (b"1.5 INFO got ", b"2026-03-04T05:06:07Z ", b"2026-03-04T05:06:07.1Z stdout F ", b"lab\t"):
        found = explain_format("app.log", (head + b'{"user":"bob"}\n') * 5)
        assert (found.format, found.doubt) == ("lines/1", "")
        for line in (head + b'{"user":"bob",}\n', head + b"x" * 300 + b' {"user":"bob"}\n'):
            found = explain_format("app.log", line * 5)
            assert found.format == "lines/1"
            assert "JSON objects behind a prefix" in found.doubt


ITEMS = b'[{"a":1},{"a":2}]'


@pytest.mark.parametrize(
    "text",
    [
        b'{"messageType":"DATA","subscriptionFilters":["f"],"logEvents":%b}',
        b'{"messages":[],"results":%b}',
        b'{"messages":[{"type":"x"}],"fields":[{"name":"_raw"}],"results":%b}',
        b'{"Stats":{"a":{"b":{"c":1}}},"Schema":[{"Name":"T"}],"Results":%b}',
        b'{"total_rows":2,"offset":0,"rows":%b}',
        b'{"documents":%b}',
        b'{"audit_events":%b}',
        b'{"stat":"OK","response":{"authlogs":%b,"metadata":{"total":1}}}',
        b'{"eventType":"lab.hook","source":"lab","data":{"events":%b}}',
        b'{"Events":{"Event":%b}}',
        b'{"a":1}{"a":2}{"a":3}',
        b'{"a":1} {"a":2}',
        b"[%b,[]]",
    ],
)
def test_a_document_is_one_whatever_its_line_breaks(text: bytes) -> None:
    raw = text.replace(b"%b", ITEMS)
    pretty = raw.replace(b"{", b"{\n").replace(b",", b",\n")
    for each in (raw, raw + b"\n", raw + b"\n" + raw, pretty):
        assert explain_format("a.json", each).unpack == "json", each
        lines = list(read_objects([each]))
        assert [json.loads(line)["a"] for line in lines][:2] == [1, 2]


@pytest.mark.parametrize(
    "line",
    [
        b'{"kind":"x","events":[{"a":1}]}',
        b'{"kind":"x","data":{"events":[{"a":1}]}}',
        b'{"a":{"b":[{"c":1}]}}',
        b'{"data":{"kind":"x","events":[{"a":1}]}}',
    ],
)
def test_an_event_with_a_list_is_no_document(line: bytes) -> None:
    assert explain_format("a.json", line + b"\n").format == "jsonl/1"
    assert list(read_objects([line])) == [line]


@pytest.mark.parametrize(
    ("name", "raw", "line", "before"),
    [
        ("a.csv", b"Report of today\n\nuser,cmd\nbob,evil\n", 3, 1),
        ("a.csv", b"sep=;\r\nuser;cmd\r\nbob;evil\r\n", 2, 0),
        ("a.csv", b"\nuser,cmd\nbob,evil\n", 2, 0),
        ("a.txt", b"Report of today\nuser,cmd,n\n" + b"bob,evil,1\n" * 3, 2, 1),
    ],
)
def test_headings_behind_other_lines(name: str, raw: bytes, line: int, before: int) -> None:
    found = explain_format(name, raw)
    assert (found.unpack, found.before) == ("table", before)
    assert f"line {line}:" in found.why
    derived = b"".join(read_table([raw[:7], raw[7:]]))
    assert derived == b"".join(raw.splitlines(keepends=True)[line - 1 :])


@pytest.mark.parametrize(
    "raw",
    [
        b"Dear Ada,\n\nfirst, second, third\nno more\nno more\nno more\n",
        b"INFO start\n" + b"INFO login, bob, ok\n" * 8,
        b"words\n" * 9,
    ],
)
def test_text_is_no_table(raw: bytes) -> None:
    assert explain_format("notes.txt", raw).unpack is None


def test_a_gap_in_a_text_is_no_end_of_it() -> None:
    gap = b"first\n" + bytes(30_000) + b"\nthird\nfourth\nfifth\n"
    assert detect("app.log", gap) == "lines/1"
    assert detect("app.log", bytes(30_000) + b'{"a":1}\n' * 9) == "jsonl/1"
    assert "--format" in explain_format("app.log", bytes(70_000)).why
    # A program that holds much text holds more beside it than gaps.
    assert detect("a.pyc", b"\xa7\r\n\x03\0\0\x01\x02\n" + b"words of a docstring\n" * 9) == "opaque/1"


def test_programs_are_no_text(tmp_path: Path) -> None:
    assert detect("python", Path(sys.executable).resolve().read_bytes()[:HEAD_BYTES]) == "opaque/1"


def test_a_comment_before_events_as_xml() -> None:
    assert (
        explain_format("a.xml", b"<!-- exported -->\n<Events>" + EVENT_XML + b"</Events>").unpack
        == "event-xml"
    )
    assert explain_format("a.xml", b"<!-- a --> words -->\n" + EVENT_XML).unpack is None


SSHD = b"".join(
    b"Nov 23 11:00:%02d host sshd[%d]: Failed password for root from 192.0.2.7 port 22 ssh2\n" % (at % 60, at)
    for at in range(1_000)
)
NAMESPACE = b'xmlns="http://schemas.microsoft.com/win/2004/08/events/event"'


@pytest.mark.parametrize(
    "first",
    [
        b'{"a":1}{"b":2}',
        b'{"response":{"data":[{"a":1}]}}',
        b'{"Records":[{"a":1}]}',
        b'[{"a":1}]',
        b'[{"a":',
        b"[\n{}\n]",
        b"<Event " + NAMESPACE + b"></Event>",
        b"<!-- x --><Event " + NAMESPACE + b"></Event>",
        b"<Event " + NAMESPACE + b"/>",
        b"<Event " + NAMESPACE + b">",
        b"<Event " + NAMESPACE + b"><System></System></Event>",
    ],
)
def test_one_line_in_front_makes_no_document_of_a_log(first: bytes) -> None:
    for rows in (SSHD, SSHD[: SSHD.index(b"\n") * 6]):
        found = explain_format("auth.log", (first + b"\n" + rows)[:HEAD_BYTES])
        assert (found.format, found.unpack) == ("lines/1", None)


@given(
    st.lists(
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers()
            | st.floats(allow_nan=False, allow_infinity=False)
            | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            max_leaves=20,
        ),
        min_size=4,
    ),
    st.sampled_from([0, 1, 4, "\t"]),
    st.booleans(),
)
def test_no_line_of_a_document_stands_outside_of_it(
    held: list[object], indent: int | str, ascii_only: bool
) -> None:
    text = json.dumps([{"a": held}, {"b": held}], indent=indent, ensure_ascii=ascii_only).encode(
        "utf-8", "replace"
    )
    assert explain_format("a.json", text[:HEAD_BYTES]).unpack == "json"


def test_a_little_text_behind_a_document_leaves_it_one() -> None:
    rows = b",".join(b'{"a":%d}' % at for at in range(400))
    for text in (b'{"Records":[' + rows + b"]}", b"[" + rows + b"]"):
        assert explain_format("a.json", text + b"\nbytes: 9\nseconds: 1\ndone\nbye\n").unpack == "json"


TRAILS = [{"eventVersion": "1", "eventName": "DropKey", "n": n} for n in range(5)]
AHEAD = (
    "Reading ...",
    "# by lab-tool",
    "// by lab",
    "lab$ tool --all",
    "PS C:\\> Get-Thing | ConvertTo-Json",
    "a\n\nb",
)


@pytest.mark.parametrize("ahead", AHEAD)
@pytest.mark.parametrize("indent", [None, 1])
def test_a_document_behind_other_lines_is_one(ahead: str, indent: int | None) -> None:
    for held in (TRAILS, {"Records": TRAILS}, TRAILS * 5_000):
        text = f"{ahead}\n{json.dumps(held, indent=indent)}\n".encode()
        for name in ("a.json", "a.txt"):
            found = explain_format(name, text[:HEAD_BYTES])
            assert found.unpack == "json", found
    lines = "\n".join(json.dumps(each) for each in TRAILS[: 2 if indent else 1])
    assert detect("a.json", f"{ahead}\n{lines}\n".encode()) == "jsonl/1"
    event = '{"record":1,"written":"","Event":{}}'
    assert detect("a.json", f"{ahead}\n{event}\n".encode()) == "evtx-jsonl/1"


def test_a_sequence_of_records_is_a_document() -> None:
    for indent in (None, 1):
        for end in ("\n", ""):
            text = "".join(f"\x1e{json.dumps(each, indent=indent)}{end}" for each in TRAILS).encode()
            assert explain_format("a.json-seq", text).unpack == "json"
            assert [json.loads(line) for line in read_objects([text])] == TRAILS


def test_a_log_in_which_values_stand_is_no_document() -> None:
    for value in (TRAILS, {"Records": TRAILS}):
        for indent in (None, 1):
            text = (
                f"Mar  4 05:06:07 lab app: start\n{json.dumps(value, indent=indent)}\n".encode()
                + SSHD[:4_000]
            )
            found = explain_format("auth.log", text)
            assert (found.format, found.unpack) == ("lines/1", None)
    dump = "start\n" + "".join(f"{json.dumps(each, indent=1)}\nINFO step\nINFO other\n" for each in TRAILS)
    assert explain_format("app.log", dump.encode()).unpack is None


def test_events_whose_names_have_a_prefix() -> None:
    space = EVENT_XML[EVENT_XML.index(b"xmlns") : EVENT_XML.index(b">")]
    event = EVENT_XML.replace(b"</", b"</ns0:").replace(b"<", b"<ns0:").replace(b"<ns0:/ns0:", b"</ns0:")
    event = event.replace(b"xmlns=", b"xmlns:ns0=")
    plain = EVENT_XML.replace(b" " + space, b"")
    bare = event.replace(b" " + space.replace(b"xmlns=", b"xmlns:ns0="), b"")
    for text in (
        event * 3,
        b"<?xml version='1.0'?>\n<Events>" + event * 2 + b"</Events>",
        b"<ns0:Events " + space.replace(b"xmlns=", b"xmlns:ns0=") + b">\n" + bare * 2 + b"</ns0:Events>",
        b"<Events " + space + b">" + plain * 2 + b"</Events>",
    ):
        assert explain_format("a.xml", text).unpack == "event-xml"
        rows = [json.loads(line) for line in read_events([text])]
        assert [row["Event"]["System"]["EventID"] for row in rows] == [1] * len(rows)
        assert len(rows) >= 2
    with pytest.raises(Malformed):
        list(read_events([event], "1"))


def test_events_with_messages_of_many_lines_are_events() -> None:
    data = b"<EventData><Data>" + SSHD[:20_000] + b"</Data></EventData>"
    event = b"<Event " + NAMESPACE + b"><System><EventID>1</EventID></System>" + data + b"</Event>\n"
    for text in (event * 2, b"Record 1\n" + event + b"Record 2\n" + event, event[:15_000]):
        assert explain_format("a.xml", text).unpack == "event-xml"
