"""What a file is taken for."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import Malformed
from comity.evidence.formats import (
    FORMATS,
    HEAD_BYTES,
    choose_delimiter,
    detect,
    explain_format,
    name_format,
)

W3C = b"#Software: Server 10\r\n#Fields: date time c-ip\r\n2026-10-03 00:00:01 192.0.2.1\r\n"

ZEEK = b"#separator \\x09\n#path\tdns\n#fields\tts\tuid\tquery\n#types\ttime\tstring\tstring\n1.5\tC1\t-\n"
WEB = b'192.0.2.1 - ada [03/Oct/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 12 "-" "curl"\n'
EVENT_XML = (
    b'<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><EventID>1</EventID>'
    b"</System></Event>"
)


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
        ("torn.jsonl", b'{"a":\n{"b":1}\n', "lines/1"),
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
        (bytes(257) + b"ustar\x0000", "tar"),
        (b"03/04/2026 05:06:07 AM\nLogName=Security\nEventCode=4688\nMessage=x\n", "event-text"),
        (b"LogName=Security\r\nSourceName=a\r\nEventCode=4688\r\n", "event-text"),
        (b"LogName=Security\nEventCode=x\n", None),
        (b'<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">', "object-xml"),
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


def test_names() -> None:
    assert name_format("csv/1") == name_format("csv") == "csv/1"
    with pytest.raises(Malformed) as caught:
        name_format("xlsx", "--format")
    assert (caught.value.code, caught.value.where) == ("format.name", "--format")


def test_delimiters() -> None:
    assert choose_delimiter(b"a;b;c") == b";"
    assert choose_delimiter(b'"a;b;c",d') == b","
    assert choose_delimiter(b"alone") == b","
    assert choose_delimiter(b'a,"b\n;;;;') == b","


@pytest.mark.shared
def test_real_logs(shared: Path) -> None:
    for path in (shared / "zeek").glob("*.log"):
        assert detect(path.name, path.read_bytes()[:HEAD_BYTES]) == "jsonl/1"
    for path in (shared / "evtx").rglob("*.evtx"):
        with path.open("rb") as file:
            assert explain_format(path.name, file.read(HEAD_BYTES)).derive == "evtx-jsonl/1"
