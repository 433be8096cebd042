"""A node's private keys, one small text file each in one folder that only its owner can read.

``statement-1`` is the first statement key, ``statement-2`` the one that a rotation put after it, and so
on; ``statement-next`` waits for its rotation to be in the ledger. Beside them: ``receipt``,
``checkpoint``, ``witness`` (32-byte Ed25519 seeds), ``blob`` (32 random bytes) and ``age`` (an identity).
What a rotation puts after ``receipt`` is ``receipt-2``, and so on for the three, and for ``age``, of which
all open what was sealed to them.
Each file is one line: ``comity-key/1``, the purpose, the secret; or sealed under the ``lock`` beside them,
which a passphrase opens (``key_lock.py``).
"""

from __future__ import annotations

import os
import re
import shutil
import stat
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from comity.adapters.age_boxes import load_age, open_box
from comity.adapters.atomic import explain, make_folder, replace, sync_folder, write_new
from comity.adapters.key_lock import make_lock, open_lock, open_secret, seal_secret, sealed_purpose
from comity.errors import Malformed, Refused, Unavailable
from comity.records import ed25519
from comity.records.kinds import PURPOSES, Purpose

_LOCK = "lock"
_AGE_NEXT = "age-next"
_NUMBERED = re.compile(r"(statement|receipt|checkpoint|witness|age)-([1-9][0-9]{0,5})")
_LINE = re.compile(r"comity-key/1 ([a-z]+) ([0-9a-f]{64}|AGE-SECRET-KEY-1[0-9A-Z]{58})\n")


__all__ = ["PURPOSES", "KeyFiles", "read_recovery", "read_seed_file", "write_recovery"]


class KeyFiles:
    """``exchange.ports.Signer`` on the key files in ``folder``, all read and checked at once.

    ``Unavailable`` (``key.missing``) where a key is not there, ``Refused`` (``key.permission``) where
    others than the owner could read or replace one, ``Malformed`` (``key.form``) for a file that is no
    key. Several statement keys may be there: the newest one signs. ``passphrase`` is asked exactly once, and
    only where there is a lock: ``Unavailable`` (``key.locked``) where nobody can be asked, ``Refused``
    (``key.passphrase``) for a wrong one.
    """

    def __init__(self, folder: str | Path, passphrase: Callable[[], bytes] | None = None) -> None:
        self._folder = Path(folder)
        names = self._list()
        self._lock: bytes | None = None
        if _LOCK in names:
            self._lock = open_lock(
                self._raw(_LOCK), _ask(passphrase, self._folder), str(self._folder / _LOCK)
            )
        self._seeds = {purpose: self._read_all(purpose, names) for purpose in PURPOSES}
        self._coming: dict[Purpose, bytes] = {
            purpose: self._read_seed(f"{purpose}-next", purpose)
            for purpose in PURPOSES
            if f"{purpose}-next" in names
        }
        self._blob = self._read_seed("blob", "blob") if "blob" in names else b""
        self._ages = self._read_ages(names)
        self._age_coming = self._read(_AGE_NEXT, "age") if _AGE_NEXT in names else ""

    @classmethod
    def create(cls, folder: str | Path, *, guest: bool = False, passphrase: bytes = b"") -> KeyFiles:
        """Make all keys of a new node; of a guest, which keeps no ledger, a statement key only.

        A node's needs age (the ``server`` extra), else ``Unavailable``. ``Refused`` (``key.exists``) where
        keys are there. All of them are made, durably, or none; with a passphrase no file ever holds one bare.
        """
        return cls.from_seeds(folder, {}, guest=guest, passphrase=passphrase)

    @classmethod
    def from_seeds(
        cls,
        folder: str | Path,
        seeds: Mapping[str, bytes],
        *,
        guest: bool = False,
        passphrase: bytes = b"",
    ) -> KeyFiles:
        """Like ``create``, with keys that exist: ``seeds`` is purpose (or ``blob``) to 32 bytes.

        What is not given is made, the age identity always. One seed for two purposes is a ``ValueError``.
        """
        wanted: tuple[str, ...] = ("statement",) if guest else (*PURPOSES, "blob")
        if unknown := seeds.keys() - set(wanted):
            raise ValueError(f"no such purpose: {', '.join(sorted(unknown))}")
        all_seeds = {purpose: seeds.get(purpose) or os.urandom(32) for purpose in wanted}
        if len(set(all_seeds.values())) != len(wanted) or any(len(seed) != 32 for seed in all_seeds.values()):
            raise ValueError("each purpose has its own seed of 32 bytes")
        secrets = {purpose: seed.hex() for purpose, seed in all_seeds.items()}
        if not guest:
            secrets["age"] = str(load_age().x25519.Identity.generate())
        lock = os.urandom(32) if passphrase else None
        files = {_file_name(purpose, 1): _line(purpose, secret, lock) for purpose, secret in secrets.items()}
        if lock is not None:
            files[_LOCK] = make_lock(passphrase, lock)
        _write_all(Path(folder), files)
        return cls(folder, lambda: passphrase)

    @property
    def where(self) -> str:
        """The folder, as a place to name."""
        return str(self._folder)

    # The port

    def seed(self, purpose: str) -> bytes:
        for known in PURPOSES:
            if known == purpose:
                if not self._seeds[known]:
                    raise self._missing(purpose)
                return self._seeds[known][-1]
        raise ValueError(f"no such purpose: {purpose}")

    def public(self, purpose: str) -> bytes:
        return ed25519.public_of(self.seed(purpose))

    def age_recipient(self) -> str:
        return self._recipient(self._identities()[-1])

    def open_sealed(self, sealed: bytes) -> bytes:
        return open_box(self._identities()[::-1], sealed)

    def adopt_recipient(self, age: str) -> None:
        if not self._age_coming or self._recipient(self._age_coming) != age:
            raise Refused("key.rotation", str(self._folder), "no such age key was prepared")
        self._rename(_AGE_NEXT, _file_name("age", len(self._ages) + 1))
        self._ages.append(self._age_coming)
        self._age_coming = ""

    def prepare_recipient(self) -> str:
        """The next age recipient, its identity durable; the same one again until it is adopted."""
        self._identities()
        if not self._age_coming:
            coming = str(load_age().x25519.Identity.generate())
            write_new(self._folder / _AGE_NEXT, _line("age", coming, self._lock))
            self._age_coming = self._read(_AGE_NEXT, "age")
        return self._recipient(self._age_coming)

    @property
    def recipient_coming(self) -> str:
        """The age recipient that was prepared and not yet taken up, "" where there is none."""
        return self._recipient(self._age_coming) if self._age_coming else ""

    def recipients(self) -> list[str]:
        """The age recipients that can be opened here, oldest first."""
        return [self._recipient(identity) for identity in self._ages]

    def _recipient(self, identity: str) -> str:
        age = load_age()
        try:
            return str(age.x25519.Identity.from_str(identity).to_public())
        except age.IdentityError:
            raise Malformed("key.form", str(self._folder / "age"), "not an age identity") from None

    def blob_key(self) -> bytes:
        """The 32 bytes under which this node's blobs are sealed at rest."""
        if not self._blob:
            raise self._missing("blob")
        return self._blob

    # Rotation: prepare, sign and store the rotation record, adopt. A crash between any two is harmless:
    # whoever starts the node adopts a prepared key exactly if it is the newest in the party's chain.

    def publics(self, purpose: Purpose) -> list[bytes]:
        """The public keys of a purpose taken up so far, oldest first."""
        return [ed25519.public_of(seed) for seed in self._seeds[purpose]]

    def coming(self) -> Mapping[Purpose, bytes]:
        """The seeds that were prepared and not yet taken up, by purpose."""
        return dict(self._coming)

    def prepare(self, purposes: Iterable[Purpose] = ("statement",)) -> dict[Purpose, bytes]:
        """The seeds of the next keys for these purposes, durable; the same ones again until adopted."""
        found: dict[Purpose, bytes] = {}
        for purpose in purposes:
            if purpose not in self._coming:
                name = f"{purpose}-next"
                write_new(self._folder / name, _line(purpose, os.urandom(32).hex(), self._lock))
                self._coming[purpose] = self._read_seed(name, purpose)
            found[purpose] = self._coming[purpose]
        return found

    def adopt(self, coming: Mapping[Purpose, bytes]) -> None:
        """Sign with these prepared keys from now on; ``Refused`` for one that was not prepared."""
        for purpose, seed in coming.items():
            if self._coming.get(purpose) != seed:
                raise Refused("key.rotation", str(self._folder), f"no such {purpose} key was prepared")
            self._rename(f"{purpose}-next", _file_name(purpose, len(self._seeds[purpose]) + 1))
            self._seeds[purpose].append(self._coming.pop(purpose))

    def _rename(self, name: str, to: str) -> None:
        path = self._folder / to
        try:
            (self._folder / name).rename(path)
            sync_folder(self._folder)
        except OSError as error:
            raise explain(error, path) from None

    # The passphrase. Every file says for itself whether it is sealed, so a stop between any two files leaves
    # a folder that opens, with the passphrase where there is a lock; doing it again finishes it.

    @property
    def protected(self) -> bool:
        """Whether these keys lie under a passphrase."""
        return self._lock is not None

    def protect(self, passphrase: bytes) -> None:
        """Put every key under this passphrase, or change it; each file is replaced whole, the lock first."""
        if not passphrase:
            raise Refused("key.passphrase", str(self._folder), "an empty passphrase protects nothing")
        lock = self._lock or os.urandom(32)
        replace(self._folder / _LOCK, make_lock(passphrase, lock))
        self._lock = lock
        self._rewrite(lock)

    def unprotect(self) -> None:
        """Take the passphrase off: every key file bare again, and then no lock."""
        self._rewrite(None)
        try:
            (self._folder / _LOCK).unlink(missing_ok=True)
            sync_folder(self._folder)
        except OSError as error:
            raise explain(error, self._folder / _LOCK) from None
        self._lock = None

    def _rewrite(self, lock: bytes | None) -> None:
        for name in sorted(self._list()):
            purpose = _purpose_of(name)
            if purpose:
                raw = self._raw(name)
                if bool(sealed_purpose(raw)) != (lock is not None):
                    replace(self._folder / name, _line(purpose, self._read(name, purpose), lock))

    # Reading

    def _missing(self, name: str) -> Unavailable:
        return Unavailable("key.missing", str(self._folder / name), "this key is not there")

    def _identities(self) -> list[str]:
        if not self._ages:
            raise self._missing("age")
        return self._ages

    def _list(self) -> set[str]:
        try:
            _require_private(self._folder, self._folder.stat().st_mode, 0o022)
            return {path.name for path in self._folder.iterdir()}
        except FileNotFoundError:
            raise Unavailable("key.missing", str(self._folder), "no keys here") from None
        except OSError as error:
            raise explain(error, self._folder) from None

    def _raw(self, name: str) -> bytes:
        path = self._folder / name
        try:
            with path.open("rb") as file:
                _require_private(path, os.fstat(file.fileno()).st_mode, 0o077)
                return file.read(500)
        except OSError as error:
            raise explain(error, path) from None

    def _read(self, name: str, purpose: str) -> str:
        raw, path = self._raw(name), str(self._folder / name)
        if sealed_purpose(raw) == purpose:
            if self._lock is None:
                raise Unavailable("key.lock", str(self._folder / _LOCK), "the lock of these keys is gone")
            raw = f"comity-key/1 {purpose} {open_secret(raw, self._lock, path)}\n".encode("ascii")
        line = _LINE.fullmatch(raw.decode("ascii", "replace"))
        if line is None or line[1] != purpose or (purpose == "age") != line[2].startswith("AGE"):
            # Never a word of what is in it: it may be a secret of another kind.
            raise Malformed("key.form", path, f"not a {purpose} key file")
        return line[2]

    def _read_seed(self, name: str, purpose: str) -> bytes:
        return bytes.fromhex(self._read(name, purpose))

    def _read_all(self, purpose: Purpose, names: set[str]) -> list[bytes]:
        return [self._read_seed(name, purpose) for name in self._numbered(purpose, names)]

    def _read_ages(self, names: set[str]) -> list[str]:
        return [self._read(name, "age") for name in self._numbered("age", names)]

    def _numbered(self, purpose: str, names: set[str]) -> list[str]:
        """The files of a purpose, oldest first; ``Unavailable`` where one between them is gone."""
        numbers = {int(m[2]) for name in names if (m := _NUMBERED.fullmatch(name)) and m[1] == purpose}
        if purpose != "statement" and purpose in names:
            numbers.add(1)
        if not numbers and purpose != "statement":
            return []
        for number in range(1, max(numbers, default=1) + 1):
            if number not in numbers:
                raise self._missing(_file_name(purpose, number))
        return [_file_name(purpose, number) for number in sorted(numbers)]


def _file_name(purpose: str, number: int) -> str:
    return purpose if number == 1 and purpose != "statement" else f"{purpose}-{number}"


def _require_private(path: Path, mode: int, bits: int) -> None:
    if stat.S_IMODE(mode) & bits:
        fix = "700" if stat.S_ISDIR(mode) else "600"
        raise Refused(
            "key.permission",
            str(path),
            f"others than its owner have access (mode {stat.S_IMODE(mode):03o}); chmod {fix} {path}",
        )


def _purpose_of(name: str) -> str:
    """The purpose of a key file by its name, "" for what is none."""
    stem = name.removesuffix("-next")
    numbered = _NUMBERED.fullmatch(name)
    if numbered is not None:
        return numbered[1]
    return stem if stem in (*PURPOSES, "age") or name == "blob" else ""


def _ask(passphrase: Callable[[], bytes] | None, folder: Path) -> bytes:
    if passphrase is None:
        raise Unavailable("key.locked", str(folder), "these keys are protected, and no passphrase was given")
    return passphrase()


def _line(purpose: str, secret: str, lock: bytes | None = None) -> bytes:
    if lock is not None:
        return seal_secret(lock, purpose, secret)
    return f"comity-key/1 {purpose} {secret}\n".encode("ascii")


def write_recovery(path: Path) -> bytes:
    """Make a recovery key in a file of its own, never overwritten; gives the 32-byte seed."""
    seed = os.urandom(32)
    write_new(path, _line("recovery", seed.hex()))
    return seed


def read_recovery(path: Path) -> bytes:
    """The 32-byte seed in a recovery file, wherever it lies; ``Malformed`` (``key.form``) for another."""
    return read_seed_file(path, "recovery")


def read_seed_file(path: Path, purpose: str) -> bytes:
    """The 32-byte seed in one file that a key of this purpose was saved to; errors as ``read_recovery``."""
    try:
        with path.open("rb") as file:
            raw = file.read(500)
    except OSError as error:
        raise explain(error, path) from None
    line = _LINE.fullmatch(raw.decode("ascii", "replace"))
    if line is None or line[1] != purpose or line[2].startswith("AGE"):
        raise Malformed("key.form", str(path), f"not a {purpose} key file")
    return bytes.fromhex(line[2])


def _write_all(folder: Path, files: Mapping[str, bytes]) -> None:
    """The whole folder beside its place first, then its name: nobody ever finds half a set of keys."""
    taken = Refused("key.exists", str(folder), "there are keys here already, and they are never overwritten")
    if folder.is_dir() and any(folder.iterdir()):
        raise taken
    make_folder(folder.parent)
    coming = folder.parent / f".{folder.name}.{os.urandom(8).hex()}.tmp"
    try:
        make_folder(coming, 0o700)
        for name, data in files.items():
            write_new(coming / name, data)
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
