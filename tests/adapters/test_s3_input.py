"""Evidence in an object store: found below a prefix, read by ranges, searched as files are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from comity.adapters import s3_input
from comity.adapters.s3_input import list_objects, name_object, open_object, size_of
from comity.adapters.s3_place import S3Place
from comity.cli import scan_parts
from comity.errors import ComityError
from tests.cli.running import run
from tests.object_store import Store

RULE = "title: Relay used\nlogsource: {category: proxy}\ndetection: {s: {src: 203.0.113.9}, condition: s}\n"


@pytest.fixture
def bucket(store: Store, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("AWS_ENDPOINT_URL", store.endpoint)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    place = store.make("logs")
    store.save(place, "a.jsonl", b'{"src": "203.0.113.9"}\n' * 3)
    store.save(place, "deep/b.jsonl", b'{"src": "x"}\n' * 200_000 + b'{"src": "203.0.113.9"}\n')
    return place.bucket


def test_objects_below_a_prefix_are_found_and_read(bucket: str) -> None:
    found, odd = list_objects(Path(f"s3://{bucket}/logs"))
    assert odd == []
    assert [name_object(each) for each in found] == [
        f"s3://{bucket}/logs/a.jsonl",
        f"s3://{bucket}/logs/deep/b.jsonl",
    ]
    with open_object(found[1]) as file:
        assert len(file.read(70_000)) == 70_000
        assert file.read().endswith(b'{"src": "203.0.113.9"}\n')
    assert size_of(found[0]) == 69
    for name in ("log", "logs/none"):
        with pytest.raises(ComityError) as error:
            list_objects(Path(f"s3://{bucket}/{name}"))
        assert error.value.code == "s3.missing"


def test_an_object_that_vanished_since_is_told_as_such(bucket: str) -> None:
    for look in (size_of, open_object):
        with pytest.raises(ComityError) as error:
            look(Path(f"s3://{bucket}/logs/gone.jsonl"))
        assert error.value.code == "s3.missing"


def test_a_name_that_is_no_path_is_told_and_hides_no_other(bucket: str, store: Store, tmp_path: Path) -> None:
    """Who writes to the bucket names an object so that it is taken for a folder, or stops the search."""
    place = S3Place(bucket=bucket, prefix="logs/")
    store.save(place, "folder/", b"")
    store.save(place, "relay/", b'{"src": "203.0.113.9"}\n')
    store.save(place, "deep//c.jsonl", b'{"src": "203.0.113.9"}\n')
    found, odd = list_objects(Path(f"s3://{bucket}/logs"))
    assert [path.name for path in found] == ["a.jsonl", "b.jsonl"]
    assert odd == ["logs/deep//c.jsonl", "logs/relay/"]
    (tmp_path / "relay.yml").write_text(RULE)
    words = ("find", tmp_path / "relay.yml", f"s3://{bucket}/logs", "--logsource", "category=proxy")
    done = run(*words, "--json", "--workers", 1)
    assert len(done.of("finding")) == 2
    assert [each["why"] for each in done.of("skipped")] == [
        f"the name '{name}' below it is no path" for name in odd
    ]


def test_only_what_is_below_counts_as_below(
    bucket: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_input, "LISTED", 2)
    for number in range(3):
        store.save(S3Place(bucket=bucket), f"logs-of-others/{number}", b"x")
    assert len(list_objects(Path(f"s3://{bucket}/logs"))[0]) == 2


def test_too_many_objects_are_told(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_input, "LISTED", 1)
    with pytest.raises(ComityError) as error:
        list_objects(Path(f"s3://{bucket}/logs"))
    assert error.value.code == "file.many"


def test_find_says_of_objects_what_it_says_of_files(bucket: str, tmp_path: Path) -> None:
    (tmp_path / "relay.yml").write_text(RULE)
    done = run(
        "find",
        tmp_path / "relay.yml",
        f"s3://{bucket}/logs",
        "--logsource",
        "category=proxy",
        "--json",
        "--workers",
        1,
    )
    assert done.code == 0, done
    told = {Path(each["file"]).name: each for each in done.of("finding")}
    assert json.dumps(told["a.jsonl"]["rows"]) == "[[1, 3]]"
    assert json.dumps(told["b.jsonl"]["rows"]) == "[[200001, 1]]"
    gone = run("find", tmp_path / "relay.yml", f"s3://{bucket}/none", "--json")
    assert (gone.code, "s3.missing" in gone.err) == (6, True)


def test_a_large_object_is_read_by_ranges_and_says_the_same(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "relay.yml").write_text(RULE)
    words = ("find", tmp_path / "relay.yml", f"s3://{bucket}/logs/deep", "--json", "--workers")
    alone = run(*words, 1)
    monkeypatch.setattr(scan_parts, "PART", 700_000)
    apart = run(*words, 2)
    assert (alone.code, apart.out) == (0, alone.out)
    assert alone.one("finding")["rows"] == [[200_001, 1]]
    with open_object(Path(f"s3://{bucket}/logs/a.jsonl"), 46) as file:
        assert file.read() == b'{"src": "203.0.113.9"}\n'
