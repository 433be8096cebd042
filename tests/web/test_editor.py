"""The editor: flags beside the text, by a form alone; nothing is kept."""

from __future__ import annotations

import html
import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar.testing import TestClient

from comity.exchange import acts
from comity.records.kinds import Assertion, Policy, Target, Witness
from comity.statements.lint import lint_text
from comity.statements.source import Decoded
from comity.web import rechecking
from comity.web.editor import LONGEST, cut_pieces
from comity.weighing.checked import check_figures
from tests.exchange.network import World
from tests.web.stage import app_of, enter, node_of
from tests.weighing.told_cases import strong
from tests.world import FullCase

TEXT = "Clearly, Osmark <b>took</b> it.\r\nExperts say \u202eso.\r\n"


def test_flags_stand_beside_the_text_with_line_rule_reason_and_suggestion(full: FullCase) -> None:
    with TestClient(app_of(node_of(full, full.claimant))) as client:
        enter(client)
        assert "None yet" in client.get("/editor").text
        page = client.post("/editor", data={"text": TEXT, "language": "en", "case": ""})
    assert page.status_code == 200
    for told in ("wording.certainty", "line 1, columns 1–7", "source.unnamed", "text.unseen", "tie.missing"):
        assert told in page.text, told
    field = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page.text, re.DOTALL)
    assert field is not None
    shown = page.text.replace(field[0], "")
    assert "⟦U+202E⟧" in shown
    assert "\u202e" not in shown
    assert "<b>took</b>" not in page.text


def test_what_is_typed_comes_back_to_the_letter(full: FullCase) -> None:
    """Else the next check is of another text, in which marks of direction are words."""
    with TestClient(app_of(node_of(full, full.claimant))) as client:
        enter(client)
        page = client.post("/editor", data={"text": TEXT, "language": "en", "case": ""}).text
        field = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
        assert field is not None
        assert html.unescape(field[1]) == TEXT.replace("\r\n", "\n")


def test_assertions_are_looked_up_in_the_case_that_is_chosen(full: FullCase) -> None:
    claim = full.records["claim"].value.id
    with TestClient(app_of(node_of(full, full.claimant))) as client:
        enter(client)
        text = f"Host A was reached [{claim[:12]}#1]. Host B was reached [{claim[:12]}#99]."
        page = client.post("/editor", data={"text": text, "language": "", "case": full.case.id})
    assert "tie.unknown" in page.text
    assert f"No assertion {claim[:12]}#99 is there" in page.text
    assert f"No assertion {claim[:12]}#1 is there" not in page.text


def test_an_assessment_is_computed_once_however_often_a_text_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path, ["alder", "birch"])
    a = world.nodes[0]
    witness = Witness(vkey=a.party.card.witness, party=a.party.id)
    case = acts.open_case(a, "2026-10-05", Policy(quorum=1, witnesses=(witness,)), "Mail system")
    said = Assertion(text="Cluster Heron exported the mailboxes.", level="tactical")
    claim = acts.state_claim(a, case, "Night export", [said])
    about = Target(record=claim.value.id, n=0)
    acts.assess(a, case, msgspec.structs.replace(strong(), about=about))
    computed = []

    def count(content: object, most: int) -> object:
        computed.append(content)
        return real(content, most)  # type: ignore[arg-type]

    real = check_figures
    monkeypatch.setattr(rechecking, "check_figures", count)
    monkeypatch.setattr(rechecking, "_KEPT", {})
    sent = {"text": "Clearly, cluster Heron exported the mailboxes [#1].", "language": "en", "case": case}
    with TestClient(app_of(a)) as client:
        enter(client)
        pages = [client.post("/editor", data=sent).text for _ in range(3)]
        assert len(computed) == 1
        assert not any("Not computed again here" in page for page in pages)
        monkeypatch.setattr(rechecking, "_KEPT", {})
        monkeypatch.setattr(rechecking, "TOGETHER", 0)
        told = client.post("/editor", data=sent).text
    assert len(computed) == 1
    assert "Not computed again here, and so held against no wording: 1 assessment." in told


def test_only_whoever_may_read_the_pages_comes_here(full: FullCase) -> None:
    with TestClient(app_of(node_of(full, full.claimant))) as client:
        assert client.get("/editor").status_code == 403
        assert client.post("/editor", data={"text": "Clearly so."}).status_code == 403


def test_what_is_too_long_or_of_no_language_is_refused_by_name(full: FullCase) -> None:
    with TestClient(app_of(node_of(full, full.claimant))) as client:
        enter(client)
        long = client.post("/editor", data={"text": "a " * LONGEST})
        other = client.post("/editor", data={"text": "Bonjour.", "language": "fr"})
    assert long.status_code == other.status_code == 400
    assert "page.text" in long.text
    assert "page.language" in other.text


@given(st.lists(st.sampled_from(["Clearly ", "experts say ", "it rained. ", "never ", "\n"]), max_size=20))
def test_the_pieces_together_are_the_text(parts: list[str]) -> None:
    text = "".join(parts)
    flags = lint_text(Decoded(text=text, encoding="utf-8"), "en", ties=True).flags
    pieces = cut_pieces(text, flags)
    assert "".join(piece.text for piece in pieces) == text
    named = {n for piece in pieces for n in piece.flags}
    assert named == {n for n, flag in enumerate(flags, 1) if flag.rule != "tie.missing"}
