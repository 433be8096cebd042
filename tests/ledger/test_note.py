"""Notes, checkpoints, cosignatures: the published examples, one spelling, and no altered note accepted."""

from __future__ import annotations

import base64
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.errors import ComityError, Malformed, NotVerified
from comity.ledger.merkle import leaf_hash
from comity.ledger.note import (
    COSIGNATURE,
    Checkpoint,
    SignatureLine,
    Vkey,
    cosign,
    merge_signatures,
    open_note,
    sign_checkpoint,
    verify_checkpoint,
    verify_cosignature,
    vkey_of,
)
from comity.records import ed25519

LOG, WITNESS, OTHER = b"\x01" * 32, b"\x02" * 32, b"\x03" * 32
ORIGIN = "ledger.example/alder"
LOG_KEY = vkey_of(ORIGIN, ed25519.public_of(LOG))
WITNESS_KEY = vkey_of("witness.example/birch", ed25519.public_of(WITNESS), COSIGNATURE)
HEAD = Checkpoint(origin=ORIGIN, size=42, root=leaf_hash(b"head"))
NOTE = sign_checkpoint(HEAD, LOG)
TIME = 1_700_000_000
COSIGNED = merge_signatures(NOTE, cosign(NOTE, WITNESS_KEY.name, WITNESS, TIME))


# The example keys and notes that the specifications print.
PUBLISHED = (
    "example.com/behind-the-sofa\n"
    "20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    "\n"
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5"
    "/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJs"
    "X3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)
GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"


def test_the_published_note_is_read_and_written_alike() -> None:
    body, lines = open_note(PUBLISHED)
    checkpoint = Checkpoint.parse(body)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint.body() == body
    assert [line.name for line in lines] == [
        "example.com/behind-the-sofa",
        "witness.example.com/w1",
    ]
    assert int.from_bytes(lines[1].signature[:8], "big") == 1679315147
    assert f"{body}\n{''.join(map(str, lines))}" == PUBLISHED


def test_the_published_vkey_is_read_and_written_alike() -> None:
    vkey = Vkey.parse(GO_VKEY)
    assert (vkey.name, vkey.kind, vkey.key_hash.hex()) == ("PeterNeumann", 1, "c74f20a3")
    assert str(vkey) == GO_VKEY
    assert vkey_of(vkey.name, vkey.key) == vkey
    text = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
    )
    signature = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    body, (line,) = open_note(f"{text}\n— PeterNeumann {signature}\n")
    assert (body, line.key_hash) == (text, vkey.key_hash)
    ed25519.verify(vkey.key, line.signature, body.encode())


def test_a_checkpoint_and_its_cosignature_hold() -> None:
    assert verify_checkpoint(NOTE, LOG_KEY) == HEAD == verify_checkpoint(COSIGNED, LOG_KEY)
    assert verify_cosignature(COSIGNED, WITNESS_KEY) == TIME
    assert Vkey.parse(str(WITNESS_KEY)) == WITNESS_KEY
    assert COSIGNED.startswith(NOTE)


def _code(call: object, *args: object) -> str:
    assert callable(call)
    with pytest.raises(ComityError) as caught:
        call(*args)
    return caught.value.code


def test_a_key_that_did_not_sign_proves_nothing() -> None:
    other = vkey_of(ORIGIN, ed25519.public_of(OTHER))
    assert _code(verify_checkpoint, NOTE, other) == "note.unsigned"
    renamed = vkey_of("ledger.example/elm", LOG_KEY.key)
    assert _code(verify_checkpoint, NOTE, renamed) == "note.unsigned"
    assert _code(verify_cosignature, NOTE, WITNESS_KEY) == "note.unsigned"
    # A key id is four bytes long: a key may share it, its signature still does not hold.
    twin = Vkey(name=ORIGIN, key_hash=LOG_KEY.key_hash, kind=1, key=other.key)
    assert _code(verify_checkpoint, NOTE, twin) == "signature.invalid"


def test_a_signature_of_one_kind_does_not_pass_for_another() -> None:
    # The log's own key reused as a witness key, and the reverse.
    as_witness = vkey_of(ORIGIN, LOG_KEY.key, COSIGNATURE)
    as_log = vkey_of(WITNESS_KEY.name, WITNESS_KEY.key)
    assert _code(verify_checkpoint, COSIGNED, as_witness) == "note.kind"
    assert _code(verify_cosignature, COSIGNED, as_log) == "note.kind"
    assert _code(verify_checkpoint, COSIGNED, as_log) == "note.unsigned"
    body, (line,) = open_note(NOTE)
    time = TIME.to_bytes(8, "big")
    moved = SignatureLine(name=ORIGIN, key_hash=as_witness.key_hash, signature=time + line.signature)
    assert _code(verify_cosignature, f"{body}\n{moved}", as_witness) == "signature.invalid"


def test_a_key_speaks_for_its_own_log_only() -> None:
    body = HEAD.body().replace(ORIGIN, "ledger.example/elm")
    line = SignatureLine(
        name=ORIGIN,
        key_hash=LOG_KEY.key_hash,
        signature=ed25519.sign(LOG, body.encode()),
    )
    assert _code(verify_checkpoint, f"{body}\n{line}", LOG_KEY) == "note.origin"


def test_a_cosignature_with_another_time_is_refused() -> None:
    body, (first, line) = open_note(COSIGNED)
    for time in (TIME - 1, 0, 2**63, 2**64 - 1):
        forged = SignatureLine(
            name=line.name,
            key_hash=line.key_hash,
            signature=time.to_bytes(8, "big") + line.signature[8:],
        )
        code = _code(verify_cosignature, f"{body}\n{first}{forged}", WITNESS_KEY)
        assert code == ("signature.invalid" if time < 2**63 else "note.cosignature")
    short = SignatureLine(name=line.name, key_hash=line.key_hash, signature=line.signature[:-1])
    assert _code(verify_cosignature, f"{body}\n{short}", WITNESS_KEY) == "note.cosignature"


WEAK = bytes([1] + [0] * 31)


def test_weak_keys_are_refused() -> None:
    assert _code(vkey_of, ORIGIN, WEAK) == "key.weak"
    genuine = str(LOG_KEY)
    name, _, _ = genuine.split("+")
    weak = Vkey(name=name, key_hash=b"\0" * 4, kind=1, key=WEAK)
    body = HEAD.body()
    # Under the identity point this one signature fits every text.
    line = SignatureLine(name=name, key_hash=b"\0" * 4, signature=WEAK + b"\0" * 32)
    assert _code(verify_checkpoint, f"{body}\n{line}", weak) == "key.weak"


def test_altered_vkeys_are_refused() -> None:
    good = str(WITNESS_KEY)
    name, digest, key = good.split("+")
    raw = base64.b64decode(key)
    bad = {
        "": "vkey.kind",
        name: "vkey.kind",
        f"{name}+{digest}": "vkey.kind",
        f"{name}+{digest}+": "vkey.kind",
        f"{name}+{digest.upper()}+{key}": "vkey.hash",
        f"{name}+0{digest}+{key}": "vkey.hash",
        f"{name}+{digest[1:]}+{key}": "vkey.hash",
        f"{name}x+{digest}+{key}": "vkey.hash",
        f"{name} x+{digest}+{key}": "note.name",
        f"+{digest}+{key}": "note.name",
        f"{name}+{digest}+{key}\n": "note.base64",
        f"{name}+{digest}+{key[:-4]}": "vkey.kind",
        f"{name}+{digest}+{base64.b64encode(bytes([2]) + raw[1:]).decode()}": "vkey.kind",
    }
    assert digest.upper() != digest
    for text, code in bad.items():
        assert _code(Vkey.parse, text) == code, text
    with pytest.raises(ValueError, match="kind"):
        vkey_of("a", LOG_KEY.key, 2)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("\n42\n", "\n042\n", "note.number"),
        ("\n42\n", "\n+42\n", "note.number"),
        ("\n42\n", "\n4_2\n", "note.number"),
        ("\n42\n", "\n٤٢\n", "note.number"),
        ("\n42\n", "\n42²\n", "note.number"),
        ("\n42\n", "\n\n", "note.number"),
        ("\n42\n", "\n9223372036854775808\n", "note.number"),
        ("\n42\n", "\n" + "9" * 5000 + "\n", "note.number"),
        ("\n42\n", "\n42\r\n", "note.text"),
        ("=\n\n", "=\nextension\n\n", "checkpoint.lines"),
        ("=\n\n", "\n\n", "note.base64"),
        ("\n42\n", "\n42\nAAAA\n", "checkpoint.lines"),
        (HEAD.body().split("\n")[2], "AAAA", "checkpoint.root"),
        (ORIGIN + "\n42", "\n42", "note.name"),
        (ORIGIN + "\n42", "a b\n42", "note.name"),
        (ORIGIN + "\n42", "a\u00a0b\n42", "note.name"),
        ("\n— ", "\n- ", "note.signature-line"),
        ("\n— ", "\n—  ", "note.name"),
        ("\n\n", "\n", "note.text"),
    ],
)
def test_other_spellings_of_a_note_are_malformed(old: str, new: str, code: str) -> None:
    assert old in NOTE
    altered = NOTE.replace(old, new, 1)
    assert _code(verify_checkpoint, altered, LOG_KEY) == code


def test_form_of_notes() -> None:
    head, _, line = NOTE.rpartition("\n\n")
    cases = {
        NOTE[:-1]: "note.text",
        NOTE + "\n": "note.text",
        NOTE + " ": "note.text",
        head + "\n\n": "note.text",
        NOTE + line: "note.duplicate",
        NOTE + "\udcff": "note.text",
        NOTE + "\0": "note.text",
        "": "note.text",
        f"{head}\n\n— {ORIGIN} AAAAAA==\n": "note.signature-line",
        f"{head}\n\n— {ORIGIN}\n": "note.signature-line",
        NOTE + "x" * 300_000: "note.size",
    }
    for text, code in cases.items():
        assert _code(open_note, text) == code, text[:200]
    many = [f"— w{n} {base64.b64encode(bytes(9)).decode()}\n" for n in range(64)]
    assert len(open_note(f"{head}\n\n{''.join(many)}")[1]) == 64
    assert _code(open_note, f"{NOTE}{''.join(many)}") == "note.size"
    assert _code(merge_signatures, NOTE, many) == "note.size"


def test_stray_base64_bits_are_malformed() -> None:
    # "QR==" and "QQ==" decode alike; only one of them is a note.
    _, _, line = NOTE.rpartition(" ")
    last = line.rstrip("=\n")[-1]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    twin = alphabet[alphabet.index(last) + 1]
    altered = NOTE[: NOTE.rindex(last)] + twin + NOTE[NOTE.rindex(last) + 1 :]
    assert altered != NOTE
    assert _code(verify_checkpoint, altered, LOG_KEY) in {"note.base64", "signature.invalid"}
    assert _code(open_note, NOTE.replace("\n\n", "\n\n— a QUFBQUE\n")) == "note.base64"
    assert _code(open_note, NOTE.replace("\n\n", "\n\n— a QUFBQUF=\n")) == "note.base64"


def test_merging_keeps_each_key_once_and_the_first_of_it() -> None:
    later = cosign(NOTE, WITNESS_KEY.name, WITNESS, TIME + 60)
    third = cosign(NOTE, "witness.example/cedar", OTHER, TIME)
    assert merge_signatures(COSIGNED, later) == COSIGNED
    assert merge_signatures(COSIGNED, []) == COSIGNED
    assert merge_signatures(COSIGNED, [later, third]) == COSIGNED + third
    assert merge_signatures(NOTE, str(open_note(COSIGNED)[1][1]) + third) == COSIGNED + third
    assert _code(merge_signatures, NOTE, ["nothing\n"]) == "note.signature-line"


def test_what_is_not_a_checkpoint_is_not_signed() -> None:
    for bad in (
        Checkpoint(origin="a b", size=1, root=HEAD.root),
        Checkpoint(origin="a", size=-1, root=HEAD.root),
        Checkpoint(origin="a", size=1, root=b"short"),
        Checkpoint(origin="a\n1", size=1, root=HEAD.root),
    ):
        with pytest.raises(Malformed):
            sign_checkpoint(bad, LOG)
    for time in (-1, 2**63):
        with pytest.raises(ValueError, match="timestamp"):
            cosign(NOTE, "w", WITNESS, time)
    assert _code(cosign, NOTE, "a+b", WITNESS, TIME) == "note.name"
    assert _code(cosign, PUBLISHED.replace("20852163", "x"), "w", WITNESS, 1) == "note.number"


def _check_both(text: str) -> None:
    verify_checkpoint(text, LOG_KEY)
    verify_cosignature(text, WITNESS_KEY)


def test_mutated_notes_none_accepted() -> None:
    rng = random.Random(4)
    raw = COSIGNED.encode()
    for _ in range(3_000):
        altered = bytearray(raw)
        at = rng.randrange(len(raw))
        match rng.randrange(3):
            case 0:
                altered[at] ^= 1 << rng.randrange(8)
            case 1:
                del altered[at]
            case _:
                altered.insert(at, rng.choice(b"\n =A0+" + raw))
        if altered == raw:
            continue
        text = altered.decode("utf-8", "surrogateescape")
        # A change may leave one of the two lines alone, never both and the text.
        with pytest.raises((Malformed, NotVerified)):
            _check_both(text)


@given(st.text(max_size=300))
def test_arbitrary_text_gives_a_verdict(text: str) -> None:
    for candidate in (text, f"{text}\n{NOTE}", NOTE + text, text + NOTE):
        try:
            checkpoint = verify_checkpoint(candidate, LOG_KEY)
        except (Malformed, NotVerified):
            continue
        assert checkpoint == HEAD
    try:
        body = Checkpoint.parse(text).body()
    except Malformed:
        return
    assert body == text


@given(st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32), st.integers(0, 2**63 - 1))
def test_what_is_signed_reads_back(size: int, root: bytes, time: int) -> None:
    head = Checkpoint(origin=ORIGIN, size=size, root=root)
    note = sign_checkpoint(head, LOG)
    note = merge_signatures(note, cosign(note, WITNESS_KEY.name, WITNESS, time))
    assert verify_checkpoint(note, LOG_KEY) == head
    assert verify_cosignature(note, WITNESS_KEY) == time
