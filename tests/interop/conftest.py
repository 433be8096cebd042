"""The published ledger, made once."""

from __future__ import annotations

import pytest

from tests.interop.published import Published, publish


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """A real node's public files; see ``tests.interop.published``."""
    return publish(tmp_path_factory.mktemp("published"))
