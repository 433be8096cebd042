"""What a test does where a program that it compares with is not installed."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def lack(what: str) -> NoReturn:
    """Skip on a desk, with the reason; fail in CI, where nothing may go unread (``.ci/run`` installs all)."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing, and CI is to have it")
    pytest.skip(f"{what} is missing")
