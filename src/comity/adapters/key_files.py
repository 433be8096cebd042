"""A node's private keys, one small text file each in one folder that only its owner can read.

``statement-1`` is the first statement key, ``statement-2`` the one that a rotation put after it, and so
on; ``statement-next`` waits for its rotation to be in the ledger. Beside them: ``receipt``,
``checkpoint``, ``witness`` (32-byte Ed25519 seeds), ``blob`` (32 random bytes) and ``age`` (an identity).
Each file is one line: ``comity-key/1``, the purpose, the secret.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from comity.adapters.age_boxes import load_age, open_box
from comity.adapters.atomic import explain, make_folder, sync_folder, write_new
from comity.errors import Malformed, Refused, Unavailable
from comity.records import ed25519

PURPOSES = ("statement", "receipt", "checkpoint", "witness")
"""The purposes of a node's signing keys; no key serves two."""

_NEXT = "statement-next"
_STATEMENT = re.compile(r"statement-([1-9][0-9]{0,5})")
_LINE = re.compile(r"comity-key/1 ([a-z]+) ([0-9a-f]{64}|AGE-SECRET-KEY-1[0-9A-Z]{58})\n")


class KeyFiles:
    """``exchange.ports.Signer`` on the key files in ``folder``, all read and checked at once.

    ``Unavailable`` (``key.missing``) where a key is not there, ``Refused`` (``key.permission``) where
    others than the owner could read or replace one, ``Malformed`` (``key.form``) for a file that is no
    key. Several statement keys may be there: the newest one signs.
    """

    def __init__(self, folder: str | Path) -> None:
        self._folder = Path(folder)
        names = self._list()
        numbers = sorted(int(found[1]) for name in names if (found := _STATEMENT.fullmatch(name)))
        if not numbers:
            raise self._missing("statement-1")
        if numbers != list(range(1, len(numbers) + 1)):
            raise self._missing(f"statement-{min(set(range(1, numbers[-1])) - set(numbers))}")
        self._statements = [self._read_seed(f"statement-{n}", "statement") for n in numbers]
        self._next = self._read_seed(_NEXT, "statement") if _NEXT in names else None
        self._others = {
            name: self._read_seed(name, name) for name in (*PURPOSES[1:], "blob") if name in names
        }
        self._age = self._read("age", "age") if "age" in names else None

    @classmethod
    def create(cls, folder: str | Path, *, guest: bool = False) -> KeyFiles:
        """Make all keys of a new node; of a guest, which keeps no ledger, a statement key only.

        A node's needs age (the ``server`` extra), else ``Unavailable``. ``Refused`` (``key.exists``) where
        keys are there. All of them are made, durably, or none.
        """
        return cls.from_seeds(folder, {}, guest=guest)

    @classmethod
    def from_seeds(
        cls, folder: str | Path, seeds: Mapping[str, bytes], *, age: str = "", guest: bool = False
    ) -> KeyFiles:
        """Like ``create``, with keys that exist: ``seeds`` is purpose (or ``blob``) to 32 bytes.

        ``age`` is an age identity. What is not given is made. One seed for two purposes is a ``ValueError``.
        """
        wanted = ("statement",) if guest else (*PURPOSES, "blob")
        if unknown := seeds.keys() - set(wanted):
            raise ValueError(f"no such purpose: {', '.join(sorted(unknown))}")
        all_seeds = {purpose: seeds.get(purpose) or os.urandom(32) for purpose in wanted}
        if len(set(all_seeds.values())) != len(wanted) or any(len(seed) != 32 for seed in all_seeds.values()):
            raise ValueError("each purpose has its own seed of 32 bytes")
        secrets = {purpose: seed.hex() for purpose, seed in all_seeds.items()}
        if not guest:
            secrets["age"] = age or str(load_age().x25519.Identity.generate())
        _write_all(Path(folder), secrets)
        return cls(folder)

    # The port

    def seed(self, purpose: str) -> bytes:
        if purpose == "statement":
            return self._statements[-1]
        if purpose not in PURPOSES:
            raise ValueError(f"no such purpose: {purpose}")
        return self._other(purpose)

    def public(self, purpose: str) -> bytes:
        return ed25519.public_of(self.seed(purpose))

    def age_recipient(self) -> str:
        age = load_age()
        try:
            return str(age.x25519.Identity.from_str(self._identity()).to_public())
        except age.IdentityError:
            raise Malformed("key.form", str(self._folder / "age"), "not an age identity") from None

    def open_sealed(self, sealed: bytes) -> bytes:
        return open_box(self._identity(), sealed)

    def blob_key(self) -> bytes:
        """The 32 bytes under which this node's blobs are sealed at rest."""
        return self._other("blob")

    # Rotation: prepare, sign and store the rotation record, adopt. A crash between any two is harmless:
    # whoever starts the node adopts a prepared key exactly if it is the newest in the party's chain.

    def statements(self) -> list[bytes]:
        """The public statement keys taken up so far, oldest first."""
        return [ed25519.public_of(seed) for seed in self._statements]

    def next_seed(self) -> bytes | None:
        """The seed of a statement key that was prepared and not yet taken up."""
        return self._next

    def prepare_rotation(self) -> bytes:
        """The seed of the next statement key, durable; the same one again until it is adopted."""
        if self._next is None:
            write_new(self._folder / _NEXT, _line("statement", os.urandom(32).hex()))
            self._next = self._read_seed(_NEXT, "statement")
        return self._next

    def adopt_rotation(self) -> None:
        """Sign with the prepared key from now on; ``Refused`` where none was prepared."""
        if self._next is None:
            raise Refused("key.rotation", str(self._folder), "no statement key was prepared")
        path = self._folder / f"statement-{len(self._statements) + 1}"
        try:
            (self._folder / _NEXT).rename(path)
            sync_folder(self._folder)
        except OSError as error:
            raise explain(error, path) from None
        self._statements.append(self._next)
        self._next = None

    # Reading

    def _missing(self, name: str) -> Unavailable:
        return Unavailable("key.missing", str(self._folder / name), "this key is not there")

    def _other(self, name: str) -> bytes:
        if name not in self._others:
            raise self._missing(name)
        return self._others[name]

    def _identity(self) -> str:
        if self._age is None:
            raise self._missing("age")
        return self._age

    def _list(self) -> set[str]:
        try:
            _require_private(self._folder, self._folder.stat().st_mode, 0o022)
            return {path.name for path in self._folder.iterdir()}
        except FileNotFoundError:
            raise Unavailable("key.missing", str(self._folder), "no keys here") from None
        except OSError as error:
            raise explain(error, self._folder) from None

    def _read(self, name: str, purpose: str) -> str:
        path = self._folder / name
        try:
            with path.open("rb") as file:
                _require_private(path, os.fstat(file.fileno()).st_mode, 0o077)
                raw = file.read(200)
        except OSError as error:
            raise explain(error, path) from None
        line = _LINE.fullmatch(raw.decode("ascii", "replace"))
        if line is None or line[1] != purpose or (purpose == "age") != line[2].startswith("AGE"):
            # Never a word of what is in it: it may be a secret of another kind.
            raise Malformed("key.form", str(path), f"not a {purpose} key file")
        return line[2]

    def _read_seed(self, name: str, purpose: str) -> bytes:
        return bytes.fromhex(self._read(name, purpose))


def _require_private(path: Path, mode: int, bits: int) -> None:
    if stat.S_IMODE(mode) & bits:
        fix = "700" if stat.S_ISDIR(mode) else "600"
        raise Refused(
            "key.permission",
            str(path),
            f"others than its owner have access (mode {stat.S_IMODE(mode):03o}); chmod {fix} {path}",
        )


def _line(purpose: str, secret: str) -> bytes:
    return f"comity-key/1 {purpose} {secret}\n".encode("ascii")


def _write_all(folder: Path, secrets: Mapping[str, str]) -> None:
    """The whole folder beside its place first, then its name: nobody ever finds half a set of keys."""
    taken = Refused("key.exists", str(folder), "there are keys here already, and they are never overwritten")
    if folder.is_dir() and any(folder.iterdir()):
        raise taken
    make_folder(folder.parent)
    coming = folder.parent / f".{folder.name}.{os.urandom(8).hex()}.tmp"
    try:
        make_folder(coming, 0o700)
        for purpose, secret in secrets.items():
            name = "statement-1" if purpose == "statement" else purpose
            write_new(coming / name, _line(purpose, secret))
        try:
            coming.rename(folder)
            sync_folder(folder.parent)
        except OSError as error:
            if folder.is_dir() and any(folder.iterdir()):
                raise taken from None
            raise explain(error, folder) from None
    finally:
        with suppress(OSError):
            if coming.is_dir():
                shutil.rmtree(coming)
