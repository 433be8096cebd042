"""Indicators ruled out by the batch: no row is lost, by either pass, in any format."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from comity.dossier.rerun import Reading, run_item
from comity.evidence import bulk
from comity.evidence.bulk import read_batches
from comity.evidence.formats import FormatName
from comity.evidence.parse import fields_of, text_of
from comity.evidence.rows import read_rows
from comity.findings import tokens
from comity.findings.finding import Parameters
from comity.findings.indicators import IndicatorList, Lookup, parse_indicators
from comity.findings.match import Scanner
from comity.findings.pack import compile_pack
from comity.findings.rows import ItemInfo

MD5, SHA1, SHA256 = "0a" * 16, "0b" * 20, "0c" * 32
INDICATORS = (
    *("1.2.3.4", "10.0.0.0/8", "2001:db8::1", "2001:db8:1::/48", "0.0.0.0/0", "1.2.3.4/31"),
    *(MD5, SHA1, SHA256, "a.b@bad.example", "a@b.c", "bad.example", "*.bad.example", "1.5e", "x-y.z"),
    *(
        "http://bad.example/x",
        "ftp://a",
        "http://a/?u=http://b",
        "http://a/{x}",
        "evil tool",
        "--evil",
        "$$$",
        "5",
        "é",
    ),
    *('say "no"', "a\tb", "C:\\Windows\\x", "/tmp/x"),
)
PIECES = (
    *INDICATORS,
    *(
        MD5.upper(),
        "BAD.example",
        "::ffff:1.2.3.4",
        "10.9.8.7",
        "x.bad.example",
        "evil",
        "tool",
        "1.2.3",
        "http",
    ),
    *(
        ".",
        "..",
        "-",
        "_",
        ":",
        "::",
        "@",
        "%",
        "+",
        "/",
        "//",
        "://",
        "\\",
        "\\\\",
        '"',
        ",",
        ";",
        " ",
        "\t",
        "a",
        "1",
    ),
    *("é", "\N{KELVIN SIGN}", "\x7f", "\\n", "\\u002e", "\r", "{", "}"),
)
texts = st.lists(st.sampled_from(PIECES), max_size=6).map("".join)
lists = st.lists(st.sampled_from(INDICATORS), min_size=1, max_size=5).map("\n".join)
values: st.SearchStrategy[Any] = st.one_of(
    texts,
    st.lists(texts, max_size=2),
    st.sampled_from([15e19, 1.50, 5, True, None]),
    st.just({"b": "bad.example"}),
)
jsons = st.builds(
    lambda fields, ascii_only, slashes: (
        json.dumps(fields, ensure_ascii=ascii_only).replace("/", slashes).encode()
    ),
    st.dictionaries(st.sampled_from(["a", "b c"]), values, max_size=3),
    st.booleans(),
    st.sampled_from(["/", "\\/"]),
)
lines = texts.map(lambda text: text.replace("\n", "").encode())
torn = st.builds(lambda a, b: a.encode() + b"\xff" + b.encode(), texts, texts)
formats: st.SearchStrategy[FormatName] = st.sampled_from(["jsonl/1", "lines/1", "csv/1", "w3c/1"])
rows_written = st.lists(st.one_of(jsons, lines, lines, torn), min_size=1, max_size=6)


@pytest.fixture(params=["compiled", "arrays", "plain"], scope="module")
def _way(request: pytest.FixtureRequest) -> Any:
    if request.param == "compiled" and tokens.load_scan() is None:
        pytest.skip("llvmlite is not installed")
    if request.param == "arrays" and tokens.load_arrays() is None:
        pytest.skip("numpy is not installed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokens, "WORTH", -1 if request.param == "compiled" else 1 << 60)
        patch.setattr(tokens, "FEW", -1 if request.param == "arrays" else 1 << 60)
        yield


@pytest.mark.usefixtures("_way")
def test_rows_found_by_the_batch_are_those_found_one_by_one() -> None:
    @settings(max_examples=300, deadline=None)
    @given(lists, rows_written, formats, st.sampled_from([0, 1 << 16]))
    @example("1.2.3.4", [b"1.-1.2.3.4", b"x..1.2.3.4.", b"-.1.2.3.4"], "lines/1", 0)
    @example("1.2.3.4", [b"1.2.3.4", b"", b"x", b"1.2.3.4", b"1.2.3.4"], "lines/1", 0)
    @example("bad.example", [b'{"a":"x\\nbad.example"}', b'{"a":"x\\\\nbad.example"}'], "jsonl/1", 0)
    @example("bad.example", [b"a,b,c", b'x,"bad."example,y'], "csv/1", 0)
    @example("1.2.3.4", [b"a,b", b'"x\ny\nz",2', b"q,1.2.3.4", b"5,6"], "csv/1", 0)
    @example(
        "http://a/?u=http://b", [b"http://a/?u=http://b", b"xhttp://http://a/?u=http://b?"], "lines/1", 0
    )
    def check(listed: str, raws: list[bytes], form: FormatName, together: int) -> None:
        source = parse_indicators("i.txt", listed.encode())
        assert isinstance(source, IndicatorList)
        if form == "w3c/1":
            raws = [b"#Fields: a b c", *raws]
        chunk = b"\n".join(raws)
        lookup = Lookup(source)
        expected = []
        for row in read_rows(form, [chunk]):
            fields = fields_of(form, row.raw, row.context)
            known = fields if isinstance(fields, dict) else {}
            if fields is not None and lookup.matches(text_of(row.raw), known):
                expected.append(row.index)
        pack = compile_pack([("i.txt", listed.encode())])
        item = ItemInfo(ref="r", format=form)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(bulk, "JOINED", together)
            batches = read_batches(form, [chunk])
            found = run_item(Scanner(pack), pack, item, form, batches, Parameters(), Reading())
        assert [row for _, row in found.matches] == expected

    check()


def test_rows_without_an_indicator_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    pack = compile_pack([("i.txt", b"1.2.3.4\nbad.example\n" + MD5.encode() + b"\nhttp://bad.example/x\n")])
    raw = b"".join(
        b'9.9.9.%d - "GET /%d http://good.example/x" 12:34:56 aa:bb\n' % (n, n) for n in range(200)
    )
    looked: list[str] = []
    matches = Lookup.matches

    def watch(self: Lookup, text: str, fields: Any) -> bool:
        looked.append(text)
        return matches(self, text, fields)

    monkeypatch.setattr(Lookup, "matches", watch)
    for worth in (-1, 1 << 60):
        monkeypatch.setattr(tokens, "WORTH", worth)
        batches = read_batches("lines/1", [raw + b"1.2.3.4\n"])
        item = ItemInfo(ref="r", format="lines/1")
        found = run_item(Scanner(pack), pack, item, "lines/1", batches, Parameters(), Reading())
        assert [row for _, row in found.matches] == [201]
    # The compiled pass is sure of it.
    assert looked == (["1.2.3.4"] if tokens.load_scan() is not None else ["1.2.3.4"] * 2)


def test_a_location_that_is_none_is_told_of_all_together() -> None:
    for byte in range(256):
        one = b"a://%c/x" % byte
        if byte != 10:
            told = tokens._NO_LOCATION.search(b"a://b\n" + one + b"\n") is None
            assert told == bool(tokens.LOCATION_WHOLE.fullmatch(one))
