"""What every test may ask for: the shared data, a browser, and one setting of hypothesis."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.object_store import Store

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("COMITY_SHARED") or ROOT.parent / "shared" / "data")

# Who runs the tests behind a script without job control hands down that ^C is ignored; what the tests start
# and interrupt is started as a person would start it (a handler is reset in a child, what is ignored stays).
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# No deadline: a busy machine is not a wrong answer. In CI the same inputs every time; on a desk
# new ones, with the failing ones kept.
_QUIET = [HealthCheck.too_slow]
settings.register_profile("desk", deadline=None, suppress_health_check=_QUIET)
settings.register_profile(
    "ci", parent=settings.get_profile("desk"), derandomize=True, database=None, print_blob=True
)
settings.register_profile("slow", parent=settings.get_profile("desk"), max_examples=10_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "desk"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="also run the long forms of campaigns")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip, with the reason, what this machine or this run has no means for."""
    missing = {}
    if not SHARED.is_dir():
        missing["shared"] = f"no shared data at {SHARED} (COMITY_SHARED names another place)"
    if shutil.which("chromium") is None:
        missing["browser"] = "chromium is not installed"
    if not config.getoption("--slow") and "slow" not in str(config.getoption("-m")):
        missing["slow"] = "the long form of a campaign runs with --slow"
    for item in items:
        for name, reason in missing.items():
            if item.get_closest_marker(name) is not None:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared data; for tests marked ``shared`` only."""
    if not SHARED.is_dir():
        pytest.skip(f"no shared data at {SHARED} (COMITY_SHARED names another place)")
    return SHARED


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The system's chromium, to be started with ``--headless --no-sandbox``."""
    found = shutil.which("chromium")
    if found is None:
        pytest.skip("chromium is not installed")
    return Path(found)


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    """A browser for the tests of one module."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium, args=["--headless", "--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="session")
def running_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """An object store in a process of its own, one for all tests of this worker."""
    from tests.object_store import run_store

    with run_store(tmp_path_factory.mktemp("store") / "log") as store:
        yield store


@pytest.fixture
def store(running_store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The object store, with credentials for it in the environment."""
    from tests.object_store import use_credentials

    use_credentials(monkeypatch)
    return running_store
