"""The two tellings that the tests of the demo read."""

from __future__ import annotations

import pytest

from tests.demo.telling import Telling, tell_both


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Telling, Telling]:
    """The story told forward, and told swapped."""
    return tell_both(tmp_path_factory)


@pytest.fixture(scope="session")
def forward(told: tuple[Telling, Telling]) -> Telling:
    return told[0]
