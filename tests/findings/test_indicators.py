"""Indicators by type: where each begins and ends."""

from __future__ import annotations

import hashlib

import pytest

from comity.findings.indicators import IndicatorList, Lookup, classify, parse_indicators
from comity.findings.match import run
from comity.findings.pack import compile_pack
from comity.findings.rows import ItemInfo, Row
from comity.findings.sigma import Unusable

MD5, SHA1, SHA256 = "0a" * 16, "0b" * 20, "0c" * 32


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        ("192.0.2.1", ("ip", "192.0.2.1")),
        ("192.0.2[.]1", ("ip", "192.0.2.1")),
        ("2001:DB8::0:1", ("ip", "2001:db8::1")),
        ("::ffff:192.0.2.1", ("ip", "192.0.2.1")),
        ("192.0.2.0/24", ("net", "192.0.2.0/24")),
        ("192.0.2.7/24", ("net", "192.0.2.0/24")),
        (MD5.upper(), ("hash", MD5)),
        (SHA1, ("hash", SHA1)),
        (SHA256, ("hash", SHA256)),
        ("A@B.example", ("email", "a@b.example")),
        ("Mail.Example", ("domain", "mail.example")),
        ("bad[.]example", ("domain", "bad.example")),
        ("*.example.org", ("below", "example.org")),
        (".example.org", ("below", "example.org")),
        ("hxxp://bad[.]example/x", ("url", "http://bad.example/x")),
        ("tool.exe", ("domain", "tool.exe")),
        ("some tool", ("text", "some tool")),
        ("1.2.3", ("text", "1.2.3")),
        ("/tmp/x", ("text", "/tmp/x")),
    ],
)
def test_type_of_a_line(line: str, entry: tuple[str, str]) -> None:
    assert classify(line) == entry


@pytest.mark.parametrize(
    ("line", "yes", "no"),
    [
        (
            "1.2.3.4",
            ["1.2.3.4", "x 1.2.3.4.", "1.2.3.4:443", "(1.2.3.4)", "a=1.2.3.4;", "1.2.3.4-1.2.3.9",
             "::ffff:1.2.3.4", "[::FFFF:102:304]:80"],
            ["11.2.3.4", "1.2.3.45", "11.2.3.45", "1.2.3.4.5", "v1.2.3.4", "1.2.3.4a", "1.2.3.04"],
        ),
        (
            "10.0.0.0/8",
            ["10.9.8.7", "to 10.0.0.0!"],
            ["110.0.0.1", "11.0.0.1", "10.0.0"],
        ),
        (
            "2001:db8::1",
            ["2001:db8::1", "[2001:DB8:0::1]:443", "from 2001:db8:0:0:0:0:0:1."],
            ["2001:db8::12", "2001:db8::1:0", "x2001:db8::1"],
        ),
        ("2001:db8::/32", ["2001:db8:ffff::9"], ["2001:db9::1"]),
        (MD5, [MD5.upper(), f"MD5={MD5},SHA1={SHA1}"], [MD5 + "0", "x" + MD5, SHA256]),
        (
            "bad.example",
            ["http://BAD.example/x", "a@bad.example", "bad.example.", '"bad.example"'],
            ["notbad.example", "bad.example.org", "a.bad.example", "bad.examples", "bad-example"],
        ),
        (
            "*.bad.example",
            ["a.bad.example", "x.y.bad.example:80"],
            ["bad.example", "abad.example", "a.bad.example.org"],
        ),
        ("a.b@bad.example", ["<A.B@bad.example>"], ["xa.b@bad.example", "a.b@bad.example.org"]),
        (
            "http://bad.example/x",
            ["GET HTTP://bad.example/x HTTP/1.1", '"http://bad.example/x"'],
            ["http://bad.example/xy", "http://bad.example/x?a=1"],
        ),
        ("evil tool", ["an Evil Tool."], ["devil tool", "evil tools"]),
        ("--evil", ["x--evil y"], ["--evils"]),
    ],
)  # fmt: skip
def test_boundaries(line: str, yes: list[str], no: list[str]) -> None:
    found = parse_indicators("i.txt", line.encode())
    assert isinstance(found, IndicatorList)
    lookup = Lookup(found)
    for text in yes:
        assert lookup.matches(text, {}), text
        assert lookup.matches("", {"F": [text]}), text
    for text in no:
        assert not lookup.matches(text, {}), text


def test_a_list_is_one_rule() -> None:
    raw = b"\xef\xbb\xbf# list\r\n192.0.2.1\r\n\r\nbad.example\r\nBAD.example\r\n"
    pack = compile_pack([("lists/i.txt", raw)])
    (rule,) = pack.rules
    assert rule.digest == hashlib.sha256(raw).hexdigest()
    assert isinstance(rule, IndicatorList)
    assert rule.entries == (("domain", "bad.example"), ("ip", "192.0.2.1"))
    rows = [Row(index=n, text=t, fields={}) for n, t in enumerate(["x", "192.0.2.1"], 1)]
    result = run(pack, ItemInfo(ref="r", format="lines/1"), rows)
    assert result.matches == ((rule.digest, 2),)


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "the list holds no indicator"),
        (b"# only\n", "the list holds no indicator"),
        (b"ok.example\n\xff\n", "not UTF-8 at byte 11"),
        (b"ok.example\na\0b\n", "line 2: holds a zero byte"),
        (b"\n" + b"a" * 5000, "line 2: longer than 4096 characters"),
    ],
)
def test_unusable(raw: bytes, reason: str) -> None:
    found = parse_indicators("i.txt", raw)
    assert isinstance(found, Unusable)
    assert found.reason == reason


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<ioc><Content>192.0.2.1</Content></ioc>', "XML is no list"),
        (b'<ioc xmlns="x">\n192.0.2.1</ioc>', "XML is no list"),
        (b"<stix:STIX_Package>\n</stix:STIX_Package>", "XML is no list"),
        (b'{"Event": {"Attribute": []}}', "JSON is no list"),
        (b'[\n {"type": "ip-dst"}]', "JSON is no list"),
        (b'["192.0.2.1", "192.0.2.2"]', "JSON is no list"),
    ],
)
def test_a_feed_in_another_form_is_named(raw: bytes, why: str) -> None:
    found = parse_indicators("feed.ioc", raw)
    assert isinstance(found, Unusable)
    assert why in found.reason


def test_texts_that_begin_as_other_forms_do_are_indicators() -> None:
    for raw in (b"{8761ABBD-7F85-42EE-B272-A76179687C63}\n", b"[2001:db8::2]:443\n", b"<script>alert\n"[1:]):
        assert isinstance(parse_indicators("l.txt", raw), IndicatorList)
