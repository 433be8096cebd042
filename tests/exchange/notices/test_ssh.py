"""OpenSSH signatures: ours are accepted by the real ``ssh-keygen``, and its are by us."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import load_ssh_private_key
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import ComityError, Malformed, NotVerified
from comity.exchange.notices.ssh import NAMESPACE, allowed_signer, sign_ssh, verify_ssh
from comity.records import ed25519

SEED = bytes(range(32))
KEY = ed25519.public_of(SEED)


def keygen() -> str:
    found = shutil.which("ssh-keygen")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("ssh-keygen is wanted in CI: apt-get install openssh-client")
        pytest.skip("no ssh-keygen here (openssh-client)")
    return found


@given(st.binary(max_size=500))
def test_a_signature_holds_for_its_bytes_alone(data: bytes) -> None:
    raw = sign_ssh(SEED, data)
    verify_ssh(raw, data, KEY)
    verify_ssh(raw.replace(b"\n", b"\r\n"), data, KEY)
    with pytest.raises(NotVerified, match=r"signature\.invalid"):
        verify_ssh(raw, data + b"x", KEY)
    with pytest.raises(NotVerified, match=r"ssh\.key"):
        verify_ssh(raw, data, ed25519.public_of(bytes(32)))


def test_no_other_bytes_are_a_signature() -> None:
    right = sign_ssh(SEED, b"x")
    # The last line end is not asked for, so it is left out here.
    for at in range(len(right) - 1):
        for other in {0, 9, 10, 13, 32, right[at] ^ 1, right[at] ^ 32, *b"+=Agt"} - {right[at]}:
            with pytest.raises(ComityError):
                verify_ssh(right[:at] + bytes([other]) + right[at + 1 :], b"x", KEY)


def test_ssh_keygen_accepts_what_is_signed_here(tmp_path: Path) -> None:
    data = b"COMITY NOTICE\n- dashes\n\n"
    (tmp_path / "sig").write_bytes(sign_ssh(SEED, data))
    (tmp_path / "signers").write_text(allowed_signer("party-1", KEY))
    signers, sig = str(tmp_path / "signers"), str(tmp_path / "sig")
    command = [keygen(), "-Y", "verify", "-f", signers, "-I", "party-1", "-s", sig]

    def holds(said: bytes, namespace: str) -> bool:
        done = subprocess.run([*command, "-n", namespace], input=said, capture_output=True, check=False)
        return done.returncode == 0

    assert holds(data, NAMESPACE)
    assert not holds(data + b"x", NAMESPACE)
    assert not holds(data, "file")
    (tmp_path / "signers").write_text(allowed_signer("party-1", ed25519.public_of(bytes(32))))
    assert not holds(data, NAMESPACE)


def test_what_ssh_keygen_signs_is_accepted_here(tmp_path: Path) -> None:
    key, file = tmp_path / "key", tmp_path / "file"
    subprocess.run([keygen(), "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    file.write_bytes(b"text\n")
    for namespace, good in ((NAMESPACE, True), ("file", False)):
        file.with_name("file.sig").unlink(missing_ok=True)
        subprocess.run(
            [keygen(), "-Y", "sign", "-f", key, "-n", namespace, file], check=True, capture_output=True
        )
        raw = file.with_name("file.sig").read_bytes()
        public = load_ssh_private_key(key.read_bytes(), None).public_key()
        named = public.public_bytes_raw()  # type: ignore[union-attr]
        if good:
            verify_ssh(raw, b"text\n", named)
        else:
            with pytest.raises(Malformed, match=r"ssh\.form"):
                verify_ssh(raw, b"text\n", named)
