"""Every adapter of a port, made fresh for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from comity.adapters.file_blobs import FileBlobs
from comity.adapters.memory_journal import MemoryJournal
from comity.adapters.public_files import PublicFiles
from comity.adapters.sqlite_journal import SqliteJournal
from comity.exchange.ports import Blobs, Journal, Public

JOURNALS: dict[str, Callable[[Path], Journal]] = {
    "sqlite": lambda folder: SqliteJournal(folder / "journal.db"),
    "memory": lambda folder: MemoryJournal(),
}


@pytest.fixture(params=sorted(JOURNALS))
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Journal]:
    made = JOURNALS[request.param](tmp_path)
    yield made
    made.close()


@pytest.fixture(params=["files"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    return FileBlobs(tmp_path / "blobs", bytes(range(32)))


@pytest.fixture(params=["files"])
def public(request: pytest.FixtureRequest, tmp_path: Path) -> Public:
    return PublicFiles(tmp_path / "public")
