"""Policies as text: the specification's example, every refusal with its line, and there and back."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import Malformed
from comity.ledger.note import COSIGNATURE, vkey_of
from comity.ledger.policy import (
    POLICY_LIMIT,
    PolicyGroup,
    PolicyLog,
    PolicyWitness,
    TextPolicy,
    parse_policy,
)
from comity.records import ed25519

KEYS = [ed25519.public_of(bytes([n]) * 32) for n in range(12)]
LOG = str(vkey_of("ledger.example/alder", KEYS[0]))
W = [str(vkey_of(f"witness.example/w{n}", KEYS[n], COSIGNATURE)) for n in range(12)]

EXAMPLE = f"""\
# Two operators, both of which must have seen it.
log {LOG}

witness X1 {W[1]}
witness X2 {W[2]}  https://x2.example/
\twitness X3 {W[3]}
group X-witnesses 2 X1 X2 X3
witness Y1 {W[4]}
witness Y2 {W[5]}
  # any of these
group Y-witnesses any Y1 Y2
group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""


def test_the_example_of_the_specification() -> None:
    policy = parse_policy(EXAMPLE.encode())
    assert [str(log.vkey) for log in policy.logs] == [LOG]
    assert policy.witnesses[1].url == "https://x2.example/"
    for size in range(6):
        for some in combinations(range(1, 6), size):
            enough = len({1, 2, 3} & set(some)) >= 2 and bool({4, 5} & set(some))
            assert policy.met({KEYS[n] for n in some} | {KEYS[9]}) == enough


def test_a_quorum_of_one_witness_or_of_none() -> None:
    assert parse_policy(b"quorum none\n").met(set())
    one = parse_policy(f"witness a {W[1]}\nquorum a\n".encode())
    assert one.met({KEYS[1]})
    assert not one.met({KEYS[2]})


A, B = f"witness a {W[1]}\n", f"witness b {W[2]}\n"


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "policy.quorum", ""),
        (A, "policy.quorum", ""),
        ("quorum none", "policy.text", ":1"),
        ("quorum none\r\n", "policy.text", ":1"),
        (A + "\x0bquorum a\n", "policy.text", ":2"),
        (A + "quorum a\nquorum a\n", "policy.quorum", ":3"),
        (A + "quorum b\n", "policy.name", ":2"),
        ("quorum a\n" + A, "policy.name", ":1"),
        (A + "quorum a b\n", "policy.line", ":2"),
        (A + "Quorum a\n", "policy.line", ":2"),
        (A + "quorum\u00a0a\n", "policy.line", ":2"),
        ("witness a\n", "policy.line", ":1"),
        (f"witness a {W[1]} u v\n", "policy.line", ":1"),
        (f"witness none {W[1]}\n", "policy.name", ":1"),
        (A + f"witness a {W[2]}\n", "policy.duplicate", ":2"),
        (A + f"witness b {W[1]}\n", "policy.duplicate", ":2"),
        (A + f"witness b {vkey_of('another', KEYS[1], COSIGNATURE)}\n", "policy.duplicate", ":2"),
        (f"witness a {LOG}\n", "policy.kind", ":1"),
        (f"log {W[1]}\n", "policy.kind", ":1"),
        (f"log {LOG}\nlog {LOG}\n", "policy.duplicate", ":2"),
        ("log x+y\n", "vkey.kind", ":1"),
        (A + "group g all\n", "policy.line", ":2"),
        (A + "group g 0 a\n", "policy.threshold", ":2"),
        (A + "group g 01 a\n", "policy.threshold", ":2"),
        (A + "group g +1 a\n", "policy.threshold", ":2"),
        (A + "group g \u0661 a\n", "policy.threshold", ":2"),
        (A + "group g 2 a\n", "policy.threshold", ":2"),
        (A + "group g 99999999999999999999 a\n", "policy.threshold", ":2"),
        (A + "group g all b\n", "policy.name", ":2"),
        (A + "group g all g\n", "policy.name", ":2"),
        (A + "group g all none\n", "policy.name", ":2"),
        (A + "group none all a\n", "policy.name", ":2"),
        (A + "group a all a\n", "policy.duplicate", ":2"),
        (A + B + "group g all a a\n", "policy.duplicate", ":3"),
        (A + B + "group g all a\ngroup h all a b\n", "policy.duplicate", ":4"),
        ("#" * (POLICY_LIMIT + 1), "policy.text", ""),
    ],
)
def test_what_is_refused_and_where(text: str, code: str, line: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse_policy(text.encode(), "file")
    assert (caught.value.code, caught.value.where) == (code, f"file{line}")


def test_names_are_octets() -> None:
    raw = b"witness \xff\xe2\x84\xaa " + W[1].encode() + b"\nquorum \xff\xe2\x84\xaa\n"
    assert parse_policy(raw).render() == raw
    with pytest.raises(Malformed, match=r"policy\.name"):
        parse_policy(raw.replace(b"quorum \xff\xe2\x84\xaa", b"quorum K"))


@st.composite
def policies(draw: st.DrawFn) -> TextPolicy:
    """Any policy: each name a member at most once, groups over what stands before them."""
    count = draw(st.integers(1, 10))
    witnesses = [
        PolicyWitness(
            name=f"w{n}",
            vkey=vkey_of(f"w/{n}", KEYS[n], COSIGNATURE),
            url=draw(st.sampled_from(["", "http://w.example/"])),
        )
        for n in range(count)
    ]
    free = [w.name for w in witnesses]
    groups: list[PolicyGroup] = []
    for n in range(draw(st.integers(0, 4))):
        if not free:
            break
        members = draw(st.lists(st.sampled_from(free), min_size=1, unique=True))
        groups.append(PolicyGroup(name=f"g{n}", k=draw(st.integers(1, len(members))), members=tuple(members)))
        free = [name for name in free if name not in members] + [f"g{n}"]
    return TextPolicy(
        logs=draw(st.sampled_from([(), (PolicyLog(vkey=vkey_of("l", KEYS[11])),)])),
        witnesses=tuple(witnesses),
        groups=tuple(groups),
        quorum=draw(st.sampled_from(["none", *(w.name for w in witnesses), *(g.name for g in groups)])),
    )


@given(policies(), st.sets(st.sampled_from(KEYS)), st.sampled_from(KEYS))
def test_what_is_written_reads_back_and_more_cosignatures_never_unmeet_it(
    policy: TextPolicy, cosigned: set[bytes], more: bytes
) -> None:
    assert parse_policy(policy.render()) == policy
    assert policy.met(cosigned | {more}) >= policy.met(cosigned)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_policy_or_malformed(raw: bytes) -> None:
    try:
        policy = parse_policy(raw)
    except Malformed:
        return
    assert parse_policy(policy.render()).render() == policy.render()
