"""A published claim opens what answers it. All that could be said before can be said after, by both sides."""

from __future__ import annotations

from pathlib import Path

import pytest

from comity.dossier.verify import verify
from comity.evidence.seal import Declared
from comity.exchange import acts, evidence, findings, publishing
from comity.exchange import acts_of_procedure as procedure
from comity.exchange.node import Node
from comity.findings.finding import Parameters
from comity.records import kinds
from comity.records.kinds import Assertion, Position, Support, Target
from tests.exchange.network import World
from tests.exchange.test_publishing import opened

RULE = [("own.txt", b"10.0.0.2\n")]
LOG = b"time,from\n2026-10-03T01:00:00,10.0.0.2\n2026-10-03T01:01:00,10.0.0.3\n"
HELD = Parameters(zone="+00:00")


def found_by(node: Node, case: str, name: str) -> str:
    log = LOG + name.encode() + b",10.0.0.4\n"
    seal, _ = evidence.seal_item(node, case, [log], name, "csv/1", Declared(zone="+00:00"))
    finding, _ = findings.report(node, case, seal.value.id, RULE, HELD)
    return finding.value.id


class Answered:
    """Alder claims and publishes; Birch has denied it, on a finding of its own that it granted to nobody."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder, ["alder", "birch", "cedar"])
        self.alder, self.birch, self.cedar = self.world.nodes
        self.case = opened(self.world)
        one = Assertion(text="It was entered.", level="tactical")
        self.claim = acts.state_claim(self.alder, self.case, "t", [one]).value.id
        self.world.settle()
        self.finding = found_by(self.birch, self.case, "border.csv")
        support = Support(kind="finding", record=self.finding, inference="These rows are ours.")
        denial = Assertion(
            text="It was not.",
            level="tactical",
            stance="denies",
            against=Target(record=self.claim, n=0),
            supports=(support,),
        )
        self.answer = acts.respond(self.birch, self.case, self.claim, (), [denial]).value.id
        self.world.settle()
        publishing.publish(self.alder, self.case, without_notice="law")
        self.world.settle()


@pytest.fixture
def told(tmp_path: Path) -> Answered:
    made = Answered(tmp_path)
    state = made.birch.state(made.case)
    assert kinds.PUBLIC in state.audiences[made.answer]
    assert kinds.PUBLIC not in state.accepted[made.answer].frame.audience
    return made


def public_everywhere(told: Answered, record: str) -> None:
    """Every node accepts it, and whoever reads what it answers reads it too."""
    told.world.settle()
    for node in told.world.nodes:
        state = node.state(told.case)
        assert record in state.accepted
        assert kinds.PUBLIC in state.audiences[record]


@pytest.mark.parametrize("both", [False, True], ids=["one published", "both published"])
def test_an_answer_to_a_published_claim_can_be_answered(told: Answered, both: bool) -> None:
    if both:
        publishing.publish(told.birch, told.case, without_notice="law")
        told.world.settle()
    position = Position(n=0, position="disputes", reasons="The rows are another host's.")
    public_everywhere(told, acts.respond(told.alder, told.case, told.answer, [position]).value.id)


def test_it_can_be_taken_back_and_amended(told: Answered) -> None:
    against = Target(record=told.claim, n=0)
    other = Assertion(text="Not by us.", level="tactical", stance="denies", against=against)
    amended = procedure.amend(told.birch, told.case, told.answer, [(0, other)], "Clearer.").value.id
    public_everywhere(told, amended)
    public_everywhere(told, acts.withdraw(told.birch, told.case, told.answer, [0], "Not ours.").value.id)


def test_its_finding_can_be_run_again(told: Answered) -> None:
    record, _ = findings.replicate(told.cedar, told.case, told.finding)
    public_everywhere(told, record.value.id)


def test_a_published_claim_is_answered_with_evidence_that_was_not_published(told: Answered) -> None:
    late = found_by(told.birch, told.case, "late.csv")
    support = Support(kind="finding", record=late, inference="These rows are ours.")
    said = Position(n=0, position="disputes", reasons="See the rows.", supports=(support,))
    public_everywhere(told, acts.respond(told.birch, told.case, told.claim, [said]).value.id)


def test_the_dossier_of_either_holds_all_of_it(told: Answered) -> None:
    position = Position(n=0, position="disputes", reasons="The rows are another host's.")
    later = acts.respond(told.alder, told.case, told.answer, [position]).value.id
    told.world.settle()
    for node in (told.alder, told.birch):
        _, dossier = publishing.publish(node, told.case, without_notice="law")
        verdict = verify(dossier)
        assert not verdict.failures
        assert verdict.contents is not None
        assert later in verdict.contents.state.accepted
