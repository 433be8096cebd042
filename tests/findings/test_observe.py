"""STIX patterns: read, asked of rows, and put together as two other readers do."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.findings import observe
from comity.findings.explain import explain
from comity.findings.match import ItemResult, run
from comity.findings.observe import Step, Tree
from comity.findings.pack import compile_pack
from comity.findings.rows import ItemInfo, Row, Value
from comity.findings.stix import StixPattern, parse_stix
from comity.findings.stix_objects import PATHS, objects_of

ITEM = ItemInfo(ref="rows:3:00", format="jsonl/1")


def row(index: int, at: float | None, **fields: Value) -> Row:
    time = None if at is None else round(at * 1_000_000)
    return Row(index=index, text="", fields=fields, time=time)


def ran(pattern: str, rows: list[Row]) -> ItemResult:
    pack = compile_pack([("p.stix", pattern.encode())])
    assert not pack.unusable, (pattern, pack.unusable)
    return run(pack, ITEM, rows)


def matched(pattern: str, rows: list[Row]) -> set[int]:
    return {index for _, index in ran(pattern, rows).matches}


EVENT: dict[str, Value] = {
    "SourceIp": "10.0.0.1",
    "DestinationIp": "::ffff:192.0.2.7",
    "DestinationPort": 443,
    "Image": r"C:\Windows\System32\cmd.exe",
    "CommandLine": "cmd.exe /c Whoami",
    "Hashes": "SHA1=AB12,MD5=CD34,SHA256=EF56",
    "TargetObject": r"HKLM\Software\Run\evil",
    "QueryName": "a.example.",
    "Protocol": "TCP",
}


@pytest.mark.parametrize(
    ("comparison", "yes"),
    [
        ("ipv4-addr:value = '10.0.0.1'", True),
        ("ipv4-addr:value == '192.0.2.7'", True),
        ("ipv4-addr:value = '10.0.0'", False),
        ("ipv4-addr:value != '10.0.0.1'", True),
        ("ipv4-addr:value NOT = '10.0.0.1'", True),
        ("ipv4-addr:value NOT != '10.0.0.1'", True),
        ("ipv4-addr:value NOT IN ('10.0.0.1', '192.0.2.7')", False),
        ("ipv4-addr:value NOT IN ('10.0.0.1')", True),
        ("ipv4-addr:value ISSUBSET '10.0.0.0/8'", True),
        ("ipv4-addr:value NOT ISSUBSET '0.0.0.0/0'", False),
        ("ipv4-addr:value ISSUPERSET '10.0.0.1'", True),
        ("ipv6-addr:value ISSUBSET '::/0'", False),
        ("network-traffic:dst_port = 443", True),
        ("network-traffic:dst_port = 443.0", True),
        ("network-traffic:dst_port <> 443", False),
        ("network-traffic:dst_port IN (80, 443)", True),
        ("network-traffic:dst_port NOT IN (80, 443.0)", False),
        ("network-traffic:dst_port NOT IN (80, 8443)", True),
        ("network-traffic:src_byte_count NOT IN (80)", False),
        ("file:name NOT IN (80, 443)", True),
        ("network-traffic:dst_port > 442 AND network-traffic:dst_port <= 443", True),
        ("network-traffic:dst_port NOT < 443", True),
        ("network-traffic:src_ref.value = '10.0.0.1'", True),
        ("network-traffic:dst_ref.value = '10.0.0.1'", False),
        ("network-traffic:protocols[*] = 'tcp'", True),
        ("network-traffic:protocols[0] = 'TCP'", True),
        ("network-traffic:protocols[1] = 'tcp'", False),
        ("network-traffic:protocols[0] NOT IN ('Tcp', 'udp')", False),
        ("network-traffic:protocols[0] MATCHES '^Tcp$'", True),
        ("EXISTS network-traffic:protocols[1]", False),
        ("windows-registry-key:values[0].name = 'evil'", True),
        ("file:name = 'cmd.exe'", True),
        ("file:name = 'CMD.EXE'", False),
        (r"file:parent_directory_ref.path LIKE 'C:\\Windows%'", True),
        ("file:name LIKE '%.ex_'", True),
        ("file:name LIKE '%.ex'", False),
        ("file:name LIKE 'cmd*exe'", False),
        ("file:name NOT LIKE '%.exe'", False),
        ("file:hashes.'SHA-256' = 'ef56'", True),
        ("file:hashes.MD5 = 'CD34'", True),
        ("file:hashes.MD5 IN ('x', 'Cd34')", True),
        ("file:hashes.MD5 NOT IN ('x', 'Cd34')", False),
        ("process:command_line MATCHES '/c [Ww]hoami$'", True),
        ("process:command_line MATCHES 'whoami'", False),
        ("process:command_line NOT MATCHES 'whoami'", True),
        (r"windows-registry-key:key = 'HKLM\\Software\\Run'", True),
        ("windows-registry-key:values[*].name = 'evil'", True),
        ("domain-name:value = 'a.example'", True),
        ("EXISTS domain-name:value", True),
        ("EXISTS url:value", False),
        ("url:value != 'x'", False),
        ("url:value = 'x' OR (file:name = 'cmd.exe' AND file:hashes.MD5 = 'cd34')", True),
        ("url:value = 'x' OR file:name = 'cmd.exe' AND file:hashes.MD5 = 'b'", False),
        (
            "(url:value = 'x' OR file:name = 'cmd.exe') AND (url:value = 'y' OR file:hashes.MD5 = 'cd34')",
            True,
        ),
        ("(domain-name:value = 'a.example' OR file:name = 'x') AND EXISTS file:hashes.MD5", False),
    ],
)
def test_comparisons(comparison: str, yes: bool) -> None:
    assert matched(f"[{comparison}]", [row(1, None, **EVENT)]) == ({1} if yes else set())


@pytest.mark.parametrize(
    ("fields", "comparison"),
    [
        # Rows of services and sensors, under their own names.
        ({"sourceIPAddress": "203.0.113.9"}, "ipv4-addr:value = '203.0.113.9'"),
        ({"client.ipAddress": "203.0.113.9"}, "network-traffic:src_ref.value = '203.0.113.9'"),
        ({"protoPayload.requestMetadata.callerIp": "2001:db8::9"}, "ipv6-addr:value = '2001:db8::9'"),
        ({"sourceIPs": ["10.0.0.1", "203.0.113.9"]}, "ipv4-addr:value = '203.0.113.9'"),
        ({"remote_addr": "203.0.113.9:4711"}, "ipv4-addr:value = '203.0.113.9'"),
        ({"ActorIpAddress": "[2001:db8::9]:443"}, "ipv6-addr:value = '2001:db8::9'"),
        ({"fileinfo.sha256": "AB" * 32}, f"file:hashes.'SHA-256' = '{'ab' * 32}'"),
        ({"userIdentity.userName": "maria"}, "user-account:account_login = 'maria'"),
        # What one answer of a name server tells, in one text.
        ({"QueryResults": "type:  5 x.example;::ffff:203.0.113.9;"}, "ipv4-addr:value = '203.0.113.9'"),
        # Forms of one address.
        ({"SourceIp": "2001:0DB8:0:0::9"}, "ipv6-addr:value = '2001:0db8::0009'"),
        ({"SourceIp": "203.0.113.9"}, "ipv4-addr:value = '203.0.113.9/32'"),
        ({"SourceIp": "203.0.113.9"}, "ipv4-addr:value IN ('::ffff:203.0.113.9')"),
        # What a pattern of an end of a connection names beside its address.
        (
            {"DestinationIp": "203.0.113.9"},
            "network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '203.0.113.9'",
        ),
        ({"DestinationHostname": "a.example"}, "network-traffic:dst_ref.type = 'domain-name'"),
        # Names without regard to letters, and hives in short and in full.
        ({"QueryName": "eViL.exAMPle"}, "domain-name:value = 'Evil.example'"),
        ({"query": "a.EVIL.example"}, "domain-name:value LIKE '%.evil.example'"),
        (
            {"TargetObject": "HKLM\\SOFTWARE\\Run\\x"},
            r"windows-registry-key:key = 'HKEY_LOCAL_MACHINE\\Software\\Run'",
        ),
        ({"TargetObject": "HKEY_USERS\\S-1\\Run\\x"}, r"windows-registry-key:key = 'HKU\\S-1\\Run'"),
        ({"User": "LAB\\maria"}, "user-account:account_login = 'maria'"),
        ({"User": "LAB\\maria"}, r"user-account:account_login = 'LAB\\maria'"),
        # Spellings of digests, and what STIX 2.0 said.
        ({"Hashes": "SHA256=EF56"}, "file:hashes.SHA256 = 'ef56'"),
        ({"Hashes": "SHA256=EF56"}, "file:hashes.'sha-256' = 'ef56'"),
        ({"Hashes": "SHA1=EF56"}, "file:hashes.sha1 = 'ef56'"),
        ({"Image": "C:\\a.exe"}, "process:binary_ref.name = 'a.exe'"),
    ],
)
def test_what_rows_of_other_makers_and_patterns_of_the_field_say(
    fields: dict[str, Value], comparison: str
) -> None:
    assert matched(f"[{comparison}]", [row(1, None, **fields)]) == {1}


def test_an_address_is_no_network_and_no_port() -> None:
    assert matched("[ipv4-addr:value = '203.0.113.9']", [row(1, None, SourceIp="203.0.113.99")]) == set()
    assert matched("[ipv4-addr:value = '1.2.3.4']", [row(1, None, SourceIp="1.2.3.4:x")]) == set()
    assert objects_of({"SourceIp": "2001:db8::1:80"})["ipv6-addr:value"] == ["2001:db8::1:80"]


def test_elements_of_a_list_by_their_numbers() -> None:
    rows = [
        Row(index=1, text="", fields={"proto": ["http", "tcp"], "dst_port": 443}),
        Row(index=2, text="", fields={"proto": "TCP", "service": "http"}),
        Row(index=3, text="", fields={"proto": ["tcp", "tcp", None, "http"]}),
    ]
    for pattern, expected in (
        ("[network-traffic:protocols[0] = 'http']", [1]),
        ("[network-traffic:protocols[1] = 'http']", [2, 3]),
        ("[network-traffic:protocols[*] = 'http']", [1, 2, 3]),
        ("[network-traffic:protocols[2] = 'http']", []),
        ("[network-traffic:dst_port NOT IN (53, 80)]", [1]),
    ):
        pack = compile_pack([("p.stix", pattern.encode())])
        assert not pack.unusable
        found = run(pack, ItemInfo(ref="", format="jsonl/1"), rows)
        assert [row for _, row in found.matches] == expected, pattern


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("", "the source is empty"),
        ("[", "the end stands where an object path is expected"),
        ("file:name = 'x'", "'file' stands where '[' or '(' is expected"),
        ("[file:name = 'x'", "the end stands where ']' is expected"),
        ("[file:name = 'x'] and [file:name = 'y']", "'and' stands where the end of the pattern"),
        ("[file:name 'x']", "is not a comparison"),
        ("[file:name = x]", "'x' is not a constant"),
        ("[file:name LIKE 3]", "LIKE compares with a string"),
        ("[file:name = 'x] ", "is no part of a STIX pattern"),
        ("[file:name[x] = 'x']", "a list is asked by a number or '*'"),
        ("[mutex:name = 'x']", "no field of a row is known to tell of 'mutex:name'"),
        ("[file:name = 'x' OR mutex:name = 'x']", "no field of a row is known to tell of 'mutex:name'"),
        ("[file:name = 'x' AND url:value = 'y']", "ask for objects of different types"),
        ("[file:name > 'x']", "'>' compares with a number here"),
        ("[network-traffic:dst_port NOT IN (80, 'x')]", "NOT IN of numbers and texts together"),
        (
            "[file:name[0] = 'x']",
            "'file:name[0]' asks for an element by its number where rows tell of no list",
        ),
        ("[windows-registry-key:values.name[0] = 'x']", "where rows tell of no list"),
        ("[windows-registry-key[0]:values.name = 'x']", "stands where ':' is expected"),
        ("[network-traffic:protocols[0][1] = 'x']", "where rows tell of no list"),
        ("[network-traffic:protocols[-1] = 'x']", "elements of a list are numbered from 0 to 255"),
        ("[network-traffic:protocols[256] = 'x']", "elements of a list are numbered from 0 to 255"),
        ("[file:name = t'2026-01-01T00:00:00Z']", "a constant of the kind 'time'"),
        ("[file:name MATCHES '(?=x)']", "RE2 cannot run the regular expression"),
        ("[ipv4-addr:value ISSUBSET 'x']", "not a network"),
        ("[ipv4-addr:value ISSUPERSET '10.0.0.0/8']", "none holds a network"),
        ("[ipv4-addr:value = '10.0.0.0/8']", "none is the network 10.0.0.0/8: ISSUBSET asks for those in it"),
        ("[file:name = 'x'] WITHIN 0 SECONDS", "a positive number of seconds"),
        ("[file:name = 'x'] REPEATS 1.5 TIMES", "a positive whole number"),
        ("([file:name = 'x'] OR [file:name = 'y']) REPEATS 101 TIMES", "more than 100 times"),
        ("[file:name = 'x'] START t'2026-01-01T00:00:00Z' STOP t'2026-01-01T00:00:00Z'", "STOP is not later"),
        ("[file:name = 'x'] START t'2026-13-01T00:00:00Z' STOP t'2026-01-01T00:00:00Z'", "not a time in UTC"),
        ("(" * 100 + "[file:name = 'x']" + ")" * 100, "nested deeper than 64"),
        ("[" + "(" * 100 + "file:name = 'x'" + ")" * 100 + "]", "nested deeper than 64"),
        ("[file:name = 'x']" + " OR [file:name = 'x']" * 2000, "more than 1000 observations"),
        ("[file:name = 'x']" + " AND [file:name = 'x']" * 70, "more than 64 expressions are joined by AND"),
        ("[file:name MATCHES '" + "x" * 20_000 + "']", "more than 16384 characters"),
        ('{"type": "malware"}', "no indicator object is in it"),
        ('{"type": "indicator", "pattern_type": "yara", "pattern": "x"}', "of the type 'yara'"),
        ('{"type": ', "not JSON, and not a pattern either"),
        ("[" * 300_000, "more than 200000 characters"),
    ],
)
def test_what_cannot_run_is_named(pattern: str, reason: str) -> None:
    (found,) = compile_pack([("p.stix", pattern.encode())]).unusable
    assert reason in found.reason


def test_indicator_objects_and_bundles_of_them() -> None:
    one = {"type": "indicator", "id": "indicator--1", "name": "A shell", "pattern": "[file:name = 'cmd.exe']"}
    two = {**one, "pattern": "[url:value = 'x'] /* a comment */ AND // another\n [url:value = 'y']"}
    found = parse_stix("p.stix", json.dumps(one).encode())
    assert isinstance(found, StixPattern)
    assert (found.title, found.rule_id, found.whole) == ("A shell", "indicator--1", False)
    bundle = json.dumps({"type": "bundle", "objects": [{"type": "identity"}, one, two]})
    both = parse_stix("p.stix", bundle.encode())
    assert isinstance(both, StixPattern)
    assert (len(both.observations), both.whole) == (3, True)
    assert matched(bundle, [row(1, 1, **EVENT)]) == {1}


def test_rows_say_of_objects_what_the_table_names() -> None:
    assert objects_of({"nothing": "x", "Image": "", "SourceIp": None}) == {}
    assert objects_of({"answers": ["10.0.0.4", "a.b", "::1"]})["ipv4-addr:value"] == ["10.0.0.4"]
    assert all(fields for fields in PATHS.values())
    told = explain(
        compile_pack([("p.stix", b"[file:name != 'x' OR network-traffic:dst_port = 443]")]).rules[0],
        row(1, 1, **EVENT),
        ITEM,
    )
    assert told == [
        "not: file:name is 'x': 'cmd.exe'",
        "network-traffic:dst_port is the number '443': '443'",
    ]


def test_patterns_do_not_change_what_other_rules_see() -> None:
    keyword = b"logsource: {product: x}\ndetection: {s: {'|re': '^cmd.exe$'}, condition: s}\n"
    pack = compile_pack([("k.yml", keyword), ("p.stix", b"[file:name = 'cmd.exe']")])
    found = run(pack, ITEM, [row(1, 1, **EVENT)])
    (pattern,) = [rule.digest for rule in pack.rules if isinstance(rule, StixPattern)]
    assert found.matches == ((pattern, 1),)


# Observations put together.

A, B, C = "[file:name = 'a']", "[file:name = 'b']", "[file:name = 'c']"


@pytest.mark.parametrize(
    ("pattern", "rows", "expected"),
    [
        (f"{A} AND {B}", "a1 b5", {1, 2}),
        (f"{A} AND {A}", "a1", set()),
        (f"{A} AND {A}", "a1 a1", {1, 2}),
        (f"{A} OR {B}", "a1 c2 b3", {1, 3}),
        (f"{A} FOLLOWEDBY {B}", "b1 a2", set()),
        (f"{A} FOLLOWEDBY {B}", "b1 a2 b2", {2, 3}),
        (f"({A} AND {B}) WITHIN 3 SECONDS", "a1 b4 b5", {1, 2}),
        (f"({A} AND {B}) WITHIN 0.5 SECONDS", "a1 b2", set()),
        (f"{A} REPEATS 3 TIMES", "a1 a2 b2", set()),
        (f"{A} REPEATS 3 TIMES WITHIN 2 SECONDS", "a1 a2 a3 a9", {1, 2, 3}),
        (f"({A} FOLLOWEDBY {B}) REPEATS 2 TIMES", "a1 b2 a3", set()),
        (f"({A} FOLLOWEDBY {B}) REPEATS 2 TIMES", "a1 b2 a3 b4 c5", {1, 2, 3, 4}),
        (f"{A} START t'1970-01-01T00:00:02Z' STOP t'1970-01-01T00:00:03.5Z'", "a1 a2 a3 a4", {2, 3}),
        (f"{A} FOLLOWEDBY {B} FOLLOWEDBY {C}", "a1 b2 c3 b4", {1, 2, 3}),
        (f"{A} AND {B} OR {C}", "c1 a2", {1}),
    ],
)
def test_observations(pattern: str, rows: str, expected: set[int]) -> None:
    given = [row(n, int(word[1:]), Image=word[0]) for n, word in enumerate(rows.split(), 1)]
    assert matched(pattern, given) == expected
    assert matched(pattern, given[::-1]) == expected


def test_rows_without_a_time_are_counted_where_time_matters() -> None:
    rows = [row(1, None, Image="a"), row(2, 1, Image="a"), row(3, 2, Image="b")]
    assert matched(A, rows) == {1, 2}
    found = ran(f"{A} AND {B}", rows)
    assert {index for _, index in found.matches} == {2, 3}
    assert list(found.undated.values()) == [1]


def test_a_search_that_takes_too_long_gives_no_verdict_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observe, "STEPS", 1000)
    rows = [row(n, n, Image="ab"[n % 2]) for n in range(200)]
    found = ran(f"({A} AND {A} AND {A} AND {B} AND {C}) WITHIN 100 SECONDS", rows)
    assert found.matches == ()
    (why,) = found.refused.values()
    assert why.startswith("finding which rows go together takes more than")


def _bindings(tree: Tree, events: list[list[tuple[int, int]]]) -> set[frozenset[tuple[int, int]]]:
    """Every binding, written out."""
    if isinstance(tree, int):
        return {frozenset([event]) for event in events[tree]}
    inner = [_bindings(part, events) for part in tree.parts]
    match tree.operator:
        case "or":
            return set().union(*inner)
        case "within":
            return {b for b in inner[0] if max(b)[0] - min(b)[0] <= tree.high}
        case "between":
            return {b for b in inner[0] if all(tree.low <= time < tree.high for time, _ in b)}
        case "repeats":
            found = set()
            for some in itertools.combinations(inner[0], tree.low):
                joined = frozenset().union(*some)
                if len(joined) == sum(map(len, some)):
                    found.add(joined)
            return found
    followed = tree.operator == "followed"
    return {
        one | two
        for one in inner[0]
        for two in inner[1]
        if not one & two and (not followed or max(one)[0] <= min(two)[0])
    }


trees = st.recursive(
    st.sampled_from([A, B, "[file:name = 'a' OR file:name = 'b']"]),
    lambda inner: st.one_of(
        st.builds("({} AND {})".format, inner, inner),
        st.builds("({} OR {})".format, inner, inner),
        st.builds("({} FOLLOWEDBY {})".format, inner, inner),
        st.builds("({}) WITHIN {} SECONDS".format, inner, st.sampled_from(["1", "2.5"])),
        st.builds("({}) REPEATS {} TIMES".format, inner, st.sampled_from([1, 2])),
        st.builds(
            "({}) START t'1970-01-01T00:00:0{}Z' STOP t'1970-01-01T00:00:04Z'".format,
            inner,
            st.integers(0, 3),
        ),
    ),
    max_leaves=3,
)
logs = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 5)), max_size=6).map(
    lambda found: [row(n, at, Image=name) for n, (name, at) in enumerate(found, 1)]
)


@settings(max_examples=300)
@given(trees, logs)
def test_agrees_with_every_binding_written_out(pattern: str, rows: list[Row]) -> None:
    found = parse_stix("p.stix", pattern.encode())
    assert isinstance(found, StixPattern)
    if found.tree is None:
        return
    wanted = ["ab" if "OR" in part else part[0] for part in _names(pattern)]
    events = [[(r.time or 0, r.index) for r in rows if str(r.fields["Image"]) in names] for names in wanted]
    expected = {index for binding in _bindings(found.tree, events) for _, index in binding}
    assert matched(pattern, rows) == expected


def _names(pattern: str) -> list[str]:
    inside = [part.partition("]")[0] for part in pattern.split("[")[1:]]
    return [part.split("'")[1] + ("OR" if " OR " in part else "") for part in inside]


# The other reader: OASIS's matcher, on the same rows as bundles of objects.


def _bundle(found: Row) -> dict[str, Any]:
    at = f"1970-01-01T00:00:{(found.time or 0) // 1_000_000:02d}Z"
    objects = [
        {"type": "ipv4-addr", "id": f"ipv4-addr--00000000-0000-4000-8000-{found.index:012d}"},
        {"type": "network-traffic", "id": f"network-traffic--00000000-0000-4000-8000-{found.index:012d}"},
        {"type": "file", "id": f"file--00000000-0000-4000-8000-{found.index:012d}"},
    ]
    for thing, (name, field) in zip(
        objects, (("value", "SourceIp"), ("dst_port", "DestinationPort"), ("name", "Image")), strict=True
    ):
        if field in found.fields:
            thing[name] = found.fields[field]  # type: ignore[assignment]
    observed = {
        "type": "observed-data",
        "id": f"observed-data--00000000-0000-4000-8000-{found.index:012d}",
        "spec_version": "2.1",
        "first_observed": at,
        "last_observed": at,
        "number_observed": 1,
        "object_refs": [thing["id"] for thing in objects],
    }
    return {
        "type": "bundle",
        "id": f"bundle--00000000-0000-4000-8000-{found.index:012d}",
        "objects": [observed, *objects],
    }


ports = st.builds(
    "network-traffic:dst_port {} {}".format, st.sampled_from(["=", "<", ">="]), st.integers(1, 3)
)
compares = st.one_of(
    st.builds(
        "ipv4-addr:value {} '{}'".format,
        st.sampled_from(["=", "!=", "NOT =", "LIKE", "NOT LIKE", "MATCHES", "NOT MATCHES"]),
        st.sampled_from(["10.0.0.1", "10.0.0.2"]),
    ),
    st.builds("ipv4-addr:value {} '10.0.0.0/8'".format, st.sampled_from(["ISSUBSET", "NOT ISSUBSET"])),
    st.builds(
        "network-traffic:dst_port {} {}".format,
        st.sampled_from(["=", "!=", "<", "<=", ">", ">=", "NOT <", "NOT ="]),
        st.integers(1, 3),
    ),
    st.builds("network-traffic:dst_port IN ({}, {})".format, st.integers(1, 3), st.integers(1, 3)),
    st.builds(
        "file:name {} '{}'".format,
        st.sampled_from(["=", "!=", "LIKE"]),
        st.sampled_from(["a", "b", "a%", "_"]),
    ),
    st.builds("file:name {} ('a', 'bc')".format, st.sampled_from(["IN", "NOT IN"])),
    st.builds(
        "file:name {} '{}'".format,
        st.sampled_from(["MATCHES", "NOT MATCHES"]),
        st.sampled_from(["^a", "b", "c$"]),
    ),
)
observations = st.one_of(
    compares.map("[{}]".format),
    st.builds("[{} AND {}]".format, ports, ports),
    st.builds("[({} OR {}) AND {}]".format, compares, ports, ports),
    st.builds("[{} OR {}]".format, compares, compares),
)
wholes = st.recursive(
    observations,
    lambda inner: st.one_of(
        st.builds("({} AND {})".format, inner, inner),
        st.builds("({} OR {})".format, inner, inner),
        st.builds("({} FOLLOWEDBY {})".format, inner, inner),
        st.builds("({}) WITHIN {} SECONDS".format, inner, st.sampled_from(["1", "2"])),
        st.builds("({}) REPEATS 2 TIMES".format, inner),
    ),
    max_leaves=3,
)


def _rows(found: list[tuple[int, dict[str, Any]]]) -> list[Row]:
    return [row(n, at, **fields) for n, (at, fields) in enumerate(found, 1)]


seen = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.fixed_dictionaries(
            {
                "SourceIp": st.sampled_from(["10.0.0.1", "10.0.0.2", "192.0.2.1"]),
                "DestinationPort": st.integers(1, 3),
                "Image": st.sampled_from(["a", "b", "bc", "A"]),
            }
        ),
    ),
    min_size=1,
    max_size=4,
).map(_rows)


@settings(max_examples=150)
@given(wholes, seen)
def test_agrees_with_another_reader(pattern: str, rows: list[Row]) -> None:
    matcher = pytest.importorskip("stix2matcher.matcher")
    found = matched(pattern, rows)
    theirs = matcher.match(pattern, [_bundle(each) for each in rows], stix_version="2.1")
    assert bool(found) is bool(theirs), (pattern, rows)
    if pattern.startswith("["):
        alone = {each.index for each in rows if matcher.match(pattern, [_bundle(each)], stix_version="2.1")}
        assert found == alone


def test_a_step_says_itself() -> None:
    assert Step("within", (0,), high=5).to_json() == ["within", 0, 5, 0]
