"""All code that pages come to need, loaded before the first of them asks for it.

Some modules load others only once they are used. Whoever installs another version of Comity while a node runs
would so have it mix the two: a page that was never asked for before would break until the node is started
again. A running node therefore loads them all as it starts.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Final

from comity.web.phrases import LANGUAGES, messages_in

__all__ = ["load_everything", "modules_of_pages"]

PACKAGES: Final = (
    "records",
    "ledger",
    "case",
    "evidence",
    "findings",
    "law",
    "weighing",
    "matching",
    "statements",
    "dossier",
    "exchange",
    "web",
)
"""What pages are made with. What a home is made of (``compose``, ``adapters``) is loaded to open it."""
APART: Final = ("comity.weighing.trial",)
"""Runs in commands alone."""


def modules_of_pages() -> Iterator[str]:
    """The name of every module that a page, or whatever a page calls, may load."""
    for package in PACKAGES:
        name = f"comity.{package}"
        yield name
        found = pkgutil.walk_packages(importlib.import_module(name).__path__, f"{name}.")
        yield from (
            one.name
            for one in found
            if not one.name.startswith(APART) and not one.name.rpartition(".")[2].startswith("__")
        )


def load_everything() -> tuple[str, ...]:
    """Load them, and the catalogues of words. Gives the names of modules that need an extra which is not
    installed: whoever asks for their pages is told so."""
    without = []
    for name in modules_of_pages():
        try:
            importlib.import_module(name)
        except ImportError:
            without.append(name)
    for language in LANGUAGES:
        messages_in(language)
    return tuple(without)
