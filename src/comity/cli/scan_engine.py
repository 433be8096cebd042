"""What decides results besides rules and bytes: this code, its Python, and the libraries that answer for it.

Two machines with the same of all of these give the same rows. The code counts by its bytes, not by a version:
somebody who changed a line there has another engine.
"""

from __future__ import annotations

import hashlib
import sys
import unicodedata
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final

import comity

LIBRARIES: Final = ("google-re2", "evtx", "orjson", "yara-x", "duckdb", "backports-zstd")
"""Those that read bytes or answer questions; what only makes loops faster answers the same."""


@cache
def engine_here() -> dict[str, str]:
    """The parts of the engine in this process, by name; a library that is not here is "none"."""
    return {"comity": f"{comity.__version__} ({_code_digest()[:16]})"} | around_here()


@cache
def around_here() -> dict[str, str]:
    """The same without this code: what is to be the same where it is told by other means whether that is."""
    told = {
        "Python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "Unicode": unicodedata.unidata_version,
    }
    return told | _versions()


def tell_difference(here: dict[str, str], there: dict[str, str]) -> str:
    """Where two engines differ, in words; "" where they do not."""
    names = [name for name in here | there if here.get(name) != there.get(name)]
    return "; ".join(
        f"{name} {here.get(name, 'none')} here, {there.get(name, 'none')} there" for name in names
    )


def _versions() -> dict[str, str]:
    """The versions of the libraries, by the names of the folders that installers leave: to load what reads
    them would take longer than a small search."""
    found: dict[str, str] = {}
    for place in sys.path:
        with suppress(OSError):
            for folder in sorted(Path(place or ".").iterdir()):
                name, _, version = folder.name.removesuffix(".dist-info").partition("-")
                if folder.suffix == ".dist-info":
                    found.setdefault(name.lower().replace("_", "-").replace(".", "-"), version)
    return {name: found.get(name, "none") for name in LIBRARIES}


def _code_digest() -> str:
    """SHA-256 over the names and bytes of every source file of this package."""
    folder = Path(str(comity.__file__)).parent
    code = hashlib.sha256()
    for file in sorted(folder.rglob("*.py")):
        raw = file.read_bytes()
        code.update(f"{file.relative_to(folder).as_posix()}\0{len(raw)}\0".encode() + raw)
    return code.hexdigest()
