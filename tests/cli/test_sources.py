"""Rules and evidence told apart by what is in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from comity.cli.inputs import list_files
from comity.cli.sources import is_rule, sort_paths


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        ("a.yml", b"", True),
        ("a.YAML", b"x", True),
        ("a.ioc", b"1.2.3.4", True),
        ("a.txt", b"# seen on 3 October\n203.0.113.9\n\nevil.example\r\n", True),
        ("a.txt", b"Oct 3 10:00:00 host sshd: failed\n", False),
        ("a.txt", b"", False),
        ("a.txt", b"\0binary\0", False),
        ("a.log", b"203.0.113.9\n", False),
        ("a.csv", b"a,b\n1,2\n", False),
    ],
)
def test_single_files(tmp_path: Path, name: str, content: bytes, rule: bool) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert is_rule(path) is rule


def test_a_folder_of_only_rules_is_rules(tmp_path: Path) -> None:
    rules, mixed = tmp_path / "rules", tmp_path / "mixed"
    for folder in (rules / "deep", mixed):
        folder.mkdir(parents=True)
        (folder / "a.yml").write_text("x")
    (rules / "README.md").write_text("about")
    (rules / "LICENSE").write_text("terms")
    (mixed / "b.log").write_text("row")
    found = sort_paths([rules, mixed], [])
    assert found.rules == [rules / "deep" / "a.yml"]
    assert found.evidence == [mixed / "a.yml", mixed / "b.log"]


def test_what_is_named_as_rules_is_rules(tmp_path: Path) -> None:
    odd = tmp_path / "odd.log"
    odd.write_text("203.0.113.9")
    found = sort_paths([odd], [odd])
    assert (found.rules, found.evidence) == ([odd], [])


def test_links_pipes_and_missing_files_are_named(tmp_path: Path) -> None:
    import os

    (tmp_path / "real").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "circle").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    listing = list_files([tmp_path, tmp_path / "none", tmp_path / "real" / "below"])
    assert listing.files == [tmp_path / "real"]
    assert {path.name for path, _ in listing.skipped} == {"link", "circle", "pipe"}
    assert [error.code for error in listing.failed] == ["file.missing", "file.folder"]
