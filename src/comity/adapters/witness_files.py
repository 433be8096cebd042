"""What a stand-alone witness keeps, as files in one folder that its operator can read.

    witness.toml      its name, and where it listens
    key               its seed, one line: ``comity-key/1 witness HEX`` (0600)
    logs/…            one file per ledger that was ever on its list: state, key, the note cosigned last
    splits/…          pairs of notes by which a ledger contradicted itself

A ledger whose file is gone is not on the list: nothing is cosigned from a lost memory.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Sequence
from pathlib import Path

from comity.adapters.atomic import explain, make_folder, replace, write_new
from comity.errors import Malformed, Refused, Unavailable
from comity.exchange.neutral import WatchedLog
from comity.ledger.note import NOTE_LIMIT, Vkey

KEY, LOGS, SPLITS = "key", "logs", "splits"
SPLIT_LIMIT = 100
"""The most contradictions kept: the first ones prove as much as all."""

_KEY = re.compile(r"comity-key/1 witness ([0-9a-f]{64})\n")
_HEAD = "comity-witness/1"
_COSIGNED = "comity-witness/2"
"""Begins a file that holds a note: without it, it is damaged."""


class WitnessFiles:
    """``exchange.neutral.Memory`` in ``folder``; ``Unavailable`` where the disk does not serve."""

    def __init__(self, folder: Path) -> None:
        self._logs = folder / LOGS
        self._splits = folder / SPLITS

    def logs(self) -> Sequence[WatchedLog]:
        return [self._read(name) for name in self._names("")]

    def find(self, origin: str) -> Sequence[WatchedLog]:
        return [self._read(name) for name in self._names(_digest(origin))]

    def keep(self, log: WatchedLog) -> None:
        state = "active" if log.active else "removed"
        # A file that was cut short behind its head would else say that nothing was ever cosigned.
        text = f"{_COSIGNED if log.note else _HEAD} {state}\n{log.vkey}\n\n{log.note}"
        replace(self._logs / _name(log.vkey), text.encode())

    def keep_split(self, log: WatchedLog, other: str) -> None:
        pair = f"{log.note}\n\n{other}".encode()
        path = self._splits / f"{_digest(log.vkey.name)}-{hashlib.sha256(pair).hexdigest()[:16]}"
        if len(self.splits()) < SPLIT_LIMIT and not path.exists():
            replace(path, pair)

    def splits(self) -> Sequence[str]:
        """Names of the files in which contradictions are kept."""
        return _listed(self._splits)

    def _names(self, beginning: str) -> list[str]:
        return [name for name in _listed(self._logs) if name.startswith(beginning)]

    def _read(self, name: str) -> WatchedLog:
        path = self._logs / name
        try:
            with path.open("rb") as file:
                raw = file.read(NOTE_LIMIT + 4096)
        except OSError as error:
            raise explain(error, path) from None
        try:
            head, key, gap, rest = raw.decode().split("\n", 3)
        except ValueError:
            raise Malformed("witness.memory", str(path), "not a witness's memory of a ledger") from None
        form, _, state = head.partition(" ")
        known = form in (_HEAD, _COSIGNED) and state in ("active", "removed")
        if not known or gap or (form == _COSIGNED and not rest):
            raise Malformed("witness.memory", str(path), "not a witness's memory of a ledger")
        vkey = Vkey.parse(key, str(path))
        if _name(vkey) != name:
            raise Malformed("witness.memory", str(path), "is about another ledger than its name says")
        return WatchedLog(vkey=vkey, note=rest, active=state == "active")


def _listed(folder: Path) -> list[str]:
    try:
        # What a crash left half-written has a name of another form, and was never acknowledged.
        return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise explain(error, folder) from None


def make_witness_files(folder: Path) -> None:
    """The files of a new witness with a new key; ``folder`` is there and empty."""
    for name in (LOGS, SPLITS):
        make_folder(folder / name, 0o700)
    write_new(folder / KEY, f"comity-key/1 witness {os.urandom(32).hex()}\n".encode("ascii"))


def read_witness_seed(folder: Path) -> bytes:
    """The seed of the witness in ``folder``. ``Unavailable`` where it is not there, ``Refused``
    (``key.permission``) where others could read it, ``Malformed`` (``key.form``)."""
    path = folder / KEY
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            raw = file.read(200)
    except FileNotFoundError:
        raise Unavailable("key.missing", str(path), "this key is not there") from None
    except OSError as error:
        raise explain(error, path) from None
    if mode & 0o077:
        raise Refused(
            "key.permission",
            str(path),
            f"others than its owner have access (mode {mode:03o}); chmod 600 {path}",
        )
    line = _KEY.fullmatch(raw.decode("ascii", "replace"))
    if line is None:
        raise Malformed("key.form", str(path), "not a witness key file")
    return bytes.fromhex(line[1])


def _digest(origin: str) -> str:
    return hashlib.sha256(origin.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _name(vkey: Vkey) -> str:
    return f"{_digest(vkey.name)}-{vkey.key_hash.hex()}"
