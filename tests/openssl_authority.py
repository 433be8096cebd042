"""The timestamp authority of the demo, with what a test asks of it besides."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from demo.authority import Authority, make_authority
from tests.peers import lack


@dataclass(frozen=True, kw_only=True)
class OpensslAuthority(Authority):
    """An authority whose tokens ``openssl`` itself can be asked about."""

    def verify(self, token: bytes, imprint: bytes, chain: list[bytes]) -> bool:
        """Whether ``openssl ts -verify`` takes a token with these certificates beside it."""
        (self.folder / "token.der").write_bytes(token)
        pem = b"".join(x509.load_der_x509_certificate(c).public_bytes(Encoding.PEM) for c in chain)
        (self.folder / "chain.pem").write_bytes(pem)
        words = "-token_in -in token.der -CAfile root.pem -untrusted chain.pem"
        done = subprocess.run(
            ["openssl", "ts", "-verify", "-digest", imprint.hex(), *words.split()],
            cwd=self.folder,
            capture_output=True,
            check=False,
        )
        return done.returncode == 0


def openssl_authority(folder: Path, kind: Literal["rsa", "ec"] = "rsa") -> OpensslAuthority:
    """A new authority with keys of a kind."""
    if shutil.which("openssl") is None:
        lack("openssl")
    made = make_authority(folder, kind)
    return OpensslAuthority(folder=made.folder, root=made.root)
