"""YARA rules: the bytes of an item, places as the reason, and nothing that could differ elsewhere."""

from __future__ import annotations

import pytest

from comity.findings import yara
from comity.findings.sigma import Unusable
from comity.findings.yara import (
    YaraScanner,
    YaraSource,
    engine_version,
    explain_yara,
    parse_yara,
    rows_of_places,
)

TOOL = b"""\
private rule small { condition: filesize < 1MB }
rule relay_tool : backdoor {
  meta: author = "Alda Desk"
  strings: $name = "relay" nocase  $key = { 52 4b ?? 01 }
  condition: small and all of them
}
rule any_key { strings: $key = { 52 4b ?? 01 } condition: #key > 1 }
"""
SLOW = b"rule slow { strings: $x = /a.{0,1000}b/ condition: #x > 3 }"


def ready(raw: bytes) -> YaraSource:
    made = parse_yara("tools/relay.yar", raw)
    assert isinstance(made, YaraSource), made
    return made


def why(raw: bytes) -> str:
    made = parse_yara("x.yar", raw)
    assert isinstance(made, Unusable)
    return made.reason


def test_a_source_says_which_of_its_rules_match_and_where() -> None:
    source = ready(TOOL)
    raw = b"..Relay RK\x00\x01 .. RK\xff\x01"
    judged = YaraScanner([source]).judge(raw)[source.digest]
    assert judged.names == ("any_key", "relay_tool")
    assert {(p.rule, p.pattern, p.offset, p.length) for p in judged.places} == {
        ("relay_tool", "$name", 2, 5),
        ("relay_tool", "$key", 8, 4),
        ("relay_tool", "$key", 16, 4),
        ("any_key", "$key", 8, 4),
        ("any_key", "$key", 16, 4),
    }
    assert list(judged.places) == sorted(judged.places, key=lambda p: (p.offset, p.length, p.rule, p.pattern))
    assert explain_yara(source, raw) == [
        "any_key: $key at 8 (4 bytes: 'RK\\x00\\x01'), 16 (4 bytes: 'RK\\xff\\x01')",
        "relay_tool: $key at 8 (4 bytes: 'RK\\x00\\x01'), 16 (4 bytes: 'RK\\xff\\x01')",
        "relay_tool: $name at 2 (5 bytes: 'Relay')",
    ]
    assert (source.title, source.author, source.tags) == ("relay.yar", "Alda Desk", ("backdoor",))


def test_a_private_rule_is_no_match_by_itself() -> None:
    source = ready(TOOL)
    assert YaraScanner([source]).judge(b"nothing")[source.digest] == yara.Judged()


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"rule a { condition: nowhere }", "unknown identifier `nowhere`, at line:1:21"),
        (b"rule {", "syntax error, at line:1:6"),
        (b'rule a { strings: $a="x" condition: true }', "unused pattern `$a`"),
        (b'include "/etc/passwd"\nrule a { condition: true }', "include statements not allowed"),
        (b'import "time"\nrule a { condition: time.now() > 0 }', "the module 'time' is not run"),
        (b'import "console"\nrule a { condition: console.log("x") }', "the module 'console' is not run"),
        (b'import "none"\nrule a { condition: true }', "the module 'none' is not run"),
        (b'import "pe"\nrule a { condition: pe.is_pe }', "'// pinned: yara-x "),
        (b'// pinned: yara-x 0.0.1\nimport "pe"\nrule a { condition: pe.is_pe }', "pinned to yara-x 0.0.1"),
        (b'rule a { condition: true }\n// pinned: yara-x 9\nimport "pe"', "name it in a first line"),
        (b"rule a { condition: true } rule a { condition: true }", "duplicate rule `a`"),
        (b"\xff", "not UTF-8 at byte 0"),
        (b"// nothing\n", "the source holds no rule"),
    ],
)
def test_what_cannot_run_is_named(raw: bytes, told: str) -> None:
    assert told in why(raw)
    assert why(raw).isprintable()


def test_a_source_too_long_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yara, "SIZE", 10)
    assert "longer than 10 bytes" in why(TOOL)


def test_without_the_engine_a_rule_is_named_and_not_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise ImportError("yara_x")

    monkeypatch.setattr(yara, "_engine", missing)
    assert why(TOOL) == "YARA rules need yara-x: pip install '.[yara]' in a copy of the source"


def test_modules_run_where_the_engine_is_pinned() -> None:
    pin = f"// anything\n// pinned: yara-x {engine_version()}\n".encode()
    source = ready(pin + b'import "math"\nrule a { condition: math.entropy(0, filesize) < 1.0 }')
    assert source.modules == ("math",)
    assert YaraScanner([source]).judge(b"aaaa")[source.digest].names == ("a",)
    ready(b'rule a { strings: $a = "// import" condition: $a }')
    ready(b'// import "pe"\n/* import "time" */ rule a { condition: true }')


def test_no_verdict_depends_on_the_sources_beside_it() -> None:
    """A name, a global rule and a private rule of one source mean nothing in another."""
    sources = [
        ready(b'rule a { strings: $x = "one" condition: $x }'),
        ready(b'global rule never { condition: false } rule a { strings: $x = "one" condition: $x }'),
        ready(b'private rule p { condition: true } rule b { strings: $x = "two" condition: p and not $x }'),
    ]
    together = YaraScanner(sources).judge(b"one")
    assert together == {s.digest: YaraScanner([s]).judge(b"one")[s.digest] for s in sources}
    assert [together[s.digest].names for s in sources] == [("a",), (), ("b",)]


def test_a_slow_source_gives_no_verdict_and_the_others_do() -> None:
    slow, quick = ready(SLOW), ready(b"rule quick { condition: filesize > 0 }")
    raw = b"a" * 3_000_000 + b"b"
    found = YaraScanner([slow, quick], seconds=1).judge(raw)
    assert found[slow.digest].refused == "it takes more than 1 seconds on this item"
    assert found[slow.digest].names == ()
    assert found[quick.digest].names == ("quick",)


def test_an_item_too_long_gets_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    source = ready(TOOL)
    monkeypatch.setattr(yara, "LENGTH", 3)
    assert YaraScanner([source]).judge(b"1234")[source.digest].refused == "the item is longer than 3 bytes"


def test_places_name_rows() -> None:
    source = ready(b'rule a { strings: $x = "key" condition: $x } rule b { condition: filesize == 13 }')
    judged = YaraScanner([source]).judge(b"no\nkey\nno\nkey")[source.digest]
    assert rows_of_places(judged, [0, 3, 7, 10]) == {1, 2, 4}
    assert rows_of_places(yara.Judged(), [0]) == set()
    assert rows_of_places(judged, []) == set()
