"""The page of a case tells procedure: versions, more time, statements, actions, consultations, closings."""

from __future__ import annotations

import html
import re

import pytest
from litestar.testing import TestClient

from comity.records import kinds
from comity.web import words
from comity.web.docket import tell
from comity.web.procedure import view_procedure
from comity.web.reading import Reading
from tests.procedure import play
from tests.rulebook import scene
from tests.web.stage import app_of, enter, node_of
from tests.world import FullCase


@pytest.fixture(scope="module")
def full() -> FullCase:
    s = scene("pages of procedure")
    play(s)
    records = {f"{n}": fact for n, fact in enumerate(s.facts)}
    return FullCase(
        world=s.world,
        case=s.case,
        claimant=s.a,
        respondent=s.b,
        third=s.c,
        guest=s.c,
        records=records,  # type: ignore[arg-type]  # a scene has no attestation unless it makes one
        attestations=[],
    )


def test_every_kind_has_words_in_the_docket(full: FullCase) -> None:
    reading = Reading(node_of(full, full.claimant), full.case.id)
    assert not reading.state.waiting
    for record in reading.state.ordered:
        told = tell(reading, record)
        assert [part.text for part in told] != [record.frame.kind], record.frame.kind


def test_the_page_tells_them_all(full: FullCase) -> None:
    with TestClient(app_of(node_of(full, full.third))) as client:
        enter(client)
        answer = client.get(f"/case/{full.case.id}")
        assert answer.status_code == 200, answer.text[-400:]
        text = re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", answer.text)))
        assert client.get(f"/case/{full.case.id}.json").status_code == 200
    for told in (
        "What was said of that version stays with it.",
        "amended by its author",
        "first asked for:",
        "The office is moving.",
        "It is urgent.",
        "withdrawn by who asked",
        "taken back by its author: adds nothing",
        "is tied to nothing",
        "corrected to A gateway. because One of two.",
        "joins on the basis: trust",
        "except sentence 2: We had no part in the delay.",
        "declines to join",
        "indicator ipv4-addr:value 198.51.100.7 passed on when asked",
        "undertakes it ; reports: done",
        "declines it on the ground not-ours",
        "translated into nb by Cedar",
        "Requests are answered within fiveseven days",
        "supports it Fits us.",
        "adopted: Agreed.",
        "takes the case up again",
    ):
        assert told in text, told
    assert "<del" in answer.text
    assert "<ins" in answer.text


def test_both_sides_are_told_in_the_same_words(full: FullCase) -> None:
    node = node_of(full, full.claimant)
    chapters = view_procedure(Reading(node, full.case.id))
    assert [c.id for c in chapters] == ["statements", "actions", "consultations", "closings"]
    other = view_procedure(Reading(node_of(full, full.respondent), full.case.id))
    assert [[len(e.lines) for e in c.entries] for c in chapters] == [
        [len(e.lines) for e in c.entries] for c in other
    ]


def test_every_code_has_its_words() -> None:
    for name, table in (
        ("case.close", words.CLOSINGS),
        ("action.propose", words.ACTIONS),
        ("action.accept", words.UNDERTAKINGS),
        ("action.report", words.PROGRESS),
        ("suggestion.position", words.VIEWS),
        ("suggestion.dispose", words.DISPOSALS),
    ):
        kind = kinds.KINDS[name]
        field = next(
            f for f in kind.__struct_fields__ if f in ("outcome", "type", "answer", "status", "position")
        )
        from typing import get_args, get_type_hints

        assert set(get_args(get_type_hints(kind)[field])) <= set(table), name
