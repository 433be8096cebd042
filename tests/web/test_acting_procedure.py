"""Forms that move a case along, speak to everybody, act together and consult; each signs what it showed."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from comity.case.support import assertions
from comity.exchange import acts
from comity.exchange import acts_of_procedure as procedure
from comity.records import kinds
from comity.records.kinds_of_actions import Accept, Propose, ReportAction
from comity.records.kinds_of_consultation import Dispose, Suggest, Table, TakePosition
from comity.records.kinds_of_procedure import Amend, Close, Extend, WithdrawEndorsement, WithdrawRequest
from comity.records.kinds_of_statements import Announce, Correct, Join
from comity.web.acting import FORMS
from comity.web.acts_on import OTHERS, OWN, acts_on
from tests.web.acting import Fields, mistakes, person_at
from tests.web.stage import Live, tell

LATER = "2099-01-01 10:00"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Live:
    return tell(tmp_path_factory.mktemp("procedure"))


def sign(live: Live, n: int, path: str, fields: Fields) -> tuple[str, kinds.Content]:
    """One party fills in and signs a form; everyone gets the record."""
    node = live.world.nodes[n]
    with person_at(node) as person:
        record = person.sign(f"/act/{live.case}/{path}", fields)
    live.world.settle()
    content = node.state(live.case).accepted[record].content
    assert content is not None
    return record, content


def refused(live: Live, n: int, path: str, fields: Fields) -> list[str]:
    """What a form that cannot be taken says."""
    with person_at(live.world.nodes[n]) as person:
        answer = person.send(f"/act/{live.case}/{path}", "review", fields)
        assert answer.status_code == 422
        return mistakes(answer.text)


def test_more_time_is_asked_and_answered(live: Live) -> None:
    asked, _ = sign(
        live,
        1,
        "request",
        {"to": live.world.nodes[0].party.id, "type": "assist", "text": "Help.", "due": LATER},
    )
    proposal, content = sign(
        live, 0, f"more-time?about-record={asked}", {"due": "2099-02-01 10:00", "text": "Ill."}
    )
    assert isinstance(content, Extend)
    assert (content.step, content.due) == ("proposes", "2099-02-01T10:00:00Z")
    with person_at(live.world.nodes[1]) as person:
        assert "answer-time" in person.open(f"/record/{proposal}")
    path = f"answer-time?about-record={proposal}"
    assert any("reason" in m for m in refused(live, 1, path, {"answer": "refuses"}))
    _, answer = sign(live, 1, path, {"answer": "accepts"})
    assert isinstance(answer, Extend)
    assert answer.step == "accepts"
    sign(live, 1, path, {"answer": "refuses", "text": "Too late after all."})
    with person_at(live.world.nodes[0]) as person:
        page = person.open(f"/case/{live.case}")
    assert "also refused; the acceptance stands:" in page
    assert "Too late after all." in page
    _, gone = sign(live, 1, f"take-back?about-record={asked}", {"reason": "Solved."})
    assert isinstance(gone, WithdrawRequest)


def test_an_assertion_is_amended_and_both_versions_stay(live: Live) -> None:
    path = f"amend?target={live.claim}.0"
    with person_at(live.world.nodes[0]) as person:
        page = person.open(f"/act/{live.case}/{path}")
        assert "Mailboxes were exported at night.</textarea>" in page
        assert "export rows at night</textarea>" in page
        assert f'value="{live.finding}" selected' in page
    fields: Fields = {
        "text-1": "One mailbox was exported at night.",
        "level-1": "tactical",
        "stance-1": "claims",
        "about-1": [live.world.nodes[1].party.id],
        "on-1-1": live.finding,
        "why-1-1": "export rows at night",
        "reason": "It was one.",
    }
    _, content = sign(live, 0, path, fields)
    assert isinstance(content, Amend)
    assert content.revisions[0].assertion.text == "One mailbox was exported at night."
    assert content.revisions[0].assertion.supports[0].record == live.finding
    with person_at(live.world.nodes[1]) as person:
        assert person.client.get(f"/act/{live.case}/{path}").status_code == 409


def test_an_endorsement_is_taken_back(live: Live) -> None:
    endorsed, _ = sign(
        live, 2, f"endorse?target={live.claim}.0", {"basis": "trust", "reservation": "The hour."}
    )
    _, content = sign(live, 2, f"take-back?about-record={endorsed}", {"reason": "We looked again."})
    assert isinstance(content, WithdrawEndorsement)
    with person_at(live.world.nodes[1]) as person:
        assert person.client.get(f"/act/{live.case}/take-back?about-record={endorsed}").status_code == 409


def test_a_case_is_closed_and_taken_up_again(live: Live) -> None:
    assert any("other case" in m for m in refused(live, 0, "close", {"outcome": "moved", "text": "x"}))
    assert any(
        "64 hex" in m for m in refused(live, 0, "close", {"outcome": "moved", "text": "x", "moved": "zz"})
    )
    assert any("case.closed" in m for m in refused(live, 0, "close", {"outcome": "reopened", "text": "x"}))
    closed, content = sign(live, 0, "close", {"outcome": "settled", "text": "Done."})
    assert isinstance(content, Close)
    _, again = sign(live, 0, "close", {"outcome": "reopened", "text": "Not done."})
    assert isinstance(again, Close)
    assert again.reopens == closed


def test_a_statement_is_made_joined_and_corrected(live: Live) -> None:
    c = live.world.nodes[2]
    lines = "Mail was exported. [1]\n\nWe informed those affected.\r\nTwo things are known. [1, 2]"
    assert any(
        "Line 1" in m
        for m in refused(
            live, 0, "statement", {"title": "t", "sentences": "x [99]", "status": "draft", "language": "en"}
        )
    )
    fields: Fields = {
        "title": "On the export",
        "sentences": lines,
        "status": "draft",
        "language": "en",
        "parties": [c.party.id],
    }
    stated, content = sign(live, 0, "statement", fields)
    assert isinstance(content, Announce)
    assert [len(s.assertions) for s in content.sentences] == [1, 0, 2]
    assert content.sentences[0].text == "Mail was exported."
    path = f"join?about-record={stated}"
    assert any(
        "number of a sentence" in m
        for m in refused(live, 2, path, {"answer": "joins", "basis": "reviewed", "reservations": "9 no"})
    )
    cited = {"cite-s-1": "Report 7 of the watch desk", "why-s-1": "It tells of the same night."}
    assert "Only who joins rests it on something." in " ".join(
        refused(live, 2, path, {"answer": "declines", "basis": "reviewed", "text": "No.", **cited})
    )
    answered = {"answer": "joins", "basis": "reviewed", "reservations": "2 We did not.", **cited}
    _, joined = sign(live, 2, path, answered)
    assert isinstance(joined, Join)
    assert [s.cite for s in joined.supports] == ["Report 7 of the watch desk"]
    assert (joined.reservations[0].n, joined.reservations[0].text) == (1, "We did not.")
    final: Fields = {
        "title": "On the export",
        "sentences": lines,
        "status": "final",
        "language": "en",
        "before": stated,
    }
    made, _ = sign(live, 0, f"statement?before={stated}", {k: v for k, v in final.items() if k != "before"})
    _, corrected = sign(
        live, 0, f"correct?about-record={made}", {"corrections": "3 One thing is known.\n2", "reason": "x"}
    )
    assert isinstance(corrected, Correct)
    assert [(k.n, k.text) for k in corrected.corrections] == [(1, ""), (2, "One thing is known.")]


def test_a_public_statement_about_a_party_that_was_not_told_wants_a_reason(live: Live) -> None:
    a, b = live.world.nodes[:2]
    named = kinds.Named(name="Birch", party=b.party.id)
    said = kinds.Assertion(text="x", level="tactical", about=(named,))
    claim = acts.state_claim(a, live.case, "t", [said]).value.id
    acts.grant(a, live.case, [claim], [kinds.PUBLIC], reasoned=True)
    number = len(assertions(a.state(live.case)))
    fields = {"title": "t", "sentences": f"x [{number}]", "status": "public", "language": "en"}
    assert any("publish.no-notice" in m for m in refused(live, 0, "statement", fields))
    _, content = sign(live, 0, "statement", {**fields, "without-notice": "An operation under way."})
    assert isinstance(content, Announce)
    assert content.without_notice == "An operation under way."


def test_who_endorses_is_told_that_it_was_said_otherwise_or_taken_back_since(live: Live) -> None:
    a, b = live.world.nodes[:2]
    said = kinds.Assertion(text="All of it.", level="tactical")
    claim = acts.state_claim(a, live.case, "t", [said]).value.id
    live.world.settle()
    path = f"/act/{live.case}/endorse?target={claim}.0"
    with person_at(b) as person:
        assert "otherwise since" not in person.open(path)
        again = msgspec.structs.replace(said, text="Part of it.")
        procedure.amend(a, live.case, claim, [(0, again)], "Part.")
        live.world.settle()
        assert "which its author says otherwise since, in " in person.open(path)
        acts.withdraw(a, live.case, claim, [0], "No.")
        live.world.settle()
        assert "which its author has withdrawn" in person.open(path)


def test_an_action_is_proposed_undertaken_and_reported(live: Live) -> None:
    b = live.world.nodes[1]
    fields: Fields = {
        "to": [b.party.id],
        "type": "block",
        "text": "Block it.",
        "risks": "Mail is late.",
        "due": LATER,
    }
    assert any("its type" in m for m in refused(live, 0, "action", {**fields, "indicators": "mail.example"}))
    proposed, content = sign(
        live,
        0,
        "action",
        {**fields, "indicators": "domain-name:value mail.example\nipv4-addr:value 192.0.2.1"},
    )
    assert isinstance(content, Propose)
    assert [i.value for i in content.indicators] == ["mail.example", "192.0.2.1"]
    _, answer = sign(
        live, 1, f"answer-action?about-record={proposed}", {"answer": "accepts", "text": "Tonight."}
    )
    assert isinstance(answer, Accept)
    _, report = sign(
        live,
        1,
        f"report-action?about-record={proposed}",
        {"status": "done", "done": "2026-10-06 10:00", "on-s-1": live.seal, "why-s-1": "Its rows end there."},
    )
    assert isinstance(report, ReportAction)
    assert [s.record for s in report.supports] == [live.seal]


def test_a_text_is_tabled_suggested_on_and_disposed_of(live: Live) -> None:
    b = live.world.nodes[1]
    wrong = {"title": "t", "language": "en", "clauses": "No id here"}
    assert any("its id" in m for m in refused(live, 0, "table", {**wrong, "clauses": "?? no"}))
    fields: Fields = {
        "title": "Rules",
        "clauses": "1 Parties tell each other.\n\n2.a They answer\nin a week.",
        "language": "en",
        "parties": [b.party.id],
    }
    tabled, content = sign(live, 0, "table", fields)
    assert isinstance(content, Table)
    assert [(c.id, c.text) for c in content.clauses] == [
        ("1", "Parties tell each other."),
        ("2.a", "They answer\nin a week."),
    ]
    path = f"suggest?about-record={tabled}"
    assert any(
        "exactly once" in m for m in refused(live, 1, path, {"clause": "1", "old": "nobody", "reason": "x"})
    )
    suggested, suggestion = sign(
        live, 1, path, {"clause": "2.a", "old": "a week", "new": "three days", "reason": "Logs go."}
    )
    assert isinstance(suggestion, Suggest)
    _, position = sign(
        live,
        2,
        f"position?about-record={suggested}",
        {"position": "objects", "reasons": "Too soon.", "cite-s-1": "Report 7", "why-s-1": "It says so."},
    )
    assert isinstance(position, TakePosition)
    assert [s.cite for s in position.supports] == ["Report 7"]
    with person_at(live.world.nodes[0]) as person:
        again = person.open(f"/act/{live.case}/table?about-record={tabled}")
        assert "2.a They answer" in again
    newer, version = sign(
        live, 0, f"table?about-record={tabled}", {**fields, "clauses": "1 Parties tell each other."}
    )
    assert isinstance(version, Table)
    assert (version.before, version.retired) == (tabled, ("2.a",))
    _, disposed = sign(
        live, 0, f"dispose?about-record={suggested}", {"outcome": "declined", "reason": "The clause went."}
    )
    assert isinstance(disposed, Dispose)
    with person_at(b) as person:
        assert person.client.get(f"/act/{live.case}/dispose?about-record={suggested}").status_code == 409
    assert newer


def test_every_act_that_a_page_offers_has_a_form() -> None:
    for table in (OWN, OTHERS):
        for kind, offered in table.items():
            assert kind in kinds.KINDS
            for _, form, _ in offered:
                assert form in FORMS
    assert acts_on("c", "r", "request.answer", False, proposes=False) == ()
    # A response that only takes positions states nothing to notify of, withdraw or respond to.
    assert acts_on("c", "r", "response.make", False, states=False) == ()
    assert not any("target=" in link for _, link in acts_on("c", "r", "response.make", True, states=False))
    assert any("target=" in link for _, link in acts_on("c", "r", "response.make", True))


def test_both_sides_are_offered_the_same(tmp_path: Path, live: Live) -> None:
    """A claim and a denial: whoever did not write it is offered the same acts, and so is whoever did."""
    a, b = live.world.nodes[:2]
    denial = next(r.id for r in b.state(live.case).of("response.make") if r.author == b.party.id)
    for own, other, record in ((a, b, live.claim), (b, a, denial)):
        with person_at(own) as person:
            mine = person.open(f"/record/{record}")
        with person_at(other) as person:
            theirs = person.open(f"/record/{record}")
        for word in ("Give notice", "Withdraw"):
            assert f">{word}</a>" in mine
            assert f">{word}</a>" not in theirs
        assert ">Respond</a>" in theirs
        assert ">Respond</a>" not in mine
