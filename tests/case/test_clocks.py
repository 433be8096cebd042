"""Requests with their clocks, notices with how far they came: the same for either side."""

from __future__ import annotations

import pytest

from comity.case.clocks import Clock, clocks, notices, punctuality
from comity.case.time import Interval
from comity.case.verified import Attestation, Verified
from comity.records import bodies, kinds
from comity.records.kinds_of_procedure import Extend
from tests import world as w
from tests.case.test_time import witnessed
from tests.rulebook import Scene, published
from tests.world import DAY, Actor, Said, fold_case

OTHER_DUE = "2031-12-31T00:00:00Z"


class Asked:
    """A request by A of B, and what came of it."""

    def __init__(self) -> None:
        self.s, self.watching = witnessed()
        self.due = self.s.world.now + 5 * DAY
        self.request = self.s.say(self.s.a, w.request(self.s.b, self.due))
        self.proofs: list[Verified[Attestation]] = []

    def answer(self, disposition: str, **fields: str) -> Said:
        request = self.request.value.id
        content = kinds.Answer(request=request, disposition=disposition, **fields)  # type: ignore[arg-type]
        return self.s.say(self.s.b, content, self.request)

    def agree(self) -> Said:
        return self.answer("accepted", agrees=bodies.time_text(self.due))

    def prove(self, actor: Actor, at: int) -> Verified[Attestation]:
        self.proofs.append(actor.attest(self.s.case, self.watching, at=at))
        return self.proofs[-1]

    def clock(self, as_of: int) -> Clock:
        (found,) = clocks(fold_case(self.s.case, [*self.s.facts, *self.proofs]), as_of)
        return found


def test_an_unanswered_request_is_open_then_without_answer() -> None:
    asked = Asked()
    assert asked.clock(asked.due).status == "open"
    after = asked.clock(asked.due + 1)
    assert (after.basis, after.status) == ("asked", "no-answer-by-time-asked")


def test_only_an_agreed_clock_lapses() -> None:
    asked = Asked()
    asked.agree()
    assert asked.clock(asked.due).status == "open"
    after = asked.clock(asked.due + 1)
    assert (after.basis, after.status, after.settled) == ("agreed", "lapsed", "")


def test_a_proposed_instant_agrees_to_nothing() -> None:
    asked = Asked()
    asked.answer("accepted", due=OTHER_DUE)
    found = asked.clock(asked.due + 1)
    assert (found.basis, found.proposed) == ("asked", bodies.parse_time(OTHER_DUE))


@pytest.mark.parametrize(("days", "status"), [(-1, "in-time"), (0, "in-time"), (1, "timing-unproven")])
def test_what_is_proven_by_the_instant_is_in_time(days: int, status: str) -> None:
    asked = Asked()
    answer = asked.answer("fulfilled")
    asked.prove(asked.s.b, asked.due + days * DAY)
    found = asked.clock(asked.due + 100 * DAY)
    assert (found.status, found.settled, found.disposition) == (status, answer.value.id, "fulfilled")


def test_what_cites_a_later_instant_is_late() -> None:
    asked = Asked()
    cited = asked.prove(asked.s.a, asked.due + 1)
    content = kinds.Answer(request=asked.request.value.id, disposition="fulfilled")
    asked.s.facts.append(asked.s.b.say(content, case=asked.s.case, references=[asked.request, cited]))
    assert asked.clock(asked.due + DAY).status == "late"


def test_an_answer_without_proof_is_unproven_whatever_it_claims() -> None:
    asked = Asked()
    content = kinds.Answer(request=asked.request.value.id, disposition="fulfilled")
    early = asked.due - 400 * DAY
    asked.s.facts.append(asked.s.b.say(content, case=asked.s.case, references=[asked.request], at=early))
    assert asked.clock(asked.due + DAY).status == "timing-unproven"


def test_a_refusal_is_shown_as_one() -> None:
    asked = Asked()
    asked.answer("refused", ground="law")
    assert asked.clock(asked.due + DAY).status == "refused"


def test_a_fork_keeps_an_agreement_and_loses_a_fulfilment() -> None:
    asked = Asked()
    asked.s.say(asked.s.b, published())
    asked.agree()
    asked.answer("fulfilled")
    asked.s.facts.append(asked.s.b.fork(published(), case=asked.s.case, seq=1))
    found = asked.clock(asked.due + 1)
    assert (found.basis, found.status) == ("agreed", "lapsed")


def test_a_fork_of_who_asked_takes_the_agreement_away() -> None:
    asked = Asked()
    asked.agree()
    asked.s.facts.append(asked.s.a.fork(published(), case=asked.s.case, seq=-1))
    assert asked.clock(asked.due + 1).status == "no-answer-by-time-asked"


@pytest.mark.parametrize(
    ("before", "after", "status"),
    [
        (None, None, "timing-unproven"),
        (None, 10, "in-time"),
        (None, 11, "timing-unproven"),
        (10, None, "timing-unproven"),
        (11, None, "late"),
        (9, 10, "in-time"),
    ],
)
def test_punctuality_is_by_the_interval_alone(before: int | None, after: int | None, status: str) -> None:
    assert punctuality(Interval(not_before=before, not_after=after), 10) == status


# -- notices --------------------------------------------------------------------------------------


def told() -> tuple[Scene, Said]:
    s, _ = witnessed()
    return s, s.claimed(s.a, s.b)


def give(s: Scene, stated: Said) -> Said:
    content = kinds.Give(to=w.about(s.b), target=stated.value.id, assertions=(0,), text="You are named.")
    return s.say(s.a, content, stated)


def states(s: Scene) -> tuple[str, list[str]]:
    (found,) = notices(s.state, {})
    return found.state, [before for _, before, _ in found.published]


def test_a_notice_goes_from_none_to_acknowledged() -> None:
    s, stated = told()
    assert states(s) == ("none", [])
    notice = give(s, stated)
    assert states(s) == ("given", [])
    s.say(s.b, kinds.Received(record=notice.value.id), notice)
    assert states(s) == ("received", [])
    s.say(s.b, kinds.Acknowledge(notice=notice.value.id), notice)
    assert states(s) == ("acknowledged", [])


def test_publication_shows_how_far_notice_had_come() -> None:
    s, stated = told()
    s.say(s.a, kinds.Publish(manifest=w.digest("1"), without_notice="Safety."))
    notice = give(s, stated)
    s.say(s.a, published())
    s.say(s.b, kinds.Received(record=notice.value.id), notice)
    s.say(s.a, published())
    # Received in truth, but the publisher had not seen it.
    s.say(s.a, published(), to=[s.c], seen=())
    found = states(s)[1]
    assert found[:3] == ["none", "given", "received"]
    assert notices(s.state, {})[0].published[0][2] == "Safety."


def test_a_notice_by_another_party_is_no_receipt_of_who_was_told() -> None:
    s, stated = told()
    notice = give(s, stated)
    s.world.invite(s.case, s.a, s.c)
    s.say(s.c, kinds.Received(record=stated.value.id), stated)
    assert notice.value.id in s.state.accepted
    assert states(s)[0] == "given"


def test_a_notice_in_one_of_two_histories_counts_once_it_was_received() -> None:
    s, stated = told()
    notice = give(s, stated)
    s.facts.append(s.a.fork(published(), case=s.case, seq=-1))
    assert states(s)[0] == "none"
    s.say(s.b, kinds.Received(record=notice.value.id), notice)
    assert states(s)[0] == "received"


@pytest.mark.parametrize("order", [("accepts", "refuses"), ("refuses", "accepts")])
def test_an_acceptance_stands_beside_a_refusal_and_both_are_told(order: tuple[str, str]) -> None:
    asked = Asked()
    asked.agree()
    request, due = asked.request.value.id, bodies.time_text(asked.due + DAY)
    proposal = asked.s.say(
        asked.s.b, Extend(request=request, step="proposes", due=due, text="Ill."), asked.request
    )
    said = {}
    for step in order:
        content = Extend(
            request=request,
            step=step,  # type: ignore[arg-type]
            proposal=proposal.value.id,
            due=due if step == "accepts" else "",
            text="" if step == "accepts" else "Too late.",
        )
        said[step] = asked.s.say(asked.s.a, content, asked.request, proposal).value.id
    (more,) = asked.clock(asked.s.world.now).extensions
    assert (more.answer, more.answered) == ("accepted", said["accepts"])
    assert (more.refused_too, more.refusal) == (said["refuses"], "Too late.")
