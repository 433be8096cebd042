"""Compiled rules are kept for the next run, and made again where anything differs."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from comity.cli import rule_cache
from comity.cli.rule_cache import load_pack
from comity.findings import pack as packs

RULE = "title: r{n}\nlogsource: {{product: test}}\ndetection: {{s: {{F: x{n}}}, condition: s}}\n"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(rule_cache, "WORTH", 2)
    folder = tmp_path / "rules"
    folder.mkdir()
    for n in range(4):
        (folder / f"{n}.yml").write_text(RULE.format(n=n))
    (folder / "bad.yml").write_text("title: none\n")
    return folder


def caches(place: Path) -> list[Path]:
    return sorted((place.parent / "cache" / "comity" / "packs").glob("*.json"))


def test_the_second_run_compiles_nothing(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = load_pack(place.iterdir())
    assert len(caches(place)) == 1
    assert caches(place)[0].stat().st_mode & 0o077 == 0
    monkeypatch.setattr(packs, "compile_pack", None)
    again, unread = load_pack(place.iterdir())
    assert (again, unread) == (first, ())
    assert [each.reason for each in again.unusable] == ["the rule has no detection"]


def test_a_changed_rule_a_changed_cache_and_another_engine_are_compiled_again(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = load_pack(place.iterdir())
    (cache,) = caches(place)
    cache.write_bytes(cache.read_bytes().replace(b"x0", b"x9"))
    assert load_pack(place.iterdir())[0] == first
    assert b"x9" not in cache.read_bytes()
    (place / "0.yml").write_text(RULE.format(n=7))
    assert load_pack(place.iterdir())[0] != first
    monkeypatch.setattr(rule_cache, "engine_version", lambda: "another")
    load_pack(place.iterdir())
    assert len(caches(place)) == 3


def test_another_version_of_what_reads_sources_compiles_them_again(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = tmp_path / "a_reader_of_sources.py"
    reader.write_text("version = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(rule_cache, "READERS", (reader.stem, "there_is_none_of_this_name"))
    load_pack(place.iterdir())
    load_pack(place.iterdir())
    assert len(caches(place)) == 1
    reader.write_text("version = 22\n")
    load_pack(place.iterdir())
    assert len(caches(place)) == 2
    monkeypatch.setattr("sys.version", "another interpreter")
    load_pack(place.iterdir())
    assert len(caches(place)) == 3


def test_a_long_list_is_mapped_and_sent_by_its_place(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numpy")
    monkeypatch.setattr(rule_cache, "LONG", 1000)
    listed = place / "long.ioc"
    listed.write_text("".join(f"n{n}.example\n10.0.{n // 256}.{n % 256}\n" for n in range(2000)))
    plain = packs.compile_pack([(str(listed), listed.read_bytes())])
    made, unread = load_pack([listed])
    again, _ = load_pack([listed])
    assert (made, again, unread) == (plain, plain, ())
    sent = pickle.dumps(again)
    assert len(sent) < 5000
    assert pickle.loads(sent) == plain
    assert pickle.loads(pickle.dumps(plain)) == plain
    both, _ = load_pack([listed, place / "0.yml"])
    assert (
        both.digest == packs.compile_pack((str(p), p.read_bytes()) for p in (listed, place / "0.yml")).digest
    )


def test_few_caches_are_kept(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rule_cache, "KEPT", 2)
    for n in range(4):
        (place / "0.yml").write_text(RULE.format(n=10 + n))
        load_pack(place.iterdir())
    assert len(caches(place)) == 2


def test_a_folder_that_others_may_write_to_is_not_used(place: Path) -> None:
    folder = place.parent / "cache" / "comity" / "packs"
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    load_pack(place.iterdir())
    assert caches(place) == []


def test_where_nothing_can_be_kept_rules_still_load(place: Path) -> None:
    (place.parent / "cache").write_text("a file in the folder's place")
    assert len(load_pack(place.iterdir())[0].rules) == 4


def test_with_rules_kept_nothing_is_loaded_that_only_compiling_or_much_evidence_wants(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    for n in range(rule_cache.WORTH):
        (rules / f"{n}.yml").write_text(RULE.format(n=n))
    (rules / "words.yml").write_text(
        "title: w\nlogsource: {category: process_creation}\ndetection: {s: [mimikatz], condition: s}\n"
    )
    row = tmp_path / "row.jsonl"
    row.write_text('{"Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 1, "F": "mimikatz"}\n')
    code = (
        "import sys\nfrom comity.cli.main import main\n"
        f"try: main(['find', {str(rules)!r}, {str(row)!r}])\nexcept SystemExit: pass\n"
        "heavy = {'concurrent.futures', 'llvmlite', 'logging', 'numpy', 'yaml'}\n"
        "print('HEAVY', sorted(heavy & set(sys.modules)))"
    )
    env = dict(os.environ, XDG_CACHE_HOME=str(tmp_path / "cache"))
    said = [
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env)
        for _ in range(3)  # the second may read the files again, to find that they are the same
    ]
    assert "1 row" in said[-1].stdout
    assert "HEAVY []" in said[-1].stdout
