"""A timestamp authority made of ``openssl``: a root, an intermediate, a signer, and ``openssl ts``."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.peers import lack

CONFIG = """
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[between]
basicConstraints = critical, CA:true, pathlen:0
keyUsage = critical, keyCertSign
[signer]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = stamping
[stamping]
serial = serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:2, millisecs:500
ess_cert_id_chain = no
ess_cert_id_alg = sha256
clock_precision_digits = 0
"""


@dataclass(frozen=True, kw_only=True)
class OpensslAuthority:
    """An authority with its files in ``folder``; ``root`` is the DER of its anchor."""

    folder: Path
    root: bytes

    def run(self, *words: str) -> bytes:
        """What ``openssl`` prints; an error where it fails."""
        done = subprocess.run(["openssl", *words], cwd=self.folder, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def answer(self, request: bytes) -> bytes:
        """The response to a TimeStampReq, with the intermediate's certificate in it."""
        (self.folder / "request.tsq").write_bytes(request)
        words = "-config ts.cnf -queryfile request.tsq -signer signer.pem -inkey signer.key"
        return self.run("ts", "-reply", *words.split(), "-chain", "between.pem")

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


def openssl_authority(folder: Path, kind: str = "rsa") -> OpensslAuthority:
    """A new authority with keys of a kind (``rsa`` or ``ec``)."""
    if shutil.which("openssl") is None:
        lack("openssl")
    folder.mkdir()
    (folder / "ts.cnf").write_text(CONFIG)
    (folder / "serial").write_text("01\n")
    made = OpensslAuthority(folder=folder, root=b"")
    key = ["rsa:2048"] if kind == "rsa" else ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    for name, issuer in (("root", ""), ("between", "root"), ("signer", "between")):
        made.run(
            *["req", "-x509", "-config", "ts.cnf", "-newkey", *key, "-nodes", "-sha256", "-days", "30"],
            *["-subj", f"/O=Invented Time/CN={name}", "-extensions", name],
            *["-keyout", f"{name}.key", "-out", f"{name}.pem"],
            *(["-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key"] if issuer else []),
        )
    root = x509.load_pem_x509_certificate((folder / "root.pem").read_bytes())
    return OpensslAuthority(folder=folder, root=root.public_bytes(Encoding.DER))
