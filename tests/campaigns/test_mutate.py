"""The mutation campaign: what it judges with holds, reaches deep, and finds what it should."""

from __future__ import annotations

import base64
import random
from collections import Counter

import pytest

from campaigns import main, mutate
from campaigns.artefacts import Kind, kinds
from comity.errors import ComityError
from comity.ledger import note, receipt
from comity.records import ed25519

KINDS = kinds()


@pytest.mark.parametrize("name", KINDS)
def test_every_artefact_itself_is_accepted_and_no_other_in_its_place(name: str) -> None:
    kind = KINDS[name]
    for n, artefact in enumerate(kind.artefacts):
        kind.judges[n](artefact)
        for m, other in enumerate(kind.artefacts):
            assert (other == artefact) == (m == n), "each artefact stands once"
            # A bare proof names its own leaf, so another one of the same tree is as true.
            if m != n and isinstance(other, bytes):
                with pytest.raises(ComityError):
                    kind.judges[n](other)


def _codes(kind: Kind, count: int) -> Counter[str]:
    found: Counter[str] = Counter()
    rng = random.Random(kind.name)
    for _ in range(count):
        at = rng.randrange(len(kind.artefacts))
        mutant = kind.alter(rng, at)
        if mutant == kind.artefacts[at]:
            continue
        with pytest.raises(ComityError) as caught:
            kind.judges[at](mutant)
        found[caught.value.code] += 1
    return found


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("inclusion proof", {"ledger.inclusion"}),
        ("consistency proof", {"ledger.consistency"}),
        (
            "receipt",
            {"receipt.form", "receipt.alg", "receipt.header", "receipt.tree-size", "ledger.inclusion"},
        ),
        ("consistency receipt", {"receipt.form", "receipt.proof", "ledger.consistency", "receipt.tree-size"}),
        ("checkpoint note", {"note.base64", "note.unsigned", "note.number", "note.duplicate", "note.text"}),
        ("cosignature", {"note.base64", "note.unsigned", "note.cosignature", "campaign.other"}),
        ("envelope", {"cbor.canonical", "envelope.alg", "envelope.malleable", "envelope.unprotected"}),
        ("row multiproof", {"row.proof", "row.order", "row.range"}),
        ("timestamp token", {"attestation.token"}),
    ],
)
def test_mutations_reach_every_layer(name: str, codes: set[str]) -> None:
    """A campaign whose mutants all break the outermost form would say little."""
    found = _codes(KINDS[name], 1_500)
    assert codes <= set(found), found
    if name in ("receipt", "consistency receipt", "checkpoint note", "cosignature", "envelope"):
        assert sum(n for code, n in found.items() if code.startswith("signature")) > 50, found


def test_a_short_run_finds_nothing() -> None:
    tally = mutate.mutate_batch("test", (0, 4_000))
    assert tally.failures == []
    assert sum(n for name, n in tally.judged.items() if name in KINDS) == 4_000
    assert len(tally.judged) == len(KINDS) + 2


def test_a_run_goes_on_where_it_stopped() -> None:
    whole = mutate.mutate_batch("test", (0, 300)).judged
    assert (
        mutate.mutate_batch("test", (0, 120)).judged + mutate.mutate_batch("test", (120, 300)).judged == whole
    )


def test_a_reader_that_checks_no_signature_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ed25519, "verify", lambda *_: None)
    failures = mutate.mutate_batch("test", (0, 2_000)).failures
    assert any("ACCEPTED" in failure and " receipt" in failure for failure in failures)
    assert any("ACCEPTED" in failure and "checkpoint note" in failure for failure in failures)


def test_a_lenient_reader_of_base64_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(note, "decode64", lambda text, _: base64.b64decode(text + "=="))
    assert any("ACCEPTED" in f for f in mutate.mutate_batch("test", (0, 4_000)).failures)


def test_a_receipt_that_does_not_fix_its_size_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receipt, "_HEADER", {receipt.ALG, receipt.KID, receipt.VDS})
    with pytest.raises(ComityError, match=r"receipt\.header"):
        KINDS["receipt"].judges[0](KINDS["receipt"].artefacts[0])


def test_the_command_counts_and_says_its_seed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["mutate", "--count", "600", "--processes", "1", "--seed", "said"]) == 0
    said = capsys.readouterr().out
    assert "seed 'said', mutations 0 to 599" in said
    assert "0 accepted" in said
    assert main.main([]) == 0
    assert "mutate" in capsys.readouterr().out
    assert main.main(["nothing"]) == 2
