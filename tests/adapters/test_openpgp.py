"""OpenPGP bindings, with keys that gpg and Sequoia made: good ones hold, every bad one is refused by name."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from comity.adapters.openpgp import check_binding, read_binding
from comity.dossier.identity import judge_identities, parse_trust
from comity.errors import ComityError
from comity.records.kinds import Bind
from comity.records.parties import binding_text
from tests.cli.running import run
from tests.world import World

pysequoia = pytest.importorskip("pysequoia")
needs_gpg = pytest.mark.skipif(shutil.which("gpg") is None, reason="gpg is not installed")

TEXT = "comity/1 openpgp binding\nparty " + "ab" * 32 + "\ncard " + "cd" * 32 + "\n"
NOW = int(time.time())


def refused(code: str, binding: Bind, text: str = TEXT, now: int = NOW) -> None:
    with pytest.raises(ComityError) as error:
        check_binding(text, binding, now)
    assert error.value.code == code
    assert "BEGIN" not in error.value.why


@dataclass(frozen=True)
class Office:
    """A gpg home with one key, made at an instant that gpg is told."""

    home: Path
    options: tuple[str, ...] = ()

    def gpg(self, *words: str, data: bytes = b"") -> bytes:
        command = ["gpg", "--homedir", str(self.home), "--batch", "--yes", "--quiet", "--passphrase", ""]
        done = subprocess.run(
            [*command, "--pinentry-mode", "loopback", *self.options, *words],
            input=data, capture_output=True, check=True, timeout=60,
        )  # fmt: skip
        return done.stdout

    def make(self, *words: str) -> Office:
        self.home.mkdir(mode=0o700, parents=True)
        self.gpg("--quick-gen-key", "Desk <desk@office.example>", *(words or ("ed25519", "sign", "2y")))
        return self

    def sign(self, text: str = TEXT, *words: str) -> bytes:
        return self.gpg("--armor", *words, "--detach-sign", data=text.encode())

    def certificate(self) -> bytes:
        return self.gpg("--armor", "--export")

    def fingerprint(self) -> str:
        rows = self.gpg("--list-keys", "--with-colons").decode().splitlines()
        return next(row.split(":")[9] for row in rows if row.startswith("fpr"))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Callable[..., Office]]:
    # A socket's path is short, so the homes of the agents lie elsewhere.
    import tempfile

    with tempfile.TemporaryDirectory(prefix="pgp", dir="/tmp") as root:
        homes: list[Path] = []

        def make(*words: str, options: tuple[str, ...] = ()) -> Office:
            homes.append(Path(root) / str(len(homes)))
            return Office(home=homes[-1], options=options).make(*words)

        yield make
        for home in homes:
            subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False, timeout=30)


@needs_gpg
@pytest.mark.parametrize("words", [(), ("rsa2048", "sign", "1y"), ("ed25519", "sign", "never")])
def test_a_key_of_gpg_binds(office: Callable[..., Office], words: tuple[str, ...]) -> None:
    desk = office(*words)
    binding = read_binding(desk.sign(), desk.certificate())
    assert binding.fingerprint == desk.fingerprint().lower()
    check_binding(TEXT, binding, NOW)
    refused("openpgp.signature", binding, TEXT + "\n")
    refused("openpgp.signature", binding, TEXT.replace("ab", "ba"))


@needs_gpg
def test_a_weak_digest_is_refused(office: Callable[..., Office]) -> None:
    desk = office("rsa2048", "sign", "1y")
    weak = ("--digest-algo", "SHA1", "--allow-weak-digest-algos")
    refused("openpgp.signature", read_binding(desk.sign(TEXT, *weak), desk.certificate()))


@needs_gpg
def test_an_expired_key_and_an_expired_signature_are_refused(office: Callable[..., Office]) -> None:
    old = office("ed25519", "sign", "1y", options=("--faked-system-time", "20200101T000000"))
    refused("openpgp.expired", read_binding(old.sign(), old.certificate()))
    desk = office()
    short = desk.sign(TEXT, "--default-sig-expire", "1d")
    binding = read_binding(short, desk.certificate())
    check_binding(TEXT, binding, NOW)
    refused("openpgp.expired", binding, now=NOW + 2 * 86_400)
    refused("openpgp.expired", read_binding(desk.sign(), desk.certificate()), now=NOW + 3 * 365 * 86_400)


@needs_gpg
def test_a_revoked_key_is_refused(office: Callable[..., Office]) -> None:
    desk = office()
    good = desk.sign()
    (revocation,) = (desk.home / "openpgp-revocs.d").glob("*.rev")
    desk.gpg("--import", data=revocation.read_bytes().replace(b":-----BEGIN", b"-----BEGIN"))
    refused("openpgp.revoked", read_binding(good, desk.certificate()))


@needs_gpg
def test_another_key_is_refused(office: Callable[..., Office]) -> None:
    desk, other = office(), office()
    refused("openpgp.signature", read_binding(other.sign(), desk.certificate()))
    mixed = msgspec.structs.replace(
        read_binding(desk.sign(), desk.certificate()), fingerprint=other.fingerprint().lower()
    )
    refused("openpgp.fingerprint", mixed)
    with pytest.raises(ComityError) as error:
        read_binding(desk.sign(), desk.certificate() + other.certificate())
    assert error.value.code == "openpgp.form"


@needs_gpg
def test_a_signature_from_the_future_is_refused(office: Callable[..., Office]) -> None:
    desk = office()
    refused("openpgp.signature", read_binding(desk.sign(), desk.certificate()), now=NOW - 86_400)


def test_a_key_of_sequoia_binds_and_no_secret_travels() -> None:
    cert = pysequoia.Tsk.generate("Desk <desk@office.example>")
    signature = pysequoia.sign(cert.signer(), TEXT.encode(), mode=pysequoia.SignatureMode.DETACHED)
    binding = read_binding(signature, bytes(cert))
    assert "PRIVATE" not in binding.certificate
    check_binding(TEXT, binding, int(time.time()))


@pytest.mark.parametrize(
    "raw", [b"", b"x", b"-----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----\n"]
)
def test_what_is_no_signature_or_certificate_is_malformed(raw: bytes) -> None:
    with pytest.raises(ComityError) as error:
        read_binding(raw, raw)
    assert error.value.code == "openpgp.form"


@needs_gpg
def test_the_verifier_confirms_by_an_openpgp_fingerprint_and_by_nothing_less(
    office: Callable[..., Office],
) -> None:
    world = World("openpgp", recovery=True)
    a = world.party("Alder")
    desk, other = office(), office()

    def bind(by: Office, text: str) -> None:
        a.follow(read_binding(by.sign(text), desk.certificate()), a.seeds[-1])

    def check(text: str, binding: Bind) -> None:
        check_binding(text, binding, int(time.time()))

    def judged(name: str = "Alder", fingerprint: str = "", able: bool = True) -> tuple[str, str]:
        trust = parse_trust(f"{fingerprint or desk.fingerprint()} {name}\n")
        (found,) = judge_identities({a.id: a.party}, trust, check if able else None)
        return found.result, found.code

    bind(other, binding_text(a.party))
    assert judged("Someone") == ("not confirmed", "openpgp.signature")
    bind(desk, binding_text(a.party).replace("party", "Party"))
    assert judged() == ("not confirmed", "openpgp.signature")
    bind(desk, binding_text(a.party))
    assert judged() == ("confirmed", "")
    assert judged("Someone") == ("contradicted", "identity.name")
    assert judged(fingerprint=other.fingerprint()) == ("contradicted", "identity.key")
    assert judged(able=False) == ("not confirmed", "identity.unchecked")


@needs_gpg
def test_a_party_binds_itself_by_command(office: Callable[..., Office], tmp_path: Path) -> None:
    home = tmp_path / "alda"
    assert run("init", home, "--name", "Alda Desk").code == 0
    text = run("party", "bind", "--text", "--home", home).out
    desk, other = office(), office()
    certificate, signature = tmp_path / "cert.asc", tmp_path / "text.asc"
    certificate.write_bytes(desk.certificate())
    signature.write_bytes(other.sign(text))
    words = ("party", "bind", "--openpgp", signature, "--cert", certificate, "--home", home)
    wrong = run(*words)
    assert "[openpgp.signature]" in wrong.err
    signature.write_bytes(desk.sign(text))
    assert run(*words).code == 0
    shown = run("party", "show", "--home", home)
    assert "signed this party's id" in shown.out
