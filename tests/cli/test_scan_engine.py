"""What makes two engines the same is one rule, for workers of a cluster and for results that are kept."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

import pytest

from comity.cli import scan_engine, scan_kept


@pytest.fixture(autouse=True)
def _anew() -> None:
    scan_engine.around_here.cache_clear()
    scan_engine.engine_here.cache_clear()


def test_versions_are_those_that_are_installed() -> None:
    here = scan_engine.engine_here()
    for name in scan_engine.LIBRARIES:
        try:
            assert here[name] == metadata.version(name)
        except metadata.PackageNotFoundError:
            assert here[name] == "none"
    assert here["google-re2"] != "none"


def test_what_is_kept_is_of_another_engine_where_a_worker_would_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = scan_kept._code_state()
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    for name, differs in (("another_tool-1.0", False), ("Google_RE2-9.9", True)):
        (tmp_path / f"{name}.dist-info").mkdir()
        scan_engine.around_here.cache_clear()
        assert (scan_kept._code_state() != before) is differs
    assert scan_engine.around_here()["google-re2"] == "9.9"
    scan_engine.around_here.cache_clear()
