"""Values that readers disagree on: every path through the engine, and the obvious matcher, say the same."""

from __future__ import annotations

import pytest

from comity.dossier import rerun
from comity.dossier.rerun import Reading, run_item
from comity.evidence import shapes
from comity.evidence.bulk import read_batches
from comity.evidence.parse import fields_of, text_of
from comity.findings.finding import Parameters
from comity.findings.match import Scanner
from comity.findings.pack import compile_pack
from comity.findings.reference import matches
from comity.findings.rows import ItemInfo, Row

ITEM = ItemInfo(ref="r", format="jsonl/1", logsource={"product": "t"})
VALUES = (
    *("1e400", "-1e400", "-0", "0", "-0.0", "1.0", "1", "1E2", "100", "0.1", "1e-400", "01", "+1", ".5"),
    *("18446744073709551616", "9223372036854775807", "9223372036854775808", "-9223372036854775809"),
    *("NaN", "Infinity", "-Infinity", "null", "true", "[]", "[null]", "[1,[2,[3]]]", "{}", '{"b":1}'),
    *('""', '"\\ud800"', '"\\udc00\\ud800"', '"\\u0000"', '"a\\u0000b"', '"\\ud83d\\ude00"', '"1e400"'),
    *('" 1"', '"1 "', '"\N{ARABIC-INDIC DIGIT ONE}"', '"' + "A" * 300 + 'b"', "[" * 200 + "]" * 200),
)
LINES = (
    *(f'{{"a":{value}}}'.encode() for value in VALUES),
    *(b'{"a":1,"a":2}', b'{"a":1,"A":2}', b'{"a":{"b":1},"a.b":2}', b'{"":1}', b'{"\\u0061":1}'),
    *(b'{"a":"\xff\xfe"}', b'{"a":"x\xc3("}', b'{"a":1}\0', b'{"a":1', b'{"a":1}}', b"[1,2]", b'"x"'),
    *(b'\xef\xbb\xbf{"a":1}', b'{"a":"\t"}', b'{"a" : 1 , "b":2}', b'{"a":"1"}\r', b"{'a':1}", b""),
    b'{"a":' + b'{"a":' * 70 + b"1" + b"}" * 71,
)
ENTRIES = (
    *("a: 1", "a: 2", "a: '1'", "a: 0", "a: '-0'", "a: -0.0", "a: ''", "a: null", "a: true", "a: 'true'"),
    *("a|exists: true", "a|exists: false", "a|gt: 5", "a|lt: 0", "a|lt: 1", "a: '*'", "a: 1.0", "a: 0.1"),
    *("a|gte: 18446744073709551616", "a|lte: -9223372036854775809", "a: 18446744073709551616"),
    *("a: '9223372036854775808'", "a: '1e400'", "a: 'inf'", "a: 100", "a: '100.0'", "A: 2", "'': 1"),
    *("a|contains: b", "a|endswith: b", "a|re: '^A+b$'", "a|re: '^.$'", 'a|contains: "\\0"', "a|neq: 1"),
    *("a: \N{GRINNING FACE}", "a|contains: \N{REPLACEMENT CHARACTER}", "a.b: 1", "a.b: 2", "a|fieldref: b"),
    *("a|cidr: 0.0.0.0/0", "a|contains: \N{ARABIC-INDIC DIGIT ONE}", "b: 2"),
)
SOURCES = tuple(
    f"logsource: {{product: t}}\ndetection:\n  s:\n    {entry}\n  condition: s\n".encode()
    for entry in ENTRIES
) + tuple(
    f"logsource: {{product: t}}\ndetection: {{w: ['{word}'], condition: {condition}}}\n".encode()
    for word, condition in (("1e400", "w"), ("A", "w"), ("1", "not w"))
)


@pytest.mark.parametrize("way", ["read", "walked"])
def test_every_path_says_the_same(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if way == "walked" and shapes.load_walk() is None:
        pytest.skip("llvmlite is not installed")
    monkeypatch.setattr(rerun, "load_walk", shapes.load_walk if way == "walked" else _none())
    monkeypatch.setattr(rerun, "WORTH", 0)
    pack = compile_pack([(f"{n}.yml", source) for n, source in enumerate(SOURCES)])
    assert not pack.unusable
    batches = read_batches("jsonl/1", [b"\n".join(LINES * 3)])
    result = run_item(Scanner(pack), pack, ITEM, "jsonl/1", batches, Parameters(), Reading())
    expected = set()
    read = [fields_of("jsonl/1", line, None) for line in LINES]
    for rule in pack.rules:
        source = SOURCES[int(rule.source_name.removesuffix(".yml"))]
        for at, fields in enumerate(read):
            # What cannot be read has no fields; only words are asked of it.
            words = b"w:" in source or b"'': 1" in source
            if fields is None or not (words or isinstance(fields, dict)):
                continue
            known = fields if isinstance(fields, dict) else {}
            if matches(source, Row(index=1, text=text_of(LINES[at]), fields=known), {}):
                expected |= {(rule.digest, at + 1 + turn * len(LINES)) for turn in range(3)}
    assert set(result.matches) == expected
    assert len(expected) > 500


class _Walk:
    """Nothing to walk with, as where llvmlite is not installed."""

    def __call__(self) -> None:
        return None

    def cache_info(self) -> _Walk:
        return self

    currsize = 0


def _none() -> _Walk:
    return _Walk()
