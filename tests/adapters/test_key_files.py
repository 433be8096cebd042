"""Private keys in files: made whole, read strictly, never shown, never overwritten."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import stat
import sys
from pathlib import Path

import pytest

from comity.adapters.age_boxes import AgeBoxes
from comity.adapters.atomic import replace
from comity.adapters.key_files import PURPOSES, KeyFiles, read_recovery, write_recovery
from comity.adapters.key_lock import make_lock, open_lock
from comity.adapters.passphrase import read_passphrase
from comity.errors import Malformed, NotVerified, Refused, Unavailable
from comity.exchange.ports import Boxes, Signer
from comity.records import ed25519


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "node" / "keys"


@pytest.fixture
def keys(folder: Path) -> KeyFiles:
    return KeyFiles.create(folder)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_node_has_one_key_for_each_purpose(keys: KeyFiles, folder: Path) -> None:
    signer: Signer = keys
    assert names(folder) == ["age", "blob", "checkpoint", "receipt", "statement-1", "witness"]
    seeds = {signer.seed(purpose) for purpose in PURPOSES} | {keys.blob_key()}
    assert len(seeds) == 5
    assert {len(seed) for seed in seeds} == {32}
    for purpose in PURPOSES:
        assert signer.public(purpose) == ed25519.public_of(signer.seed(purpose))
    assert signer.age_recipient().startswith("age1")
    with pytest.raises(ValueError, match="purpose"):
        signer.seed("blob")


def test_only_the_owner_can_read_them(keys: KeyFiles, folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_they_are_the_same_when_read_again(keys: KeyFiles, folder: Path) -> None:
    again = KeyFiles(folder)
    assert [again.seed(purpose) for purpose in PURPOSES] == [keys.seed(purpose) for purpose in PURPOSES]
    assert (again.blob_key(), again.age_recipient()) == (keys.blob_key(), keys.age_recipient())


def test_keys_that_are_there_are_never_overwritten(keys: KeyFiles, folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(Refused) as caught:
        KeyFiles.create(folder)
    assert caught.value.code == "key.exists"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_an_empty_folder_may_be_there(folder: Path) -> None:
    folder.mkdir(parents=True, mode=0o755)
    KeyFiles.create(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_an_existing_key_is_adopted(folder: Path) -> None:
    seed = bytes(range(32))
    assert KeyFiles.from_seeds(folder, {"statement": seed}).seed("statement") == seed


@pytest.mark.parametrize(
    "seeds",
    [{"statement": b"short"}, {"statement": bytes(32), "receipt": bytes(32)}, {"oprf": bytes(range(32))}],
)
def test_seeds_that_cannot_be_adopted(folder: Path, seeds: dict[str, bytes]) -> None:
    with pytest.raises(ValueError, match="purpose"):
        KeyFiles.from_seeds(folder, seeds)
    assert not folder.exists()


def test_a_guest_has_a_statement_key_only(folder: Path) -> None:
    guest = KeyFiles.create(folder, guest=True)
    assert names(folder) == ["statement-1"]
    assert len(guest.seed("statement")) == 32
    for ask in (lambda: guest.seed("receipt"), guest.blob_key, guest.age_recipient):
        with pytest.raises(Unavailable) as caught:
            ask()
        assert caught.value.code == "key.missing"


@pytest.mark.parametrize("call", ["write", "fsync", "rename", "mkdir"])
def test_a_fault_while_making_leaves_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    folder.parent.mkdir()

    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(Unavailable) as caught:
        KeyFiles.create(folder)
    monkeypatch.undo()
    assert caught.value.code == "disk.full"
    assert names(folder.parent) == []


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o660])
def test_a_key_that_others_can_read_is_refused(keys: KeyFiles, folder: Path, mode: int) -> None:
    (folder / "witness").chmod(mode)
    with pytest.raises(Refused) as caught:
        KeyFiles(folder)
    assert caught.value.code == "key.permission"
    assert "witness" in caught.value.where
    assert "chmod 600" in caught.value.why


def test_a_folder_that_others_can_write_is_refused(keys: KeyFiles, folder: Path) -> None:
    folder.chmod(0o770)
    with pytest.raises(Refused) as caught:
        KeyFiles(folder)
    assert caught.value.code == "key.permission"
    assert "chmod 700" in caught.value.why


def test_no_keys_are_told(folder: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        KeyFiles(folder)
    assert caught.value.code == "key.missing"
    folder.mkdir(parents=True)
    with pytest.raises(Unavailable) as caught:
        KeyFiles(folder)
    assert caught.value.code == "key.missing"


HEX = "ab" * 32
BAD = [
    "",
    f"comity-key/1 receipt {HEX}",
    f"comity-key/1 receipt {HEX}\n\n",
    f"comity-key/1 receipt {HEX[1:]}\n",
    f"comity-key/1 receipt {HEX.upper()}\n",
    f"comity-key/1 checkpoint {HEX}\n",
    f"comity-key/2 receipt {HEX}\n",
    "comity-key/1 receipt AGE-SECRET-KEY-1" + "Q" * 58 + "\n",
    "-----BEGIN PRIVATE KEY-----\nsecret\n",
    "\xff\n",
]


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_key_is_refused_without_showing_it(keys: KeyFiles, folder: Path, text: str) -> None:
    (folder / "receipt").write_text(text, "latin-1")
    with pytest.raises(Malformed) as caught:
        KeyFiles(folder)
    assert caught.value.code == "key.form"
    assert "receipt" in caught.value.where
    assert HEX not in str(caught.value)
    assert "secret\n" not in str(caught.value)


def test_rotation_survives_a_stop_between_any_two_steps(keys: KeyFiles, folder: Path) -> None:
    old = keys.seed("statement")
    assert keys.coming() == {}
    new = keys.prepare()["statement"]
    # Until it is adopted, the old key signs, and the prepared one stays the same.
    again = KeyFiles(folder)
    assert again.coming() == again.prepare() == {"statement": new}
    assert again.seed("statement") == old
    again.adopt({"statement": new})
    assert (again.seed("statement"), again.coming()) == (new, {})
    third = KeyFiles(folder)
    assert third.seed("statement") == new
    assert third.publics("statement") == [ed25519.public_of(old), ed25519.public_of(new)]
    with pytest.raises(Refused):
        third.adopt({"statement": new})


def test_every_purpose_has_its_generations(keys: KeyFiles, folder: Path) -> None:
    old = {purpose: keys.seed(purpose) for purpose in PURPOSES}
    new = keys.prepare(PURPOSES)
    assert not set(new.values()) & set(old.values())
    keys.adopt(new)
    again = KeyFiles(folder)
    assert {purpose: again.seed(purpose) for purpose in PURPOSES} == new
    assert again.coming() == {}
    (folder / "receipt").unlink()
    with pytest.raises(Unavailable) as caught:
        KeyFiles(folder)
    assert caught.value.where.endswith("receipt")


def test_a_missing_generation_is_told(keys: KeyFiles, folder: Path) -> None:
    keys.adopt(keys.prepare())
    (folder / "statement-1").unlink()
    with pytest.raises(Unavailable) as caught:
        KeyFiles(folder)
    assert caught.value.where.endswith("statement-1")


def test_what_is_sealed_to_a_node_only_it_opens(keys: KeyFiles, tmp_path: Path) -> None:
    boxes: Boxes = AgeBoxes()
    other = KeyFiles.create(tmp_path / "other")
    for data in (b"", b"a case key", bytes(200_000)):
        sealed = boxes.seal_to([keys.age_recipient(), other.age_recipient()], data)
        assert keys.open_sealed(sealed) == other.open_sealed(sealed) == data
    sealed = boxes.seal_to([keys.age_recipient()], b"secret")
    with pytest.raises(NotVerified) as caught:
        other.open_sealed(sealed)
    assert caught.value.code == "age.open"


def test_an_earlier_age_key_goes_on_opening(keys: KeyFiles, folder: Path) -> None:
    boxes: Boxes = AgeBoxes()
    first = keys.age_recipient()
    early = boxes.seal_to([first], b"early")
    assert keys.recipient_coming == ""
    second = keys.prepare_recipient()
    assert KeyFiles(folder).prepare_recipient() == second == keys.recipient_coming
    assert keys.age_recipient() == first
    with pytest.raises(Refused, match=r"key\.rotation"):
        keys.adopt_recipient(first)
    keys.adopt_recipient(second)
    for read in (keys, KeyFiles(folder)):
        assert read.recipients() == [first, second]
        assert read.open_sealed(early) == b"early"
        assert read.open_sealed(boxes.seal_to([second], b"late")) == b"late"
    assert names(folder)[:2] == ["age", "age-2"]
    keys.protect(b"a passphrase")
    keys.prepare_recipient()
    assert KeyFiles(folder, lambda: b"a passphrase").recipients() == [first, second]
    for path in folder.iterdir():
        assert b"AGE-SECRET" not in path.read_bytes()
    (folder / "age").unlink()
    with pytest.raises(Unavailable, match=r"key\.missing"):
        KeyFiles(folder, lambda: b"a passphrase")


def test_a_changed_or_cut_box_does_not_open(keys: KeyFiles) -> None:
    sealed = AgeBoxes().seal_to([keys.age_recipient()], b"secret")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(NotVerified):
            keys.open_sealed(bytes(changed))
    for length in range(0, len(sealed), 7):
        with pytest.raises(NotVerified):
            keys.open_sealed(sealed[:length])


@pytest.mark.parametrize("recipients", [[], ["age1nobody"], [""], ["ssh-ed25519 AAAA"], ["ä"]])
def test_only_age_recipients_are_sealed_to(recipients: list[str]) -> None:
    with pytest.raises(Malformed) as caught:
        AgeBoxes().seal_to(recipients, b"x")
    assert caught.value.code == "age.recipient"


def test_without_age_the_package_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyrage", None)
    for ask in (lambda: KeyFiles.create(folder), lambda: AgeBoxes().seal_to(["age1"], b"")):
        with pytest.raises(Unavailable) as caught:
            ask()
        assert caught.value.code == "extra.age"
        assert "pyrage" in caught.value.why
    assert not folder.exists()
    assert len(KeyFiles.create(folder, guest=True).seed("statement")) == 32


# -- under a passphrase ---------------------------------------------------------------------------

SECRET = "correct horse ü".encode()


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """scrypt at its lowest allowed cost: what is tested here is not how slow it is."""

    monkeypatch.setattr(
        "comity.adapters.key_files.make_lock", lambda passphrase, key: make_lock(passphrase, key, 14)
    )


def seeds_of(keys: KeyFiles) -> list[object]:
    return [*(keys.seed(p) for p in PURPOSES), keys.blob_key(), keys.age_recipient()]


def refused(code: str, folder: Path, passphrase: bytes | None = None) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises((Malformed, Refused, Unavailable)) as caught:
        KeyFiles(folder, None if passphrase is None else lambda: passphrase)
    assert caught.value.code == code
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_passphrase_is_put_on_changed_and_taken_off(keys: KeyFiles, folder: Path) -> None:
    held = seeds_of(keys)
    bare = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert [keys.protected] == [False]
    keys.protect(SECRET)
    assert [keys.protected] == [True]
    for name, raw in bare.items():
        secret = raw.split()[-1]
        assert all(secret not in path.read_bytes() for path in folder.iterdir()), name
    assert seeds_of(KeyFiles(folder, lambda: SECRET)) == held
    refused("key.locked", folder)
    refused("key.passphrase", folder, b"correct horse")
    again = KeyFiles(folder, lambda: SECRET)
    again.protect(b"another")
    refused("key.passphrase", folder, SECRET)
    changed = KeyFiles(folder, lambda: b"another")
    assert seeds_of(changed) == held
    changed.unprotect()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == bare
    assert seeds_of(KeyFiles(folder)) == held


def test_keys_made_under_a_passphrase_are_never_bare(tmp_path: Path) -> None:
    keys = KeyFiles.create(tmp_path / "keys", passphrase=SECRET)
    keys.adopt(keys.prepare(PURPOSES))
    again = KeyFiles(tmp_path / "keys", lambda: SECRET)
    assert seeds_of(again) == seeds_of(keys)
    secrets = [again.seed(p).hex().encode() for p in PURPOSES]
    for path in (tmp_path / "keys").iterdir():
        raw = path.read_bytes()
        assert not any(s in raw for s in secrets)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    guest = KeyFiles.create(tmp_path / "guest", guest=True, passphrase=SECRET)
    assert KeyFiles(tmp_path / "guest", lambda: SECRET).seed("statement") == guest.seed("statement")


@pytest.mark.parametrize("steps", range(9))
@pytest.mark.parametrize("off", [False, True])
def test_a_stop_between_any_two_files_loses_nothing(
    keys: KeyFiles, folder: Path, steps: int, off: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = seeds_of(keys)
    if off:
        keys.protect(SECRET)
    left = steps

    def stop(path: Path, data: bytes, mode: int = 0o600) -> None:
        nonlocal left
        if left == 0:
            raise KeyboardInterrupt
        left -= 1
        replace(path, data, mode)

    monkeypatch.setattr("comity.adapters.key_files.replace", stop)
    with contextlib.suppress(KeyboardInterrupt):
        keys.unprotect() if off else keys.protect(SECRET)
    monkeypatch.undo()
    again = KeyFiles(folder, lambda: SECRET)
    assert seeds_of(again) == held
    again.unprotect() if off else again.protect(SECRET)
    third = KeyFiles(folder, lambda: SECRET)
    assert (seeds_of(third), third.protected) == (held, not off)


@pytest.mark.parametrize("name", ["lock", "receipt", "age"])
def test_every_changed_byte_of_a_protected_file_is_told(keys: KeyFiles, folder: Path, name: str) -> None:
    keys.protect(SECRET)
    raw = (folder / name).read_bytes()
    for at in range(0, len(raw) - 1, 7):
        changed = bytearray(raw)
        changed[at] ^= 1
        (folder / name).write_bytes(changed)
        with pytest.raises((Malformed, Refused, Unavailable)) as caught:
            KeyFiles(folder, lambda: SECRET)
        assert caught.value.code in ("key.form", "key.passphrase")
    (folder / name).write_bytes(raw)
    KeyFiles(folder, lambda: SECRET)


def test_a_lock_of_another_folder_or_none_is_told(keys: KeyFiles, folder: Path, tmp_path: Path) -> None:
    keys.protect(SECRET)
    other = KeyFiles.create(tmp_path / "other", passphrase=SECRET)
    assert other.protected
    (folder / "lock").write_bytes((tmp_path / "other" / "lock").read_bytes())
    refused("key.passphrase", folder, SECRET)
    (folder / "lock").unlink()
    refused("key.lock", folder, SECRET)


def test_a_file_does_not_choose_how_much_memory_its_reader_spends() -> None:
    raw = make_lock(SECRET, bytes(32), 14)
    for cost in (b"13", b"21", b"30", b"99"):
        with pytest.raises(Malformed):
            open_lock(raw.replace(b"scrypt 14", b"scrypt " + cost), SECRET, "lock")


def test_where_a_passphrase_comes_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "passphrase"
    monkeypatch.setenv("COMITY_PASSPHRASE_FILE", str(path))
    # One spelling of what people type: composed or not, it is one passphrase. The line end is none of it.
    for raw in ("correct horse ü", "correct horse u\u0308\n", "correct horse ü\r\nsecond line"):
        path.write_bytes(raw.encode())
        assert read_passphrase() == SECRET
    for bad in (b"", b"\n", b"\xff", b"x" * 2000):
        path.write_bytes(bad)
        with pytest.raises(Malformed) as caught:
            read_passphrase()
        assert caught.value.code == "key.passphrase-source"
    path.unlink()
    with pytest.raises(Unavailable):
        read_passphrase()
    monkeypatch.delenv("COMITY_PASSPHRASE_FILE")
    read, write = os.pipe()
    os.write(write, SECRET + b"\n")
    os.close(write)
    monkeypatch.setenv("COMITY_PASSPHRASE_FD", str(read))
    assert [read_passphrase(), read_passphrase()] == [SECRET, SECRET]
    monkeypatch.setenv("COMITY_PASSPHRASE_FD", "x")
    with pytest.raises(Malformed):
        read_passphrase()
    monkeypatch.delenv("COMITY_PASSPHRASE_FD")
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(Unavailable) as missing:
        read_passphrase()
    assert missing.value.code == "key.locked"


def test_a_recovery_key_has_a_file_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "recovery"
    seed = write_recovery(path)
    assert read_recovery(path) == seed
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(Refused):
        write_recovery(path)
    path.write_bytes(path.read_bytes().replace(b"recovery", b"receipt"))
    with pytest.raises(Malformed):
        read_recovery(path)
