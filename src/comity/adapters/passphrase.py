"""Where the passphrase of a key folder comes from: a file, an open file descriptor, or the terminal.

A service names a file (``COMITY_PASSPHRASE_FILE``) or a descriptor that its supervisor opened
(``COMITY_PASSPHRASE_FD``); the first line of either is the passphrase, without its line end. A person is
asked. It never stands in an argument or in a variable of its own, where other processes could read it.
"""

from __future__ import annotations

import getpass
import os
import sys
import unicodedata
from pathlib import Path

from comity.adapters.atomic import explain
from comity.errors import Malformed, Refused, Unavailable

FILE, DESCRIPTOR = "COMITY_PASSPHRASE_FILE", "COMITY_PASSPHRASE_FD"
LIMIT = 1024

_read: dict[str, bytes] = {}


def read_passphrase(prompt: str = "Passphrase of this node's keys: ") -> bytes:
    """The passphrase, as NFC in UTF-8; ``Unavailable`` (``key.locked``) where nobody can be asked."""
    for name in (FILE, DESCRIPTOR):
        source = os.environ.get(name)
        if source:
            return _plain(_first_line(name, source), f"{name}={source}")
    return _typed(prompt)


def choose_passphrase() -> bytes:
    """A new passphrase: as ``read_passphrase``, and typed twice where a person is asked."""
    if os.environ.get(FILE) or os.environ.get(DESCRIPTOR):
        return read_passphrase()
    return choose_typed()


def choose_typed() -> bytes:
    """A new passphrase from the terminal, typed twice."""
    one = _typed("New passphrase: ")
    if _typed("The same again: ") != one:
        raise Refused("key.passphrase", "terminal", "the two were not the same; nothing was changed")
    return one


def _typed(prompt: str) -> bytes:
    if not sys.stdin.isatty():
        why = f"these keys are protected: name a file with the passphrase in {FILE}, or use a terminal"
        raise Unavailable("key.locked", "passphrase", why)
    return _plain(getpass.getpass(prompt).encode("utf-8", "surrogateescape"), "terminal")


def _first_line(name: str, source: str) -> bytes:
    # A descriptor can be read once, and a node may be opened again in the same process.
    if name == DESCRIPTOR and source in _read:
        return _read[source]
    try:
        if name == FILE:
            with Path(source).open("rb") as file:
                raw = file.read(LIMIT + 2)
        else:
            if not source.isdecimal():
                raise Malformed("key.passphrase-source", name, "not the number of an open file descriptor")
            with os.fdopen(int(source), "rb") as file:
                raw = file.read(LIMIT + 2)
    except OSError as error:
        raise explain(error, f"{name}={source}") from None
    line = raw.split(b"\n", 1)[0].removesuffix(b"\r")
    if name == DESCRIPTOR:
        _read[source] = line
    return line


def _plain(raw: bytes, where: str) -> bytes:
    try:
        text = unicodedata.normalize("NFC", raw.decode("utf-8"))
    except UnicodeDecodeError:
        raise Malformed("key.passphrase-source", where, "not valid UTF-8") from None
    if not text or len(raw) > LIMIT:
        raise Malformed("key.passphrase-source", where, f"a passphrase has 1 to {LIMIT} bytes")
    return text.encode()
