"""Each modifier by name, on values that it must and must not match."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.findings.asking import View, compile_test
from comity.findings.modifiers import DASHES, compile_field
from comity.findings.plan import Plan
from comity.findings.reasons import RuleError
from comity.findings.reference import judge_detection
from comity.findings.rows import Row, Value
from comity.findings.yaml_source import Yaml

ABSENT = object()
PLACES = {"users": ("adm_*", "root"), "n": ("1",)}


def matches(key: str, wanted: Yaml, value: object, text: str = "") -> bool:
    """Whether ``key: wanted`` is true of a row whose field ``F`` has ``value``."""
    fields: dict[str, Value] = {} if value is ABSENT else {"F": value}  # type: ignore[dict-item]
    plan = Plan([("rule", compile_field(key, wanted, PLACES))])
    return plan.verdict(plan.atoms_held(text, fields)) == ("rule",)


@pytest.mark.parametrize(
    ("key", "wanted", "yes", "no"),
    [
        ("F", "Cmd", ["cmd", "CMD"], ["cmd ", "", None, ABSENT]),
        ("F", "a*c", ["abc", "AC", "a\nc"], ["abcd", "xac"]),
        ("F", "a?c", ["abc", "a\nc", "aéc"], ["ac", "abbc"]),
        ("F", r"a\*c", ["a*c"], ["abc"]),
        ("F", r"a\\*", ["a\\", "a\\b"], ["ab"]),
        ("F", r"a\\\*", [r"a\*"], [r"a\b", "a*"]),
        ("F", r"C:\Windows", [r"c:\windows"], [r"c:\\windows"]),
        ("F", r"\\\\host", [r"\\host"], [r"\host", r"\\\host"]),
        ("F", "*", ["", "x"], [None, ABSENT, []]),
        ("F", "", [""], [None, ABSENT, " "]),
        ("F", None, [None, ABSENT, ["x", None]], ["", "null", []]),
        ("F", 4688, [4688, "4688"], [46880, 4688.0, True]),
        ("F", True, [True, "true", "TRUE"], [1, "1", False]),
        ("F", ["x", "y"], ["x", "Y"], ["xy"]),
        ("F", ["x", None], ["x", None, ABSENT], [""]),
        ("F", "x", [["a", "X"], ["x"], [["x"]]], [["a"], []]),
        ("F|contains", "b", ["abc", "B"], ["ac", None]),
        ("F|contains", "", ["", "x"], [None, ABSENT]),
        ("F|contains", "a*c", ["xabcx"], ["ab"]),
        ("F|contains|all", ["a", "b"], ["xbxa", ["a", "b"]], ["a", "b"]),
        ("F|startswith", "ab", ["ABC", "ab"], ["xab", "a"]),
        ("F|endswith", "\\cmd.exe", ["C:\\CMD.EXE"], ["C:\\xcmd.exe", "cmd.exe"]),
        ("F|endswith", "ab", ["ab", "xab"], ["b", ""]),
        ("F|cased", "Ab", ["Ab"], ["ab"]),
        ("F|contains|cased", "Ab", ["xAbx"], ["xabx"]),
        ("F|startswith|cased", "A?", ["Abc"], ["abc", "A"]),
        ("F|neq", "x", ["y", None, ABSENT, ""], ["x", "X", ["a", "x"]]),
        ("F|re", "^a.c$", ["abc"], ["ABC", "abcd"]),
        ("F|re|i", "^a.c$", ["ABC"], ["abcd"]),
        ("F|re|m", "^b$", ["a\nb\nc"], ["abc"]),
        ("F|re|s", "a.b", ["a\nb"], ["ab"]),
        ("F|re|i|s", "A.b", ["a\nB"], ["ab"]),
        ("F|re", "b+", ["xbx"], ["x", None, ABSENT]),
        ("F|expand", "%users%", ["adm_x", "ROOT"], ["users", "%users%", "toor"]),
        ("F|expand", "a%n%b%users%", ["a1bRoot", "a1badm_"], ["a1b", "anbroot"]),
        ("F|expand", r"\%plain%n%", ["%plain1"], [r"\%plain1", "plain1"]),
        ("F|expand", "50% of % x%", ["50% of % x%"], ["50"]),
        ("F|contains|all|expand", ["%users%", "x"], ["adm_x", "rootx"], ["root", "x"]),
        ("F|re|expand", "^%users%$", ["root", "adm", "adm___"], ["adm_x"]),
        ("F", "%users%", ["%users%"], ["root"]),
        (
            "F|hour",
            22,
            ["2026-03-04T22:59:01Z", "2026/03/04 22:00"],
            ["2026-03-04 21:00", "22", None, ABSENT],
        ),
        ("F|hour|gte", 22, ["2026-03-04T23:00", "2026-03-04_22:00"], ["2026-03-04T02:00", "2026-03-04"]),
        (
            "F|minute|lt",
            5,
            ["2026-03-04T22:04"],
            ["2026-03-04T22:05", "2026-03-04T22:60", "2026-03-04T22:041"],
        ),
        (
            "F|hour|lt",
            6,
            ["2026-03-04T05:59", "2026-03-04t00:30:00z", "2026-03-04 05:30:00 PDT"],
            [
                *("2026-03-04t22:30:00z", "2026-03-04, 22:30:00", "2026-03-04-22:30:00", "2026-03-04  22:30"),
                *("2026-03-04:22:30:00", "2026-03-04T223000Z", "2026-03-04T22", "2026-03-04foo"),
                *("2026-03-04", "2026-03-04T22.30.00", "2026-03-04T24:00:00", "2026-03-04T01:000"),
                *("2026-03-04 01:30 PM", "2026-03-04 01:30:05.25 p.m.", "2026-03-04 01:30:05AM"),
            ],
        ),
        ("F|minute", 0, ["2026-03-04t22:00:00z"], ["2026-03-04", "2026-03-04, 22:00", "2026-03-04T22:00am"]),
        (
            "F|hour|neq",
            0,
            ["2026-03-04", "2026-03-04, 00:00"],
            ["2026-03-04 00:00", "2026-03-04 00:00 at most", "2026-03-04 00:00:1 AM"],
        ),
        ("F|year", 2026, ["2026-03-04foo", "2026-03-04T22", "2026/03-04, x"], ["2026-03-4", "20260304"]),
        ("F|day", 4, ["2026-03-04", "2026-03-04,x"], ["2026-03-05", "2026-03-045", "2026-02-30"]),
        ("F|week", 1, ["2026-01-01", "2025-12-29T00:00"], ["2025-12-28"]),
        ("F|month|neq", 3, ["2026-04-01", "no date"], ["2026-03-04"]),
        ("F|year|lte", 1999, ["1999-12-31"], ["2000-01-01", "0000-01-01", "x1999-01-01"]),
        ("F|cidr", "10.0.0.0/8", ["10.1.2.3", "::ffff:10.0.0.1"], ["11.0.0.1", "10.1.2", "x"]),
        ("F|cidr", "2001:db8::/32", ["2001:db8::1", "2001:DB8:1::"], ["2001:db9::1"]),
        ("F|lt", 5, [4, "4", 4.9, "-1", "4.99"], [5, "5", "x", "", None, ABSENT]),
        ("F|lte", 5, [5, "5.0"], [5.1]),
        ("F|gt", "2.5", [3, "2.51", 1e300], [2.5, "2,6", True]),
        ("F|gte", -1, [-1, 0], ["-1.1"]),
        ("F|exists", True, ["", None, "x", []], [ABSENT]),
        ("F|exists", False, [ABSENT], ["", None, "x"]),
        ("F|windash|contains", " -a", [" -a", " /a", " –A", " —a", " ―a"], [" a", " +a"]),
        ("F|windash", "x-y -z", ["x-y /z"], ["x/y -z"]),
    ],
)
def test_modifier(key: str, wanted: Yaml, yes: list[object], no: list[object]) -> None:
    for value in yes:
        assert matches(key, wanted, value), value
    for value in no:
        assert not matches(key, wanted, value), value


_PIECES = [
    *("2026-03-04", "2026/12-31", "2025-02-29", "T", "t", " ", "_", ", ", ":", "-", "22:30", "05:07", "7"),
    *("24:00", "00:60", ":15", ".5", ",25", "Z", "z", "+01:00", " PM", "am", " a.m.", "amok", "AM\u0660"),
]  # fmt: skip
_CLOCKS = st.lists(st.sampled_from(_PIECES), max_size=6).map("".join)


@given(
    _CLOCKS.map(lambda rest: "2026-03-04" + rest) | _CLOCKS,
    st.sampled_from(["hour", "minute", "day", "week"]),
)
def test_two_readers_of_times_agree(text: str, unit: str) -> None:
    row = Row(index=1, text=text, fields={"F": text})
    for number in (0, 4, 5, 7, 10, 22, 30):
        section: dict[str, Yaml] = {"s": {f"F|{unit}": number}, "condition": "s"}
        assert matches(f"F|{unit}", number, text) is judge_detection(section, row)


@pytest.mark.parametrize("cased", ["F", "f"])
def test_letters_beyond_ascii_are_not_folded(cased: str) -> None:
    assert not matches("F|contains", "k", "\N{KELVIN SIGN}")
    assert not matches("F|contains", "É", "é")
    assert not matches("F", "straße", "STRASSE")
    assert matches("F", "É" + cased, "É" + cased.swapcase())


@pytest.mark.parametrize("before", ["", "x", "xy", "xyz"])
@pytest.mark.parametrize("after", ["", "x", "xy", "xyz"])
def test_base64offset_finds_the_text_at_every_offset(before: str, after: str) -> None:
    hidden = base64.b64encode(f"{before}IEX (New-Object{after}".encode()).decode()
    assert matches("F|base64offset|contains", "IEX (New-Object", f"-e {hidden}")
    assert not matches("F|base64offset|contains", "IEX (Old-Object", f"-e {hidden}")


@pytest.mark.parametrize(
    ("name", "codec"), [("wide", "utf-16-le"), ("utf16le", "utf-16-le"), ("utf16be", "utf-16-be")]
)
def test_utf16_inside_base64(name: str, codec: str) -> None:
    hidden = base64.b64encode("a whoami b".encode(codec)).decode()
    assert matches(f"F|{name}|base64offset|contains", "whoami", hidden)
    assert matches(f"F|{name}|base64", "a whoami b", hidden)
    assert not matches("F|base64offset|contains", "whoami", hidden)


def test_utf16_has_its_mark_and_one_byte_order() -> None:
    hidden = base64.b64encode(b"\xff\xfe" + "whoami".encode("utf-16-le")).decode()
    assert matches("F|utf16|base64", "whoami", hidden)


def test_every_dash_is_varied_on_its_own() -> None:
    for first in DASHES:
        for second in DASHES:
            assert matches("F|windash|contains", "-a -b", f"x {first}a {second}b")


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le"])
def test_each_form_of_dashes_is_encoded(codec: str) -> None:
    wide = "|wide" if codec != "utf-8" else ""
    for dash in DASHES:
        for before in ("", "x", "xy"):
            raw = before.encode() + f"pwsh {dash}enc -x a".encode(codec)
            hidden = base64.b64encode(raw).decode()
            assert matches(f"F|windash{wide}|base64offset|contains", " -enc ", hidden)
            assert not matches(f"F{wide}|base64offset|contains", " -enc ", hidden) or dash == "-"
            section: dict[str, Yaml] = {"s": {f"F|windash{wide}|base64offset|contains": " -enc "}}
            assert judge_detection(section | {"condition": "s"}, Row(index=1, text="", fields={"F": hidden}))
        assert matches(
            f"F|windash{wide}|base64", "/a -b", base64.b64encode(f"-a {dash}b".encode(codec)).decode()
        )


@pytest.mark.parametrize(
    ("key", "value", "other", "yes"),
    [
        ("F|fieldref", "x", "X", True),
        ("F|fieldref", "x", "xy", False),
        ("F|fieldref|startswith", "xy", "x", True),
        ("F|endswith|fieldref", "xy", "Y", True),
        ("F|fieldref|contains", "xyz", "y", True),
        ("F|fieldref", None, None, False),
        ("F|fieldref", "", "", True),
        ("F|fieldref", ["a", "b"], ["c", "B"], True),
        ("F|fieldref", 1, "1", True),
        ("F|fieldref|cased", "x", "X", False),
        ("F|cased|fieldref", ["x", "X"], "X", True),
        ("F|fieldref|contains|cased", "xYz", "Y", True),
        ("F|fieldref|contains|cased", "xyz", "Y", False),
    ],
)
def test_fieldref(key: str, value: Value, other: Value, yes: bool) -> None:
    plan = Plan([("rule", compile_field(key, "G"))])
    held = plan.atoms_held("", {"F": value, "G": other})
    assert (plan.verdict(held) == ("rule",)) is yes
    row = Row(index=1, text="", fields={"F": value, "G": other})
    assert judge_detection({"s": {key: "G"}, "condition": "s"}, row) is yes
    assert compile_test(compile_field(key, "G"))(View(str, row.fields)) is yes
    assert plan.verdict(plan.atoms_held("", {"F": value})) == ()


def test_keywords_look_in_the_text_and_in_every_value() -> None:
    escaped = '{"F":"C:\\\\Temp\\\\x"}'
    assert matches("", "C:\\Temp", "C:\\Temp\\x", escaped)
    assert matches("", "needle", ABSENT, "hay NEEDLE hay")
    assert matches("", "n*e", ABSENT, "hay needle hay")
    assert matches("|all", ["one", "two"], "two", "one")
    assert not matches("|all", ["one", "three"], "two", "one")
    assert matches("|re", "n[e]+dle$", ABSENT, "hay needle")
    assert matches("", 4104, ABSENT, "event 4104 came")


@pytest.mark.parametrize(
    ("key", "wanted", "reason"),
    [
        ("F|shout", "x", "the modifier 'shout' is not run by comity-find/1"),
        ("F|near", 3, "the modifier 'near' is not run by comity-find/1"),
        ("F|expand", "%nobody%", "the placeholder %nobody% has no value here"),
        ("F|hour", "8.5", "'hour' needs a whole number"),
        ("F|hour|contains", "8", "'hour' and 'contains' exclude each other"),
        ("F|hour|minute", "8", "'hour' and 'minute' exclude each other"),
        ("|hour", 8, "'hour' needs a field"),
        ("F|hour", None, "null can only be asked of a field"),
        ("F|contains|startswith", "x", "'contains' and 'startswith' exclude each other"),
        ("F|re|contains", "x", "'re' and 'contains' exclude each other"),
        ("F|base64|re", "x", "'base64' and 're' exclude each other"),
        ("F|cased|cidr", "10.0.0.0/8", "'cased' and 'cidr' exclude each other"),
        ("F|i", "x", "the modifier 'i' is not run by comity-find/1"),
        ("F|re", "(?<=a)b", "RE2 cannot run the regular expression"),
        ("F|re", r"(a)\1", "RE2 cannot run the regular expression"),
        ("F|re", "a" * 20_000, "more than 16384 characters"),
        ("F|re", r"\pL{100}", "it needs more than 25000 steps"),
        ("F|re", "((a{1000}){1000}){1000}", "RE2 cannot run the regular expression"),
        ("F|cidr", "10.0.0.1/8", "not a network"),
        ("F|cidr", "10.0/8", "not a network"),
        ("F|gt", "many", "'gt' needs a decimal number"),
        ("F|exists", "yes", "'exists' needs a field and true or false"),
        ("F|contains", None, "null can only be asked of a field, without modifiers"),
        ("", None, "null can only be asked of a field"),
        ("|cidr", "10.0.0.0/8", "'cidr' needs a field"),
        ("F|fieldref", "", "'fieldref' needs the name of a field"),
        ("F|wide", "x", "UTF-16 text can only be looked for inside base64"),
        ("F|wide|contains", "x", "UTF-16 text can only be looked for inside base64"),
        ("F|base64offset|contains", "a*b", "cannot be applied to a value with wildcards"),
        ("F|base64", "", "cannot be applied to an empty value"),
        ("F|wide|utf16be|base64", "x", "cannot follow another encoding"),
        ("F|windash|base64offset|base64", "-xyzxyz", "cannot follow a modifier that gives several values"),
        ("F|wide|windash|base64", "-x", "'windash' must come before encodings"),
        ("F|windash|base64", "-x*", "cannot be applied to a value with wildcards"),
        ("F|base64offset|base64", "xyzxyz", "cannot follow a modifier that gives several values"),
        ("F|windash", "-a -b -c -d -e", "'windash' on a value with 5 dashes"),
        ("F", [], "has an empty list of values"),
        ("F", [["x"]], "has a value that is not a single one"),
        ("F", {"a": "b"}, "has a value that is not a single one"),
    ],
)
def test_what_cannot_run_is_named(key: str, wanted: Yaml, reason: str) -> None:
    with pytest.raises(RuleError) as caught:
        compile_field(key, wanted)
    assert reason in str(caught.value)
