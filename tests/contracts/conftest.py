"""Every adapter of a port, made fresh for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from comity.adapters.file_blobs import FileBlobs
from comity.adapters.memory_journal import MemoryJournal
from comity.adapters.public_files import PublicFiles
from comity.adapters.s3_blobs import S3Blobs
from comity.adapters.s3_public import S3Public
from comity.adapters.sqlite_journal import SqliteJournal
from comity.exchange.ports import Blobs, Journal, Public
from tests.object_store import Store, bucket_of

JOURNALS: dict[str, Callable[[Path], Journal]] = {
    "sqlite": lambda folder: SqliteJournal(folder / "journal.db"),
    "memory": lambda folder: MemoryJournal(),
}


@pytest.fixture(params=sorted(JOURNALS))
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    made = JOURNALS[request.param](tmp_path)
    yield made
    made.close()


@pytest.fixture(params=["files", "s3"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    key = bytes(range(32))
    if request.param == "files":
        return FileBlobs(tmp_path / "blobs", key)
    # Made only where it is asked for: a store takes seconds to start.
    store: Store = request.getfixturevalue("store")
    return S3Blobs(bucket_of(store.make()), key)


@pytest.fixture(params=["files", "s3"])
def public(request: pytest.FixtureRequest, tmp_path: Path) -> Public:
    if request.param == "files":
        return PublicFiles(tmp_path / "public")
    store: Store = request.getfixturevalue("store")
    return S3Public(bucket_of(store.make()))
