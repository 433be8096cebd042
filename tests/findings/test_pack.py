"""What enters a pack's digest, and what does not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from comity.findings.pack import compile_pack, merge_packs


def rule(value: str, title: str = "t") -> bytes:
    return f"title: {title}\ndetection:\n  s: {{F: {value}}}\n  condition: s\n".encode()


SOURCES = [
    ("a.yml", rule("x")),
    ("b.yaml", rule("y")),
    ("broken.yml", b"a: [\n"),
    ("list.txt", b"bad.example\n"),
    ("read.me", b"hello"),
]


@given(st.permutations(SOURCES))
def test_order_does_not_matter(sources: list[tuple[str, bytes]]) -> None:
    assert compile_pack(sources) == compile_pack(SOURCES)


def test_names_and_broken_neighbours_do_not_matter() -> None:
    renamed = [("z/" + name, raw) for name, raw in reversed(SOURCES)]
    assert compile_pack(renamed).digest == compile_pack(SOURCES).digest
    usable = [SOURCES[0], SOURCES[1], SOURCES[3]]
    assert compile_pack(usable).digest == compile_pack(SOURCES).digest
    assert compile_pack([*usable, usable[0]]).digest == compile_pack(usable).digest


def test_every_rule_matters() -> None:
    digests = {compile_pack(SOURCES[:n]).digest for n in (0, 1, 2, 4)}
    assert len(digests) == 4
    assert compile_pack([("a.yml", rule("x", "other"))]).digest not in digests


def test_every_source_is_accounted_for() -> None:
    pack = compile_pack(SOURCES)
    assert len(pack.rules) + len(pack.unusable) == len(SOURCES)
    assert [(u.source_name, u.reason) for u in pack.unusable][1] == (
        "read.me",
        "not a rule: the name ends in none of .yml, .yaml, .txt, .ioc, .stix, .yar, .yara, .sql",
    )
    assert list(pack.rule_digests) == sorted(pack.rule_digests)


def test_of_the_same_bytes_in_two_languages_one_runs_whatever_the_names_are() -> None:
    raw = b"select row from rows order by row"
    packs = []
    for query, listed in (("a.sql", "b.txt"), ("b.sql", "a.txt")):
        pack = compile_pack([(query, raw), (listed, raw)])
        apart = [compile_pack([(query, raw)]), compile_pack([(listed, raw)])]
        assert merge_packs(apart).digest == merge_packs(reversed(apart)).digest == pack.digest
        (other,) = pack.unusable
        assert (other.source_name, pack.rules[0].source_name) == (query, listed)
        assert f"those of {listed}" in other.reason
        packs.append(pack.digest)
    assert len(set(packs)) == 1
