"""A timestamp authority of its own, made of ``openssl ts``: a root, an intermediate, a signer, and an HTTP door.

It is invented like everything here. Its clock is this machine's, and nobody outside should trust it.
"""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

REQUEST_LIMIT = 64 * 1024

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


class AuthorityError(RuntimeError):
    """``openssl`` did not do what it was asked; its own words."""


@dataclass(frozen=True, kw_only=True)
class Authority:
    """An authority with its files in ``folder``; ``root`` is the DER of its anchor."""

    folder: Path
    root: bytes
    _turn: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def run(self, *words: str) -> bytes:
        """What ``openssl`` prints; ``AuthorityError`` where it fails."""
        done = subprocess.run(["openssl", *words], cwd=self.folder, capture_output=True, check=False)
        if done.returncode:
            raise AuthorityError(done.stderr.decode("utf-8", "replace").strip())
        return done.stdout

    def answer(self, request: bytes) -> bytes:
        """The response to a TimeStampReq (RFC 3161 §2.4.1), with the intermediate's certificate in it."""
        # The serial number and the request stand in files: one at a time.
        with self._turn:
            (self.folder / "request.tsq").write_bytes(request)
            words = "-config ts.cnf -queryfile request.tsq -signer signer.pem -inkey signer.key"
            return self.run("ts", "-reply", *words.split(), "-chain", "between.pem")


def make_authority(folder: Path, kind: Literal["rsa", "ec"] = "ec") -> Authority:
    """A new authority with keys of a kind in a new folder; ``FileNotFoundError`` where there is no openssl."""
    if shutil.which("openssl") is None:
        raise FileNotFoundError("openssl")
    folder.mkdir(parents=True)
    (folder / "ts.cnf").write_text(CONFIG)
    (folder / "serial").write_text("01\n")
    made = Authority(folder=folder, root=b"")
    key = ["rsa:2048"] if kind == "rsa" else ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    for name, issuer in (("root", ""), ("between", "root"), ("signer", "between")):
        made.run(
            *["req", "-x509", "-config", "ts.cnf", "-newkey", *key, "-nodes", "-sha256", "-days", "30"],
            *["-subj", f"/O=Invented Time/CN={name}", "-extensions", name],
            *["-keyout", f"{name}.key", "-out", f"{name}.pem"],
            *(["-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key"] if issuer else []),
        )
    root = x509.load_pem_x509_certificate((folder / "root.pem").read_bytes())
    return Authority(folder=folder, root=root.public_bytes(Encoding.DER))


@contextmanager
def serve_authority(authority: Authority) -> Iterator[str]:
    """The authority behind HTTP on this machine (RFC 3161 §3.4) while the context lasts; its address."""

    class Door(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the library
            """Nothing is logged."""

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not length.isdecimal() or int(length) > REQUEST_LIMIT:
                self.send_error(413)
                return
            try:
                answer = authority.answer(self.rfile.read(int(length)))
            except AuthorityError:
                self.send_error(500)
                return
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/tsr"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
