"""One full case and one live case, built once for all tests of pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.web.stage import Live, app_of, enter, node_of, tell
from tests.world import FullCase, full_case


@pytest.fixture(scope="session")
def full() -> FullCase:
    return full_case(0)


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Live:
    return tell(tmp_path_factory.mktemp("live"))


@pytest.fixture(params=["claimant", "respondent", "third"])
def client(request: pytest.FixtureRequest, full: FullCase) -> Iterator[TestClient[Litestar]]:
    """A reader of the full case at the node of each side, already let in."""
    node = node_of(full, getattr(full, request.param))
    with TestClient(app_of(node)) as client:
        enter(client)
        yield client


@pytest.fixture
def holder(live: Live) -> Iterator[TestClient[Litestar]]:
    """A reader at the node that holds the live case's evidence."""
    with TestClient(app_of(live.world.nodes[0])) as client:
        enter(client)
        yield client


@pytest.fixture
def shown(live: Live) -> Iterator[TestClient[Litestar]]:
    """A reader at the node that some rows were disclosed to."""
    with TestClient(app_of(live.world.nodes[1])) as client:
        enter(client)
        yield client
